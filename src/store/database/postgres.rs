//! PostgreSQL: several processes on one database.
//!
//! The server groups commits, so each write gets its own transaction.

use std::str::FromStr as _;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection, PgListener, PgPool, PgPoolOptions};
use sqlx::{Connection as _, Executor as _};
use tokio::sync::Notify;

use super::value::{self, Row, Value};
use super::{open_error, schema};
use crate::store::StoreError;

/// How long to wait for a connection before the database counts as unavailable.
const CONNECTION_TIMEOUT: Duration = Duration::from_secs(10);
/// The longest wait of a statement for a table or row lock. Without this limit, a statement would wait forever, even
/// after its caller has given up.
const LOCK_TIMEOUT: &str = "SET lock_timeout = '3s'";
/// How long to wait for the first connection: people wait for the answer.
const FIRST_CONNECTION_TIMEOUT: Duration = Duration::from_secs(5);
/// Connections of one process.
const CONNECTIONS: u32 = 16;

/// Connects and brings the schema up to date.
pub(super) async fn open(address: &str) -> Result<PgPool, StoreError> {
    let options = options(address)?;
    // Not a pooled connection, because a migration may take long or wait for another replica's migration.
    let mut connection = connect(&options).await?;
    schema::update(&schema::POSTGRES, &mut connection).await?;
    connection.close().await?;
    Ok(pool(options))
}

/// Opens a database whose schema is left alone, with one connection first: a pool would keep trying, and would not say
/// why there is none.
pub(super) async fn open_beside(address: &str) -> Result<PgPool, StoreError> {
    let options = options(address)?;
    connect(&options).await?.close().await?;
    Ok(pool(options))
}

pub(super) async fn connect(options: &PgConnectOptions) -> Result<PgConnection, StoreError> {
    let connecting = PgConnection::connect_with(options);
    match tokio::time::timeout(FIRST_CONNECTION_TIMEOUT, connecting).await {
        Ok(connected) => connected.map_err(|error| open_error::of_postgres(options, error)),
        Err(_) => Err(open_error::unanswered(options, FIRST_CONNECTION_TIMEOUT)),
    }
}

pub(super) fn options(address: &str) -> Result<PgConnectOptions, StoreError> {
    let options = PgConnectOptions::from_str(address).map_err(|_| StoreError::Address)?;
    // A migration can use this name to refuse the writes of older processes: see 0007_locks.sql.
    Ok(options.application_name(&format!("steward/{}", schema::newest(&schema::POSTGRES))))
}

/// Connects lazily and leaves the schema alone.
fn pool(options: PgConnectOptions) -> PgPool {
    PgPoolOptions::new()
        .max_connections(CONNECTIONS)
        .acquire_timeout(CONNECTION_TIMEOUT)
        .after_connect(|connection, _| {
            Box::pin(async move { connection.execute(LOCK_TIMEOUT).await.map(|_| ()) })
        })
        .connect_lazy_with(options)
}

/// The rows of a query; none if the table does not exist yet.
pub(super) async fn peek(
    address: &str,
    sql: &'static str,
    values: Vec<Value>,
) -> Result<Vec<Row>, StoreError> {
    let mut connection = connect(&options(address)?).await?;
    match value::postgres(sql, values).fetch_all(&mut connection).await.map_err(StoreError::from) {
        Err(error) if open_error::is_missing_table(&error) => Ok(Vec::new()),
        rows => Ok(rows?.into_iter().map(Row::Postgres).collect()),
    }
}

/// Wakes `signal` for each notification on this channel, until the pool is closed.
pub(super) async fn wake_on(pool: &PgPool, channel: &str, signal: &Notify) -> Result<(), StoreError> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(channel).await?;
    loop {
        // `None` means that the connection was lost and restored. A notification may have been missed, so wake anyway.
        listener.try_recv().await?;
        signal.notify_one();
    }
}
