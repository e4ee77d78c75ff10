//! One connection to a SQLite file, and a transaction on it.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, Statement};

use super::value::{Row, SqliteRow, Value};
use crate::store::StoreError;

/// How long a write waits for another program that holds the file, such as a backup.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(3);
/// The page cache of the writer's connection.
const WRITER_CACHE_KIB: u32 = 2048;
/// The page cache of a reader's connection, which reads a few rows at a time by key.
const READER_CACHE_KIB: u32 = 256;
/// The size of the write-ahead log, in pages (32 MB), at which it is checkpointed into the database file. Pages that
/// are written repeatedly in between are copied once.
const CHECKPOINT_PAGES: u32 = 8000;
/// The prepared statements that a connection caches: more than the store has.
const PREPARED_STATEMENTS: usize = 64;

pub(super) fn connect(path: &Path, flags: OpenFlags) -> Result<Connection, StoreError> {
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    let reads = flags.contains(OpenFlags::SQLITE_OPEN_READ_ONLY);
    let page_cache = if reads { READER_CACHE_KIB } else { WRITER_CACHE_KIB };
    connection.set_prepared_statement_cache_capacity(PREPARED_STATEMENTS);
    // These hold for one connection; WAL mode is stored in the file.
    connection.execute_batch(&format!(
        "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA cache_size = -{page_cache}; \
         PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}"
    ))?;
    Ok(connection)
}

pub(super) fn rows_of(connection: &Connection, sql: &str, values: &[Value]) -> Result<Vec<Row>, StoreError> {
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

/// SQLite treats `$2` as a name and numbers names in the order in which they appear, but the store means the second
/// value.
fn bind(statement: &mut Statement<'_>, values: &[Value]) -> Result<(), StoreError> {
    for at in 1..=statement.parameter_count() {
        let number: Option<usize> = statement.parameter_name(at).and_then(|name| name[1..].parse().ok());
        let value = number.and_then(|number| values.get(number.checked_sub(1)?));
        statement.raw_bind_parameter(at, value.unwrap_or(&Value::Number(None)))?;
    }
    Ok(())
}

fn run(connection: &Connection, sql: &str) -> rusqlite::Result<()> {
    connection.prepare_cached(sql)?.execute(()).map(|_| ())
}

/// The writer's connection, handed from one transaction to the next. Boxed, because it is moved often.
pub(super) type Lent = Box<Connection>;

/// A transaction under way: it borrows the writer's connection.
#[derive(Debug)]
pub(in crate::store) struct SqliteTx(Lent);

impl SqliteTx {
    /// Begins a transaction that may write. On failure, the connection is returned with the error.
    pub(super) fn begin(connection: Lent) -> Result<Self, (Lent, StoreError)> {
        match run(&connection, "BEGIN IMMEDIATE") {
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

    /// Commits or rolls back; either way the connection can be used again.
    pub(super) fn end(self, keep: bool) -> (Lent, Result<(), StoreError>) {
        let committed = if keep { run(&self.0, "COMMIT") } else { Ok(()) };
        // SQLite rolls back automatically when the disk is full, and another ROLLBACK would be an error.
        if !self.0.is_autocommit() {
            self.0.execute_batch("ROLLBACK").ok();
        }
        (self.0, committed.map_err(StoreError::from))
    }
}
