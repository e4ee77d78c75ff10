//! Accepted commands, with their requester, progress and outcome.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::database::{Row, Tx, json, values};
use super::{Store, StoreError};
use crate::domain::audit::{AuditEntry, AuditEvent};
use crate::domain::{ActionId, Actor, MessageId, Outcome, PlanCode, SpaceId, Thread};
use crate::grammar::Command;
use crate::plan::ShownRow;

/// Identifies a command by its message, its button press or its plan. A message that is delivered twice is therefore
/// one command. The format is stored and must not change.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CommandId(String);

impl CommandId {
    /// The command in this message.
    pub fn of_message(message: &MessageId) -> Self {
        Self(format!("message:{}", message.key()))
    }

    /// The command of this press.
    pub fn of_press(press: &ActionId) -> Self {
        Self(format!("press:{}", press.key()))
    }

    /// The command that carries out this plan.
    pub fn of_plan(code: PlanCode) -> Self {
        Self(format!("plan:{code}"))
    }

    /// The plan that this command carries out, if any.
    pub fn plan(&self) -> Option<PlanCode> {
        self.0.strip_prefix("plan:").and_then(|code| PlanCode::parse(code).ok())
    }

    /// Whether the command was given by pressing a button.
    pub fn is_of_a_press(&self) -> bool {
        self.0.starts_with("press:")
    }

    /// A command by its stored id.
    pub fn from_stored(id: &str) -> Self {
        Self(id.to_owned())
    }

    /// The stored id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CommandId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An accepted command, to be carried out.
#[derive(Debug, Clone)]
pub struct NewCommand {
    /// The id.
    pub id: CommandId,
    /// The thread it was given in.
    pub thread: Thread,
    /// The message that carried it, or whose card was pressed.
    pub message_id: MessageId,
    /// The person who gave it.
    pub actor: Actor,
    /// The parsed command.
    pub command: Command,
    /// The row of the pressed button, if the command is about its device, workspace or person.
    pub shown: Option<ShownRow>,
    /// When the person sent it, or pressed the button, by Webex's clock: the decision on which a change may be made.
    pub decided_at: Timestamp,
    /// When it was accepted.
    pub accepted_at: Timestamp,
}

/// The person behind a command, the time of the decision, and what they chose by, as stored. Earlier versions stored only
/// the person.
#[derive(Serialize, Deserialize)]
struct StoredActor<A> {
    #[serde(flatten)]
    actor: A,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    decided_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    shown: Option<ShownRow>,
}

/// A stored command.
#[derive(Debug, Clone)]
pub struct CommandRecord {
    /// The command as it was accepted.
    pub accepted: NewCommand,
    /// The progress so far, in the format of the command's handler.
    pub progress: Option<serde_json::Value>,
    /// The outcome of a deletion that has ended.
    pub outcome: Option<Outcome>,
}

impl NewCommand {
    /// The audit entry of an event that belongs to this command.
    pub(crate) fn entry(&self, event: AuditEvent, at: Timestamp) -> AuditEntry {
        AuditEntry::new(at, event).by(&self.actor).about(&self.thread.space_id, &self.message_id, &self.id)
    }
}

impl Store {
    /// The command with this id.
    pub async fn command(&self, id: &CommandId) -> Result<CommandRecord, StoreError> {
        let missing = || StoreError::corrupt("command", id.as_str(), &"the row is missing");
        self.command_if_accepted(id).await?.ok_or_else(missing)
    }

