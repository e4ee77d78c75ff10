//! Messages: posting, reading, editing, deleting.
//!
//! The rules are those of the Messages API reference and the "Bots" guide (what a bot may read).

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Value, json};

use super::attached::{Attached, ShownMessage, checked};
use super::webhooks::Event;
use super::{AccountKind, Model, Room, RoomKind, written};
use crate::sim::error::ApiError;
use crate::sim::ids::unpadded;
use crate::sim::mention::{self, Mentioned, Reference, Rendered};

/// The longest text and the longest markdown, in bytes.
const MAX_TEXT_BYTES: usize = 7439;
/// How often a message can be edited.
const MAX_EDITS: u8 = 10;

/// A message.
#[derive(Debug, Clone)]
pub struct Message {
    /// The id.
    pub id: String,
    /// The root of the thread it answers in.
    pub parent_id: Option<String>,
    /// The space.
    pub room_id: String,
    /// The author.
    pub person_id: String,
    /// The plain form.
    pub text: Option<String>,
    /// What the author sent, if it was markdown.
    pub markdown: Option<String>,
    /// The rich form, if there is one.
    pub html: Option<String>,
    /// Who is mentioned.
    pub mentioned_people: Vec<String>,
    /// `all`, or nothing.
    pub mentioned_groups: Vec<String>,
    /// The id of its file, in a list.
    pub files: Vec<String>,
    /// The card, in a list.
    pub attachments: Option<Arc<RawValue>>,
    /// When it was posted.
    pub created: Timestamp,
    /// When it was last edited.
    pub updated: Option<Timestamp>,
    edits: u8,
}

/// A message exactly as some client would have stored it.
#[derive(Debug, Clone, Default)]
pub struct RawMessage {
    /// The plain form.
    pub text: Option<String>,
    /// The rich form.
    pub html: Option<String>,
    /// The ids of the people mentioned.
    pub mentioned_people: Vec<String>,
    /// The groups mentioned.
    pub mentioned_groups: Vec<String>,
    /// The root of the thread.
    pub parent_id: Option<String>,
}

impl Model {
    /// `POST /messages` without a file, by somebody in the room.
    pub fn post_message(&mut self, author: &str, body: &Value) -> Result<Value, ApiError> {
        let attachments = body.get("attachments").and_then(|attachments| to_raw_value(attachments).ok());
        self.post(author, body, Attached { attachments, file: None }).map(Value::from)
    }

    /// `POST /messages`.
    pub fn post(&mut self, author: &str, body: &Value, attached: Attached) -> Result<ShownMessage, ApiError> {
        let Attached { attachments, file } = attached;
        if !body["files"].is_null() {
            return Err(ApiError::bad_request("Files from elsewhere cannot be fetched in a simulation."));
        }
        let attachments = checked(attachments)?;
        let (text, rendered) = self.content_of(body)?;
        if text.is_none() && attachments.is_none() && file.is_none() {
            return Err(ApiError::bad_request("The message must have text, markdown, files or attachments."));
        }
        file.as_ref().map_or(Ok(()), |file| self.check_file(file))?;
        let room_id = self.destination_of(author, body)?;
        let parent_id = self.thread_of(&room_id, body)?;
        let rendered = rendered.unwrap_or_default();
        let id = self.mint_now("MESSAGE");
        let message = Message {
            files: file.map(|file| self.keep_file(&id, file)).into_iter().collect(),
            id,
            parent_id,
            room_id,
            person_id: author.to_owned(),
            text,
            markdown: body["markdown"].as_str().map(str::to_owned),
            html: (!rendered.html.is_empty()).then_some(rendered.html),
            mentioned_people: rendered.people,
            mentioned_groups: rendered.groups,
            attachments,
            created: self.now(),
            updated: None,
            edits: 0,
        };
        Ok(self.store_message(message))
    }

    /// Stores a message with exactly this content, as a client other than the API would have.
    pub fn post_raw(&mut self, author: &str, room_id: &str, raw: RawMessage) -> Result<Value, ApiError> {
        let room_id = self.room_for(author, room_id)?.id.clone();
        let message = Message {
            id: self.mint_now("MESSAGE"),
            parent_id: raw.parent_id,
            room_id,
            person_id: author.to_owned(),
            text: raw.text,
            markdown: None,
            html: raw.html,
            mentioned_people: raw.mentioned_people,
            mentioned_groups: raw.mentioned_groups,
            files: Vec::new(),
            attachments: None,
            created: self.now(),
            updated: None,
            edits: 0,
        };
        Ok(self.store_message(message).into())
    }

