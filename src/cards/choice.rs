//! A name that several devices have: which of them is meant.

use jiff::Timestamp;
use serde::Serialize;

use super::action::{ActionLine, Button, ButtonStyle};
use super::in_place::{DeviceRow, DeviceWithNames};
use super::safe_text::given;
use super::{SafeText, View, wording};
use crate::domain::Count;

/// Candidates on one card; with Cancel that makes five buttons, as many as a card may have.
pub const MOST_CANDIDATES: usize = 4;

/// Several devices that a reference fits. Nothing is done before one of them is chosen.
#[derive(Debug, Clone, Copy)]
pub struct Choice<'a> {
    /// The reference, as it was written.
    pub reference: &'a str,
    /// What was asked for, as `delete device`.
    pub verb: &'a str,
    /// The first of the devices that it fits, at most [`MOST_CANDIDATES`].
    pub candidates: &'a [ChoiceRow<'a>],
    /// How many devices it fits.
    pub count: Count,
    /// What Cancel sends back.
    pub cancel: Option<&'a str>,
    /// The time of the answer.
    pub now: Timestamp,
}

/// One of them.
#[derive(Debug, Clone, Copy)]
pub struct ChoiceRow<'a> {
    /// The device.
    pub device: DeviceWithNames<'a>,
    /// What its button sends back; without one it can only be named exactly.
    pub choose: Option<&'a str>,
}

#[derive(Serialize)]
struct Context {
    subtitle: SafeText,
    reference: SafeText,
    rows: Vec<DeviceRow>,
    more: Option<SafeText>,
    how: SafeText,
    example: Option<SafeText>,
    actions_below: Vec<ActionLine>,
}

impl View for Choice<'_> {
    const TEMPLATE: &'static str = "choice.card.json";

    fn context(&self) -> impl Serialize {
        let shown = &self.candidates[..self.candidates.len().min(MOST_CANDIDATES)];
        let number = |index: usize| index + 1;
        let buttons = shown.iter().enumerate().filter_map(|(index, candidate)| {
            let label = wording::choose(number(index));
            let button = Button { label: &label, style: ButtonStyle::Default, reference: candidate.choose? };
            Some(ActionLine::from(&button))
        });
        let cancel = self.cancel.map(|reference| ActionLine::from(&Button::cancel(reference)));
        Context {
            subtitle: SafeText::text(&wording::nothing_was_done_yet(self.count)),
            reference: SafeText::text(self.reference),
            rows: shown
                .iter()
                .enumerate()
                .map(|(index, candidate)| candidate.device.row(Some(number(index)), self.now))
                .collect(),
            more: wording::and_more(self.count.without(shown.len() as u64)).map(|more| SafeText::text(&more)),
            how: SafeText::sentence(wording::how_to_choose(shown.iter().any(|c| c.choose.is_some()))),
            example: shown.first().map(|candidate| SafeText::id(&self.exactly(candidate))),
            actions_below: buttons.chain(cancel).collect(),
        }
    }
}

impl Choice<'_> {
    /// A line that means one of them only.
    fn exactly(&self, candidate: &ChoiceRow<'_>) -> String {
        let device = candidate.device.device;
        // A serial number that leads to this choice leads to it again.
        let serial = given(device.serial.as_deref()).filter(|serial| {
            let is_it = |other: &str| other.trim().eq_ignore_ascii_case(serial.trim());
            let others = self.candidates.iter().filter_map(|other| other.device.device.serial.as_deref());
            !is_it(self.reference) && others.filter(|other| is_it(other)).count() < 2
        });
        let exact = serial.unwrap_or(device.id.as_str());
        format!("{} {exact}", self.verb)
    }
}
