//! Every recorded intent has an end of its own in the audit log, and every refusal an entry; a refusal says only what
//! holds.

use jiff::SignedDuration;
use serde_json::json;
use steward::sim::FaultRule;

use super::tag_device::add_tagged_device;
use crate::world::World;

const ADD: &str = "add device mac 00112233440A model \"Cisco Room Bar\" to workspace \"BER-7 Lounge\"";
const ACTIVATE: &str = "activate workspace \"BER-7 Lounge\"";
const TAG: &str = "tag device FOC2719TAGS +pilot";
const A_MINUTE: SignedDuration = SignedDuration::from_mins(1);

/// A command, the call of its change, its intent, and its end if all goes well.
const CHANGES: [(&str, &str, &str, &str, &str); 3] = [
    (TAG, "PATCH", "/devices/*", "tags_intended", "tags_changed"),
    (ADD, "POST", "/devices", "addition_intended", "device_added"),
    (ACTIVATE, "POST", "/devices/activationCode", "activation_intended", "activation_code_made"),
];

async fn world() -> World {
    let world = World::new().await;
    add_tagged_device(&world);
    world.sim.add_workspace(&json!({ "displayName": "BER-7 Lounge" }));
    world
}

#[tokio::test]
async fn a_change_that_must_wait_has_an_end_for_each_intent() {
    for (line, method, path, intended, done) in CHANGES {
        let world = world().await;
        world.sim.fault(FaultRule::on(method, path).status(429).retry_after("5").once());
        let message = world.say(&world.cast.ana, line).await;
        world.advance_through_waits(A_MINUTE).await;
        let answer = world.the_result_of(&message);
        assert!(answer.headline().starts_with('✓'), "{line}: {}", answer.text);
        assert_eq!(world.posted_in(&world.cast.direct_ana).len(), usize::from(line == ACTIVATE));
        let audited = world.audited().await;
        assert_eq!(audited, ["command_accepted", intended, "change_ended", intended, done], "{line}");
    }
}

#[tokio::test]
async fn a_change_whose_right_is_lost_during_a_wait_says_only_what_holds() {
    for (line, method, path, intended, _) in CHANGES {
        let mut world = world().await;
        world.sim.fault(FaultRule::on(method, path).status(429).retry_after("5").once());
        let message = world.say(&world.cast.ana, line).await;
        let ben = world.cast.ben.email.clone();
        world.restart_with(&[("STEWARD_ADMINS", &ben)]).await.unwrap();
        world.advance_through_waits(A_MINUTE).await;
        let answer = world.the_result_of(&message);
        assert_eq!(answer.headline(), "✕ Refused: you are not on the list of admins", "{line}");
        assert!(answer.text.contains("Nothing was changed."), "{line}: {}", answer.text);
        assert!(!answer.text.contains("looked up"), "{line}: {}", answer.text);
        let audited = world.audited().await;
        assert_eq!(audited, ["command_accepted", intended, "change_ended", "command_refused"], "{line}");
    }
}

#[tokio::test]
async fn a_command_refused_after_a_restart_says_only_what_holds() {
    for line in ["delete device FOC2719TAGS", TAG, "tag devices tag:lobby +pilot"] {
        let mut world = world().await;
        world.sim.fault(FaultRule::on("GET", "/devices").status(429).retry_after("5").once());
        let message = world.say(&world.cast.ana, line).await;
        let ben = world.cast.ben.email.clone();
        world.restart_with(&[("STEWARD_ADMINS", &ben)]).await.unwrap();
        world.advance_through_waits(A_MINUTE).await;
        let answer = world.the_result_of(&message);
        assert!(!answer.text.contains("looked up"), "{line}: {}", answer.text);
        assert_eq!(world.audited().await, ["command_accepted", "command_refused"], "{line}");
    }
}

#[tokio::test]
async fn every_one_of_many_devices_has_an_end_for_its_intent() {
    for fault in [
        FaultRule::on("PATCH", "/devices/*").status(403).skipping(1),
        FaultRule::on("PATCH", "/devices/*").status(429).retry_after("2").skipping(1).times(2),
        FaultRule::on("PATCH", "/devices/*").status(502).skipping(1),
        FaultRule::on("PATCH", "/devices/*").status(403).html_body().untracked().skipping(1),
    ] {
        let world = World::new().await;
        for number in 1..=3 {
            world.sim.add_device(&json!({ "displayName": format!("OSL-9 {number}"), "tags": ["floor-9"] }));
        }
        let message = world.say(&world.cast.ana, "tag devices tag:floor-9 +retire").await;
        world.sim.fault(fault.clone());
        let card = world.the_answer_to(&message);
        world.press(&world.cast.ana, &card, "Confirm").await;
        world.advance_through_waits(SignedDuration::from_mins(10)).await;
        world.the_answer_to(&message);
        let audited = world.audited().await;
        let count = |name: &str| audited.iter().filter(|event| **event == name).count();
        let ends = count("tags_changed") + count("change_ended");
        assert_eq!(count("tags_intended"), ends, "{fault:?}: {audited:?}");
    }
}
