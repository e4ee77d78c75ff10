//! Two changes of one device, workspace or person: one at a time over all processes, and none is lost.

use jiff::SignedDuration;
use serde_json::json;
use steward::sim::FaultRule;

use super::tag_device::{add_tagged_device, tags_of};
use crate::world::World;

fn changes(world: &World) -> usize {
    world.calls("PATCH", "/devices/")
}

fn minutes(count: i64) -> SignedDuration {
    SignedDuration::from_mins(count)
}

/// Starts a change of tags whose call never returns, and leaves it unfinished, as a process that has stopped would.
async fn begin_tagging(world: &World, device: &str) -> String {
    world.sim.fault(FaultRule::on("PATCH", "/devices/*").hanging().once());
    let line = format!("tag device {device} +one");
    let message = world.sim.say(&world.cast.ana, &world.cast.operations, &line, None);
    world.settle_until(|world| changes(world) == 1).await;
    message
}

#[tokio::test]
async fn two_changes_of_the_tags_of_one_device_are_both_made() {
    for (one, other, tags) in [
        ("+one", "+two", vec!["lobby", "one", "two", "vip"]),
        ("-lobby", "+two", vec!["two", "vip"]),
        ("-lobby", "-vip", vec![]),
    ] {
        let world = World::new().await;
        let device = add_tagged_device(&world);
        world.sim.fault(FaultRule::on("PATCH", "/devices/*").delayed_ms(300));
        let messages = [format!("tag device {device} {one}"), format!("tag device FOC2719TAGS {other}")]
            .map(|line| world.sim.say(&world.cast.ana, &world.cast.operations, &line, None));
        world.settle_with_workers(2).await;
        world.advance_through_waits(minutes(1)).await;
        for message in &messages {
            let answer = world.the_answer_to(message);
            assert_eq!(answer.headline(), "✓ Tags changed and verified", "{one} {other}: {}", answer.text);
        }
        let mut found = tags_of(&world, &device);
        found.sort();
        assert_eq!((found, changes(&world)), (tags.iter().map(ToString::to_string).collect(), 2));
    }
}

#[tokio::test]
async fn a_plan_for_many_devices_and_a_command_for_one_of_them_are_both_carried_out() {
    let world = World::new().await;
    let device = add_tagged_device(&world);
    let plan = world.say(&world.cast.ana, "tag devices serial:FOC2719TAGS -lobby").await;
    let code = world.the_answer_to(&plan).code();
    world.sim.fault(FaultRule::on("PATCH", "/devices/*").delayed_ms(300));
    let confirm = format!("confirm {code}");
    world.sim.say(&world.cast.ana, &world.cast.operations, &confirm, Some(&plan));
    let message = world.sim.say(
        &world.cast.ana,
        &world.cast.operations,
        &format!("tag device {device} -vip +pilot"),
        None,
    );
    world.settle_with_workers(2).await;
    world.advance_through_waits(minutes(1)).await;
    assert_eq!(world.the_answer_to(&message).headline(), "✓ Tags changed and verified");
    assert_eq!(world.the_answer_to(&plan).headline(), "✓ Tags changed and verified");
    assert_eq!(tags_of(&world, &device), ["pilot"]);
}

