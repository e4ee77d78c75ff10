//! People, messages, presses of buttons, and spaces.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::lenient::{self, Lenient};
use crate::domain::{ActionId, Actor, EmailAddress, MessageId, OrgId, PersonId, SpaceId, Thread};

/// *People*: `GET /people/{id}`, `GET /people/me`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WirePerson {
    id: PersonId,
    #[serde(default)]
    emails: Vec<String>,
    #[serde(default)]
    display_name: Option<String>,
    #[serde(default)]
    org_id: Lenient<OrgId>,
    #[serde(default, rename = "type")]
    kind: Option<String>,
}

impl WirePerson {
    pub(in crate::webex) fn kind(&self) -> Option<&str> {
        self.kind.as_deref()
    }

    pub(in crate::webex) fn into_actor(self) -> Actor {
        let email = self.emails.iter().find_map(|text| EmailAddress::parse(text).ok());
        let is_machine = self.kind.as_deref().is_some_and(|kind| kind != "person")
            || email.as_ref().is_some_and(EmailAddress::is_a_bot);
        Actor {
            person_id: self.id,
            org_id: self.org_id.0,
            email,
            display_name: self.display_name.unwrap_or_default(),
            is_machine,
        }
    }
}

/// A space that the bot is in: *Rooms*: `GET /rooms`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Space {
    /// Its id.
    pub id: SpaceId,
    /// A group space rather than a direct one.
    #[serde(default = "group", rename = "type", deserialize_with = "is_group")]
    pub in_group: bool,
    /// The time of the last message in it, if Webex states it.
    #[serde(default, deserialize_with = "lenient::timestamp")]
    pub last_activity: Option<Timestamp>,
}

fn group() -> bool {
    true
}

fn is_group<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.as_deref() != Some("direct"))
}

/// A message from a person or bot.
#[derive(Debug, Clone)]
pub struct ChatMessage {
    /// Its id.
    pub id: MessageId,
    /// The root of its thread.
    pub parent_id: Option<MessageId>,
    /// Its space.
    pub space_id: SpaceId,
    /// In a group space, where the bot must be mentioned, rather than a direct one.
    pub in_group: bool,
    /// Its author.
    pub person_id: PersonId,
    /// Whether the author has the email address of a bot.
    pub is_by_a_bot: bool,
    /// The people it mentions.
    pub mentions: Vec<PersonId>,
    /// Whether Webex could not decrypt it. Webex may be able to later.
    pub is_undecryptable: bool,
    /// The plain text; none if the message is only a file.
    pub text: Option<String>,
    /// The formatted text, with mentions as elements.
    pub html: Option<String>,
    /// When it was written.
    pub created: Option<Timestamp>,
}

impl ChatMessage {
    /// The thread it belongs to or starts.
    pub(crate) fn thread(&self) -> Thread {
        let root = self.parent_id.as_ref().unwrap_or(&self.id);
        Thread { space_id: self.space_id.clone(), root_id: root.clone() }
    }
}

/// *Messages*: `GET /messages/{id}`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WireMessage {
    id: MessageId,
    #[serde(default)]
    parent_id: Lenient<MessageId>,
    room_id: SpaceId,
    #[serde(default = "group", rename = "roomType", deserialize_with = "is_group")]
    in_group: bool,
    person_id: PersonId,
    #[serde(default)]
    person_email: Option<String>,
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    html: Option<String>,
    #[serde(default)]
    mentioned_people: Vec<String>,
    #[serde(default, deserialize_with = "lenient::timestamp")]
    created: Option<Timestamp>,
    /// Present when a field could not be decrypted (`kms_failure`).
    #[serde(default)]
    errors: Option<Value>,
}

impl WireMessage {
    pub(in crate::webex) fn into_message(self) -> ChatMessage {
        let email = self.person_email.and_then(|text| EmailAddress::parse(&text).ok());
        ChatMessage {
            id: self.id,
            parent_id: self.parent_id.0,
            space_id: self.room_id,
            in_group: self.in_group,
            person_id: self.person_id,
            is_by_a_bot: email.is_some_and(|email| email.is_a_bot()),
            mentions: self.mentioned_people.iter().filter_map(|id| PersonId::parse(id).ok()).collect(),
            is_undecryptable: self.errors.is_some() && self.text.is_none() && self.html.is_none(),
            text: self.text,
            html: self.html,
            created: self.created,
        }
    }
}

/// A press of a card's button: *Attachment Actions*: `GET /attachment/actions/{id}`. Anyone in the space can press, any
/// number of times, and send any inputs: the person is certain, the inputs must be checked.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AttachmentAction {
    /// Its id.
    pub id: ActionId,
    /// The message with the card.
    pub message_id: MessageId,
    /// The space of that message.
    #[serde(rename = "roomId")]
    pub space_id: SpaceId,
    /// The person who pressed.
    pub person_id: PersonId,
    /// The button's data and the entered values, as sent by the person's client.
    #[serde(default, deserialize_with = "lenient::object")]
    pub inputs: Map<String, Value>,
    /// When it was pressed.
    #[serde(default, deserialize_with = "lenient::timestamp")]
    pub created: Option<Timestamp>,
}

/// Without the inputs, which may hold a plan's reference.
impl fmt::Debug for AttachmentAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, message_id, person_id, .. } = self;
        write!(f, "AttachmentAction({id} of {message_id} by {person_id})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bots_and_machine_accounts_are_machines() {
        let actor = |json: &str| serde_json::from_str::<WirePerson>(json).unwrap().into_actor();
        assert!(!actor(r#"{"id":"a","emails":["ana@example.com"],"type":"person"}"#).is_machine);
        assert!(actor(r#"{"id":"a","emails":["ana@example.com"],"type":"bot"}"#).is_machine);
        assert!(actor(r#"{"id":"a","type":"appuser"}"#).is_machine);
        assert!(actor(r#"{"id":"a","emails":["helper@webex.bot"]}"#).is_machine);
    }

    #[test]
    fn inputs_of_any_shape_are_read() {
        let inputs = |json: &str| {
            let action =
                format!(r#"{{"id":"a","messageId":"m","roomId":"s","personId":"p","inputs":{json}}}"#);
            serde_json::from_str::<AttachmentAction>(&action).unwrap().inputs
        };
        for json in ["null", "[1,2]", r#""ref""#, "7", "{}"] {
            assert!(inputs(json).is_empty(), "{json}");
        }
        assert!(inputs(r#"{"ref":{"deep":[null]}}"#)["ref"].is_object());
    }

    #[test]
    fn spaces_and_messages_without_a_type_are_in_groups() {
        for (kind, in_group) in [("", true), (r#","type":null"#, true), (r#","type":"direct""#, false)] {
            let space: Space = serde_json::from_str(&format!(r#"{{"id":"s"{kind}}}"#)).unwrap();
            assert_eq!(space.in_group, in_group, "{kind}");
        }
    }
}
