//! Commands that cannot do their work: one line with the place, the cause and the remedy, and the exit code that tells
//! whether a setting must be changed (2) or something else (1).

use std::time::{Duration, Instant};

use serde_json::json;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, Executor as _};
use steward::sim::{ADMIN_TOKEN, BOT_TOKEN};
use steward::store::Store;
use tempfile::TempDir;

use super::process::{Finished, Process, until};
use super::{Deployment, NO_LISTENER};
use crate::loopback::free_address;
use crate::world::{SECRET, http_client};

/// The settings of a Steward without Webex, with this database.
fn variables(database: &str) -> Vec<(&'static str, String)> {
    vec![
        ("STEWARD_LISTEN", "127.0.0.1:0".to_owned()),
        ("STEWARD_WEBEX_API", NO_LISTENER.to_owned()),
        ("STEWARD_DATABASE_URL", database.to_owned()),
        ("STEWARD_BOT_TOKEN", BOT_TOKEN.to_owned()),
        ("STEWARD_ADMIN_TOKEN", ADMIN_TOKEN.to_owned()),
        ("STEWARD_WEBHOOK_SECRET", SECRET.to_owned()),
    ]
}

fn assert_one_line(ended: &Finished, code: i32, says: &str) {
    let line = ended.stderr.lines().find(|line| line.starts_with("steward: ")).unwrap_or(&ended.stderr);
    assert!(line.contains(says), "expected {says:?}, found {}", ended.stderr);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(code), ""), "{}", ended.stderr);
    assert!(!ended.stderr.contains("hush"), "{}", ended.stderr);
}

#[tokio::test]
async fn a_database_that_cannot_be_opened_is_named_with_its_cause() {
    let home = TempDir::new().unwrap();
    let path = |name: &str| home.path().join(name).display().to_string();
    let sqlite = |name: &str| format!("sqlite://{}", path(name));
    std::fs::write(path("letter.txt"), "x".repeat(8192)).unwrap();
    std::fs::create_dir(path("directory")).unwrap();

    let held = Store::open(&sqlite("held.db")).await.unwrap();
    Store::open(&sqlite("newer.db")).await.unwrap().close().await;
    let mut newer = SqliteConnectOptions::new().filename(path("newer.db")).connect().await.unwrap();
    newer.execute("UPDATE _sqlx_migrations SET version = 9999 WHERE version = 1").await.unwrap();
    newer.close().await.unwrap();

    let missing = format!("{}: there is no such directory; create it", path("missing"));
    let directory = format!("{}: this is a directory; name a file in it", path("directory"));
    let letter = format!("{}: this is not a SQLite database; name another file", path("letter.txt"));
    let newer = "or older, found version 9999, written by a newer Steward";
    let elsewhere = "postgres://steward:hush@127.0.0.1:1/steward".to_owned();
    let unreachable = "PostgreSQL at 127.0.0.1:1 cannot be reached: Connection refused";
    let cases: [(&[&str], String, i32, &str); 12] = [
        (&["serve"], sqlite("missing/steward.db"), 2, &missing),
        (&["jobs", "list"], sqlite("missing/steward.db"), 2, &missing),
        (&["serve"], sqlite("directory"), 2, &directory),
        (&["jobs", "list"], sqlite("directory"), 2, &directory),
        (&["serve"], sqlite("letter.txt"), 2, &letter),
        (&["jobs", "list"], sqlite("letter.txt"), 2, &letter),
        (&["serve"], sqlite("held.db"), 1, "held.db: another Steward has this database open; stop it first"),
        (&["serve"], sqlite("newer.db"), 1, newer),
        (&["jobs", "list"], sqlite("newer.db"), 1, newer),
        (&["serve"], elsewhere.clone(), 1, unreachable),
        (&["jobs", "list"], elsewhere.clone(), 1, unreachable),
        (&["jobs", "retry", "1"], elsewhere, 1, unreachable),
    ];
    for (arguments, database, code, says) in cases {
        let since = Instant::now();
        let ended = Process::start(&home, arguments, &variables(&database)).finished().await;
        assert_one_line(&ended, code, says);
        let start = "cannot open the database (STEWARD_DATABASE_URL): ";
        assert!(ended.stderr.contains(start), "{}", ended.stderr);
        assert_eq!(ended.stderr.matches(says).count(), 1, "its cause stands there once: {}", ended.stderr);
        assert!(since.elapsed() < Duration::from_secs(5), "{arguments:?} took {:?}", since.elapsed());
    }
    held.close().await;
}

