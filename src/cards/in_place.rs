//! A device with the names of what surrounds it, and the lines by which people tell it from others.

use jiff::Timestamp;
use serde::Serialize;

use super::deletion::name_or_not;
use super::safe_text::{given, list_of};
use super::{SafeText, Tone, moment, wording};
use crate::domain::Device;

/// A device as it was read, with the names that Webex keeps elsewhere, each if it could be read.
#[derive(Debug, Clone, Copy)]
pub struct DeviceWithNames<'a> {
    /// The device.
    pub device: &'a Device,
    /// The name of its workspace.
    pub workspace_name: Option<&'a str>,
    /// The name of its location.
    pub location_name: Option<&'a str>,
    /// The name of its owner.
    pub owner_name: Option<&'a str>,
}

/// Bytes of what machines say of a device: a card with all of it stays below its limit.
const WORD_BYTES: usize = 200;

/// Bytes of the cells of a row: real names are far shorter, and ten rows of nothing but quotes, which JSON writes in
/// two bytes each, still fit a card.
const NAME_BYTES: usize = 96;
const CELL_BYTES: usize = 56;

impl<'a> DeviceWithNames<'a> {
    /// A device, with nothing known of what surrounds it.
    #[must_use]
    pub fn alone(device: &'a Device) -> Self {
        Self { device, workspace_name: None, location_name: None, owner_name: None }
    }

    fn name(&self) -> &'a str {
        given(self.device.display_name.as_deref()).unwrap_or(wording::NO_NAME)
    }

    /// Where it stands or whose it is, in a few words.
    fn place(&self) -> Option<&'a str> {
        let named = |name| given(name).unwrap_or(wording::NAME_NOT_READABLE);
        let workspace = self.device.workspace_id.as_ref().map(|_| named(self.workspace_name));
        workspace.or_else(|| self.device.person_id.as_ref().map(|_| named(self.owner_name)))
    }

    pub(super) fn lines(&self, now: Timestamp) -> DeviceLines {
        let device = self.device;
        let word = |field: &Option<String>| given(field.as_deref()).map(machine_word);
        let status = given(device.connection_status.as_deref());
        DeviceLines {
            name: SafeText::text(self.name()),
            workspace: device.workspace_id.as_ref().map(|_| name_or_not(self.workspace_name)),
            owner: device.person_id.as_ref().map(|_| name_or_not(self.owner_name)),
            location: given(self.location_name).map(SafeText::text),
            product: word(&device.product),
            serial: word(&device.serial),
            mac: word(&device.mac),
            status: status.map(|status| machine_word(wording::status(status))),
            status_tone: tone_of(status),
            last_seen: device.last_seen.map(|at| SafeText::word(&moment::past(at, now))),
            tags: list_of(&device.tags),
        }
    }

    /// The same in two short lines, for a list. A number comes before the name where there is something to choose.
    pub(super) fn row(&self, number: Option<usize>, now: Timestamp) -> DeviceRow {
        let device = self.device;
        let cell = |text: &str| SafeText::cell(text, CELL_BYTES);
        let status = given(device.connection_status.as_deref());
        let details = [
            given(device.product.as_deref()).map(cell),
            self.place().map(cell),
            given(device.serial.as_deref()).or(given(device.mac.as_deref())).map(cell),
            device.last_seen.map(|at| cell(&wording::seen(&moment::ago(at, now)))),
        ];
        DeviceRow {
            number: number.map(|number| SafeText::word(&number.to_string())),
            name: SafeText::cell(self.name(), NAME_BYTES),
            status: status.map(|status| cell(wording::status(status))),
            status_tone: tone_of(status),
            details: details.into_iter().flatten().collect(),
        }
    }
}

/// What machines say, in a few bytes.
pub(super) fn machine_word(text: &str) -> SafeText {
    SafeText::cell(text, WORD_BYTES)
}

/// What the macro `identity` places.
#[derive(Debug, Serialize)]
pub(super) struct DeviceLines {
    name: SafeText,
    workspace: Option<SafeText>,
    owner: Option<SafeText>,
    location: Option<SafeText>,
    product: Option<SafeText>,
    serial: Option<SafeText>,
    mac: Option<SafeText>,
    status: Option<SafeText>,
    status_tone: Tone,
    last_seen: Option<SafeText>,
    tags: Option<SafeText>,
}

/// What the macro `row` places.
#[derive(Debug, Serialize)]
pub(super) struct DeviceRow {
    number: Option<SafeText>,
    name: SafeText,
    status: Option<SafeText>,
    status_tone: Tone,
    details: Vec<SafeText>,
}

/// Webex names more kinds of disconnected than one, and more may come (Webex, *Devices* API).
fn tone_of(status: Option<&str>) -> Tone {
    match status {
        Some("connected") => Tone::Good,
        Some("connected_with_issues" | "activating" | "pending" | "offline_deep_sleep") => Tone::Warning,
        Some("disconnected" | "offline_expired") => Tone::Attention,
        _ => Tone::Default,
    }
}
