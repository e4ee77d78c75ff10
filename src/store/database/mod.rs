//! The database: SQLite for one process, PostgreSQL for several, behind the same few calls.
//!
//! What is above writes SQL that both understand, with `$1` for values, and nothing else of either. A write
//! is a function of a transaction ([`Database::write`]); when it returns well, it is on the disk.
//!
//! On SQLite there is one writer anyway, so all writes go through one thread, and those that arrive while a
//! commit is under way share the next one ([`group`]): that is where the speed comes from.

mod group;
mod postgres;
mod sqlite;
mod value;

use std::pin::Pin;
use std::sync::Arc;

use sqlx::migrate::Migrator;
use sqlx::postgres::PgPool;
use sqlx::{Postgres, Transaction};
use tokio::sync::Notify;

use group::Turn;
use sqlite::{Sqlite, SqliteTx};
pub(super) use value::{Row, Value, values};

use super::hooks::name_of;
use super::{CommitPoint, StoreError, TestHooks};

pub(super) use postgres::PAUSES;

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
    Sqlite(Arc<Sqlite>),
    Postgres { pool: PgPool, hooks: TestHooks },
}

/// A transaction under way.
#[derive(Debug)]
pub(super) enum Tx {
    Sqlite(SqliteTx),
    Postgres(Transaction<'static, Postgres>),
}

/// A future in a box, as a function of a transaction returns it.
pub(super) type Boxed<'t, T> = Pin<Box<dyn Future<Output = T> + Send + 't>>;

impl Database {
    /// Opens the database at `address`, creates a file where it is missing, and brings the schema up to
    /// date.
    pub(super) async fn open(address: &str, hooks: TestHooks) -> Result<Self, StoreError> {
        match address.split_once(':') {
            Some(("sqlite", path)) if !path.contains("memory") => {
                Ok(Self::Sqlite(Arc::new(Sqlite::open(address, hooks).await?)))
            }
            Some(("postgres" | "postgresql", _)) => {
                Ok(Self::Postgres { pool: postgres::open(address).await?, hooks })
            }
            _ => Err(StoreError::Address),
        }
    }

    /// Opens the database at `address` beside a process that may be working on it: without the lock of a file,
    /// which keeps off a second process that would take over the jobs of the first. SQLite itself keeps the
    /// writes of two processes apart. Nothing is created and nothing migrated.
    pub(super) async fn open_beside(address: &str) -> Result<Self, StoreError> {
        let (database, migrator) = match address.split_once(':') {
            Some(("sqlite", path)) if !path.contains("memory") => {
                (Self::Sqlite(Arc::new(Sqlite::open_beside(address)?)), &sqlite::MIGRATIONS)
            }
            Some(("postgres" | "postgresql", _)) => {
                let pool = postgres::pool(postgres::options(address)?);
                (Self::Postgres { pool, hooks: TestHooks::default() }, &postgres::MIGRATIONS)
            }
            _ => return Err(StoreError::Address),
        };
        database.must_be_of_this_version(migrator).await?;
        Ok(database)
    }

    async fn must_be_of_this_version(&self, migrator: &Migrator) -> Result<(), StoreError> {
        let other = || StoreError::Unusable {
            what: "it is of another version of Steward; start \"steward serve\" of this version on it once"
                .to_owned(),
        };
        let sql = "SELECT max(version) AS newest FROM _sqlx_migrations";
        let rows = self.read(sql, values![]).await.map_err(|_| other())?;
        let found = rows.first().map(|row| row.optional_number("newest")).transpose()?.flatten();
        if found == Some(newest(migrator)) { Ok(()) } else { Err(other()) }
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
        self.write_in_turn(Turn::Work, write).await
    }

    /// The same for somebody outside who waits for the answer: where writes stand in line, it goes before those
    /// that do not come from there.
    pub(super) async fn write_first<T, F>(&self, write: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'t> Fn(&'t mut Tx) -> Boxed<'t, Result<T, StoreError>> + Send + Sync + 'static,
    {
        self.write_in_turn(Turn::Intake, write).await
    }

