//! The Service App: tokens are renewed in time, stored sealed, and requested once for everyone who needs them.

mod failures;
mod secrets;
mod settings;

use std::net::SocketAddr;
use std::time::Duration;

use jiff::SignedDuration;
use serde_json::Value;
use steward::app::App;
use steward::domain::ClientId;
use steward::sim::{
    BOT_TOKEN, FaultRule, SERVICE_APP_CLIENT_ID, SERVICE_APP_CLIENT_SECRET, SERVICE_APP_REFRESH_TOKEN, Sim,
};
use steward::store::{Owner, RenewalClaim};

use crate::processes::process::until;
use crate::world::{SECRET, World, WorldBuilder, http_client};

const KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
const DAY: SignedDuration = SignedDuration::from_hours(24);
const RENEWALS: &str = "/access_token";

fn with_service_app() -> WorldBuilder {
    World::with()
        .setting("STEWARD_ADMIN_TOKEN", "")
        .setting("STEWARD_SERVICE_APP_CLIENT_ID", SERVICE_APP_CLIENT_ID)
        .setting("STEWARD_SERVICE_APP_CLIENT_SECRET", SERVICE_APP_CLIENT_SECRET)
        .setting("STEWARD_SERVICE_APP_REFRESH_TOKEN", SERVICE_APP_REFRESH_TOKEN)
        .setting("STEWARD_ENCRYPTION_KEY", KEY)
}

/// The environment of a process that uses the Service App of this simulation.
fn variables(sim: &Sim, address: SocketAddr) -> Vec<(&'static str, String)> {
    vec![
        ("STEWARD_LISTEN", address.to_string()),
        ("STEWARD_WEBEX_API", sim.api_base()),
        ("STEWARD_BOT_TOKEN", BOT_TOKEN.to_owned()),
        ("STEWARD_SERVICE_APP_CLIENT_ID", SERVICE_APP_CLIENT_ID.to_owned()),
        ("STEWARD_SERVICE_APP_CLIENT_SECRET", SERVICE_APP_CLIENT_SECRET.to_owned()),
        ("STEWARD_SERVICE_APP_REFRESH_TOKEN", SERVICE_APP_REFRESH_TOKEN.to_owned()),
        ("STEWARD_ENCRYPTION_KEY", KEY.to_owned()),
        ("STEWARD_WEBHOOK_SECRET", SECRET.to_owned()),
    ]
}

/// Waits until the process at this address is ready.
async fn until_ready(address: SocketAddr) {
    let http = http_client();
    until("Steward is ready", async || {
        let ready = http.get(format!("http://{address}/readyz")).send().await.ok()?;
        ready.status().is_success().then_some(())
    })
    .await;
}

impl World {
    /// The statuses of all renewals; none for a lost answer.
    fn renewals(&self) -> Vec<Option<u16>> {
        let all = self.sim.requests().into_iter().filter(|call| call.path.ends_with(RENEWALS));
        all.map(|call| call.status).collect()
    }

    /// Advances the clock and maintains the credential, as Steward does every half minute.
    async fn maintain(&self, after: SignedDuration) {
        self.clock.advance(after);
        self.app().maintain_credential().await;
        self.settle().await;
    }

    async fn deletes_a_device(&self) -> bool {
        let device = self.a_device_id();
        let answer = self.ask(&self.cast.ana, &format!("delete device {device}")).await;
        answer.outcome() == "gone" && !self.device_exists(&device)
    }

    async fn ready(&self) -> (u16, String) {
        let ready = self.get("/readyz").await;
        let parts: Value = serde_json::from_str(&ready.body).unwrap();
        (ready.status, parts["admin_credential"].as_str().unwrap().to_owned())
    }

    async fn credential_audit(&self) -> Vec<&'static str> {
        let names = self.whole_audit().await.into_iter().map(|entry| entry.event.name());
        names.filter(|name| name.starts_with("credential")).collect()
    }
}

#[tokio::test]
async fn the_first_start_requests_tokens_and_a_restart_does_not() {
    let mut world = with_service_app().start().await;
    assert_eq!(world.renewals(), [Some(200)]);
    assert!(world.deletes_a_device().await);
    world.restart().await;
    assert!(world.deletes_a_device().await);
    assert_eq!(world.renewals(), [Some(200)]);
    assert_eq!(world.credential_audit().await, ["credential_renewed"]);
    assert_eq!(world.ready().await, (200, "ok".to_owned()));
}