    /// The command with this id; `None` if it was answered without being accepted.
    pub async fn command_if_accepted(&self, id: &CommandId) -> Result<Option<CommandRecord>, StoreError> {
        let sql =
            "SELECT id, space_id, thread_root, message_id, actor, command, accepted_at, progress, outcome
                     FROM commands WHERE id = $1";
        let rows = self.database.read(sql, values![id.as_str()]).await?;
        let record = rows.first().map(read).transpose();
        record.map_err(|error| error.in_row("command", id.as_str()))
    }
}

fn read(row: &Row) -> Result<CommandRecord, StoreError> {
    let StoredActor::<Actor> { actor, decided_at, shown } = row.json("actor")?;
    let accepted_at = row.timestamp("accepted_at")?;
    Ok(CommandRecord {
        accepted: NewCommand {
            id: CommandId(row.text("id")?),
            thread: Thread {
                space_id: row.parsed("space_id", SpaceId::parse)?,
                root_id: row.parsed("thread_root", MessageId::parse)?,
            },
            message_id: row.parsed("message_id", MessageId::parse)?,
            actor,
            command: row.json("command")?,
            shown,
            decided_at: decided_at.unwrap_or(accepted_at),
            accepted_at,
        },
        progress: row.optional_json("progress")?,
        outcome: row.optional_json("outcome")?,
    })
}

fn stored_actor(new: &NewCommand) -> StoredActor<&Actor> {
    StoredActor { actor: &new.actor, decided_at: Some(new.decided_at), shown: new.shown.clone() }
}

/// Adds a command; false if it already exists.
pub(super) async fn insert(tx: &mut Tx, new: &NewCommand) -> Result<bool, StoreError> {
    let sql = "INSERT INTO commands (id, space_id, thread_root, message_id, actor, command, accepted_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO NOTHING";
    let id = new.id.as_str();
    let values = values![
        id,
        new.thread.space_id.as_str(),
        new.thread.root_id.as_str(),
        new.message_id.as_str(),
        json("command", id, &stored_actor(new))?,
        json("command", id, &new.command)?,
        new.accepted_at,
    ];
    Ok(tx.execute(sql, values).await? == 1)
}

pub(super) async fn set_progress(tx: &mut Tx, id: &CommandId, progress: &str) -> Result<(), StoreError> {
    let sql = "UPDATE commands SET progress = $1 WHERE id = $2";
    tx.execute(sql, values![progress, id.as_str()]).await.map(|_| ())
}

pub(super) async fn set_ended(
    tx: &mut Tx,
    id: &CommandId,
    outcome: Option<&Outcome>,
    progress: Option<&str>,
    at: Timestamp,
) -> Result<(), StoreError> {
    let outcome = outcome.map(|outcome| json("command", id.as_str(), outcome)).transpose()?;
    let sql =
        "UPDATE commands SET outcome = $1, ended_at = $2, progress = coalesce($3, progress) WHERE id = $4";
    tx.execute(sql, values![outcome, at, progress, id.as_str()]).await.map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{PersonId, PlaceFacts, PlaceId};

    #[test]
    fn the_person_is_stored_with_the_time_of_the_decision_and_read_without_it() {
        let actor = Actor {
            person_id: PersonId::parse("ana").unwrap(),
            org_id: None,
            email: None,
            display_name: "Ana".to_owned(),
            is_machine: false,
        };
        let decided_at = Some(Timestamp::UNIX_EPOCH);
        let stored = serde_json::to_string(&StoredActor { actor: &actor, decided_at, shown: None }).unwrap();
        let read: StoredActor<Actor> = serde_json::from_str(&stored).unwrap();
        assert_eq!((&read.actor, read.decided_at), (&actor, decided_at));
        let shown = ShownRow::Place(Box::new(PlaceFacts {
            id: PlaceId::Person(actor.person_id.clone()),
            name: "Ana".to_owned(),
            calling_type: None,
            supported_devices: None,
        }));
        let chosen = StoredActor { actor: &actor, decided_at, shown: Some(shown.clone()) };
        let chosen = serde_json::to_string(&chosen).unwrap();
        assert_eq!(serde_json::from_str::<StoredActor<Actor>>(&chosen).unwrap().shown, Some(shown));
        assert_eq!(serde_json::from_str::<Actor>(&chosen).unwrap(), actor);
        // As written by earlier versions, and as read by them.
        let earlier = serde_json::to_string(&actor).unwrap();
        let read: StoredActor<Actor> = serde_json::from_str(&earlier).unwrap();
        assert_eq!((&read.actor, read.decided_at), (&actor, None));
        assert_eq!(serde_json::from_str::<Actor>(&stored).unwrap(), actor);
    }
}
