//! The audit log is append-only, whoever writes to the database and however.

use jiff::SignedDuration;
use serde_json::json;
use sqlx::sqlite::SqliteConnection;
use sqlx::{Connection as _, Executor as _, PgConnection, Row as _};
use steward::domain::audit::AuditEvent;
use steward::sim::FaultRule;
use steward::store::{ParkedAction, Store};

use crate::world::World;

const OPERATIONS: &str = include_str!("../../docs/operations.md");

/// The columns of an entry, as another entry under the number of the first one.
const REWRITTEN: &str =
    "SELECT (SELECT min(seq) FROM audit), at, 'rewritten', command_id, actor_id, device_id, entry
                           FROM audit LIMIT 1";

#[tokio::test]
async fn no_statement_changes_or_removes_an_entry() {
    let world = World::new().await;
    let answer = world.ask(&world.cast.ben, "list devices").await;
    assert!(answer.headline().starts_with("✕ Refused"), "{}", answer.headline());
    let before = world.whole_audit().await;
    assert!(before.len() > 1, "{before:?}");
    let everywhere = [
        "UPDATE audit SET event = 'rewritten'".to_owned(),
        "DELETE FROM audit".to_owned(),
        "DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit)".to_owned(),
    ];
    let database = world.database_url();
    let refused = |sql: &str, error: Result<(), sqlx::Error>| {
        let error = error.expect_err(sql).to_string();
        assert!(error.contains("the audit log is append-only"), "{sql}: {error}");
    };
    if database.starts_with("sqlite:") {
        let mut connection = SqliteConnection::connect(&database).await.unwrap();
        let here = [
            format!("REPLACE INTO audit {REWRITTEN}"),
            format!("INSERT OR REPLACE INTO audit {REWRITTEN}"),
            format!("INSERT INTO audit {REWRITTEN} ON CONFLICT (seq) DO UPDATE SET event = excluded.event"),
            "UPDATE OR REPLACE audit SET seq = seq + 1".to_owned(),
        ];
        for sql in everywhere.iter().chain(&here) {
            let done = connection.execute(sqlx::AssertSqlSafe(sql.clone())).await;
            refused(sql, done.map(|_| ()));
        }
    } else {
        let mut connection = PgConnection::connect(&database).await.unwrap();
        let here = [
            format!(
                "INSERT INTO audit (seq, at, event, command_id, actor_id, device_id, entry) OVERRIDING SYSTEM VALUE
                 {REWRITTEN} ON CONFLICT (seq) DO UPDATE SET event = excluded.event"
            ),
            "TRUNCATE audit".to_owned(),
            "SET session_replication_role = replica; DELETE FROM audit".to_owned(),
        ];
        for sql in everywhere.iter().chain(&here) {
            let done = connection.execute(sqlx::AssertSqlSafe(sql.clone())).await;
            refused(sql, done.map(|_| ()));
        }
    }
    assert_eq!(world.whole_audit().await, before);
    world.ask(&world.cast.ben, "list devices").await;
    assert_eq!(world.whole_audit().await.len(), before.len() + 1, "new entries are still accepted");
}

#[tokio::test]
async fn a_reference_that_fits_no_device_is_audited_and_counted() {
    let world = World::new().await;
    for line in ["delete device FOC0000NONE", "show device FOC0000NONE"] {
        let answer = world.ask(&world.cast.ana, line).await;
        assert!(answer.text.contains("FOC0000NONE"), "{}", answer.text);
        let last = world.audit().await.pop().unwrap();
        let expected = AuditEvent::NothingFound { reference: "FOC0000NONE".to_owned() };
        assert_eq!(last.event, expected);
        assert!(last.actor.is_some() && last.command_id.is_some());
    }
    assert_eq!(world.metric("deletions_total{outcome=\"not found\"}").await, 1);
    let id = world.a_device_id();
    world.sim.remove_device(&id);
    let answer = world.ask(&world.cast.ana, &format!("delete device {id}")).await;
    assert_eq!(answer.outcome(), "not found", "{}", answer.text);
    assert_eq!(world.metric("deletions_total{outcome=\"not found\"}").await, 2);
}

