//! A reference that matches several devices, workspaces or people, or none.

use jiff::Timestamp;

use super::action::Button;
use super::card::{Tone, View};
use super::device_lines::DeviceWithNames;
use super::safe_text::{NO_NAME, SafeText, given};
use super::template::{Fields, fields};
use super::text::{self, LookedUpBy, Sought};
use crate::domain::id::decode;
use crate::domain::{Actor, Count, Device, Mac, Workspace};

/// Most candidates to choose from on one card: with Cancel they make five buttons, the most that a card may have.
pub(crate) const MOST_CANDIDATES: usize = 4;

/// Most bytes of a candidate's name, and of each detail.
const NAME_BYTES: usize = 96;
const CELL_BYTES: usize = 56;

/// A device, workspace or person to choose.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Candidate<'a> {
    Device(DeviceWithNames<'a>),
    Workspace { workspace: &'a Workspace, location_name: Option<&'a str> },
    Person(&'a Actor),
}

/// One of several candidates.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ChoiceRow<'a> {
    pub(crate) candidate: Candidate<'a>,
    /// The reference of its button; without one the person must name the candidate exactly.
    pub(crate) choose: Option<&'a str>,
}

impl Candidate<'_> {
    /// Two short lines with a number, for the macro `row`.
    fn row(&self, index: usize, now: Timestamp) -> Fields {
        match self {
            Self::Device(device) => device.row(Some(index + 1), now),
            Self::Workspace { workspace, location_name } => {
                let id = decode(workspace.id.as_str()).map(|id| id.key);
                let id = id.as_deref().unwrap_or(workspace.id.as_str());
                let details = [
                    workspace.kind.as_deref().map(text::workspace_kind),
                    given(*location_name).map(str::to_owned),
                    (workspace.supported_devices.as_deref() == Some("phones"))
                        .then(|| text::FOR_PHONES.to_owned()),
                    Some(text::beginning_of_id(id)),
                ];
                named_row(index, workspace.name.as_deref(), &details)
            }
            Self::Person(person) => {
                let email = person.email.as_ref().map(ToString::to_string);
                named_row(index, Some(&person.display_name), &[email])
            }
        }
    }
}

fn named_row(index: usize, name: Option<&str>, details: &[Option<String>]) -> Fields {
    let details = details.iter().flatten().map(|detail| SafeText::cell(detail, CELL_BYTES));
    fields! {
        number: Some(SafeText::word(&(index + 1).to_string())),
        name: SafeText::cell(given(name).unwrap_or(NO_NAME), NAME_BYTES),
        status: None::<SafeText>,
        status_tone: Tone::Default,
        details: details.collect::<Vec<_>>(),
    }
}

/// The rows that fit a card, and their buttons.
fn rows_and_buttons(candidates: &[ChoiceRow<'_>], now: Timestamp) -> (Vec<Fields>, Vec<Fields>) {
    let shown = candidates.iter().take(MOST_CANDIDATES).enumerate();
    let rows = shown.clone().map(|(index, row)| row.candidate.row(index, now)).collect();
    let buttons =
        shown.filter_map(|(index, row)| Some(Button::choose(index, row.choose?)?.fields())).collect();
    (rows, buttons)
}

/// Several candidates that match a reference. Nothing happens before the requester chooses one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Choice<'a> {
    pub(crate) sought: Sought,
    /// The reference as written.
    pub(crate) reference: &'a str,
    /// The name of the command, such as `delete device`.
    pub(crate) verb: &'a str,
    /// The rest of the command behind the reference, such as ` +pilot`.
    pub(crate) rest: &'a str,
    /// The first matching candidates, at most [`MOST_CANDIDATES`].
    pub(crate) candidates: &'a [ChoiceRow<'a>],
    /// The number of matching candidates.
    pub(crate) count: Count,
    /// The number of records that were searched, if not all of them were.
    pub(crate) only_among: Option<u64>,
    /// A line that names the first candidate; for a device it is built from its serial number or id.
    pub(crate) example: Option<&'a str>,
    /// The reference of the button Cancel.
    pub(crate) cancel: Option<&'a str>,
    pub(crate) now: Timestamp,
}

