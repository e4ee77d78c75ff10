//! Webex's JSON, as far as Steward reads it, and its way into domain types.
//!
//! Lenient on purpose: any field may be missing, unknown ones are normal, enums are open strings.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer};

use crate::domain::{
    Actor, Device, DeviceId, EmailAddress, LocationId, MessageId, OrgId, PersonId, SpaceId, WorkspaceId,
};

use super::bot::ChatMessage;

/// A list answer.
#[derive(Deserialize)]
pub(super) struct Items<T> {
    #[serde(default = "Vec::new")]
    pub(super) items: Vec<T>,
}

/// What is missing, null or malformed is not there: it must not make the whole record unreadable.
fn lenient<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: TryFrom<String>,
{
    let value = Option::<serde_json::Value>::deserialize(deserializer)?;
    Ok(value.and_then(|value| value.as_str().and_then(|text| T::try_from(text.to_owned()).ok())))
}

/// The texts of a list, or none where Webex wrote something else.
fn lenient_list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let value = Option::<serde_json::Value>::deserialize(deserializer)?;
    let items = value.and_then(|value| value.as_array().cloned()).unwrap_or_default();
    Ok(items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect())
}

/// A moment, or nothing where Webex wrote something else.
fn lenient_moment<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    let value = Option::<serde_json::Value>::deserialize(deserializer)?;
    Ok(value.and_then(|value| value.as_str().and_then(|text| text.parse().ok())))
}

/// Planned maintenance: an object with a `mode` in the schema, a bare string in the example (Webex, *Devices*).
fn lenient_mode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let value = Option::<serde_json::Value>::deserialize(deserializer)?.unwrap_or_default();
    Ok(value.as_str().or_else(|| value["mode"].as_str()).map(str::to_owned))
}

/// *People*: `GET /people/{id}`, `GET /people/me`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WirePerson {
    pub(super) id: PersonId,
    #[serde(default)]
    emails: Vec<String>,
    #[serde(default)]
    pub(super) display_name: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) org_id: Option<OrgId>,
    #[serde(default, rename = "type")]
    kind: Option<String>,
}

impl WirePerson {
    pub(super) fn into_actor(self) -> Actor {
        let email = self.emails.iter().find_map(|text| EmailAddress::parse(text).ok());
        let is_machine = self.kind.as_deref().is_some_and(|kind| kind != "person")
            || email.as_ref().is_some_and(EmailAddress::is_a_bot);
        Actor {
            person_id: self.id,
            org_id: self.org_id,
            email,
            display_name: self.display_name.unwrap_or_default(),
            is_machine,
        }
    }
}

/// *Rooms*: `GET /rooms`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireRoom {
    pub(super) id: SpaceId,
    #[serde(default, rename = "type")]
    pub(super) kind: Option<String>,
    #[serde(default, deserialize_with = "lenient_moment")]
    pub(super) last_activity: Option<Timestamp>,
}

/// *Messages*: `GET /messages/{id}`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireMessage {
    pub(super) id: MessageId,
    #[serde(default, deserialize_with = "lenient")]
    parent_id: Option<MessageId>,
    room_id: SpaceId,
    #[serde(default)]
    room_type: Option<String>,
    person_id: PersonId,
    #[serde(default)]
    person_email: Option<String>,
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    html: Option<String>,
    #[serde(default)]
    mentioned_people: Vec<String>,
    #[serde(default, deserialize_with = "lenient_moment")]
    created: Option<Timestamp>,
    /// Present where a field could not be decrypted (`kms_failure`).
    #[serde(default)]
    errors: Option<serde_json::Value>,
}

impl WireMessage {
    pub(super) fn into_message(self) -> ChatMessage {
        ChatMessage {
            id: self.id,
            parent_id: self.parent_id,
            space_id: self.room_id,
            in_group: self.room_type.as_deref() != Some("direct"),
            person_id: self.person_id,
            is_by_a_bot: self
                .person_email
                .is_some_and(|text| EmailAddress::parse(&text).is_ok_and(|email| email.is_a_bot())),
            mentions: self.mentioned_people.iter().filter_map(|id| PersonId::parse(id).ok()).collect(),
            is_sealed: self.errors.is_some() && self.text.is_none() && self.html.is_none(),
            text: self.text,
            html: self.html,
            created: self.created,
        }
    }
}

/// *Devices*: `GET /devices/{id}`. Only `created` is documented as required; even `id` may be null.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct WireDevice {
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
    pub(super) org_id: Option<OrgId>,
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
    pub(super) fn into_device(self, id: DeviceId) -> Option<Device> {
        let ids = [&self.id, &self.webex_device_id, &self.calling_device_id];
        let mut given = ids.into_iter().flatten().peekable();
        let is_the_one = match given.peek() {
            Some(_) => given.any(|given| *given == id),
            None => self.created.is_some(),
        };
        is_the_one.then(|| Device {
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
        })
    }
}

/// *Workspaces*: `GET /workspaces/{id}`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireWorkspace {
    #[serde(default)]
    pub(super) display_name: Option<String>,
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

    #[test]
    fn bots_and_machine_accounts_are_no_humans() {
        let actor = |json: &str| serde_json::from_str::<WirePerson>(json).unwrap().into_actor();
        assert!(!actor(r#"{"id":"a","emails":["ana@example.com"],"type":"person"}"#).is_machine);
        assert!(actor(r#"{"id":"a","emails":["ana@example.com"],"type":"bot"}"#).is_machine);
        assert!(actor(r#"{"id":"a","type":"appuser"}"#).is_machine);
        assert!(actor(r#"{"id":"a","emails":["helper@webex.bot"]}"#).is_machine);
    }
}
