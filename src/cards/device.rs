//! A device as it is right now, for `show device`.

use jiff::Timestamp;
use serde::Serialize;

use super::action::{self, ActionLine, Button, Link};
use super::in_place::{DeviceInPlace, DeviceLines, machine_word};
use super::one_line::given;
use super::{OneLine, View, moment, wording};
use crate::domain::id::MAX_ID_LENGTH;

/// Bytes of the hint: room for the longest id and the words before it.
const HINT_BYTES: usize = MAX_ID_LENGTH + 40;

/// One device, freshly read.
#[derive(Debug, Clone)]
pub struct ShownDevice<'a> {
    /// The device.
    pub device: DeviceInPlace<'a>,
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
    kind: Option<OneLine>,
    platform: Option<OneLine>,
    ip: Option<OneLine>,
    software: Option<OneLine>,
    channel: Option<OneLine>,
    errors: Option<OneLine>,
    managed_by: Option<OneLine>,
    maintenance: Option<OneLine>,
    created: Option<OneLine>,
    first_seen: Option<OneLine>,
    device_id: OneLine,
    hint: Option<OneLine>,
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
        let past = |at: Option<Timestamp>| at.map(|at| OneLine::word(&moment::past(at, self.now)));
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
            errors: given(Some(&wording::errors(&device.error_codes))).map(OneLine::text),
            managed_by: in_words(&device.managed_by, wording::managed_by),
            maintenance: in_words(&device.maintenance, wording::maintenance),
            created: past(device.created),
            first_seen: past(device.first_seen),
            device_id: OneLine::id(id),
            hint: self.may_delete.then(|| OneLine::cell(&wording::how_to_delete(exact), HINT_BYTES)),
            actions_below: actions,
        }
    }
}
