//! Activating and adding devices: what is asked before, and what is told after.

use std::fmt;

use jiff::Timestamp;
use serde::Serialize;

use super::action::{ActionLine, Button};
use super::in_place::{DeviceLines, DeviceWithNames};
use super::safe_text::{given, sentences};
use super::wording::{AssignedTo, SideEffect};
use super::{SafeText, View, moment, wording};
use crate::domain::{Actor, Mac};

/// What is to be done for a place.
#[derive(Debug, Clone, Copy)]
pub struct Provision<'a> {
    /// Where the device is to stand, or whose it is to be.
    pub place: AssignedTo<'a>,
    /// The model, if one was said.
    pub model: Option<&'a str>,
    /// The address of a device that is added by it; nothing for an activation code.
    pub mac: Option<Mac>,
    /// What else will change by it, or has.
    pub side_effects: &'a [SideEffect<'a>],
    /// Who asked.
    pub actor: &'a Actor,
}

/// The card that asks before something else changes along with it.
#[derive(Debug, Clone, Copy)]
pub struct ProvisionProposal<'a> {
    /// What is to be done.
    pub provision: Provision<'a>,
    /// The code to confirm or cancel it in words.
    pub code: &'a str,
    /// Until when it can be confirmed.
    pub until: Timestamp,
    /// What the button Confirm sends back.
    pub confirm: &'a str,
    /// What the button Cancel sends back.
    pub cancel: &'a str,
    /// The time of the answer.
    pub now: Timestamp,
}

/// What a space hears of an activation: everything but the code.
#[derive(Debug, Clone, Copy)]
pub struct Activation<'a> {
    /// What was done.
    pub provision: Provision<'a>,
    /// Until when the code can be used.
    pub expires: Timestamp,
    /// The time of the answer.
    pub now: Timestamp,
}

/// The code itself, for the one person who asked. It goes into their own space and nowhere else.
#[derive(Clone, Copy)]
pub struct ActivationCode<'a> {
    /// The code, as Webex made it: whoever has it can join a device to the organization.
    pub code: &'a str,
    /// What was done.
    pub provision: Provision<'a>,
    /// Until when the code can be used.
    pub expires: Timestamp,
    /// The time of the answer.
    pub now: Timestamp,
}

impl fmt::Debug for ActivationCode<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { code: _, provision, expires, now: _ } = self;
        f.debug_struct("ActivationCode")
            .field("provision", provision)
            .field("expires", expires)
            .finish_non_exhaustive()
    }
}

/// A device that was added by its MAC address.
#[derive(Debug, Clone, Copy)]
pub struct DeviceAdded<'a> {
    /// The device, as Webex made it.
    pub device: DeviceWithNames<'a>,
    /// What else has changed by it.
    pub side_effects: &'a [SideEffect<'a>],
    /// Who asked.
    pub actor: &'a Actor,
    /// The time of the answer.
    pub now: Timestamp,
}

#[derive(Serialize)]
struct Lines {
    workspace: Option<SafeText>,
    person: Option<SafeText>,
    model: Option<SafeText>,
    mac: Option<SafeText>,
    asked_by: SafeText,
    side_effects: Vec<SafeText>,
}

impl Provision<'_> {
    fn lines(&self) -> Lines {
        let (workspace, person) = match self.place {
            AssignedTo::Workspace(name) => (Some(name), None),
            AssignedTo::Person(name) => (None, Some(name)),
        };
        Lines {
            workspace: workspace.map(SafeText::text),
            person: person.map(SafeText::text),
            model: given(self.model).map(SafeText::text),
            mac: self.mac.map(|mac| SafeText::word(&mac.to_string())),
            asked_by: SafeText::text(self.actor.called()),
            side_effects: told(self.side_effects),
        }
    }
}

