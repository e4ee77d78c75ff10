//! Lists of messages, newest first.

use jiff::Timestamp;
use serde_json::Value;

use super::stored::{Message, Room};
use super::{Model, items};
use crate::sim::error::{ApiError, ApiResult, ensure};
use crate::sim::ids::unpadded;

/// The default length of a page.
const DEFAULT_MAX: usize = 50;
/// The longest page.
const LIMIT: usize = 1000;
/// The longest page of the messages that mention a bot.
const MENTION_LIMIT: usize = 100;

/// The parameters of `GET /messages`.
#[derive(Debug, Default)]
pub(crate) struct HistoryQuery<'a> {
    /// The only mention that can be requested is the caller's own: `me`, or its id.
    pub(crate) mentioned_people: Option<&'a str>,
    /// Limits the list to the replies in this thread.
    pub(crate) parent_id: Option<&'a str>,
    pub(crate) before_message: Option<&'a str>,
    pub(crate) before: Option<Timestamp>,
    /// The length of the page.
    pub(crate) max: Option<usize>,
}

#[derive(Debug)]
pub(crate) struct HistoryPage {
    pub(crate) body: Value,
    /// The last message of the page, if older ones follow.
    pub(crate) continues_before: Option<String>,
}

impl Model {
    /// `GET /messages`.
    pub(crate) fn history(
        &self,
        caller: &str,
        room_id: &str,
        query: &HistoryQuery<'_>,
    ) -> ApiResult<HistoryPage> {
        let room = self.room_for(caller, room_id)?;
        let about_caller = query.mentioned_people.is_some_and(|who| who == "me" || unpadded(who) == caller);
        if self.is_confined(caller, room) && !about_caller {
            return Err(ApiError::forbidden_because(
                "Bots can list only the messages of a group room that mention them: add mentionedPeople=me.",
            ));
        }
        ensure(query.mentioned_people.is_none() || about_caller, "mentionedPeople accepts only me.")?;
        let limit = if about_caller { MENTION_LIMIT } else { LIMIT };
        let max = query.max.unwrap_or(DEFAULT_MAX).clamp(1, limit);
        let fits = |message: &&Message| {
            let mentions = message.content.mentioned_people.iter().any(|mentioned| mentioned == caller);
            (!about_caller || mentions)
                && query.parent_id.is_none_or(|id| message.parent_id.as_deref() == Some(unpadded(id)))
                && query.before.is_none_or(|before| message.created < before)
        };
        let end = match query.before_message.map(unpadded) {
            None => Some(room.message_ids.len()),
            Some(id) => room.message_ids.iter().position(|known| known == id),
        };
        let end = end.ok_or_else(|| ApiError::bad_request("beforeMessage is not a message of this room."))?;
        let mut found = self.messages_in(&room.message_ids[..end]).rev().filter(fits);
        let page: Vec<&Message> = found.by_ref().take(max).collect();
        let more = found.next().is_some();
        Ok(HistoryPage {
            continues_before: page.last().filter(|_| more).map(|message| message.id.clone()),
            body: items(page.into_iter().map(|message| self.shown(message).into())),
        })
    }

    fn messages_in(&self, ids: &[String]) -> impl DoubleEndedIterator<Item = &Message> {
        ids.iter().filter_map(|id| self.messages.get(id))
    }

    /// `GET /messages/direct`.
    pub(crate) fn direct_history(
        &self,
        caller: &str,
        person_id: Option<&str>,
        person_email: Option<&str>,
        query: &HistoryQuery<'_>,
    ) -> ApiResult<Value> {
        let other = self.account_named(person_id, person_email)?;
        let room: &Room = self.direct_between(caller, &other.id).ok_or_else(ApiError::not_found)?;
        Ok(self.history(caller, &room.id, query)?.body)
    }

    /// All messages of a space, oldest first, including those that a bot cannot read.
    pub(crate) fn all_messages(&self, room_id: &str) -> Vec<Value> {
        let ids = self.room(room_id).map_or(&[][..], |room| &room.message_ids);
        self.messages_in(ids).map(|message| self.shown(message).into()).collect()
    }
}
