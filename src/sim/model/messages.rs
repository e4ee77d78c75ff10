//! Messages: posting, reading, editing, deleting.
//!
//! The rules are those of the Messages API reference and the "Bots" guide (what a bot may read).

use std::sync::Arc;

use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Value, json};

use super::attachments::{NewAttachments, checked_card};
use super::markdown::{self, MentionTarget, Mentioned};
use super::stored::{Message, MessageContent, Room, RoomKind};
use super::{Model, present, written};
use crate::sim::error::{ApiError, ApiResult, ensure};
use crate::sim::ids::unpadded;

/// The longest text and the longest markdown, in bytes.
const MAX_TEXT_BYTES: usize = 7439;
/// How often a message can be edited.
const MAX_EDITS: u8 = 10;

/// A message exactly as another client would have stored it.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "the fields have the names that the API gives them")]
pub struct RawMessage {
    pub text: Option<String>,
    pub html: Option<String>,
    pub mentioned_people: Vec<String>,
    pub mentioned_groups: Vec<String>,
    /// The root of the thread.
    pub parent_id: Option<String>,
}

/// A message as the API shows it.
#[derive(Debug, Serialize)]
pub(crate) struct ShownMessage {
    #[serde(flatten)]
    fields: Map<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attachments: Option<Arc<RawValue>>,
}

impl From<ShownMessage> for Value {
    fn from(shown: ShownMessage) -> Self {
        let mut fields = shown.fields;
        if let Some(attachments) = shown.attachments {
            // It was parsed as JSON when it arrived.
            let attachments = serde_json::from_str(attachments.get()).unwrap_or_default();
            fields.insert("attachments".to_owned(), attachments);
        }
        Self::Object(fields)
    }
}

impl Model {
    /// `POST /messages` without a file.
    pub(crate) fn post_message(&mut self, author: &str, body: &Value) -> ApiResult<Value> {
        let attachments = body.get("attachments").and_then(|attachments| to_raw_value(attachments).ok());
        self.post(author, body, NewAttachments { attachments, file: None }).map(Value::from)
    }

    /// `POST /messages`.
    pub(crate) fn post(
        &mut self,
        author: &str,
        body: &Value,
        new: NewAttachments,
    ) -> ApiResult<ShownMessage> {
        ensure(body["files"].is_null(), "Files from elsewhere cannot be fetched in a simulation.")?;
        let attachments = checked_card(new.attachments)?;
        let content = self.content_of(body)?;
        ensure(
            content.text.is_some() || attachments.is_some() || new.file.is_some(),
            "The message must have text, markdown, files or attachments.",
        )?;
        let size = new.file.as_ref().map_or(0, |file| file.bytes.len());
        ensure(size <= self.file_limit, "The file is too large.")?;
        let room_id = self.destination_of(author, body)?;
        let parent_id = self.thread_of(&room_id, body)?;
        let mut message = self.new_message(author, room_id, parent_id, content);
        message.attachments = attachments;
        message.files = new.file.map(|file| self.keep_file(&message.id, file)).into_iter().collect();
        Ok(self.store(message))
    }

    /// Stores a message with exactly this content, as a client other than the API would have.
    pub(crate) fn post_raw(&mut self, author: &str, room_id: &str, raw: RawMessage) -> ApiResult<Value> {
        let room_id = self.room_for(author, room_id)?.id.clone();
        let content = MessageContent {
            text: raw.text,
            markdown: None,
            html: raw.html,
            mentioned_people: raw.mentioned_people,
            mentioned_groups: raw.mentioned_groups,
        };
        let message = self.new_message(author, room_id, raw.parent_id, content);
        Ok(self.store(message).into())
    }

    fn new_message(
        &mut self,
        author: &str,
        room_id: String,
        parent_id: Option<String>,
        content: MessageContent,
    ) -> Message {
        Message {
            id: self.mint_now("MESSAGE"),
            parent_id,
            room_id,
            person_id: author.to_owned(),
            content,
            files: Vec::new(),
            attachments: None,
            created: self.now(),
            updated: None,
            edits: 0,
        }
    }

