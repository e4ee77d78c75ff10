//! Lost answers, premature answers, and crashes in the middle of a deletion.

use std::time::Duration;

use jiff::SignedDuration;
use serde_json::{Value, json};
use steward::sim::FaultRule;

use crate::world::{UNCLEAR_DELETES, World};

/// Reads that find the device before its deletion counts as accepted.
const PROVING_READS: u32 = 5;
/// Longer than any wait within a deletion, shorter than the first follow-up.
const A_WHILE: SignedDuration = SignedDuration::from_secs(40);
const MINUTE: SignedDuration = SignedDuration::from_mins(1);

fn on_delete() -> FaultRule {
    FaultRule::on("DELETE", "/devices/*")
}

fn on_read() -> FaultRule {
    FaultRule::on("GET", "/devices/*")
}

/// A world with a short limit for answers, still longer than any answer takes.
async fn world_with_short_limit() -> World {
    World::with().answer_limit(Duration::from_secs(2)).start().await
}

#[tokio::test]
async fn an_answer_lost_after_the_deletion_is_settled_by_reading() {
    for lost in [on_delete().dropping_connection(), on_delete().hanging()] {
        let world = world_with_short_limit().await;
        let device = world.a_device_id();
        world.sim.fault(lost.after_effect().once());
        let message = world.delete(&device).await;
        let answer = world.the_answer_to(&message);
        assert_eq!(answer.outcome(), "gone");
        assert!(answer.happened().starts_with("Webex did not confirm the deletion"), "{}", answer.happened());
        assert_eq!(world.device_traffic(), ["GET 200", "DELETE -", "GET 404", "GET 200"]);
        assert!(!world.device_exists(&device));
    }
}

#[tokio::test]
async fn an_answer_lost_before_the_deletion_leads_to_one_more_delete() {
    for lost in [on_delete().dropping_connection(), on_delete().hanging()] {
        let world = world_with_short_limit().await;
        let device = world.a_device_id();
        world.sim.fault(lost.once());
        let message = world.delete(&device).await;
        assert!(world.answers_to(&message).is_empty());
        world.advance_through_waits(A_WHILE).await;
        assert_eq!(world.the_answer_to(&message).outcome(), "gone");
        assert_eq!(
            world.device_traffic(),
            ["GET 200", "DELETE -", "GET 200", "GET 200", "DELETE 204", "GET 404"]
        );
    }
}

#[tokio::test]
async fn unanswered_deletes_are_repeated_a_few_times_and_followed_up() {
    let world = World::new().await;
    let device = world.a_device_id();
    world.sim.fault(on_delete().dropping_connection());
    let message = world.delete(&device).await;
    world.advance_through_waits(A_WHILE).await;
    let answer = world.the_answer_to(&message);
    assert_eq!(answer.outcome(), "failed");
    assert_eq!(answer.happened(), "Steward got no answer from Webex, and the device is still there.");
    assert_eq!((answer.fact("Webex status"), world.deletes()), (None, UNCLEAR_DELETES));

    // One of them was carried out, only late.
    world.sim.remove_device(&device);
    world.advance(MINUTE).await;
    let update = world.answers_to(&message).pop().unwrap();
    assert_eq!(update.headline(), "✓ Update: gone, deleted and verified");
    assert!(update.text.contains("previously \"failed\""), "{}", update.text);
    assert!(update.what_next().contains("or write \"activate workspace\""), "{}", update.text);
    assert_eq!(update.buttons(), ["Activate a replacement"]);
    world.press(&world.cast.ana, &update, "Activate a replacement").await;
    assert_eq!(world.answers_to(&message).pop().unwrap().headline(), "✓ Activation code created");
    assert_eq!(world.posted_in(&world.cast.direct_ana)[0].headline(), "Activation code");
    assert_eq!(world.deletes(), UNCLEAR_DELETES);
}

#[tokio::test]
async fn a_device_listed_a_little_longer_is_reported_gone() {
    for reads in [1, PROVING_READS - 1] {
        let world = World::new().await;
        let device = world.a_device_id();
        world.sim.fault(on_delete().still_readable(reads).once());
        let message = world.delete(&device).await;
        assert!(world.answers_to(&message).is_empty(), "not proven yet");
        world.advance_through_waits(A_WHILE).await;
        assert_eq!(world.the_answer_to(&message).outcome(), "gone", "listed for {reads} reads");
        assert_eq!(world.deletes(), 1);
    }
}

