//! The records of the model, as plain data. The rules for each kind of record are in its own file: `messages.rs`,
//! `rooms.rs` and so on. Only devices and workspaces are kept as JSON (`devices.rs`, `records.rs`).

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use axum::body::Bytes;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;
use tokio::sync::Semaphore;

/// The largest file (Messages API reference: 100 MB).
pub(crate) const FILE_LIMIT: usize = 100 << 20;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum AccountKind {
    Person,
    /// In group spaces it sees only messages that mention it.
    Bot,
    /// The machine account behind a Service App's token.
    #[serde(rename = "appuser")]
    Machine,
}

#[derive(Debug, Clone)]
pub(crate) struct Account {
    pub(crate) id: String,
    pub(crate) email: String,
    pub(crate) display_name: String,
    pub(crate) org_id: String,
    pub(crate) kind: AccountKind,
    pub(super) created: Timestamp,
}

/// The kind of account that a token speaks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum TokenKind {
    /// A bot.
    Bot,
    /// A person.
    Person,
    /// The machine account of a Service App.
    Admin,
}

#[derive(Debug, Clone)]
pub(crate) struct AccessToken {
    /// The value sent after `Bearer`.
    pub(crate) value: String,
    /// The name in the journal, which never contains the value.
    pub(crate) name: String,
    pub(crate) kind: TokenKind,
    pub(crate) person_id: String,
    pub(crate) org_id: String,
    pub(crate) scopes: Vec<&'static str>,
    /// When it expires, if ever.
    pub(crate) until: Option<Timestamp>,
}

/// A Service App that an administrator has authorized.
#[derive(Debug)]
pub(crate) struct ServiceApp {
    pub(super) client: (&'static str, &'static str),
    /// Its machine account.
    pub(super) person_id: String,
    pub(super) org_id: String,
    /// How long its access tokens are valid, in seconds.
    pub(crate) access_seconds: i64,
    pub(super) scopes: Vec<&'static str>,
    /// Whether each use of a refresh token replaces it. By default it stays the same.
    pub(crate) rotates: bool,
    /// Its refresh tokens, each with its time of expiry.
    pub(super) refresh_tokens: HashMap<String, Timestamp>,
    /// The number of tokens made for it so far.
    pub(super) made: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum RoomKind {
    /// Always has exactly two members.
    Direct,
    Group,
}

#[derive(Debug, Clone)]
pub(crate) struct Member {
    /// The id of the membership.
    pub(super) id: String,
    pub(crate) person_id: String,
    pub(super) moderator: bool,
    pub(super) created: Timestamp,
}

#[derive(Debug)]
pub(crate) struct Room {
    pub(crate) id: String,
    /// Meaningless in a direct space.
    pub(crate) title: String,
    pub(crate) kind: RoomKind,
    pub(super) creator_id: String,
    pub(super) created: Timestamp,
    pub(super) last_activity: Timestamp,
    pub(crate) members: Vec<Member>,
    /// The ids of its messages, oldest first; some may be deleted by now.
    pub(super) message_ids: Vec<String>,
}

#[derive(Debug, Clone)]
pub(super) struct Message {
    pub(super) id: String,
    /// The root of the thread that it answers in.
    pub(super) parent_id: Option<String>,
    pub(super) room_id: String,
    /// The author.
    pub(super) person_id: String,
    pub(super) content: MessageContent,
    /// The id of its file, in a list.
    pub(super) files: Vec<String>,
    /// The card, in a list.
    pub(super) attachments: Option<Arc<RawValue>>,
    pub(super) created: Timestamp,
    pub(super) updated: Option<Timestamp>,
    pub(super) edits: u8,
}

/// The content of a message.
#[derive(Debug, Clone, Default)]
pub(super) struct MessageContent {
    pub(super) text: Option<String>,
    /// The markdown that the author sent, if any.
    pub(super) markdown: Option<String>,
    pub(super) html: Option<String>,
    pub(super) mentioned_people: Vec<String>,
    pub(super) mentioned_groups: Vec<String>,
}

/// A file as it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are self-explanatory")]
pub struct SentFile {
    pub name: String,
    pub content_type: String,
    pub bytes: Bytes,
}

#[derive(Debug)]
pub(super) struct StoredFile {
    pub(super) message_id: String,
    pub(super) file: SentFile,
}

/// A pressed button.
#[derive(Debug)]
pub(super) struct SubmittedAction {
    /// The author of the card, the only account that can read the action.
    pub(super) card_owner: String,
    pub(super) json: Value,
}

/// A delivery that is ready to be sent.
#[derive(Debug)]
pub(crate) struct OutgoingDelivery {
    pub(crate) webhook_id: String,
    pub(crate) target_url: String,
    /// The key of its signatures.
    pub(crate) secret: Option<String>,
    pub(crate) resource: &'static str,
    pub(crate) event: &'static str,
    /// The bytes that are signed and sent.
    pub(crate) body: Bytes,
    /// Limits how many deliveries to this webhook are in progress at a time.
    pub(crate) slots: Arc<Semaphore>,
}

#[derive(Debug)]
pub(super) struct Webhook {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) target_url: String,
    pub(super) resource: String,
    pub(super) event: String,
    pub(super) filter: Option<String>,
    /// The parsed filter.
    pub(super) conditions: Vec<(String, String)>,
    pub(super) secret: Option<String>,
    pub(super) active: bool,
    pub(super) owner_id: String,
    pub(super) org_id: String,
    pub(super) created: Timestamp,
    pub(super) failures: VecDeque<Timestamp>,
    pub(super) disabled_at: Option<Timestamp>,
    pub(super) slots: Arc<Semaphore>,
}

/// An activation code that was created.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields have the names that the API gives them")]
pub struct IssuedCode {
    /// The sixteen digits.
    pub code: String,
    pub workspace_id: Option<String>,
    pub person_id: Option<String>,
    pub model: Option<String>,
    pub expires: Timestamp,
}
