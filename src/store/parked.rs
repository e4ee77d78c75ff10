//! What operators do about jobs: look at them, try a parked one again, drop it for good.
//!
//! Only parked jobs are ever changed here. Nobody works on those, so this may be done from another process than
//! the one that runs the jobs.

use jiff::Timestamp;

use super::database::{Row, Tx, values};
use super::{Store, StoreError, audit, millis, moment};
use crate::domain::audit::{Entry, Event};

/// A job as operators see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobSummary {
    /// Its number.
    pub id: i64,
    /// The stored name of its kind.
    pub kind: String,
    /// To what it is done: of a delivery (resource, event, id), else the id of a command or a message.
    pub subject: String,
    /// `waiting`, `running` or `parked`.
    pub state: String,
    /// How often it was taken.
    pub attempts: i64,
    /// When it was parked; of an open one, when it came in.
    pub since: Timestamp,
    /// Why it was parked, or put off.
    pub reason: Option<String>,
}

/// Why a job is neither retried nor dropped.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotParked {
    /// There is no such job.
    #[error("expected the number of a parked job, found {id}, which no job has")]
    Unknown {
        /// The number.
        id: i64,
    },
    /// It is in another state.
    #[error("expected the number of a parked job, found {id}, which is {state}; nothing was changed")]
    Otherwise {
        /// The number.
        id: i64,
        /// The state.
        state: String,
    },
}

/// What an operator wants of a parked job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParkedAction {
    /// To be tried again, now.
    Retry,
    /// To be done with, without being done.
    Drop,
}

impl ParkedAction {
    /// A dropped job is done as far as the machinery is concerned: it stays, so that a delivery that comes once
    /// more is still a duplicate.
    /// One that is tried again has come in once more: how long a delivery or a message may wait for
    /// Webex is counted from then.
    fn sql(self) -> &'static str {
        match self {
            Self::Retry => {
                "UPDATE jobs SET state = 'waiting', owner = NULL, due_at = $2, arrived_at = $2, failures = 0,
                                 ended_at = NULL
                  WHERE id = $1 AND state = 'parked' RETURNING kind, subject, note"
            }
            Self::Drop => {
                "UPDATE jobs SET state = 'done', owner = NULL, ended_at = $2
                  WHERE id = $1 AND state = 'parked' RETURNING kind, subject, note"
            }
        }
    }

    fn event(self, id: i64, row: &Row) -> Result<Event, StoreError> {
        let (kind, subject, reason) = (row.text("kind")?, row.text("subject")?, row.optional_text("note")?);
        Ok(match self {
            Self::Retry => {
                Event::JobRetried { by: format!("steward jobs retry {id}"), kind, subject, reason }
            }
            Self::Drop => Event::JobDropped { by: format!("steward jobs drop {id}"), kind, subject, reason },
        })
    }
}

impl Store {
    /// The parked jobs, those that were parked first; at most `limit`.
    pub async fn parked_jobs(&self, limit: u32) -> Result<Vec<JobSummary>, StoreError> {
        let sql = "SELECT id, kind, subject, state, attempt, coalesce(ended_at, arrived_at) AS since, note
                     FROM jobs WHERE state = 'parked' ORDER BY id LIMIT $1";
        self.database.read(sql, values![limit]).await?.iter().map(line).collect()
    }

    /// How many jobs are parked.
    pub async fn count_parked_jobs(&self) -> Result<i64, StoreError> {
        let sql = "SELECT count(*) AS jobs FROM jobs WHERE state = 'parked'";
        let rows = self.database.read(sql, values![]).await?;
        rows.first().map_or(Ok(0), |row| row.number("jobs"))
    }

    /// The open jobs, those that are due first; at most `limit`.
    pub async fn open_jobs(&self, limit: u32) -> Result<Vec<JobSummary>, StoreError> {
        let sql = "SELECT id, kind, subject, state, attempt, arrived_at AS since, note
                     FROM jobs WHERE state IN ('waiting', 'running') ORDER BY due_at, id LIMIT $1";
        self.database.read(sql, values![limit]).await?.iter().map(line).collect()
    }

    /// Carries out what an operator wants of a parked job, with its audit entry.
    pub async fn resolve_parked(
        &self,
        id: i64,
        order: ParkedAction,
        now: Timestamp,
    ) -> Result<Result<(), NotParked>, StoreError> {
        self.database.write(move |tx| Box::pin(carry_out(tx, id, order, now))).await
    }
}

async fn carry_out(
    tx: &mut Tx,
    id: i64,
    order: ParkedAction,
    now: Timestamp,
) -> Result<Result<(), NotParked>, StoreError> {
    let changed = tx.rows(order.sql(), values![id, millis(now)]).await?;
    let Some(row) = changed.first() else {
        let found = tx.rows("SELECT state FROM jobs WHERE id = $1", values![id]).await?;
        let state = found.first().map(|row| row.text("state")).transpose()?;
        return Ok(Err(state.map_or(NotParked::Unknown { id }, |state| NotParked::Otherwise { id, state })));
    };
    let event = order.event(id, row)?;
    let entry = Entry { at: now, actor: None, space_id: None, message_id: None, command_id: None, event };
    audit::append(tx, &entry).await?;
    tx.notify().await?;
    Ok(Ok(()))
}

fn line(row: &Row) -> Result<JobSummary, StoreError> {
    Ok(JobSummary {
        id: row.number("id")?,
        kind: row.text("kind")?,
        subject: row.text("subject")?,
        state: row.text("state")?,
        attempts: row.number("attempt")?,
        since: moment(row.number("since")?),
        reason: row.optional_text("note")?,
    })
}