    async fn write_in_turn<T, F>(&self, turn: Turn, write: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'t> Fn(&'t mut Tx) -> Boxed<'t, Result<T, StoreError>> + Send + Sync + 'static,
    {
        match self {
            Self::Sqlite(sqlite) => sqlite.writer.write(turn, write).await,
            Self::Postgres { pool, hooks } => {
                let mut tx = Tx::Postgres(pool.begin().await?);
                let written = write(&mut tx).await;
                let kept = hooks.call(CommitPoint::BeforeCommit, name_of::<F>);
                let Tx::Postgres(tx) = tx else { unreachable!("it was begun on PostgreSQL") };
                let result = match (written, kept) {
                    (Ok(result), Ok(())) => result,
                    (Err(error), _) | (_, Err(error)) => {
                        // At once: a claim that is taken back some time later is one that others skip until then.
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

    /// The rows that a question finds, outside any transaction.
    pub(super) async fn read(&self, sql: &'static str, values: Vec<Value>) -> Result<Vec<Row>, StoreError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.read(sql, values).await,
            Self::Postgres { pool, .. } => {
                let rows = value::postgres(sql, values).fetch_all(pool).await?;
                Ok(rows.into_iter().map(Row::Postgres).collect())
            }
        }
    }

    /// The rows that a question finds in the database at `address`, which is not touched otherwise: nobody is
    /// kept off it and its schema stays as it is. None where there is no database, or nothing yet of what is
    /// asked for.
    pub(super) async fn glance(
        address: &str,
        sql: &'static str,
        values: Vec<Value>,
    ) -> Result<Vec<Row>, StoreError> {
        if address.starts_with("sqlite:") {
            sqlite::glance(address, sql, values).await
        } else {
            postgres::glance(address, sql, values).await
        }
    }

    /// Rings the bell for each [`Tx::notify`] of any process, until the database is closed.
    pub(super) async fn ring_when_notified(&self, bell: &Notify) -> Result<(), StoreError> {
        self.ring_when_notified_on(postgres::JOBS, bell).await
    }

    /// The same for one channel: see [`Tx::notify_on`].
    pub(super) async fn ring_when_notified_on(&self, channel: &str, bell: &Notify) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(_) => Ok(()),
            Self::Postgres { pool, .. } => postgres::ring_when_notified(pool, channel, bell).await,
        }
    }

    pub(super) async fn close(&self) {
        match self {
            Self::Sqlite(sqlite) => sqlite.close().await,
            Self::Postgres { pool, .. } => pool.close().await,
        }
    }
}

/// The newest schema version that this Steward knows.
fn newest(migrator: &Migrator) -> i64 {
    migrator.iter().map(|migration| migration.version).max().unwrap_or_default()
}

impl Tx {
    /// Changes something, and says how many rows.
    pub(super) async fn execute(
        &mut self,
        sql: impl Into<Sql>,
        values: Vec<Value>,
    ) -> Result<u64, StoreError> {
        let sql = sql.into();
        match self {
            Self::Sqlite(tx) => tx.execute(sql.sqlite, &values),
            Self::Postgres(tx) => {
                Ok(value::postgres(sql.postgres, values).execute(&mut **tx).await?.rows_affected())
            }
        }
    }

    /// Adds a row to a table that numbers its rows; its number, or none where the row was there already.
    ///
    /// The statement of PostgreSQL returns the `id`. SQLite tells it anyway; what it returns from a statement it first
    /// puts into a table of its own, which takes longer than adding the row.
    pub(super) async fn insert(&mut self, sql: Sql, values: Vec<Value>) -> Result<Option<i64>, StoreError> {
        match self {
            Self::Sqlite(tx) => tx.insert(sql.sqlite, &values),
            Self::Postgres(tx) => {
                let row = value::postgres(sql.postgres, values).fetch_optional(&mut **tx).await?;
                row.map(|row| Row::Postgres(row).number("id")).transpose()
            }
        }
    }

    /// The rows that a question finds, or that a change returns.
    pub(super) async fn rows(
        &mut self,
        sql: impl Into<Sql>,
        values: Vec<Value>,
    ) -> Result<Vec<Row>, StoreError> {
        let sql = sql.into();
        match self {
            Self::Sqlite(tx) => tx.rows(sql.sqlite, &values),
            Self::Postgres(tx) => {
                let rows = value::postgres(sql.postgres, values).fetch_all(&mut **tx).await?;
                Ok(rows.into_iter().map(Row::Postgres).collect())
            }
        }
    }

    /// Tells other processes on the same database, once this is committed, that there is something to do.
    pub(super) async fn notify(&mut self) -> Result<(), StoreError> {
        self.notify_on(postgres::JOBS).await
    }

    /// The same on one channel.
    pub(super) async fn notify_on(&mut self, channel: &'static str) -> Result<(), StoreError> {
        if let Self::Postgres(tx) = self {
            sqlx::query("SELECT pg_notify($1, '')").bind(channel).execute(&mut **tx).await?;
        }
        Ok(())
    }
}
