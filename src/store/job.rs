//! Jobs: the work to be done, the process that does it, and its lease.
//!
//! A job is leased in one of two ways. Either it waits until a process claims it ([`Store::claim`]), or the write that
//! adds it also leases it to the same process, which continues with it at once.
//!
//! A process never claims a job that it is still running: after it was suspended for longer than a lease, its own
//! leases look abandoned. Each [`LeasedJob`] therefore counts as held by its [`Owner`] until it is dropped.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};

use super::database::{JOBS, Row, Sql, Tx, values};
use super::{CommandId, CommandRecord, OutgoingId, OutgoingMessage, Store, StoreError, lock};
use crate::domain::clock::CLOCK_TOLERANCE;

/// How long a lease lasts unless it is renewed.
pub const LEASE: SignedDuration = SignedDuration::from_mins(1);
/// How far ahead a job can be due. The longest waits are an hour for a rate limit and 71 minutes for the last recheck
/// of a deletion; a later moment was stored by a wrong clock.
pub const LONGEST_WAIT: SignedDuration = SignedDuration::from_hours(2);

/// The kinds of jobs. Their names in snake case are stored and must not change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, strum::EnumString, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum JobKind {
    /// Decide on a delivery.
    Delivery,
    /// Carry out an accepted command.
    Command,
    /// Post a message.
    Message,
    /// Recheck a deletion whose effect was not visible yet.
    FollowUp,
    /// Find messages that were not delivered.
    CatchUp,
    /// Answer a message that the catch-up found.
    FoundMessage,
    /// Delete a posted card.
    Retract,
}

impl JobKind {
    /// The stored name.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// A job to be added, unless it exists.
#[derive(Debug, Clone)]
pub struct NewJob {
    /// The kind.
    pub kind: JobKind,
    /// The subject of the job: the id of a command or a message.
    pub subject: String,
    /// When it may start, at most [`LONGEST_WAIT`] ahead. Jobs that are due earlier go first.
    pub due_at: Timestamp,
}

/// A process as the holder of leases: the name that is stored with them, new at each start, and the jobs that it runs
/// now. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Owner(Arc<OwnerState>);

#[derive(Debug)]
struct OwnerState {
    name: String,
    /// How many [`LeasedJob`]s there are for each job: a write that is repeated makes another one.
    held: Mutex<HashMap<i64, usize>>,
}

impl Owner {
    /// The name must be unique.
    pub fn named(name: String) -> Self {
        Self(Arc::new(OwnerState { name, held: Mutex::default() }))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0.name
    }

    fn hold(&self, job: i64) -> HeldJob {
        *self.held().entry(job).or_default() += 1;
        HeldJob { owner: self.clone(), job }
    }

    /// The jobs that this process runs, as a JSON array for the claim.
    fn held_as_json(&self) -> String {
        let held: Vec<String> = self.held().keys().map(ToString::to_string).collect();
        format!("[{}]", held.join(","))
    }

    fn held(&self) -> MutexGuard<'_, HashMap<i64, usize>> {
        self.0.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Keeps its owner from claiming the job again.
#[derive(Debug)]
struct HeldJob {
    owner: Owner,
    job: i64,
}

impl Drop for HeldJob {
    fn drop(&mut self) {
        let mut held = self.owner.held();
        if let Some(count) = held.get_mut(&self.job) {
            *count -= 1;
            if *count == 0 {
                held.remove(&self.job);
            }
        }
    }
}

/// The subject of a job that this process has just added, kept so that it need not be read again.
#[derive(Debug)]
pub(super) enum Subject {
    Command(Arc<CommandRecord>),
    Message(Arc<OutgoingMessage>),
}

/// A job that this process may work on until the lease expires. Only its holder can record a
/// [`Step`](super::Step), and only while job, owner and attempt are still those of the lease.
#[derive(Debug)]
pub struct LeasedJob {
    id: i64,
    held: HeldJob,
    loaded: Option<Subject>,
    /// The kind.
    pub kind: JobKind,
    /// The subject of the job: (resource, event, id) of a delivery, otherwise the id of a command or a message.
    pub subject: String,
    /// The body of a delivery.
    pub body: Option<Vec<u8>>,
    /// How often the job was leased, including this time.
    pub attempt: u32,
    /// How many runs in a row made no progress, because they failed or their process ended.
    pub failures: u32,
    /// When the delivery arrived that led to this job. Follow-up jobs inherit the time, so that work is finished in the
    /// order of arrival.
    pub arrived_at: Timestamp,
}

/// Identifies a lease: it is lost once the job has another owner or attempt.
#[derive(Debug)]
pub(super) struct LeaseKey {
    pub(super) id: i64,
    pub(super) owner: Owner,
    pub(super) attempt: u32,
}

impl LeasedJob {
    /// The number of the job.
    pub fn id(&self) -> i64 {
        self.id
    }

