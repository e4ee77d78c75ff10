//! What must survive: deliveries, jobs, commands, plans, messages to post and their buttons, the audit log, pinned
//! identities, pauses, and the sealed tokens of the admin credential.
//!
//! The only module that contains SQL. Its methods are named by what they are for, and everything that
//! belongs together happens in one transaction: see [`Step`], the one way in which a job leaves something
//! behind. One code for two databases: SQLite for one process, PostgreSQL for several (see `database`).

mod audit;
mod button;
mod command;
mod credential;
mod database;
mod delivery;
mod error;
mod found;
pub mod handoff;
mod heartbeat;
mod hint;
mod hooks;
mod identity;
mod job;
mod lock;
mod message;
mod parked;
mod pause;
mod plan;
mod step;

pub use button::NewButton;
pub use command::{CommandId, CommandRecord, NewCommand};
pub use credential::{RenewalClaim, RenewedCredential, StoredCredential};
pub use delivery::{DeliveryKey, NewDelivery, Recorded};
pub use error::StoreError;
pub use heartbeat::Heartbeat;
pub use hooks::{CommitPoint, TestHooks};
pub use job::{JobCounts, JobKind, LEASE, LeasedJob, NewJob, Owner};
pub use message::{NewMessage, OutgoingId, OutgoingMessage};
pub use parked::{JobSummary, NotParked, ParkedAction};
pub use step::{End, Step};

use std::sync::Arc;

use database::{Database, values};
use tokio::sync::Notify;

/// The store. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    database: Database,
    /// Rung when a job of this process leaves another that waits.
    left_waiting: Arc<Notify>,
}

impl Store {
    /// Opens the database at `address` (`sqlite://path` or `postgres://…`), creates a file where it is
    /// missing, and brings the schema up to date.
    pub async fn open(address: &str) -> Result<Self, StoreError> {
        Self::open_with(address, TestHooks::default()).await
    }

    /// The same with what tests do at the moments around each commit.
    pub async fn open_with(address: &str, hooks: TestHooks) -> Result<Self, StoreError> {
        Ok(Self { database: Database::open(address, hooks).await?, left_waiting: Arc::default() })
    }

    /// Opens the database at `address` beside a Steward that may be running on it: to look at jobs and to
    /// decide on parked ones, never to work on any. It must be there, and of this version.
    pub async fn open_beside(address: &str) -> Result<Self, StoreError> {
        Ok(Self { database: Database::open_beside(address).await?, left_waiting: Arc::default() })
    }

    /// Whether other processes may work on the same database.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        self.database.is_shared()
    }

    /// Rings this bell whenever a step of this process leaves a job that waits, or another process has added one.
    /// Returns only with an error, or when the database is closed.
    pub async fn wake_on_new_jobs(&self, bell: &Notify) -> Result<(), StoreError> {
        let here = async {
            loop {
                self.left_waiting.notified().await;
                bell.notify_one();
            }
        };
        let elsewhere = async {
            if self.is_shared() {
                self.database.ring_when_notified(bell).await
            } else {
                std::future::pending().await
            }
        };
        tokio::select! {
            ended = elsewhere => ended,
            () = here => Ok(()),
        }
    }

    /// Whether the database can be written to right now: by writing something.
    pub async fn is_writable(&self, now: jiff::Timestamp) -> Result<(), StoreError> {
        let values = values![millis(now)];
        self.database
            .write(move |tx| {
                let values = values.clone();
                let sql = "INSERT INTO health (id, written_at) VALUES (1, $1)
                           ON CONFLICT (id) DO UPDATE SET written_at = excluded.written_at";
                Box::pin(async move { tx.execute(sql, values).await.map(|_| ()) })
            })
            .await
    }

    /// Closes all connections. What was committed stays.
    pub async fn close(&self) {
        self.database.close().await;
    }
}

/// A moment as the store keeps it.
fn millis(moment: jiff::Timestamp) -> i64 {
    moment.as_millisecond()
}

/// A moment as the store kept it.
fn moment(millis: i64) -> jiff::Timestamp {
    jiff::Timestamp::from_millisecond(millis).unwrap_or_default()
}
