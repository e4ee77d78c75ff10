//! The JSON of a delivery: which event happened to which object. It never contains message text, which is fetched.

use serde::Deserialize;

use crate::domain::{ActionId, EmailAddress, MembershipId, MessageId, PersonId, SpaceId};

/// The fields of a delivery that Steward reads (Webex, *Webhooks* guide). Unknown and missing fields are normal.
#[derive(Debug, Deserialize)]
pub struct WebhookEvent {
    /// The resource: `messages` …
    pub resource: String,
    /// The event: `created` …
    pub event: String,
    /// The person who caused it.
    #[serde(default, rename = "actorId")]
    pub actor_id: Option<String>,
    /// The object.
    pub data: EventData,
}

/// The object of an event.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EventData {
    /// Its id.
    pub id: String,
    /// Its person: the author of a message, the member of a space.
    #[serde(default)]
    pub person_id: Option<String>,
    /// The email address of that person.
    #[serde(default)]
    pub person_email: Option<String>,
    /// Its space.
    #[serde(default)]
    pub room_id: Option<String>,
    /// `group` or `direct`.
    #[serde(default)]
    pub room_type: Option<String>,
}

/// The bot was added to a space.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BotAdded {
    /// Its membership.
    pub membership_id: MembershipId,
    /// The space.
    pub space_id: SpaceId,
    /// A group space rather than a direct one.
    pub in_group: bool,
    /// The person who added it, if Webex states it.
    pub actor_id: Option<PersonId>,
}

/// Longest id or name of a resource that is stored, in bytes.
const LONGEST_PART: usize = 512;

impl WebhookEvent {
    /// Parses the body of a delivery whose signature was verified; none if it is not a Webex event.
    pub fn parse(body: &[u8]) -> Option<Self> {
        let event: Self = serde_json::from_slice(body).ok()?;
        let is_valid =
            |part: &str| !part.is_empty() && part.len() <= LONGEST_PART && !part.contains(char::is_control);
        (is_valid(&event.resource) && is_valid(&event.event) && is_valid(&event.data.id)).then_some(event)
    }

    fn is_created(&self, resource: &str) -> bool {
        self.resource == resource && self.event == "created"
    }

    /// Whether the event needs no work. Steward's own messages are delivered too, with the email address of a bot.
    pub(crate) fn can_be_ignored(&self) -> bool {
        let is_chat = self.is_created("messages") || self.is_created("attachmentActions");
        !self.is_created("memberships") && (!is_chat || self.has_bot_email())
    }

    /// The new message, if this is one.
    pub(crate) fn created_message(&self) -> Option<MessageId> {
        self.is_created("messages").then(|| MessageId::parse(&self.data.id).ok()).flatten()
    }

    /// The press of a card's button, if this is one. The delivery does not say which button.
    pub(crate) fn created_action(&self) -> Option<ActionId> {
        self.is_created("attachmentActions").then(|| ActionId::parse(&self.data.id).ok()).flatten()
    }

    /// The addition of this bot to a space, if this is one.
    pub(crate) fn bot_added(&self, bot: &PersonId) -> Option<BotAdded> {
        if !self.is_created("memberships") || self.person()? != *bot {
            return None;
        }
        Some(BotAdded {
            membership_id: MembershipId::parse(&self.data.id).ok()?,
            space_id: SpaceId::parse(self.data.room_id.as_deref()?).ok()?,
            in_group: self.data.room_type.as_deref() != Some("direct"),
            actor_id: self.actor_id.as_deref().and_then(|id| PersonId::parse(id).ok()),
        })
    }

    /// Whether the event comes from this bot or any other. Steward ignores bots.
    pub fn is_by_a_bot(&self, bot: &PersonId) -> bool {
        self.person().is_some_and(|person| person == *bot) || self.has_bot_email()
    }

    fn has_bot_email(&self) -> bool {
        let email = self.data.person_email.as_deref();
        email.is_some_and(|text| EmailAddress::parse(text).is_ok_and(|email| email.is_a_bot()))
    }

    /// The person of the object.
    pub(crate) fn person(&self) -> Option<PersonId> {
        self.data.person_id.as_deref().and_then(|id| PersonId::parse(id).ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_of_bots_and_unknown_events_are_ignored() {
        let ignored = |resource: &str, event: &str, email: &str| {
            let body = format!(
                r#"{{"resource":"{resource}","event":"{event}","data":{{"id":"m1","personEmail":"{email}"}}}}"#
            );
            WebhookEvent::parse(body.as_bytes()).unwrap().can_be_ignored()
        };
        for (resource, event, email, expected) in [
            ("messages", "created", "ana@example.com", false),
            ("messages", "created", "", false),
            ("messages", "created", "steward@webex.bot", true),
            ("messages", "deleted", "ana@example.com", true),
            ("attachmentActions", "created", "ana@example.com", false),
            ("attachmentActions", "created", "other@webex.bot", true),
            ("attachmentActions", "updated", "ana@example.com", true),
            ("memberships", "created", "steward@webex.bot", false),
            ("memberships", "deleted", "ana@example.com", true),
            ("teleports", "beamed", "ana@example.com", true),
        ] {
            assert_eq!(ignored(resource, event, email), expected, "{resource} {event} {email}");
        }
    }

    #[test]
    fn only_a_created_attachment_action_is_a_press() {
        let press = |resource: &str, event: &str, id: &str| {
            let body = format!(r#"{{"resource":"{resource}","event":"{event}","data":{{"id":"{id}"}}}}"#);
            WebhookEvent::parse(body.as_bytes()).unwrap().created_action()
        };
        assert_eq!(press("attachmentActions", "created", "a1"), ActionId::parse("a1").ok());
        assert_eq!(press("attachmentActions", "deleted", "a1"), None);
        assert_eq!(press("messages", "created", "a1"), None);
        assert_eq!(press("attachmentActions", "created", "../devices"), None);
    }

    #[test]
    fn only_its_own_membership_adds_the_bot() {
        let bot = PersonId::parse("steward").unwrap();
        let added = |resource: &str, event: &str, person: &str, room: &str| {
            let body = format!(
                r#"{{"resource":"{resource}","event":"{event}","actorId":"ana",
                     "data":{{"id":"m1","personId":"{person}","roomId":"{room}"}}}}"#
            );
            WebhookEvent::parse(body.as_bytes()).unwrap().bot_added(&bot)
        };
        let membership = added("memberships", "created", "steward", "space").unwrap();
        assert_eq!((membership.in_group, membership.actor_id), (true, Some(PersonId::parse("ana").unwrap())));
        assert_eq!(added("memberships", "created", "ben", "space"), None);
        assert_eq!(added("memberships", "deleted", "steward", "space"), None);
        assert_eq!(added("messages", "created", "steward", "space"), None);
        assert_eq!(added("memberships", "created", "steward", "no space"), None);
    }

    #[test]
    fn other_json_is_no_event() {
        let long =
            format!(r#"{{"resource":"messages","event":"created","data":{{"id":"{}"}}}}"#, "a".repeat(513));
        for body in [
            "",
            "null",
            "[]",
            "{}",
            "hello",
            r#"{"resource":"messages","event":"created","data":{"id":""}}"#,
            r#"{"resource":"messages","event":"created","data":{"id":"m\u0000"}}"#,
            &long,
        ] {
            assert!(WebhookEvent::parse(body.as_bytes()).is_none(), "{body:.60}");
        }
    }
}