#[tokio::test]
async fn tokens_are_renewed_weekly_and_never_expire() {
    let world = with_service_app().start().await;
    for _ in 0..20 {
        world.maintain(6 * DAY).await;
    }
    assert_eq!(world.renewals().len(), 11, "at the start, and every second time");
    assert!(world.deletes_a_device().await);
    assert!(world.device_traffic().iter().all(|call| !call.ends_with("401")));
    assert_eq!(world.metric("credential_renewals_total{result=\"renewed\"}").await, 11);
    let left = world.metric("admin_credential_seconds_left{token=\"refresh\"}").await;
    assert!((83 * 86_400..=90 * 86_400).contains(&left), "{left}");
}

#[tokio::test]
async fn token_lifetimes_given_by_webex_are_used() {
    let world = with_service_app().prepare_sim(|sim| sim.shorten_access_tokens(3600)).start().await;
    for (minutes, renewals) in [(39, 1), (2, 2), (39, 2), (2, 3)] {
        world.maintain(SignedDuration::from_mins(minutes)).await;
        assert_eq!(world.renewals().len(), renewals);
    }
}

#[tokio::test]
async fn a_token_rejected_during_a_deletion_is_renewed_and_the_device_deleted_once() {
    let world = with_service_app().start().await;
    world.clock.advance(DAY);
    let device = world.a_device_id();
    let command = format!("delete device {device}");
    // The token is valid when the device is read, and expires before the answer arrives.
    world.sim.fault(FaultRule::on("GET", "/devices/*").delayed_ms(200).once());
    let ending = async {
        world.until(|world| !world.device_calls().is_empty()).await;
        world.sim.end_access_tokens();
    };
    let (answer, ()) = tokio::join!(world.ask(&world.cast.ana, &command), ending);
    assert_eq!(answer.outcome(), "gone");
    assert!(!world.device_exists(&device));
    assert_eq!(world.renewals(), [Some(200), Some(200)]);
    assert_eq!(world.device_traffic(), ["GET 200", "DELETE 401", "DELETE 204", "GET 404"]);
    assert_eq!(world.ready().await, (200, "ok".to_owned()));
}

#[tokio::test]
async fn a_rejected_delete_is_repeated_once_with_a_new_token() {
    let world = with_service_app().start().await;
    world.clock.advance(DAY);
    world.sim.fault(FaultRule::on("DELETE", "/devices/*").status(401).once());
    assert!(world.deletes_a_device().await);
    assert_eq!(world.device_traffic().iter().filter(|call| call.starts_with("DELETE")).count(), 2);
    assert_eq!(world.renewals().len(), 2);

    world.clock.advance(DAY);
    world.sim.fault(FaultRule::on("DELETE", "/devices/*").status(401));
    let device = world.a_device_id();
    let answer = world.ask(&world.cast.ana, &format!("delete device {device}")).await;
    assert_eq!((answer.outcome().as_str(), world.device_exists(&device)), ("failed", true));
    assert_eq!(world.renewals().len(), 3);
    assert_eq!(world.ready().await, (503, "not ok".to_owned()));
}

#[tokio::test]
async fn a_delete_is_decided_again_after_a_slow_renewal() {
    let world = with_service_app().token_limit(Duration::from_millis(500)).start().await;
    world.clock.advance(DAY);
    world.sim.fault(FaultRule::on("DELETE", "/devices/*").status(401).once());
    world.sim.fault(FaultRule::on("POST", RENEWALS).delayed_ms(1000));
    let message = world.delete(&world.a_device_id()).await;
    assert_eq!(world.device_traffic(), ["GET 200", "DELETE 401"]);
    world.advance_through_waits(SignedDuration::from_secs(30)).await;
    assert_eq!(world.the_answer_to(&message).outcome(), "gone");
    assert_eq!(world.device_traffic()[2..], ["GET 200", "DELETE 204", "GET 404"]);
    let intents = ["command_accepted", "delete_intended", "delete_intended", "outcome_known"];
    assert_eq!(world.audited().await, intents);
}

#[tokio::test]
async fn a_token_rejected_right_after_renewal_is_not_renewed_in_a_loop() {
    let world = with_service_app().start().await;
    world.sim.fault(FaultRule::on("GET", "/devices/*").status(401));
    for _ in 0..3 {
        world.ask(&world.cast.ana, &format!("show device {}", world.a_device_id())).await;
    }
    assert_eq!(world.renewals().len(), 1);
}

