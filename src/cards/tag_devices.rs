//! `tag devices`: the question before a change to many devices, and the result.

use jiff::Timestamp;

use super::action::{self, Button};
use super::card::{Tone, View};
use super::list_devices::idle_exclusions;
use super::safe_text::{NO_NAME, SafeText, given, list_of};
use super::template::{Fields, fields};
use super::text::{self, TagTrouble};
use crate::domain::clock::ClockDeviation;
use crate::domain::{Actor, Cause};
use crate::filter::IdleExclusion;

/// Most devices that the question names.
const MOST_NAMES: usize = 5;
/// Most problems that the result lists.
pub(crate) const MOST_TROUBLES: usize = 5;
/// Most bytes of a name in a list, and of the list of tags to add or to remove.
const NAME_BYTES: usize = 96;
const TAGS_BYTES: usize = 400;
/// Most bytes of a filter.
const FILTER_BYTES: usize = 400;

/// The card that asks before the tags of many devices are changed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TagProposal<'a> {
    /// In a form that can be sent again.
    pub(crate) filter: &'a str,
    pub(crate) add: &'a [String],
    pub(crate) remove: &'a [String],
    /// The names of the devices, in their order.
    pub(crate) names: &'a [Option<&'a str>],
    pub(crate) total: u64,
    /// Records from Webex that could not be read.
    pub(crate) unreadable: u64,
    /// Excluding terms of the filter that excluded nothing.
    pub(crate) idle: &'a [IdleExclusion],
    pub(crate) actor: &'a Actor,
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

/// A device whose tags could not be changed or verified.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TroubledDevice<'a> {
    /// The name, or the id if there is no name.
    pub(crate) called: &'a str,
    pub(crate) trouble: TagTrouble,
}

/// The result of `tag devices`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DevicesTagged<'a> {
    /// In a form that can be sent again.
    pub(crate) filter: &'a str,
    pub(crate) add: &'a [String],
    pub(crate) remove: &'a [String],
    /// Devices changed and verified.
    pub(crate) changed: u64,
    /// Devices that already had these tags.
    pub(crate) already: u64,
    /// Devices changed but not verified.
    pub(crate) unproven: u64,
    pub(crate) failed: u64,
    pub(crate) not_tried: u64,
    pub(crate) troubles: &'a [TroubledDevice<'a>],
    /// The reason for not trying the remaining devices.
    pub(crate) stopped: Option<&'a Cause>,
    /// How far Steward's clock is from Webex's, if it may be wrong.
    pub(crate) clock: Option<ClockDeviation>,
    pub(crate) code: &'a str,
    pub(crate) actor: &'a Actor,
    pub(crate) now: Timestamp,
}

impl View for TagProposal<'_> {
    const TEMPLATE: &'static str = "tag_devices_question.card.json";

    fn fields(&self) -> Fields {
        let names: Vec<SafeText> = self.names.iter().take(MOST_NAMES).map(|name| name_of(*name)).collect();
        let more = self.total.saturating_sub(names.len() as u64);
        fields! {
            headline_text: SafeText::text(&text::tag_question(self.total)),
            what: text::ONLY_THESE_DEVICES,
            filter: SafeText::cell(self.filter, FILTER_BYTES),
            more: (more > 0).then(|| SafeText::text(&text::more(more))),
            names: names,
            add: tags(self.add),
            remove: tags(self.remove),
            unreadable: (self.unreadable > 0)
                .then(|| SafeText::sentence(&text::unreadable(self.unreadable))),
            idle: idle_exclusions(self.idle),
            asked_by: SafeText::text(self.actor.label()),
            code: SafeText::word(self.code),
            how: SafeText::sentence(&text::how_to_confirm(self.code, self.until, self.now)),
            actions_below: action::either(Button::confirm(self.confirm), self.cancel),
        }
    }
}

impl View for DevicesTagged<'_> {
    const TEMPLATE: &'static str = "tag_devices.card.json";

    fn fields(&self) -> Fields {
        let is_whole = self.unproven == 0 && self.failed == 0 && self.not_tried == 0;
        let troubles = &self.troubles[..self.troubles.len().min(MOST_TROUBLES)];
        let clock = self.clock.filter(|_| self.stopped == Some(&Cause::TooLate));
        let more = (self.unproven.saturating_add(self.failed)).saturating_sub(troubles.len() as u64);
        fields! {
            headline_text: text::many_tagged_headline(is_whole, self.changed == 0),
            tone: if is_whole { Tone::Good } else { Tone::Warning },
            filter: SafeText::cell(self.filter, FILTER_BYTES),
            add: tags(self.add),
            remove: tags(self.remove),
            changed: SafeText::word(&self.changed.to_string()),
            already: counted(self.already),
            unproven: counted(self.unproven),
            failed: counted(self.failed),
            not_tried: counted(self.not_tried),
            troubles: troubles.iter().map(TroubledDevice::fields).collect::<Vec<_>>(),
            more: (more > 0 && !troubles.is_empty()).then(|| SafeText::text(&text::more(more))),
            asked_by: SafeText::text(self.actor.label()),
            code: SafeText::word(self.code),
            stopped: self.stopped.map(|cause| SafeText::sentence(&text::tagging_stopped(cause, self.now))),
            clock: clock.map(|clock| SafeText::sentence(&text::wrong_clock(clock))),
        }
    }
}

impl TroubledDevice<'_> {
    fn fields(&self) -> Fields {
        let what = SafeText::sentence(&text::tag_trouble(self.trouble));
        fields! { called: name_of(Some(self.called)), what: what }
    }
}

fn name_of(name: Option<&str>) -> SafeText {
    SafeText::cell(given(name).unwrap_or(NO_NAME), NAME_BYTES)
}

fn tags(tags: &[String]) -> Option<SafeText> {
    list_of(tags).map(|tags| SafeText::cell(tags.as_str(), TAGS_BYTES))
}

fn counted(count: u64) -> Option<SafeText> {
    (count > 0).then(|| SafeText::word(&count.to_string()))
}
