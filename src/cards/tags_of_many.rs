//! Changing the tags of many devices: what is asked before, and what became of it.

use jiff::Timestamp;
use serde::Serialize;

use super::action::{ActionLine, Button};
use super::safe_text::{given, list_of};
use super::wording::TagTrouble;
use super::{SafeText, Tone, View, wording};
use crate::domain::{Actor, Cause};

/// Devices that are called by name on the question.
const MOST_NAMES: usize = 5;
/// Devices whose trouble is told.
pub const MOST_TROUBLES: usize = 5;
/// Bytes of a name among others, and of all tags of a kind.
const NAME_BYTES: usize = 96;
const TAGS_BYTES: usize = 400;
/// Bytes of a filter.
const FILTER_BYTES: usize = 400;

/// The card that asks before the tags of many devices are changed.
#[derive(Debug, Clone, Copy)]
pub struct TagProposal<'a> {
    /// The filter as it can be written again.
    pub filter: &'a str,
    /// The tags that are added.
    pub add: &'a [String],
    /// The tags that are removed.
    pub remove: &'a [String],
    /// What the devices are called, in their order; at least as many as stand on the card.
    pub names: &'a [Option<&'a str>],
    /// How many devices there are.
    pub total: u64,
    /// How many records Webex sent that could not be read.
    pub unreadable: u64,
    /// Who asked.
    pub actor: &'a Actor,
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

/// A device with which something went wrong.
#[derive(Debug, Clone, Copy)]
pub struct TroubledDevice<'a> {
    /// What it is called, or its id.
    pub called: &'a str,
    /// What went wrong.
    pub trouble: TagTrouble,
}

/// What became of it.
#[derive(Debug, Clone, Copy)]
pub struct DevicesTagged<'a> {
    /// The filter as it can be written again.
    pub filter: &'a str,
    /// The tags that were added.
    pub add: &'a [String],
    /// The tags that were removed.
    pub remove: &'a [String],
    /// How many devices were changed, as a read afterwards has shown.
    pub changed: u64,
    /// How many had these tags already.
    pub already: u64,
    /// How many took the tags, and a read afterwards did not show them.
    pub unproven: u64,
    /// How many were not changed.
    pub failed: u64,
    /// How many were not tried.
    pub not_tried: u64,
    /// The first of those with which something went wrong.
    pub troubles: &'a [TroubledDevice<'a>],
    /// Why the rest was not tried.
    pub stopped: Option<&'a Cause>,
    /// The code of the plan.
    pub code: &'a str,
    /// Who asked.
    pub actor: &'a Actor,
    /// The time of the answer.
    pub now: Timestamp,
}

#[derive(Serialize)]
struct ProposalContext {
    headline_text: SafeText,
    what: SafeText,
    filter: SafeText,
    names: Vec<SafeText>,
    more: Option<SafeText>,
    add: Option<SafeText>,
    remove: Option<SafeText>,
    unreadable: Option<SafeText>,
    asked_by: SafeText,
    code: SafeText,
    how: SafeText,
    actions_below: Vec<ActionLine>,
}

impl View for TagProposal<'_> {
    const TEMPLATE: &'static str = "tag_proposal.card.json";

    fn context(&self) -> impl Serialize {
        let names: Vec<SafeText> = self.names.iter().take(MOST_NAMES).map(|name| name_of(*name)).collect();
        let more = self.total.saturating_sub(names.len() as u64);
        ProposalContext {
            headline_text: SafeText::text(&wording::tag_question(self.total)),
            what: SafeText::sentence(wording::ONLY_THESE_DEVICES),
            filter: SafeText::cell(self.filter, FILTER_BYTES),
            more: (more > 0).then(|| SafeText::text(&wording::more(more))),
            names,
            add: tags(self.add),
            remove: tags(self.remove),
            unreadable: (self.unreadable > 0)
                .then(|| SafeText::sentence(&wording::unreadable(self.unreadable))),
            asked_by: SafeText::text(self.actor.called()),
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
struct ResultContext {
    headline_text: SafeText,
    tone: Tone,
    filter: SafeText,
    add: Option<SafeText>,
    remove: Option<SafeText>,
    changed: SafeText,
    already: Option<SafeText>,
    unproven: Option<SafeText>,
    failed: Option<SafeText>,
    not_tried: Option<SafeText>,
    troubles: Vec<Trouble>,
    more: Option<SafeText>,
    asked_by: SafeText,
    code: SafeText,
    stopped: Option<SafeText>,
}

#[derive(Serialize)]
struct Trouble {
    called: SafeText,
    what: SafeText,
}

impl View for DevicesTagged<'_> {
    const TEMPLATE: &'static str = "tags_of_many.card.json";

    fn context(&self) -> impl Serialize {
        let is_whole = self.unproven == 0 && self.failed == 0 && self.not_tried == 0;
        let troubles = &self.troubles[..self.troubles.len().min(MOST_TROUBLES)];
        let more = (self.unproven.saturating_add(self.failed)).saturating_sub(troubles.len() as u64);
        ResultContext {
            headline_text: SafeText::text(wording::many_tagged_headline(is_whole, self.changed == 0)),
            tone: if is_whole { Tone::Good } else { Tone::Warning },
            filter: SafeText::cell(self.filter, FILTER_BYTES),
            add: tags(self.add),
            remove: tags(self.remove),
            changed: SafeText::word(&self.changed.to_string()),
            already: counted(self.already),
            unproven: counted(self.unproven),
            failed: counted(self.failed),
            not_tried: counted(self.not_tried),
            troubles: troubles
                .iter()
                .map(|device| Trouble {
                    called: name_of(Some(device.called)),
                    what: SafeText::sentence(&wording::tag_trouble(device.trouble)),
                })
                .collect(),
            more: (more > 0 && !troubles.is_empty()).then(|| SafeText::text(&wording::more(more))),
            asked_by: SafeText::text(self.actor.called()),
            code: SafeText::word(self.code),
            stopped: self.stopped.map(|cause| SafeText::sentence(&wording::tagging_stopped(cause, self.now))),
        }
    }
}

fn name_of(name: Option<&str>) -> SafeText {
    SafeText::cell(given(name).unwrap_or(wording::NO_NAME), NAME_BYTES)
}

fn tags(tags: &[String]) -> Option<SafeText> {
    list_of(tags).map(|tags| SafeText::cell(tags.as_str(), TAGS_BYTES))
}

fn counted(count: u64) -> Option<SafeText> {
    (count > 0).then(|| SafeText::word(&count.to_string()))
}
