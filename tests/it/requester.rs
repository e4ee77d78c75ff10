//! A requester who has left is asked about again, right before a change that waited and for every press.

use jiff::SignedDuration;
use serde_json::json;
use steward::sim::FaultRule;

use crate::world::World;

const A_WHILE: SignedDuration = SignedDuration::from_secs(40);

/// How Ana leaves.
const WAYS: [fn(&World); 2] = [
    |world| assert!(world.sim.remove_person(&world.cast.ana.id)),
    |world| {
        let elsewhere = json!({ "orgId": world.cast.partner_org });
        assert!(world.sim.change_person(&world.cast.ana.id, &elsewhere));
    },
];

fn changes(world: &World, method: &str) -> usize {
    world.calls(method, "/devices")
}

#[tokio::test]
async fn a_deletion_that_waited_does_not_run_for_someone_who_left() {
    let busy = || FaultRule::on("DELETE", "/devices/*").status(429).retry_after("10");
    for leave in WAYS {
        let world = World::new().await;
        let device = world.a_device_id();
        world.sim.fault(busy().once());
        let message = world.delete(&device).await;
        leave(&world);
        world.advance_through_waits(A_WHILE).await;
        let answer = world.the_answer_to(&message);
        assert_eq!(answer.outcome(), "failed", "{}", answer.text);
        assert!(answer.happened().contains("Your right to delete devices was withdrawn"), "{}", answer.text);
        assert_eq!((changes(&world, "DELETE"), world.device_exists(&device)), (1, true));
    }
}

#[tokio::test]
async fn a_deletion_does_not_run_after_a_restart_for_someone_who_left() {
    for leave in WAYS {
        let mut world = World::new().await;
        let device = world.a_device();
        let (id, serial) = (device["id"].as_str().unwrap(), device["serial"].as_str().unwrap());
        world.sim.fault(FaultRule::on("GET", "/devices").hanging().once());
        let line = format!("delete device {serial}");
        let message = world.sim.say(&world.cast.ana, &world.cast.operations, &line, None);
        world.settle_until(|world| !world.device_calls().is_empty()).await;
        leave(&world);
        world.restart().await;
        world.settle().await;
        let answer = world.the_answer_to(&message);
        assert!(answer.happened().contains("Your right to delete devices was withdrawn"), "{}", answer.text);
        assert_eq!((changes(&world, "DELETE"), world.device_exists(id)), (0, true));
    }
}

#[tokio::test]
async fn an_unclear_delete_is_settled_but_not_repeated_for_someone_who_left() {
    for leave in WAYS {
        let world = World::new().await;
        let device = world.a_device_id();
        world.sim.fault(FaultRule::on("DELETE", "/devices/*").status(502).once());
        let message = world.delete(&device).await;
        leave(&world);
        world.advance_through_waits(A_WHILE).await;
        let answer = world.the_answer_to(&message);
        assert_eq!(answer.outcome(), "failed", "{}", answer.text);
        assert!(
            answer.happened().contains("bad gateway (502), and the device is still there"),
            "{}",
            answer.text
        );
        assert_eq!((changes(&world, "DELETE"), world.device_exists(&device)), (1, true));
    }
}

#[tokio::test]
async fn tags_activations_and_additions_that_waited_do_not_run_for_someone_who_left() {
    for leave in WAYS {
        for (line, method, path) in [
            ("tag device FOC2719TAGS +retire", "PATCH", "/devices/*"),
            ("activate workspace \"BER-7 Lab\"", "POST", "/devices/activationCode"),
            (
                "add device mac 00-11-22-33-44-AF model \"Cisco Board\" to workspace \"BER-7 Lab\"",
                "POST",
                "/devices",
            ),
        ] {
            let world = World::new().await;
            world.sim.add_device(&json!({ "serial": "FOC2719TAGS", "tags": [] }));
            let calling = json!({ "displayName": "BER-7 Lab", "calling": { "type": "freeCalling" } });
            world.sim.add_workspace(&calling);
            world.sim.fault(FaultRule::on(method, path).status(429).retry_after("10").once());
            let message = world.say(&world.cast.ana, line).await;
            assert_eq!(changes(&world, method), 1, "{line}: {:#?}", world.all_answers());
            leave(&world);
            world.advance_through_waits(A_WHILE).await;
            let answer = world.the_answer_to(&message);
            assert_eq!(
                answer.headline(),
                "✕ Refused: your organization is not served here",
                "{line}: {}",
                answer.text
            );
            assert_eq!(changes(&world, method), 1, "{line}");
        }
    }
}

