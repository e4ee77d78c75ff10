//! The envelope of a delivery: what happened to which object. Never what was said: that is fetched.

use serde::Deserialize;

use crate::domain::{EmailAddress, MessageId, PersonId};
use crate::store::DeliveryKey;

/// The parts of a delivery that Steward reads (Webex, *Webhooks* guide). Unknown and missing fields are
/// normal.
#[derive(Debug, Deserialize)]
pub struct Envelope {
    /// What it is about: `messages` …
    pub resource: String,
    /// What happened to it: `created` …
    pub event: String,
    /// The object.
    pub data: Data,
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
}

/// Characters of an id or a name of a resource that are stored at most.
const LONGEST_PART: usize = 512;

impl Envelope {
    /// Reads the envelope of a delivery whose signature was checked; nothing if it is no Webex event.
    #[must_use]
    pub fn parse(body: &[u8]) -> Option<Self> {
        let envelope: Self = serde_json::from_slice(body).ok()?;
        let good =
            |part: &str| !part.is_empty() && part.len() <= LONGEST_PART && !part.contains(char::is_control);
        (good(&envelope.resource) && good(&envelope.event) && good(&envelope.data.id)).then_some(envelope)
    }

    /// What makes two deliveries the same one.
    #[must_use]
    pub fn key(&self) -> DeliveryKey {
        DeliveryKey::event(&self.resource, &self.event, &self.data.id)
    }

    /// The message that was written, if that is what happened.
    #[must_use]
    pub fn new_message(&self) -> Option<MessageId> {
        (self.resource == "messages" && self.event == "created")
            .then(|| MessageId::parse(&self.data.id).ok())
            .flatten()
    }

    /// Whether it was written by this person or by any bot: such a message is never looked at.
    #[must_use]
    pub fn is_by_a_bot(&self, bot: &PersonId) -> bool {
        let by_ours =
            self.data.person_id.as_deref().is_some_and(|id| PersonId::parse(id).is_ok_and(|id| id == *bot));
        let by_another = self
            .data
            .person_email
            .as_deref()
            .is_some_and(|text| EmailAddress::parse(text).is_ok_and(|e| e.is_a_bot()));
        by_ours || by_another
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
    fn an_event_is_known_by_resource_event_and_object() {
        let parse = |body: &str| Envelope::parse(body.as_bytes());
        let first =
            parse(r#"{"id":"wh-1","resource":"messages","event":"created","data":{"id":"m1","new":1}}"#);
        let second = parse(r#"{"id":"wh-2","event":"created","data":{"id":"m1"},"resource":"messages"}"#);
        assert_eq!(first.unwrap().key(), second.unwrap().key());
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
            assert!(Envelope::parse(body.as_bytes()).is_none(), "{body:.60}");
        }
    }
}
