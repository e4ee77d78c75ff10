//! `delete device`: the question, the result, a later answer that settles it, and a deletion stopped by a change.

use jiff::Timestamp;

use super::action::{self, Button};
use super::card::{Tone, View};
use super::device_lines::{DeviceWithNames, readable_name, written_mac};
use super::moment;
use super::safe_text::{SafeText, given, name_or_none, sentences};
use super::template::{Fields, fields};
use super::text::{self, LookedUpBy, Replacing, Watch};
use crate::domain::clock::ClockDeviation;
use crate::domain::{
    Actor, Cause, DeviceFacts, DeviceId, Mac, OrgId, Outcome, OutcomeKind, PersonId, WorkspaceId,
};

/// One device, and the question whether to delete it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Proposal<'a> {
    /// As read just now.
    pub(crate) device: DeviceWithNames<'a>,
    pub(crate) found_by: LookedUpBy,
    /// Only this person may confirm.
    pub(crate) actor: &'a Actor,
    pub(crate) reason: Option<&'a str>,
    /// The code for `confirm CODE` and `cancel CODE`, such as `K7Q2-M9`.
    pub(crate) code: &'a str,
    /// The end of the time to confirm.
    pub(crate) until: Timestamp,
    /// The reference of the button Delete.
    pub(crate) delete: &'a str,
    /// The reference of the button Cancel.
    pub(crate) cancel: &'a str,
    pub(crate) now: Timestamp,
}

impl View for Proposal<'_> {
    const TEMPLATE: &'static str = "delete_device_question.card.json";

    fn fields(&self) -> Fields {
        fields! {
            subtitle: SafeText::text(&text::found_by(self.found_by)),
            device: self.device.lines(self.now),
            asked_by: SafeText::text(self.actor.label()),
            reason: given(self.reason).map(SafeText::sentence),
            code: SafeText::word(self.code),
            happens: sentences(text::what_deleting_means(self.device.device)),
            how: SafeText::sentence(&text::how_to_confirm(self.code, self.until, self.now)),
            actions_below: action::either(Button::delete(self.delete), self.cancel),
        }
    }
}

/// The result of `delete device`.
#[derive(Debug, Clone, Copy)]
pub struct DeletionResult<'a> {
    /// The device as it was read before, if it was.
    pub facts: Option<&'a DeviceFacts>,
    /// The id of the device to delete.
    pub device_id: &'a DeviceId,
    /// The proven outcome, as far as it is known.
    pub outcome: &'a Outcome,
    /// The requester.
    pub actor: &'a Actor,
    /// The reason, if the requester gave one.
    pub reason: Option<&'a str>,
    /// Asks for an activation code to replace the device, if the reader may do that.
    pub replace: Option<Button<'a>>,
    /// Whether the requester may activate a replacement.
    pub may_activate: bool,
    /// How far Steward's clock is from Webex's, if it may be wrong.
    pub clock: Option<ClockDeviation>,
}

/// A later answer to the same command.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FollowUp<'a> {
    pub(crate) result: DeletionResult<'a>,
    /// The outcome reported before.
    pub(crate) earlier: OutcomeKind,
    /// Whether another answer will follow.
    pub(crate) watch: Watch,
}

impl View for DeletionResult<'_> {
    const TEMPLATE: &'static str = "delete_device.card.json";

    fn fields(&self) -> Fields {
        let headline = text::outcome_headline(self.outcome.kind());
        self.fields_under(headline, "Result of \"delete device\"", Watch::Continues)
    }
}

impl View for FollowUp<'_> {
    const TEMPLATE: &'static str = DeletionResult::TEMPLATE;

    fn fields(&self) -> Fields {
        let headline = text::update_headline(self.result.outcome.kind());
        self.result.fields_under(headline, &text::update_of(self.earlier), self.watch)
    }
}

impl DeletionResult<'_> {
    fn fields_under(&self, headline: &str, subtitle: &str, watch: Watch) -> Fields {
        let Self { facts, device_id, outcome, actor, reason, replace, may_activate, clock } = *self;
        let word = |of: fn(&DeviceFacts) -> &Option<String>| {
            given(facts.and_then(|facts| of(facts).as_deref())).map(SafeText::word)
        };
        let workspace = facts.filter(|facts| facts.workspace_id.is_some());
        let owner = facts.filter(|facts| facts.is_personal());
        let replacing = Replacing::by(may_activate, replace.is_some());
        let mut what_next = text::what_next(outcome, facts, watch, replacing);
        let clock = clock.filter(|_| outcome.cause == Cause::TooLate);
        what_next.extend(clock.map(|clock| text::wrong_clock(clock).into()));
        fields! {
            headline_text: SafeText::text(headline),
            tone: tone_of(outcome.kind()),
            subtitle: SafeText::text(subtitle),
            happened: SafeText::sentence(&text::what_happened(outcome)),
            name: facts.map(|facts| name_or_none(facts.name.as_deref())),
            product: word(|facts| &facts.product),
            workspace: workspace.map(|facts| readable_name(facts.workspace_name.as_deref())),
            owner: owner.map(|facts| readable_name(facts.owner_name.as_deref())),
            serial: word(|facts| &facts.serial),
            mac: facts.and_then(|facts| written_mac(facts.mac.as_deref())).map(|mac| SafeText::word(&mac)),
            device_id: SafeText::id(device_id.as_str()),
            asked_by: SafeText::text(actor.label()),
            reason: given(reason).map(SafeText::sentence),
            outcome: outcome.kind().as_str(),
            time: SafeText::word(&moment::exact(outcome.at)),
            status: outcome.status.map(|status| SafeText::word(&status.to_string())),
            tracking_id: given(outcome.tracking_id.as_deref()).map(SafeText::word),
            what_next: sentences(what_next),
            actions_below: replace.iter().map(Button::fields).collect::<Vec<_>>(),
        }
    }
}

