//! Messages to post: kept as they will be posted, so that a restart posts the same words.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::value::RawValue;

use super::database::{Tx, values};
use super::job::Subject;
use super::{CommandId, JobKind, LeasedJob, NewJob, Store, StoreError, job, millis};
use crate::domain::{ClientId, MembershipId, MessageId, SpaceId};

/// What a message to post is known by: the command it answers, and which answer it is; or what else gave rise to
/// it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutgoingId(String);

/// How the id of a message ends that asks for patience.
const WAITING: &str = "#waiting";

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

    /// What is said when the answer to a command takes long.
    #[must_use]
    pub fn waiting_for(command: &CommandId) -> Self {
        Self(format!("{command}{WAITING}"))
    }

    /// What is said of a command that was parked, because not even giving it up worked. An operator may let it go on,
    /// and then there is an answer after all.
    #[must_use]
    pub fn given_up(command: &CommandId) -> Self {
        Self(format!("{command}#given-up"))
    }

    /// The message after which this one has nothing to say any more: the answer that somebody is told to wait for.
    #[must_use]
    pub fn overtaken_by(&self) -> Option<Self> {
        self.0.strip_suffix(WAITING).map(|command| Self::answer_to(&CommandId::from_stored(command)))
    }

    /// The greeting in a space that the bot was added to.
    #[must_use]
    pub fn welcome(membership: &MembershipId) -> Self {
        Self(format!("membership:{}#welcome", membership.key()))
    }

    /// What the alert space is told of the credential of a Service App: one message a day, whoever says it.
    #[must_use]
    pub fn credential_alert(client_id: &ClientId, day: Date) -> Self {
        Self(format!("{client_id}#credential-alert#{day}"))
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
    /// The space to post it in.
    pub space_id: SpaceId,
    /// The root of the thread to post it in, if it belongs to one.
    pub parent_id: Option<MessageId>,
    /// The plain text.
    pub text: String,
    /// The card.
    pub card: Option<Arc<RawValue>>,
    /// When it was written.
    pub at: Timestamp,
}

/// A stored message.
#[derive(Debug, Clone)]
pub struct OutgoingMessage {
    /// The space to post it in.
    pub space_id: SpaceId,
    /// The root of the thread to post it in, if it belongs to one.
    pub parent_id: Option<MessageId>,
    /// The plain text.
    pub text: String,
    /// The card.
    pub card: Option<Arc<RawValue>>,
    /// The message it became, once it was posted.
    pub posted_id: Option<String>,
    /// How many posts had their answer lost.
    pub unclear_posts: i64,
}

impl From<&NewMessage> for OutgoingMessage {
    fn from(new: &NewMessage) -> Self {
        Self {
            space_id: new.space_id.clone(),
            parent_id: new.parent_id.clone(),
            text: new.text.clone(),
            card: new.card.clone(),
            posted_id: None,
            unclear_posts: 0,
        }
    }
}

impl Store {
    /// The message that a job is to post.
    pub async fn outgoing_of(&self, claimed: &LeasedJob) -> Result<Arc<OutgoingMessage>, StoreError> {
        match &claimed.known {
            Some(Subject::Message(message)) => Ok(message.clone()),
            _ => self.outgoing(&OutgoingId::from_stored(&claimed.subject)).await.map(Arc::new),
        }
    }

    /// Adds a message that no job has caused, with the job that posts it; false when it was there already.
    pub async fn post(&self, new: NewMessage) -> Result<bool, StoreError> {
        let new = Arc::new(new);
        self.database
            .write(move |tx| {
                let new = new.clone();
                Box::pin(async move {
                    if !insert(tx, &new).await? {
                        return Ok(false);
                    }
                    let subject = new.id.as_str().to_owned();
                    let post = NewJob { kind: JobKind::Message, subject, due_at: new.at };
                    job::insert(tx, &post, new.at).await?;
                    tx.notify().await?;
                    Ok(true)
                })
            })
            .await
    }

    /// Whether this message has been written, posted or not.
    pub async fn is_written(&self, id: &OutgoingId) -> Result<bool, StoreError> {
        let rows = self.database.read("SELECT id FROM messages WHERE id = $1", values![id.as_str()]).await?;
        Ok(!rows.is_empty())
    }

    /// The message with this id.
    pub async fn outgoing(&self, id: &OutgoingId) -> Result<OutgoingMessage, StoreError> {
        let corrupt = |error: &dyn std::fmt::Display| StoreError::corrupt("message", id.as_str(), error);
        let sql = "SELECT space_id, parent_id, text, card, posted_id, unclear_posts
                     FROM messages LEFT JOIN posts ON message = seq WHERE id = $1";
        let rows = self.database.read(sql, values![id.as_str()]).await?;
        let row = rows.first().ok_or_else(|| corrupt(&"it is missing"))?;
        let card = row.optional_text("card")?;
        Ok(OutgoingMessage {
            space_id: SpaceId::parse(&row.text("space_id")?).map_err(|error| corrupt(&error))?,
            parent_id: row
                .optional_text("parent_id")?
                .map(|id| MessageId::parse(&id))
                .transpose()
                .map_err(|error| corrupt(&error))?,
            text: row.text("text")?,
            card: card
                .map(RawValue::from_string)
                .transpose()
                .map_err(|error| corrupt(&error))?
                .map(Arc::from),
            posted_id: row.optional_text("posted_id")?,
            unclear_posts: row.number("unclear_posts")?,
        })
    }
}

/// Adds a message; false when it was there already.
pub(super) async fn insert(tx: &mut Tx, new: &NewMessage) -> Result<bool, StoreError> {
    let added = tx
        .execute(
            "INSERT INTO messages (id, space_id, parent_id, text, card, created_at)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO NOTHING",
            values![
                new.id.as_str(),
                new.space_id.as_str(),
                new.parent_id.as_ref().map(MessageId::as_str),
                new.text.as_str(),
                new.card.as_ref().map(|card| card.get()),
                millis(new.at),
            ],
        )
        .await?;
    Ok(added == 1)
}

pub(super) async fn count_unclear_post(tx: &mut Tx, id: &OutgoingId) -> Result<(), StoreError> {
    let sql = "UPDATE messages SET unclear_posts = unclear_posts + 1 WHERE id = $1";
    tx.execute(sql, values![id.as_str()]).await?;
    Ok(())
}

pub(super) async fn set_posted(
    tx: &mut Tx,
    id: &OutgoingId,
    posted: &MessageId,
    at: Timestamp,
) -> Result<(), StoreError> {
    let sql =
        "INSERT INTO posts (message, posted_id, posted_at) SELECT seq, $2, $3 FROM messages WHERE id = $1
               ON CONFLICT (message) DO NOTHING";
    tx.execute(sql, values![id.as_str(), posted.as_str(), millis(at)]).await?;
    Ok(())
}
