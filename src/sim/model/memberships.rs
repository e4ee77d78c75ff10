//! Who comes and who goes.

use serde_json::{Value, json};

use super::webhooks::Event;
use super::{Member, Model, Room, RoomKind, written};
use crate::sim::error::ApiError;
use crate::sim::ids::unpadded;

impl Model {
    /// `GET /memberships`: of one space, or the caller's own.
    pub fn memberships(
        &self,
        caller: &str,
        room_id: Option<&str>,
        person: Option<&str>,
        max: usize,
    ) -> Result<Value, ApiError> {
        let rooms: Vec<&Room> = match room_id {
            Some(id) => vec![self.room_for(caller, id)?],
            None => self.all_rooms().filter(|room| room.has(caller)).collect(),
        };
        let person = person.or(room_id.is_none().then_some(caller));
        let items: Vec<Value> = rooms
            .into_iter()
            .flat_map(|room| room.members.iter().map(move |member| (room, member)))
            .filter(|(_, member)| person.is_none_or(|person| unpadded(person) == member.person_id))
            .take(max)
            .map(|(room, member)| self.membership_json(room, member))
            .collect();
        Ok(json!({ "items": items }))
    }

    /// `POST /memberships`: a member of a group space brings somebody in.
    pub fn add_member(&mut self, caller: &str, body: &Value) -> Result<Value, ApiError> {
        let room_id = body["roomId"].as_str().ok_or_else(|| ApiError::bad_request("roomId is required."))?;
        let newcomer = match (body["personId"].as_str(), body["personEmail"].as_str()) {
            (Some(id), None) => self.account(id),
            (None, Some(email)) => self.account_by_email(email),
            _ => return Err(ApiError::bad_request("Exactly one of personId and personEmail is required.")),
        };
        let newcomer = newcomer.ok_or_else(ApiError::not_found)?.id.clone();
        let room = self.room_for(caller, room_id)?;
        if room.kind == RoomKind::Direct {
            return Err(ApiError::forbidden_because("A direct space cannot have more members."));
        }
        if room.has(&newcomer) {
            return Err(ApiError::conflict("The person is already in the room."));
        }
        self.admit(caller, room_id, &newcomer, body["isModerator"].as_bool().unwrap_or(false))
    }

    fn admit(
        &mut self,
        caller: &str,
        room_id: &str,
        newcomer: &str,
        moderator: bool,
    ) -> Result<Value, ApiError> {
        let now = self.now();
        let room = self.rooms.get_mut(unpadded(room_id)).ok_or_else(ApiError::room_not_found)?;
        let member = room.admit(newcomer, moderator, now);
        let room = self.room_for(caller, room_id)?;
        let data = self.membership_json(room, &member);
        let audience = everybody(room);
        self.publish(&Event::new("memberships", "created", caller, data.clone(), audience));
        Ok(data)
    }

    /// `DELETE /memberships/{id}`: a member leaves a group space or is removed by another.
    pub fn remove_member(&mut self, caller: &str, id: &str) -> Result<(), ApiError> {
        let id = unpadded(id);
        let room = self
            .all_rooms()
            .find(|room| room.has(caller) && room.members.iter().any(|member| member.id == id))
            .ok_or_else(ApiError::not_found)?;
        if room.kind == RoomKind::Direct {
            return Err(ApiError::forbidden_because("Nobody can leave a direct space."));
        }
        let room_id = room.id.clone();
        let audience = everybody(room);
        let data =
            room.members.iter().find(|member| member.id == id).map(|gone| self.membership_json(room, gone));
        if let Some(room) = self.rooms.get_mut(&room_id) {
            room.members.retain(|member| member.id != id);
        }
        if let Some(data) = data {
            self.publish(&Event::new("memberships", "deleted", caller, data, audience));
        }
        Ok(())
    }

    /// Tells the webhooks about everybody in a space that was just made.
    pub(super) fn announce_members(&mut self, room_id: &str, actor: &str) {
        let Some(room) = self.room(room_id) else { return };
        let audience = everybody(room);
        let joined: Vec<Value> =
            room.members.iter().map(|member| self.membership_json(room, member)).collect();
        for data in joined {
            self.publish(&Event::new("memberships", "created", actor, data, audience.clone()));
        }
    }

    /// A membership as the API shows it, which is also what its webhook carries.
    #[must_use]
    pub fn membership_json(&self, room: &Room, member: &Member) -> Value {
        let person = self.account(&member.person_id);
        json!({
            "id": member.id,
            "roomId": room.id,
            "roomType": room.kind.as_str(),
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

fn everybody(room: &Room) -> Vec<String> {
    room.members.iter().map(|member| member.person_id.clone()).collect()
}