    fn store(&mut self, message: Message) -> ShownMessage {
        if let Some(room) = self.rooms.get_mut(&message.room_id) {
            room.message_ids.push(message.id.clone());
            room.last_activity = message.created;
        }
        let shown = self.shown(&message);
        self.publish_message("created", &message.person_id, &message);
        self.messages.insert(message.id.clone(), message);
        shown
    }

    /// The content of a new message, rendered if markdown was sent.
    fn content_of(&self, body: &Value) -> ApiResult<MessageContent> {
        let text = body["text"].as_str().filter(|text| !text.is_empty());
        let markdown = body["markdown"].as_str().filter(|markdown| !markdown.is_empty());
        let length = text.map_or(0, str::len).max(markdown.map_or(0, str::len));
        ensure(
            length <= MAX_TEXT_BYTES,
            &format!("The message is too long: at most {MAX_TEXT_BYTES} bytes are allowed."),
        )?;
        let rendered = markdown.map(|markdown| markdown::render(markdown, |target| self.mentioned(target)));
        let rendered = rendered.unwrap_or_default();
        Ok(MessageContent {
            text: text.map(str::to_owned).or_else(|| markdown.map(|_| rendered.text)),
            markdown: body["markdown"].as_str().map(str::to_owned),
            html: (!rendered.html.is_empty()).then_some(rendered.html),
            mentioned_people: rendered.people,
            mentioned_groups: rendered.groups,
        })
    }

    fn mentioned(&self, target: MentionTarget<'_>) -> Option<Mentioned> {
        let account = match target {
            MentionTarget::Id(id) => self.account(id),
            MentionTarget::Email(email) => self.account_by_email(email),
        }?;
        Some(Mentioned { id: account.id.clone(), display_name: account.display_name.clone() })
    }

    /// The space that a new message goes to; a direct one is created if there is none.
    fn destination_of(&mut self, author: &str, body: &Value) -> ApiResult<String> {
        let given = ["roomId", "toPersonId", "toPersonEmail"].map(|field| body[field].as_str());
        let recipient = match given {
            [Some(room_id), None, None] => return Ok(self.room_for(author, room_id)?.id.clone()),
            [None, id, email] if id.is_some() != email.is_some() => self.account_named(id, email)?,
            _ => {
                return Err(ApiError::bad_request(
                    "Exactly one of roomId, toPersonId and toPersonEmail is required.",
                ));
            }
        };
        let recipient = recipient.id.clone();
        ensure(recipient != author, "Nobody can write to themselves.")?;
        let (room_id, is_new) = self.open_direct(author, &recipient);
        if is_new {
            self.publish_members(&room_id, author);
        }
        Ok(room_id)
    }

    /// The thread that a new message belongs to: its parent must be the root of a thread in the same space.
    fn thread_of(&self, room_id: &str, body: &Value) -> ApiResult<Option<String>> {
        let parent_id = match &body["parentId"] {
            Value::Null => return Ok(None),
            Value::String(id) => unpadded(id),
            _ => return Err(ApiError::bad_request("parentId must be an id.")),
        };
        let is_root = |parent: &Message| parent.room_id == room_id && parent.parent_id.is_none();
        ensure(
            self.messages.get(parent_id).is_some_and(is_root),
            "parentId must be the first message of a thread in this room.",
        )?;
        Ok(Some(parent_id.to_owned()))
    }

    /// `GET /messages/{id}`.
    pub(crate) fn message_seen_by(&self, caller: &str, id: &str) -> ApiResult<Value> {
        self.visible(caller, id).map(|message| self.shown(message).into())
    }

    /// A message if the caller may read it.
    fn visible(&self, caller: &str, id: &str) -> ApiResult<&Message> {
        let message = self.message(id).ok_or_else(ApiError::not_found)?;
        let room = self.room(&message.room_id).ok_or_else(ApiError::not_found)?;
        let is_visible = self.audience(room, message).iter().any(|id| id == caller);
        if is_visible { Ok(message) } else { Err(ApiError::not_found()) }
    }

