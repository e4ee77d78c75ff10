//! Webex down, the process killed, the database full: what was given is not lost, and what is lost is said.

use jiff::SignedDuration;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqliteConnection};
use steward::sim::{FaultRule, Sim, SimOptions};

use super::{DAY, RENEWALS, until_ready, variables, with_service_app};
use crate::loopback::free_address;
use crate::processes::process::{Process, until};
use crate::world::{World, http_client};

impl World {
    /// Changes the database past Steward.
    async fn meddle(&self, sqlite: &str, postgres: &str) {
        let url = self.database_url();
        if url.starts_with("sqlite:") {
            let mut connection = SqliteConnection::connect(&url).await.unwrap();
            sqlx::raw_sql(AssertSqlSafe(sqlite)).execute(&mut connection).await.unwrap();
        } else {
            let mut connection = PgConnection::connect(&url).await.unwrap();
            sqlx::raw_sql(AssertSqlSafe(postgres)).execute(&mut connection).await.unwrap();
        }
    }

    /// Keeps renewed tokens out of the database, as a full disk would.
    async fn refuse_renewed_tokens(&self) {
        self.meddle(
            "CREATE TRIGGER full BEFORE UPDATE OF sealed ON credentials
             BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END",
            "ALTER TABLE credentials ADD CONSTRAINT full_disk CHECK (generation < 2)",
        )
        .await;
    }

    async fn take_renewed_tokens(&self) {
        self.meddle("DROP TRIGGER full", "ALTER TABLE credentials DROP CONSTRAINT full_disk").await;
    }
}

#[tokio::test]
async fn while_webex_is_down_renewing_is_tried_with_growing_pauses_and_readyz_says_so() {
    let world = with_service_app().world().await;
    world.sim.fault(FaultRule::on("POST", RENEWALS).status(503));
    world.clock.advance(8 * DAY);
    for _ in 0..240 {
        world.look_after(SignedDuration::from_secs(30)).await;
    }
    let tries = world.renewals().len() - 1;
    assert!((20..40).contains(&tries), "in two hours: {tries}");
    assert_eq!(world.ready().await, (200, "ok, but its renewal fails".to_owned()));
    assert!(world.deletes_a_device().await, "the old token goes on");

    world.look_after(7 * DAY).await;
    assert_eq!(world.ready().await.0, 503, "it has ended");
    world.sim.clear_faults();
    world.look_after(SignedDuration::from_mins(5)).await;
    assert_eq!(world.ready().await, (200, "ok".to_owned()));
    assert!(world.deletes_a_device().await);
    assert_eq!(world.credential_audit().await, ["credential_renewed"; 2]);
}

