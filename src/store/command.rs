//! Accepted commands: who asked for what, how far it got, what became of it.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use serde::de::DeserializeOwned;

use super::database::{Row, Tx, values};
use super::job::Subject;
use super::{LeasedJob, Store, StoreError, millis};
use crate::domain::{ActionId, Actor, MessageId, Outcome, PlanCode, SpaceId, Thread};
use crate::grammar::Command;

/// What a command is known by: the message that carried it, or the press of a button. So one message is one command,
/// however often it is delivered.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CommandId(String);

impl CommandId {
    /// The command that stands in this message.
    #[must_use]
    pub fn of_message(message: &MessageId) -> Self {
        Self(format!("message:{}", message.key()))
    }

    /// The command that a press asked for.
    #[must_use]
    pub fn of_press(press: &ActionId) -> Self {
        Self(format!("press:{}", press.key()))
    }

    /// The command that carries out a plan.
    #[must_use]
    pub fn of_plan(code: PlanCode) -> Self {
        Self(format!("plan:{code}"))
    }

    /// The plan that this command carries out, if it does.
    #[must_use]
    pub fn plan(&self) -> Option<PlanCode> {
        self.0.strip_prefix("plan:").and_then(|code| PlanCode::parse(code).ok())
    }

    /// Whether it was given by the press of a button.
    #[must_use]
    pub fn is_of_a_press(&self) -> bool {
        self.0.starts_with("press:")
    }

    /// A command by its stored id.
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

impl fmt::Display for CommandId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A command that was allowed and is to be carried out.
#[derive(Debug, Clone)]
pub struct NewCommand {
    /// Its id.
    pub id: CommandId,
    /// The thread it was given in.
    pub thread: Thread,
    /// The message that carried it, or whose card was pressed.
    pub message_id: MessageId,
    /// Who gave it.
    pub actor: Actor,
    /// What it says.
    pub command: Command,
    /// When it was accepted.
    pub accepted_at: Timestamp,
}

/// A stored command.
#[derive(Debug, Clone)]
pub struct CommandRecord {
    /// What was accepted.
    pub accepted: NewCommand,
    /// How far it got, in the words of the job that carries it out.
    pub progress: Option<serde_json::Value>,
    /// What became of it.
    pub outcome: Option<Outcome>,
}

impl Store {
    /// The command that a job is to carry out.
    pub async fn command_of(&self, claimed: &LeasedJob) -> Result<Arc<CommandRecord>, StoreError> {
        match &claimed.known {
            Some(Subject::Command(record)) => Ok(record.clone()),
            _ => self.command(&CommandId::from_stored(&claimed.subject)).await.map(Arc::new),
        }
    }

    /// The command with this id.
    pub async fn command(&self, id: &CommandId) -> Result<CommandRecord, StoreError> {
        let sql =
            "SELECT id, space_id, thread_root, message_id, actor, command, accepted_at, progress, outcome
                     FROM commands WHERE id = $1";
        let rows = self.database.read(sql, values![id.as_str()]).await?;
        let row =
            rows.first().ok_or_else(|| StoreError::corrupt("command", id.as_str(), &"it is missing"))?;
        record(row).map_err(|error| StoreError::corrupt("command", id.as_str(), &error))
    }
}

type Anything = Box<dyn std::error::Error + Send + Sync>;

fn record(row: &Row) -> Result<CommandRecord, Anything> {
    fn json<T: DeserializeOwned>(row: &Row, column: &str) -> Result<Option<T>, Anything> {
        Ok(row.optional_text(column)?.as_deref().map(serde_json::from_str).transpose()?)
    }
    let needed = |column: &str| format!("{column} is empty");
    Ok(CommandRecord {
        accepted: NewCommand {
            id: CommandId(row.text("id")?),
            thread: Thread {
                space_id: SpaceId::parse(&row.text("space_id")?)?,
                root_id: MessageId::parse(&row.text("thread_root")?)?,
            },
            message_id: MessageId::parse(&row.text("message_id")?)?,
            actor: json(row, "actor")?.ok_or_else(|| needed("actor"))?,
            command: json(row, "command")?.ok_or_else(|| needed("command"))?,
            accepted_at: super::moment(row.number("accepted_at")?),
        },
        progress: json(row, "progress")?,
        outcome: json(row, "outcome")?,
    })
}

/// Adds a command; false when it was there already.
pub(super) async fn insert(tx: &mut Tx, new: &NewCommand) -> Result<bool, StoreError> {
    let text = |value: serde_json::Result<String>| {
        value.map_err(|error| StoreError::corrupt("command", new.id.as_str(), &error))
    };
    let added = tx
        .execute(
            "INSERT INTO commands (id, space_id, thread_root, message_id, actor, command, accepted_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO NOTHING",
            values![
                new.id.as_str(),
                new.thread.space_id.as_str(),
                new.thread.root_id.as_str(),
                new.message_id.as_str(),
                text(serde_json::to_string(&new.actor))?,
                text(serde_json::to_string(&new.command))?,
                millis(new.accepted_at),
            ],
        )
        .await?;
    Ok(added == 1)
}

pub(super) async fn set_progress(tx: &mut Tx, id: &CommandId, progress: &str) -> Result<(), StoreError> {
    let sql = "UPDATE commands SET progress = $1 WHERE id = $2";
    tx.execute(sql, values![progress, id.as_str()]).await?;
    Ok(())
}

pub(super) async fn set_ended(
    tx: &mut Tx,
    id: &CommandId,
    outcome: Option<&Outcome>,
    progress: Option<&str>,
    at: Timestamp,
) -> Result<(), StoreError> {
    let outcome = outcome
        .map(serde_json::to_string)
        .transpose()
        .map_err(|error| StoreError::corrupt("command", id.as_str(), &error))?;
    let sql =
        "UPDATE commands SET outcome = $1, ended_at = $2, progress = coalesce($3, progress) WHERE id = $4";
    tx.execute(sql, values![outcome, millis(at), progress, id.as_str()]).await?;
    Ok(())
}
