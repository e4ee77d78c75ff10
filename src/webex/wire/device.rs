//! The record of a device.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::lenient::{self, Lenient};
use crate::domain::{Device, DeviceId, LocationId, Mac, OrgId, PersonId, WorkspaceId};

/// *Devices*: `GET /devices`, `GET /devices/{id}`. Only `created` is documented as required; even `id` may be null.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub struct WireDevice {
    id: Lenient<DeviceId>,
    webex_device_id: Lenient<DeviceId>,
    calling_device_id: Lenient<DeviceId>,
    #[serde(deserialize_with = "lenient::timestamp")]
    created: Option<Timestamp>,
    display_name: Lenient<String>,
    workspace_id: Lenient<WorkspaceId>,
    place_id: Lenient<WorkspaceId>,
    person_id: Lenient<PersonId>,
    org_id: Lenient<OrgId>,
    product: Lenient<String>,
    #[serde(rename = "type")]
    kind: Lenient<String>,
    serial: Lenient<String>,
    mac: Lenient<String>,
    ip: Lenient<String>,
    connection_status: Lenient<String>,
    software: Lenient<String>,
    upgrade_channel: Lenient<String>,
    #[serde(deserialize_with = "lenient::texts")]
    tags: Vec<String>,
    #[serde(deserialize_with = "lenient::texts")]
    error_codes: Vec<String>,
    location_id: Lenient<LocationId>,
    #[serde(deserialize_with = "lenient::texts")]
    capabilities: Vec<String>,
    device_platform: Lenient<String>,
    managed_by: Lenient<String>,
    #[serde(deserialize_with = "maintenance_mode")]
    planned_maintenance: Option<String>,
    #[serde(deserialize_with = "lenient::timestamp")]
    first_seen: Option<Timestamp>,
    #[serde(deserialize_with = "lenient::timestamp")]
    last_seen: Option<Timestamp>,
}

impl WireDevice {
    /// The requested device; none if this is the record of another device or not a device at all, as a proxy may send
    /// with a success status.
    pub(in crate::webex) fn into_device(self, id: DeviceId) -> Option<Device> {
        self.has_id(&id).then(|| self.with_id(id))
    }

    /// Whether this is the record of the device with this id, which has several.
    pub(in crate::webex) fn has_id(&self, id: &DeviceId) -> bool {
        let ids = [&self.id, &self.webex_device_id, &self.calling_device_id];
        ids.into_iter().any(|present| present.0.as_ref() == Some(id))
    }

    /// A device of a list under its own id; none if it has no id that the Devices API accepts. That API does not accept
    /// the id of the Calling API (Webex, *Devices*: `callingDeviceId`).
    pub(in crate::webex) fn into_listed(mut self) -> Option<Device> {
        let id = self.id.0.take().or_else(|| self.webex_device_id.0.take())?;
        Some(self.with_id(id))
    }

    pub(in crate::webex) fn into_org(self) -> Option<OrgId> {
        self.org_id.0
    }

    fn with_id(self, id: DeviceId) -> Device {
        Device {
            id,
            display_name: self.display_name.0,
            workspace_id: self.workspace_id.0.or(self.place_id.0),
            person_id: self.person_id.0,
            org_id: self.org_id.0,
            product: self.product.0,
            kind: self.kind.0,
            serial: self.serial.0,
            mac: self.mac.0.map(|mac| Mac::written(&mac)),
            ip: self.ip.0,
            connection_status: self.connection_status.0,
            software: self.software.0,
            upgrade_channel: self.upgrade_channel.0,
            tags: self.tags,
            error_codes: self.error_codes,
            location_id: self.location_id.0,
            capabilities: self.capabilities,
            platform: self.device_platform.0,
            managed_by: self.managed_by.0,
            maintenance: self.planned_maintenance,
            created: self.created,
            first_seen: self.first_seen,
            last_seen: self.last_seen,
        }
    }
}

