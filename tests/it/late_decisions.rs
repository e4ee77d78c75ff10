//! A change is made only soon after a person decided on it, whatever was written down before and whatever a clock says.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use jiff::SignedDuration;
use serde_json::json;
use steward::domain::clock::ManualClock;
use steward::sim::FaultRule;
use steward::store::{CommitPoint, ParkedAction, Store, TestHooks};

use crate::world::World;

const THREE_DAYS: SignedDuration = SignedDuration::from_hours(72);
const A_WHILE: SignedDuration = SignedDuration::from_secs(40);
const TOO_LATE: &str = "? Too late: nothing was done";

/// Whether a call changes a device or makes an activation code.
fn changes(world: &World) -> usize {
    let admin = |path: &str| path.starts_with("/v1/devices");
    world.sim.count_requests(|call| call.method != "GET" && admin(&call.path))
}

/// Writes a line, and stops Steward in the middle of a call, for three days.
async fn stopped_for_three_days(world: &mut World, line: &str, method: &str, path: &str) -> String {
    world.sim.fault(FaultRule::on(method, path).hanging().once());
    let calls = |world: &World| world.sim.count_requests(|call| call.method == method && call.faulted);
    let before = calls(world);
    let message = world.sim.say(&world.cast.ana, &world.cast.operations, line, None);
    world.settle_until(|world| calls(world) > before).await;
    world.clock.advance(THREE_DAYS);
    world.restart().await;
    world.settle().await;
    world.advance_through_waits(A_WHILE).await;
    message
}

#[tokio::test]
async fn a_delete_with_a_stored_intent_is_not_sent_three_days_later() {
    for by_serial in [false, true] {
        let mut world = World::new().await;
        let device = world.a_device();
        let id = device["id"].as_str().unwrap().to_owned();
        let reference = if by_serial { device["serial"].as_str().unwrap() } else { &id };
        let line = format!("delete device {reference}");
        let message = stopped_for_three_days(&mut world, &line, "DELETE", "/devices/*").await;
        let answer = world.the_result_of(&message);
        assert_eq!(answer.outcome(), "failed", "{}", answer.text);
        assert_eq!(
            answer.happened(),
            "Steward got no answer from Webex, and the device is still there.",
            "settled by reading"
        );
        assert_eq!(world.deletes(), 1);
        assert!(world.device_exists(&id));
        // It is still watched.
        world.sim.remove_device(&id);
        world.advance_through_waits(SignedDuration::from_mins(2)).await;
        assert_eq!(world.results_of(&message)[1].outcome(), "gone");
    }
}

#[tokio::test]
async fn no_change_begins_three_days_late() {
    let mut world = World::new().await;
    let device = world.a_device();
    let (id, serial) = (device["id"].as_str().unwrap(), device["serial"].as_str().unwrap());
    world.sim.change_device(id, &json!({ "displayName": "The desk" }));
    world.sim.add_workspace(&json!({ "displayName": "BER-7 Lab" }));
    let add = "add device mac 00-11-22-33-44-AF model \"DMS Cisco 8865\" to workspace \"BER-7 Lab\"";
    let before = changes(&world);
    for (line, path) in [
        (format!("delete device {serial}"), "/devices"),
        ("delete device \"The desk\"".to_owned(), "/devices"),
        (format!("tag device {id} +retire"), "/devices/*"),
        (format!("tag device {serial} +retire"), "/devices"),
        ("tag device \"The desk\" +retire".to_owned(), "/devices"),
        ("tag devices name:\"The desk\" +retire".to_owned(), "/devices"),
        ("activate workspace \"BER-7 Lab\"".to_owned(), "/workspaces"),
        (add.to_owned(), "/workspaces"),
    ] {
        let message = stopped_for_three_days(&mut world, &line, "GET", path).await;
        let answer = world.the_answer_to(&message);
        assert_eq!(answer.headline(), TOO_LATE, "{line}: {}", answer.text);
        assert!(answer.buttons().is_empty(), "{line}");
        assert!(answer.text.contains("3 days ago"), "{}", answer.text);
    }
    assert!(world.device_exists(id));
    assert_eq!(changes(&world), before);
}

