//! Operations for operators: list jobs, retry a parked job, or drop it for good.
//!
//! Only parked jobs are changed here. No process works on them, so a second process can safely change them.

use jiff::Timestamp;

use super::database::{JOBS, Row, Tx, values};
use super::{Store, StoreError, audit};
use crate::domain::audit::{AuditEntry, AuditEvent};

/// A job as operators see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobSummary {
    /// The number.
    pub id: i64,
    /// The stored name of its kind.
    pub kind: String,
    /// Its subject: (resource, event, id) of a delivery, otherwise the id of a command or a message.
    pub subject: String,
    /// `waiting`, `running` or `parked`.
    pub state: String,
    /// How often it was leased.
    pub attempts: i64,
    /// When it was parked; for an open job, when it arrived.
    pub since: Timestamp,
    /// Why it was parked or delayed.
    pub reason: Option<String>,
}

/// The reason a job cannot be retried or dropped.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotParked {
    /// No job has this number.
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
        /// The state: `waiting`, `running`, `done` or `dropped`.
        state: String,
    },
}

/// An operator's decision about a parked job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParkedAction {
    /// Run it again, now.
    Retry,
    /// Close it without running it.
    Drop,
}

/// Begins the note of a dropped job, which is stored as done.
const DROPPED: &str = "dropped: ";

impl ParkedAction {
    /// A retried job counts as arriving now, so the time that a delivery or a message may wait for Webex starts again.
    /// A dropped job is kept as done, so that a repeated delivery is still a duplicate.
    fn sql(self) -> &'static str {
        match self {
            Self::Retry => {
                "UPDATE jobs SET state = 'waiting', owner = NULL, due_at = $2, arrived_at = $2, failures = 0,
                                 ended_at = NULL
                  WHERE id = $1 AND state = 'parked' RETURNING kind, subject, note"
            }
            Self::Drop => {
                "UPDATE jobs SET state = 'done', owner = NULL, ended_at = $2,
                                 note = 'dropped: ' || coalesce(note, '')
                  WHERE id = $1 AND state = 'parked' RETURNING kind, subject, note"
            }
        }
    }

    fn event(self, id: i64, row: &Row) -> Result<AuditEvent, StoreError> {
        let (kind, subject, note) = (row.text("kind")?, row.text("subject")?, row.optional_text("note")?);
        let reason = note.map(|note| note.strip_prefix(DROPPED).unwrap_or(&note).to_owned());
        let reason = reason.filter(|reason| !reason.is_empty());
        Ok(match self {
            Self::Retry => {
                AuditEvent::JobRetried { by: format!("steward jobs retry {id}"), kind, subject, reason }
            }
            Self::Drop => {
                AuditEvent::JobDropped { by: format!("steward jobs drop {id}"), kind, subject, reason }
            }
        })
    }
}

impl Store {
    /// The parked jobs, the oldest first; at most `limit`.
    pub async fn parked_jobs(&self, limit: u32) -> Result<Vec<JobSummary>, StoreError> {
        let sql = "SELECT id, kind, subject, state, attempt, coalesce(ended_at, arrived_at) AS since, note
                     FROM jobs WHERE state = 'parked' ORDER BY id LIMIT $1";
        self.database.read(sql, values![limit]).await?.iter().map(summary).collect()
    }

    /// How many jobs are parked.
    pub async fn count_parked_jobs(&self) -> Result<i64, StoreError> {
        let sql = "SELECT count(*) AS jobs FROM jobs WHERE state = 'parked'";
        let rows = self.database.read(sql, values![]).await?;
        rows.first().map_or(Ok(0), |row| row.number("jobs"))
    }

    /// The open jobs, in the order in which they are due; at most `limit`.
    pub async fn open_jobs(&self, limit: u32) -> Result<Vec<JobSummary>, StoreError> {
        let sql = "SELECT id, kind, subject, state, attempt, arrived_at AS since, note
                     FROM jobs WHERE state IN ('waiting', 'running') ORDER BY due_at, id LIMIT $1";
        self.database.read(sql, values![limit]).await?.iter().map(summary).collect()
    }

    /// Retries or drops a parked job, with an audit entry.
    pub async fn resolve_parked(
        &self,
        id: i64,
        action: ParkedAction,
        now: Timestamp,
    ) -> Result<Result<(), NotParked>, StoreError> {
        self.database.write(move |tx| Box::pin(resolve(tx, id, action, now))).await
    }
}

async fn resolve(
    tx: &mut Tx,
    id: i64,
    action: ParkedAction,
    now: Timestamp,
) -> Result<Result<(), NotParked>, StoreError> {
    let changed = tx.rows(action.sql(), values![id, now]).await?;
    let Some(row) = changed.first() else {
        let found = tx.rows("SELECT state, note FROM jobs WHERE id = $1", values![id]).await?;
        let state = found.first().map(state_of).transpose()?;
        return Ok(Err(state.map_or(NotParked::Unknown { id }, |state| NotParked::Otherwise { id, state })));
    };
    let event = action.event(id, row)?;
    audit::append(tx, &AuditEntry::new(now, event)).await?;
    tx.notify(JOBS).await?;
    Ok(Ok(()))
}

/// The state of a job as an operator knows it.
fn state_of(row: &Row) -> Result<String, StoreError> {
    let is_dropped = row.optional_text("note")?.is_some_and(|note| note.starts_with(DROPPED));
    if is_dropped { Ok("dropped".to_owned()) } else { row.text("state") }
}

fn summary(row: &Row) -> Result<JobSummary, StoreError> {
    Ok(JobSummary {
        id: row.number("id")?,
        kind: row.text("kind")?,
        subject: row.text("subject")?,
        state: row.text("state")?,
        attempts: row.number("attempt")?,
        since: row.timestamp("since")?,
        reason: row.optional_text("note")?,
    })
}