    /// Whether it continues at once what the same process has just recorded, rather than after a wait or a restart.
    pub(crate) fn follows_at_once(&self) -> bool {
        self.loaded.is_some()
    }

    pub(super) fn with(self, subject: Subject) -> Self {
        Self { loaded: Some(subject), ..self }
    }

    pub(super) fn key(&self) -> LeaseKey {
        LeaseKey { id: self.id, owner: self.held.owner.clone(), attempt: self.attempt }
    }
}

/// How many jobs there are in each state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct JobCounts {
    /// Waiting until they are due or leased.
    pub waiting: i64,
    /// Leased.
    pub running: i64,
    /// Done.
    pub done: i64,
    /// Parked: given up, with the reason.
    pub parked: i64,
}

/// A job that is still running when it is claimed was left behind by a run that never ended, which counts as a failure.
/// A run of this process that has not ended keeps its job.
/// On PostgreSQL the statement skips locked rows, so that processes do not wait for each other's claims; SQLite has one
/// writer anyway. The due jobs are materialized, because PostgreSQL may repeat a subquery for each row and would then
/// claim more jobs than requested.
const CLAIM: Sql = Sql {
    sqlite: "UPDATE jobs SET state = 'running', owner = $1, due_at = $2, attempt = attempt + 1,
                             failures = failures + CASE state WHEN 'running' THEN 1 ELSE 0 END
              WHERE id IN (SELECT id FROM jobs
                            WHERE state IN ('waiting', 'running') AND due_at <= $3
                              AND NOT (state = 'running' AND owner = $1
                                       AND id IN (SELECT value FROM json_each($5)))
                            ORDER BY due_at, id LIMIT $4)
             RETURNING id, kind, subject, body, attempt, failures, arrived_at",
    postgres: "WITH due AS MATERIALIZED (SELECT id FROM jobs
                                          WHERE state IN ('waiting', 'running') AND due_at <= $3
                                            AND NOT (state = 'running' AND owner = $1
                                                     AND id IN (SELECT held.value::bigint
                                                                  FROM json_array_elements_text($5::json) AS held))
                                          ORDER BY due_at, id LIMIT $4 FOR UPDATE SKIP LOCKED)
               UPDATE jobs SET state = 'running', owner = $1, due_at = $2, attempt = attempt + 1,
                               failures = failures + CASE state WHEN 'running' THEN 1 ELSE 0 END
                 FROM due WHERE jobs.id = due.id
               RETURNING jobs.id, kind, subject, body, attempt, failures, arrived_at",
};

const ADD: Sql = Sql {
    sqlite: "INSERT INTO jobs (kind, subject, body, state, owner, due_at, attempt, arrived_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
    postgres: "INSERT INTO jobs (kind, subject, body, state, owner, due_at, attempt, arrived_at)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING RETURNING id",
};

impl Store {
    /// Leases the jobs that have been due longest to this owner, at most this many, for a [`LEASE`].
    pub async fn claim(
        &self,
        owner: &Owner,
        now: Timestamp,
        most: u32,
    ) -> Result<Vec<LeasedJob>, StoreError> {
        let values = values![owner.as_str(), lease_end(now), now, most, owner.held_as_json()];
        let owner = owner.clone();
        self.database
            .write(move |tx| {
                let (values, owner) = (values.clone(), owner.clone());
                Box::pin(async move {
                    let mut leased = Vec::new();
                    for row in tx.rows(CLAIM, values).await? {
                        match read(&row, &owner) {
                            Ok(job) => leased.push(job),
                            Err(StoreError::Corrupt { what }) => park_unreadable(tx, &row, &what).await?,
                            Err(error) => return Err(error),
                        }
                    }
                    // RETURNING has no order.
                    leased.sort_by_key(|job| (job.arrived_at, job.id));
                    Ok(leased)
                })
            })
            .await
    }

