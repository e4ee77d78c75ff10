//! The database: SQLite for one process, PostgreSQL for several, behind the same few calls.
//!
//! Callers write SQL that both databases understand, with `$1` for values, or a [`Sql`] with a statement for each. A
//! write is a closure that takes a transaction ([`Database::write`]). Once `write` returns `Ok`, the data is on the
//! disk.
//!
//! SQLite allows one writer at a time anyway, so all writes go through one thread. Writes that arrive during a commit
//! share the next one ([`group_commit`]), which makes SQLite fast enough for bursts.

mod group_commit;
mod inspect;
mod open_error;
mod postgres;
mod schema;
mod sqlite;
mod sqlite_connection;
mod tx;
mod value;

use std::sync::Arc;

use sqlx::migrate::Migrator;
use sqlx::postgres::PgPool;
use tokio::sync::Notify;

use group_commit::Priority;
pub use inspect::DatabaseState;
pub(super) use inspect::inspect;
use sqlite::Sqlite;
use tx::Boxed;
pub(super) use tx::{JOBS, PAUSES, Sql, Tx};
pub(super) use value::{Row, Value, json, values};

use super::test_hooks::name_of;
use super::{CommitPoint, StoreError, TestHooks};

/// An open database. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) enum Database {
    Sqlite(Arc<Sqlite>),
    Postgres { pool: PgPool, hooks: TestHooks },
}

/// Which database an address names.
enum DatabaseKind {
    Sqlite,
    Postgres,
}

fn kind_of(address: &str) -> Result<DatabaseKind, StoreError> {
    match address.split_once(':') {
        Some(("sqlite", path)) if !path.contains("memory") => Ok(DatabaseKind::Sqlite),
        Some(("postgres" | "postgresql", _)) => Ok(DatabaseKind::Postgres),
        _ => Err(StoreError::Address),
    }
}

impl Database {
    /// Opens the database at `address`, creates a missing SQLite file, and brings the schema up to date.
    pub(super) async fn open(address: &str, hooks: TestHooks) -> Result<Self, StoreError> {
        Ok(match kind_of(address)? {
            DatabaseKind::Sqlite => Self::Sqlite(Arc::new(Sqlite::open(address, hooks).await?)),
            DatabaseKind::Postgres => Self::Postgres { pool: postgres::open(address).await?, hooks },
        })
    }

    /// Opens the database at `address` while another process may be using it, without the file lock: that lock only
    /// keeps a second process from taking over jobs. SQLite itself serializes the writes of two processes. Nothing is
    /// created or migrated.
    pub(super) async fn open_beside(address: &str) -> Result<Self, StoreError> {
        let (database, migrations) = match kind_of(address)? {
            DatabaseKind::Sqlite => (Self::Sqlite(Arc::new(Sqlite::open_beside(address)?)), &schema::SQLITE),
            DatabaseKind::Postgres => {
                let pool = postgres::open_beside(address).await?;
                (Self::Postgres { pool, hooks: TestHooks::default() }, &schema::POSTGRES)
            }
        };
        database.must_have_schema(migrations).await?;
        Ok(database)
    }

    async fn must_have_schema(&self, migrations: &Migrator) -> Result<(), StoreError> {
        let known = schema::newest(migrations);
        let sql = "SELECT max(version) AS newest FROM _sqlx_migrations";
        let rows = match self.read(sql, values![]).await {
            Err(error) if open_error::is_missing_table(&error) => Vec::new(),
            rows => rows.map_err(|error| self.explain(error))?,
        };
        let newest = rows.first().map(|row| row.optional_number("newest")).transpose()?.flatten();
        schema::judge(newest, known)
    }

    /// An error of a database that was just opened, with the place and the remedy.
    fn explain(&self, error: StoreError) -> StoreError {
        match self {
            Self::Sqlite(sqlite) => open_error::of_sqlite(sqlite.path(), error),
            Self::Postgres { .. } => error,
        }
    }

    /// Whether other processes may work on the same database.
    pub(super) fn is_shared(&self) -> bool {
        matches!(self, Self::Postgres { .. })
    }

    /// Runs a write in a transaction. `Ok` means that the write is on the disk, an error that no part of it is. The
    /// closure may run more than once: if the database fails during a group commit, each write of the group is retried
    /// alone.
    pub(super) async fn write<T, F>(&self, write: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'t> Fn(&'t mut Tx) -> Boxed<'t, Result<T, StoreError>> + Send + Sync + 'static,
    {
        self.write_with(Priority::Work, write).await
    }

    /// Like [`write`](Self::write), but ahead of the writes of jobs, because the sender waits for the acknowledgment.
    pub(super) async fn write_first<T, F>(&self, write: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'t> Fn(&'t mut Tx) -> Boxed<'t, Result<T, StoreError>> + Send + Sync + 'static,
    {
        self.write_with(Priority::Intake, write).await
    }

    async fn write_with<T, F>(&self, priority: Priority, write: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'t> Fn(&'t mut Tx) -> Boxed<'t, Result<T, StoreError>> + Send + Sync + 'static,
    {
        match self {
            Self::Sqlite(sqlite) => sqlite.writer.write(priority, write).await,
            Self::Postgres { pool, hooks } => {
                let mut tx = Tx::Postgres(pool.begin().await?);
                let written = write(&mut tx).await;
                let kept = hooks.call(CommitPoint::BeforeCommit, name_of::<F>);
                let Tx::Postgres(tx) = tx else { unreachable!("it was begun on PostgreSQL") };
                let result = match (written, kept) {
                    (Ok(result), Ok(())) => result,
                    (Err(error), _) | (_, Err(error)) => {
                        // Rolled back at once, because other processes skip the claimed rows until then.
                        tx.rollback().await.ok();
                        return Err(error);
                    }
                };
                tx.commit().await?;
                hooks.call(CommitPoint::AfterCommit, name_of::<F>)?;
                Ok(result)
            }
        }
    }

    /// The rows of a query, outside any transaction.
    pub(super) async fn read(&self, sql: &'static str, values: Vec<Value>) -> Result<Vec<Row>, StoreError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.read(sql, values).await,
            Self::Postgres { pool, .. } => {
                let rows = value::postgres(sql, values).fetch_all(pool).await?;
                Ok(rows.into_iter().map(Row::Postgres).collect())
            }
        }
    }

    /// Reads rows without locking, creating or migrating the database; none if the database or the table does not
    /// exist.
    pub(super) async fn peek(
        address: &str,
        sql: &'static str,
        values: Vec<Value>,
    ) -> Result<Vec<Row>, StoreError> {
        if address.starts_with("sqlite:") {
            sqlite::peek(address, sql, values).await
        } else {
            postgres::peek(address, sql, values).await
        }
    }

    /// Wakes `signal` for each [`Tx::notify`] of any process on this channel, until the database is closed. Returns at
    /// once if there can be no other processes.
    pub(super) async fn wake_on(&self, channel: &str, signal: &Notify) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(_) => Ok(()),
            Self::Postgres { pool, .. } => postgres::wake_on(pool, channel, signal).await,
        }
    }

    pub(super) async fn close(&self) {
        match self {
            Self::Sqlite(sqlite) => sqlite.close().await,
            Self::Postgres { pool, .. } => pool.close().await,
        }
    }
}
