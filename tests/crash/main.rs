//! The real process is killed again and again while admins delete devices and Webex answers with errors.
//!
//! Kills come at random moments of a campaign of many commands ([`campaign`]), and around each commit of a single
//! deletion, by id and by name ([`steps`]). At the end every accepted command has its outcome in the store and a true
//! card in its thread.
//!
//! The campaign is short by default and long with `CRASH_CAMPAIGN=long`. It runs on SQLite. With `TEST_POSTGRES_URL`
//! (see `scripts/with-postgres`) it also runs on PostgreSQL, there with two replicas too.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the message")]

mod campaign;
#[path = "../loopback/mod.rs"]
mod loopback;
#[path = "../postgres/mod.rs"]
mod postgres;
mod records;
mod replica;
mod steps;
mod testbed;
mod verdict;

use campaign::Campaign;
use testbed::Database;

/// A campaign of the configured length.
fn campaign(database: Database, replicas: usize) -> Campaign {
    #[expect(clippy::disallowed_methods, reason = "a setting of the tests, not one of Steward's")]
    let length = std::env::var("CRASH_CAMPAIGN");
    match length.as_deref() {
        Ok("long") => Campaign { database, replicas, kills: 60, commands: 500 },
        Ok(other) => panic!("CRASH_CAMPAIGN: expected long, found {other:?}"),
        Err(_) => Campaign { database, replicas, kills: 8, commands: 60 },
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn random_kills_lose_nothing_on_sqlite() {
    campaign(Database::Sqlite, 1).run().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn random_kills_lose_nothing_on_postgresql() {
    if let Some(server) = postgres::server() {
        campaign(Database::Postgres(server), 1).run().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn random_kills_of_two_replicas_lose_nothing_on_postgresql() {
    if let Some(server) = postgres::server() {
        campaign(Database::Postgres(server), 2).run().await;
    }
}
