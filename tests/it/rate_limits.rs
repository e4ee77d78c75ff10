//! A rate limit on one call pauses all calls with that credential: of all jobs and processes, and across restarts.

use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use serde_json::json;
use steward::sim::FaultRule;
use steward::store::Store;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::postgres;
use crate::world::{World, http_client};

fn seconds(seconds: i64) -> SignedDuration {
    SignedDuration::from_secs(seconds)
}

fn busy(method: &str, path: &str, retry_after: &str) -> FaultRule {
    FaultRule::on(method, path).status(429).retry_after(retry_after)
}

#[tokio::test]
async fn a_rate_limit_pauses_all_deletions() {
    let world = World::new().await;
    let devices: Vec<String> = (0..5).map(|_| world.sim.add_device(&json!({}))).collect();
    world.sim.fault(busy("DELETE", "/devices/*", "20").once());
    let mut messages = Vec::new();
    for device in &devices {
        messages.push(world.delete(device).await);
    }
    let traffic = world.device_traffic();
    assert_eq!(traffic, ["GET 200", "DELETE 429"], "the others were not even tried");
    world.advance(seconds(19)).await;
    assert_eq!(world.device_traffic(), traffic);
    world.advance(seconds(1)).await;
    for message in &messages {
        assert_eq!(world.the_answer_to(message).outcome(), "gone");
    }
    assert_eq!(world.metric("webex_pauses_total{credential=\"admin\"}").await, 1);
    assert_eq!(world.metric("webex_calls_total{credential=\"admin\",result=\"busy\"}").await, 1);
    assert_eq!(world.metric("webex_calls_total{credential=\"admin\",result=\"paused\"}").await, 4);
    assert_eq!(world.metric("webex_call_limit{credential=\"bot\"}").await, 512);
    assert!((1..20).contains(&world.metric("webex_call_limit{credential=\"admin\"}").await));
}

#[tokio::test]
async fn commands_during_a_long_pause_are_answered_at_once_without_a_call() {
    let world = World::new().await;
    let devices: Vec<String> = (0..3).map(|_| world.sim.add_device(&json!({}))).collect();
    world.sim.fault(busy("GET", "/devices/*", "3600").once());
    assert_eq!(
        world.ask(&world.cast.ana, &format!("delete device {}", devices[0])).await.outcome(),
        "failed"
    );
    world.advance(seconds(600)).await;
    let calls = world.device_calls().len();
    let answer = world.ask(&world.cast.ana, &format!("delete device {}", devices[1])).await;
    assert_eq!((answer.outcome().as_str(), answer.fact("Webex status")), ("failed", None));
    assert_eq!(
        answer.happened(),
        "Webex is rate limiting Steward for longer than it can wait, so nothing was deleted."
    );
    let come_back = "09:16 UTC (in 51 minutes)";
    assert!(answer.what_next().contains(come_back), "{}", answer.text);
    let answer = world.ask(&world.cast.ana, &format!("show device {}", devices[2])).await;
    assert!(answer.headline().contains("Busy") && answer.text.contains(come_back), "{}", answer.text);
    assert_eq!(world.device_calls().len(), calls);
    world.advance(seconds(3000)).await;
    let answer = world.ask(&world.cast.ana, &format!("delete device {}", devices[1])).await;
    assert_eq!(answer.outcome(), "gone");
}

#[tokio::test]
async fn a_pause_affects_only_its_own_credential() {
    let world = World::new().await;
    world.sim.fault(busy("GET", "/devices/*", "20").once());
    let message = world.delete(&world.a_device_id()).await;
    let help = world.ask(&world.cast.ana, "help").await;
    assert_eq!(help.headline(), "The commands you may use");
    world.sim.fault(busy("POST", "/messages", "60").once());
    let greeting = world.say(&world.cast.ana, "whoami").await;
    world.advance(seconds(20)).await;
    assert_eq!(world.deletes(), 1, "devices are deleted while the bot may not speak");
    assert!(world.answers_to(&message).is_empty() && world.answers_to(&greeting).is_empty());
    world.advance(seconds(40)).await;
    assert_eq!(world.the_answer_to(&message).outcome(), "gone");
    world.the_answer_to(&greeting);
}

#[tokio::test]
async fn a_pause_of_the_bot_token_survives_a_restart() {
    let mut world = World::new().await;
    world.sim.fault(busy("GET", "/messages/*", "20").once());
    let message = world.say(&world.cast.ana, "whoami").await;
    let calls = world.sim.requests().len();
    world.restart().await;
    world.advance(seconds(19)).await;
    assert_eq!(world.sim.requests().len(), calls, "a call in the pause");
    world.advance(seconds(1)).await;
    world.the_answer_to(&message);
}

#[tokio::test]
async fn repeated_rate_limits_do_not_park_a_delivery() {
    let world = World::new().await;
    let device = world.a_device_id();
    world.sim.fault(busy("GET", "/messages/*", "15").times(19));
    let message = world.delete(&device).await;
    world.advance_through_waits(seconds(19 * 15)).await;
    assert_eq!(world.the_answer_to(&message).outcome(), "gone");
}

#[tokio::test]
async fn a_delivery_rate_limited_for_an_hour_is_parked() {
    for path in ["/messages/*", "/people/*"] {
        let world = World::new().await;
        world.sim.fault(busy("GET", path, "600"));
        let message = world.delete(&world.a_device_id()).await;
        world.advance_through_waits(seconds(3599)).await;
        assert_eq!(world.jobs().await.parked, 0);
        world.advance_through_waits(SignedDuration::from_hours(3)).await;
        // If only the person lookup fails, the space is known and gets an answer.
        let answers = world.answers_to(&message).len();
        let parked = usize::try_from(world.jobs().await.parked).unwrap();
        assert_eq!((parked, answers), if path == "/messages/*" { (1, 0) } else { (0, 1) });
        assert_eq!(world.deletes(), 0);
    }
}

