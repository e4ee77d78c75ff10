//! Spaces ("rooms" in the API) and their members.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::stored::{Member, Room, RoomKind};
use super::{Model, items, required, written};
use crate::sim::error::{ApiError, ApiResult, ensure};
use crate::sim::ids::{HOME, encode, key_of, unpadded};

impl Room {
    pub(super) fn has(&self, person_id: &str) -> bool {
        self.members.iter().any(|member| member.person_id == person_id)
    }

    fn member_ids(&self) -> Vec<String> {
        self.members.iter().map(|member| member.person_id.clone()).collect()
    }

    fn add(&mut self, person_id: &str, moderator: bool, created: Timestamp) -> Member {
        let person_key = key_of(person_id).unwrap_or_default();
        let room_key = key_of(&self.id).unwrap_or_default();
        let id = encode(HOME, "MEMBERSHIP", &format!("{person_key}:{room_key}"));
        let member = Member { id, person_id: person_id.to_owned(), moderator, created };
        self.members.push(member.clone());
        member
    }
}

impl Model {
    pub(super) fn room(&self, id: &str) -> Option<&Room> {
        self.rooms.get(unpadded(id))
    }

    /// The space with this id, if the caller is in it.
    pub(crate) fn room_for(&self, caller: &str, id: &str) -> ApiResult<&Room> {
        self.room(id).filter(|room| room.has(caller)).ok_or_else(ApiError::room_not_found)
    }

    /// All spaces, in the order in which they were created.
    pub(crate) fn all_rooms(&self) -> impl DoubleEndedIterator<Item = &Room> {
        self.room_order.iter().filter_map(|id| self.rooms.get(id))
    }

    /// The direct space of two people.
    pub(super) fn direct_between(&self, one: &str, other: &str) -> Option<&Room> {
        self.all_rooms().find(|room| room.kind == RoomKind::Direct && room.has(one) && room.has(other))
    }

    /// Adds a group space with these members, the first of them its creator. Nothing is published to webhooks.
    pub(crate) fn add_group(&mut self, title: &str, members: &[&str]) -> String {
        self.add_room(title, RoomKind::Group, members)
    }

    /// The direct space of two people, created if there is none, and whether it was just created. Nothing is published
    /// to webhooks.
    pub(crate) fn open_direct(&mut self, one: &str, other: &str) -> (String, bool) {
        match self.direct_between(one, other) {
            Some(room) => (room.id.clone(), false),
            None => (self.add_room("", RoomKind::Direct, &[one, other]), true),
        }
    }

    fn add_room(&mut self, title: &str, kind: RoomKind, members: &[&str]) -> String {
        let now = self.now();
        let id = self.mint("ROOM");
        let mut room = Room {
            id: id.clone(),
            title: title.to_owned(),
            kind,
            creator_id: members.first().copied().unwrap_or_default().to_owned(),
            created: now,
            last_activity: now,
            members: Vec::new(),
            message_ids: Vec::new(),
        };
        for person_id in members {
            room.add(person_id, false, now);
        }
        self.room_order.push(id.clone());
        self.rooms.insert(id.clone(), room);
        id
    }

    /// `POST /rooms`.
    pub(crate) fn create_room(&mut self, caller: &str, body: &Value) -> ApiResult<Value> {
        let title = body["title"].as_str().unwrap_or_default().trim();
        ensure(!title.is_empty(), "Title must not be empty.")?;
        let id = self.add_group(title, &[caller]);
        self.publish_members(&id, caller);
        self.room_seen_by(caller, &id)
    }

    /// `GET /rooms/{id}`.
    pub(crate) fn room_seen_by(&self, caller: &str, id: &str) -> ApiResult<Value> {
        self.room_for(caller, id).map(|room| self.room_json(room, caller))
    }

    /// `GET /rooms`: the spaces that the caller is in, newest first.
    pub(crate) fn rooms_of(&self, caller: &str, kind: Option<&str>) -> Vec<Value> {
        let own = self.all_rooms().rev().filter(|room| room.has(caller));
        own.filter(|room| kind.is_none_or(|kind| json!(room.kind) == kind))
            .map(|room| self.room_json(room, caller))
            .collect()
    }