#[tokio::test]
async fn a_deletion_waits_for_another_change_of_its_device_without_asking_webex() {
    for reference in ["id", "FOC2719TAGS"] {
        let world = World::new().await;
        let device = add_tagged_device(&world);
        let tagging = begin_tagging(&world, &device).await;
        let reference = if reference == "id" { device.as_str() } else { reference };
        let deletion = world.say(&world.cast.ana, &format!("delete device {reference}")).await;
        let asked = world.device_calls().len();
        for _ in 0..10 {
            world.advance(SignedDuration::from_secs(1)).await;
        }
        assert_eq!((world.deletes(), world.device_calls().len()), (0, asked), "{reference}");
        assert!(world.answers_to(&deletion).is_empty(), "{reference}");
        for _ in 0..20 {
            world.advance(SignedDuration::from_secs(1)).await;
        }
        let notice = world.the_answer_to(&deletion);
        assert_eq!(notice.headline(), "… Waiting for another change", "{reference}");
        let waits_for =
            "\"tag device\" by ana@example.com (2026-04-02 08:15:30 UTC) is changing the same device";
        assert!(notice.text.contains(waits_for), "{reference}: {}", notice.text);
        assert_eq!((world.deletes(), world.device_calls().len()), (0, asked), "{reference}");
        assert!(!world.audited().await.contains(&"delete_intended"), "{reference}");

        // The process of the other change has died, so its lock expires.
        world.advance_through_waits(minutes(5)).await;
        assert_eq!(world.answers_to(&deletion).last().unwrap().outcome(), "gone", "{reference}");
        assert!(!world.device_exists(&device) && world.deletes() == 1);
        assert_eq!(world.results_of(&tagging).len(), 1);
    }
}

#[tokio::test]
async fn other_devices_are_changed_meanwhile() {
    let world = World::new().await;
    let device = add_tagged_device(&world);
    let other = world.a_device_id();
    let tagging = begin_tagging(&world, &device).await;
    let answer = world.ask(&world.cast.ana, &format!("delete device {other}")).await;
    assert_eq!(answer.outcome(), "gone");
    world.advance_through_waits(minutes(5)).await;
    assert_eq!(world.the_answer_to(&tagging).headline(), "✓ Tags changed and verified");
}

#[tokio::test]
async fn a_change_ends_with_its_command() {
    let world = World::new().await;
    let device = add_tagged_device(&world);
    for line in ["+one", "-one", "+two"] {
        let answer = world.ask(&world.cast.ana, &format!("tag device {device} {line}")).await;
        assert_eq!(answer.headline(), "✓ Tags changed and verified", "{line}");
    }
    let deletion = world.ask(&world.cast.ana, &format!("delete device {device}")).await;
    assert_eq!(deletion.outcome(), "gone");
}

#[tokio::test]
async fn tags_that_others_set_meanwhile_stay_where_nothing_is_removed() {
    let world = World::new().await;
    let device = add_tagged_device(&world);
    world.sim.fault(FaultRule::on("PATCH", "/devices/*").delayed_ms(300).once());
    let line = format!("tag device {device} +pilot");
    let ask = world.ask(&world.cast.ana, &line);
    let meddle = async {
        world.until(|world| changes(world) == 1).await;
        world.sim.change_device(&device, &json!({ "tags": ["lobby", "vip", "keep"] }));
    };
    let (answer, ()) = tokio::join!(ask, meddle);
    assert_eq!(tags_of(&world, &device), ["lobby", "vip", "keep", "pilot"]);
    assert_eq!(answer.headline(), "? Tags differ from your request", "{}", answer.text);
    assert_eq!(answer.fact("Unexpected").as_deref(), Some("keep"));
}

#[tokio::test]
async fn an_activation_waits_for_another_change_of_its_workspace() {
    let world = World::new().await;
    let lounge = world.sim.add_workspace(&json!({ "displayName": "BER-7 Lounge" }));
    let posts = |world: &World| world.calls("POST", "/devices");
    world.sim.fault(FaultRule::on("POST", "/devices").hanging().once());
    let add = "add device mac 00112233440A model \"Cisco Room Bar\" to workspace \"BER-7 Lounge\"";
    let addition = world.sim.say(&world.cast.ana, &world.cast.operations, add, None);
    world.settle_until(|world| posts(world) == 1).await;
    let activation = world.say(&world.cast.ana, &format!("activate workspace {lounge}")).await;
    world.advance(SignedDuration::from_secs(5)).await;
    assert_eq!((posts(&world), world.answers_to(&activation).len()), (1, 0));
    world.advance_through_waits(minutes(5)).await;
    let last = |message: &String| world.answers_to(message).pop().unwrap().headline().to_owned();
    let headlines = [&addition, &activation].map(last);
    assert_eq!(headlines, ["✓ Added", "✓ Activation code created"]);
    assert_eq!(world.answers_outside_threads().len(), 1);
}
