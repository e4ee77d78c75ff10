//! SQLite: one file, one process, one writer.
//!
//! WAL with `synchronous = FULL`: what is committed survives a power cut. All writes go through one thread
//! ([`Writer`]); reads go past it, on connections of their own.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::str::FromStr as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, Statement};
use sqlx::Connection as _;
use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use tokio::sync::Semaphore;

use super::group::{Lent, Writer};
use super::newest;
use super::value::{Row, SqliteRow, Value};
use crate::store::{StoreError, TestHooks};

/// How long a write waits for another program that holds the file, such as a backup.
const BUSY_TIMEOUT: Duration = Duration::from_secs(3);
/// Reads at the same time.
const READERS: usize = 4;
/// Memory for pages of the connection that writes.
const PAGE_CACHE_KIB: u32 = 2048;
/// The same for one that reads: a few rows at a time, by their key.
const READERS_PAGE_CACHE_KIB: u32 = 256;
/// Pages of the write-ahead log before they are moved into the database file (32 MB): what is written again and
/// again in between is moved once.
const CHECKPOINT_PAGES: u32 = 8000;
/// Statements that a connection keeps prepared; there are fewer.
const PREPARED_STATEMENTS: usize = 64;

/// An open file.
#[derive(Debug)]
pub(in crate::store) struct Sqlite {
    pub(super) writer: Writer,
    readers: Arc<Readers>,
    lock: Option<File>,
}

/// A transaction under way: the writer's connection, lent to it.
#[derive(Debug)]
pub(in crate::store) struct SqliteTx(Lent);

impl Sqlite {
    /// Opens a file for this process alone, creates it where it is missing, and brings the schema up to date.
    pub(super) async fn open(address: &str, hooks: TestHooks) -> Result<Self, StoreError> {
        let options = options(address)?.create_if_missing(true);
        let lock = lock(options.get_filename())?;
        // The schema is brought up to date by the same library for both databases.
        let mut connection = SqliteConnection::connect_with(&options).await?;
        MIGRATIONS
            .run(&mut connection)
            .await
            .map_err(|error| StoreError::migration(error, newest(&MIGRATIONS)))?;
        connection.close().await?;
        Self::over(options.get_filename(), Some(lock), hooks)
    }

    /// Opens a file that is there, beside whoever works on it.
    pub(super) fn open_beside(address: &str) -> Result<Self, StoreError> {
        let options = options(address)?;
        let path = options.get_filename();
        if !path.exists() {
            let what = format!("{}: it is not there", path.display());
            return Err(StoreError::Unusable { what });
        }
        Self::over(path, None, TestHooks::default())
    }

    fn over(path: &Path, lock: Option<File>, hooks: TestHooks) -> Result<Self, StoreError> {
        let writer = Writer::start(Box::new(connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?), hooks)?;
        Ok(Self { writer, readers: Arc::new(Readers::of(path.to_owned())), lock })
    }

    pub(super) async fn read(&self, sql: &'static str, values: Vec<Value>) -> Result<Vec<Row>, StoreError> {
        self.readers.read(sql, values).await
    }

    pub(super) async fn close(&self) {
        self.readers.close();
        self.writer.close().await;
        if let Some(lock) = &self.lock {
            // Held for nothing now; the end of the process would free it too.
            lock.unlock().ok();
        }
    }
}

pub(super) static MIGRATIONS: Migrator = sqlx::migrate!("src/store/migrations/sqlite");

fn options(address: &str) -> Result<SqliteConnectOptions, StoreError> {
    let options = SqliteConnectOptions::from_str(address).map_err(|_| StoreError::Address)?;
    let options = options.journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full);
    Ok(options.busy_timeout(BUSY_TIMEOUT))
}

/// The rows that a question finds in a file that is not touched otherwise; none where there is no file, or not yet
/// the table.
pub(super) async fn glance(
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
        Err(StoreError::Unavailable(error)) if error.to_string().starts_with("no such table") => {
            Ok(Vec::new())
        }
        rows => rows,
    }
}