    /// Makes the jobs due whose due time was set by a wrong clock: those that wait longer, or have a longer lease, than is
    /// plausible. Returns their number.
    pub async fn reschedule_far_jobs(&self, now: Timestamp) -> Result<u64, StoreError> {
        let after = |longest| now.saturating_add(longest + CLOCK_TOLERANCE).unwrap_or(Timestamp::MAX);
        let values = values![after(LEASE), after(LONGEST_WAIT), now];
        let sql = "SELECT id FROM jobs
                    WHERE state IN ('waiting', 'running') AND due_at > $1 AND (state = 'running' OR due_at > $2)
                    LIMIT 1";
        if self.database.read(sql, values.clone()).await?.is_empty() {
            return Ok(0);
        }
        let sql = "UPDATE jobs SET due_at = $3
                    WHERE state IN ('waiting', 'running') AND due_at > $1 AND (state = 'running' OR due_at > $2)";
        self.change(sql, values).await
    }

    /// When the next open job is due, if there is one.
    pub async fn next_due(&self) -> Result<Option<Timestamp>, StoreError> {
        let sql = "SELECT min(due_at) AS due_at FROM jobs WHERE state IN ('waiting', 'running')";
        let rows = self.database.read(sql, values![]).await?;
        Ok(rows.first().map(|row| row.optional_timestamp("due_at")).transpose()?.flatten())
    }

    /// Renews a lease, and the locks of the command that runs under it; false when the lease was lost.
    pub async fn renew(&self, job: &LeasedJob, now: Timestamp) -> Result<bool, StoreError> {
        let values = values![lease_end(now), job.id, job.held.owner.as_str(), job.attempt];
        let command = (job.kind == JobKind::Command).then(|| (job.subject.clone(), lease_end(now)));
        self.database
            .write(move |tx| {
                let (values, command) = (values.clone(), command.clone());
                Box::pin(async move {
                    // In the order of a step, which locks first. Without the lease this does no harm: the command
                    // continues elsewhere.
                    if let Some((command, until)) = &command {
                        lock::renew_changes(tx, command, *until).await?;
                    }
                    let sql = "UPDATE jobs SET due_at = $1
                                WHERE id = $2 AND owner = $3 AND attempt = $4 AND state = 'running'";
                    Ok(tx.execute(sql, values).await? == 1)
                })
            })
            .await
    }

    /// Releases all leases of this owner: its jobs are due at once, for any process. Wakes the other processes.
    pub async fn release(&self, owner: &Owner, now: Timestamp) -> Result<u64, StoreError> {
        let sql = "UPDATE jobs SET state = 'waiting', owner = NULL, due_at = $1
                    WHERE state = 'running' AND owner = $2";
        let values = values![now, owner.as_str()];
        self.database
            .write(move |tx| {
                let values = values.clone();
                Box::pin(async move {
                    let released = tx.execute(sql, values).await?;
                    if released > 0 {
                        tx.notify(JOBS).await?;
                    }
                    Ok(released)
                })
            })
            .await
    }

    /// Makes the running jobs of all other owners due at once. Call this only if no other process can use the database
    /// (see [`Store::is_shared`]), because then all other owners have died.
    pub async fn take_over_abandoned(&self, owner: &Owner, now: Timestamp) -> Result<u64, StoreError> {
        let sql = "UPDATE jobs SET due_at = $1 WHERE state = 'running' AND owner <> $2";
        self.change(sql, values![now, owner.as_str()]).await
    }

    /// Whether a process is posting this message right now.
    pub(crate) async fn is_being_posted(
        &self,
        message: &OutgoingId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        // The first condition is that of the index.
        let sql =
            "SELECT id FROM jobs WHERE state IN ('waiting', 'running') AND state = 'running' AND due_at > $1
                                         AND kind = 'message' AND subject = $2";
        Ok(!self.database.read(sql, values![now, message.as_str()]).await?.is_empty())
    }

    /// How many jobs there are in each state.
    pub async fn job_counts(&self) -> Result<JobCounts, StoreError> {
        let sql = "SELECT state, count(*) AS jobs FROM jobs GROUP BY state";
        let mut counts = JobCounts::default();
        for row in self.database.read(sql, values![]).await? {
            let jobs = row.number("jobs")?;
            match row.text("state")?.as_str() {
                "waiting" => counts.waiting = jobs,
                "running" => counts.running = jobs,
                "done" => counts.done = jobs,
                _ => counts.parked = jobs,
            }
        }
        Ok(counts)
    }

    /// The command that a job is to carry out.
    pub async fn command_of(&self, job: &LeasedJob) -> Result<Arc<CommandRecord>, StoreError> {
        match &job.loaded {
            Some(Subject::Command(record)) => Ok(record.clone()),
            _ => self.command(&CommandId::from_stored(&job.subject)).await.map(Arc::new),
        }
    }

