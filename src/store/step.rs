//! A step: everything that one run of a job leaves behind, in one transaction, or nothing of it.

use jiff::Timestamp;
use serde_json::Value;

use super::job::NewJob;
use super::message::NewMessage;
use super::{Claimed, CommandId, JobKind, NewCommand, OutgoingId, Store, StoreError};
use super::{audit, command, job, message, millis};
use crate::audit::Entry;
use crate::domain::{MessageId, Outcome};

/// How the job itself goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// It is done.
    Done,
    /// It goes on under the same lease; this only writes down how far it got.
    Continues,
    /// It is to be run again.
    Again {
        /// Not before.
        at: Timestamp,
        /// Why, for the operator.
        note: String,
    },
    /// It was given up.
    Parked {
        /// Why, for the operator.
        note: String,
    },
}

/// What one run of a job leaves behind.
#[derive(Debug)]
pub struct Step {
    at: Timestamp,
    end: End,
    accepted: Option<NewCommand>,
    progress: Option<(CommandId, Value)>,
    ended: Option<(CommandId, Option<Outcome>)>,
    messages: Vec<NewMessage>,
    posted: Option<(OutgoingId, MessageId)>,
    jobs: Vec<NewJob>,
    audit: Vec<Entry>,
}

impl Step {
    /// A step at this moment, after which the job goes on like this.
    #[must_use]
    pub fn new(at: Timestamp, end: End) -> Self {
        Self {
            at,
            end,
            accepted: None,
            progress: None,
            ended: None,
            messages: Vec::new(),
            posted: None,
            jobs: Vec::new(),
            audit: Vec::new(),
        }
    }

    /// A command was accepted; the job that carries it out is added with it.
    #[must_use]
    pub fn accept(mut self, command: NewCommand) -> Self {
        self.accepted = Some(command);
        self
    }

    /// A command got this far.
    #[must_use]
    pub fn progress(mut self, command: &CommandId, progress: Value) -> Self {
        self.progress = Some((command.clone(), progress));
        self
    }

    /// A command has ended, a deletion with its outcome.
    #[must_use]
    pub fn ended(mut self, command: &CommandId, outcome: Option<Outcome>) -> Self {
        self.ended = Some((command.clone(), outcome));
        self
    }

    /// A message is to be posted; the job that posts it is added with it.
    #[must_use]
    pub fn post(mut self, message: NewMessage) -> Self {
        self.messages.push(message);
        self
    }

    /// A message was posted.
    #[must_use]
    pub fn posted(mut self, message: &OutgoingId, as_message: MessageId) -> Self {
        self.posted = Some((message.clone(), as_message));
        self
    }

    /// A job is to be done.
    #[must_use]
    pub fn then(mut self, job: NewJob) -> Self {
        self.jobs.push(job);
        self
    }

    /// This happened.
    #[must_use]
    pub fn audit(mut self, entry: Entry) -> Self {
        self.audit.push(entry);
        self
    }

    fn follow_ups(&self, arrived_at: Timestamp) -> Vec<NewJob> {
        let command = self.accepted.iter().map(|new| (JobKind::Command, new.id.as_str()));
        let messages = self.messages.iter().map(|new| (JobKind::Message, new.id.as_str()));
        let due_now = |(kind, subject): (JobKind, &str)| NewJob {
            kind,
            subject: subject.to_owned(),
            due_at: arrived_at,
        };
        command.chain(messages).map(due_now).chain(self.jobs.iter().cloned()).collect()
    }
}

impl Store {
    /// Records what a run of a job leaves behind: all of it, or nothing where the lease was lost.
    pub async fn record(&self, claimed: &Claimed, step: Step) -> Result<(), StoreError> {
        let mut tx = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        end_job(&mut tx, claimed, &step).await?;
        if let Some(new) = &step.accepted {
            command::insert(&mut tx, new).await?;
        }
        if let Some((id, progress)) = &step.progress {
            command::set_progress(&mut tx, id, progress).await?;
        }
        if let Some((id, outcome)) = &step.ended {
            command::set_ended(&mut tx, id, outcome.as_ref(), step.at).await?;
        }
        for new in &step.messages {
            message::insert(&mut tx, new).await?;
        }
        if let Some((id, posted)) = &step.posted {
            message::set_posted(&mut tx, id, posted, step.at).await?;
        }
        for new in step.follow_ups(claimed.arrived_at) {
            job::insert(&mut tx, &new, claimed.arrived_at).await?;
        }
        for entry in &step.audit {
            audit::append(&mut tx, entry).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}

/// Fenced on (job, owner, attempt): who lost the lease changes nothing.
async fn end_job(tx: &mut sqlx::SqliteConnection, claimed: &Claimed, step: &Step) -> Result<(), StoreError> {
    let (state, due_at, ended_at, note) = match &step.end {
        End::Continues => ("running", None, None, None),
        End::Done => ("done", None, Some(millis(step.at)), None),
        End::Again { at, note } => ("waiting", Some(millis(*at)), None, Some(note)),
        End::Parked { note } => ("parked", None, Some(millis(step.at)), Some(note)),
    };
    let changed = sqlx::query(
        "UPDATE jobs SET state = $1, due_at = coalesce($2, due_at), ended_at = $3, note = $4
          WHERE id = $5 AND owner = $6 AND attempt = $7 AND state = 'running'",
    )
    .bind(state)
    .bind(due_at)
    .bind(ended_at)
    .bind(note)
    .bind(claimed.id)
    .bind(claimed.owner.as_str())
    .bind(claimed.attempt)
    .execute(tx)
    .await?;
    match changed.rows_affected() {
        1 => Ok(()),
        _ => Err(StoreError::LeaseLost { job: claimed.id }),
    }
}
