//! What must survive: deliveries, jobs, commands, messages to post, the audit log, pinned identities.
//!
//! The only module that contains SQL. Its methods are named by what they are for, and everything that
//! belongs together happens in one transaction: see [`Step`], the one way in which a job leaves something
//! behind.
//!
//! `SQLite` in WAL mode with `synchronous = FULL`: a commit that was reported has reached the disk. All
//! writing goes through one connection (`SQLite` has one writer anyway, and waiting for it here is cheaper
//! than finding the file locked); reading has connections of its own. Deliveries are committed in groups:
//! those that arrive while a commit is under way share the next one.

mod audit;
mod command;
mod delivery;
mod error;
mod identity;
mod job;
mod message;
mod step;

use std::str::FromStr as _;
use std::sync::Arc;
use std::time::Duration;

use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};

pub use command::{CommandId, CommandRecord, NewCommand};
pub use delivery::{DeliveryKey, NewDelivery, Recorded};
pub use error::StoreError;
pub use job::{Claimed, JobCounts, JobKind, NewJob, Owner};
pub use message::{NewMessage, OutgoingId, OutgoingMessage};
pub use step::{End, Step};

/// How long a write waits for another process that holds the file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// The store. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    writer: SqlitePool,
    reader: SqlitePool,
    deliveries: Arc<delivery::GroupCommit>,
}

impl Store {
    /// Opens the database at `address` (`sqlite://path`), creates it where it is missing, and brings its
    /// schema up to date.
    pub async fn open(address: &str) -> Result<Self, StoreError> {
        let unusable = || StoreError::Address { found: address.to_owned() };
        if !address.starts_with("sqlite:") || address.contains(":memory:") {
            return Err(unusable());
        }
        let options = SqliteConnectOptions::from_str(address)
            .map_err(|_| unusable())?
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT);
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_with(options.clone())
            .await?;
        sqlx::migrate!("src/store/migrations/sqlite").run(&writer).await?;
        let reader = SqlitePoolOptions::new()
            .max_connections(4)
            .connect_with(options.read_only(true).create_if_missing(false))
            .await?;
        let deliveries = Arc::new(delivery::GroupCommit::start(writer.clone()));
        Ok(Self { writer, reader, deliveries })
    }

    /// Whether the database can be written to right now.
    pub async fn is_writable(&self) -> Result<(), StoreError> {
        let mut tx = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::query("UPDATE jobs SET note = note WHERE id = -1").execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Closes all connections. What was committed stays.
    pub async fn close(&self) {
        self.reader.close().await;
        self.writer.close().await;
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