/// Planned maintenance: an object with a `mode` in the schema, a bare string in the example (Webex, *Devices*) and from
/// the live service.
fn maintenance_mode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    Ok(value.as_str().or_else(|| value["mode"].as_str()).map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device(json: &str) -> Device {
        let id = DeviceId::parse("11111111-2222-3333-4444-555555555555").unwrap();
        serde_json::from_str::<WireDevice>(json).unwrap().with_id(id)
    }

    #[test]
    fn the_record_of_another_device_is_rejected() {
        let asked = DeviceId::parse("11111111-2222-3333-4444-555555555555").unwrap();
        let other = "99999999-2222-3333-4444-555555555555";
        for json in [
            "{}".to_owned(),
            r#"{"items":[]}"#.to_owned(),
            r#"{"message":"all is well"}"#.to_owned(),
            format!(r#"{{"id":"{other}","created":"2025-04-21T17:00:00.000Z"}}"#),
            r#"{"id":null,"serial":"FOC2345ABCD","created":"2025-04-21T17:00:00.000Z"}"#.to_owned(),
        ] {
            let device = serde_json::from_str::<WireDevice>(&json).unwrap().into_device(asked.clone());
            assert_eq!(device, None, "{json}");
        }
        let twin = format!(r#"{{"id":"{other}","webexDeviceId":"{asked}"}}"#);
        assert!(serde_json::from_str::<WireDevice>(&twin).unwrap().into_device(asked).is_some());
    }

    #[test]
    fn a_listed_device_needs_an_id_of_its_own() {
        let id = "11111111-2222-3333-4444-555555555555";
        let listed = |json: &str| {
            serde_json::from_str::<WireDevice>(json).unwrap().into_listed().map(|d| d.id.to_string())
        };
        assert_eq!(listed(&format!(r#"{{"id":"{id}","webexDeviceId":null}}"#)).as_deref(), Some(id));
        assert_eq!(listed(&format!(r#"{{"id":null,"webexDeviceId":"{id}"}}"#)).as_deref(), Some(id));
        for json in [
            "{}".to_owned(),
            r#"{"id":""}"#.to_owned(),
            r#"{"id":"a/b","serial":"FOC2345ABCD"}"#.to_owned(),
            format!(r#"{{"id":null,"callingDeviceId":"{id}"}}"#),
        ] {
            assert_eq!(listed(&json), None, "{json}");
        }
    }

    #[test]
    fn a_device_may_lack_all_optional_fields() {
        let bare = device(r#"{"created":"2025-04-21T17:00:00.000Z"}"#);
        assert_eq!((bare.serial, bare.tags, bare.last_seen), (None, vec![], None));
    }

    #[test]
    fn a_mac_address_is_written_in_one_way() {
        for (sent, written) in [
            ("112233AABBCC", "11:22:33:AA:BB:CC"),
            ("11:22:33:aa:bb:cc", "11:22:33:AA:BB:CC"),
            ("n/a", "n/a"),
        ] {
            let read = device(&format!(r#"{{"mac":"{sent}","created":"2025-04-21T17:00:00.000Z"}}"#));
            assert_eq!(read.mac.as_deref(), Some(written));
        }
    }

    #[test]
    fn a_device_with_malformed_fields_is_still_read() {
        let odd = device(
            r#"{"id":null,"displayName":"Lobby","workspaceId":"","placeId":"workspace-4","tags":null,
                "plannedMaintenance":"off","lastSeen":"yesterday","type":"hologram","new":{"a":[1]},
                "mac":112233,"errorCodes":"none","created":"2025-04-21T17:00:00.000Z"}"#,
        );
        assert_eq!(odd.display_name.as_deref(), Some("Lobby"));
        assert_eq!(odd.workspace_id, Some(WorkspaceId::parse("workspace-4").unwrap()));
        assert_eq!((odd.last_seen, odd.kind.as_deref()), (None, Some("hologram")));
        assert_eq!(odd.maintenance.as_deref(), Some("off"));
        let upcoming =
            device(r#"{"plannedMaintenance":{"mode":"upcoming"},"created":"2025-04-21T17:00:00.000Z"}"#);
        assert_eq!(upcoming.maintenance.as_deref(), Some("upcoming"));
    }
}