impl View for Choice<'_> {
    const TEMPLATE: &'static str = "choose.card.json";

    fn fields(&self) -> Fields {
        let (rows, mut buttons) = rows_and_buttons(self.candidates, self.now);
        let how = text::how_to_choose(self.sought, !buttons.is_empty());
        buttons.extend(self.cancel.map(|reference| Button::cancel(reference).fields()));
        let example = self.example.map(str::to_owned);
        let example = example.or_else(|| self.exactly(self.candidates.first()?));
        fields! {
            headline_text: text::which_of(self.sought),
            subtitle: SafeText::text(&text::candidates_found(self.sought, self.count)),
            reference: SafeText::text(self.reference),
            only_among: self.only_among.map(|count| SafeText::text(&text::only_among(self.sought, count))),
            more: text::and_more(self.count.without(rows.len() as u64)).map(|more| SafeText::text(&more)),
            rows: rows,
            how: how,
            example: example.map(|line| SafeText::line(&line)),
            actions_below: buttons,
        }
    }
}

impl Choice<'_> {
    /// A command that names only this device.
    fn exactly(&self, row: &ChoiceRow<'_>) -> Option<String> {
        let Candidate::Device(DeviceWithNames { device, .. }) = row.candidate else { return None };
        // A serial number or address that led to this choice would lead to it again.
        let is_unique = |text: &&str, of: fn(&Device) -> &Option<String>| {
            let is_it = |other: &str| other.trim().eq_ignore_ascii_case(text.trim());
            let others = self.candidates.iter().filter_map(|other| match &other.candidate {
                Candidate::Device(other) => of(other.device).as_deref(),
                _ => None,
            });
            !is_it(self.reference) && others.filter(|other| is_it(other)).count() < 2
        };
        let serial =
            given(device.serial.as_deref()).filter(|serial| is_unique(serial, |device| &device.serial));
        let mac = || {
            let mac = given(device.mac.as_deref()).filter(|mac| is_unique(mac, |device| &device.mac))?;
            Mac::parse(mac).ok().filter(|mac| Mac::parse(self.reference) != Ok(*mac))
        };
        let exact = match (serial, mac()) {
            (Some(serial), _) => serial.to_owned(),
            (None, Some(mac)) => mac.to_string(),
            (None, None) => device.id.as_str().to_owned(),
        };
        Some(format!("{} {exact}{}", self.verb, self.rest))
    }
}

/// A reference that matches nothing: the ways Steward searched, and similar candidates.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NotFound<'a> {
    pub(crate) sought: Sought,
    /// The reference as written.
    pub(crate) reference: &'a str,
    pub(crate) looked_up_by: &'a [LookedUpBy],
    /// The most similar first, at most [`MOST_CANDIDATES`].
    pub(crate) similar: &'a [ChoiceRow<'a>],
    /// The number of records that were searched, if not all of them were.
    pub(crate) only_among: Option<u64>,
    /// The command that lists all similar ones, if there are more.
    pub(crate) all: Option<&'a str>,
    pub(crate) now: Timestamp,
}

impl View for NotFound<'_> {
    const TEMPLATE: &'static str = "not_found.card.json";

    fn fields(&self) -> Fields {
        let (rows, buttons) = rows_and_buttons(self.similar, self.now);
        fields! {
            what: text::nothing_matches(self.sought),
            reference: SafeText::text(self.reference),
            only_among: self.only_among.map(|count| SafeText::text(&text::only_among(self.sought, count))),
            looked_up_by: SafeText::text(&text::looked_up_by(self.looked_up_by)),
            next: text::after_not_found(self.sought, !rows.is_empty()),
            similar: rows,
            all: self.all.map(SafeText::line),
            actions_below: buttons,
        }
    }
}
