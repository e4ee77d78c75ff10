//! The content of the database, read past Steward.

use std::collections::HashMap;
use std::str::FromStr as _;

use sqlx::postgres::PgConnection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions as _, Connection as _, Row as _};
use steward::domain::Outcome;

/// A read-only connection, which leaves the state after a crash untouched.
pub enum Records {
    Sqlite(Box<SqliteConnection>),
    Postgres(Box<PgConnection>),
}

/// The stored answer to a command.
pub struct StoredAnswer {
    pub is_posted: bool,
    /// Posts with a lost answer.
    pub unclear_posts: i64,
}

/// Rows of texts.
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

    /// The number of open jobs, without follow-ups and without catch-up (the campaign resends lost deliveries
    /// itself).
    pub async fn open_jobs(&mut self) -> usize {
        let open = rows!(
            self,
            "SELECT CAST(count(*) AS TEXT) FROM jobs
              WHERE state IN ('waiting', 'running') AND kind NOT IN ('follow_up', 'catch_up')",
            1
        );
        open[0][0].parse().unwrap()
    }

    /// The number of claims of each open job of this kind.
    pub async fn claims_of_open(&mut self, kind: &str) -> Vec<usize> {
        let open = rows!(
            self,
            "SELECT kind, CAST(attempt AS TEXT) FROM jobs WHERE state IN ('waiting', 'running')",
            2
        );
        open.iter().filter(|row| row[0] == kind).map(|row| row[1].parse().unwrap()).collect()
    }

    /// The code and state of each plan.
    pub async fn plans(&mut self) -> Vec<(String, String)> {
        let plans = rows!(self, "SELECT code, state FROM plans", 2);
        plans.into_iter().map(|row| (row[0].clone(), row[1].clone())).collect()
    }

    /// The outcome of each accepted command, if there is one.
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

    /// The number of audit entries with this event, by command.
    pub async fn audited(&mut self, event: &str) -> HashMap<String, usize> {
        let mut counts = HashMap::new();
        for row in rows!(self, "SELECT coalesce(command_id, ''), event FROM audit", 2) {
            if row[1] == event {
                *counts.entry(row[0].clone()).or_default() += 1;
            }
        }
        counts
    }

    /// Ends the leases of a dead process. On PostgreSQL another process would wait a minute until they expire.
    pub async fn end_leases_of_the_dead(address: &str) {
        if address.starts_with("postgres") {
            let mut connection = PgConnection::connect(address).await.unwrap();
            let sql = "UPDATE jobs SET due_at = 0 WHERE state = 'running'";
            sqlx::query(sql).execute(&mut connection).await.unwrap();
        }
    }
}