    /// A space as one of its members sees it: a direct space has the name of the other member.
    fn room_json(&self, room: &Room, viewer: &str) -> Value {
        let other = room.members.iter().find(|member| member.person_id != viewer);
        let title = match (room.kind, other.and_then(|other| self.account(&other.person_id))) {
            (RoomKind::Direct, Some(other)) => &other.display_name,
            _ => &room.title,
        };
        json!({
            "id": room.id,
            "title": title,
            "type": room.kind,
            "isLocked": false,
            "lastActivity": written(room.last_activity),
            "creatorId": room.creator_id,
            "created": written(room.created),
        })
    }

    /// `GET /memberships`: of one space, or the caller's own.
    pub(crate) fn memberships(
        &self,
        caller: &str,
        room_id: Option<&str>,
        person: Option<&str>,
        max: usize,
    ) -> ApiResult<Value> {
        let rooms: Vec<&Room> = match room_id {
            Some(id) => vec![self.room_for(caller, id)?],
            None => self.all_rooms().filter(|room| room.has(caller)).collect(),
        };
        let person = person.or(room_id.is_none().then_some(caller));
        let memberships = rooms
            .into_iter()
            .flat_map(|room| room.members.iter().map(move |member| (room, member)))
            .filter(|(_, member)| person.is_none_or(|person| unpadded(person) == member.person_id));
        Ok(items(memberships.take(max).map(|(room, member)| self.membership_json(room, member))))
    }

    /// `POST /memberships`: a member of a group space adds a person.
    pub(crate) fn add_member(&mut self, caller: &str, body: &Value) -> ApiResult<Value> {
        let room_id = required(body, "roomId")?;
        let newcomer = self.account_named(body["personId"].as_str(), body["personEmail"].as_str())?;
        let newcomer = newcomer.id.clone();
        let room = self.room_for(caller, room_id)?;
        if room.kind == RoomKind::Direct {
            return Err(ApiError::forbidden_because("A direct space cannot have more members."));
        }
        if room.has(&newcomer) {
            return Err(ApiError::conflict("The person is already in the room."));
        }
        let now = self.now();
        let room = self.rooms.get_mut(unpadded(room_id)).ok_or_else(ApiError::room_not_found)?;
        let member = room.add(&newcomer, body["isModerator"].as_bool().unwrap_or(false), now);
        let room = self.room_for(caller, room_id)?;
        let (data, audience) = (self.membership_json(room, &member), room.member_ids());
        self.publish("memberships", "created", caller, data.clone(), audience);
        Ok(data)
    }

    /// `DELETE /memberships/{id}`: a member leaves a group space or is removed by another.
    pub(crate) fn remove_member(&mut self, caller: &str, id: &str) -> ApiResult<()> {
        let id = unpadded(id);
        let index_in = |room: &Room| room.members.iter().position(|member| member.id == id);
        let (room, index) = self
            .all_rooms()
            .filter(|room| room.has(caller))
            .find_map(|room| Some((room, index_in(room)?)))
            .ok_or_else(ApiError::not_found)?;
        if room.kind == RoomKind::Direct {
            return Err(ApiError::forbidden_because("Nobody can leave a direct space."));
        }
        let (data, audience) = (self.membership_json(room, &room.members[index]), room.member_ids());
        let room_id = room.id.clone();
        if let Some(room) = self.rooms.get_mut(&room_id) {
            room.members.remove(index);
        }
        self.publish("memberships", "deleted", caller, data, audience);
        Ok(())
    }

    /// Publishes the membership of every member of a new space.
    pub(super) fn publish_members(&mut self, room_id: &str, actor: &str) {
        let Some(room) = self.room(room_id) else { return };
        let audience = room.member_ids();
        let joined: Vec<Value> =
            room.members.iter().map(|member| self.membership_json(room, member)).collect();
        for data in joined {
            self.publish("memberships", "created", actor, data, audience.clone());
        }
    }

    /// A membership as the API shows it, which is also what its webhook carries.
    fn membership_json(&self, room: &Room, member: &Member) -> Value {
        let person = self.account(&member.person_id);
        json!({
            "id": member.id,
            "roomId": room.id,
            "roomType": room.kind,
            "personId": member.person_id,
            "personEmail": person.map(|person| &person.email),
            "personDisplayName": person.map(|person| &person.display_name),
            "personOrgId": person.map(|person| &person.org_id),
            "isModerator": member.moderator,
            "isMonitor": false,
            "created": written(member.created),
        })
    }
}
