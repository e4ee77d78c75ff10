//! The client with the bot token: who am I, what was said, say something.

use std::borrow::Cow;

use jiff::Timestamp;
use reqwest::Method;
use secrecy::SecretString;
use serde::Serialize;
use serde_json::value::RawValue;

use super::error::WebexError;
use super::paging::{Cursor, ListPage};
use super::throttle::Credential;
use super::token::BotToken;
use super::transport::{Call, Transport};
use super::wire::{Items, WireMessage, WirePerson};
use crate::domain::{Actor, EmailAddress, MessageId, PersonId, SpaceId, Thread};

/// Bytes of a message's text at most; above that Webex answers 400 (Webex, *Messages*: Create a Message).
pub(super) const LONGEST_TEXT: usize = 7439;
/// Stands at the end of a text that was cut.
const CUT: &str = "…";

/// Talks to Webex as the bot.
#[derive(Debug, Clone)]
pub struct BotClient {
    transport: Transport,
    token: BotToken,
}

/// The bot itself.
#[derive(Debug, Clone)]
pub struct BotIdentity {
    /// Its person id: what mentions carry. Not the *Bot ID* of the developer portal.
    pub person_id: PersonId,
    /// Its display name; a mention usually shows the first word.
    pub display_name: String,
}

/// A message as somebody wrote it.
#[derive(Debug, Clone)]
pub struct ChatMessage {
    /// Its id.
    pub id: MessageId,
    /// The root of the thread it was written in.
    pub parent_id: Option<MessageId>,
    /// The space it was written in.
    pub space_id: SpaceId,
    /// A group space, where the bot is mentioned, rather than a direct one.
    pub in_group: bool,
    /// Who wrote it.
    pub person_id: PersonId,
    /// Whether the author's address is that of a bot.
    pub is_by_a_bot: bool,
    /// The people it mentions.
    pub mentions: Vec<PersonId>,
    /// Webex could not decrypt it just now; later it may.
    pub is_undecryptable: bool,
    /// The plain text; missing in a message that is only a file.
    pub text: Option<String>,
    /// The formatted text, with mentions as elements.
    pub html: Option<String>,
    /// When it was written.
    pub created: Option<Timestamp>,
}

impl ChatMessage {
    /// The thread it stands in, or starts.
    #[must_use]
    pub fn thread(&self) -> Thread {
        let root = self.parent_id.as_ref().unwrap_or(&self.id);
        Thread { space_id: self.space_id.clone(), root_id: root.clone() }
    }
}

/// What is posted.
#[derive(Debug)]
pub struct NewMessage<'a> {
    /// Where.
    pub space_id: &'a SpaceId,
    /// The root message of the thread it belongs to.
    pub parent_id: Option<&'a MessageId>,
    /// Plain text: never parsed as markdown. What is beyond 7439 bytes is cut off.
    pub text: &'a str,
    /// An Adaptive Card 1.3.
    pub card: Option<&'a RawValue>,
}

/// A message that was posted to one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectMessage {
    /// The message.
    pub id: MessageId,
    /// The space of the two that it stands in.
    pub space_id: SpaceId,
}

impl BotClient {
    /// A client with this token.
    #[must_use]
    pub fn new(transport: Transport, token: BotToken) -> Self {
        Self { transport: transport.with(Credential::Bot), token }
    }

    pub(super) async fn fetch<T: serde::de::DeserializeOwned>(
        &self,
        call: Call<'_>,
    ) -> Result<T, WebexError> {
        self.transport.fetch(self.token.bearer(), call).await
    }

    pub(super) async fn fetch_page<T: serde::de::DeserializeOwned>(
        &self,
        call: Call<'_>,
    ) -> Result<ListPage<T>, WebexError> {
        self.transport.fetch_page(self.token.bearer(), call).await
    }

    pub(super) async fn fetch_all<T: serde::de::DeserializeOwned>(
        &self,
        call: Call<'_>,
        most_pages: usize,
    ) -> Result<Vec<T>, WebexError> {
        self.transport.fetch_all(self.token.bearer(), call, most_pages).await
    }

