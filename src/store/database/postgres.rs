//! PostgreSQL: several processes on one database.
//!
//! The server groups commits, so each write gets its own transaction.

use std::str::FromStr as _;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection, PgListener, PgPool, PgPoolOptions};
use sqlx::{Connection as _, Executor as _};
use tokio::sync::Notify;

use super::schema;
use super::value::{self, Row, Value};
use crate::store::StoreError;

/// How long to wait for a connection before the database counts as unavailable.
const CONNECTION_TIMEOUT: Duration = Duration::from_secs(10);
/// The longest wait of a statement for a table or row lock. Without this limit, a statement would wait forever, even
/// after its caller has given up.
const LOCK_TIMEOUT: &str = "SET lock_timeout = '3s'";
/// Connections of one process.
const CONNECTIONS: u32 = 16;
/// The error code of a missing table (PostgreSQL, appendix A, *Error Codes*).
const UNDEFINED_TABLE: &str = "42P01";

/// Connects and brings the schema up to date.
pub(super) async fn open(address: &str) -> Result<PgPool, StoreError> {
    let options = options(address)?;
    // Not a pooled connection, because a migration may take long or wait for another replica's migration.
    let connecting = tokio::time::timeout(CONNECTION_TIMEOUT, PgConnection::connect_with(&options));
    let mut connection = connecting.await.map_err(|_| sqlx::Error::PoolTimedOut)??;
    schema::update(&schema::POSTGRES, &mut connection).await?;
    connection.close().await?;
    Ok(pool(options))
}

pub(super) fn options(address: &str) -> Result<PgConnectOptions, StoreError> {
    let options = PgConnectOptions::from_str(address).map_err(|_| StoreError::Address)?;
    // A migration can use this name to refuse the writes of older processes: see 0007_locks.sql.
    Ok(options.application_name(&format!("steward/{}", schema::newest(&schema::POSTGRES))))
}

/// Connects lazily and leaves the schema alone.
pub(super) fn pool(options: PgConnectOptions) -> PgPool {
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
    let mut connection = PgConnection::connect_with(&options(address)?).await?;
    match value::postgres(sql, values).fetch_all(&mut connection).await {
        Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some(UNDEFINED_TABLE) => {
            Ok(Vec::new())
        }
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