fn tone_of(kind: OutcomeKind) -> Tone {
    match kind {
        OutcomeKind::Gone => Tone::Good,
        OutcomeKind::Accepted | OutcomeKind::Unknown | OutcomeKind::NotFound => Tone::Warning,
        OutcomeKind::Failed => Tone::Attention,
    }
}

/// A confirmed deletion that was stopped because the device has changed since it was shown.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DeviceChanged<'a> {
    pub(crate) shown: &'a DeviceFacts,
    /// The facts just before the deletion.
    pub(crate) now: &'a DeviceFacts,
    /// The person who confirmed.
    pub(crate) actor: &'a Actor,
    pub(crate) code: Option<&'a str>,
}

impl View for DeviceChanged<'_> {
    const TEMPLATE: &'static str = "delete_device_changed.card.json";

    fn fields(&self) -> Fields {
        let Self { shown, now, .. } = *self;
        let difference = |(fact, [shown, now]): (&'static str, [SafeText; 2])| {
            fields! { fact: fact, shown: shown, now: now }
        };
        fields! {
            what: text::DEVICE_CHANGED,
            // A name or an id that changed is one of the differences.
            name: (shown.name == now.name).then(|| name_or_none(shown.name.as_deref())),
            product: given(shown.product.as_deref()).map(SafeText::word),
            differences: differences(shown, now).into_iter().map(difference).collect::<Vec<_>>(),
            device_id: (shown.id == now.id).then(|| SafeText::id(shown.id.as_str())),
            asked_by: SafeText::text(self.actor.label()),
            code: self.code.map(SafeText::word),
            next: text::AFTER_A_CHANGE,
        }
    }
}

/// The facts that identify a device, and its name, where they differ: each with both values.
pub(super) fn differences(shown: &DeviceFacts, now: &DeviceFacts) -> Vec<(&'static str, [SafeText; 2])> {
    let mac = |facts: &DeviceFacts| facts.mac.as_deref().map(Mac::bare);
    let or_none = |value: Option<&str>| SafeText::text(given(value).unwrap_or("none"));
    let both = |value: fn(&DeviceFacts) -> Option<&str>| [shown, now].map(|facts| or_none(value(facts)));
    // By name, or by id if there is no name or both have the same.
    let moved = |id: fn(&DeviceFacts) -> Option<&str>, name: fn(&DeviceFacts) -> &Option<String>| {
        let same_name = name(shown) == name(now);
        [shown, now].map(|facts| {
            let name = given(name(facts).as_deref()).filter(|_| !same_name);
            SafeText::text(id(facts).map_or("none", |id| name.unwrap_or(id)))
        })
    };
    let mut differences = Vec::new();
    if shown.id != now.id {
        differences.push(("Device id", [shown, now].map(|facts| SafeText::id(facts.id.as_str()))));
    }
    if shown.name != now.name {
        differences.push(("Name", both(|facts| facts.name.as_deref())));
    }
    if shown.serial != now.serial {
        differences.push(("Serial", both(|facts| facts.serial.as_deref())));
    }
    if mac(shown) != mac(now) {
        differences
            .push(("MAC", [shown, now].map(|facts| or_none(written_mac(facts.mac.as_deref()).as_deref()))));
    }
    if shown.workspace_id != now.workspace_id {
        differences.push((
            "Workspace",
            moved(
                |facts| facts.workspace_id.as_ref().map(WorkspaceId::as_str),
                |facts| &facts.workspace_name,
            ),
        ));
    }
    if shown.owner_id != now.owner_id {
        differences.push((
            "Owner",
            moved(|facts| facts.owner_id.as_ref().map(PersonId::as_str), |facts| &facts.owner_name),
        ));
    }
    if shown.is_elsewhere(now.org_id.as_ref()) {
        let org = |facts: &DeviceFacts| or_none(facts.org_id.as_ref().map(OrgId::as_str));
        differences.push(("Organization", [shown, now].map(org)));
    }
    differences
}
