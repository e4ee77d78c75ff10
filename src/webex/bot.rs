//! The client with the bot token. The calls here read people, spaces, messages and button presses; [`super::posting`]
//! holds those that write.

use secrecy::SecretString;
use serde::de::DeserializeOwned;

use super::cursor::Cursor;
use super::error::WebexError;
use super::paging::ListPage;
use super::rate_limit::Credential;
use super::token::BotToken;
use super::transport::{Call, Success, Transport, asked_for};
use super::wire::{AttachmentAction, ChatMessage, Items, Space, WireMessage, WirePerson};
use crate::domain::clock::ClockDeviation;
use crate::domain::{ActionId, Actor, EmailAddress, MessageId, PersonId, SpaceId, Thread};

/// Calls Webex as the bot. Never touches a device.
#[derive(Debug, Clone)]
pub struct BotClient {
    transport: Transport,
    token: BotToken,
}

/// Most messages that Webex lists on a page for a bot (Webex, *Messages*: List Messages). Also the value of `max`.
const MESSAGES_PER_PAGE: usize = 100;

/// A page of messages, newest first.
#[derive(Debug)]
pub struct MessagePage {
    /// The messages.
    pub messages: Vec<ChatMessage>,
    /// Whether there are no older ones.
    pub is_last: bool,
}

/// The bot itself.
#[derive(Debug, Clone)]
pub struct BotIdentity {
    /// Its person id, as used in mentions. Not the *Bot ID* of the developer portal.
    pub person_id: PersonId,
    /// Its display name; a mention usually shows the first word.
    pub display_name: String,
}

impl BotClient {
    /// A client with this token.
    pub(crate) fn new(transport: Transport, token: BotToken) -> Self {
        Self { transport: transport.with(Credential::Bot), token }
    }

    pub(super) fn transport(&self) -> &Transport {
        &self.transport
    }

    pub(super) fn bearer(&self) -> &SecretString {
        self.token.bearer()
    }

    /// How far the clock of this machine is from Webex's, if it is more than a minute.
    pub(crate) fn clock_deviation(&self) -> Option<ClockDeviation> {
        self.transport.clock_check().deviation()
    }

    pub(super) async fn send(&self, call: Call<'_>) -> Result<Success, WebexError> {
        self.transport.send(self.bearer(), call).await
    }

    pub(super) async fn fetch<T: DeserializeOwned>(&self, call: Call<'_>) -> Result<T, WebexError> {
        self.send(call).await?.parse()
    }

    async fn page<T: DeserializeOwned>(
        &self,
        first: Call<'_>,
        cursor: Option<&Cursor>,
    ) -> Result<ListPage<T>, WebexError> {
        let call = cursor.map_or(first, Call::page);
        self.transport.fetch_page(self.bearer(), call).await
    }

    /// A stored cursor, unless it points outside the configured API.
    pub(crate) fn cursor(&self, stored: &str) -> Option<Cursor> {
        self.transport.cursor(stored)
    }

    /// A person: `GET /people/{personId}` (Webex, *People*: Get Person Details).
    pub(crate) async fn person(&self, id: &PersonId) -> Result<Actor, WebexError> {
        let response = self.send(Call::get(&["people", id.as_str()])).await?;
        let info = response.info.clone();
        let person = response.parse::<WirePerson>()?.into_actor();
        asked_for(info, person, |person| &person.person_id, id)
    }

    /// The people with this email address: `GET /people?email=` (Webex, *People*: List People).
    pub(crate) async fn people_by_email(&self, email: &EmailAddress) -> Result<Vec<Actor>, WebexError> {
        let query = [("email", email.as_str())];
        let found: Items<WirePerson> = self.fetch(Call::get(&["people"]).query(&query)).await?;
        Ok(found.items.into_iter().map(WirePerson::into_actor).collect())
    }

    /// Whether the bot is in a space: `GET /rooms/{roomId}` (Webex, *Rooms*: Get Room Details).
    pub(crate) async fn sees_space(&self, id: &SpaceId) -> Result<(), WebexError> {
        self.fetch::<Space>(Call::get(&["rooms", id.as_str()])).await.map(drop)
    }

    /// A message: `GET /messages/{messageId}` (Webex, *Messages*: Get Message Details).
    pub(crate) async fn message(&self, id: &MessageId) -> Result<ChatMessage, WebexError> {
        let response = self.send(Call::get(&["messages", id.as_str()])).await?;
        let info = response.info.clone();
        let message = response.parse::<WireMessage>()?.into_message();
        asked_for(info, message, |message| &message.id, id)
    }