#[tokio::test]
async fn a_device_that_stays_listed_is_accepted_and_checked_three_more_times() {
    let world = World::new().await;
    let device = world.a_device_id();
    world.sim.fault(on_delete().readable_forever().once());
    let message = world.delete(&device).await;
    world.advance_through_waits(A_WHILE).await;
    let answer = world.the_answer_to(&message);
    assert_eq!(answer.outcome(), "accepted");
    assert!(answer.what_next().contains("Steward looks again and reports in this thread"));

    let reads = world.calls("GET", &device);
    for (looks, minutes) in [(1, 1), (2, 10), (3, 60)] {
        assert_eq!(world.answers_to(&message).len(), 1, "nothing new to tell before the last look");
        world.advance(MINUTE * minutes - SignedDuration::from_secs(1)).await;
        assert_eq!(world.calls("GET", &device), reads + looks - 1, "too early");
        world.advance(SignedDuration::from_secs(1)).await;
        assert_eq!(world.calls("GET", &device), reads + looks);
    }
    let answers = world.answers_to(&message);
    assert_eq!(answers.len(), 2);
    assert_eq!(answers[1].headline(), "… Update: accepted, still not verified");
    assert!(answers[1].what_next().contains("looked several times and stops now"), "{}", answers[1].text);
    world.advance(SignedDuration::from_hours(48)).await;
    assert_eq!((world.answers_to(&message).len(), world.deletes()), (2, 1));
    assert_eq!(
        world.audited().await,
        ["command_accepted", "delete_intended", "outcome_known", "outcome_known"]
    );
}

#[tokio::test]
async fn an_accepted_deletion_that_completes_later_is_reported_once() {
    for (looks, later) in [(1, MINUTE), (2, MINUTE * 11), (3, MINUTE * 71)] {
        let world = World::new().await;
        let device = world.a_device_id();
        world.sim.fault(on_delete().still_readable(PROVING_READS + looks - 1).once());
        let message = world.delete(&device).await;
        world.advance_through_waits(A_WHILE).await;
        assert_eq!(world.the_answer_to(&message).outcome(), "accepted");
        world.advance_through_waits(later).await;
        let answers = world.answers_to(&message);
        assert_eq!(answers.len(), 2, "seen at look {looks}");
        assert_eq!(answers[1].headline(), "✓ Update: gone, deleted and verified");
        world.advance_through_waits(SignedDuration::from_hours(48)).await;
        assert_eq!(world.answers_to(&message).len(), 2);
    }
}

#[tokio::test]
async fn a_deletion_is_unknown_until_it_can_be_proven() {
    let world = World::new().await;
    let device = world.a_device_id();
    world.sim.fault(on_read().status(503).skipping(1));
    let message = world.delete(&device).await;
    world.advance_through_waits(A_WHILE).await;
    let answer = world.the_answer_to(&message);
    assert_eq!(answer.outcome(), "unknown");
    assert!(
        answer.happened().contains("could not check afterwards that the device is gone"),
        "{}",
        answer.happened()
    );
    assert!(answer.what_next().contains("Please do not send the command again"));
    world.sim.clear_faults();
    world.advance_through_waits(MINUTE).await;
    assert_eq!(world.answers_to(&message)[1].outcome(), "gone");
    assert_eq!(world.deletes(), 1);
}

#[tokio::test]
async fn nothing_is_claimed_if_neither_delete_nor_read_is_answered() {
    for (is_gone, settled) in [(true, "gone"), (false, "failed")] {
        let world = World::new().await;
        let device = world.a_device_id();
        let lost = on_delete().dropping_connection().once();
        world.sim.fault(if is_gone { lost.after_effect() } else { lost });
        world.sim.fault(on_read().dropping_connection().skipping(1));
        let message = world.delete(&device).await;
        world.advance_through_waits(A_WHILE).await;
        let answer = world.the_answer_to(&message);
        assert_eq!(answer.outcome(), "unknown");
        assert!(answer.happened().contains("may be gone, or still there"), "{}", answer.happened());
        world.sim.clear_faults();
        world.advance_through_waits(SignedDuration::from_hours(2)).await;
        let answers = world.answers_to(&message);
        assert_eq!((answers.len(), answers[1].outcome().as_str()), (2, settled));
        assert_eq!(world.deletes(), 1, "a DELETE is never repeated without a read");
    }
}

