//! Jobs: what is to be done, by whom, and until when it is his.

use jiff::{SignedDuration, Timestamp};
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use super::{Store, StoreError, millis, moment};

/// What there is to do. The names are stored and must not change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JobKind {
    /// Understand a delivery.
    Delivery,
    /// Carry out an accepted command.
    Command,
    /// Post a message.
    Message,
    /// Look again at a deletion whose effect was not yet to be seen.
    FollowUp,
}

impl JobKind {
    const ALL: [Self; 4] = [Self::Delivery, Self::Command, Self::Message, Self::FollowUp];

    /// The stored name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Delivery => "delivery",
            Self::Command => "command",
            Self::Message => "message",
            Self::FollowUp => "follow_up",
        }
    }

    fn from_stored(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// A job to be added. Adding the same one twice is adding it once.
#[derive(Debug, Clone)]
pub struct NewJob {
    /// What to do.
    pub kind: JobKind,
    /// To what: the id of a command or a message.
    pub subject: String,
    /// When it may start; a moment gone by means at once, earlier ones first.
    pub due_at: Timestamp,
}

/// The name of a running process, new at every start, under which it holds leases.
#[derive(Debug, Clone)]
pub struct Owner(String);

impl Owner {
    /// An owner with a name that nobody else has.
    #[must_use]
    pub fn named(name: String) -> Self {
        Self(name)
    }
}

/// A job that this process may work on until its lease ends. Only who holds this can record a
/// [`Step`](super::Step) of it, and only while (job, owner, attempt) are still those of the claim.
#[derive(Debug)]
pub struct Claimed {
    pub(super) id: i64,
    pub(super) owner: Owner,
    /// What to do.
    pub kind: JobKind,
    /// To what.
    pub subject: String,
    /// The body of a delivery.
    pub body: Option<Vec<u8>>,
    /// Which try this is, from 1.
    pub attempt: u32,
    /// When the delivery came in that all this started with: it goes on to the jobs that follow, so that
    /// what came first is finished first.
    pub arrived_at: Timestamp,
}

/// How many jobs there are in each state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct JobCounts {
    /// Waiting for their time or for somebody to take them.
    pub waiting: i64,
    /// Being worked on.
    pub running: i64,
    /// Done.
    pub done: i64,
    /// Given up, with the reason.
    pub parked: i64,
}

impl Store {
    /// Takes the job that has been due longest, if there is one; it is the caller's until `now + lease`.
    pub async fn claim(
        &self,
        owner: &Owner,
        now: Timestamp,
        lease: SignedDuration,
    ) -> Result<Option<Claimed>, StoreError> {
        let row = sqlx::query(
            "UPDATE jobs SET state = 'running', owner = $1, due_at = $2, attempt = attempt + 1
              WHERE id = (SELECT id FROM jobs
                           WHERE state IN ('waiting', 'running') AND due_at <= $3
                           ORDER BY due_at, id LIMIT 1)
             RETURNING id, kind, subject, body, attempt, arrived_at",
        )
        .bind(&owner.0)
        .bind(millis(now).saturating_add(i64::try_from(lease.as_millis()).unwrap_or(i64::MAX)))
        .bind(millis(now))
        .fetch_optional(&self.writer)
        .await?;
        row.map(|row| claimed(&row, owner)).transpose()
    }

    /// When the next job is due, if there is any open one.
    pub async fn next_due(&self) -> Result<Option<Timestamp>, StoreError> {
        let due: Option<i64> =
            sqlx::query_scalar("SELECT min(due_at) FROM jobs WHERE state IN ('waiting', 'running')")
                .fetch_one(&self.reader)
                .await?;
        Ok(due.map(moment))
    }

    /// Makes the jobs of processes before this one due at once. Right only where this is the one process on
    /// the database, as on `SQLite`: what runs there under another name has died.
    pub async fn take_over_abandoned(&self, owner: &Owner, now: Timestamp) -> Result<u64, StoreError> {
        let taken = sqlx::query("UPDATE jobs SET due_at = $1 WHERE state = 'running' AND owner <> $2")
            .bind(millis(now))
            .bind(&owner.0)
            .execute(&self.writer)
            .await?;
        Ok(taken.rows_affected())
    }

    /// How many jobs there are in each state.
    pub async fn job_counts(&self) -> Result<JobCounts, StoreError> {
        let rows = sqlx::query("SELECT state, count(*) AS jobs FROM jobs GROUP BY state")
            .fetch_all(&self.reader)
            .await?;
        let mut counts = JobCounts::default();
        for row in rows {
            let jobs = row.try_get("jobs")?;
            match row.try_get("state")? {
                "waiting" => counts.waiting = jobs,
                "running" => counts.running = jobs,
                "done" => counts.done = jobs,
                _ => counts.parked = jobs,
            }
        }
        Ok(counts)
    }
}

fn claimed(row: &SqliteRow, owner: &Owner) -> Result<Claimed, StoreError> {
    let (id, kind): (i64, String) = (row.try_get("id")?, row.try_get("kind")?);
    let kind = JobKind::from_stored(&kind)
        .ok_or_else(|| StoreError::corrupt("job", &id.to_string(), &format!("unknown kind {kind:?}")))?;
    Ok(Claimed {
        id,
        owner: owner.clone(),
        kind,
        subject: row.try_get("subject")?,
        body: row.try_get("body")?,
        attempt: row.try_get("attempt")?,
        arrived_at: moment(row.try_get("arrived_at")?),
    })
}

pub(super) async fn insert(
    tx: &mut sqlx::SqliteConnection,
    job: &NewJob,
    arrived_at: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO jobs (kind, subject, state, due_at, arrived_at) VALUES ($1, $2, 'waiting', $3, $4)
         ON CONFLICT (kind, subject) DO NOTHING",
    )
    .bind(job.kind.as_str())
    .bind(&job.subject)
    .bind(millis(job.due_at))
    .bind(millis(arrived_at))
    .execute(tx)
    .await?;
    Ok(())
}

impl Owner {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}
