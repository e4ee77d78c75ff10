//! Failing databases: acknowledged deliveries are not lost, and failed commits are recovered.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use jiff::SignedDuration;
use serde_json::json;
use steward::store::{CommitPoint, StoreError, TestHooks};

use crate::world::{SECRET, World};

/// Longer than `GET /readyz` reuses a database check.
const CHECK_LIFETIME: SignedDuration = SignedDuration::from_secs(3);
/// The first write of a command.
const FIRST_WRITE: &str = "record_delivery";

fn no_space() -> StoreError {
    let full = std::io::Error::from(std::io::ErrorKind::StorageFull);
    StoreError::from(sqlx::Error::Io(full))
}

/// All commits fail while the switch is on.
fn failing_while(broken: &Arc<AtomicBool>) -> TestHooks {
    let broken = broken.clone();
    TestHooks::new(move |moment, _| {
        let fails = moment == CommitPoint::BeforeCommit && broken.load(Ordering::SeqCst);
        if fails { Err(no_space()) } else { Ok(()) }
    })
}

#[tokio::test]
async fn deliveries_are_refused_while_nothing_can_be_committed() {
    let broken = Arc::new(AtomicBool::new(false));
    let world = World::with().store_hooks(failing_while(&broken)).start().await;
    let device = world.a_device_id();
    let (message, request) = world.say_undelivered(&world.cast.ana, &format!("delete device {device}"));
    let request = request.signed_with(SECRET);

    broken.store(true, Ordering::SeqCst);
    assert_eq!(world.deliver(&request).await.status, 503);
    assert!(world.run_jobs().await.is_err());
    assert_eq!(world.metric(r#"deliveries_total{result="not stored"}"#).await, 1);
    assert_eq!(world.get("/healthz").await.status, 200, "the process lives");
    world.clock.advance(CHECK_LIFETIME);
    let ready = world.get("/readyz").await;
    assert!(ready.status == 503 && ready.body.contains(r#""database":"not ok""#), "{ready:?}");

    broken.store(false, Ordering::SeqCst);
    world.clock.advance(CHECK_LIFETIME);
    assert_eq!(world.get("/readyz").await.status, 200);
    assert_eq!(world.deliver(&request).await.status, 200);
    world.settle().await;
    assert_eq!(world.the_answer_to(&message).outcome(), "gone");
}

#[tokio::test]
async fn acknowledged_commands_run_when_the_database_is_back() {
    let broken = Arc::new(AtomicBool::new(false));
    let world = World::with().store_hooks(failing_while(&broken)).start().await;
    let device = world.a_device_id();
    let (message, request) = world.say_undelivered(&world.cast.ana, &format!("delete device {device}"));
    assert_eq!(world.deliver(&request.signed_with(SECRET)).await.status, 200);
    broken.store(true, Ordering::SeqCst);
    assert!(world.run_jobs().await.is_err());
    assert!(world.device_exists(&device));
    broken.store(false, Ordering::SeqCst);
    world.settle().await;
    assert_eq!(world.the_answer_to(&message).outcome(), "gone");
}

/// Fails the commit with this number, counted from the first delivery.
fn failing_once(moment: CommitPoint, number: usize, failures: &Arc<AtomicUsize>) -> TestHooks {
    let (begun, commits, failures) = (AtomicBool::new(false), AtomicUsize::new(0), failures.clone());
    TestHooks::new(move |here, write| {
        begun.fetch_or(write == FIRST_WRITE, Ordering::SeqCst);
        if here != moment || !begun.load(Ordering::SeqCst) {
            return Ok(());
        }
        if commits.fetch_add(1, Ordering::SeqCst) + 1 == number {
            failures.fetch_add(1, Ordering::SeqCst);
            return Err(no_space());
        }
        Ok(())
    })
}

/// Fails each commit of a scenario in turn, each in its own world. Returns the number of commits.
async fn fail_each_commit(moment: CommitPoint, story: impl AsyncFn(&World, usize)) -> usize {
    for number in 1.. {
        let failures = Arc::new(AtomicUsize::new(0));
        let world = World::with().store_hooks(failing_once(moment, number, &failures)).start().await;
        story(&world, number).await;
        if failures.load(Ordering::SeqCst) == 0 {
            return number - 1;
        }
    }
    0
}

/// Writes a line, delivers it until it is acknowledged, and runs all jobs. Returns the message.
async fn run_to_end(world: &World, line: &str) -> String {
    let (message, request) = world.say_undelivered(&world.cast.ana, line);
    let request = request.signed_with(SECRET);
    // Unacknowledged deliveries are repeated.
    while world.deliver(&request).await.status != 200 {}
    while let Some(due) = world.app().store().next_due().await.unwrap() {
        world.clock.advance(due.duration_since(world.now()).max(SignedDuration::ZERO));
        // A failed run is logged; its job is still open or its lease ends.
        world.run_jobs().await.ok();
    }
    message
}

async fn times_audited(world: &World, event: &str) -> usize {
    world.audited().await.iter().filter(|audited| **audited == event).count()
}

async fn run_deletion(world: &World, number: usize) {
    let message = run_to_end(world, &format!("delete device {}", world.a_device_id())).await;
    let answers = world.results_of(&message);
    assert!(answers.iter().all(|answer| answer.outcome() == "gone"), "{number}: {answers:#?}");
    // The first post may not have been recorded, so one more is allowed.
    assert!((1..=2).contains(&answers.len()), "{number}: {answers:#?}");
    assert_eq!((world.deletes(), times_audited(world, "outcome_known").await), (1, 1), "{number}");
}

/// Checks that even a run that finds the tags already set reports the change correctly.
async fn run_tagging(world: &World, number: usize) {
    let message = run_to_end(world, &format!("tag device {} +retire", world.a_device_id())).await;
    let answers = world.answers_to(&message);
    let is_told = !answers.is_empty()
        && answers.iter().all(|answer| answer.headline() == "✓ Tags changed and verified");
    assert!(is_told, "{number}: {answers:#?}");
    let changes = (world.calls("PATCH", "/devices/"), times_audited(world, "tags_changed").await);
    assert_eq!(changes, (1, 1), "{number}");
}

/// Checks that no second code is created, and that no code stays unreported.
async fn run_activation(world: &World, number: usize) {
    world.sim.add_workspace(&json!({ "displayName": "BER-7 Lounge" }));
    let message = run_to_end(world, "activate workspace \"BER-7 Lounge\"").await;
    let (codes, requests) = (world.sim.activation_codes().len(), world.answers_outside_threads().len());
    let answers = world.answers_to(&message);
    let headline = answers[0].headline().to_owned();
    assert!(answers.iter().all(|answer| answer.headline() == headline), "{number}: {answers:#?}");
    match headline.as_str() {
        "✓ Activation code created" => assert_eq!((codes, requests), (1, 1), "{number}"),
        "? A code may have been created" => assert!(codes <= 1 && requests == codes, "{number}"),
        _ => panic!("{number}: {answers:#?}"),
    }
    assert_eq!(times_audited(world, "activation_intended").await, 1, "{number}");
}

#[tokio::test]
async fn a_deletion_survives_any_failed_commit() {
    assert!(fail_each_commit(CommitPoint::BeforeCommit, run_deletion).await >= 5);
}

#[tokio::test]
async fn a_deletion_survives_any_lost_commit_answer() {
    assert!(fail_each_commit(CommitPoint::AfterCommit, run_deletion).await >= 5);
}

#[tokio::test]
async fn tagging_survives_failed_commits_and_lost_commit_answers() {
    for moment in [CommitPoint::BeforeCommit, CommitPoint::AfterCommit] {
        assert!(fail_each_commit(moment, run_tagging).await >= 4);
    }
}

#[tokio::test]
async fn failed_commits_create_no_second_activation_code() {
    for moment in [CommitPoint::BeforeCommit, CommitPoint::AfterCommit] {
        assert!(fail_each_commit(moment, run_activation).await >= 4);
    }
}
