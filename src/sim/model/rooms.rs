//! Spaces ("rooms" in the API) and who is in them.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{AccountKind, Model, written};
use crate::sim::error::ApiError;
use crate::sim::ids::{HOME, encode, key_of, unpadded};

/// The two kinds of spaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoomKind {
    /// Exactly two members, for good.
    Direct,
    /// Any number of members.
    Group,
}

impl RoomKind {
    /// The kind as the API writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Group => "group",
        }
    }
}

/// Somebody's being in a space.
#[derive(Debug, Clone)]
pub struct Member {
    /// The membership's id.
    pub id: String,
    /// Who.
    pub person_id: String,
    /// Whether the member moderates the space.
    pub moderator: bool,
    /// Since when.
    pub created: Timestamp,
}

/// A space.
#[derive(Debug, Clone)]
pub struct Room {
    /// The id.
    pub id: String,
    /// The title; of no meaning in a direct space.
    pub title: String,
    /// Direct or group.
    pub kind: RoomKind,
    /// Who made it.
    pub creator_id: String,
    /// Since when.
    pub created: Timestamp,
    /// When something was last said.
    pub last_activity: Timestamp,
    /// Who is in it.
    pub members: Vec<Member>,
    /// The ids of its messages, oldest first; some may be deleted by now.
    pub message_ids: Vec<String>,
}

impl Room {
    /// Whether somebody is in the space.
    #[must_use]
    pub fn has(&self, person_id: &str) -> bool {
        self.members.iter().any(|member| member.person_id == person_id)
    }

    pub(super) fn admit(&mut self, person_id: &str, moderator: bool, created: Timestamp) -> Member {
        let person_key = key_of(person_id).unwrap_or_default();
        let room_key = key_of(&self.id).unwrap_or_default();
        let id = encode(HOME, "MEMBERSHIP", &format!("{person_key}:{room_key}"));
        let member = Member { id, person_id: person_id.to_owned(), moderator, created };
        self.members.push(member.clone());
        member
    }
}

impl Model {
    /// The space with this id.
    #[must_use]
    pub fn room(&self, id: &str) -> Option<&Room> {
        self.rooms.get(unpadded(id))
    }

    /// The space with this id, if the caller is in it.
    pub fn room_for(&self, caller: &str, id: &str) -> Result<&Room, ApiError> {
        self.room(id).filter(|room| room.has(caller)).ok_or_else(ApiError::room_not_found)
    }

    /// All spaces, in the order in which they were made.
    pub fn all_rooms(&self) -> impl Iterator<Item = &Room> {
        self.room_order.iter().filter_map(|id| self.rooms.get(id))
    }

    /// Makes a group space with its creator as the first member. Nothing is announced.
    pub fn found_group(&mut self, creator: &str, title: &str) -> String {
        self.found(creator, title, RoomKind::Group)
    }

    /// Puts somebody into a space. Nothing is announced.
    pub fn seat(&mut self, room_id: &str, person_id: &str) {
        let now = self.now();
        if let Some(room) = self.rooms.get_mut(room_id) {
            room.admit(person_id, false, now);
        }
    }

    /// The direct space of two people, made if there is none, and whether it was made just now.
    pub fn direct_between(&mut self, one: &str, other: &str) -> (String, bool) {
        let existing = self
            .all_rooms()
            .find(|room| room.kind == RoomKind::Direct && room.has(one) && room.has(other))
            .map(|room| room.id.clone());
        if let Some(id) = existing {
            return (id, false);
        }
        let id = self.found(one, "", RoomKind::Direct);
        self.seat(&id, other);
        (id, true)
    }

    fn found(&mut self, creator: &str, title: &str, kind: RoomKind) -> String {
        let now = self.now();
        let mut room = Room {
            id: self.mint("ROOM"),
            title: title.to_owned(),
            kind,
            creator_id: creator.to_owned(),
            created: now,
            last_activity: now,
            members: Vec::new(),
            message_ids: Vec::new(),
        };
        room.admit(creator, false, now);
        let id = room.id.clone();
        self.room_order.push(id.clone());
        self.rooms.insert(id.clone(), room);
        id
    }

    /// `POST /rooms`.
    pub fn create_room(&mut self, caller: &str, body: &Value) -> Result<Value, ApiError> {
        let title = body["title"].as_str().unwrap_or_default().trim().to_owned();
        if title.is_empty() {
            return Err(ApiError::bad_request("Title must not be empty."));
        }
        let id = self.found_group(caller, &title);
        self.announce_members(&id, caller);
        self.room_for(caller, &id).map(|room| self.room_json(room, caller))
    }

    /// `GET /rooms/{id}`.
    pub fn room_seen_by(&self, caller: &str, id: &str) -> Result<Value, ApiError> {
        self.room_for(caller, id).map(|room| self.room_json(room, caller))
    }

    /// `GET /rooms`: the spaces that the caller is in, newest first.
    #[must_use]
    pub fn rooms_of(&self, caller: &str, kind: Option<&str>) -> Vec<Value> {
        let mut rooms: Vec<&Room> = self.all_rooms().filter(|room| room.has(caller)).collect();
        rooms.retain(|room| kind.is_none_or(|kind| kind == room.kind.as_str()));
        rooms.into_iter().rev().map(|room| self.room_json(room, caller)).collect()
    }

    /// A space as one of its members sees it: a direct space is called like the other one in it.
    #[must_use]
    pub fn room_json(&self, room: &Room, viewer: &str) -> Value {
        let other = room.members.iter().find(|member| member.person_id != viewer);
        let title = match (room.kind, other.and_then(|other| self.account(&other.person_id))) {
            (RoomKind::Direct, Some(other)) => &other.display_name,
            _ => &room.title,
        };
        json!({
            "id": room.id,
            "title": title,
            "type": room.kind.as_str(),
            "isLocked": false,
            "lastActivity": written(room.last_activity),
            "creatorId": room.creator_id,
            "created": written(room.created),
        })
    }

    /// Who may see a message: every member, except that bots in a group see only what mentions them and their own.
    pub(super) fn audience(&self, room: &Room, author: &str, mentioned: &[String]) -> Vec<String> {
        let sees = |person_id: &str| {
            let is_bot = self.account(person_id).is_some_and(|account| account.kind == AccountKind::Bot);
            room.kind == RoomKind::Direct
                || !is_bot
                || person_id == author
                || mentioned.iter().any(|mentioned| mentioned == person_id)
        };
        room.members.iter().map(|member| member.person_id.clone()).filter(|id| sees(id)).collect()
    }
}
