//! The client with the bot token: who am I, what was said, say something.

use jiff::Timestamp;
use reqwest::Method;
use serde::Serialize;
use serde_json::value::RawValue;

use super::error::WebexError;
use super::paging::{Cursor, Page};
use super::throttle::Credential;
use super::token::BotToken;
use super::transport::{Call, Transport};
use super::wire::{Items, WireMessage, WirePerson};
use crate::domain::{Actor, EmailAddress, MessageId, PersonId, SpaceId, Thread};

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
    pub is_sealed: bool,
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
pub struct Posting<'a> {
    /// Where.
    pub space_id: &'a SpaceId,
    /// The root message of the thread it belongs to.
    pub parent_id: Option<&'a MessageId>,
    /// Plain text: never parsed as markdown. At most 7439 bytes.
    pub text: &'a str,
    /// An Adaptive Card 1.3.
    pub card: Option<&'a RawValue>,
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
    ) -> Result<Page<T>, WebexError> {
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
    pub async fn people_with(&self, email: &EmailAddress) -> Result<Vec<Actor>, WebexError> {
        let query = [("email", email.as_str())];
        let found: Items<WirePerson> = self.fetch(Call::get(&["people"]).query(&query)).await?;
        Ok(found.items.into_iter().map(WirePerson::into_actor).collect())
    }

    /// What was said: `GET /messages/{messageId}` (Webex, *Messages*: Get Message Details).
    pub async fn message(&self, id: &MessageId) -> Result<ChatMessage, WebexError> {
        let message: WireMessage = self.fetch(Call::get(&["messages", id.as_str()])).await?;
        Ok(message.into_message())
    }

    /// Says something: `POST /messages` (Webex, *Messages*: Create a Message).
    pub async fn post(&self, posting: &Posting<'_>) -> Result<MessageId, WebexError> {
        let body = PostBody {
            room_id: posting.space_id,
            parent_id: posting.parent_id,
            text: posting.text,
            attachments: posting.card.map(|content| {
                [Attachment { content_type: "application/vnd.microsoft.card.adaptive", content }]
            }),
        };
        let posted: PostedMessage = self.fetch(Call::new(Method::POST, &["messages"]).json(&body)).await?;
        Ok(posted.id)
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PostBody<'a> {
    room_id: &'a SpaceId,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_id: Option<&'a MessageId>,
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    attachments: Option<[Attachment<'a>; 1]>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Attachment<'a> {
    content_type: &'static str,
    content: &'a RawValue,
}

#[derive(serde::Deserialize)]
struct PostedMessage {
    id: MessageId,
}