    pub(super) async fn send(&self, call: Call<'_>) -> Result<(), WebexError> {
        self.transport.send(self.token.bearer(), call).await.map(|_| ())
    }

    /// Where a list goes on, from its kept form, if that still lies at the configured address.
    #[must_use]
    pub fn cursor(&self, kept: &str) -> Option<Cursor> {
        self.transport.cursor(kept)
    }

    /// Who the bot is: `GET /people/me` (Webex, *People*: Get My Own Details).
    pub async fn identity(&self) -> Result<BotIdentity, WebexError> {
        let me: WirePerson = self.fetch(Call::get(&["people", "me"])).await?;
        let name = me.display_name.clone().unwrap_or_default();
        Ok(BotIdentity { person_id: me.into_actor().person_id, display_name: name })
    }

    /// Who somebody is: `GET /people/{personId}` (Webex, *People*: Get Person Details).
    pub async fn person(&self, id: &PersonId) -> Result<Actor, WebexError> {
        let person: WirePerson = self.fetch(Call::get(&["people", id.as_str()])).await?;
        Ok(person.into_actor())
    }

    /// The people with this address: `GET /people?email=` (Webex, *People*: List People).
    pub async fn people_by_email(&self, email: &EmailAddress) -> Result<Vec<Actor>, WebexError> {
        let query = [("email", email.as_str())];
        let found: Items<WirePerson> = self.fetch(Call::get(&["people"]).query(&query)).await?;
        Ok(found.items.into_iter().map(WirePerson::into_actor).collect())
    }

    /// What was said: `GET /messages/{messageId}` (Webex, *Messages*: Get Message Details).
    pub async fn message(&self, id: &MessageId) -> Result<ChatMessage, WebexError> {
        let message: WireMessage = self.fetch(Call::get(&["messages", id.as_str()])).await?;
        Ok(message.into_message())
    }

    pub(super) fn transport(&self) -> &Transport {
        &self.transport
    }

    pub(super) fn bearer(&self) -> &SecretString {
        self.token.bearer()
    }

    /// Says something: `POST /messages` (Webex, *Messages*: Create a Message).
    pub async fn post(&self, posting: &NewMessage<'_>) -> Result<MessageId, WebexError> {
        let body = PostBody {
            room_id: Some(posting.space_id),
            parent_id: posting.parent_id,
            ..PostBody::new(posting.text, posting.card)
        };
        let posted: PostedMessage = self.fetch(Call::new(Method::POST, &["messages"]).json(&body)).await?;
        Ok(posted.id)
    }

    /// Says something to one person alone, in the space of the two that Webex makes if there is none:
    /// `POST /messages` with `toPersonId` (Webex, *Messages*: Create a Message).
    pub async fn post_to_person(
        &self,
        person: &PersonId,
        text: &str,
        card: Option<&RawValue>,
    ) -> Result<DirectMessage, WebexError> {
        let body = PostBody { to_person_id: Some(person), ..PostBody::new(text, card) };
        let posted: PostedToPerson = self.fetch(Call::new(Method::POST, &["messages"]).json(&body)).await?;
        Ok(DirectMessage { id: posted.id, space_id: posted.room_id })
    }

    /// Takes back one of the bot's own messages: `DELETE /messages/{messageId}` (Webex, *Messages*: Delete a Message).
    /// One that is not there any more is as good as deleted.
    pub async fn delete_message(&self, id: &MessageId) -> Result<(), WebexError> {
        match self.send(Call::new(Method::DELETE, &["messages", id.as_str()])).await {
            // A good status with an odd body says all that matters.
            Err(WebexError::NotFound(_) | WebexError::Unreadable { .. }) => Ok(()),
            answer => answer,
        }
    }
}

/// The text, or as much of it as Webex takes, cut between two characters.
pub(super) fn fitting(text: &str) -> Cow<'_, str> {
    if text.len() <= LONGEST_TEXT {
        return Cow::Borrowed(text);
    }
    let end = text.floor_char_boundary(LONGEST_TEXT - CUT.len());
    Cow::Owned(format!("{}{CUT}", &text[..end]))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PostBody<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    room_id: Option<&'a SpaceId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to_person_id: Option<&'a PersonId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_id: Option<&'a MessageId>,
    text: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attachments: Option<[Attachment<'a>; 1]>,
}

