//! SQLite: one file, one process, one writer.
//!
//! WAL with `synchronous = FULL`: committed data survives a power cut. All writes go through one thread ([`Writer`]);
//! reads bypass it and use separate connections.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::str::FromStr as _;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, OpenFlags};
use sqlx::Connection as _;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use tokio::sync::Semaphore;

use super::group_commit::Writer;
use super::sqlite_connection::{BUSY_TIMEOUT, connect, rows_of};
use super::value::{Row, Value};
use super::{open_error, schema};
use crate::store::{StoreError, TestHooks};

/// The most reads at the same time.
const READERS: usize = 4;

/// An open file.
#[derive(Debug)]
pub(in crate::store) struct Sqlite {
    pub(super) writer: Writer,
    readers: Arc<Readers>,
    lock: Option<File>,
}

impl Sqlite {
    /// Opens a file for this process alone, creates it if it is missing, and brings the schema up to date.
    pub(super) async fn open(address: &str, hooks: TestHooks) -> Result<Self, StoreError> {
        let options = options(address)?.create_if_missing(true);
        let path = options.get_filename();
        open_error::check_place(path)?;
        let lock = lock(path)?;
        // Migrations run through sqlx on both databases; everything else on SQLite uses rusqlite.
        let connecting = SqliteConnection::connect_with(&options).await;
        let mut connection = connecting.map_err(|error| open_error::of_sqlite(path, error.into()))?;
        schema::update(&schema::SQLITE, &mut connection).await?;
        connection.close().await?;
        Self::over(options.get_filename(), Some(lock), hooks)
    }

    /// Opens an existing file without locking it.
    pub(super) fn open_beside(address: &str) -> Result<Self, StoreError> {
        let options = options(address)?;
        let path = options.get_filename();
        open_error::check_place(path)?;
        if !path.exists() {
            let what = format!("{}: there is no such file", path.display());
            return Err(StoreError::Unusable { what });
        }
        Self::over(path, None, TestHooks::default()).map_err(|error| open_error::of_sqlite(path, error))
    }

    fn over(path: &Path, lock: Option<File>, hooks: TestHooks) -> Result<Self, StoreError> {
        let writer = Writer::start(Box::new(connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?), hooks)?;
        Ok(Self { writer, readers: Arc::new(Readers::of(path.to_owned())), lock })
    }

    pub(super) async fn read(&self, sql: &'static str, values: Vec<Value>) -> Result<Vec<Row>, StoreError> {
        self.readers.read(sql, values).await
    }

    pub(super) fn path(&self) -> &Path {
        &self.readers.path
    }

    pub(super) async fn close(&self) {
        self.readers.close();
        self.writer.close().await;
        if let Some(lock) = &self.lock {
            // If this fails, the file is unlocked when the process ends.
            lock.unlock().ok();
        }
    }
}

pub(super) fn options(address: &str) -> Result<SqliteConnectOptions, StoreError> {
    let options = SqliteConnectOptions::from_str(address).map_err(|_| StoreError::Address)?;
    let options = options.journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full);
    Ok(options.busy_timeout(BUSY_TIMEOUT))
}

/// The rows of a query; none if the file or the table does not exist yet.
pub(super) async fn peek(
    address: &str,
    sql: &'static str,
    values: Vec<Value>,
) -> Result<Vec<Row>, StoreError> {
    let options = options(address)?;
    let path = options.get_filename();
    if !path.exists() {
        return Ok(Vec::new());
    }
    match Arc::new(Readers::of(path.to_owned())).read(sql, values).await {
        Err(error) if open_error::is_missing_table(&error) => Ok(Vec::new()),
        rows => rows.map_err(|error| open_error::of_sqlite(path, error)),
    }
}

/// Locks a database file against other processes while it is open. Without the lock, a second process would take over
/// the jobs of this one as if this one had died.
fn lock(database: &Path) -> Result<File, StoreError> {
    let mut path = database.as_os_str().to_owned();
    path.push(".lock");
    let path = Path::new(&path);
    let file = File::create(path).map_err(|error| open_error::of_file(path, &error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(open_error::held_by_steward(database)),
        Err(TryLockError::Error(error)) => Err(open_error::of_lock(path, &error)),
    }
}

/// The connections for reads, opened as needed and reused.
#[derive(Debug)]
struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
    permits: Arc<Semaphore>,
}

impl Readers {
    fn of(path: PathBuf) -> Self {
        Self { path, idle: Mutex::default(), permits: Arc::new(Semaphore::new(READERS)) }
    }

    async fn read(self: &Arc<Self>, sql: &'static str, values: Vec<Value>) -> Result<Vec<Row>, StoreError> {
        let permit = self.permits.clone().acquire_owned().await.map_err(|_| StoreError::closed())?;
        let readers = self.clone();
        let reading = tokio::task::spawn_blocking(move || {
            let idle = readers.idle().pop();
            let connection = match idle {
                Some(connection) => connection,
                None => connect(&readers.path, OpenFlags::SQLITE_OPEN_READ_ONLY)?,
            };
            let rows = rows_of(&connection, sql, &values);
            readers.idle().push(connection);
            drop(permit);
            rows
        });
        reading.await.map_err(|_| StoreError::closed())?
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn close(&self) {
        self.permits.close();
        self.idle().clear();
    }
}
