//! A database of the previous version is upgraded and its work continues; an older version refuses a newer database.
//!
//! The fixtures were recorded with `steward sim` and `steward serve` of the previous version; their first lines list
//! the contents.

use jiff::SignedDuration;
use steward::domain::audit::{AuditEntry, AuditEvent};
use steward::sim::{SERVICE_APP_CLIENT_ID, SERVICE_APP_CLIENT_SECRET, SERVICE_APP_REFRESH_TOKEN};
use steward::store::StoreError;

use super::*;
use crate::world::{Answer, World};

/// After the rate limit of the waiting deletion, and before the plan expires.
const REOPENED_AT: &str = "2026-11-30T12:18:00Z";
/// The key that the credential was sealed with.
const KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

/// The serials of three devices: deleted, in a waiting plan, and in a rate-limited deletion.
const DELETED: &str = "FOC21000000";
const PROPOSED: &str = "FOC21000001";
const WAITING: &str = "FOC21000002";

async fn sqlite(directory: &TempDir) -> (Connection, String) {
    let file = directory.path().join("steward.db");
    let options = SqliteConnectOptions::new().filename(&file).create_if_missing(true);
    (Connection::Sqlite(options.connect().await.unwrap()), format!("sqlite://{}", file.display()))
}

async fn postgres() -> Option<(Connection, String)> {
    let address = postgres::new_database(&postgres::server()?).await;
    Some((Connection::Postgres(PgConnection::connect(&address).await.unwrap()), address))
}

impl Connection {
    async fn run(&mut self, sql: &str) {
        on!(self, connection => { connection.execute(AssertSqlSafe(sql.to_owned())).await.unwrap(); });
    }

    async fn close(self) {
        on!(self, connection => connection.close().await.unwrap());
    }

    async fn text(&mut self, sql: &str) -> String {
        self.texts(sql.to_owned()).await[0][0].clone()
    }
}

/// Opens a recorded database with the current version and finishes everything that it contains.
async fn continues(mut connection: Connection, address: String, recorded: &str) {
    if let Connection::Sqlite(_) = connection {
        connection.run("PRAGMA foreign_keys = OFF").await;
    }
    connection.run(recorded).await;
    if let Connection::Postgres(_) = connection {
        connection.run("SELECT set_config('search_path', 'public', false)").await;
    }
    connection.run("UPDATE credentials SET claimed_by = 'a dead process', claimed_until = 1").await;
    let code = connection.text("SELECT code FROM plans WHERE state = 'proposed'").await;

    let store = Store::open(&address).await.unwrap();
    let recorded = store.audit_entries(1000).await.unwrap();
    store.close().await;
    let renewal = format!("SELECT owner FROM locks WHERE name = 'renewal:{SERVICE_APP_CLIENT_ID}'");
    assert_eq!(connection.text(&renewal).await, "a dead process");
    connection.close().await;

    // Steward starts on another database first, so that the simulation issues the access token of the recorded one.
    let mut world = World::with()
        .beginning_at(REOPENED_AT)
        .prepare_sim(|sim| {
            let device = sim.devices().into_iter().find(|device| device["serial"] == DELETED).unwrap();
            sim.remove_device(device["id"].as_str().unwrap());
        })
        .setting("STEWARD_ADMIN_TOKEN", "")
        .setting("STEWARD_SERVICE_APP_CLIENT_ID", SERVICE_APP_CLIENT_ID)
        .setting("STEWARD_SERVICE_APP_CLIENT_SECRET", SERVICE_APP_CLIENT_SECRET)
        .setting("STEWARD_SERVICE_APP_REFRESH_TOKEN", SERVICE_APP_REFRESH_TOKEN)
        .setting("STEWARD_ENCRYPTION_KEY", KEY)
        .start()
        .await;
    world.restart_with(&[("STEWARD_DATABASE_URL", &address)]).await.unwrap();
    let device = |serial: &str| world.sim.devices().into_iter().find(|device| device["serial"] == serial);
    world.settle().await;
    assert!(device(WAITING).is_none(), "the waiting deletion was carried out");
    assert!(device(PROPOSED).is_some(), "nothing happens without a confirmation");
    let headlines = |answers: Vec<Answer>| -> Vec<String> {
        let mut headlines: Vec<String> = answers.iter().map(|answer| answer.headline().to_owned()).collect();
        headlines.sort();
        headlines
    };
    // Their threads were in another simulation. The confirmed plan of the addition lacks the facts of its workspace.
    assert_eq!(
        headlines(world.answers_outside_threads()),
        ["? This card is too old", "✓ Gone: deleted and verified"]
    );

    let confirmed = world.ask(&world.cast.ana, &format!("confirm {code}")).await;
    assert_eq!(confirmed.headline(), "… Confirmed");
    assert!(device(PROPOSED).is_none(), "the confirmed deletion was carried out");
    assert_eq!(headlines(world.answers_outside_threads()).len(), 3);

    world.advance_through_waits(SignedDuration::from_mins(10)).await;
    let jobs = world.jobs().await;
    assert_eq!((jobs.waiting, jobs.running, jobs.parked), (0, 0, 0));
    let audit = world.whole_audit().await;
    assert_eq!(audit[..recorded.len()], recorded);
    let is_outcome = |entry: &&AuditEntry| matches!(entry.event, AuditEvent::OutcomeKnown { .. });
    assert_eq!((recorded.iter().filter(is_outcome).count(), audit.iter().filter(is_outcome).count()), (1, 3));
}

