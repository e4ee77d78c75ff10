//! `steward check`: each thing that can be broken is found and named, with the next step and the exit code.

mod broken;

use std::sync::Arc;

use jiff::SignedDuration;
use serde_json::Value;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Executor as _};
use steward::app::config::{Environment, Settings};
use steward::app::{self, App, Report, Verdict};
use steward::domain::clock::{Clock, ManualClock, SystemClock};
use steward::sim::{ADMIN_TOKEN, BOT_TOKEN, Cast, Sim, SimOptions};
use steward::store::Store;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use broken::{broken, broken_credentials, broken_machine, broken_ways, broken_webex};

use crate::loopback::free_address;
use crate::public_address::Front;
use crate::world::{SECRET, http_client};

const KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

/// A simulated Webex with a running Steward, checked with its own settings and with broken ones.
struct TestBed {
    sim: Sim,
    cast: Cast,
    home: TempDir,
    app: Arc<App>,
    stop: CancellationToken,
    settings: Vec<(&'static str, String)>,
}

impl TestBed {
    async fn new() -> Self {
        let sim = Sim::start(SimOptions::default()).await.unwrap();
        let (cast, home, address) = (sim.cast(), TempDir::new().unwrap(), free_address());
        let settings = vec![
            ("STEWARD_LISTEN", address.to_string()),
            ("STEWARD_PUBLIC_URL", format!("http://{address}/webhooks/webex")),
            ("STEWARD_DATABASE_URL", format!("sqlite://{}/steward.db", home.path().display())),
            ("STEWARD_WEBEX_API", sim.api_base()),
            ("STEWARD_BOT_TOKEN", BOT_TOKEN.to_owned()),
            ("STEWARD_ADMIN_TOKEN", ADMIN_TOKEN.to_owned()),
            ("STEWARD_WEBHOOK_SECRET", SECRET.to_owned()),
            ("STEWARD_ADMINS", format!("{},{}", cast.ana.email, cast.ben.id)),
        ];
        let app =
            App::build(Settings::of(&Environment::of(settings.clone())).unwrap(), Arc::new(SystemClock));
        let (app, stop) = (Arc::new(app.await.unwrap()), CancellationToken::new());
        tokio::spawn({
            let (app, stop) = (app.clone(), stop.clone());
            async move { app.serve_http(stop).await.unwrap() }
        });
        app.prepare_runner().await.unwrap();
        Self { sim, cast, home, app, stop, settings }
    }

    fn path(&self, name: &str) -> String {
        self.home.path().join(name).display().to_string()
    }

    fn database(&self, name: &str) -> String {
        format!("sqlite://{}", self.path(name))
    }

    fn calls_that_change_something(&self) -> usize {
        self.sim.count_requests(|call| call.method != "GET")
    }