#[tokio::test]
async fn a_deletion_waits_for_a_token_that_cannot_be_had_just_now() {
    let world = with_service_app().world().await;
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
async fn webex_is_obeyed_when_it_asks_to_wait_before_the_next_renewal() {
    let world = with_service_app().world().await;
    world.sim.fault(FaultRule::on("POST", RENEWALS).status(429).retry_after("900").once());
    world.look_after(8 * DAY).await;
    world.look_after(SignedDuration::from_secs(899)).await;
    assert_eq!(world.renewals(), [Some(200), Some(429)]);
    world.look_after(SignedDuration::from_secs(1)).await;
    assert_eq!(world.renewals(), [Some(200), Some(429), Some(200)]);
}

#[tokio::test]
async fn a_crash_between_webexs_answer_and_the_database_does_no_harm_where_the_refresh_token_stays() {
    let mut world = with_service_app().world().await;
    crash_in_the_middle_of_a_renewal(&world).await;
    world.restart().await;
    assert!(world.deletes_a_device().await);
    world.look_after(SignedDuration::from_mins(3)).await;
    assert_eq!(world.renewals(), [Some(200), None, Some(200)]);
    assert!(world.deletes_a_device().await);
}

#[tokio::test]
async fn a_crash_there_is_a_clear_error_where_the_refresh_token_was_replaced() {
    let mut world = with_service_app().world().await;
    world.sim.rotate_refresh_tokens();
    crash_in_the_middle_of_a_renewal(&world).await;
    world.restart().await;
    assert!(world.deletes_a_device().await, "the access token is still in force");
    world.look_after(SignedDuration::from_mins(3)).await;
    world.look_after(SignedDuration::from_mins(50)).await;
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

/// Webex renews, and Steward ends before it hears of it.
async fn crash_in_the_middle_of_a_renewal(world: &World) {
    world.clock.advance(8 * DAY);
    let before = world.renewals().len();
    world.sim.fault(FaultRule::on("POST", RENEWALS).hanging().after_effect().once());
    tokio::select! {
        () = world.app().look_after_credential() => panic!("it was answered"),
        () = world.until(|world| world.renewals().len() > before) => {}
    }
}

#[tokio::test]
async fn a_process_that_is_told_to_end_keeps_what_webex_is_just_giving() {
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
    // Until the token of the first one has ended, nothing is renewed: then each start is.
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

    // The refresh token that was given at the end is the only one that is still good.
    let _third = Process::start(&home, &["serve"], &variables);
    until_ready(address).await;
}

#[tokio::test]
async fn tokens_that_the_database_does_not_take_are_kept_and_not_used_before_it_does() {
    let mut world = with_service_app().world().await;
    world.sim.rotate_refresh_tokens();
    world.refuse_renewed_tokens().await;
    for minutes in [8 * 24 * 60, 1, 1] {
        world.look_after(SignedDuration::from_mins(minutes)).await;
    }
    assert_eq!(world.renewals().len(), 2, "what Webex gave is not asked for again");
    assert_eq!(world.ready().await, (200, "ok, but its renewal fails".to_owned()));
    assert_eq!(world.credential_audit().await, ["credential_renewed"]);
    assert!(world.deletes_a_device().await, "with the old token");
    world.sim.fault(FaultRule::on("GET", "/devices/*").status(401).once());
    let waiting = world.say(&world.cast.ana, &format!("show device {}", world.a_device_id())).await;
    assert!(world.answers_to(&waiting).is_empty(), "there is no token to call with");

    world.take_renewed_tokens().await;
    world.look_after(SignedDuration::from_secs(30)).await;
    assert!(world.the_answer_to(&waiting).fact("Serial").is_some());
    assert_eq!(world.credential_audit().await, ["credential_renewed"; 2]);
    assert_eq!(world.renewals().len(), 2);
    world.restart().await;
    world.look_after(8 * DAY).await;
    assert_eq!(world.renewals().len(), 3, "and the refresh token that came with it is the one that is used");
    assert!(world.deletes_a_device().await);
}

#[tokio::test]
async fn the_space_is_warned_once_a_day_from_fourteen_days_before_the_end() {
    let mut world = with_service_app()
        .setting_of("STEWARD_ALERT_SPACE", |cast| cast.operations.clone())
        .beforehand(|sim| sim.fault(FaultRule::on("POST", RENEWALS).status(400).skipping(1)))
        .world()
        .await;
    world.look_after(75 * DAY).await;
    assert!(world.answers_outside_threads().is_empty());
    let other = world.another_replica().await;
    for hours in [25, 1, 1] {
        world.look_after(SignedDuration::from_hours(hours)).await;
        if let Some(other) = &other {
            other.look_after_credential().await;
            world.settle().await;
        }
    }
    let told = world.answers_outside_threads();
    assert_eq!(told.len(), 1, "{told:#?}");
    insta::assert_snapshot!(told[0].drawn(), @r"
    ╭──────────────────────────────────────────────────────────────────────────────╮
    │ ? The admin credential will expire                                           │
    │ Steward cannot renew the tokens of its Service App. The refresh token        │
    │ expires at 2026-07-01 08:16 UTC (in 14 days); after that, Steward can no     │
    │ longer read or delete devices.                                               │
    │ Operators: Steward's log shows why the renewal fails. If Webex rejects it,   │
    │ issue new tokens on the page of the Service App (developer.webex.com, Org    │
    │ Authorizations), set STEWARD_SERVICE_APP_REFRESH_TOKEN to the new refresh    │
    │ token, and restart Steward.                                                  │
    ╰──────────────────────────────────────────────────────────────────────────────╯
    ");
    world.look_after(DAY).await;
    assert_eq!(world.answers_outside_threads().len(), 2);
    assert_eq!(world.ready().await.0, 503);
    let error = world.restart_with(&[]).await.unwrap_err();
    assert!(error.is_the_settings_fault(), "{error}");
}
