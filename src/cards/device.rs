//! A device as it is right now, for `show device`.

use jiff::Timestamp;
use serde::Serialize;

use super::action::{self, ActionLine, Button, Link};
use super::in_place::{DeviceLines, DeviceWithNames, machine_word};
use super::safe_text::given;
use super::{SafeText, View, moment, wording};
use crate::domain::id::MAX_ID_LENGTH;

/// Bytes of the hint: room for the longest id and the words before it.
const HINT_BYTES: usize = MAX_ID_LENGTH + 40;

/// One device, freshly read.
#[derive(Debug, Clone)]
pub struct ShownDevice<'a> {
    /// The device.
    pub device: DeviceWithNames<'a>,
    /// Whether the reader may delete it, and so is told how.
    pub may_delete: bool,
    /// What the reader can do with it.
    pub buttons: [Option<Button<'a>>; 3],
    /// Where Control Hub has more about it.
    pub links: [Option<Link>; 2],
    /// The time of the answer.
    pub now: Timestamp,
}

#[derive(Serialize)]
struct Context {
    device: DeviceLines,
    kind: Option<SafeText>,
    platform: Option<SafeText>,
    ip: Option<SafeText>,
    software: Option<SafeText>,
    channel: Option<SafeText>,
    errors: Option<SafeText>,
    managed_by: Option<SafeText>,
    maintenance: Option<SafeText>,
    created: Option<SafeText>,
    first_seen: Option<SafeText>,
    device_id: SafeText,
    hint: Option<SafeText>,
    actions_below: Vec<ActionLine>,
}

impl View for ShownDevice<'_> {
    const TEMPLATE: &'static str = "device.card.json";

    fn context(&self) -> impl Serialize {
        let device = self.device.device;
        let word = |field: &Option<String>| given(field.as_deref()).map(machine_word);
        let in_words = |field: &Option<String>, words: fn(&str) -> &str| {
            given(field.as_deref()).map(|text| machine_word(words(text)))
        };
        let past = |at: Option<Timestamp>| at.map(|at| SafeText::word(&moment::past(at, self.now)));
        let id = device.id.as_str();
        let exact = given(device.serial.as_deref()).unwrap_or(id);
        let mut actions = action::lines(&self.buttons);
        actions.extend(action::lines(&self.links));
        Context {
            device: self.device.lines(self.now),
            kind: in_words(&device.kind, wording::kind),
            platform: in_words(&device.platform, wording::platform),
            ip: word(&device.ip),
            software: word(&device.software),
            channel: word(&device.upgrade_channel),
            errors: given(Some(&wording::errors(&device.error_codes))).map(SafeText::text),
            managed_by: in_words(&device.managed_by, wording::managed_by),
            maintenance: in_words(&device.maintenance, wording::maintenance),
            created: past(device.created),
            first_seen: past(device.first_seen),
            device_id: SafeText::id(id),
            hint: self.may_delete.then(|| SafeText::cell(&wording::how_to_delete(exact), HINT_BYTES)),
            actions_below: actions,
        }
    }
}
