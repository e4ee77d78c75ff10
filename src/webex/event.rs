//! The envelope of a delivery: what happened to which object. Never what was said: that is fetched.

use serde::Deserialize;

use crate::domain::{ActionId, EmailAddress, MembershipId, MessageId, PersonId, SpaceId};

/// The parts of a delivery that Steward reads (Webex, *Webhooks* guide). Unknown and missing fields are
/// normal.
#[derive(Debug, Deserialize)]
pub struct WebhookEvent {
    /// What it is about: `messages` …
    pub resource: String,
    /// What happened to it: `created` …
    pub event: String,
    /// Who made it happen.
    #[serde(default, rename = "actorId")]
    pub actor_id: Option<String>,
    /// The object.
    pub data: Data,
}

/// The bot was added to a space.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BotAdded {
    /// Its being there.
    pub membership_id: MembershipId,
    /// Where.
    pub space_id: SpaceId,
    /// A group space rather than a direct one.
    pub in_group: bool,
    /// Who added it, if Webex tells.
    pub actor_id: Option<PersonId>,
}

/// The object of a delivery.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Data {
    /// Its id.
    pub id: String,
    /// The person behind it.
    #[serde(default)]
    pub person_id: Option<String>,
    /// That person's address.
    #[serde(default)]
    pub person_email: Option<String>,
    /// The space it happened in.
    #[serde(default)]
    pub room_id: Option<String>,
    /// `group` or `direct`.
    #[serde(default)]
    pub room_type: Option<String>,
}

/// Characters of an id or a name of a resource that are stored at most.
const LONGEST_PART: usize = 512;

impl WebhookEvent {
    /// Reads the envelope of a delivery whose signature was checked; nothing if it is no Webex event.
    #[must_use]
    pub fn parse(body: &[u8]) -> Option<Self> {
        let envelope: Self = serde_json::from_slice(body).ok()?;
        let good =
            |part: &str| !part.is_empty() && part.len() <= LONGEST_PART && !part.contains(char::is_control);
        (good(&envelope.resource) && good(&envelope.event) && good(&envelope.data.id)).then_some(envelope)
    }

    /// Whether nothing can follow from it, whichever bot this is: Steward's own answers are delivered too, and the
    /// address of their author is that of a bot.
    pub(crate) fn can_be_ignored(&self) -> bool {
        match (self.resource.as_str(), self.event.as_str()) {
            ("memberships", "created") => false,
            ("messages" | "attachmentActions", "created") => self.has_a_bots_address(),
            _ => true,
        }
    }

    /// The message that was written, if that is what happened.
    #[must_use]
    pub fn created_message(&self) -> Option<MessageId> {
        (self.resource == "messages" && self.event == "created")
            .then(|| MessageId::parse(&self.data.id).ok())
            .flatten()
    }

    /// The press of a card's button, if that is what happened. What was pressed is not in the delivery.
    #[must_use]
    pub fn created_action(&self) -> Option<ActionId> {
        (self.resource == "attachmentActions" && self.event == "created")
            .then(|| ActionId::parse(&self.data.id).ok())
            .flatten()
    }

    /// The arrival of this bot in a space, if that is what happened.
    #[must_use]
    pub fn bot_added(&self, bot: &PersonId) -> Option<BotAdded> {
        if self.resource != "memberships" || self.event != "created" || self.person()? != *bot {
            return None;
        }
        Some(BotAdded {
            membership_id: MembershipId::parse(&self.data.id).ok()?,
            space_id: SpaceId::parse(self.data.room_id.as_deref()?).ok()?,
            in_group: self.data.room_type.as_deref() != Some("direct"),
            actor_id: self.actor_id.as_deref().and_then(|id| PersonId::parse(id).ok()),
        })
    }

    /// Whether it was written by this person or by any bot: such a message is never looked at.
    #[must_use]
    pub fn is_by_a_bot(&self, bot: &PersonId) -> bool {
        let by_ours =
            self.data.person_id.as_deref().is_some_and(|id| PersonId::parse(id).is_ok_and(|id| id == *bot));
        by_ours || self.has_a_bots_address()
    }

    fn has_a_bots_address(&self) -> bool {
        let address = self.data.person_email.as_deref();
        address.is_some_and(|text| EmailAddress::parse(text).is_ok_and(|address| address.is_a_bot()))
    }

    /// The person behind it.
    #[must_use]
    pub fn person(&self) -> Option<PersonId> {
        self.data.person_id.as_deref().and_then(|id| PersonId::parse(id).ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_comes_of_what_bots_write_and_of_events_that_nobody_knows() {
        let idle = |resource: &str, event: &str, email: &str| {
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
            assert_eq!(idle(resource, event, email), expected, "{resource} {event} {email}");
        }
    }

    #[test]
    fn only_a_new_action_on_an_attachment_is_a_press() {
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
    fn only_the_bots_own_membership_is_its_arrival() {
        let bot = PersonId::parse("steward").unwrap();
        let arrival = |resource: &str, event: &str, person: &str, room: &str| {
            let body = format!(
                r#"{{"resource":"{resource}","event":"{event}","actorId":"ana",
                     "data":{{"id":"m1","personId":"{person}","roomId":"{room}"}}}}"#
            );
            WebhookEvent::parse(body.as_bytes()).unwrap().bot_added(&bot)
        };
        let there = arrival("memberships", "created", "steward", "space").unwrap();
        assert_eq!((there.in_group, there.actor_id), (true, Some(PersonId::parse("ana").unwrap())));
        assert_eq!(arrival("memberships", "created", "ben", "space"), None);
        assert_eq!(arrival("memberships", "deleted", "steward", "space"), None);
        assert_eq!(arrival("messages", "created", "steward", "space"), None);
        assert_eq!(arrival("memberships", "created", "steward", "no space"), None);
    }

    #[test]
    fn what_is_no_event_has_no_envelope() {
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