#[tokio::test]
async fn a_change_that_was_rejected_for_now_is_not_said_to_be_done_when_it_is_late() {
    for (line, method, path) in [
        ("tag device FOC2719LATE +retire", "PATCH", "/devices/*"),
        ("delete device FOC2719LATE", "GET", "/devices"),
        ("activate workspace \"BER-7 Lab\"", "POST", "/devices/activationCode"),
        (
            "add device mac 00112233440B model \"DMS Cisco 8865\" to workspace \"BER-7 Lab\"",
            "POST",
            "/devices",
        ),
    ] {
        let world = World::new().await;
        let device = world.sim.add_device(&json!({ "serial": "FOC2719LATE", "tags": [] }));
        world.sim.add_workspace(&json!({ "displayName": "BER-7 Lab" }));
        world.sim.fault(FaultRule::on(method, path).status(429).retry_after("20").once());
        let message = world.say(&world.cast.ana, line).await;
        let confirm = world.answers_to(&message).pop().filter(|card| !card.buttons().is_empty());
        if let Some(card) = confirm {
            world.press(&world.cast.ana, &card, "Confirm").await;
        }
        assert!(world.results_of(&message).is_empty(), "{line}: it waits");
        world.clock.advance(SignedDuration::from_mins(20));
        world.settle().await;
        let answer = world.the_result_of(&message);
        assert_eq!(answer.headline(), TOO_LATE, "{line}: {}", answer.text);
        assert!(world.device_exists(&device) && changes(&world) <= 1, "{line}");
    }
}

#[tokio::test]
async fn a_confirmed_plan_is_not_carried_out_three_days_later() {
    let mut world = World::new().await;
    let device = world.sim.add_device(&json!({ "displayName": "The desk" }));
    for line in [
        "delete device \"The desk\"",
        "tag devices name:\"The desk\" +retire",
        "tag device \"The desk\" +retire",
    ] {
        let message = world.say(&world.cast.ana, line).await;
        let card = world.the_answer_to(&message);
        let confirm = card.buttons().remove(0);
        world.sim.fault(FaultRule::on("GET", "/devices/*").hanging().once());
        let reads = world.calls("GET", &device);
        world.press_without_settling(&world.cast.ana, &card, &confirm);
        world.settle_until(|world| world.calls("GET", &device) > reads).await;
        world.clock.advance(THREE_DAYS);
        world.restart().await;
        world.settle().await;
        let answer = world.answers_to(&message).pop().unwrap();
        let is_late = answer.text.contains("in time") || answer.text.contains("too long ago");
        assert!(is_late || answer.headline() == TOO_LATE, "{}", answer.text);
    }
    assert!(world.device_exists(&device));
    assert_eq!(changes(&world), 0);
}

#[tokio::test]
async fn an_old_job_that_an_operator_retries_changes_nothing() {
    let world = World::new().await;
    let device = world.a_device_id();
    world.sim.fault(FaultRule::on("DELETE", "/devices/*").status(429).retry_after("20").once());
    let message = world.delete(&device).await;
    // Only Steward writes there, but a disk may fail.
    world.execute("UPDATE commands SET progress = '7'").await;
    let store = Store::open_beside(&world.database_url()).await.unwrap();
    while store.parked_jobs(1).await.unwrap().is_empty() {
        world.advance_through_waits(SignedDuration::from_mins(5)).await;
    }
    world.execute("UPDATE commands SET progress = NULL").await;
    world.clock.advance(THREE_DAYS);
    let job = store.parked_jobs(1).await.unwrap().remove(0);
    assert_eq!(store.resolve_parked(job.id, ParkedAction::Retry, world.now()).await.unwrap(), Ok(()));
    world.settle().await;
    let answer = world.answers_to(&message).pop().unwrap();
    assert_eq!(answer.outcome(), "failed", "{}", answer.text);
    assert!(answer.happened().contains("could not run the command in time"), "{}", answer.happened());
    assert_eq!((world.deletes(), world.device_exists(&device)), (1, true));
}

