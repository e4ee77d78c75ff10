//! Attachments of messages: files, cards, and presses of a card's buttons ("attachment actions").
//!
//! The rules are those of the "Buttons and Cards" guide. A message has at most one card. Anyone in the space can press
//! any button any number of times, with any inputs. The simulation checks neither the presser nor the inputs any
//! further, because Webex does not either.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::stored::{SentFile, StoredFile, SubmittedAction};
use super::{Model, required, written};
use crate::sim::error::{ApiError, ApiResult, ensure};
use crate::sim::ids::unpadded;

/// The only kind of attachment besides files.
const CARD_TYPE: &str = "application/vnd.microsoft.card.adaptive";

/// The attachments of a new message.
#[derive(Debug, Default)]
pub(crate) struct NewAttachments {
    /// The field `attachments`.
    pub(crate) attachments: Option<Box<RawValue>>,
    pub(crate) file: Option<SentFile>,
}

/// The card of a new message: none, or exactly one.
pub(super) fn checked_card(attachments: Option<Box<RawValue>>) -> ApiResult<Option<Arc<RawValue>>> {
    #[derive(Deserialize)]
    struct Attachment {
        #[serde(default, rename = "contentType")]
        content_type: String,
        #[serde(default)]
        content: CardContent,
    }
    #[derive(Default, Deserialize)]
    struct CardContent {
        #[serde(default, rename = "type")]
        kind: String,
    }
    let Some(attachments) = attachments.filter(|attachments| attachments.get() != "null") else {
        return Ok(None);
    };
    let Ok(read) = serde_json::from_str::<Vec<Attachment>>(attachments.get()) else {
        return Err(ApiError::bad_request("attachments must be an array of attachments."));
    };
    let [attachment] = read.as_slice() else {
        return Err(ApiError::bad_request("A message can have exactly one attachment."));
    };
    ensure(attachment.content_type == CARD_TYPE, "The content type of the attachment is not supported.")?;
    let is_card = attachment.content.kind == "AdaptiveCard";
    ensure(is_card, "The content of the attachment is not an adaptive card.")?;
    Ok(Some(attachments.into()))
}

impl Model {
    /// Stores the file of a message and returns its id.
    pub(super) fn keep_file(&mut self, message_id: &str, file: SentFile) -> String {
        let id = self.mint("CONTENT");
        self.files.insert(id.clone(), StoredFile { message_id: message_id.to_owned(), file });
        id
    }

    /// The URL under which a file can be read.
    pub(super) fn url_of_file(&self, id: &str) -> String {
        format!("{}/contents/{id}", self.api_base)
    }

    /// `GET /contents/{id}`: for everyone who can read the message.
    pub(crate) fn file_seen_by(&self, caller: &str, id: &str) -> ApiResult<&SentFile> {
        let stored = self.files.get(unpadded(id)).ok_or_else(ApiError::not_found)?;
        self.message_seen_by(caller, &stored.message_id)?;
        Ok(&stored.file)
    }

    /// The file with this id, without checking who may read it.
    pub(crate) fn file(&self, id: &str) -> Option<&SentFile> {
        self.files.get(unpadded(id)).map(|stored| &stored.file)
    }

    /// `POST /attachment/actions`.
    pub(crate) fn press(&mut self, caller: &str, body: &Value) -> ApiResult<Value> {
        let is_valid = body["type"] == "submit" && body["inputs"].is_object();
        ensure(is_valid, "type must be submit, and inputs an object.")?;
        let message = self.message(required(body, "messageId")?).ok_or_else(ApiError::not_found)?;
        self.room_for(caller, &message.room_id).map_err(|_| ApiError::not_found())?;
        ensure(message.attachments.is_some(), "The message has no card.")?;
        let card_owner = message.person_id.clone();
        let mut action = json!({
            "type": "submit",
            "messageId": message.id,
            "personId": caller,
            "roomId": message.room_id,
            "created": written(self.now()),
        });
        let id = self.mint_now("ATTACHMENT_ACTION");
        action["id"] = json!(id);
        // Webhooks carry everything but the inputs.
        self.publish("attachmentActions", "created", caller, action.clone(), vec![card_owner.clone()]);
        action["inputs"] = body["inputs"].clone();
        self.actions.insert(id, SubmittedAction { card_owner, json: action.clone() });
        Ok(action)
    }

    /// `GET /attachment/actions/{id}`: for the account that posted the card.
    pub(crate) fn action_seen_by(&self, caller: &str, id: &str) -> ApiResult<Value> {
        let action = self.actions.get(unpadded(id)).filter(|action| action.card_owner == caller);
        action.map(|action| action.json.clone()).ok_or_else(ApiError::not_found)
    }
}