/// The query in the documentation shows who did what for every kind of entry.
#[tokio::test]
async fn the_documented_query_leaves_no_who_and_no_what_empty() {
    let world = World::new().await;
    if !world.database_url().starts_with("sqlite:") {
        return;
    }
    let device = world.a_device();
    let text = |field: &str| device[field].as_str().unwrap().to_owned();
    let name = text("displayName");
    for line in [
        "list devices".to_owned(),
        "list devices status:offline".to_owned(),
        format!("show device {}", text("serial")),
        format!("tag device {} +here", text("serial")),
        "activate workspace nowhere".to_owned(),
        "delete device FOC0000NONE".to_owned(),
        "confirm K7Q2-M9".to_owned(),
    ] {
        world.ask(&world.cast.ana, &line).await;
    }
    let card = world.ask(&world.cast.ana, &format!("delete device \"{name}\"")).await;
    world.press(&world.cast.ben, &card, "Delete").await;
    world.press(&world.cast.ana, &card, "Delete").await;
    world.ask(&world.cast.oskar, "whoami").await;
    world.sim.fault(FaultRule::on("POST", "/messages").status(403).once());
    world.say(&world.cast.ana, "about").await;
    let store = Store::open_beside(&world.database_url()).await.unwrap();
    let parked = store.parked_jobs(1).await.unwrap().remove(0);
    store.resolve_parked(parked.id, ParkedAction::Drop, world.now()).await.unwrap().unwrap();
    store.close().await;
    world.all_answers();

    let (_, query) = OPERATIONS.split_once("sqlite3 -box steward.db \"").unwrap();
    let query = query.split_once('"').unwrap().0.replace("LIMIT 20", "LIMIT 1000");
    let mut connection = SqliteConnection::connect(&world.database_url()).await.unwrap();
    let rows = connection.fetch_all(sqlx::AssertSqlSafe(query)).await.unwrap();
    assert_eq!(rows.len(), world.whole_audit().await.len());
    let mut events = std::collections::BTreeSet::new();
    for row in rows {
        let column = |name: &str| row.get::<Option<String>, _>(name).unwrap_or_default();
        let (who, event, what) = (column("who"), column("event"), column("what"));
        assert!(!who.is_empty() && !what.is_empty() && !column("utc").is_empty(), "{event}: {who} {what}");
        events.insert(event);
    }
    assert!(events.len() >= 12, "{events:?}");
}

/// One end for each intent, also if Webex asked to wait in between, or refused one device of many.
#[tokio::test]
async fn every_intent_has_an_end_of_its_own() {
    for (line, method, path) in [
        ("tag device FOC2719ENDS +retire", "PATCH", "/devices/*"),
        ("tag devices product:Ends +retire", "PATCH", "/devices/*"),
        ("activate workspace \"BER-7 Lab\"", "POST", "/devices/activationCode"),
        ("add device mac 00112233440B model \"Cisco 9861\" to workspace \"BER-7 Lab\"", "POST", "/devices"),
    ] {
        for fault in [
            FaultRule::on(method, path).status(429).retry_after("20").times(2),
            FaultRule::on(method, path).status(429).retry_after("3600"),
            FaultRule::on(method, path).status(403),
            FaultRule::on(method, path).status(502).once(),
            FaultRule::on(method, path).status(502),
        ] {
            let world = World::new().await;
            for serial in ["FOC2719ENDS", "FOC2719ENDT"] {
                world
                    .sim
                    .add_device(&json!({ "serial": serial, "mac": null, "product": "Ends", "tags": [] }));
            }
            world.sim.add_workspace(&json!({ "displayName": "BER-7 Lab" }));
            world.sim.fault(fault);
            let message = world.say(&world.cast.ana, line).await;
            let question = world.answers_to(&message).pop().filter(|card| !card.buttons().is_empty());
            if let Some(card) = question {
                world.press(&world.cast.ana, &card, "Confirm").await;
            }
            world.advance_through_waits(SignedDuration::from_mins(30)).await;
            world.all_answers();
            let mut is_open = false;
            for event in world.audited().await {
                let begins = event.ends_with("_intended");
                let ends = ["change_ended", "tags_changed", "activation_code_made", "device_added"];
                if begins || ends.contains(&event) {
                    assert_eq!(is_open, !begins, "{line}: {event}: {:?}", world.audited().await);
                    is_open = begins;
                }
            }
            assert!(!is_open, "{line}: {:?}", world.audited().await);
        }
    }
}
