//! A database that fails: what is acknowledged is not lost, and what fails is made up for.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use jiff::SignedDuration;
use serde_json::json;
use steward::store::{Hooks, Moment, StoreError};

use crate::world::{SECRET, World};

/// For how long `GET /readyz` may go on saying what it last saw.
const A_LOOK_COUNTS: SignedDuration = SignedDuration::from_secs(3);
/// The write with which a command begins.
const FIRST_WRITE: &str = "record_delivery";

fn no_space() -> StoreError {
    let full = std::io::Error::from(std::io::ErrorKind::StorageFull);
    StoreError::from(sqlx::Error::Io(full))
}

/// Nothing can be committed while the switch is on.
fn failing_while(broken: &Arc<AtomicBool>) -> Hooks {
    let broken = broken.clone();
    Hooks::new(move |moment, _| {
        let fails = moment == Moment::BeforeCommit && broken.load(Ordering::SeqCst);
        if fails { Err(no_space()) } else { Ok(()) }
    })
}

#[tokio::test]
async fn while_nothing_can_be_committed_deliveries_are_refused_and_afterwards_taken() {
    let broken = Arc::new(AtomicBool::new(false));
    let world = World::with().store_hooks(failing_while(&broken)).world().await;
    let device = world.a_device_id();
    let (message, letter) = world.say_unheard(&world.cast.ana, &format!("delete device {device}"));
    let letter = letter.signed_with(SECRET);

    broken.store(true, Ordering::SeqCst);
    assert_eq!(world.deliver(&letter).await.status, 503);
    assert!(world.run_jobs().await.is_err());
    assert_eq!(world.metric(r#"deliveries_total{result="not stored"}"#).await, 1);
    assert_eq!(world.get("/healthz").await.status, 200, "the process lives");
    world.clock.advance(A_LOOK_COUNTS);
    let ready = world.get("/readyz").await;
    assert!(ready.status == 503 && ready.body.contains(r#""database":"not ok""#), "{ready:?}");

    broken.store(false, Ordering::SeqCst);
    world.clock.advance(A_LOOK_COUNTS);
    assert_eq!(world.get("/readyz").await.status, 200);
    assert_eq!(world.deliver(&letter).await.status, 200);
    world.settle().await;
    assert_eq!(world.the_answer_to(&message).outcome(), "gone");
}

#[tokio::test]
async fn what_was_acknowledged_is_done_when_the_database_is_back() {
    let broken = Arc::new(AtomicBool::new(false));
    let world = World::with().store_hooks(failing_while(&broken)).world().await;
    let device = world.a_device_id();
    let (message, letter) = world.say_unheard(&world.cast.ana, &format!("delete device {device}"));
    assert_eq!(world.deliver(&letter.signed_with(SECRET)).await.status, 200);
    broken.store(true, Ordering::SeqCst);
    assert!(world.run_jobs().await.is_err());
    assert!(world.device_exists(&device));
    broken.store(false, Ordering::SeqCst);
    world.settle().await;
    assert_eq!(world.the_answer_to(&message).outcome(), "gone");
}

/// The commit with this number fails, counted from the first delivery on.
fn failing_once(moment: Moment, number: usize, failures: &Arc<AtomicUsize>) -> Hooks {
    let (begun, commits, failures) = (AtomicBool::new(false), AtomicUsize::new(0), failures.clone());
    Hooks::new(move |here, write| {
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

/// Lets each commit of a story fail in turn, in a world of its own; answers how many it has.
async fn each_commit_fails(moment: Moment, story: impl AsyncFn(&World, usize)) -> usize {
    for number in 1.. {
        let failures = Arc::new(AtomicUsize::new(0));
        let world = World::with().store_hooks(failing_once(moment, number, &failures)).world().await;
        story(&world, number).await;
        if failures.load(Ordering::SeqCst) == 0 {
            return number - 1;
        }
    }
    0
}

/// Says this, delivers it until that is acknowledged, and runs everything that follows; answers the message.
async fn to_the_end(world: &World, line: &str) -> String {
    let (message, letter) = world.say_unheard(&world.cast.ana, line);
    let letter = letter.signed_with(SECRET);
    // Whoever is not acknowledged asks again.
    while world.deliver(&letter).await.status != 200 {}
    while let Some(due) = world.app().store().next_due().await.unwrap() {
        world.clock.advance(due.duration_since(world.now()).max(SignedDuration::ZERO));
        // The run that fails is logged; what it was about is open still, or its lease ends.
        world.run_jobs().await.ok();
    }
    message
}

async fn times_audited(world: &World, event: &str) -> usize {
    world.audited().await.iter().filter(|audited| **audited == event).count()
}

async fn a_deletion(world: &World, number: usize) {
    let message = to_the_end(world, &format!("delete device {}", world.a_device_id())).await;
    let answers = world.answers_to(&message);
    assert!(answers.iter().all(|answer| answer.outcome() == "gone"), "{number}: {answers:#?}");
    // That a post was made could not be written down: one more may be made, no second.
    assert!((1..=2).contains(&answers.len()), "{number}: {answers:#?}");
    assert_eq!((world.deletes(), times_audited(world, "outcome_known").await), (1, 1), "{number}");
}

/// It is told as what it was, also by a run that finds the tags as they should be.
async fn a_change_of_tags(world: &World, number: usize) {
    let message = to_the_end(world, &format!("tag device {} +retire", world.a_device_id())).await;
    let answers = world.answers_to(&message);
    let is_told = !answers.is_empty()
        && answers.iter().all(|answer| answer.headline() == "✓ Tags changed and verified");
    assert!(is_told, "{number}: {answers:#?}");
    let changes = (world.calls("PATCH", "/devices/"), times_audited(world, "tags_changed").await);
    assert_eq!(changes, (1, 1), "{number}");
}

/// No second code is made, and none is made of which nobody knows.
async fn an_activation(world: &World, number: usize) {
    world.sim.add_workspace(&json!({ "displayName": "BER-7 Lounge" }));
    let message = to_the_end(world, "activate workspace \"BER-7 Lounge\"").await;
    let (codes, letters) = (world.sim.activation_codes().len(), world.answers_outside_threads().len());
    let answers = world.answers_to(&message);
    let headline = answers[0].headline().to_owned();
    assert!(answers.iter().all(|answer| answer.headline() == headline), "{number}: {answers:#?}");
    match headline.as_str() {
        "✓ Activation code created" => assert_eq!((codes, letters), (1, 1), "{number}"),
        "? A code may have been created" => assert!(codes <= 1 && letters == codes, "{number}"),
        _ => panic!("{number}: {answers:#?}"),
    }
    assert_eq!(times_audited(world, "activation_intended").await, 1, "{number}");
}

#[tokio::test]
async fn a_commit_that_fails_anywhere_in_a_deletion_is_made_up_for() {
    assert!(each_commit_fails(Moment::BeforeCommit, a_deletion).await >= 5);
}

#[tokio::test]
async fn a_commit_whose_answer_is_lost_anywhere_in_a_deletion_is_made_up_for() {
    assert!(each_commit_fails(Moment::AfterCommit, a_deletion).await >= 5);
}

#[tokio::test]
async fn a_commit_that_fails_or_whose_answer_is_lost_in_a_change_of_tags_is_made_up_for() {
    for moment in [Moment::BeforeCommit, Moment::AfterCommit] {
        assert!(each_commit_fails(moment, a_change_of_tags).await >= 4);
    }
}

#[tokio::test]
async fn a_commit_that_fails_or_whose_answer_is_lost_in_an_activation_makes_no_second_code() {
    for moment in [Moment::BeforeCommit, Moment::AfterCommit] {
        assert!(each_commit_fails(moment, an_activation).await >= 4);
    }
}
