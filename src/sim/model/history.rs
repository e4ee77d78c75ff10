//! Lists of messages: what was said before, newest first.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Message, Model, Room, RoomKind};
use crate::sim::error::ApiError;
use crate::sim::ids::unpadded;

/// The length of a page if none is asked for.
const DEFAULT_MAX: usize = 50;
/// The longest page.
const LIMIT: usize = 1000;
/// The longest page when a bot asks for what mentions it.
const MENTION_LIMIT: usize = 100;

/// What is asked of `GET /messages`.
#[derive(Debug, Default)]
pub struct HistoryQuery<'a> {
    /// The only mention that can be asked for is the caller's own: `me`, or its id.
    pub mentioned_people: Option<&'a str>,
    /// Only the answers in this thread.
    pub parent_id: Option<&'a str>,
    /// Only what was posted before this message.
    pub before_message: Option<&'a str>,
    /// Only what was posted before this moment.
    pub before: Option<Timestamp>,
    /// The length of the page.
    pub max: Option<usize>,
}

/// A page of messages.
#[derive(Debug)]
pub struct HistoryPage {
    /// The messages, newest first, as the API shows them.
    pub items: Vec<Value>,
    /// The last message of the page, if there are more behind it.
    pub continues_before: Option<String>,
}

impl Model {
    /// `GET /messages`.
    pub fn history(
        &self,
        caller: &str,
        room_id: &str,
        query: &HistoryQuery<'_>,
    ) -> Result<HistoryPage, ApiError> {
        let room = self.room_for(caller, room_id)?;
        let about_caller = query.mentioned_people.is_some_and(|who| who == "me" || unpadded(who) == caller);
        if self.is_confined(caller, room) && !about_caller {
            return Err(ApiError::forbidden_because(
                "Bots can list only the messages of a group room that mention them: add mentionedPeople=me.",
            ));
        }
        if query.mentioned_people.is_some() && !about_caller {
            return Err(ApiError::bad_request("mentionedPeople accepts only me."));
        }
        let limit = if about_caller { MENTION_LIMIT } else { LIMIT };
        let max = query.max.unwrap_or(DEFAULT_MAX).clamp(1, limit);
        let fits = |message: &&Message| {
            let mentions = message.mentioned_people.iter().any(|mentioned| mentioned == caller);
            (!about_caller || mentions)
                && query.parent_id.is_none_or(|id| message.parent_id.as_deref() == Some(unpadded(id)))
                && query.before.is_none_or(|before| message.created < before)
        };
        let mut found = self.before(room, query.before_message)?.rev().filter(fits);
        let page: Vec<&Message> = found.by_ref().take(max).collect();
        let more = found.next().is_some();
        let continues_before = page.last().filter(|_| more).map(|message| message.id.clone());
        Ok(HistoryPage {
            items: page.into_iter().map(|message| self.message_json(message)).collect(),
            continues_before,
        })
    }

    /// The messages of a space before one of them, oldest first; without one, all.
    fn before<'a>(
        &'a self,
        room: &'a Room,
        message_id: Option<&str>,
    ) -> Result<impl DoubleEndedIterator<Item = &'a Message>, ApiError> {
        let end = match message_id {
            None => room.message_ids.len(),
            Some(id) => room
                .message_ids
                .iter()
                .position(|known| known == unpadded(id))
                .ok_or_else(|| ApiError::bad_request("beforeMessage is not a message of this room."))?,
        };
        Ok(room.message_ids[..end].iter().filter_map(|id| self.message(id)))
    }

    /// `GET /messages/direct`.
    pub fn direct_history(
        &self,
        caller: &str,
        person_id: Option<&str>,
        person_email: Option<&str>,
        query: &HistoryQuery<'_>,
    ) -> Result<Value, ApiError> {
        let other = match (person_id, person_email) {
            (Some(id), None) => self.account(id),
            (None, Some(email)) => self.account_by_email(email),
            _ => return Err(ApiError::bad_request("Exactly one of personId and personEmail is required.")),
        };
        let other = &other.ok_or_else(ApiError::not_found)?.id;
        let room = self
            .all_rooms()
            .find(|room| room.kind == RoomKind::Direct && room.has(caller) && room.has(other))
            .ok_or_else(ApiError::not_found)?;
        Ok(json!({ "items": self.history(caller, &room.id, query)?.items }))
    }
}