    /// A press of a button: `GET /attachment/actions/{id}` (Webex, *Attachment Actions*: Get Attachment Action Details).
    pub(crate) async fn action(&self, id: &ActionId) -> Result<AttachmentAction, WebexError> {
        let response = self.send(Call::get(&["attachment", "actions", id.as_str()])).await?;
        let info = response.info.clone();
        asked_for(info, response.parse::<AttachmentAction>()?, |action| &action.id, id)
    }

    /// A page of the spaces that the bot is in: `GET /rooms` (Webex, *Rooms*: List Rooms).
    pub(crate) async fn spaces(&self, cursor: Option<&Cursor>) -> Result<ListPage<Space>, WebexError> {
        self.page(Call::get(&["rooms"]).query(&[("max", "100")]), cursor).await
    }

    /// A page of the messages to the bot in a space, newest first: `GET /messages` (Webex, *Messages*: List Messages).
    /// In a group space a bot may only list messages that mention it. Webex's links to the next page are known to lose
    /// that parameter, so a page is named by the message before which it begins.
    pub(crate) async fn messages_in(
        &self,
        space: &SpaceId,
        in_group: bool,
        before: Option<&MessageId>,
    ) -> Result<MessagePage, WebexError> {
        let mut query = vec![("roomId", space.as_str()), ("max", "100")];
        if in_group {
            query.push(("mentionedPeople", "me"));
        }
        if let Some(before) = before {
            query.push(("beforeMessage", before.as_str()));
        }
        let page: ListPage<WireMessage> = self.page(Call::get(&["messages"]).query(&query), None).await?;
        let is_last = page.next.is_none() && page.items.len() + page.unreadable < MESSAGES_PER_PAGE;
        Ok(MessagePage { messages: page.map(WireMessage::into_message).items, is_last })
    }

    /// The newest replies in a thread of a direct space: `GET /messages` (Webex, *Messages*: List Messages). In a group
    /// space a bot cannot list its own messages.
    pub(crate) async fn replies_in(&self, thread: &Thread) -> Result<Vec<ChatMessage>, WebexError> {
        let (space, root) = (thread.space_id.as_str(), thread.root_id.as_str());
        let query = [("roomId", space), ("parentId", root), ("max", "100")];
        let page: ListPage<WireMessage> = self.page(Call::get(&["messages"]).query(&query), None).await?;
        Ok(page.map(WireMessage::into_message).items)
    }
}

#[cfg(test)]
impl super::fake_server::FakeServer {
    pub(crate) fn bot(&self) -> BotClient {
        BotClient::new(self.transport.clone(), BotToken::new("bot".into()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::webex::fake_server::{FakeAnswer, FakeServer};

    #[tokio::test]
    async fn every_page_of_a_space_is_asked_for_with_all_parameters() {
        let server = FakeServer::new(|_| FakeAnswer::items(Vec::<serde_json::Value>::new())).await;
        let (bot, space) = (server.bot(), SpaceId::parse("space").unwrap());
        let message = MessageId::parse("message").unwrap();
        bot.messages_in(&space, true, None).await.unwrap();
        bot.messages_in(&space, true, Some(&message)).await.unwrap();
        bot.messages_in(&space, false, Some(&message)).await.unwrap();
        bot.replies_in(&Thread { space_id: space, root_id: message }).await.unwrap();
        let asked = server.calls();
        let of = |name: &str| asked.iter().map(|call| call.query_value(name)).collect::<Vec<_>>();
        assert_eq!(of("roomId"), [Some("space"); 4]);
        assert_eq!(of("mentionedPeople"), [Some("me"), Some("me"), None, None]);
        assert_eq!(of("beforeMessage"), [None, Some("message"), Some("message"), None]);
        assert_eq!(of("parentId"), [None, None, None, Some("message")]);
    }

    #[tokio::test]
    async fn the_debug_output_of_a_press_hides_its_inputs() {
        let server = FakeServer::new(|_| {
            FakeAnswer::json(json!({
                "id": "a-1", "type": "submit", "messageId": "m-1", "roomId": "space-1", "personId": "ana",
                "created": "2026-04-02T08:16:02.511Z", "inputs": { "ref": "hush", "count": 3 },
            }))
        })
        .await;
        let press = server.bot().action(&ActionId::parse("a-1").unwrap()).await.unwrap();
        assert_eq!(server.lines(), ["GET /attachment/actions/a-1"]);
        assert_eq!(format!("{press:?}"), "AttachmentAction(a-1 of m-1 by ana)");
        assert_eq!((press.inputs["ref"].as_str(), press.inputs["count"].as_i64()), (Some("hush"), Some(3)));
        assert_eq!((press.space_id.as_str(), press.created.is_some()), ("space-1", true));
    }
}
