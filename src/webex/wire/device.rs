//! The record of a device in Webex's JSON.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::{lenient, lenient_moment};
use crate::domain::{Device, DeviceId, LocationId, OrgId, PersonId, WorkspaceId};

/// The texts of a list, or none where Webex wrote something else.
fn lenient_list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let Some(Value::Array(items)) = Option::<Value>::deserialize(deserializer)? else {
        return Ok(Vec::new());
    };
    let text = |item| if let Value::String(text) = item { Some(text) } else { None };
    Ok(items.into_iter().filter_map(text).collect())
}

/// Planned maintenance: an object with a `mode` in the schema, a bare string in the example (Webex, *Devices*).
fn lenient_mode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let value = Option::<Value>::deserialize(deserializer)?.unwrap_or_default();
    Ok(value.as_str().or_else(|| value["mode"].as_str()).map(str::to_owned))
}

/// *Devices*: `GET /devices`, `GET /devices/{id}`. Only `created` is documented as required; even `id` may be null.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::webex) struct WireDevice {
    #[serde(deserialize_with = "lenient")]
    id: Option<DeviceId>,
    #[serde(deserialize_with = "lenient")]
    webex_device_id: Option<DeviceId>,
    #[serde(deserialize_with = "lenient")]
    calling_device_id: Option<DeviceId>,
    #[serde(deserialize_with = "lenient_moment")]
    created: Option<Timestamp>,
    #[serde(deserialize_with = "lenient")]
    display_name: Option<String>,
    #[serde(deserialize_with = "lenient")]
    workspace_id: Option<WorkspaceId>,
    #[serde(deserialize_with = "lenient")]
    place_id: Option<WorkspaceId>,
    #[serde(deserialize_with = "lenient")]
    person_id: Option<PersonId>,
    #[serde(deserialize_with = "lenient")]
    pub(in crate::webex) org_id: Option<OrgId>,
    #[serde(deserialize_with = "lenient")]
    product: Option<String>,
    #[serde(rename = "type", deserialize_with = "lenient")]
    kind: Option<String>,
    #[serde(deserialize_with = "lenient")]
    serial: Option<String>,
    #[serde(deserialize_with = "lenient")]
    mac: Option<String>,
    #[serde(deserialize_with = "lenient")]
    ip: Option<String>,
    #[serde(deserialize_with = "lenient")]
    connection_status: Option<String>,
    #[serde(deserialize_with = "lenient")]
    software: Option<String>,
    #[serde(deserialize_with = "lenient")]
    upgrade_channel: Option<String>,
    #[serde(deserialize_with = "lenient_list")]
    tags: Vec<String>,
    #[serde(deserialize_with = "lenient_list")]
    error_codes: Vec<String>,
    #[serde(deserialize_with = "lenient")]
    location_id: Option<LocationId>,
    #[serde(deserialize_with = "lenient_list")]
    capabilities: Vec<String>,
    #[serde(deserialize_with = "lenient")]
    device_platform: Option<String>,
    #[serde(deserialize_with = "lenient")]
    managed_by: Option<String>,
    #[serde(deserialize_with = "lenient_mode")]
    planned_maintenance: Option<String>,
    #[serde(deserialize_with = "lenient_moment")]
    first_seen: Option<Timestamp>,
    #[serde(deserialize_with = "lenient_moment")]
    last_seen: Option<Timestamp>,
}

impl WireDevice {
    /// The device that was asked for by this id; nothing when the answer is another device's record or none at
    /// all, as a proxy may send with a good status.
    pub(in crate::webex) fn into_device(self, id: DeviceId) -> Option<Device> {
        self.is(&id).then(|| self.under(id))
    }

    fn is(&self, id: &DeviceId) -> bool {
        let ids = [&self.id, &self.webex_device_id, &self.calling_device_id];
        let mut given = ids.into_iter().flatten().peekable();
        match given.peek() {
            Some(_) => given.any(|given| given == id),
            None => self.created.is_some(),
        }
    }

    /// A device of a list, under its own id; nothing when it has none that the Devices API takes. The id of the
    /// Calling API is of no use here (Webex, *Devices*: `callingDeviceId`).
    pub(in crate::webex) fn into_listed(mut self) -> Option<Device> {
        let id = self.id.take().or_else(|| self.webex_device_id.take())?;
        Some(self.under(id))
    }

    fn under(self, id: DeviceId) -> Device {
        Device {
            id,
            display_name: self.display_name,
            workspace_id: self.workspace_id.or(self.place_id),
            person_id: self.person_id,
            org_id: self.org_id,
            product: self.product,
            kind: self.kind,
            serial: self.serial,
            mac: self.mac,
            ip: self.ip,
            connection_status: self.connection_status,
            software: self.software,
            upgrade_channel: self.upgrade_channel,
            tags: self.tags,
            error_codes: self.error_codes,
            location_id: self.location_id,
            capabilities: self.capabilities,
            platform: self.device_platform,
            managed_by: self.managed_by,
            maintenance: self.planned_maintenance,
            created: self.created,
            first_seen: self.first_seen,
            last_seen: self.last_seen,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device(json: &str) -> Device {
        let id = DeviceId::parse("11111111-2222-3333-4444-555555555555").unwrap();
        serde_json::from_str::<WireDevice>(json).unwrap().into_device(id).unwrap()
    }

    #[test]
    fn an_answer_that_is_not_the_device_that_was_asked_for_is_none() {
        let asked = DeviceId::parse("11111111-2222-3333-4444-555555555555").unwrap();
        let other = "99999999-2222-3333-4444-555555555555";
        for json in [
            "{}".to_owned(),
            r#"{"items":[]}"#.to_owned(),
            r#"{"message":"all is well"}"#.to_owned(),
            format!(r#"{{"id":"{other}","created":"2025-04-21T17:00:00.000Z"}}"#),
        ] {
            let device = serde_json::from_str::<WireDevice>(&json).unwrap().into_device(asked.clone());
            assert_eq!(device, None, "{json}");
        }
        let twin = format!(r#"{{"id":"{other}","webexDeviceId":"{asked}"}}"#);
        assert!(serde_json::from_str::<WireDevice>(&twin).unwrap().into_device(asked).is_some());
    }

    #[test]
    fn a_device_of_a_list_goes_by_its_own_id_and_one_without_is_none() {
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
    fn a_device_may_lack_everything() {
        let bare = device(r#"{"created":"2025-04-21T17:00:00.000Z"}"#);
        assert_eq!((bare.serial, bare.tags, bare.last_seen), (None, vec![], None));
    }

    #[test]
    fn a_device_with_odd_fields_is_still_read() {
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
