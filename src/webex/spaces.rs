//! The spaces of the bot and what was said in them, page by page.

use jiff::Timestamp;

use super::bot::{BotClient, ChatMessage};
use super::error::WebexError;
use super::paging::{Cursor, ListPage};
use super::transport::Call;
use super::wire::{WireMessage, WireRoom};
use crate::domain::SpaceId;

/// A space that the bot is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Space {
    /// Its id.
    pub id: SpaceId,
    /// A group space rather than a direct one.
    pub in_group: bool,
    /// When something was last said in it, if Webex tells.
    pub last_activity: Option<Timestamp>,
}

impl WireRoom {
    fn into_space(self) -> Space {
        Space {
            id: self.id,
            in_group: self.kind.as_deref() != Some("direct"),
            last_activity: self.last_activity,
        }
    }
}

impl<T> ListPage<T> {
    fn map<U>(self, each: impl Fn(T) -> U) -> ListPage<U> {
        ListPage {
            items: self.items.into_iter().map(each).collect(),
            unreadable: self.unreadable,
            next: self.next,
        }
    }
}

impl BotClient {
    /// A page of the spaces that the bot is in: `GET /rooms` (Webex, *Rooms*: List Rooms).
    pub async fn spaces(&self, from: Option<&Cursor>) -> Result<ListPage<Space>, WebexError> {
        let first = Call::get(&["rooms"]).query(&[("max", "100")]);
        let page: ListPage<WireRoom> = self.fetch_page(from.map_or(first, Call::page)).await?;
        Ok(page.map(WireRoom::into_space))
    }

    /// A page of what was said to the bot in a space, newest first: `GET /messages` (Webex, *Messages*: List
    /// Messages). In a group space a bot may list only what mentions it.
    pub async fn messages_in(
        &self,
        space: &SpaceId,
        in_group: bool,
        from: Option<&Cursor>,
    ) -> Result<ListPage<ChatMessage>, WebexError> {
        let query = [("roomId", space.as_str()), ("max", "100"), ("mentionedPeople", "me")];
        let query = if in_group { &query[..] } else { &query[..2] };
        let first = Call::get(&["messages"]).query(query);
        let page: ListPage<WireMessage> = self.fetch_page(from.map_or(first, Call::page)).await?;
        Ok(page.map(WireMessage::into_message))
    }
}