#[tokio::test]
async fn a_rate_limited_card_is_retried_for_a_day() {
    let world = World::new().await;
    world.sim.fault(busy("POST", "/messages", "3600"));
    let message = world.delete(&world.a_device_id()).await;
    world.advance_through_waits(SignedDuration::from_hours(23)).await;
    assert_eq!(world.jobs().await.parked, 0);
    world.advance_through_waits(SignedDuration::from_hours(3)).await;
    assert_eq!((world.jobs().await.parked, world.answers_to(&message).len()), (1, 0));
    assert_eq!(world.calls("POST", "/messages"), 25, "one call for each pause");
}

#[tokio::test]
async fn names_are_left_out_while_their_lookups_are_rate_limited() {
    let world = World::new().await;
    let device = world.a_device();
    let order = format!("show device {}", device["id"].as_str().unwrap());
    world.sim.fault(busy("GET", "/workspaces/*", "20").once());
    let answer = world.ask(&world.cast.ana, &order).await;
    assert_eq!(answer.fact("Serial").as_deref(), device["serial"].as_str());
    assert_eq!(answer.fact("Workspace").as_deref(), Some("name not readable"));
    world.advance(seconds(20)).await;
    let answer = world.ask(&world.cast.ana, &order).await;
    assert_ne!(answer.fact("Workspace").as_deref(), Some("name not readable"));
}

/// Waits until a counter appears in another process.
async fn until_counted(address: std::net::SocketAddr, counter: &str) {
    let http = http_client();
    let seen = async {
        let mut looks = tokio::time::interval(Duration::from_millis(20));
        loop {
            looks.tick().await;
            let metrics = http.get(format!("http://{address}/metrics")).send().await;
            if let Ok(metrics) = metrics
                && metrics.text().await.unwrap().lines().any(|line| line == counter)
            {
                return;
            }
        }
    };
    tokio::time::timeout(Duration::from_mins(1), seen).await.expect("the counter did not appear in time");
}

#[tokio::test]
async fn two_processes_on_one_database_share_a_pause() {
    if postgres::server().is_none() {
        return;
    }
    let world = World::new().await;
    let other = world.another_app().await;
    let (address, stop) = (other.address(), CancellationToken::new());
    let running = tokio::spawn(other.run(stop.clone()));
    until_counted(address, "steward_webex_calls_total{credential=\"admin\",result=\"well\"} 1").await;

    // One process meets the rate limits, first of the bot token, then of the admin credential.
    world.sim.fault(busy("GET", "/people/me", "3600").skipping(1).once());
    let error = world.app().prepare_runner().await.unwrap_err();
    assert_eq!(error.requested_wait(), Some(seconds(3600)));
    world.app().share_rate_limits().await.unwrap();
    until_counted(address, "steward_webex_pauses_total{credential=\"admin\"} 1").await;

    // The other process learns about the pause through the database.
    world.sim.fault(busy("GET", "/messages/*", "3600").once());
    world.sim.say(&world.cast.ana, &world.cast.operations, "help", None);
    until_counted(address, "steward_webex_pauses_total{credential=\"bot\"} 1").await;
    let here = until_counted(world.app().address(), "steward_webex_pauses_total{credential=\"bot\"} 1");
    let learning = async {
        let mut looks = tokio::time::interval(Duration::from_millis(20));
        loop {
            looks.tick().await;
            world.app().share_rate_limits().await.unwrap();
        }
    };
    tokio::select! {
        () = here => {}
        () = learning => {}
    }
    stop.cancel();
    running.await.unwrap().unwrap();

    // A new process knows about the pause before its first call.
    let calls = world.sim.requests().len();
    let third = world.another_app().await;
    assert_eq!(third.prepare_runner().await.unwrap_err().requested_wait(), Some(seconds(3600)));
    assert_eq!(world.sim.requests().len(), calls);
}

#[tokio::test]
async fn a_recorded_pause_wakes_the_other_processes() {
    let Some(server) = postgres::server() else { return };
    let address = postgres::new_database(&server).await;
    let (here, there) = (Store::open(&address).await.unwrap(), Store::open(&address).await.unwrap());
    let wake = Arc::new(Notify::new());
    let listening = tokio::spawn({
        let (there, wake) = (there.clone(), wake.clone());
        async move { there.wake_on_pauses_of_others(&wake).await }
    });
    let until = |second| jiff::Timestamp::from_second(second).unwrap();
    let woken = async {
        // The other process may not be listening yet, so the pause is extended until it wakes.
        let mut ticks = tokio::time::interval(Duration::from_millis(20));
        for second in 1.. {
            tokio::select! {
                () = wake.notified() => return,
                _ = ticks.tick() => here.record_pause("bot", until(second), until(0)).await.unwrap(),
            }
        }
    };
    tokio::time::timeout(Duration::from_mins(1), woken).await.expect("not woken in time");
    let longest = there.pauses(until(0)).await.unwrap();
    here.record_pause("bot", until(0), until(0)).await.unwrap();
    assert_eq!(there.pauses(until(0)).await.unwrap(), longest, "a shorter pause does not end a longer one");
    listening.abort();
}
