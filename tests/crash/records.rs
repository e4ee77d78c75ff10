//! What stands in the database, read past Steward.

use std::collections::HashMap;
use std::str::FromStr as _;

use sqlx::postgres::PgConnection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions as _, Connection as _, Row as _};
use steward::domain::Outcome;

/// A connection that only reads: what a crash left behind stays as it was left.
pub enum Records {
    Sqlite(Box<SqliteConnection>),
    Postgres(Box<PgConnection>),
}

/// The answer to a command, as it is to be posted.
pub struct StoredAnswer {
    pub is_posted: bool,
    /// Posts whose answer was lost.
    pub unclear_posts: i64,
}

/// Rows of texts; a number is read as one.
macro_rules! rows {
    ($records:expr, $sql:literal, $columns:literal) => {{
        let mut found: Vec<Vec<String>> = Vec::new();
        match $records {
            Records::Sqlite(connection) => {
                for row in sqlx::query($sql).fetch_all(&mut **connection).await.unwrap() {
                    found.push((0..$columns).map(|column| row.get(column)).collect());
                }
            }
            Records::Postgres(connection) => {
                for row in sqlx::query($sql).fetch_all(&mut **connection).await.unwrap() {
                    found.push((0..$columns).map(|column| row.get(column)).collect());
                }
            }
        }
        found
    }};
}

impl Records {
    pub async fn open(address: &str) -> Self {
        if address.starts_with("postgres") {
            return Self::Postgres(Box::new(PgConnection::connect(address).await.unwrap()));
        }
        let options = SqliteConnectOptions::from_str(address).unwrap().read_only(true);
        Self::Sqlite(Box::new(options.connect().await.unwrap()))
    }

    /// Jobs that are to be done, but for looks at what may still change, and for what was missed (there is nothing:
    /// the campaign sends it again).
    pub async fn open_jobs(&mut self) -> usize {
        let open = rows!(
            self,
            "SELECT CAST(count(*) AS TEXT) FROM jobs
              WHERE state IN ('waiting', 'running') AND kind NOT IN ('follow_up', 'catch_up')",
            1
        );
        open[0][0].parse().unwrap()
    }

    /// How often each job of this kind that is to be done was taken.
    pub async fn takes_of_open(&mut self, kind: &str) -> Vec<usize> {
        let open = rows!(
            self,
            "SELECT kind, CAST(attempt AS TEXT) FROM jobs WHERE state IN ('waiting', 'running')",
            2
        );
        open.iter().filter(|row| row[0] == kind).map(|row| row[1].parse().unwrap()).collect()
    }

    /// The code of each plan, and where it stands.
    pub async fn plans(&mut self) -> Vec<(String, String)> {
        let plans = rows!(self, "SELECT code, state FROM plans", 2);
        plans.into_iter().map(|row| (row[0].clone(), row[1].clone())).collect()
    }

    /// The outcome of each accepted command; nothing where there is none.
    pub async fn outcomes(&mut self) -> HashMap<String, Option<Outcome>> {
        let outcomes = rows!(self, "SELECT id, coalesce(outcome, '') FROM commands", 2);
        outcomes.into_iter().map(|row| (row[0].clone(), serde_json::from_str(&row[1]).ok())).collect()
    }

    /// The first answer to each command.
    pub async fn stored_answers(&mut self) -> HashMap<String, StoredAnswer> {
        let answers = rows!(
            self,
            "SELECT id, coalesce(posted_id, ''), CAST(unclear_posts AS TEXT)
               FROM messages LEFT JOIN posts ON message = seq
              WHERE id LIKE '%#answer'",
            3
        );
        let answer = |row: Vec<String>| {
            let command = row[0].strip_suffix("#answer").unwrap().to_owned();
            (command, StoredAnswer { is_posted: !row[1].is_empty(), unclear_posts: row[2].parse().unwrap() })
        };
        answers.into_iter().map(answer).collect()
    }

    /// How often the audit log says of each command that this happened.
    pub async fn audited(&mut self, event: &str) -> HashMap<String, usize> {
        let mut counts = HashMap::new();
        for row in rows!(self, "SELECT coalesce(command_id, ''), event FROM audit", 2) {
            if row[1] == event {
                *counts.entry(row[0].clone()).or_default() += 1;
            }
        }
        counts
    }

    /// Ends the leases of a process that is dead. On PostgreSQL another process waits for a minute until they
    /// end by themselves; this is as if the minute were over.
    pub async fn end_leases_of_the_dead(address: &str) {
        if address.starts_with("postgres") {
            let mut connection = PgConnection::connect(address).await.unwrap();
            let sql = "UPDATE jobs SET due_at = 0 WHERE state = 'running'";
            sqlx::query(sql).execute(&mut connection).await.unwrap();
        }
    }
}
