//! Changing the tags of many devices: what is asked before, and what became of it.

use jiff::Timestamp;
use serde::Serialize;

use super::action::{ActionLine, Button};
use super::one_line::{given, list_of};
use super::wording::TagTrouble;
use super::{OneLine, Tone, View, wording};
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
pub struct ManyTagged<'a> {
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
    headline_text: OneLine,
    what: OneLine,
    filter: OneLine,
    names: Vec<OneLine>,
    more: Option<OneLine>,
    add: Option<OneLine>,
    remove: Option<OneLine>,
    unreadable: Option<OneLine>,
    asked_by: OneLine,
    code: OneLine,
    how: OneLine,
    actions_below: Vec<ActionLine>,
}

impl View for TagProposal<'_> {
    const TEMPLATE: &'static str = "tag_proposal.card.json";

    fn context(&self) -> impl Serialize {
        let names: Vec<OneLine> = self.names.iter().take(MOST_NAMES).map(|name| name_of(*name)).collect();
        let more = self.total.saturating_sub(names.len() as u64);
        ProposalContext {
            headline_text: OneLine::text(&wording::tag_question(self.total)),
            what: OneLine::sentence(wording::ONLY_THESE_DEVICES),
            filter: OneLine::cell(self.filter, FILTER_BYTES),
            more: (more > 0).then(|| OneLine::text(&wording::more(more))),
            names,
            add: tags(self.add),
            remove: tags(self.remove),
            unreadable: (self.unreadable > 0)
                .then(|| OneLine::sentence(&wording::unreadable(self.unreadable))),
            asked_by: OneLine::text(self.actor.label()),
            code: OneLine::word(self.code),
            how: OneLine::sentence(&wording::how_to_confirm(self.code, self.until, self.now)),
            actions_below: vec![
                ActionLine::from(&Button::confirm(self.confirm)),
                ActionLine::from(&Button::cancel(self.cancel)),
            ],
        }
    }
}

#[derive(Serialize)]
struct ResultContext {
    headline_text: OneLine,
    tone: Tone,
    filter: OneLine,
    add: Option<OneLine>,
    remove: Option<OneLine>,
    changed: OneLine,
    already: Option<OneLine>,
    unproven: Option<OneLine>,
    failed: Option<OneLine>,
    not_tried: Option<OneLine>,
    troubles: Vec<Trouble>,
    more: Option<OneLine>,
    asked_by: OneLine,
    code: OneLine,
    stopped: Option<OneLine>,
}

#[derive(Serialize)]
struct Trouble {
    called: OneLine,
    what: OneLine,
}

impl View for ManyTagged<'_> {
    const TEMPLATE: &'static str = "tags_of_many.card.json";

    fn context(&self) -> impl Serialize {
        let is_whole = self.unproven == 0 && self.failed == 0 && self.not_tried == 0;
        let troubles = &self.troubles[..self.troubles.len().min(MOST_TROUBLES)];
        let more = (self.unproven.saturating_add(self.failed)).saturating_sub(troubles.len() as u64);
        ResultContext {
            headline_text: OneLine::text(wording::many_tagged_headline(is_whole, self.changed == 0)),
            tone: if is_whole { Tone::Good } else { Tone::Warning },
            filter: OneLine::cell(self.filter, FILTER_BYTES),
            add: tags(self.add),
            remove: tags(self.remove),
            changed: OneLine::word(&self.changed.to_string()),
            already: counted(self.already),
            unproven: counted(self.unproven),
            failed: counted(self.failed),
            not_tried: counted(self.not_tried),
            troubles: troubles
                .iter()
                .map(|device| Trouble {
                    called: name_of(Some(device.called)),
                    what: OneLine::sentence(&wording::tag_trouble(device.trouble)),
                })
                .collect(),
            more: (more > 0 && !troubles.is_empty()).then(|| OneLine::text(&wording::more(more))),
            asked_by: OneLine::text(self.actor.label()),
            code: OneLine::word(self.code),
            stopped: self.stopped.map(|cause| OneLine::sentence(&wording::tagging_stopped(cause, self.now))),
        }
    }
}

fn name_of(name: Option<&str>) -> OneLine {
    OneLine::cell(given(name).unwrap_or(wording::NO_NAME), NAME_BYTES)
}

fn tags(tags: &[String]) -> Option<OneLine> {
    list_of(tags).map(|tags| OneLine::cell(tags.as_str(), TAGS_BYTES))
}

fn counted(count: u64) -> Option<OneLine> {
    (count > 0).then(|| OneLine::word(&count.to_string()))
}