    fn store_message(&mut self, message: Message) -> ShownMessage {
        if let Some(room) = self.rooms.get_mut(&message.room_id) {
            room.message_ids.push(message.id.clone());
            room.last_activity = message.created;
        }
        let shown = self.shown(&message);
        self.publish_message("created", &message.person_id, &message);
        self.messages.insert(message.id.clone(), message);
        shown
    }

    /// The text of a new message, and its rich form if markdown was sent.
    fn content_of(&self, body: &Value) -> Result<(Option<String>, Option<Rendered>), ApiError> {
        let text = body["text"].as_str().filter(|text| !text.is_empty());
        let markdown = body["markdown"].as_str().filter(|markdown| !markdown.is_empty());
        for given in [text, markdown].into_iter().flatten() {
            if given.len() > MAX_TEXT_BYTES {
                return Err(ApiError::bad_request(format!(
                    "The message is too long: at most {MAX_TEXT_BYTES} bytes are allowed."
                )));
            }
        }
        let rendered = markdown.map(|markdown| mention::render(markdown, |who| self.mentionable(who)));
        let text =
            text.map(str::to_owned).or_else(|| rendered.as_ref().map(|rendered| rendered.text.clone()));
        Ok((text, rendered))
    }

    fn mentionable(&self, reference: Reference<'_>) -> Option<Mentioned> {
        let account = match reference {
            Reference::Id(id) => self.account(id),
            Reference::Email(email) => self.account_by_email(email),
        }?;
        Some(Mentioned { id: account.id.clone(), display_name: account.display_name.clone() })
    }

    /// The space a new message goes to; a direct one is made on the way if need be.
    fn destination_of(&mut self, author: &str, body: &Value) -> Result<String, ApiError> {
        let given = ["roomId", "toPersonId", "toPersonEmail"].map(|field| body[field].as_str());
        let recipient = match given {
            [Some(room_id), None, None] => return Ok(self.room_for(author, room_id)?.id.clone()),
            [None, Some(id), None] => self.account(id),
            [None, None, Some(email)] => self.account_by_email(email),
            _ => {
                return Err(ApiError::bad_request(
                    "Exactly one of roomId, toPersonId and toPersonEmail is required.",
                ));
            }
        };
        let recipient = recipient.ok_or_else(ApiError::not_found)?.id.clone();
        if recipient == author {
            return Err(ApiError::bad_request("Nobody can write to themselves."));
        }
        let (room_id, is_new) = self.direct_between(author, &recipient);
        if is_new {
            self.announce_members(&room_id, author);
        }
        Ok(room_id)
    }

    /// The thread a new message belongs to: its parent must be the root of a thread in the same space.
    fn thread_of(&self, room_id: &str, body: &Value) -> Result<Option<String>, ApiError> {
        let parent_id = match &body["parentId"] {
            Value::Null => return Ok(None),
            Value::String(id) => unpadded(id),
            _ => return Err(ApiError::bad_request("parentId must be an id.")),
        };
        match self.messages.get(parent_id) {
            Some(parent) if parent.room_id == room_id && parent.parent_id.is_none() => {
                Ok(Some(parent_id.to_owned()))
            }
            _ => Err(ApiError::bad_request("parentId must be the first message of a thread in this room.")),
        }
    }

    /// `GET /messages/{id}`.
    pub fn message_seen_by(&self, caller: &str, id: &str) -> Result<Value, ApiError> {
        self.visible(caller, id).map(|message| self.message_json(message))
    }

    /// A message if the caller may read it: a bot only what is addressed to it, what is its own, or what is direct.
    fn visible(&self, caller: &str, id: &str) -> Result<&Message, ApiError> {
        let message = self.messages.get(unpadded(id)).ok_or_else(ApiError::not_found)?;
        let room = self.room(&message.room_id).ok_or_else(ApiError::not_found)?;
        let audience = self.audience(room, &message.person_id, &message.mentioned_people);
        if audience.iter().any(|id| id == caller) { Ok(message) } else { Err(ApiError::not_found()) }
    }

    /// The message with this id, whoever asks.
    #[must_use]
    pub fn message(&self, id: &str) -> Option<&Message> {
        self.messages.get(unpadded(id))
    }

