//! The handle of the store: opening, closing, and waking the worker when there are new jobs. The methods for each table
//! are in that table's file.

use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::Notify;

use super::database::{self, Database, DatabaseState, JOBS, Value, values};
use super::{StoreError, TestHooks};

/// The store. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    pub(super) database: Database,
    /// Woken when a step of this process leaves a waiting job.
    pub(super) left_waiting: Arc<Notify>,
}

impl Store {
    /// Opens the database at `address` (`sqlite://path` or `postgres://…`), creates a missing file, and brings the
    /// schema up to date.
    pub async fn open(address: &str) -> Result<Self, StoreError> {
        Self::open_with(address, TestHooks::default()).await
    }

    /// Like [`open`](Self::open), with fault injection for tests.
    pub async fn open_with(address: &str, hooks: TestHooks) -> Result<Self, StoreError> {
        Ok(Self { database: Database::open(address, hooks).await?, left_waiting: Arc::default() })
    }

    /// Opens the database at `address` beside a Steward that may be running on it, to list jobs and to resolve parked
    /// ones. The database must exist and have the schema of this version.
    pub async fn open_beside(address: &str) -> Result<Self, StoreError> {
        Ok(Self { database: Database::open_beside(address).await?, left_waiting: Arc::default() })
    }

    /// Looks at the database at `address` without changing or locking it: whether Steward can open it for writing.
    pub async fn inspect(address: &str) -> Result<DatabaseState, StoreError> {
        database::inspect(address).await
    }

    /// Whether other processes may work on the same database.
    pub fn is_shared(&self) -> bool {
        self.database.is_shared()
    }

    /// Wakes `signal` whenever a step of this process leaves a waiting job, or another process has added one. Returns
    /// only with an error, or when the database is closed.
    pub async fn wake_on_new_jobs(&self, signal: &Notify) -> Result<(), StoreError> {
        let here = async {
            loop {
                self.left_waiting.notified().await;
                signal.notify_one();
            }
        };
        let elsewhere = async {
            if self.is_shared() {
                self.database.wake_on(JOBS, signal).await
            } else {
                std::future::pending().await
            }
        };
        tokio::select! {
            ended = elsewhere => ended,
            () = here => Ok(()),
        }
    }

    /// Checks that the database accepts writes, by writing a row.
    pub async fn is_writable(&self, now: Timestamp) -> Result<(), StoreError> {
        let sql = "INSERT INTO health (id, written_at) VALUES (1, $1)
                   ON CONFLICT (id) DO UPDATE SET written_at = excluded.written_at";
        self.change(sql, values![now]).await.map(|_| ())
    }

    /// Runs one statement in its own transaction and returns the number of changed rows.
    pub(super) async fn change(&self, sql: &'static str, values: Vec<Value>) -> Result<u64, StoreError> {
        self.database
            .write(move |tx| {
                let values = values.clone();
                Box::pin(async move { tx.execute(sql, values).await })
            })
            .await
    }

    /// Closes all connections. Everything that was committed stays.
    pub async fn close(&self) {
        self.database.close().await;
    }
}
