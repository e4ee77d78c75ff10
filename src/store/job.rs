//! Jobs: what is to be done, by whom, and until when it is his.
//!
//! A job is taken in one of two ways: it waits until somebody claims it ([`Store::claim`]), or it is taken
//! with the write that adds it, by the process that adds it, which goes on with it at once. Either way it is
//! held under the same lease.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::database::{Row, Sql, Tx, Value, values};
use super::{CommandRecord, OutgoingMessage, Store, StoreError, millis, moment};

/// How long a job belongs to who took it, unless the lease is renewed.
pub const LEASE: SignedDuration = SignedDuration::from_mins(1);

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
    /// Look for messages that were not delivered.
    CatchUp,
    /// Answer a message that was found that way.
    FoundMessage,
    /// Take a posted card back.
    Retract,
}

impl JobKind {
    const ALL: [Self; 7] = [
        Self::Delivery,
        Self::Command,
        Self::Message,
        Self::FollowUp,
        Self::CatchUp,
        Self::FoundMessage,
        Self::Retract,
    ];

    /// The stored name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Delivery => "delivery",
            Self::Command => "command",
            Self::Message => "message",
            Self::FollowUp => "follow_up",
            Self::CatchUp => "catch_up",
            Self::FoundMessage => "found_message",
            Self::Retract => "retract",
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

/// What a job is about, where whoever added it went on with it and need not read it again.
#[derive(Debug)]
pub(super) enum Subject {
    Command(Arc<CommandRecord>),
    Message(Arc<OutgoingMessage>),
}

/// A job that this process may work on until its lease ends. Only who holds this can record a
/// [`Step`](super::Step) of it, and only while (job, owner, attempt) are still those of the claim.
#[derive(Debug)]
pub struct LeasedJob {
    id: i64,
    owner: Owner,
    pub(super) known: Option<Subject>,
    /// What to do.
    pub kind: JobKind,
    /// To what.
    pub subject: String,
    /// The body of a delivery.
    pub body: Option<Vec<u8>>,
    /// How often it was taken, this time included.
    pub attempt: u32,
    /// How many runs in a row did not bring it further, by a failure or the end of the process.
    pub failures: u32,
    /// When the delivery came in that all this started with: it goes on to the jobs that follow, so that
    /// what came first is finished first.
    pub arrived_at: Timestamp,
}

/// What a lease is held on: only while all three are still those of the claim.
#[derive(Debug)]
pub(super) struct JobKey {
    pub(super) id: i64,
    pub(super) owner: Owner,
    pub(super) attempt: u32,
}

impl LeasedJob {
    /// The number of the job.
    #[must_use]
    pub fn id(&self) -> i64 {
        self.id
    }

    pub(super) fn about(self, subject: Subject) -> Self {
        Self { known: Some(subject), ..self }
    }