#[tokio::test]
async fn a_database_of_the_previous_version_continues_on_sqlite() {
    let directory = TempDir::new().unwrap();
    let (connection, address) = sqlite(&directory).await;
    continues(connection, address, include_str!("../fixtures/schema-6.sqlite.sql")).await;
}

#[tokio::test]
async fn a_database_of_the_previous_version_continues_on_postgresql() {
    let Some((connection, address)) = postgres().await else { return };
    continues(connection, address, include_str!("../fixtures/schema-6.postgres.sql")).await;
}

/// Both databases, or SQLite alone without a server.
async fn databases(directory: &TempDir) -> Vec<(Connection, String)> {
    [Some(sqlite(directory).await), postgres().await].into_iter().flatten().collect()
}

#[tokio::test]
async fn a_database_with_an_unknown_migration_is_refused() {
    let directory = TempDir::new().unwrap();
    for (mut connection, address) in databases(&directory).await {
        Store::open(&address).await.unwrap().close().await;
        let newest = connection.text("SELECT CAST(max(version) AS TEXT) FROM _sqlx_migrations").await;
        connection
            .run("INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
                  SELECT 9999, 'from a newer version', success, checksum, 0 FROM _sqlx_migrations WHERE version = 1")
            .await;
        connection.close().await;
        let error = Store::open(&address).await.unwrap_err();
        assert!(matches!(error, StoreError::NewerSchema { found: 9999, .. }), "{error:?}");
        let expected = format!(
            "expected a database with schema version {newest} or older, found version 9999, written by a newer \
             Steward; start that version, or restore a backup from before its first start"
        );
        assert_eq!(error.to_string(), expected);
        let error = Store::open_beside(&address).await.unwrap_err();
        assert!(matches!(error, StoreError::NewerSchema { found: 9999, .. }), "{error:?}");
    }
}

#[tokio::test]
async fn a_running_process_of_the_previous_version_can_no_longer_write_on_postgresql() {
    let Some((mut connection, address)) = postgres().await else { return };
    Store::open(&address).await.unwrap().close().await;
    let add = "INSERT INTO jobs (kind, subject, state, due_at, arrived_at) VALUES ('message', 'a', 'waiting', 0, 0)";
    connection.run("SET application_name = 'psql'").await;
    connection.run(add).await;
    connection.run("SET application_name = 'steward'").await;
    let writes = [
        add,
        "UPDATE jobs SET state = 'running'",
        "INSERT INTO health (id, written_at) VALUES (1, 0)",
        "INSERT INTO attendance (id) VALUES (1) ON CONFLICT (id) DO NOTHING",
    ];
    let Connection::Postgres(connection) = &mut connection else { unreachable!("it is PostgreSQL") };
    for write in writes {
        let error = connection.execute(write).await.unwrap_err().to_string();
        assert!(error.contains("stop this process and start the newer version"), "{error}");
    }
}
