//! The database: SQLite for one process, PostgreSQL for several, behind the same few calls.
//!
//! What is above writes SQL that both understand, with `$1` for values, and nothing else of either. A write
//! is a function of a transaction ([`Database::write`]); when it returns well, it is on the disk.
//!
//! On SQLite (WAL, `synchronous = FULL`) there is one writer anyway, so all writes go through one task,
//! and those that arrive while a commit is under way share the next one ([`group`]): that is where the speed
//! comes from. PostgreSQL groups commits by itself, so there each write is a transaction of its own.

mod group;
mod value;

use std::fs::{File, TryLockError};
use std::path::Path;
use std::pin::Pin;
use std::str::FromStr as _;
use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgListener, PgPool, PgPoolOptions};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{Connection as _, PgConnection, Postgres, Sqlite, SqliteConnection, Transaction};
use tokio::sync::Notify;

pub(super) use value::{Row, Value, values};

use super::StoreError;

/// How long a write waits for another program that holds the file, such as a backup.
const BUSY_TIMEOUT: Duration = Duration::from_secs(3);
/// How long somebody waits for a connection before the database counts as not answering.
const CONNECTION_TIMEOUT: Duration = Duration::from_secs(10);
/// Connections to PostgreSQL that one process holds at most.
const CONNECTIONS: u32 = 16;

/// The channel on which PostgreSQL tells of new jobs.
const CHANNEL: &str = "steward_jobs";

/// SQL that the two say differently.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sql {
    pub(super) sqlite: &'static str,
    pub(super) postgres: &'static str,
}

impl From<&'static str> for Sql {
    fn from(both: &'static str) -> Self {
        Self { sqlite: both, postgres: both }
    }
}

/// An open database. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) enum Database {
    Sqlite { writer: Arc<group::Writer>, pool: SqlitePool, reader: SqlitePool, lock: Arc<File> },
    Postgres { pool: PgPool },
}

/// A transaction under way.
#[derive(Debug)]
pub(super) enum Tx {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

/// A future in a box, as a function of a transaction returns it.
pub(super) type Boxed<'t, T> = Pin<Box<dyn Future<Output = T> + Send + 't>>;

impl Database {
    /// Opens the database at `address`, creates a file where it is missing, and brings the schema up to
    /// date.
    pub(super) async fn open(address: &str) -> Result<Self, StoreError> {
        match address.split_once(':') {
            Some(("sqlite", path)) if !path.contains("memory") => Self::open_sqlite(address).await,
            Some(("postgres" | "postgresql", _)) => Self::open_postgres(address).await,
            _ => Err(StoreError::Address),
        }
    }

    async fn open_sqlite(address: &str) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::from_str(address)
            .map_err(|_| StoreError::Address)?
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT);
        let lock = Arc::new(lock(options.get_filename())?);
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            // When the disk is full SQLite ends a transaction by itself, and sqlx goes on believing that there
            // is one: such a connection is closed, and a new one takes its place.
            .before_acquire(|connection, _| Box::pin(async move { Ok(!connection.is_in_transaction()) }))
            .acquire_timeout(CONNECTION_TIMEOUT)
            .connect_with(options.clone())
            .await?;
        sqlx::migrate!("src/store/migrations/sqlite").run(&pool).await?;
        let reader = SqlitePoolOptions::new()
            .max_connections(4)
            .acquire_timeout(CONNECTION_TIMEOUT)
            .connect_with(options.read_only(true).create_if_missing(false))
            .await?;
        Ok(Self::Sqlite { writer: Arc::new(group::Writer::start(pool.clone())), pool, reader, lock })
    }

    async fn open_postgres(address: &str) -> Result<Self, StoreError> {
        let options = PgConnectOptions::from_str(address).map_err(|_| StoreError::Address)?;
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(CONNECTION_TIMEOUT)
            .connect_with(options.application_name("steward"))
            .await?;
        sqlx::migrate!("src/store/migrations/postgres").run(&pool).await?;
        Ok(Self::Postgres { pool })
    }

    /// Whether other processes may work on the same database.
    pub(super) fn is_shared(&self) -> bool {
        matches!(self, Self::Postgres { .. })
    }

    /// Does this in a transaction. When it returns well, it is on the disk; an error means that nothing of
    /// it is. It may be run more than once: when another write of the same group makes the database fail,
    /// each is tried again alone.
    pub(super) async fn write<T, F>(&self, write: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'t> Fn(&'t mut Tx) -> Boxed<'t, Result<T, StoreError>> + Send + Sync + 'static,
    {
        match self {
            Self::Sqlite { writer, .. } => writer.write(write).await,
            Self::Postgres { pool } => {
                let mut tx = Tx::Postgres(pool.begin().await?);
                let result = write(&mut tx).await?;
                tx.commit().await?;
                Ok(result)
            }
        }
    }

    /// The rows that a question finds, outside any transaction.
    pub(super) async fn read(&self, sql: &'static str, values: Vec<Value>) -> Result<Vec<Row>, StoreError> {
        let rows = match self {
            Self::Sqlite { reader, .. } => {
                value::sqlite(sql, values).fetch_all(reader).await?.into_iter().map(Row::Sqlite).collect()
            }
            Self::Postgres { pool } => {
                value::postgres(sql, values).fetch_all(pool).await?.into_iter().map(Row::Postgres).collect()
            }
        };
        Ok(rows)
    }

    /// The rows that a question finds in the database at `address`, which is not touched otherwise: nobody is
    /// kept off it and its schema stays as it is. None where there is no database, or nothing yet of what is
    /// asked for.
    pub(super) async fn glance(
        address: &str,
        sql: &'static str,
        values: Vec<Value>,
    ) -> Result<Vec<Row>, StoreError> {
        let rows = if address.starts_with("sqlite:") {
            let options = SqliteConnectOptions::from_str(address).map_err(|_| StoreError::Address)?;
            if !options.get_filename().exists() {
                return Ok(Vec::new());
            }
            let mut connection = SqliteConnection::connect_with(&options.read_only(true)).await?;
            let rows = value::sqlite(sql, values).fetch_all(&mut connection).await;
            rows.map(|rows| rows.into_iter().map(Row::Sqlite).collect())
        } else {
            let options = PgConnectOptions::from_str(address).map_err(|_| StoreError::Address)?;
            let mut connection = PgConnection::connect_with(&options).await?;
            let rows = value::postgres(sql, values).fetch_all(&mut connection).await;
            rows.map(|rows| rows.into_iter().map(Row::Postgres).collect())
        };
        match rows {
            Err(sqlx::Error::Database(error)) if is_a_missing_table(&*error) => Ok(Vec::new()),
            rows => Ok(rows?),
        }
    }

    /// Rings the bell for each [`Tx::notify`] of any process, until the database is closed.
    pub(super) async fn ring_when_notified(&self, bell: &Notify) -> Result<(), StoreError> {
        let Self::Postgres { pool } = self else { return Ok(()) };
        let mut listener = PgListener::connect_with(pool).await?;
        listener.listen(CHANNEL).await?;
        loop {
            // Nothing received means that the connection was lost and is back: there may be something new.
            listener.try_recv().await?;
            bell.notify_one();
        }
    }

    pub(super) async fn close(&self) {
        match self {
            Self::Sqlite { pool, reader, lock, .. } => {
                reader.close().await;
                pool.close().await;
                // Held for nothing now; the end of the process would free it too.
                lock.unlock().ok();
            }
            Self::Postgres { pool } => pool.close().await,
        }
    }
}

