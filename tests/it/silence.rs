//! A requester who waits gets one notice after half a minute, whatever holds the command up, and never after the answer.

use jiff::SignedDuration;
use serde_json::json;
use steward::sim::FaultRule;

use crate::world::World;

fn seconds(seconds: i64) -> SignedDuration {
    SignedDuration::from_secs(seconds)
}

/// Ana changes the tags of the retired devices. The first change waits 40 seconds for a rate limit, which the handler
/// of this command does not announce. Returns the message.
async fn slow_change(world: &World) -> String {
    world.sim.add_device(&json!({ "displayName": "The desk", "tags": ["retired"] }));
    let card = world.ask(&world.cast.ana, "tag devices tag:retired +gone").await;
    world.sim.fault(FaultRule::on("PATCH", "/devices/*").status(429).retry_after("40").once());
    let message = card.parent.clone().unwrap();
    world.reply(&world.cast.ana, &message, &format!("confirm {}", card.code())).await;
    message
}

/// The headlines in the thread, without the card with the question.
fn heard(world: &World, message: &str) -> Vec<String> {
    let answers = world.answers_to(message).into_iter().map(|answer| answer.headline().to_owned());
    answers.filter(|headline| !headline.ends_with("device?")).collect()
}

const NOTICE: &str = "… Still working";
const DONE: &str = "✓ Tags changed and verified";

#[tokio::test]
async fn a_command_without_an_answer_is_announced_after_half_a_minute() {
    let mut world = World::new().await;
    let message = slow_change(&world).await;
    world.advance(seconds(30) - SignedDuration::from_millis(1)).await;
    assert!(heard(&world, &message).is_empty());
    world.advance(SignedDuration::from_millis(1)).await;
    assert_eq!(heard(&world, &message), [NOTICE]);
    let notice = world.answers_to(&message).pop().unwrap();
    assert!(notice.text.contains("tag devices tag:retired +gone"), "{}", notice.text);
    world.advance(seconds(5)).await;
    world.restart().await;
    world.settle().await;
    assert_eq!(heard(&world, &message), [NOTICE], "it is said once");
    world.advance(seconds(5)).await;
    assert_eq!(heard(&world, &message), [NOTICE, DONE]);
}

#[tokio::test]
async fn a_handler_that_hangs_in_a_call_does_not_hold_up_the_notice() {
    for (method, deletes) in [("GET", 0), ("DELETE", 1)] {
        let mut world = World::new().await;
        let device = world.a_device_id();
        world.sim.fault(FaultRule::on(method, "/devices/*").hanging().once());
        let order = format!("delete device {device}");
        let message = world.sim.say(&world.cast.ana, &world.cast.operations, &order, None);
        let meanwhile = async {
            world.until(|world| world.calls(method, &device) == 1).await;
            while !world.audited().await.contains(&"command_accepted") {
                tokio::task::yield_now().await;
            }
            world.clock.advance(seconds(29));
            world.settle().await;
            assert!(world.answers_to(&message).is_empty());
            world.clock.advance(seconds(1));
            world.settle().await;
            assert_eq!(heard(&world, &message), [NOTICE]);
            world.clock.advance(seconds(20));
            world.settle().await;
            assert_eq!(heard(&world, &message), [NOTICE], "it is said once");
        };
        tokio::select! {
            () = world.settle() => panic!("the call does not hang"),
            () = meanwhile => {}
        }
        // The process dies in the call.
        world.restart().await;
        world.settle().await;
        world.advance_through_waits(seconds(60)).await;
        let answers = world.answers_to(&message);
        assert_eq!((answers.len(), answers[1].outcome().as_str()), (2, "gone"));
        assert_eq!(world.deletes(), 1 + deletes);
    }
}

#[tokio::test]
async fn a_quick_answer_that_is_posted_late_is_not_announced() {
    let world = World::new().await;
    world.sim.fault(FaultRule::on("POST", "/messages").status(503).times(5));
    let message = world.say(&world.cast.ana, "list devices").await;
    world.advance_through_waits(seconds(120)).await;
    assert_eq!(world.answers_to(&message).len(), 1);
    assert!(!world.the_answer_to(&message).announces_a_wait());
}

#[tokio::test]
async fn a_notice_that_its_space_rejects_is_dropped() {
    let world = World::new().await;
    let message = slow_change(&world).await;
    world.sim.fault(FaultRule::on("POST", "/messages").status(403).once());
    world.advance(seconds(30)).await;
    world.advance(seconds(10)).await;
    assert_eq!(heard(&world, &message), [DONE]);
    assert_eq!(world.jobs().await.parked, 0);
}

#[tokio::test]
async fn an_answer_waits_for_the_notice_that_is_being_posted() {
    let world = World::new().await;
    let message = slow_change(&world).await;
    world.sim.fault(FaultRule::on("POST", "/messages").hanging().once());
    let posts = world.calls("POST", "/messages");
    world.clock.advance(seconds(30));
    let meanwhile = async {
        world.until(|world| world.calls("POST", "/messages") > posts).await;
        world.clock.advance(seconds(10));
        world.settle().await;
        world.advance(seconds(5)).await;
        assert!(heard(&world, &message).is_empty(), "the notice could still appear below the answer");
    };
    tokio::select! {
        () = world.settle() => panic!("the post does not hang"),
        () = meanwhile => {}
    }
    // The post never arrives, and its lease ends.
    world.advance_through_waits(seconds(120)).await;
    assert_eq!(heard(&world, &message), [DONE]);
}
