//! A device with the names of its workspace, location and owner, and the lines that describe it on cards.

use std::borrow::Cow;

use jiff::Timestamp;

use super::card::Tone;
use super::moment;
use super::safe_text::{NO_NAME, SafeText, given, list_of};
use super::template::{Fields, fields};
use super::text;
use crate::domain::{Device, Mac};

/// A device as read from Webex, with related names from other records, if those could be read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DeviceWithNames<'a> {
    pub(crate) device: &'a Device,
    pub(crate) workspace_name: Option<&'a str>,
    pub(crate) location_name: Option<&'a str>,
    pub(crate) owner_name: Option<&'a str>,
}

/// Most bytes of a field set by a machine: a card full of such fields stays below its limit.
const WORD_BYTES: usize = 200;

/// Most bytes of the cells of a row. Real names are far shorter, and ten rows of nothing but quotes, which take two
/// bytes each in JSON, still fit a card.
const NAME_BYTES: usize = 96;
const CELL_BYTES: usize = 56;

/// Stands for a workspace or an owner whose name could not be read.
const NAME_NOT_READABLE: &str = "name not readable";

impl<'a> DeviceWithNames<'a> {
    fn name(&self) -> &'a str {
        given(self.device.display_name.as_deref()).unwrap_or(NO_NAME)
    }

    /// The name of its workspace or owner.
    fn belongs_to(&self) -> Option<&'a str> {
        let name = |name| given(name).unwrap_or(NAME_NOT_READABLE);
        let workspace = self.device.workspace_id.as_ref().map(|_| name(self.workspace_name));
        workspace.or_else(|| self.device.person_id.as_ref().map(|_| name(self.owner_name)))
    }

    /// The facts for the macro `identity`.
    pub(super) fn lines(&self, now: Timestamp) -> Fields {
        let device = self.device;
        let status = given(device.connection_status.as_deref());
        fields! {
            name: SafeText::text(self.name()),
            workspace: device.workspace_id.as_ref().map(|_| readable_name(self.workspace_name)),
            owner: device.person_id.as_ref().map(|_| readable_name(self.owner_name)),
            location: given(self.location_name).map(SafeText::text),
            product: machine_word(device.product.as_deref()),
            serial: machine_word(device.serial.as_deref()),
            mac: machine_word(written_mac(device.mac.as_deref()).as_deref()),
            status: machine_word(status.map(text::status)),
            status_tone: tone_of(status),
            last_seen: device.last_seen.map(|at| SafeText::word(&moment::past(at, now))),
            tags: list_of(&device.tags),
        }
    }

    /// Two short lines for a list, for the macro `row`. Rows to choose from have a number.
    pub(super) fn row(&self, number: Option<usize>, now: Timestamp) -> Fields {
        let device = self.device;
        let cell = |text: &str| SafeText::cell(text, CELL_BYTES);
        let status = given(device.connection_status.as_deref());
        let details = [
            given(device.product.as_deref()).map(cell),
            self.belongs_to().map(cell),
            serial_or_mac(device).as_deref().map(cell),
            device.last_seen.map(|at| cell(&text::seen(&moment::ago(at, now)))),
        ];
        fields! {
            number: number.map(|number| SafeText::word(&number.to_string())),
            name: SafeText::cell(self.name(), NAME_BYTES),
            status: status.map(|status| cell(text::status(status))),
            status_tone: tone_of(status),
            details: details.into_iter().flatten().collect::<Vec<_>>(),
        }
    }
}

/// A MAC address in the writing of all cards.
pub(super) fn written_mac(mac: Option<&str>) -> Option<String> {
    given(mac).map(Mac::written)
}

fn serial_or_mac(device: &Device) -> Option<Cow<'_, str>> {
    let serial = given(device.serial.as_deref()).map(Cow::Borrowed);
    serial.or_else(|| written_mac(device.mac.as_deref()).map(Cow::Owned))
}

/// The word that names this device in a command: its serial number or MAC address, or else its id.
pub(super) fn exact_reference(device: &Device) -> Cow<'_, str> {
    serial_or_mac(device).unwrap_or(Cow::Borrowed(device.id.as_str()))
}

/// A field that machines set, cut to [`WORD_BYTES`].
pub(super) fn machine_word(text: Option<&str>) -> Option<SafeText> {
    given(text).map(|text| SafeText::cell(text, WORD_BYTES))
}

/// The name of a workspace or owner; a placeholder if the device has one whose name could not be read.
pub(super) fn readable_name(name: Option<&str>) -> SafeText {
    SafeText::text(given(name).unwrap_or(NAME_NOT_READABLE))
}

/// Webex has several disconnected states, and may add more (Webex, *Devices* API).
fn tone_of(status: Option<&str>) -> Tone {
    match status {
        Some("connected") => Tone::Good,
        Some("connected_with_issues" | "activating" | "pending" | "offline_deep_sleep") => Tone::Warning,
        Some("disconnected" | "offline_expired") => Tone::Attention,
        _ => Tone::Default,
    }
}