impl<'a> PostBody<'a> {
    /// A message to nowhere yet.
    fn new(text: &'a str, card: Option<&'a RawValue>) -> Self {
        let attachments = card
            .map(|content| [Attachment { content_type: "application/vnd.microsoft.card.adaptive", content }]);
        Self { room_id: None, to_person_id: None, parent_id: None, text: fitting(text), attachments }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Attachment<'a> {
    content_type: &'static str,
    content: &'a RawValue,
}

#[derive(serde::Deserialize)]
pub(super) struct PostedMessage {
    pub(super) id: MessageId,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct PostedToPerson {
    id: MessageId,
    room_id: SpaceId,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fake_server::{FakeAnswer, FakeServer};
    use super::*;

    #[tokio::test]
    async fn what_is_for_one_person_goes_to_that_person_and_says_where_it_stands() {
        let stage = FakeServer::new(|_| FakeAnswer::json(json!({ "id": "m-1", "roomId": "space-9" }))).await;
        let card = RawValue::from_string(r#"{"type":"AdaptiveCard"}"#.to_owned()).unwrap();
        let ana = PersonId::parse("ana").unwrap();
        let posted = stage.bot().post_to_person(&ana, "Here it is", Some(&card)).await.unwrap();
        assert_eq!((posted.id.as_str(), posted.space_id.as_str()), ("m-1", "space-9"));
        let content_type = "application/vnd.microsoft.card.adaptive";
        assert_eq!(
            stage.heard()[0].json(),
            json!({
                "toPersonId": "ana", "text": "Here it is",
                "attachments": [{ "contentType": content_type, "content": { "type": "AdaptiveCard" } }],
            })
        );
    }

    #[tokio::test]
    async fn a_text_that_is_too_long_never_leaves_whole() {
        let stage = FakeServer::new(|_| FakeAnswer::json(json!({ "id": "m-1", "roomId": "space-9" }))).await;
        let (bot, text) = (stage.bot(), "ä".repeat(LONGEST_TEXT));
        let space_id = SpaceId::parse("space-1").unwrap();
        bot.post(&NewMessage { space_id: &space_id, parent_id: None, text: &text, card: None })
            .await
            .unwrap();
        bot.post_to_person(&PersonId::parse("ana").unwrap(), &text, None).await.unwrap();
        for call in stage.heard() {
            assert!(call.json()["text"].as_str().unwrap().len() <= LONGEST_TEXT);
        }
    }

    #[tokio::test]
    async fn a_message_that_is_gone_already_counts_as_deleted() {
        for (status, error) in [
            (204, None),
            (200, None),
            (404, None),
            (410, None),
            (403, Some("refused")),
            (500, Some("troubled")),
        ] {
            let stage = FakeServer::new(move |_| FakeAnswer::status(status)).await;
            let answer = stage.bot().delete_message(&MessageId::parse("m-1").unwrap()).await;
            assert_eq!(answer.err().map(|error| error.as_str()), error, "{status}");
            assert_eq!(stage.lines(), ["DELETE /messages/m-1"]);
        }
    }

    #[test]
    fn a_text_is_cut_only_where_webex_would_refuse_it_and_between_two_characters() {
        assert_eq!(LONGEST_TEXT, crate::cards::LONGEST_TEXT_BYTES);
        let just = "a".repeat(LONGEST_TEXT);
        assert_eq!(fitting(&just), just);
        for long in ["a".repeat(LONGEST_TEXT + 1), "ä🦀".repeat(LONGEST_TEXT)] {
            let cut = fitting(&long);
            assert!(cut.len() <= LONGEST_TEXT && cut.len() > LONGEST_TEXT - 4, "{}", cut.len());
            assert!(cut.ends_with('…') && long.starts_with(cut.trim_end_matches('…')));
        }
    }
}
