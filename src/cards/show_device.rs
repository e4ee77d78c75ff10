//! `show device`: the current facts of one device.

use jiff::Timestamp;

use super::action::{Button, Link};
use super::card::View;
use super::device_lines::{DeviceWithNames, exact_reference, machine_word};
use super::moment;
use super::safe_text::{SafeText, given};
use super::template::{Fields, fields};
use super::text;
use crate::domain::id::MAX_ID_LENGTH;

/// Most bytes of the hint: room for the longest id and the words before it.
const HINT_BYTES: usize = MAX_ID_LENGTH + 40;

/// One device, as read just now.
#[derive(Debug, Clone)]
pub(crate) struct ShownDevice<'a> {
    pub(crate) device: DeviceWithNames<'a>,
    /// Whether to show the command that deletes it.
    pub(crate) may_delete: bool,
    pub(crate) buttons: [Option<Button<'a>>; 3],
    pub(crate) links: [Option<Link>; 2],
    pub(crate) now: Timestamp,
}

impl View for ShownDevice<'_> {
    const TEMPLATE: &'static str = "show_device.card.json";

    fn fields(&self) -> Fields {
        let device = self.device.device;
        let in_words =
            |field: &Option<String>, words: fn(&str) -> &str| machine_word(field.as_deref().map(words));
        let past = |at: Option<Timestamp>| at.map(|at| SafeText::word(&moment::past(at, self.now)));
        let id = device.id.as_str();
        let exact = exact_reference(device);
        let buttons = self.buttons.iter().flatten().map(Button::fields);
        let links = self.links.iter().flatten().map(Link::fields);
        fields! {
            device: self.device.lines(self.now),
            kind: in_words(&device.kind, text::kind),
            platform: in_words(&device.platform, text::platform),
            ip: machine_word(device.ip.as_deref()),
            software: machine_word(device.software.as_deref()),
            channel: machine_word(device.upgrade_channel.as_deref()),
            errors: given(Some(&text::errors(&device.error_codes))).map(SafeText::text),
            managed_by: in_words(&device.managed_by, text::managed_by),
            maintenance: in_words(&device.maintenance, text::maintenance),
            created: past(device.created),
            first_seen: past(device.first_seen),
            device_id: SafeText::id(id),
            hint: self.may_delete.then(|| SafeText::cell(&text::how_to_delete(&exact), HINT_BYTES)),
            actions_below: buttons.chain(links).collect::<Vec<_>>(),
        }
    }
}
