//! The crash campaign: the real process is killed with SIGKILL at random moments, again and again, while
//! admins delete devices and Webex answers with errors. At the end every accepted command has its outcome
//! and its card, and no card says anything but what is so.
//!
//! A short campaign by default; `CRASH_KILLS` and `CRASH_COMMANDS` make it longer. On SQLite, and with
//! `TEST_POSTGRES_URL` (see `scripts/with-postgres`) on PostgreSQL too, there also with two replicas.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the message")]

mod campaign;
#[path = "../postgres/mod.rs"]
mod postgres;
mod replica;

use campaign::{Campaign, Database};

fn size_of(variable: &str, otherwise: usize) -> usize {
    #[expect(clippy::disallowed_methods, reason = "the campaign has no settings but these")]
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

fn campaign(database: Database, replicas: usize) -> Campaign {
    Campaign { database, replicas, kills: size_of("CRASH_KILLS", 6), commands: size_of("CRASH_COMMANDS", 60) }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_on_sqlite() {
    campaign(Database::Sqlite, 1).run().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_on_postgresql() {
    if let Some(server) = postgres::server() {
        campaign(Database::Postgres(server), 1).run().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_with_two_replicas_on_postgresql() {
    if let Some(server) = postgres::server() {
        campaign(Database::Postgres(server), 2).run().await;
    }
}
