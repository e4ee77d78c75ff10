//! `activate` and `add device`: the question before, and the answers after.

use std::fmt;

use jiff::Timestamp;

use super::action::{self, Button};
use super::card::View;
use super::device_lines::DeviceWithNames;
use super::moment;
use super::safe_text::{SafeText, given, sentences};
use super::template::{Fields, fields};
use super::text::{self, AssignedTo, SideEffect};
use crate::domain::{Actor, Mac};

/// A device to be activated or added.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Provision<'a> {
    pub(crate) place: AssignedTo<'a>,
    pub(crate) model: Option<&'a str>,
    /// `None` for an activation code: only `add device` knows the address.
    pub(crate) mac: Option<Mac>,
    /// The other changes that come with it.
    pub(crate) side_effects: &'a [SideEffect<'a>],
    pub(crate) actor: &'a Actor,
}

/// The question before a provisioning with side effects.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ProvisionProposal<'a> {
    pub(crate) provision: Provision<'a>,
    /// The code for `confirm CODE` and `cancel CODE`.
    pub(crate) code: &'a str,
    /// The end of the time to confirm.
    pub(crate) until: Timestamp,
    /// The reference of the button Confirm.
    pub(crate) confirm: &'a str,
    /// The reference of the button Cancel.
    pub(crate) cancel: &'a str,
    pub(crate) now: Timestamp,
}

/// The answer to an activation in a space: everything but the code.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Activation<'a> {
    pub(crate) provision: Provision<'a>,
    /// When the code expires, if Webex states it.
    pub(crate) expires: Option<Timestamp>,
    pub(crate) now: Timestamp,
}

/// The code itself, sent to the person who asked in a direct message and nowhere else.
#[derive(Clone, Copy)]
pub(crate) struct ActivationCodeCard<'a> {
    /// A secret: anyone who has it can add a device to the organization.
    pub(crate) code: &'a str,
    pub(crate) provision: Provision<'a>,
    /// When the code expires, if Webex states it.
    pub(crate) expires: Option<Timestamp>,
    pub(crate) now: Timestamp,
}

impl fmt::Debug for ActivationCodeCard<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { code: _, provision, expires, now: _ } = self;
        f.debug_struct("ActivationCodeCard")
            .field("provision", provision)
            .field("expires", expires)
            .finish_non_exhaustive()
    }
}

/// A device that was added by its MAC address.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DeviceAdded<'a> {
    pub(crate) device: DeviceWithNames<'a>,
    pub(crate) side_effects: &'a [SideEffect<'a>],
    pub(crate) actor: &'a Actor,
    pub(crate) now: Timestamp,
}

impl Provision<'_> {
    fn fields(&self) -> Fields {
        let (workspace, person) = match self.place {
            AssignedTo::Workspace(name) => (Some(name), None),
            AssignedTo::Person(name) => (None, Some(name)),
        };
        fields! {
            workspace: workspace.map(SafeText::text),
            person: person.map(SafeText::text),
            model: given(self.model).map(SafeText::text),
            mac: self.mac.map(|mac| SafeText::word(&mac.to_string())),
            asked_by: SafeText::text(self.actor.label()),
            side_effects: side_effects(self.side_effects),
        }
    }
}

fn side_effects(effects: &[SideEffect<'_>]) -> Vec<SafeText> {
    sentences(effects.iter().map(|effect| text::side_effect(*effect)))
}

impl View for ProvisionProposal<'_> {
    const TEMPLATE: &'static str = "activate_question.card.json";

    fn fields(&self) -> Fields {
        fields! {
            headline_text: text::provision_question(self.provision.mac.is_some()),
            provision: self.provision.fields(),
            code: SafeText::word(self.code),
            how: SafeText::sentence(&text::how_to_confirm(self.code, self.until, self.now)),
            actions_below: action::either(Button::confirm(self.confirm), self.cancel),
        }
    }
}

impl View for Activation<'_> {
    const TEMPLATE: &'static str = "activate.card.json";

    fn fields(&self) -> Fields {
        fields! {
            headline_text: text::ACTIVATION_MADE,
            what: text::CODE_SENT_DIRECTLY,
            code_digits: None::<&str>,
            provision: self.provision.fields(),
            valid_until: self.expires.map(|expires| SafeText::word(&moment::deadline(expires, self.now))),
            next: text::AFTER_AN_ACTIVATION,
        }
    }
}

impl View for ActivationCodeCard<'_> {
    const TEMPLATE: &'static str = Activation::TEMPLATE;

    fn fields(&self) -> Fields {
        fields! {
            headline_text: text::ACTIVATION_CODE,
            what: text::KEEP_THE_CODE,
            code_digits: Some(SafeText::word(&in_groups(self.code))),
            provision: self.provision.fields(),
            valid_until: self.expires.map(|expires| SafeText::word(&moment::deadline(expires, self.now))),
            next: text::WHERE_THE_CODE_GOES,
        }
    }
}

impl View for DeviceAdded<'_> {
    const TEMPLATE: &'static str = "add_device.card.json";

    fn fields(&self) -> Fields {
        fields! {
            device: self.device.lines(self.now),
            device_id: SafeText::id(self.device.device.id.as_str()),
            asked_by: SafeText::text(self.actor.label()),
            side_effects: side_effects(self.side_effects),
            next: text::AFTER_AN_ADDITION,
        }
    }
}

/// Digits in groups of four, as people read and type them. A code with other characters is left unchanged.
pub(super) fn in_groups(code: &str) -> String {
    if !code.bytes().all(|byte| byte.is_ascii_digit()) {
        return code.to_owned();
    }
    let digits: Vec<char> = code.chars().collect();
    digits.chunks(4).map(String::from_iter).collect::<Vec<_>>().join(" ")
}