#[tokio::test]
async fn a_taken_port_and_an_unreachable_api_are_named() {
    let home = TempDir::new().unwrap();
    let database = format!("sqlite://{}/steward.db", home.path().display());
    let other = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = other.local_addr().unwrap();
    let run = async |arguments: &[&str], changes: &[(&'static str, &str)]| {
        let mut variables = variables(&database);
        variables.extend(changes.iter().map(|(variable, value)| (*variable, (*value).to_owned())));
        Process::start(&home, arguments, &variables).finished().await
    };
    let ended = run(&["serve"], &[("STEWARD_LISTEN", &taken.to_string())]).await;
    assert_one_line(&ended, 1, &format!("cannot listen on {taken} (STEWARD_LISTEN): Address already in use"));
    assert_one_line(&ended, 1, "another program listens there; stop it, or choose another port");
    let ended = run(&["serve"], &[("STEWARD_LISTEN", "192.0.2.1:1")]).await;
    assert_one_line(&ended, 2, "this machine does not have this address");

    let ended = run(&["webhooks", "list"], &[]).await;
    assert_one_line(&ended, 1, "could not reach Webex at http://127.0.0.1:1: Connection refused");
    let proxied = [
        ("STEWARD_WEBEX_API", "https://webexapis.invalid/v1"),
        ("HTTPS_PROXY", "http://ana:hush@127.0.0.1:1"),
    ];
    let ended = run(&["webhooks", "list"], &proxied).await;
    let through = "could not reach Webex at https://webexapis.invalid through the proxy http://127.0.0.1:1: ";
    assert_one_line(&ended, 1, through);
}

#[tokio::test]
async fn the_log_in_a_file_has_no_colors_and_warns_that_no_webhooks_are_registered() {
    let home = TempDir::new().unwrap();
    let address = free_address();
    let mut variables = variables(&format!("sqlite://{}/steward.db", home.path().display()));
    variables.push(("STEWARD_LISTEN", address.to_string()));
    let steward = Process::start(&home, &["serve"], &variables);
    let http = http_client();
    until("it answers", async || http.get(format!("http://{address}/healthz")).send().await.ok()).await;
    steward.terminate();
    let ended = steward.finished().await;
    assert!(ended.stderr.contains("WARN") && !ended.stderr.contains('\u{1b}'), "{}", ended.stderr);
    assert!(ended.stderr.contains("STEWARD_PUBLIC_URL is not set, so Steward registers no webhooks"));
    assert!(ended.stderr.contains("could not reach Webex at http://127.0.0.1:1"), "{}", ended.stderr);
}

#[tokio::test]
async fn the_health_check_needs_only_the_address() {
    let deployment = Deployment::new().await;
    let listen = deployment.steward_url.trim_start_matches("http://").to_owned();
    // Kubernetes adds variables for other services.
    let variables = [("STEWARD_LISTEN", listen), ("STEWARD_DB_PORT", "tcp://10.0.0.2:5432".to_owned())];
    let check =
        async || Process::start(&deployment.home, &["check", "--running"], &variables).finished().await;
    assert_eq!(check().await.code, Some(1));
    let _steward = deployment.serve().await;
    let ended = check().await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
}

#[tokio::test]
async fn the_simulation_prints_every_setting_that_serve_needs() {
    let deployment = Deployment::new().await;
    let out = deployment.sim.stdout();
    let exported = out.lines().filter_map(|line| line.strip_prefix("export ")?.split_once('='));
    let mut variables: Vec<(&'static str, String)> =
        exported.map(|(name, value)| (name.to_owned().leak() as &str, value.to_owned())).collect();
    let printed = |name: &str| variables.iter().find(|(variable, _)| *variable == name).unwrap().1.clone();
    assert_eq!(printed("STEWARD_PUBLIC_URL"), format!("http://{}", printed("STEWARD_LISTEN")));
    let database = printed("STEWARD_DATABASE_URL");
    // The printed port may be in use here.
    for (variable, value) in &deployment.variables {
        if ["STEWARD_LISTEN", "STEWARD_PUBLIC_URL"].contains(variable) {
            variables.push((*variable, value.clone()));
        }
    }
    let steward = deployment.ready(Process::start(&deployment.home, &["serve"], &variables)).await;
    let message = deployment.say("about").await;
    deployment.answer_to(&message).await;
    steward.terminate();
    assert_eq!(steward.finished().await.code, Some(0));
    assert!(deployment.home.path().join(database.trim_start_matches("sqlite://")).exists());
}

#[tokio::test]
async fn a_rejected_admin_credential_is_named_in_the_log() {
    let deployment = Deployment::new().await;
    let steward = deployment.serve().await;
    let device = deployment.new_device().await;
    let rejected = json!({ "method": "GET", "path": "/devices/*", "status": 401, "times": 1 });
    deployment.post("/_sim/faults", &rejected).await;
    for _ in 0..2 {
        let message = deployment.say(&format!("show device {device}")).await;
        deployment.answer_to(&message).await;
    }
    steward.terminate();
    let log = steward.finished().await.stderr;
    let lines: Vec<&str> =
        log.lines().filter(|line| line.contains("credential=\"admin credential\"")).collect();
    assert_eq!(lines.len(), 2, "{log}");
    assert!(lines[0].contains("ERROR Webex rejects the credential: it is expired or revoked"), "{log}");
    assert!(lines[0].contains("(401") && lines[1].contains("Webex accepts the credential again"), "{log}");
}