    /// The message that a job is to post.
    pub async fn outgoing_of(&self, job: &LeasedJob) -> Result<Arc<OutgoingMessage>, StoreError> {
        match &job.loaded {
            Some(Subject::Message(message)) => Ok(message.clone()),
            _ => self.outgoing(&OutgoingId::from_stored(&job.subject)).await.map(Arc::new),
        }
    }
}

/// Parks a job that this version cannot read, which would otherwise be claimed forever.
async fn park_unreadable(tx: &mut Tx, row: &Row, what: &str) -> Result<(), StoreError> {
    tracing::error!(what, "parked an unreadable job");
    let sql = "UPDATE jobs SET state = 'parked', note = $1 WHERE id = $2";
    tx.execute(sql, values![what, row.number("id")?]).await.map(|_| ())
}

/// Fails if the lease is lost.
pub(super) async fn must_be_leased(tx: &mut Tx, lease: &LeaseKey) -> Result<(), StoreError> {
    let sql = "SELECT id FROM jobs WHERE id = $1 AND owner = $2 AND attempt = $3 AND state = 'running'";
    let held = tx.rows(sql, values![lease.id, lease.owner.as_str(), lease.attempt]).await?;
    if held.is_empty() { Err(StoreError::LeaseLost { job: lease.id }) } else { Ok(()) }
}

/// When the lease of a job that is leased now expires.
pub(super) fn lease_end(now: Timestamp) -> Timestamp {
    now.saturating_add(LEASE).unwrap_or(now)
}

fn read(row: &Row, owner: &Owner) -> Result<LeasedJob, StoreError> {
    let id = row.number("id")?;
    let corrupt = |what: &dyn std::fmt::Display| StoreError::corrupt("job", &id.to_string(), what);
    let count = |column: &str| u32::try_from(row.number(column)?).map_err(|error| corrupt(&error));
    let kind = row.text("kind")?;
    Ok(LeasedJob {
        id,
        held: owner.hold(id),
        loaded: None,
        kind: kind.parse().map_err(|_| corrupt(&format!("unknown kind {kind:?}")))?,
        subject: row.text("subject")?,
        body: row.optional_bytes("body")?,
        attempt: count("attempt")?,
        failures: count("failures")?,
        arrived_at: row.timestamp("arrived_at")?,
    })
}

/// Adds a waiting job, unless it exists.
pub(super) async fn insert(tx: &mut Tx, job: &NewJob, arrived_at: Timestamp) -> Result<(), StoreError> {
    let NewJob { kind, subject, due_at } = job;
    let new = JobRow { kind: *kind, subject, body: None, due_at: *due_at, arrived_at, lease_to: None };
    add(tx, &new).await.map(|_| ())
}

/// A job to be written, and the owner that continues with it at once, if there is one.
pub(super) struct JobRow<'a> {
    pub(super) kind: JobKind,
    pub(super) subject: &'a str,
    pub(super) body: Option<&'a [u8]>,
    /// When it is due; for a job that is leased at once, the current time.
    pub(super) due_at: Timestamp,
    pub(super) arrived_at: Timestamp,
    pub(super) lease_to: Option<&'a Owner>,
}

pub(super) enum Added {
    Waiting,
    Leased(Box<LeasedJob>),
    /// It already existed and was not changed.
    Existing,
}

pub(super) async fn add(tx: &mut Tx, new: &JobRow<'_>) -> Result<Added, StoreError> {
    let (state, due_at, attempt) = match new.lease_to {
        None => ("waiting", new.due_at, 0u32),
        Some(_) => ("running", lease_end(new.due_at), 1),
    };
    let values = values![
        new.kind.as_str(),
        new.subject,
        new.body,
        state,
        new.lease_to.map(Owner::as_str),
        due_at,
        attempt,
        new.arrived_at,
    ];
    let Some(id) = tx.insert(ADD, values).await? else { return Ok(Added::Existing) };
    let Some(owner) = new.lease_to else { return Ok(Added::Waiting) };
    Ok(Added::Leased(Box::new(LeasedJob {
        id,
        held: owner.hold(id),
        loaded: None,
        kind: new.kind,
        subject: new.subject.to_owned(),
        body: new.body.map(<[u8]>::to_vec),
        attempt,
        failures: 0,
        arrived_at: new.arrived_at,
    })))
}
