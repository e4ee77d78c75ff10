//! PostgreSQL: several processes on one database.
//!
//! It groups commits by itself, so each write is a transaction of its own.

use std::str::FromStr as _;
use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgListener, PgPool, PgPoolOptions};
use tokio::sync::Notify;

use crate::store::StoreError;

/// How long somebody waits for a connection before the database counts as not answering.
const CONNECTION_TIMEOUT: Duration = Duration::from_secs(10);
/// Connections that one process holds at most.
const CONNECTIONS: u32 = 16;
/// The channel on which it tells of new jobs.
pub(super) const JOBS: &str = "steward_jobs";
/// The channel on which it tells of pauses.
pub(in crate::store) const PAUSES: &str = "steward_pauses";

pub(super) static MIGRATIONS: Migrator = sqlx::migrate!("src/store/migrations/postgres");

pub(super) async fn open(address: &str) -> Result<PgPool, StoreError> {
    let pool = connect(address).await?;
    MIGRATIONS.run(&pool).await?;
    Ok(pool)
}

/// Connects and leaves the schema as it is.
pub(super) async fn connect(address: &str) -> Result<PgPool, StoreError> {
    let options = PgConnectOptions::from_str(address).map_err(|_| StoreError::Address)?;
    let pool = PgPoolOptions::new()
        .max_connections(CONNECTIONS)
        .acquire_timeout(CONNECTION_TIMEOUT)
        .connect_with(options.application_name("steward"))
        .await?;
    Ok(pool)
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