fn connect(path: &Path, flags: OpenFlags) -> Result<Connection, StoreError> {
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    let reads = flags.contains(OpenFlags::SQLITE_OPEN_READ_ONLY);
    let page_cache = if reads { READERS_PAGE_CACHE_KIB } else { PAGE_CACHE_KIB };
    connection.set_prepared_statement_cache_capacity(PREPARED_STATEMENTS);
    // Said for each connection; WAL stays with the file.
    connection.execute_batch(&format!(
        "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA cache_size = -{page_cache}; \
         PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}"
    ))?;
    Ok(connection)
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

/// The connections that read.
#[derive(Debug)]
struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
    places: Arc<Semaphore>,
}

impl Readers {
    fn of(path: PathBuf) -> Self {
        Self { path, idle: Mutex::default(), places: Arc::new(Semaphore::new(READERS)) }
    }

    async fn read(self: &Arc<Self>, sql: &'static str, values: Vec<Value>) -> Result<Vec<Row>, StoreError> {
        let place = self.places.clone().acquire_owned().await.map_err(|_| StoreError::closed())?;
        let readers = self.clone();
        let reading = tokio::task::spawn_blocking(move || {
            let idle = readers.idle().pop();
            let connection = match idle {
                Some(connection) => connection,
                None => connect(&readers.path, OpenFlags::SQLITE_OPEN_READ_ONLY)?,
            };
            let rows = rows_of(&connection, sql, &values);
            readers.idle().push(connection);
            drop(place);
            rows
        });
        reading.await.map_err(|_| StoreError::closed())?
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn close(&self) {
        self.places.close();
        self.idle().clear();
    }
}

fn rows_of(connection: &Connection, sql: &str, values: &[Value]) -> Result<Vec<Row>, StoreError> {
    let mut statement = connection.prepare_cached(sql)?;
    let columns: Arc<[String]> = statement.column_names().into_iter().map(str::to_owned).collect();
    bind(&mut statement, values)?;
    let mut found = statement.raw_query();
    let mut rows = Vec::new();
    while let Some(row) = found.next()? {
        let values = (0..columns.len()).map(|at| row.get(at)).collect::<Result<_, _>>()?;
        rows.push(Row::Sqlite(SqliteRow { columns: columns.clone(), values }));
    }
    Ok(rows)
}

/// To SQLite `$2` is a name, and names are numbered as they come in the statement; to us it is the second value.
fn bind(statement: &mut Statement<'_>, values: &[Value]) -> Result<(), StoreError> {
    for at in 1..=statement.parameter_count() {
        let number: Option<usize> = statement.parameter_name(at).and_then(|name| name[1..].parse().ok());
        let value = number.and_then(|number| values.get(number.checked_sub(1)?));
        statement.raw_bind_parameter(at, value.unwrap_or(&Value::Number(None)))?;
    }
    Ok(())
}

/// A statement that is the same each time and has no values.
fn once(connection: &Connection, sql: &str) -> rusqlite::Result<()> {
    connection.prepare_cached(sql)?.execute(()).map(|_| ())
}

impl SqliteTx {
    /// Begins a transaction that may write; the connection comes back where it cannot.
    pub(super) fn begin(connection: Lent) -> Result<Self, (Lent, StoreError)> {
        match once(&connection, "BEGIN IMMEDIATE") {
            Ok(()) => Ok(Self(connection)),
            Err(error) => Err((connection, error.into())),
        }
    }

    pub(super) fn execute(&self, sql: &str, values: &[Value]) -> Result<u64, StoreError> {
        let mut statement = self.0.prepare_cached(sql)?;
        bind(&mut statement, values)?;
        let changed = statement.raw_execute()?;
        Ok(u64::try_from(changed).unwrap_or(u64::MAX))
    }

    pub(super) fn insert(&self, sql: &str, values: &[Value]) -> Result<Option<i64>, StoreError> {
        let is_added = self.execute(sql, values)? == 1;
        Ok(is_added.then(|| self.0.last_insert_rowid()))
    }

    pub(super) fn rows(&self, sql: &str, values: &[Value]) -> Result<Vec<Row>, StoreError> {
        rows_of(&self.0, sql, values)
    }

    /// Commits, or leaves nothing of it; either way the connection is good for the next.
    pub(super) fn end(self, keep: bool) -> (Lent, Result<(), StoreError>) {
        let committed = if keep { once(&self.0, "COMMIT") } else { Ok(()) };
        // When the disk is full SQLite ends a transaction by itself; another rollback would be an error.
        if !self.0.is_autocommit() {
            self.0.execute_batch("ROLLBACK").ok();
        }
        (self.0, committed.map_err(StoreError::from))
    }
}