fn told(side_effects: &[SideEffect<'_>]) -> Vec<SafeText> {
    sentences(side_effects.iter().map(|effect| wording::side_effect(*effect)))
}

#[derive(Serialize)]
struct ProposalContext {
    headline_text: SafeText,
    provision: Lines,
    code: SafeText,
    how: SafeText,
    actions_below: Vec<ActionLine>,
}

impl View for ProvisionProposal<'_> {
    const TEMPLATE: &'static str = "provision.card.json";

    fn context(&self) -> impl Serialize {
        ProposalContext {
            headline_text: SafeText::text(wording::provision_question(self.provision.mac.is_some())),
            provision: self.provision.lines(),
            code: SafeText::word(self.code),
            how: SafeText::sentence(&wording::how_to_confirm(self.code, self.until, self.now)),
            actions_below: vec![
                ActionLine::from(&Button::confirm(self.confirm)),
                ActionLine::from(&Button::cancel(self.cancel)),
            ],
        }
    }
}

#[derive(Serialize)]
struct ActivationContext {
    headline_text: SafeText,
    what: SafeText,
    code_digits: Option<SafeText>,
    provision: Lines,
    valid_until: SafeText,
    next: SafeText,
}

impl View for Activation<'_> {
    const TEMPLATE: &'static str = "activation.card.json";

    fn context(&self) -> impl Serialize {
        ActivationContext {
            headline_text: SafeText::text(wording::ACTIVATION_MADE),
            what: SafeText::sentence(wording::CODE_SENT_DIRECTLY),
            code_digits: None,
            provision: self.provision.lines(),
            valid_until: SafeText::word(&moment::deadline(self.expires, self.now)),
            next: SafeText::sentence(wording::AFTER_AN_ACTIVATION),
        }
    }
}

impl View for ActivationCode<'_> {
    const TEMPLATE: &'static str = Activation::TEMPLATE;

    fn context(&self) -> impl Serialize {
        ActivationContext {
            headline_text: SafeText::text(wording::ACTIVATION_CODE),
            what: SafeText::sentence(wording::KEEP_THE_CODE),
            code_digits: Some(SafeText::word(&in_groups(self.code))),
            provision: self.provision.lines(),
            valid_until: SafeText::word(&moment::deadline(self.expires, self.now)),
            next: SafeText::sentence(wording::WHERE_THE_CODE_GOES),
        }
    }
}

#[derive(Serialize)]
struct AddedContext {
    device: DeviceLines,
    device_id: SafeText,
    asked_by: SafeText,
    side_effects: Vec<SafeText>,
    next: SafeText,
}

impl View for DeviceAdded<'_> {
    const TEMPLATE: &'static str = "added.card.json";

    fn context(&self) -> impl Serialize {
        AddedContext {
            device: self.device.lines(self.now),
            device_id: SafeText::id(self.device.device.id.as_str()),
            asked_by: SafeText::text(self.actor.called()),
            side_effects: told(self.side_effects),
            next: SafeText::sentence(wording::AFTER_AN_ADDITION),
        }
    }
}

/// Digits in groups of four, as people read and type them. What is no number stays as it came.
fn in_groups(code: &str) -> String {
    if code.is_empty() || !code.bytes().all(|byte| byte.is_ascii_digit()) {
        return code.to_owned();
    }
    let mut grouped = String::new();
    for (index, digit) in code.chars().enumerate() {
        if index > 0 && index % 4 == 0 {
            grouped.push(' ');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::super::samples::{actor, at};
    use super::*;

    #[test]
    fn a_code_is_told_in_groups_of_four() {
        for (code, expected) in [
            ("5414011256173816", "5414 0112 5617 3816"),
            ("54140112561738", "5414 0112 5617 38"),
            ("5414", "5414"),
            ("5414-0112", "5414-0112"),
            ("ABCD1234", "ABCD1234"),
            ("", ""),
        ] {
            assert_eq!(in_groups(code), expected);
        }
    }

    #[test]
    fn the_code_is_not_printed_by_debug() {
        let actor = actor();
        let provision = Provision {
            place: AssignedTo::Workspace("Lobby"),
            model: None,
            mac: None,
            side_effects: &[],
            actor: &actor,
        };
        let (expires, now) = (at("2026-12-01T09:12:05Z"), at("2026-11-24T09:12:05Z"));
        let code = ActivationCode { code: "5414011256173816", provision, expires, now };
        let printed = format!("{code:?} {code:#?} {:?}", super::super::render(&code));
        assert!(!printed.contains("5414"), "{printed}");
        assert!(printed.contains("Lobby"), "{printed}");
    }
}