#[tokio::test]
async fn many_devices_are_not_tagged_for_someone_who_left_while_the_first_was_unclear() {
    for leave in WAYS {
        let world = World::new().await;
        for number in 1..=2 {
            world.sim.add_device(&json!({ "displayName": format!("OSL-9 {number}"), "tags": ["floor-9"] }));
        }
        let message = world.say(&world.cast.ana, "tag devices tag:floor-9 +retire").await;
        let card = world.the_answer_to(&message);
        // Webex sets the tags of the first device, but says otherwise, and the check fails.
        world.sim.fault(FaultRule::on("PATCH", "/devices/*").status(500).after_effect().once());
        world.sim.fault(FaultRule::on("GET", "/devices/*").status(503).skipping(1).once());
        world.press(&world.cast.ana, &card, "Confirm").await;
        assert_eq!(changes(&world, "PATCH"), 1);
        leave(&world);
        world.advance_through_waits(A_WHILE).await;
        let answer = world.the_answer_to(&message);
        assert!(answer.text.contains("the right to change tags was withdrawn"), "{}", answer.text);
        assert_eq!(answer.fact("Not tried").as_deref(), Some("1"), "{}", answer.text);
        assert_eq!(changes(&world, "PATCH"), 1);
    }
}

#[tokio::test]
async fn the_press_of_someone_who_just_left_does_nothing() {
    for leave in WAYS {
        let world = World::new().await;
        let device = world.sim.add_device(&json!({ "displayName": "The desk" }));
        let message = world.say(&world.cast.ana, "delete device \"The desk\"").await;
        let card = world.the_answer_to(&message);
        world.press_without_settling(&world.cast.ana, &card, "Delete");
        leave(&world);
        world.settle().await;
        let answer = world.all_answers().pop().unwrap();
        assert_eq!(answer.headline(), "✕ Refused: your organization is not served here", "{}", answer.text);
        assert_eq!((changes(&world, "DELETE"), world.device_exists(&device)), (0, true));
    }
}

#[tokio::test]
async fn a_lookup_that_fails_is_repeated_before_the_deletion() {
    let world = World::new().await;
    let device = world.a_device_id();
    world.sim.fault(FaultRule::on("DELETE", "/devices/*").status(429).retry_after("10").once());
    let message = world.delete(&device).await;
    world.sim.fault(FaultRule::on("GET", "/people/*").status(503).times(2));
    world.advance(SignedDuration::from_secs(10)).await;
    assert!(world.answers_to(&message).is_empty());
    assert_eq!(changes(&world, "DELETE"), 1);
    world.advance_through_waits(A_WHILE).await;
    assert_eq!(world.the_answer_to(&message).outcome(), "gone");
    assert_eq!(changes(&world, "DELETE"), 2);
}

#[tokio::test]
async fn a_deletion_ends_if_its_requester_cannot_be_looked_up_again() {
    let world = World::new().await;
    let device = world.a_device_id();
    world.sim.fault(FaultRule::on("DELETE", "/devices/*").status(429).retry_after("10").once());
    let message = world.delete(&device).await;
    world.sim.fault(FaultRule::on("GET", "/people/*").status(404).html_body());
    world.advance_through_waits(SignedDuration::from_mins(5)).await;
    let answer = world.the_answer_to(&message);
    assert_eq!(answer.outcome(), "failed", "{}", answer.text);
    assert!(
        answer.happened().contains("could not check with Webex whether you may still"),
        "{}",
        answer.text
    );
    assert_eq!((changes(&world, "DELETE"), world.device_exists(&device)), (1, true));
}
