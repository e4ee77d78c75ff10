//! Answers to changes and posts that are not Webex's own: a success page, or the refusal of something on the way. They
//! tell nothing about the change; only a read does.

use jiff::SignedDuration;
use serde_json::{Value, json};
use steward::sim::FaultRule;

use crate::world::{Answer, World};

/// Longer than any wait within a command, shorter than the first recheck.
const A_WHILE: SignedDuration = SignedDuration::from_secs(50);
const ADD: &str = "add device mac 00112233440A model \"Cisco Room Bar\" to workspace \"BER-7 Lounge\"";
const ACTIVATE: &str = "activate workspace \"BER-7 Lounge\"";

fn on_delete() -> FaultRule {
    FaultRule::on("DELETE", "/devices/*")
}

fn on_post() -> FaultRule {
    FaultRule::on("POST", "/messages")
}

/// Success answers of something between Steward and Webex.
fn foreign_successes(on: fn() -> FaultRule) -> [FaultRule; 4] {
    [
        on().status(200).html_body().untracked(),
        on().status(204).empty_body().untracked(),
        on().status(202).html_body().untracked(),
        on().status(200).truncated_body().untracked(),
    ]
}

/// Refusals and redirects of something between Steward and Webex.
fn foreign_refusals(on: fn() -> FaultRule) -> [FaultRule; 5] {
    [
        on().status(400).html_body().untracked(),
        on().status(403).html_body().untracked(),
        on().status(403).json_body(json!({ "message": "Forbidden" })).untracked(),
        on().status(409).empty_body().untracked(),
        on().status(302).html_body().untracked(),
    ]
}

/// Sends a line and waits for its answer.
async fn answer_to(world: &World, line: &str) -> Answer {
    let message = world.say(&world.cast.ana, line).await;
    world.advance_through_waits(A_WHILE).await;
    world.the_result_of(&message)
}

fn assert_blames_nobody(answer: &Answer) {
    for word in ["credential", "not allowed", "rejected", "403", "400", "409", "302", "200"] {
        assert!(!answer.text.contains(word), "{word}: {}", answer.text);
    }
}

#[tokio::test]
async fn a_success_that_is_not_webexs_own_does_not_accept_a_deletion() {
    for foreign in foreign_successes(on_delete) {
        let world = World::new().await;
        let device = world.a_device_id();
        world.sim.fault(foreign);
        world.sim.fault(FaultRule::on("GET", "/devices/*").status(404).skipping(1));
        world.sim.fault(FaultRule::on("GET", "/devices").status(403));
        world.sim.fault(FaultRule::on("GET", "/workspaces").status(403));
        let answer = answer_to(&world, &format!("delete device {device}")).await;
        assert_eq!(answer.outcome(), "unknown", "{}", answer.text);
        assert!(world.device_exists(&device));
    }
}

#[tokio::test]
async fn a_deletion_with_a_foreign_answer_is_settled_by_reading() {
    for foreign in foreign_successes(on_delete).into_iter().chain(foreign_refusals(on_delete)) {
        let world = World::new().await;
        let device = world.a_device_id();
        world.sim.fault(foreign.clone().after_effect());
        let message = world.delete(&device).await;
        let answer = world.the_result_of(&message);
        assert_eq!(answer.outcome(), "gone", "{foreign:?} {}", answer.text);
        assert!(answer.happened().starts_with("Webex did not confirm the deletion"), "{}", answer.text);
        assert_eq!(world.device_traffic().len(), 4, "with the read of another device");

        world.sim.clear_faults();
        let device = world.a_device_id();
        world.sim.fault(foreign);
        let answer = answer_to(&world, &format!("delete device {device}")).await;
        assert_eq!(answer.outcome(), "failed", "{}", answer.text);
        assert_eq!(answer.happened(), "Steward got no answer from Webex, and the device is still there.");
        assert!(world.device_exists(&device));
    }
}

#[tokio::test]
async fn tags_with_a_foreign_answer_are_told_from_a_read() {
    let on_patch = || FaultRule::on("PATCH", "/devices/*");
    for foreign in foreign_successes(on_patch).into_iter().chain(foreign_refusals(on_patch)) {
        let world = World::new().await;
        let device = world.sim.add_device(&json!({ "displayName": "BER-4 Atelier", "tags": ["lobby"] }));
        let tag = format!("tag device {device} +pilot");
        world.sim.fault(foreign.clone());
        let answer = answer_to(&world, &tag).await;
        assert!(answer.headline().starts_with('✕'), "{foreign:?}: {}", answer.text);
        assert_blames_nobody(&answer);
        assert_eq!(world.audited().await.last(), Some(&"change_ended"));

        world.sim.clear_faults();
        world.sim.fault(foreign.clone().after_effect());
        let answer = answer_to(&world, &tag).await;
        assert_eq!(answer.headline(), "✓ Tags changed and verified", "{foreign:?}: {}", answer.text);
    }
}

#[tokio::test]
async fn an_addition_with_a_foreign_answer_is_told_from_a_read() {
    let on_add = || FaultRule::on("POST", "/devices");
    for foreign in foreign_successes(on_add).into_iter().chain(foreign_refusals(on_add)) {
        for took_effect in [true, false] {
            let world = World::new().await;
            world.sim.add_workspace(&json!({ "displayName": "BER-7 Lounge" }));
            world.sim.fault(if took_effect { foreign.clone().after_effect() } else { foreign.clone() });
            let answer = answer_to(&world, ADD).await;
            let headline = if took_effect { "✓ Added" } else { "? The device may have been added" };
            assert_eq!(answer.headline(), headline, "{foreign:?}: {}", answer.text);
            let end = if took_effect { "device_added" } else { "change_ended" };
            assert_eq!(world.audited().await, ["command_accepted", "addition_intended", end]);
        }
    }
}