/// Another process maintains the credential and calls Webex with it.
async fn work(replica: Option<&App>) {
    if let Some(replica) = replica {
        replica.maintain_credential().await;
        replica.prepare_runner().await.unwrap();
    }
}

#[tokio::test]
async fn concurrent_rejections_renew_the_token_once() {
    let world = with_service_app().start().await;
    let replica = world.another_replica().await;
    world.clock.advance(DAY);
    world.sim.end_access_tokens();
    world.sim.fault(FaultRule::on("POST", RENEWALS).delayed_ms(50));
    let show = format!("show device {}", world.a_device_id());
    let messages: Vec<_> =
        (0..3).map(|_| world.sim.say(&world.cast.ana, &world.cast.operations, &show, None)).collect();
    tokio::join!(
        world.settle(),
        world.settle(),
        world.settle(),
        world.app().maintain_credential(),
        work(replica.as_ref()),
    );
    world.settle().await;
    assert_eq!(world.renewals(), [Some(200), Some(200)]);
    for message in messages {
        assert!(world.the_answer_to(&message).fact("Serial").is_some());
    }
}

#[tokio::test]
async fn replicas_renew_once_and_share_the_tokens() {
    let world = with_service_app().start().await;
    let replica = world.another_replica().await;
    world.sim.rotate_refresh_tokens();
    world.sim.fault(FaultRule::on("POST", RENEWALS).delayed_ms(50));
    for week in 1..4 {
        world.clock.advance(8 * DAY);
        let app = world.app();
        tokio::join!(app.maintain_credential(), app.maintain_credential(), work(replica.as_ref()));
        // Late processes learn about it at the next check.
        app.maintain_credential().await;
        work(replica.as_ref()).await;
        assert!(world.deletes_a_device().await);
        assert_eq!(world.renewals(), vec![Some(200); 1 + week]);
    }
}

#[tokio::test]
async fn nothing_is_asked_of_webex_while_another_process_renews_the_tokens() {
    let world = with_service_app().renewal_limit(Duration::from_millis(50)).start().await;
    if world.database_url().starts_with("sqlite:") {
        // A lone process renews whatever an earlier one has claimed.
        return;
    }
    world.clock.advance(DAY);
    world.sim.end_access_tokens();
    let (store, owner) = (world.app().store(), Owner::named("another process".to_owned()));
    let client_id = ClientId::parse(SERVICE_APP_CLIENT_ID).unwrap();
    let (now, until) = (world.now(), world.now() + SignedDuration::from_mins(2));
    let claim = RenewalClaim { client_id: &client_id, owner: &owner, generation: 1, now, until };
    assert!(store.claim_renewal(&claim).await.unwrap());

    let device = world.a_device_id();
    let message = world.delete(&device).await;
    assert_eq!(world.device_traffic(), ["GET 401"]);
    world.advance_through_waits(SignedDuration::from_secs(30)).await;
    assert!(!world.answers_to(&message).is_empty(), "the person hears of it");
    assert_eq!((world.device_traffic().len(), world.renewals().len()), (1, 1));
    assert!(world.device_exists(&device));

    store.release_renewal(&client_id, &owner, None).await.unwrap();
    assert!(world.deletes_a_device().await);
    assert_eq!(world.renewals().len(), 2);
    world.all_answers();
}

#[tokio::test]
async fn tokens_that_a_wrong_clock_has_dated_are_renewed_at_once() {
    let mut world = with_service_app().start().await;
    world.maintain(30 * DAY).await;
    assert_eq!(world.renewals(), [Some(200); 2]);
    // The clock was ahead, and is right again.
    world.clock.advance(-30 * DAY);
    world.restart().await;
    world.maintain(SignedDuration::ZERO).await;
    assert_eq!(world.renewals().len(), 3);
    world.maintain(6 * DAY).await;
    assert_eq!(world.renewals().len(), 3, "the new ones are dated by the right clock");
    assert!(world.deletes_a_device().await);
}

#[tokio::test]
async fn a_pause_that_a_wrong_clock_has_set_delays_no_renewal() {
    let world = with_service_app().start().await;
    world.sim.fault(FaultRule::on("POST", RENEWALS).status(400).once());
    world.maintain(30 * DAY).await;
    assert_eq!(world.renewals(), [Some(200), Some(400)]);
    world.clock.advance(-20 * DAY);
    world.maintain(SignedDuration::ZERO).await;
    assert_eq!(world.renewals(), [Some(200), Some(400), Some(200)]);
}