#[tokio::test]
async fn a_device_replaced_during_a_wait_is_not_deleted() {
    for (changes, different) in [
        (json!({ "serial": "FOC0000XXXX" }), "changed: serial"),
        (json!({ "mac": "00:00:00:00:00:99" }), "changed: MAC"),
        (json!({ "workspaceId": "Y2lzY29zcGFyazovL3VzL1BMQUNFUy9vdGhlcg" }), "changed: workspace"),
        (
            json!({ "personId": "Y2lzY29zcGFyazovL3VzL1BFT1BMRS9vdGhlcg", "serial": Value::Null }),
            "changed: owner, serial",
        ),
    ] {
        let world = World::new().await;
        let device = world.a_device_id();
        world.sim.fault(on_delete().status(429).retry_after("10").once());
        let message = world.delete(&device).await;
        world.sim.change_device(&device, &changes);
        world.advance_through_waits(A_WHILE).await;
        let answer = world.the_answer_to(&message);
        assert_eq!(answer.outcome(), "failed");
        assert!(answer.happened().contains(different), "{}", answer.happened());
        assert!(world.device_exists(&device));
        assert_eq!(world.deletes(), 1, "only the one that was refused");
    }
}

#[tokio::test]
async fn a_device_renamed_during_a_wait_is_deleted() {
    let world = World::new().await;
    let device = world.a_device();
    let id = device["id"].as_str().unwrap();
    world.sim.fault(on_delete().status(429).retry_after("10").once());
    let message = world.delete(id).await;
    let bare_mac = device["mac"].as_str().unwrap().replace(':', "").to_lowercase();
    world.sim.change_device(
        id,
        &json!({ "displayName": "Lobby", "mac": bare_mac, "connectionStatus": "unknown" }),
    );
    world.advance_through_waits(A_WHILE).await;
    assert_eq!(world.the_answer_to(&message).outcome(), "gone");
    assert!(!world.device_exists(id));
}

#[tokio::test]
async fn a_deletion_by_someone_else_during_a_wait_is_not_claimed() {
    let world = World::new().await;
    let device = world.a_device_id();
    world.sim.fault(on_delete().status(429).retry_after("10").once());
    let message = world.delete(&device).await;
    world.sim.remove_device(&device);
    world.advance_through_waits(A_WHILE).await;
    let answer = world.the_answer_to(&message);
    assert_eq!(answer.outcome(), "not found");
    assert!(answer.happened().contains("somebody else was probably faster"), "{}", answer.happened());
}

#[tokio::test]
async fn a_crash_after_the_acknowledgment_loses_nothing() {
    let mut world = World::new().await;
    let device = world.a_device_id();
    let order = format!("delete device {device}");
    let message = world.sim.say(&world.cast.ana, &world.cast.operations, &order, None);
    world.sim.settled().await;
    assert_eq!(world.jobs().await.waiting, 1);
    world.restart().await;
    world.settle().await;
    assert_eq!(world.the_answer_to(&message).outcome(), "gone");
    assert_eq!(world.deletes(), 1);
}

#[tokio::test]
async fn a_crash_after_the_deletion_is_settled_by_reading() {
    let mut world = World::new().await;
    let device = world.a_device_id();
    world.sim.fault(on_delete().hanging().after_effect().once());
    let order = format!("delete device {device}");
    let message = world.sim.say(&world.cast.ana, &world.cast.operations, &order, None);
    world.settle_until(|world| world.deletes() == 1 && !world.device_exists(&device)).await;
    world.restart().await;
    world.settle().await;
    let answer = world.the_answer_to(&message);
    assert_eq!(answer.outcome(), "gone");
    assert_eq!(world.device_traffic(), ["GET 200", "DELETE -", "GET 404", "GET 200"]);
    assert_eq!(world.audited().await, ["command_accepted", "delete_intended", "outcome_known"]);
}

#[tokio::test]
async fn a_crash_before_the_deletion_is_settled_by_reading_and_deleting() {
    let mut world = World::new().await;
    let device = world.a_device_id();
    world.sim.fault(on_delete().hanging().once());
    let order = format!("delete device {device}");
    let message = world.sim.say(&world.cast.ana, &world.cast.operations, &order, None);
    world.settle_until(|world| world.deletes() == 1).await;
    world.restart().await;
    world.settle().await;
    world.advance_through_waits(A_WHILE).await;
    assert_eq!(world.the_result_of(&message).outcome(), "gone");
    assert_eq!(
        world.device_traffic(),
        ["GET 200", "DELETE -", "GET 200", "GET 200", "DELETE 204", "GET 404"]
    );
}

#[tokio::test]
async fn a_crash_between_outcome_and_card_only_posts_the_card() {
    let mut world = World::new().await;
    let device = world.a_device_id();
    world.sim.fault(FaultRule::on("POST", "/messages").hanging().once());
    let order = format!("delete device {device}");
    let message = world.sim.say(&world.cast.ana, &world.cast.operations, &order, None);
    world.settle_until(|world| world.calls("POST", "/messages") == 1).await;
    world.restart().await;
    world.settle().await;
    assert_eq!(world.the_answer_to(&message).outcome(), "gone");
    assert_eq!(world.deletes(), 1);
}
