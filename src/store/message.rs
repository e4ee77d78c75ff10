//! Messages to post: kept as they will be posted, so that a restart posts the same words.

use jiff::Timestamp;
use serde_json::Value;
use sqlx::Row as _;

use super::{CommandId, Store, StoreError, millis};
use crate::domain::{MessageId, SpaceId};

/// What a message to post is known by: the command it answers, and which answer it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutgoingId(String);

impl OutgoingId {
    /// The answer to a command.
    #[must_use]
    pub fn answer_to(command: &CommandId) -> Self {
        Self(format!("{command}#answer"))
    }

    /// What is said later, when a deletion that was not yet to be seen has settled.
    #[must_use]
    pub fn follow_up_to(command: &CommandId) -> Self {
        Self(format!("{command}#follow-up"))
    }

    /// A message by its stored id.
    #[must_use]
    pub fn from_stored(id: &str) -> Self {
        Self(id.to_owned())
    }

    /// The stored id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A message to be posted.
#[derive(Debug, Clone)]
pub struct NewMessage {
    /// Its id: adding the same one twice is adding it once.
    pub id: OutgoingId,
    /// Where.
    pub space_id: SpaceId,
    /// In which thread.
    pub parent_id: MessageId,
    /// The plain text.
    pub text: String,
    /// The card.
    pub card: Option<Value>,
    /// When it was written.
    pub at: Timestamp,
}

/// A stored message.
#[derive(Debug, Clone)]
pub struct OutgoingMessage {
    /// Where.
    pub space_id: SpaceId,
    /// In which thread.
    pub parent_id: MessageId,
    /// The plain text.
    pub text: String,
    /// The card.
    pub card: Option<Value>,
    /// The message it became, once it was posted.
    pub posted_id: Option<String>,
}

impl Store {
    /// The message with this id.
    pub async fn outgoing(&self, id: &OutgoingId) -> Result<OutgoingMessage, StoreError> {
        let corrupt = |error: &dyn std::fmt::Display| StoreError::corrupt("message", id.as_str(), error);
        let row =
            sqlx::query("SELECT space_id, parent_id, text, card, posted_id FROM messages WHERE id = $1")
                .bind(id.as_str())
                .fetch_optional(&self.reader)
                .await?
                .ok_or_else(|| corrupt(&"it is missing"))?;
        let card: Option<&str> = row.try_get("card")?;
        Ok(OutgoingMessage {
            space_id: SpaceId::parse(row.try_get("space_id")?).map_err(|error| corrupt(&error))?,
            parent_id: MessageId::parse(row.try_get("parent_id")?).map_err(|error| corrupt(&error))?,
            text: row.try_get("text")?,
            card: card.map(serde_json::from_str).transpose().map_err(|error| corrupt(&error))?,
            posted_id: row.try_get("posted_id")?,
        })
    }
}

pub(super) async fn insert(tx: &mut sqlx::SqliteConnection, new: &NewMessage) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO messages (id, space_id, parent_id, text, card, created_at)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO NOTHING",
    )
    .bind(new.id.as_str())
    .bind(new.space_id.as_str())
    .bind(new.parent_id.as_str())
    .bind(&new.text)
    .bind(new.card.as_ref().map(Value::to_string))
    .bind(millis(new.at))
    .execute(tx)
    .await?;
    Ok(())
}

pub(super) async fn set_posted(
    tx: &mut sqlx::SqliteConnection,
    id: &OutgoingId,
    posted: &MessageId,
    at: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE messages SET posted_id = $1, posted_at = $2 WHERE id = $3")
        .bind(posted.as_str())
        .bind(millis(at))
        .bind(id.as_str())
        .execute(tx)
        .await?;
    Ok(())
}