#[tokio::test]
async fn the_record_of_another_mac_address_is_no_addition() {
    let world = World::new().await;
    let lounge = world.sim.add_workspace(&json!({ "displayName": "BER-7 Lounge" }));
    let mut other = world.a_device();
    (other["mac"], other["workspaceId"]) = (json!("00:11:22:33:44:0B"), json!(lounge));
    world.sim.fault(FaultRule::on("POST", "/devices").json_body(other));
    let answer = answer_to(&world, ADD).await;
    assert_eq!(answer.headline(), "? The device may have been added", "{}", answer.text);
}

#[tokio::test]
async fn a_code_in_a_foreign_answer_is_not_sent() {
    let on_code = || FaultRule::on("POST", "/devices/activationCode");
    let json = on_code().json_body(json!({ "code": "1234567890123456" })).untracked();
    let foreign = foreign_successes(on_code).into_iter().chain(foreign_refusals(on_code)).chain([json]);
    for foreign in foreign {
        let world = World::new().await;
        world.sim.add_workspace(&json!({ "displayName": "BER-7 Lounge" }));
        world.sim.fault(foreign.clone());
        let answer = answer_to(&world, ACTIVATE).await;
        assert_eq!(answer.headline(), "? A code may have been created", "{foreign:?}: {}", answer.text);
        assert_eq!(world.audited().await, ["command_accepted", "activation_intended", "change_ended"]);
    }
}

/// Success answers to a post that hold no message.
fn without_a_message() -> Vec<FaultRule> {
    let mut rules: Vec<FaultRule> = [json!({}), json!({ "id": null }), json!({ "id": "" }), json!([])]
        .into_iter()
        .map(|body: Value| on_post().json_body(body))
        .collect();
    rules.extend(foreign_successes(on_post));
    rules.extend([on_post().status(200).html_body(), on_post().status(204).empty_body()]);
    rules
}

#[tokio::test]
async fn an_answer_without_a_message_is_posted_once_more() {
    for fault in without_a_message() {
        let world = World::new().await;
        world.sim.fault(fault.clone().once());
        let answer = answer_to(&world, "list devices status:offline").await;
        assert!(!answer.text.is_empty(), "{fault:?}");
        assert_eq!(world.calls("POST", "/messages"), 2, "{fault:?}");
    }
}

#[tokio::test]
async fn an_answer_that_is_never_posted_is_parked() {
    for fault in without_a_message() {
        let world = World::new().await;
        world.sim.fault(fault);
        world.say(&world.cast.ana, "help").await;
        world.advance_through_waits(SignedDuration::from_hours(2)).await;
        assert_eq!((world.jobs().await.parked, world.calls("POST", "/messages")), (1, 2));
    }
}

#[tokio::test]
async fn a_post_that_something_else_refuses_or_redirects_is_repeated() {
    let redirect = on_post().status(302).html_body();
    for fault in foreign_refusals(on_post).into_iter().chain([redirect]) {
        let world = World::new().await;
        world.sim.fault(fault.clone().times(3));
        let message = world.say(&world.cast.ana, "help").await;
        world.advance_through_waits(SignedDuration::from_mins(10)).await;
        assert_eq!(world.answers_to(&message).len(), 1, "{fault:?}");
        assert!(world.posted_in(&world.cast.direct_ana).is_empty(), "{fault:?}");
    }
}

#[tokio::test]
async fn a_code_is_sent_only_in_a_message_with_an_id() {
    for fault in without_a_message() {
        let world = World::new().await;
        world.sim.add_workspace(&json!({ "displayName": "BER-7 Lounge" }));
        world.sim.fault(fault.clone().once());
        let answer = answer_to(&world, ACTIVATE).await;
        assert_eq!(answer.headline(), "? The code may not have reached you", "{fault:?}: {}", answer.text);
    }
}

#[tokio::test]
async fn the_record_of_another_device_or_of_none_is_not_taken_for_the_one_asked_for() {
    let world = World::new().await;
    let device = world.a_device();
    let id = device["id"].as_str().unwrap();
    let another = world.sim.add_device(&json!({}));
    for stranger in [json!(another), Value::Null] {
        let mut record = device.clone();
        for name in ["id", "webexDeviceId", "callingDeviceId"] {
            record[name] = stranger.clone();
        }
        world.sim.clear_faults();
        world.sim.fault(FaultRule::on("GET", &format!("/devices/{id}")).json_body(record));
        for line in
            [format!("delete device {id}"), format!("show device {id}"), format!("tag device {id} +retire")]
        {
            let answer = answer_to(&world, &line).await;
            assert!(answer.headline().starts_with('✕'), "{line}: {}", answer.text);
        }
    }
    assert_eq!((world.deletes(), world.calls("PATCH", "/devices")), (0, 0));
}

#[tokio::test]
async fn the_record_of_another_person_gives_no_rights() {
    let world = World::new().await;
    let device = world.a_device_id();
    let (ana, ben) = (&world.cast.ana, &world.cast.ben);
    let record = json!({
        "id": ana.id, "emails": [ana.email], "displayName": "Ana", "orgId": world.cast.example_org, "type": "person",
    });
    world.sim.fault(FaultRule::on("GET", &format!("/people/{}", ben.id)).json_body(record).once());
    let message = world.say(ben, &format!("delete device {device}")).await;
    world.advance_through_waits(A_WHILE).await;
    assert_eq!(world.the_result_of(&message).headline(), "✕ Refused: you are not on the list of admins");
    assert!(world.device_exists(&device) && world.deletes() == 0);
}