fn is_a_missing_table(error: &dyn sqlx::error::DatabaseError) -> bool {
    error.code().as_deref() == Some("42P01") || error.message().starts_with("no such table")
}

/// Keeps every other process off a database file for as long as this one has it open: jobs of a process that
/// still runs would be taken over as those of one that died.
fn lock(database: &Path) -> Result<File, StoreError> {
    let mut path = database.as_os_str().to_owned();
    path.push(".lock");
    let unusable = |error: &dyn std::fmt::Display| StoreError::Unusable {
        what: format!("{}: {error}", Path::new(&path).display()),
    };
    let file = File::create(&path).map_err(|error| unusable(&error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(unusable(&"another Steward has this database open")),
        Err(TryLockError::Error(error)) => Err(unusable(&error)),
    }
}

impl Tx {
    /// Changes something, and says how many rows.
    pub(super) async fn execute(
        &mut self,
        sql: impl Into<Sql>,
        values: Vec<Value>,
    ) -> Result<u64, StoreError> {
        let sql = sql.into();
        let changed = match self {
            Self::Sqlite(tx) => value::sqlite(sql.sqlite, values).execute(&mut **tx).await?.rows_affected(),
            Self::Postgres(tx) => {
                value::postgres(sql.postgres, values).execute(&mut **tx).await?.rows_affected()
            }
        };
        Ok(changed)
    }

    /// The rows that a question finds, or that a change returns.
    pub(super) async fn rows(
        &mut self,
        sql: impl Into<Sql>,
        values: Vec<Value>,
    ) -> Result<Vec<Row>, StoreError> {
        let sql = sql.into();
        let rows = match self {
            Self::Sqlite(tx) => {
                let rows = value::sqlite(sql.sqlite, values).fetch_all(&mut **tx).await?;
                rows.into_iter().map(Row::Sqlite).collect()
            }
            Self::Postgres(tx) => {
                let rows = value::postgres(sql.postgres, values).fetch_all(&mut **tx).await?;
                rows.into_iter().map(Row::Postgres).collect()
            }
        };
        Ok(rows)
    }

    /// Tells other processes on the same database, once this is committed, that there is something to do.
    pub(super) async fn notify(&mut self) -> Result<(), StoreError> {
        if let Self::Postgres(tx) = self {
            sqlx::query("SELECT pg_notify($1, '')").bind(CHANNEL).execute(&mut **tx).await?;
        }
        Ok(())
    }

    async fn commit(self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(tx) => tx.commit().await?,
            Self::Postgres(tx) => tx.commit().await?,
        }
        Ok(())
    }

    async fn roll_back(self) {
        // A connection that cannot roll back is not used again: see `open_sqlite`.
        match self {
            Self::Sqlite(tx) => tx.rollback().await.ok(),
            Self::Postgres(tx) => tx.rollback().await.ok(),
        };
    }
}
