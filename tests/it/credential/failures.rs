//! Failing renewals: Webex down, the process killed, the database full. Issued tokens are kept, and lost ones are
//! reported.

use jiff::SignedDuration;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqliteConnection};
use steward::sim::{FaultRule, Sim, SimOptions};

use super::{DAY, RENEWALS, until_ready, variables, with_service_app};
use crate::loopback::free_address;
use crate::processes::process::{Process, until};
use crate::world::{World, http_client};

impl World {
    /// Runs SQL on the database, past Steward.
    async fn execute_sql(&self, sqlite: &str, postgres: &str) {
        let url = self.database_url();
        if url.starts_with("sqlite:") {
            let mut connection = SqliteConnection::connect(&url).await.unwrap();
            sqlx::raw_sql(AssertSqlSafe(sqlite)).execute(&mut connection).await.unwrap();
        } else {
            let mut connection = PgConnection::connect(&url).await.unwrap();
            sqlx::raw_sql(AssertSqlSafe(postgres)).execute(&mut connection).await.unwrap();
        }
    }

    /// Prevents storing renewed tokens, as a full disk would.
    async fn refuse_renewed_tokens(&self) {
        self.execute_sql(
            "CREATE TRIGGER full BEFORE UPDATE OF sealed ON credentials
             BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END",
            "ALTER TABLE credentials ADD CONSTRAINT full_disk CHECK (generation < 2)",
        )
        .await;
    }

    async fn accept_renewed_tokens(&self) {
        self.execute_sql("DROP TRIGGER full", "ALTER TABLE credentials DROP CONSTRAINT full_disk").await;
    }
}

#[tokio::test]
async fn renewal_backs_off_while_webex_is_down_and_readyz_reports_it() {
    let world = with_service_app().start().await;
    world.sim.fault(FaultRule::on("POST", RENEWALS).status(503));
    world.clock.advance(8 * DAY);
    for _ in 0..240 {
        world.maintain(SignedDuration::from_secs(30)).await;
    }
    let tries = world.renewals().len() - 1;
    assert!((20..40).contains(&tries), "in two hours: {tries}");
    assert_eq!(world.ready().await, (200, "ok, but its renewal fails".to_owned()));
    assert!(world.deletes_a_device().await, "the old token is still used");

    world.maintain(7 * DAY).await;
    assert_eq!(world.ready().await.0, 503, "it has ended");
    world.sim.clear_faults();
    world.maintain(SignedDuration::from_mins(5)).await;
    assert_eq!(world.ready().await, (200, "ok".to_owned()));
    assert!(world.deletes_a_device().await);
    assert_eq!(world.credential_audit().await, ["credential_renewed"; 2]);
}

#[tokio::test]
async fn a_deletion_waits_while_no_token_is_available() {
    let world = with_service_app().start().await;
    world.clock.advance(DAY);
    world.sim.end_access_tokens();
    world.sim.fault(FaultRule::on("POST", RENEWALS).status(503).once());
    let device = world.a_device_id();
    let message = world.delete(&device).await;
    assert!(world.answers_to(&message).is_empty());
    world.advance_through_waits(SignedDuration::from_secs(30)).await;
    assert_eq!(world.the_answer_to(&message).outcome(), "gone");
}

#[tokio::test]
async fn renewal_honors_retry_after() {
    let world = with_service_app().start().await;
    world.sim.fault(FaultRule::on("POST", RENEWALS).status(429).retry_after("900").once());
    world.maintain(8 * DAY).await;
    world.maintain(SignedDuration::from_secs(899)).await;
    assert_eq!(world.renewals(), [Some(200), Some(429)]);
    world.maintain(SignedDuration::from_secs(1)).await;
    assert_eq!(world.renewals(), [Some(200), Some(429), Some(200)]);
}

#[tokio::test]
async fn a_crash_before_storing_renewed_tokens_is_harmless_if_the_refresh_token_stays() {
    let mut world = with_service_app().start().await;
    crash_during_renewal(&world).await;
    world.restart().await;
    assert!(world.deletes_a_device().await);
    world.maintain(SignedDuration::from_mins(3)).await;
    assert_eq!(world.renewals(), [Some(200), None, Some(200)]);
    assert!(world.deletes_a_device().await);
}

#[tokio::test]
async fn a_crash_before_storing_renewed_tokens_is_a_clear_error_if_the_refresh_token_was_replaced() {
    let mut world = with_service_app().start().await;
    world.sim.rotate_refresh_tokens();
    crash_during_renewal(&world).await;
    world.restart().await;
    assert!(world.deletes_a_device().await, "the access token is still in force");
    world.maintain(SignedDuration::from_mins(3)).await;
    world.maintain(SignedDuration::from_mins(50)).await;
    assert_eq!(world.renewals(), [Some(200), None, Some(400)], "a refusal is not repeated all the time");
    assert_eq!(world.credential_audit().await, ["credential_renewed", "credential_refused"]);
    assert_eq!(world.ready().await, (200, "ok, but its renewal fails".to_owned()));

    world.clock.advance(7 * DAY);
    let error = world.restart_with(&[]).await.unwrap_err();
    assert!(error.is_the_settings_fault());
    let message = error.to_string();
    assert!(message.contains("STEWARD_SERVICE_APP_REFRESH_TOKEN"), "{message}");

    let issued = world.sim.issue_refresh_token();
    world.restart_with(&[("STEWARD_SERVICE_APP_REFRESH_TOKEN", &issued)]).await.unwrap();
    assert!(world.deletes_a_device().await);
}

