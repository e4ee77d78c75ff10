//! Looks at a database without changing anything, for `steward check`: it may be missing, or in use by a running
//! Steward. A write is tried and rolled back.

use std::path::Path;

use rusqlite::OpenFlags;
use sqlx::{Connection as _, Row as _};

use super::{DatabaseKind, kind_of, open_error, postgres, schema, sqlite, sqlite_connection};
use crate::store::StoreError;

/// A database that Steward can use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatabaseState {
    /// The file or the server, without a password.
    pub place: String,
    /// Whether `steward serve` still has to create its tables or the file.
    pub is_new: bool,
    /// The free bytes where the file is; unknown for a server.
    pub free_bytes: Option<u64>,
}

const NEWEST: &str = "SELECT max(version) AS newest FROM _sqlx_migrations";

/// The state of the database at this address, or the reason why Steward could not open it for writing.
pub(in crate::store) async fn inspect(address: &str) -> Result<DatabaseState, StoreError> {
    match kind_of(address)? {
        DatabaseKind::Sqlite => {
            let path = sqlite::options(address)?.get_filename().to_owned();
            let inspected = tokio::task::spawn_blocking(move || inspect_file(&path)).await;
            inspected.map_err(|_| StoreError::closed())?
        }
        DatabaseKind::Postgres => inspect_server(address).await,
    }
}

fn inspect_file(path: &Path) -> Result<DatabaseState, StoreError> {
    open_error::check_place(path)?;
    let directory = open_error::directory_of(path);
    // SQLite creates the write-ahead log beside the file, and Steward its lock.
    let rights = rustix::fs::Access::WRITE_OK | rustix::fs::Access::EXEC_OK;
    rustix::fs::access(directory, rights).map_err(|error| open_error::of_file(path, &error.into()))?;
    let newest = if path.exists() {
        try_write(path).map_err(|error| open_error::of_sqlite(path, error))?
    } else {
        None
    };
    if let Some(found) = newest {
        schema::must_not_be_newer(found, &schema::SQLITE)?;
    }
    let space = rustix::fs::statvfs(directory).ok();
    Ok(DatabaseState {
        place: path.display().to_string(),
        is_new: newest.is_none(),
        free_bytes: space.map(|space| space.f_bavail.saturating_mul(space.f_frsize)),
    })
}

/// Writes to the file and rolls that back. Returns the version of the schema.
fn try_write(path: &Path) -> Result<Option<i64>, StoreError> {
    let connection = sqlite_connection::connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    connection.execute_batch("BEGIN IMMEDIATE; CREATE TABLE steward_check (id INTEGER); ROLLBACK")?;
    match connection.query_row(NEWEST, (), |row| row.get(0)).map_err(StoreError::from) {
        Err(error) if open_error::is_missing_table(&error) => Ok(None),
        newest => newest,
    }
}

async fn inspect_server(address: &str) -> Result<DatabaseState, StoreError> {
    let options = postgres::options(address)?;
    let refused = |error| open_error::of_postgres(&options, error);
    let mut connection = postgres::connect(&options).await?;
    let newest = match sqlx::query(NEWEST).fetch_one(&mut connection).await.map_err(StoreError::from) {
        Err(error) if open_error::is_missing_table(&error) => None,
        newest => newest?.try_get::<Option<i64>, _>("newest")?,
    };
    if let Some(found) = newest {
        schema::must_not_be_newer(found, &schema::POSTGRES)?;
    }
    let mut tx = connection.begin().await.map_err(refused)?;
    let write = if newest.is_some() {
        "INSERT INTO health (id, written_at) VALUES (1, 0) ON CONFLICT (id) DO UPDATE SET written_at = health.written_at"
    } else {
        "CREATE TABLE steward_check (id BIGINT)"
    };
    sqlx::query(write).execute(&mut *tx).await.map_err(refused)?;
    tx.rollback().await.map_err(refused)?;
    connection.close().await.map_err(refused)?;
    Ok(DatabaseState { place: open_error::server(&options), is_new: newest.is_none(), free_bytes: None })
}