    pub(super) fn key(&self) -> JobKey {
        JobKey { id: self.id, owner: self.owner.clone(), attempt: self.attempt }
    }
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

/// A job that was still running when it is taken was left behind by a run that never ended: that counts as a
/// failure. Two processes must not wait for each other's claims on PostgreSQL, so it skips what is being claimed;
/// SQLite has one writer anyway. What is due is found once and kept: PostgreSQL may run a question inside another
/// again for each row, which here would claim more than was asked for.
const CLAIM: Sql = Sql {
    sqlite: "UPDATE jobs SET state = 'running', owner = $1, due_at = $2, attempt = attempt + 1,
                             failures = failures + CASE state WHEN 'running' THEN 1 ELSE 0 END
              WHERE id IN (SELECT id FROM jobs
                            WHERE state IN ('waiting', 'running') AND due_at <= $3
                            ORDER BY due_at, id LIMIT $4)
             RETURNING id, kind, subject, body, attempt, failures, arrived_at",
    postgres: "WITH due AS MATERIALIZED (SELECT id FROM jobs
                                          WHERE state IN ('waiting', 'running') AND due_at <= $3
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
    /// Takes the jobs that have been due longest, at most so many; they are the caller's for a [`LEASE`].
    pub async fn claim(
        &self,
        owner: &Owner,
        now: Timestamp,
        most: u32,
    ) -> Result<Vec<LeasedJob>, StoreError> {
        let values = values![owner.as_str(), millis(lease_end(now)), millis(now), most];
        let owner = owner.clone();
        self.database
            .write(move |tx| {
                let (values, owner) = (values.clone(), owner.clone());
                Box::pin(async move {
                    let mut taken = Vec::new();
                    for row in tx.rows(CLAIM, values).await? {
                        match claimed(&row, &owner) {
                            Ok(claimed) => taken.push(claimed),
                            Err(StoreError::Corrupt { what }) => park_unreadable(tx, &row, &what).await?,
                            Err(error) => return Err(error),
                        }
                    }
                    // They come back in any order.
                    taken.sort_by_key(|claimed| (claimed.arrived_at, claimed.id));
                    Ok(taken)
                })
            })
            .await
    }

    /// When the next job is due, if there is any open one.
    pub async fn next_due(&self) -> Result<Option<Timestamp>, StoreError> {
        let sql = "SELECT min(due_at) AS due_at FROM jobs WHERE state IN ('waiting', 'running')";
        let rows = self.database.read(sql, values![]).await?;
        let due = rows.first().map(|row| row.optional_number("due_at")).transpose()?.flatten();
        Ok(due.map(moment))
    }

    /// Renews the lease of a job that is being worked on; false when it was lost.
    pub async fn renew(&self, claimed: &LeasedJob, now: Timestamp) -> Result<bool, StoreError> {
        let until = millis(lease_end(now));
        let sql = "UPDATE jobs SET due_at = $1
                    WHERE id = $2 AND owner = $3 AND attempt = $4 AND state = 'running'";
        let values = values![until, claimed.id, claimed.owner.as_str(), claimed.attempt];
        Ok(self.change(sql, values).await? == 1)
    }

    /// Gives back everything this process works on: it is due at once, for anybody. What is still under way
    /// here has lost its lease. Other processes hear of it.
    pub async fn release(&self, owner: &Owner, now: Timestamp) -> Result<u64, StoreError> {
        let sql = "UPDATE jobs SET state = 'waiting', owner = NULL, due_at = $1
                    WHERE state = 'running' AND owner = $2";
        let values = values![millis(now), owner.as_str()];
        self.database
            .write(move |tx| {
                let values = values.clone();
                Box::pin(async move {
                    let released = tx.execute(sql, values).await?;
                    if released > 0 {
                        tx.notify().await?;
                    }
                    Ok(released)
                })
            })
            .await
    }

    /// Makes the jobs of processes before this one due at once. Right only where this is the one process on
    /// the database ([`Store::is_shared`] says no): what runs there under another name has died.
    pub async fn take_over_abandoned(&self, owner: &Owner, now: Timestamp) -> Result<u64, StoreError> {
        let sql = "UPDATE jobs SET due_at = $1 WHERE state = 'running' AND owner <> $2";
        self.change(sql, values![millis(now), owner.as_str()]).await
    }

    /// One statement in a transaction of its own.
    pub(super) async fn change(&self, sql: &'static str, values: Vec<Value>) -> Result<u64, StoreError> {
        self.database
            .write(move |tx| {
                let values = values.clone();
                Box::pin(async move { tx.execute(sql, values).await })
            })
            .await
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
}

/// A job that this version cannot read would come back for ever.
async fn park_unreadable(tx: &mut Tx, row: &Row, what: &str) -> Result<(), StoreError> {
    tracing::error!(what, "a job was parked");
    let sql = "UPDATE jobs SET state = 'parked', note = $1 WHERE id = $2";
    tx.execute(sql, values![what, row.number("id")?]).await?;
    Ok(())
}

/// When the lease of a job that is taken now ends.
pub(super) fn lease_end(now: Timestamp) -> Timestamp {
    now.saturating_add(LEASE).unwrap_or(now)
}

fn claimed(row: &Row, owner: &Owner) -> Result<LeasedJob, StoreError> {
    let (id, kind) = (row.number("id")?, row.text("kind")?);
    let corrupt = |what: String| StoreError::corrupt("job", &id.to_string(), &what);
    Ok(LeasedJob {
        id,
        owner: owner.clone(),
        known: None,
        kind: JobKind::from_stored(&kind).ok_or_else(|| corrupt(format!("unknown kind {kind:?}")))?,
        subject: row.text("subject")?,
        body: row.optional_bytes("body")?,
        attempt: u32::try_from(row.number("attempt")?).map_err(|error| corrupt(error.to_string()))?,
        failures: u32::try_from(row.number("failures")?).map_err(|error| corrupt(error.to_string()))?,
        arrived_at: moment(row.number("arrived_at")?),
    })
}

/// Adds a job that waits, unless it is there.
pub(super) async fn insert(tx: &mut Tx, job: &NewJob, arrived_at: Timestamp) -> Result<(), StoreError> {
    let NewJob { kind, subject, due_at } = job;
    let new = Addition { kind: *kind, subject, body: None, due_at: *due_at, arrived_at, taker: None };
    add(tx, &new).await.map(|_| ())
}

/// A job to be written, and who goes on with it at once, if anybody does.
pub(super) struct Addition<'a> {
    pub(super) kind: JobKind,
    pub(super) subject: &'a str,
    pub(super) body: Option<&'a [u8]>,
    /// When it is due; where it is taken at once, when it was written.
    pub(super) due_at: Timestamp,
    pub(super) arrived_at: Timestamp,
    pub(super) taker: Option<&'a Owner>,
}

/// What became of adding a job.
pub(super) enum Added {
    /// It waits.
    Waiting,
    /// It is the taker's.
    Taken(Box<LeasedJob>),
    /// It was there already, and is whoever's it was.
    Already,
}

pub(super) async fn add(tx: &mut Tx, new: &Addition<'_>) -> Result<Added, StoreError> {
    let (state, due_at, attempt) = match new.taker {
        None => ("waiting", new.due_at, 0u32),
        Some(_) => ("running", lease_end(new.due_at), 1),
    };
    let values = values![
        new.kind.as_str(),
        new.subject,
        new.body,
        state,
        new.taker.map(Owner::as_str),
        millis(due_at),
        attempt,
        millis(new.arrived_at),
    ];
    let Some(id) = tx.insert(ADD, values).await? else { return Ok(Added::Already) };
    let Some(taker) = new.taker else { return Ok(Added::Waiting) };
    Ok(Added::Taken(Box::new(LeasedJob {
        id,
        owner: taker.clone(),
        known: None,
        kind: new.kind,
        subject: new.subject.to_owned(),
        body: new.body.map(<[u8]>::to_vec),
        attempt,
        failures: 0,
        arrived_at: new.arrived_at,
    })))
}

impl Owner {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}