    /// A message that only its author may change.
    fn own(&self, caller: &str, id: &str, otherwise: &str) -> ApiResult<&Message> {
        let message = self.visible(caller, id)?;
        if message.person_id == caller { Ok(message) } else { Err(ApiError::forbidden_because(otherwise)) }
    }

    /// Whether an account may read a message: every member may, but bots in a group space read only their own messages
    /// and those that mention them.
    fn audience(&self, room: &Room, message: &Message) -> Vec<String> {
        let reads = |person_id: &String| {
            !self.is_confined(person_id, room)
                || *person_id == message.person_id
                || message.content.mentioned_people.contains(person_id)
        };
        room.members.iter().map(|member| &member.person_id).filter(|id| reads(id)).cloned().collect()
    }

    /// Whether an account is a bot in a group space, which reads only messages addressed to it.
    pub(super) fn is_confined(&self, caller: &str, room: &Room) -> bool {
        room.kind == RoomKind::Group && self.is_bot(caller)
    }

    pub(super) fn message(&self, id: &str) -> Option<&Message> {
        self.messages.get(unpadded(id))
    }

    /// `PUT /messages/{id}`.
    pub(crate) fn edit_message(&mut self, caller: &str, id: &str, body: &Value) -> ApiResult<Value> {
        let message = self.own(caller, id, "Only the author can edit a message.")?;
        ensure(
            message.attachments.is_none() && message.files.is_empty(),
            "Messages with files or attachments cannot be edited.",
        )?;
        ensure(message.edits < MAX_EDITS, "The message cannot be edited any more.")?;
        let is_of_room = body["roomId"].as_str().map(unpadded) == Some(&message.room_id);
        ensure(
            is_of_room && body["html"].is_null(),
            "roomId and either text or markdown are required; html is not.",
        )?;
        let content = self.content_of(body)?;
        ensure(content.text.is_some(), "text or markdown is required.")?;
        let (updated, edits) = (Some(self.now()), message.edits + 1);
        let edited = Message { content, updated, edits, ..message.clone() };
        let shown = self.shown(&edited).into();
        self.messages.insert(edited.id.clone(), edited);
        Ok(shown)
    }

    /// `DELETE /messages/{id}`.
    pub(crate) fn delete_message(&mut self, caller: &str, id: &str) -> ApiResult<()> {
        let id = self.own(caller, id, "Only the author can delete a message.")?.id.clone();
        if let Some(message) = self.messages.remove(&id) {
            for file in &message.files {
                self.files.remove(file);
            }
            self.publish_message("deleted", caller, &message);
        }
        Ok(())
    }

    fn publish_message(&mut self, change: &'static str, actor: &str, message: &Message) {
        let Some(room) = self.room(&message.room_id) else { return };
        let audience = self.audience(room, message);
        let data = present(json!({
            "id": message.id,
            "roomId": message.room_id,
            "roomType": room.kind,
            "personId": message.person_id,
            "personEmail": self.account(&message.person_id).map(|author| &author.email),
            "created": written(message.created),
            "parentId": message.parent_id,
            "mentionedPeople": message.content.mentioned_people,
            "mentionedGroups": message.content.mentioned_groups,
        }));
        self.publish("messages", change, actor, data.into(), audience);
    }

    pub(super) fn shown(&self, message: &Message) -> ShownMessage {
        let MessageContent { text, markdown, html, mentioned_people, mentioned_groups } = &message.content;
        let files: Vec<String> = message.files.iter().map(|id| self.url_of_file(id)).collect();
        let fields = present(json!({
            "id": message.id,
            "parentId": message.parent_id,
            "roomId": message.room_id,
            "roomType": self.room(&message.room_id).map(|room| room.kind),
            "text": text,
            "markdown": markdown,
            "html": html,
            "personId": message.person_id,
            "personEmail": self.account(&message.person_id).map(|author| &author.email),
            "mentionedPeople": mentioned_people,
            "mentionedGroups": mentioned_groups,
            "files": files,
            "created": written(message.created),
            "updated": message.updated.map(written),
        }));
        ShownMessage { fields, attachments: message.attachments.clone() }
    }
}
