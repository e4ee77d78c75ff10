//! PostgreSQL: several processes on one database.
//!
//! It groups commits by itself, so each write is a transaction of its own.

use std::str::FromStr as _;
use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgListener, PgPool, PgPoolOptions};
use sqlx::{Connection as _, Executor as _};
use tokio::sync::Notify;

use super::newest;
use super::value::{self, Row, Value};
use crate::store::StoreError;

/// How long somebody waits for a connection before the database counts as not answering.
const CONNECTION_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a statement waits for somebody who holds a table or a row. Without it everybody waits for ever, and
/// goes on waiting when nobody wants the answer any more.
const LOCK_TIMEOUT: &str = "SET lock_timeout = '3s'";
/// Connections that one process holds at most.
const CONNECTIONS: u32 = 16;
/// What it says of a table that is not there (PostgreSQL, appendix A, *Error Codes*).
const UNDEFINED_TABLE: &str = "42P01";
/// The channel on which it tells of new jobs.
pub(super) const JOBS: &str = "steward_jobs";
/// The channel on which it tells of pauses.
pub(in crate::store) const PAUSES: &str = "steward_pauses";

pub(super) static MIGRATIONS: Migrator = sqlx::migrate!("src/store/migrations/postgres");

/// Connects and brings the schema up to date.
pub(super) async fn open(address: &str) -> Result<PgPool, StoreError> {
    let options = options(address)?;
    // Apart from the pool: a migration may wait for another replica's, and take as long as it takes.
    let connecting = tokio::time::timeout(CONNECTION_TIMEOUT, PgConnection::connect_with(&options));
    let mut connection = connecting.await.map_err(|_| sqlx::Error::PoolTimedOut)??;
    MIGRATIONS
        .run(&mut connection)
        .await
        .map_err(|error| StoreError::migration(error, newest(&MIGRATIONS)))?;
    connection.close().await?;
    Ok(pool(options))
}

pub(super) fn options(address: &str) -> Result<PgConnectOptions, StoreError> {
    let options = PgConnectOptions::from_str(address).map_err(|_| StoreError::Address)?;
    // A migration can refuse older processes by this name: see 0007_locks.sql.
    Ok(options.application_name(&format!("steward/{}", newest(&MIGRATIONS))))
}

/// Connections are made when they are needed; the schema stays as it is.
pub(super) fn pool(options: PgConnectOptions) -> PgPool {
    PgPoolOptions::new()
        .max_connections(CONNECTIONS)
        .acquire_timeout(CONNECTION_TIMEOUT)
        .after_connect(|connection, _| {
            Box::pin(async move { connection.execute(LOCK_TIMEOUT).await.map(|_| ()) })
        })
        .connect_lazy_with(options)
}

/// The rows that a question finds in a database that is not touched otherwise; none where the table is not there
/// yet.
pub(super) async fn glance(
    address: &str,
    sql: &'static str,
    values: Vec<Value>,
) -> Result<Vec<Row>, StoreError> {
    let mut connection = PgConnection::connect_with(&options(address)?).await?;
    match value::postgres(sql, values).fetch_all(&mut connection).await {
        Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some(UNDEFINED_TABLE) => {
            Ok(Vec::new())
        }
        rows => Ok(rows?.into_iter().map(Row::Postgres).collect()),
    }
}

/// Rings the bell for each notification of any process on this channel, until the pool is closed.
pub(super) async fn ring_when_notified(
    pool: &PgPool,
    channel: &str,
    bell: &Notify,
) -> Result<(), StoreError> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(channel).await?;
    loop {
        // Nothing received means that the connection was lost and is back: there may be something new.
        listener.try_recv().await?;
        bell.notify_one();
    }
}