    /// `PUT /messages/{id}`.
    pub fn edit_message(&mut self, caller: &str, id: &str, body: &Value) -> Result<Value, ApiError> {
        let message = self.visible(caller, id)?;
        if message.person_id != caller {
            return Err(ApiError::forbidden_because("Only the author can edit a message."));
        }
        if message.attachments.is_some() || !message.files.is_empty() {
            return Err(ApiError::bad_request("Messages with files or attachments cannot be edited."));
        }
        if message.edits >= MAX_EDITS {
            return Err(ApiError::bad_request("The message cannot be edited any more."));
        }
        if body["roomId"].as_str().map(unpadded) != Some(&message.room_id) || !body["html"].is_null() {
            return Err(ApiError::bad_request(
                "roomId and either text or markdown are required; html is not.",
            ));
        }
        let (text, rendered) = self.content_of(body)?;
        let text = text.ok_or_else(|| ApiError::bad_request("text or markdown is required."))?;
        let rendered = rendered.unwrap_or_default();
        let mut edited = message.clone();
        edited.text = Some(text);
        edited.markdown = body["markdown"].as_str().map(str::to_owned);
        edited.html = (!rendered.html.is_empty()).then_some(rendered.html);
        edited.mentioned_people = rendered.people;
        edited.mentioned_groups = rendered.groups;
        edited.updated = Some(self.now());
        edited.edits += 1;
        let shown = self.message_json(&edited);
        self.messages.insert(edited.id.clone(), edited);
        Ok(shown)
    }

    /// `DELETE /messages/{id}`.
    pub fn delete_message(&mut self, caller: &str, id: &str) -> Result<(), ApiError> {
        let message = self.visible(caller, id)?;
        if message.person_id != caller {
            return Err(ApiError::forbidden_because("Only the author can delete a message."));
        }
        let id = message.id.clone();
        if let Some(message) = self.messages.remove(&id) {
            for file in &message.files {
                self.files.remove(file);
            }
            self.publish_message("deleted", caller, &message);
        }
        Ok(())
    }

    fn publish_message(&mut self, event: &'static str, actor: &str, message: &Message) {
        let Some(room) = self.room(&message.room_id) else { return };
        let audience = self.audience(room, &message.person_id, &message.mentioned_people);
        let mut data = json!({
            "id": message.id,
            "roomId": message.room_id,
            "roomType": room.kind.as_str(),
            "personId": message.person_id,
            "personEmail": self.account(&message.person_id).map(|author| &author.email),
            "created": written(message.created),
        });
        if let Some(parent_id) = &message.parent_id {
            data["parentId"] = json!(parent_id);
        }
        if !message.mentioned_people.is_empty() {
            data["mentionedPeople"] = json!(message.mentioned_people);
        }
        if !message.mentioned_groups.is_empty() {
            data["mentionedGroups"] = json!(message.mentioned_groups);
        }
        self.publish(&Event::new("messages", event, actor, data, audience));
    }

    /// A message as the API shows it.
    #[must_use]
    pub fn message_json(&self, message: &Message) -> Value {
        self.shown(message).into()
    }

    /// What is not there is left out.
    fn shown(&self, message: &Message) -> ShownMessage {
        let mut shown = Map::new();
        let mut show = |field: &str, value: Option<Value>| {
            if let Some(value) = value {
                shown.insert(field.to_owned(), value);
            }
        };
        let list = |items: &[String]| (!items.is_empty()).then(|| json!(items));
        show("id", Some(json!(message.id)));
        show("parentId", message.parent_id.as_ref().map(|id| json!(id)));
        show("roomId", Some(json!(message.room_id)));
        show("roomType", self.room(&message.room_id).map(|room| json!(room.kind.as_str())));
        show("text", message.text.as_ref().map(|text| json!(text)));
        show("markdown", message.markdown.as_ref().map(|markdown| json!(markdown)));
        show("html", message.html.as_ref().map(|html| json!(html)));
        show("personId", Some(json!(message.person_id)));
        show("personEmail", self.account(&message.person_id).map(|author| json!(author.email)));
        show("mentionedPeople", list(&message.mentioned_people));
        show("mentionedGroups", list(&message.mentioned_groups));
        let files: Vec<String> = message.files.iter().map(|id| self.url_of_file(id)).collect();
        show("files", list(&files));
        show("created", Some(json!(written(message.created))));
        show("updated", message.updated.map(|at| json!(written(at))));
        ShownMessage { fields: shown, attachments: message.attachments.clone() }
    }

    /// All messages of a space, oldest first.
    pub fn messages_in<'a>(&'a self, room: &'a Room) -> impl DoubleEndedIterator<Item = &'a Message> {
        room.message_ids.iter().filter_map(|id| self.messages.get(id))
    }

    /// Whether an account is a bot in a group space: it then sees only what is addressed to it.
    pub(super) fn is_confined(&self, caller: &str, room: &Room) -> bool {
        room.kind == RoomKind::Group
            && self.account(caller).is_some_and(|account| account.kind == AccountKind::Bot)
    }
}
