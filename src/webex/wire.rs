//! Webex's JSON, as far as Steward reads it, and its way into domain types.
//!
//! Lenient on purpose: any field may be missing, unknown ones are normal, enums are open strings.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer};

use crate::domain::{ActionId, Actor, EmailAddress, MessageId, OrgId, PersonId, SpaceId};

use super::bot::ChatMessage;
use super::press::AttachmentAction;

mod device;
mod place;

pub(super) use device::WireDevice;
pub(super) use place::{WireLocation, WireModel, WireOrganization, WireWorkspace};

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
    match Option::<serde_json::Value>::deserialize(deserializer)? {
        Some(serde_json::Value::String(text)) => Ok(T::try_from(text).ok()),
        _ => Ok(None),
    }
}

/// A moment, or nothing where Webex wrote something else.
fn lenient_moment<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    let value = Option::<serde_json::Value>::deserialize(deserializer)?;
    Ok(value.and_then(|value| value.as_str().and_then(|text| text.parse().ok())))
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
            is_undecryptable: self.errors.is_some() && self.text.is_none() && self.html.is_none(),
            text: self.text,
            html: self.html,
            created: self.created,
        }
    }
}

/// *Attachment Actions*: `GET /attachment/actions/{id}`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireAction {
    id: ActionId,
    message_id: MessageId,
    room_id: SpaceId,
    person_id: PersonId,
    #[serde(default, deserialize_with = "lenient_map")]
    inputs: serde_json::Map<String, serde_json::Value>,
    #[serde(default, deserialize_with = "lenient_moment")]
    created: Option<Timestamp>,
}

/// The fields of an object, or none where somebody sent something else.
fn lenient_map<'de, D>(deserializer: D) -> Result<serde_json::Map<String, serde_json::Value>, D::Error>
where
    D: Deserializer<'de>,
{
    match Option::<serde_json::Value>::deserialize(deserializer)? {
        Some(serde_json::Value::Object(fields)) => Ok(fields),
        _ => Ok(serde_json::Map::new()),
    }
}

impl WireAction {
    pub(super) fn into_press(self) -> AttachmentAction {
        AttachmentAction {
            id: self.id,
            message_id: self.message_id,
            space_id: self.room_id,
            person_id: self.person_id,
            inputs: self.inputs,
            created: self.created,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bots_and_machine_accounts_are_no_humans() {
        let actor = |json: &str| serde_json::from_str::<WirePerson>(json).unwrap().into_actor();
        assert!(!actor(r#"{"id":"a","emails":["ana@example.com"],"type":"person"}"#).is_machine);
        assert!(actor(r#"{"id":"a","emails":["ana@example.com"],"type":"bot"}"#).is_machine);
        assert!(actor(r#"{"id":"a","type":"appuser"}"#).is_machine);
        assert!(actor(r#"{"id":"a","emails":["helper@webex.bot"]}"#).is_machine);
    }
}