/// Webex renews the tokens, and Steward stops before the answer arrives.
async fn crash_during_renewal(world: &World) {
    world.clock.advance(8 * DAY);
    let before = world.renewals().len();
    world.sim.fault(FaultRule::on("POST", RENEWALS).hanging().after_effect().once());
    tokio::select! {
        () = world.app().maintain_credential() => panic!("it was answered"),
        () = world.until(|world| world.renewals().len() > before) => {}
    }
}

#[tokio::test]
async fn shutdown_waits_to_store_renewed_tokens() {
    let sim = Sim::start(SimOptions::default()).await.unwrap();
    sim.rotate_refresh_tokens();
    sim.shorten_access_tokens(1);
    let (home, address) = (tempfile::TempDir::new().unwrap(), free_address());
    let variables = variables(&sim, address);
    let first = Process::start(&home, &["serve"], &variables);
    until_ready(address).await;
    first.terminate();
    assert_eq!(first.finished().await.code, Some(0));

    let renewals = || sim.requests().iter().filter(|call| call.path.ends_with(RENEWALS)).count();
    let before = renewals();
    sim.fault(FaultRule::on("POST", RENEWALS).answer_delayed_ms(500));
    // Nothing is renewed until the first token expires; from then on each start renews.
    let mut ended = None;
    while renewals() == before {
        let second = Process::start(&home, &["serve"], &variables);
        until("it renews, or has nothing to renew", async || {
            let ready = http_client().get(format!("http://{address}/readyz")).send().await;
            let is_ready = ready.is_ok_and(|ready| ready.status().is_success());
            (is_ready || renewals() > before).then_some(())
        })
        .await;
        second.terminate();
        ended = Some(second.finished().await);
    }
    assert_eq!(ended.unwrap().code, Some(0));

    // Only the refresh token issued last is still valid.
    let _third = Process::start(&home, &["serve"], &variables);
    until_ready(address).await;
}

#[tokio::test]
async fn renewed_tokens_are_not_used_before_they_are_stored() {
    let mut world = with_service_app().start().await;
    world.sim.rotate_refresh_tokens();
    world.refuse_renewed_tokens().await;
    for minutes in [8 * 24 * 60, 1, 1] {
        world.maintain(SignedDuration::from_mins(minutes)).await;
    }
    assert_eq!(world.renewals().len(), 2, "what Webex gave is not asked for again");
    assert_eq!(world.ready().await, (200, "ok, but its renewal fails".to_owned()));
    assert_eq!(world.credential_audit().await, ["credential_renewed"]);
    assert!(world.deletes_a_device().await, "with the old token");
    world.sim.fault(FaultRule::on("GET", "/devices/*").status(401).once());
    let waiting = world.say(&world.cast.ana, &format!("show device {}", world.a_device_id())).await;
    assert!(world.answers_to(&waiting).is_empty(), "there is no token to call with");

    world.accept_renewed_tokens().await;
    world.maintain(SignedDuration::from_secs(30)).await;
    assert!(world.the_answer_to(&waiting).fact("Serial").is_some());
    assert_eq!(world.credential_audit().await, ["credential_renewed"; 2]);
    assert_eq!(world.renewals().len(), 2);
    world.restart().await;
    world.maintain(8 * DAY).await;
    assert_eq!(world.renewals().len(), 3, "and the refresh token that came with it is the one that is used");
    assert!(world.deletes_a_device().await);
}

#[tokio::test]
async fn the_alert_space_is_warned_daily_from_fourteen_days_before_expiry() {
    let mut world = with_service_app()
        .setting_of("STEWARD_ALERT_SPACE", |cast| cast.operations.clone())
        .prepare_sim(|sim| sim.fault(FaultRule::on("POST", RENEWALS).status(400).skipping(1)))
        .start()
        .await;
    world.maintain(75 * DAY).await;
    assert!(world.answers_outside_threads().is_empty());
    let other = world.another_replica().await;
    for hours in [25, 1, 1] {
        world.maintain(SignedDuration::from_hours(hours)).await;
        if let Some(other) = &other {
            other.maintain_credential().await;
            world.settle().await;
        }
    }
    let warnings = world.answers_outside_threads();
    assert_eq!(warnings.len(), 1, "{warnings:#?}");
    insta::assert_snapshot!(warnings[0].drawn(), @r"
    ╭──────────────────────────────────────────────────────────────────────────────╮
    │ ? The admin credential will expire                                           │
    │ Steward cannot renew the tokens of its Service App. The refresh token        │
    │ expires at 2026-07-01 08:16 UTC (in 14 days); after that, Steward can no     │
    │ longer read or delete devices.                                               │
    │ Operators: Steward's log shows why the renewal fails. If Webex rejects it,   │
    │ issue new tokens on the page of the Service App (developer.webex.com, Org    │
    │ Authorizations), put the new refresh token into Steward's settings, and      │
    │ restart Steward.                                                             │
    ╰──────────────────────────────────────────────────────────────────────────────╯
    ");
    world.maintain(DAY).await;
    assert_eq!(world.answers_outside_threads().len(), 2);
    assert_eq!(world.ready().await.0, 503);
    let error = world.restart_with(&[]).await.unwrap_err();
    assert!(error.is_the_settings_fault(), "{error}");
}
