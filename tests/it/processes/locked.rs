//! A database that somebody else holds for ten seconds.

use std::time::{Duration, Instant};

use sqlx::postgres::PgConnection;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, Executor as _};

use super::Stage;
use crate::postgres;

const HELD: Duration = Duration::from_secs(10);

/// Two are taken, then somebody comes who holds the database, with this connection and these words.
macro_rules! held_by {
    ($stage:ident, $connection:expr, $words:literal) => {{
        let steward = $stage.serve().await;
        $stage.deliver_by_hand().await;
        let mut taken = Vec::new();
        for _ in 0..2 {
            let question = $stage.question("about").await;
            assert_eq!($stage.deliver(&question).await, 200);
            taken.push(question);
        }
        let mut holder = $connection;
        holder.execute($words).await.unwrap();
        let since = Instant::now();
        let mut refused = Vec::new();
        // Each waits for a few seconds before it is refused.
        while since.elapsed() < HELD {
            let question = $stage.question("about").await;
            assert_eq!($stage.deliver(&question).await, 503);
            refused.push(question);
            $stage.lives_and_is_not_ready().await;
        }
        holder.execute("COMMIT").await.unwrap();
        $stage.recovers(taken, refused).await;
        steward.terminate();
        assert_eq!(steward.finished().await.code, Some(0));
    }};
}

#[tokio::test]
async fn while_somebody_holds_the_sqlite_file_deliveries_are_refused_and_none_taken_is_lost() {
    let stage = Stage::set().await;
    let file = stage.home.path().join("steward.db");
    held_by!(stage, SqliteConnectOptions::new().filename(&file).connect().await.unwrap(), "BEGIN IMMEDIATE");
}

#[tokio::test]
async fn while_somebody_holds_tables_on_postgresql_deliveries_are_refused_and_none_taken_is_lost() {
    let Some(server) = postgres::server() else { return };
    let address = postgres::new_database(&server).await;
    let stage = Stage::set().await.on(&address);
    held_by!(
        stage,
        PgConnection::connect(&address).await.unwrap(),
        "BEGIN; LOCK TABLE jobs, health IN ACCESS EXCLUSIVE MODE"
    );
}
