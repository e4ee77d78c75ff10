//! A reference that matches several devices, or none.

use jiff::Timestamp;

use super::action::Button;
use super::card::View;
use super::device_lines::DeviceWithNames;
use super::safe_text::{NO_NAME, SafeText, given};
use super::template::{Fields, fields};
use super::text::{self, LookedUpBy};
use crate::domain::{Count, Device, Mac};

/// Most devices to choose from on one card: with Cancel they make five buttons, the most that a card may have.
pub(crate) const MOST_CANDIDATES: usize = 4;

/// Several devices that match a reference. Nothing happens before the requester chooses one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Choice<'a> {
    /// The reference as written.
    pub(crate) reference: &'a str,
    /// The name of the command, such as `delete device`.
    pub(crate) verb: &'a str,
    /// The rest of the command behind the reference, such as ` +pilot`.
    pub(crate) rest: &'a str,
    /// The first matching devices, at most [`MOST_CANDIDATES`].
    pub(crate) candidates: &'a [ChoiceRow<'a>],
    /// The number of matching devices.
    pub(crate) count: Count,
    /// The reference of the button Cancel.
    pub(crate) cancel: Option<&'a str>,
    pub(crate) now: Timestamp,
}

/// One of several devices.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ChoiceRow<'a> {
    pub(crate) device: DeviceWithNames<'a>,
    /// The reference of its button; without one the person must name the device exactly.
    pub(crate) choose: Option<&'a str>,
}

impl View for Choice<'_> {
    const TEMPLATE: &'static str = "choose_device.card.json";

    fn fields(&self) -> Fields {
        let shown = &self.candidates[..self.candidates.len().min(MOST_CANDIDATES)];
        let row = |(index, row): (usize, &ChoiceRow<'_>)| row.device.row(Some(index + 1), self.now);
        let button =
            |(index, row): (usize, &ChoiceRow<'_>)| Some(Button::choose(index, row.choose?)?.fields());
        let buttons = shown.iter().enumerate().filter_map(button);
        let cancel = self.cancel.map(|reference| Button::cancel(reference).fields());
        let has_buttons = shown.iter().any(|row| row.choose.is_some());
        fields! {
            subtitle: SafeText::text(&text::candidates_found(self.count)),
            reference: SafeText::text(self.reference),
            rows: shown.iter().enumerate().map(row).collect::<Vec<_>>(),
            more: text::and_more(self.count.without(shown.len() as u64)).map(|more| SafeText::text(&more)),
            how: text::how_to_choose(has_buttons),
            example: shown.first().map(|row| SafeText::sentence(&self.exactly(row))),
            actions_below: buttons.chain(cancel).collect::<Vec<_>>(),
        }
    }
}

impl Choice<'_> {
    /// A command that names only this device.
    fn exactly(&self, row: &ChoiceRow<'_>) -> String {
        let device = row.device.device;
        // A serial number or address that led to this choice would lead to it again.
        let is_unique = |text: &&str, of: fn(&Device) -> &Option<String>| {
            let is_it = |other: &str| other.trim().eq_ignore_ascii_case(text.trim());
            let others = self.candidates.iter().filter_map(|other| of(other.device.device).as_deref());
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
        format!("{} {exact}{}", self.verb, self.rest)
    }
}

/// Most devices suggested instead.
const MOST_SIMILAR: usize = 5;

/// Most bytes of a suggested name or serial number.
const SIMILAR_BYTES: usize = 120;

/// A reference that matches no device: the ways Steward searched, and similar devices.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NotFoundDevice<'a> {
    /// The reference as written.
    pub(crate) reference: &'a str,
    pub(crate) looked_up_by: &'a [LookedUpBy],
    /// The most similar first.
    pub(crate) near: &'a [SimilarDevice<'a>],
}

/// A device that the person may have meant.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SimilarDevice<'a> {
    pub(crate) name: Option<&'a str>,
    pub(crate) serial: Option<&'a str>,
}

impl View for NotFoundDevice<'_> {
    const TEMPLATE: &'static str = "device_not_found.card.json";

    fn fields(&self) -> Fields {
        let cell = |text: &str| SafeText::cell(text, SIMILAR_BYTES);
        let similar = |device: &SimilarDevice<'_>| {
            fields! {
                name: cell(given(device.name).unwrap_or(NO_NAME)),
                serial: given(device.serial).map(cell),
            }
        };
        fields! {
            what: text::NO_DEVICE_MATCHES,
            reference: SafeText::text(self.reference),
            looked_up_by: SafeText::text(&text::looked_up_by(self.looked_up_by)),
            near: self.near.iter().take(MOST_SIMILAR).map(similar).collect::<Vec<_>>(),
            next: text::after_not_found(!self.near.is_empty()),
        }
    }
}