#[tokio::test]
async fn the_time_at_webex_counts_if_the_clock_is_slow() {
    let world = World::new().await;
    let device = world.a_device();
    let (id, serial) = (device["id"].as_str().unwrap(), device["serial"].as_str().unwrap());
    world.sim.set_dates_ahead(SignedDuration::from_mins(20));
    let answer = world.ask(&world.cast.ana, &format!("delete device {id}")).await;
    assert!(answer.happened().contains("could not run the command in time"), "{}", answer.text);
    assert!(answer.what_next().contains("Steward's clock is 20 minutes behind Webex's"), "{}", answer.text);
    for line in [format!("tag device {serial} +retire"), format!("delete device {serial}")] {
        let answer = world.ask(&world.cast.ana, &line).await;
        assert_eq!(answer.headline(), TOO_LATE, "{line}: {}", answer.text);
        assert!(answer.text.contains("Steward's clock is 20 minutes behind Webex's"), "{}", answer.text);
    }
    assert_eq!(changes(&world), 0);
    world.sim.set_dates_ahead(SignedDuration::from_mins(10));
    let answer = world.ask(&world.cast.ana, &format!("delete device {id}")).await;
    assert_eq!(answer.outcome(), "gone", "{}", answer.text);
}

#[tokio::test]
async fn a_clock_that_is_set_back_does_not_make_a_decision_younger() {
    let world = World::new().await;
    let device = world.a_device_id();
    world.sim.fault(FaultRule::on("DELETE", "/devices/*").status(429).retry_after("10").once());
    let message = world.delete(&device).await;
    // Twenty minutes pass without a call, and then somebody sets the clock.
    world.clock.advance(SignedDuration::from_mins(20));
    world.clock.set_back(SignedDuration::from_mins(19));
    world.sim.set_dates_ahead(SignedDuration::from_mins(19));
    world.settle().await;
    world.advance_through_waits(A_WHILE).await;
    let answer = world.the_answer_to(&message);
    assert_eq!(answer.outcome(), "failed", "{}", answer.text);
    assert_eq!((world.deletes(), world.device_exists(&device)), (1, true));
}

/// Suspends the machine after the second commit of a step, that of the intent: the clock jumps, and no other time
/// passes.
#[derive(Clone, Default)]
struct Suspension(Arc<Mutex<Option<(ManualClock, SignedDuration)>>>, Arc<AtomicUsize>);

impl Suspension {
    fn hooks(&self) -> TestHooks {
        let Self(suspension, commits) = self.clone();
        TestHooks::new(move |point, write| {
            if point == CommitPoint::AfterCommit
                && write == "commit"
                && commits.fetch_add(1, Ordering::SeqCst) == 1
                && let Some((clock, by)) = suspension.lock().unwrap().take()
            {
                clock.set_forward(by);
            }
            Ok(())
        })
    }

    fn arm(&self, world: &World, by: SignedDuration) {
        *self.0.lock().unwrap() = Some((world.clock.clone(), by));
        self.1.store(0, Ordering::SeqCst);
    }
}

#[tokio::test]
async fn a_machine_suspended_behind_an_intent_sends_no_late_delete_and_reads_again_before_any() {
    for (minutes, outcome, traffic) in
        [(20, "failed", vec!["GET 200"]), (1, "gone", vec!["GET 200", "GET 200", "DELETE 204", "GET 404"])]
    {
        let suspension = Suspension::default();
        let world = World::with().store_hooks(suspension.hooks()).start().await;
        let device = world.a_device_id();
        suspension.arm(&world, SignedDuration::from_mins(minutes));
        let message = world.delete(&device).await;
        world.advance_through_waits(A_WHILE).await;
        let answer = world.the_answer_to(&message);
        assert_eq!(answer.outcome(), outcome, "{}", answer.text);
        assert_eq!(world.device_traffic(), traffic);
        assert_eq!(world.device_exists(&device), outcome == "failed");
    }
}
