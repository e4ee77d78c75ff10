//! A device as it is right now, for `show device`.

use jiff::Timestamp;
use serde::Serialize;

use super::deletion::name_or_not;
use super::one_line::{given, list_of};
use super::{OneLine, Tone, View, moment, wording};
use crate::domain::Device;

/// One device, freshly read.
#[derive(Debug, Clone, Copy)]
pub struct ShownDevice<'a> {
    /// The device.
    pub device: &'a Device,
    /// The name of its workspace, if it could be read.
    pub workspace_name: Option<&'a str>,
    /// The name of its owner, if it could be read.
    pub owner_name: Option<&'a str>,
    /// Whether the reader may delete it, and so is told how.
    pub may_delete: bool,
    /// The time of the answer.
    pub now: Timestamp,
}

#[derive(Serialize)]
struct Context {
    name: OneLine,
    status: Option<OneLine>,
    status_tone: Tone,
    last_seen: Option<OneLine>,
    product: Option<OneLine>,
    kind: Option<OneLine>,
    workspace: Option<OneLine>,
    owner: Option<OneLine>,
    serial: Option<OneLine>,
    mac: Option<OneLine>,
    ip: Option<OneLine>,
    software: Option<OneLine>,
    channel: Option<OneLine>,
    tags: Option<OneLine>,
    errors: Option<OneLine>,
    device_id: OneLine,
    hint: Option<OneLine>,
}

impl View for ShownDevice<'_> {
    const TEMPLATE: &'static str = "device.card.json";

    fn context(&self) -> impl Serialize {
        let device = self.device;
        let word = |field: &Option<String>| given(field.as_deref()).map(OneLine::word);
        let id = device.id.as_str();
        Context {
            name: OneLine::text(given(device.display_name.as_deref()).unwrap_or(wording::NO_NAME)),
            status: word(&device.connection_status),
            status_tone: tone_of(device.connection_status.as_deref()),
            last_seen: device.last_seen.map(|at| OneLine::word(&moment::past(at, self.now))),
            product: word(&device.product),
            kind: word(&device.kind),
            workspace: device.workspace_id.as_ref().map(|_| name_or_not(self.workspace_name)),
            owner: device.person_id.as_ref().map(|_| name_or_not(self.owner_name)),
            serial: word(&device.serial),
            mac: word(&device.mac),
            ip: word(&device.ip),
            software: word(&device.software),
            channel: word(&device.upgrade_channel),
            tags: list_of(&device.tags),
            errors: list_of(&device.error_codes),
            device_id: OneLine::id(id),
            hint: self.may_delete.then(|| OneLine::sentence(&wording::how_to_delete(id))),
        }
    }
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