    /// The report on these settings with these changes, while the clock is wrong by this much.
    async fn report(&self, changes: &[(&'static str, String)], clock_skew: SignedDuration) -> Report {
        let environment = Environment::of(self.settings.iter().chain(changes).cloned());
        let settings = match Settings::of(&environment) {
            Ok(settings) => settings,
            Err(error) => return Report::of_unreadable_settings(&error),
        };
        let clock: Arc<dyn Clock> = if clock_skew.is_zero() {
            Arc::new(SystemClock)
        } else {
            Arc::new(ManualClock::starting_at(SystemClock.now() + clock_skew))
        };
        let before = self.calls_that_change_something();
        let report = app::check(settings, clock).await;
        assert_eq!(self.calls_that_change_something(), before, "a check changes nothing");
        report
    }
}

impl Drop for TestBed {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

#[tokio::test]
async fn everything_that_is_broken_is_found_and_named_with_the_next_step() {
    let bed = TestBed::new().await;
    let report = bed.report(&[], SignedDuration::ZERO).await;
    assert_eq!(report.exit_code, 0, "{report:#?}");
    for (check, found) in [
        ("bot_token", "steward@webex.bot"),
        ("admin_credential", "the machine account of a Service App (steward-service-app@example.com)"),
        ("admins", "ana@example.com is ana@example.com"),
        ("webhooks", "all in order"),
        ("listen_address", "Steward is running at"),
        ("public_address", "/webhooks/webex, and refuses a POST without a signature (401)"),
    ] {
        let is_good =
            |finding: &&steward::app::Finding| finding.verdict == Verdict::Good && finding.check == check;
        let finding = report.checks.iter().find(is_good).unwrap_or_else(|| panic!("{check}: {report:#?}"));
        assert!(finding.found.contains(found), "{finding:?}");
    }

    std::fs::write(bed.path("letter.txt"), "x".repeat(8192)).unwrap();
    let newer = Store::open(&bed.database("newer.db")).await.unwrap();
    newer.close().await;
    let file = |name: &str| SqliteConnectOptions::new().filename(bed.path(name)).create_if_missing(true);
    let mut newer = file("newer.db").connect().await.unwrap();
    newer.execute("UPDATE _sqlx_migrations SET version = 9999 WHERE version = 1").await.unwrap();
    let mut holder = file("locked.db").connect().await.unwrap();
    holder.execute("BEGIN EXCLUSIVE").await.unwrap();
    bed.seal_tokens_in("sealed.db").await;
    let elsewhere = Front::answering(200, &[], "<html>").await;

    let mut rows = broken_credentials(&bed);
    rows.extend(broken_webex(&bed, &elsewhere));
    rows.extend(broken_machine(&bed, &elsewhere));
    rows.extend(broken_ways().await);
    assert!(rows.len() >= 25, "{}", rows.len());
    let mut problems = Vec::new();
    for row in rows {
        problems.extend(row.problem(&bed).await);
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));

    bed.sim.clear_faults();
    let messages = bed.sim.webhooks()[0]["id"].as_str().unwrap().to_owned();
    bed.sim.disable_webhook(&messages);
    let inactive =
        ("webhooks", Verdict::Warning, "repair \"Steward: messages\"", "`steward serve` does this at start");
    assert_eq!(broken("a webhook is disabled", inactive).problem(&bed).await, None);
}

impl TestBed {
    /// A database with the tokens of the Service App, sealed with [`KEY`].
    async fn seal_tokens_in(&self, name: &str) {
        let service_app = broken("", ("", Verdict::Warning, "", "")).with_service_app();
        let here = [
            ("STEWARD_DATABASE_URL", self.database(name)),
            ("STEWARD_ENCRYPTION_KEY", KEY.to_owned()),
            ("STEWARD_LISTEN", "127.0.0.1:0".to_owned()),
            ("STEWARD_PUBLIC_URL", String::new()),
        ];
        let environment =
            Environment::of(self.settings.iter().chain(&service_app.settings).chain(&here).cloned());
        let app = App::build(Settings::of(&environment).unwrap(), Arc::new(SystemClock)).await.unwrap();
        app.maintain_credential().await;
        app.store().close().await;
    }
}

#[tokio::test]
async fn readyz_is_not_ok_where_a_token_is_of_the_wrong_kind() {
    let bed = TestBed::new().await;
    for (variable, token, part) in [
        ("STEWARD_BOT_TOKEN", &bed.cast.ana.token, "bot_token"),
        ("STEWARD_ADMIN_TOKEN", &bed.cast.helper.token, "admin_credential"),
    ] {
        let here = [
            (variable, token.clone()),
            ("STEWARD_DATABASE_URL", bed.database(&format!("{part}.db"))),
            ("STEWARD_LISTEN", "127.0.0.1:0".to_owned()),
        ];
        let environment = Environment::of(bed.settings.iter().chain(&here).cloned());
        let app = App::build(Settings::of(&environment).unwrap(), Arc::new(SystemClock)).await.unwrap();
        let (app, stop) = (Arc::new(app), CancellationToken::new());
        let serving = tokio::spawn({
            let (app, stop) = (app.clone(), stop.clone());
            async move { app.serve_http(stop).await }
        });
        assert!(app.prepare_runner().await.unwrap_err().is_the_settings_fault());
        let ready = http_client().get(format!("http://{}/readyz", app.address())).send().await.unwrap();
        assert_eq!(ready.status(), 503);
        assert_eq!(ready.json::<Value>().await.unwrap()[part], "not ok");
        stop.cancel();
        serving.await.unwrap().unwrap();
        app.store().close().await;
    }
    bed.app.store().close().await;
}
