//! Each migration runs on a database with data from the migrations before it, and keeps the data.
//!
//! The data are generated from the schema, so a new migration is tested without a change here. Every table gets one row
//! with the same text and the same number everywhere, so that references hold.

use std::collections::BTreeMap;

use sqlx::migrate::Migrator;
use sqlx::postgres::PgConnection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _, Row as _};
use steward::store::Store;
use tempfile::TempDir;

use crate::postgres;

/// A text that is also a JSON document.
const ANY_TEXT: &str = "'{}'";

/// A column and its type.
struct Column {
    name: String,
    kind: String,
}

impl Column {
    /// A valid value: the first one that a check allows, or else any of the type.
    fn value(&self, checks: &str) -> String {
        if let Some(allowed) = first_allowed(checks, &self.name) {
            return format!("'{allowed}'");
        }
        match self.kind.to_lowercase().as_str() {
            "text" => ANY_TEXT.to_owned(),
            "integer" | "bigint" | "smallint" => "1".to_owned(),
            "boolean" => "true".to_owned(),
            "blob" => "x'7b7d'".to_owned(),
            "bytea" => r"'\x7b7d'".to_owned(),
            other => {
                panic!("{}: expected a known column type, found {other}; add a value for it here", self.name)
            }
        }
    }
}

/// The first text after `CHECK (column`, in the notation of either database.
fn first_allowed<'a>(checks: &'a str, column: &str) -> Option<&'a str> {
    let at = checks.match_indices("CHECK (").map(|(at, check)| &checks[at + check.len()..]);
    let mut of_column = at.filter(|rest| {
        let rest = rest.trim_start_matches('(');
        rest.strip_prefix(column).is_some_and(|rest| rest.starts_with(' '))
    });
    of_column.next()?.split('\'').nth(1)
}

/// An INSERT of one row with these columns.
fn row(table: &str, columns: &[Column], checks: &str) -> String {
    let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    let values: Vec<String> = columns.iter().map(|column| column.value(checks)).collect();
    format!("INSERT INTO {table} ({}) VALUES ({})", names.join(", "), values.join(", "))
}

/// A connection to either database.
enum Connection {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

macro_rules! on {
    ($connection:expr, $inner:ident => $work:expr) => {
        match $connection {
            Connection::Sqlite($inner) => $work,
            Connection::Postgres($inner) => $work,
        }
    };
}

mod upgrade;

impl Connection {
    async fn texts(&mut self, sql: String) -> Vec<Vec<String>> {
        on!(self, connection => connection
            .fetch_all(AssertSqlSafe(sql)).await.unwrap().iter()
            .map(|row| (0..row.len()).map(|column| row.get(column)).collect()).collect())
    }

    /// The tables, each with a text that contains its checks; without the table of the migrator.
    async fn tables(&mut self) -> Vec<(String, String)> {
        let sql = match self {
            Self::Sqlite(_) => {
                "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY rowid"
            }
            Self::Postgres(_) => {
                "SELECT c.relname::text, coalesce((SELECT string_agg(pg_get_constraintdef(k.oid), ' ')
                                                    FROM pg_constraint k
                                                   WHERE k.conrelid = c.oid AND k.contype = 'c'), '')
                   FROM pg_class c
                  WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace ORDER BY c.oid"
            }
        };
        let tables = self.texts(sql.to_owned()).await.into_iter();
        tables
            .map(|row| (row[0].clone(), row[1].clone()))
            .filter(|(name, _)| name != "_sqlx_migrations")
            .collect()
    }

    async fn columns(&mut self, table: &str) -> Vec<Column> {
        let sql = match self {
            Self::Sqlite(_) => format!("SELECT name, type FROM pragma_table_info('{table}')"),
            Self::Postgres(_) => format!(
                "SELECT column_name::text, data_type::text FROM information_schema.columns
                  WHERE table_schema = 'public' AND table_name = '{table}' AND is_identity = 'NO'
                    AND is_generated = 'NEVER'"
            ),
        };
        let columns = self.texts(sql).await.into_iter();
        columns.map(|row| Column { name: row[0].clone(), kind: row[1].clone() }).collect()
    }

    async fn counts(&mut self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for (table, _) in self.tables().await {
            let rows = self.texts(format!("SELECT CAST(count(*) AS TEXT) FROM {table}")).await;
            counts.insert(table, rows[0][0].parse().unwrap());
        }
        counts
    }

    /// Adds one row to every empty table.
    async fn fill(&mut self) {
        let counts = self.counts().await;
        for (table, checks) in self.tables().await {
            if counts[&table] == 0 {
                let columns = self.columns(&table).await;
                let sql = row(&table, &columns, &checks);
                on!(self, connection => { connection.execute(AssertSqlSafe(sql)).await.unwrap(); });
            }
        }
    }

    async fn migrate_to(&mut self, migrator: &Migrator, version: i64) {
        on!(self, connection => migrator.run_to(version, connection).await.unwrap());
    }
}

/// Runs each migration on a database that is filled after the ones before it; then Steward opens the result.
async fn each_keeps_the_data(mut connection: Connection, migrator: Migrator, address: &str) {
    let versions: Vec<i64> = migrator.iter().map(|migration| migration.version).collect();
    assert!(!versions.is_empty());
    let mut before = BTreeMap::new();
    for version in versions {
        connection.migrate_to(&migrator, version).await;
        let after = connection.counts().await;
        for (table, rows) in &before {
            // A migration may replace a table; it may not lose what is in one that stays.
            assert!(after.get(table).is_none_or(|now| now >= rows), "{version} lost rows of {table}");
        }
        connection.fill().await;
        before = connection.counts().await;
        assert!(before.values().all(|rows| *rows > 0), "{before:?}");
    }
    on!(connection, connection => connection.close().await.unwrap());
    let store = Store::open(address).await.unwrap();
    store.is_writable("2026-04-02T08:15:30Z".parse().unwrap()).await.unwrap();
    store.close().await;
}

#[tokio::test]
async fn each_migration_keeps_the_data_on_sqlite() {
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("steward.db");
    let options = SqliteConnectOptions::new().filename(&file).create_if_missing(true);
    let connection = Connection::Sqlite(options.connect().await.unwrap());
    let migrator = sqlx::migrate!("src/store/migrations/sqlite");
    each_keeps_the_data(connection, migrator, &format!("sqlite://{}", file.display())).await;
}

#[tokio::test]
async fn each_migration_keeps_the_data_on_postgresql() {
    let Some(server) = postgres::server() else { return };
    let address = postgres::new_database(&server).await;
    let connection = Connection::Postgres(PgConnection::connect(&address).await.unwrap());
    let migrator = sqlx::migrate!("src/store/migrations/postgres");
    each_keeps_the_data(connection, migrator, &address).await;
}

#[test]
fn both_databases_have_the_same_migrations() {
    let names = |migrator: Migrator| -> Vec<(i64, String)> {
        migrator.iter().map(|migration| (migration.version, migration.description.to_string())).collect()
    };
    let sqlite = names(sqlx::migrate!("src/store/migrations/sqlite"));
    assert_eq!(sqlite, names(sqlx::migrate!("src/store/migrations/postgres")));
}
