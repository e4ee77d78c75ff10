//! Messages to post, stored exactly as they will be posted, so that a restart cannot change them.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::value::RawValue;

use super::database::{Row, Tx, values};
use super::{CommandId, NewCommand, Store, StoreError};
use crate::domain::{ClientId, MembershipId, MessageId, SpaceId};

/// Identifies a message to post: by the command and the kind of the answer, or by another cause. The ids are stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutgoingId(String);

/// The suffix of the id of a notice that the answer takes long.
const WAITING: &str = "#waiting";
/// The suffix of the id of a copy that goes to the requester 1:1.
const DIRECTLY: &str = "#directly";

impl OutgoingId {
    /// The answer to a command.
    pub fn answer_to(command: &CommandId) -> Self {
        Self(format!("{command}#answer"))
    }

    /// The second answer, sent when a deletion has settled whose effect was not visible at first.
    pub fn follow_up_to(command: &CommandId) -> Self {
        Self(format!("{command}#follow-up"))
    }

    /// The notice that the answer to a command takes long.
    pub fn waiting_for(command: &CommandId) -> Self {
        Self(format!("{command}{WAITING}"))
    }

    /// The notice that a command was parked. If an operator retries it, there is an answer after all.
    pub fn given_up(command: &CommandId) -> Self {
        Self(format!("{command}#given-up"))
    }

    /// The copy of this message that goes to the requester 1:1, because Webex does not let Steward post it in its space.
    pub fn directly(&self) -> Self {
        Self(format!("{}{DIRECTLY}", self.0))
    }

    /// If this is such a copy: the message that it is a copy of.
    pub fn copied_from(&self) -> Option<Self> {
        self.0.strip_suffix(DIRECTLY).map(|original| Self(original.to_owned()))
    }

    /// If this message tells a requester what became of a command: that command.
    pub fn reports_on(&self) -> Option<CommandId> {
        let (command, kind) = self.0.split_once('#')?;
        matches!(kind, "answer" | "follow-up" | "given-up").then(|| CommandId::from_stored(command))
    }

    /// If this is an answer to a command: the notice that it takes long, which there may be.
    pub fn announced_by(&self) -> Option<Self> {
        self.0.strip_suffix("#answer").map(|command| Self::waiting_for(&CommandId::from_stored(command)))
    }

    /// If this is a notice that the answer takes long: the answer, which makes the notice pointless.
    pub fn overtaken_by(&self) -> Option<Self> {
        self.0.strip_suffix(WAITING).map(|command| Self::answer_to(&CommandId::from_stored(command)))
    }

    /// The greeting in a space that the bot was added to.
    pub fn welcome(membership: &MembershipId) -> Self {
        Self(format!("membership:{}#welcome", membership.key()))
    }

    /// The alert about the credential of a Service App: at most one a day across all processes.
    pub fn credential_alert(client_id: &ClientId, day: Date) -> Self {
        Self(format!("{client_id}#credential-alert#{day}"))
    }

    /// The answer to all messages that a catch-up found in a space and did not answer one by one.
    pub fn missed_messages(space_id: &SpaceId, asked_at: Timestamp) -> Self {
        Self(format!("space:{}#missed#{}", space_id.key(), asked_at.as_millisecond()))
    }

    /// The alert that the public address fails in this way: at most one a day across all processes.
    pub fn public_address_alert(broken: &str, day: Date) -> Self {
        Self(format!("public-address#{broken}#{day}"))
    }

    /// A message by its stored id.
    pub fn from_stored(id: &str) -> Self {
        Self(id.to_owned())
    }

    /// The stored id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A message to be posted.
#[derive(Debug, Clone)]
pub struct NewMessage {
    /// The id. Adding the same id again changes nothing.
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
    /// The id of the posted message, once it was posted.
    pub posted_id: Option<String>,
    /// How many attempts to post the message got no response.
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
    /// Whether this message in a space is on record as posted.
    pub async fn is_posted(&self, id: &MessageId) -> Result<bool, StoreError> {
        let sql = "SELECT message FROM posts WHERE posted_id = $1 LIMIT 1";
        Ok(!self.database.read(sql, values![id.as_str()]).await?.is_empty())
    }

    /// Whether this message exists, posted or not.
    pub async fn is_written(&self, id: &OutgoingId) -> Result<bool, StoreError> {
        let rows = self.database.read("SELECT id FROM messages WHERE id = $1", values![id.as_str()]).await?;
        Ok(!rows.is_empty())
    }

    /// The commands accepted until then that have no answer yet, nor the notice that it takes long; at most this many,
    /// oldest first. Commands that cannot be read are left out.
    pub(crate) async fn unanswered_commands(
        &self,
        accepted_until: Timestamp,
        most: u32,
    ) -> Result<Vec<NewCommand>, StoreError> {
        let sql = "SELECT commands.id AS id FROM jobs JOIN commands ON commands.id = jobs.subject
                    WHERE jobs.state IN ('waiting', 'running') AND jobs.kind = 'command' AND accepted_at <= $1
                      AND NOT EXISTS (SELECT 1 FROM messages WHERE messages.id = commands.id || $3)
                    ORDER BY accepted_at, commands.id LIMIT $2";
        let rows = self.database.read(sql, values![accepted_until, most, WAITING]).await?;
        let mut unanswered = Vec::with_capacity(rows.len());
        for row in rows {
            match self.command(&CommandId::from_stored(&row.text("id")?)).await {
                Ok(record) => unanswered.push(record.accepted),
                Err(StoreError::Corrupt { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(unanswered)
    }

    /// The message with this id.
    pub async fn outgoing(&self, id: &OutgoingId) -> Result<OutgoingMessage, StoreError> {
        let sql = "SELECT space_id, parent_id, text, card, posted_id, unclear_posts
                     FROM messages LEFT JOIN posts ON message = seq WHERE id = $1";
        let rows = self.database.read(sql, values![id.as_str()]).await?;
        let missing = || StoreError::corrupt("message", id.as_str(), &"the row is missing");
        read(rows.first().ok_or_else(missing)?).map_err(|error| error.in_row("message", id.as_str()))
    }
}

fn read(row: &Row) -> Result<OutgoingMessage, StoreError> {
    let card = row.optional_parsed("card", |card| RawValue::from_string(card.to_owned()))?;
    Ok(OutgoingMessage {
        space_id: row.parsed("space_id", SpaceId::parse)?,
        parent_id: row.optional_parsed("parent_id", MessageId::parse)?,
        text: row.text("text")?,
        card: card.map(Arc::from),
        posted_id: row.optional_text("posted_id")?,
        unclear_posts: row.number("unclear_posts")?,
    })
}

/// Adds a message; false if it already exists.
pub(super) async fn insert(tx: &mut Tx, new: &NewMessage) -> Result<bool, StoreError> {
    let sql = "INSERT INTO messages (id, space_id, parent_id, text, card, created_at)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO NOTHING";
    let values = values![
        new.id.as_str(),
        new.space_id.as_str(),
        new.parent_id.as_ref().map(MessageId::as_str),
        new.text.as_str(),
        new.card.as_ref().map(|card| card.get()),
        new.at,
    ];
    Ok(tx.execute(sql, values).await? == 1)
}

pub(super) async fn count_unclear_post(tx: &mut Tx, id: &OutgoingId) -> Result<(), StoreError> {
    let sql = "UPDATE messages SET unclear_posts = unclear_posts + 1 WHERE id = $1";
    tx.execute(sql, values![id.as_str()]).await.map(|_| ())
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
    tx.execute(sql, values![id.as_str(), posted.as_str(), at]).await.map(|_| ())
}
