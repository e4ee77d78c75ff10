//! Pressed buttons ("attachment actions").
//!
//! Anybody in the space can press, any number of times, with any inputs ("Buttons and Cards" guide; Attachment
//! Actions reference): none of that is checked here, because Webex does not check it either.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::webhooks::Event;
use super::{Model, written};
use crate::sim::error::ApiError;
use crate::sim::ids::unpadded;

/// A pressed button.
#[derive(Debug, Clone)]
pub struct Action {
    id: String,
    message_id: String,
    room_id: String,
    person_id: String,
    /// Who posted the card: the only one who can read the action.
    card_owner: String,
    inputs: Value,
    created: Timestamp,
}

impl Action {
    fn to_json(&self) -> Value {
        let mut shown = self.summary();
        shown["inputs"] = self.inputs.clone();
        shown
    }

    /// What a webhook carries: everything but the inputs.
    fn summary(&self) -> Value {
        json!({
            "id": self.id,
            "type": "submit",
            "messageId": self.message_id,
            "personId": self.person_id,
            "roomId": self.room_id,
            "created": written(self.created),
        })
    }
}

impl Model {
    /// `POST /attachment/actions`.
    pub fn press(&mut self, caller: &str, body: &Value) -> Result<Value, ApiError> {
        if body["type"] != "submit" || !body["inputs"].is_object() {
            return Err(ApiError::bad_request("type must be submit, and inputs an object."));
        }
        let message_id =
            body["messageId"].as_str().ok_or_else(|| ApiError::bad_request("messageId is required."))?;
        let message = self.message(message_id).ok_or_else(ApiError::not_found)?;
        self.room_for(caller, &message.room_id).map_err(|_| ApiError::not_found())?;
        if message.attachments.is_none() {
            return Err(ApiError::bad_request("The message has no card."));
        }
        let (message_id, room_id) = (message.id.clone(), message.room_id.clone());
        let card_owner = message.person_id.clone();
        let action = Action {
            id: self.mint_now("ATTACHMENT_ACTION"),
            message_id,
            room_id,
            person_id: caller.to_owned(),
            card_owner,
            inputs: body["inputs"].clone(),
            created: self.now(),
        };
        let audience = vec![action.card_owner.clone()];
        self.publish(&Event::new("attachmentActions", "created", caller, action.summary(), audience));
        let shown = action.to_json();
        self.actions.insert(action.id.clone(), action);
        Ok(shown)
    }

    /// `GET /attachment/actions/{id}`: for the account that posted the card.
    pub fn action_seen_by(&self, caller: &str, id: &str) -> Result<Value, ApiError> {
        let action = self.actions.get(unpadded(id)).filter(|action| action.card_owner == caller);
        action.map(Action::to_json).ok_or_else(ApiError::not_found)
    }
}
