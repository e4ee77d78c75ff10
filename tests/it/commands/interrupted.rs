//! Changes that were interrupted after their intent was recorded: they are told from the intent, whatever has changed
//! meanwhile, and no answer says that nothing was done unless a read has shown it.

use jiff::SignedDuration;
use serde_json::{Value, json};
use steward::sim::FaultRule;

use super::tag_device::{add_tagged_device, tags_of};
use crate::world::{Answer, World};

const ADD: &str = "add device mac 00112233440A model \"Cisco Room Bar\" to workspace \"BER-7 Lounge\"";

/// The change that happens between the interruption and the next run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meanwhile {
    Nothing,
    RightWithdrawn,
    ReferenceGone,
    ThreeDays,
}

/// Runs a command until its change hangs and has had its effect, restarts Steward, and returns the answer.
async fn interrupted(
    world: &mut World,
    line: &str,
    hangs: impl Fn(&World) -> bool,
    meanwhile: impl FnOnce(&World),
    admin: Option<String>,
) -> Answer {
    let message = world.sim.say(&world.cast.ana, &world.cast.operations, line, None);
    world.settle_until(hangs).await;
    meanwhile(world);
    match admin {
        Some(admin) => world.restart_with(&[("STEWARD_ADMINS", &admin)]).await.unwrap(),
        None => world.restart().await,
    }
    world.advance_through_waits(SignedDuration::from_mins(10)).await;
    world.the_answer_to(&message)
}

fn tagged(world: &World) -> usize {
    world.calls("PATCH", "/devices/")
}

fn has_pilot(world: &World, device: &str) -> bool {
    tags_of(world, device).iter().any(|tag| tag == "pilot")
}

/// The devices with the MAC address of [`ADD`].
fn with_the_mac(world: &World) -> Vec<Value> {
    let has_mac =
        |device: &Value| device["mac"].to_string().replace(':', "").to_uppercase().contains("00112233440A");
    world.sim.devices().into_iter().filter(has_mac).collect()
}

fn other_admin(world: &World, meanwhile: Meanwhile) -> Option<String> {
    (meanwhile == Meanwhile::RightWithdrawn).then(|| world.cast.ben.email.clone())
}

fn wait_if_asked(world: &World, meanwhile: Meanwhile) {
    if meanwhile == Meanwhile::ThreeDays {
        world.clock.advance(SignedDuration::from_hours(72));
    }
}

#[tokio::test]
async fn tags_are_told_from_the_intent() {
    const DONE: &str = "✓ Tags changed and verified";
    for (meanwhile, took_effect, headline, end) in [
        (Meanwhile::Nothing, true, DONE, "tags_changed"),
        (Meanwhile::Nothing, false, DONE, "tags_changed"),
        (Meanwhile::RightWithdrawn, true, DONE, "tags_changed"),
        (Meanwhile::RightWithdrawn, false, "✕ Tags not changed", "change_ended"),
        (Meanwhile::ReferenceGone, true, DONE, "tags_changed"),
        (Meanwhile::ReferenceGone, false, "✕ Tags not changed", "change_ended"),
        (Meanwhile::ThreeDays, true, DONE, "tags_changed"),
        (Meanwhile::ThreeDays, false, "✕ Tags not changed", "change_ended"),
    ] {
        let mut world = World::new().await;
        let device = add_tagged_device(&world);
        let hanging = FaultRule::on("PATCH", "/devices/*").hanging().once();
        world.sim.fault(if took_effect { hanging.after_effect() } else { hanging });
        let admin = other_admin(&world, meanwhile);
        let rename = |world: &World| {
            if meanwhile == Meanwhile::ReferenceGone {
                world.sim.change_device(&device, &json!({ "serial": "FOC2719ELSE" }));
            }
            wait_if_asked(world, meanwhile);
        };
        let line = "tag device FOC2719TAGS +pilot -lobby";
        let hangs = |world: &World| tagged(world) == 1 && (!took_effect || has_pilot(world, &device));
        let answer = interrupted(&mut world, line, hangs, rename, admin).await;
        let case = format!("{meanwhile:?} {took_effect}: {}", answer.text);
        assert_eq!(answer.headline(), headline, "{case}");
        let is_set = tags_of(&world, &device) == ["vip", "pilot"];
        assert_eq!(is_set, headline == DONE, "{case}");
        let why = match meanwhile {
            Meanwhile::RightWithdrawn => "Your right to change tags was withdrawn",
            Meanwhile::ThreeDays => "By then it was too late to try again",
            Meanwhile::ReferenceGone => "has changed meanwhile (serial), so Steward did not try again",
            Meanwhile::Nothing => "did not try again",
        };
        assert_eq!(answer.text.contains(why), headline != DONE, "{case}");
        let audited = world.audited().await;
        assert_eq!(audited, ["command_accepted", "tags_intended", end], "{case}");
    }
}

#[tokio::test]
async fn tags_are_not_set_again_on_a_device_that_has_changed_meanwhile() {
    for (change, what) in [
        (json!({ "serial": "FOC2719ELSE" }), "serial"),
        (json!({ "mac": "AA:BB:CC:27:19:99" }), "MAC"),
        (json!({ "workspaceId": null, "placeId": null }), "workspace"),
    ] {
        for line in ["tag device FOC2719TAGS +pilot -lobby", "tag device \"BER-4 Atelier\" +pilot -lobby"] {
            let world = World::new().await;
            let device = add_tagged_device(&world);
            world.sim.fault(FaultRule::on("PATCH", "/devices/*").status(502).once());
            let message = world.say(&world.cast.ana, line).await;
            if let Some(card) = world.answers_to(&message).pop() {
                world.press(&world.cast.ana, &card, "Confirm").await;
            }
            assert_eq!(tagged(&world), 1, "{line}");
            world.sim.change_device(&device, &change);
            world.advance_through_waits(SignedDuration::from_mins(5)).await;
            let answer = world.the_answer_to(&message);
            assert_eq!(answer.headline(), "✕ Tags not changed", "{line} {change}: {}", answer.text);
            assert!(answer.text.contains(&format!("meanwhile ({what})")), "{}", answer.text);
            assert_eq!((tagged(&world), tags_of(&world, &device).len()), (1, 2), "{line} {change}");
            assert_eq!(world.audited().await.last(), Some(&"change_ended"));
        }
    }
}

#[tokio::test]
async fn a_new_name_does_not_keep_tags_from_being_set_again() {
    let world = World::new().await;
    let device = add_tagged_device(&world);
    world.sim.fault(FaultRule::on("PATCH", "/devices/*").status(502).once());
    let message = world.say(&world.cast.ana, "tag device FOC2719TAGS +pilot").await;
    world.sim.change_device(&device, &json!({ "displayName": "BER-4 Board" }));
    world.advance_through_waits(SignedDuration::from_mins(5)).await;
    assert_eq!(world.the_answer_to(&message).headline(), "✓ Tags changed and verified");
    assert_eq!((tagged(&world), has_pilot(&world, &device)), (2, true));
}

#[tokio::test]
async fn one_of_many_devices_is_not_tagged_again_once_it_has_changed() {
    let world = World::new().await;
    let devices: Vec<String> = (1..=3)
        .map(|number| {
            world.sim.add_device(&json!({
                "displayName": format!("OSL-9 {number}"),
                "serial": format!("FOC9{number:03}OSLO"),
                "tags": ["floor-9"],
            }))
        })
        .collect();
    let message = world.say(&world.cast.ana, "tag devices tag:floor-9 +retire").await;
    let card = world.the_answer_to(&message);
    world.sim.fault(FaultRule::on("PATCH", "/devices/*").status(502).skipping(1).once());
    world.press(&world.cast.ana, &card, "Confirm").await;
    assert_eq!(tagged(&world), 2);
    let retired = |device: &String| tags_of(&world, device).iter().any(|tag| tag == "retire");
    let second = devices.iter().position(|device| !retired(device)).unwrap();
    world.sim.change_device(&devices[second], &json!({ "serial": "FOC9999OSLO" }));
    world.advance_through_waits(SignedDuration::from_mins(5)).await;
    let answer = world.the_answer_to(&message);
    let numbers = ["Changed", "Failed"].map(|label| answer.fact(label).unwrap());
    assert_eq!(numbers, ["2", "1"], "{}", answer.text);
    assert!(answer.text.contains("its name, serial number, MAC address"), "{}", answer.text);
    assert_eq!((tagged(&world), devices.iter().filter(|device| retired(device)).count()), (3, 2));
    let audited = world.audited().await;
    let count = |name: &str| audited.iter().filter(|event| **event == name).count();
    assert_eq!((count("tags_changed"), count("change_ended")), (2, 1), "{audited:?}");
}

#[tokio::test]
async fn tags_of_a_device_that_is_gone_meanwhile_may_have_changed() {
    for is_withdrawn in [false, true] {
        let mut world = World::new().await;
        let device = add_tagged_device(&world);
        world.sim.fault(FaultRule::on("PATCH", "/devices/*").hanging().after_effect().once());
        let admin = is_withdrawn.then(|| world.cast.ben.email.clone());
        let remove = |world: &World| assert!(world.sim.remove_device(&device));
        let line = "tag device FOC2719TAGS +pilot";
        let hangs = |world: &World| has_pilot(world, &device);
        let answer = interrupted(&mut world, line, hangs, remove, admin).await;
        assert_eq!(answer.headline(), "? Tags may have changed", "{}", answer.text);
        assert_eq!(answer.fact("Requested").as_deref(), Some("lobby, vip, pilot"));
        assert_eq!(world.audited().await, ["command_accepted", "tags_intended", "change_ended"]);
    }
}

#[tokio::test]
async fn tags_without_a_clear_answer_and_without_a_read_may_have_changed() {
    for fault in [
        FaultRule::on("PATCH", "/devices/*").status(502).after_effect(),
        FaultRule::on("PATCH", "/devices/*").dropping_connection().after_effect(),
        FaultRule::on("PATCH", "/devices/*").status(504),
    ] {
        let world = World::new().await;
        let device = add_tagged_device(&world);
        world.sim.fault(fault);
        world.sim.fault(FaultRule::on("GET", "/devices/*").status(503).skipping(2));
        let message = world.say(&world.cast.ana, &format!("tag device {device} +pilot")).await;
        world.advance_through_waits(SignedDuration::from_mins(10)).await;
        let answer = world.the_answer_to(&message);
        assert_eq!(answer.headline(), "? Tags may have changed", "{}", answer.text);
        assert!(!answer.text.to_lowercase().contains("nothing was"), "{}", answer.text);
    }
}

#[tokio::test]
async fn the_device_in_progress_of_a_stopped_plan_is_counted() {
    for (took_effect, changed, not_tried) in [(true, "4", "5"), (false, "3", "6")] {
        let mut world = World::new().await;
        for number in 1..=9 {
            world.sim.add_device(&json!({ "displayName": format!("OSL-9 {number}"), "tags": ["floor-9"] }));
        }
        let message = world.say(&world.cast.ana, "tag devices tag:floor-9 +retire").await;
        let code = world.the_answer_to(&message).code();
        let hanging = FaultRule::on("PATCH", "/devices/*").hanging().skipping(3).once();
        world.sim.fault(if took_effect { hanging.after_effect() } else { hanging });
        world.sim.say(&world.cast.ana, &world.cast.operations, &format!("confirm {code}"), Some(&message));
        let retired = |world: &World| {
            let is_retired = |device: &&Value| device["tags"].to_string().contains("retire");
            world.sim.devices().iter().filter(is_retired).count()
        };
        let begun = if took_effect { 4 } else { 3 };
        world.settle_until(|world| tagged(world) == 4 && retired(world) == begun).await;
        let ben = world.cast.ben.email.clone();
        world.restart_with(&[("STEWARD_ADMINS", &ben)]).await.unwrap();
        world.advance_through_waits(SignedDuration::from_mins(5)).await;
        let answer = world.the_answer_to(&message);
        let numbers = ["Changed", "Not tried"].map(|label| answer.fact(label).unwrap());
        assert_eq!(numbers, [changed, not_tried], "{took_effect}: {}", answer.text);
        let audited = world.audited().await;
        let count = |name: &str| audited.iter().filter(|event| **event == name).count();
        assert_eq!((count("tags_intended"), count("tags_changed")), (4, begun), "{audited:?}");
        assert_eq!(count("change_ended"), usize::from(!took_effect), "{audited:?}");
    }
}

#[tokio::test]
async fn an_addition_is_told_from_the_intent() {
    const UNCLEAR: &str = "? The device may have been added";
    for (meanwhile, took_effect, headline, end) in [
        (Meanwhile::Nothing, true, "✓ Added", "device_added"),
        (Meanwhile::Nothing, false, "✓ Added", "device_added"),
        (Meanwhile::RightWithdrawn, true, "✓ Added", "device_added"),
        (Meanwhile::RightWithdrawn, false, UNCLEAR, "change_ended"),
        (Meanwhile::ReferenceGone, true, "✓ Added", "device_added"),
        (Meanwhile::ReferenceGone, false, "✓ Added", "device_added"),
        (Meanwhile::ThreeDays, true, "✓ Added", "device_added"),
        (Meanwhile::ThreeDays, false, UNCLEAR, "change_ended"),
    ] {
        let mut world = World::new().await;
        let lounge = world.sim.add_workspace(&json!({ "displayName": "BER-7 Lounge" }));
        let hanging = FaultRule::on("POST", "/devices").hanging().once();
        world.sim.fault(if took_effect { hanging.after_effect() } else { hanging });
        let admin = other_admin(&world, meanwhile);
        let rename = |world: &World| {
            if meanwhile == Meanwhile::ReferenceGone {
                world.sim.change_workspace(&lounge, &json!({ "displayName": "BER-7 Library" }));
            }
            wait_if_asked(world, meanwhile);
        };
        let hangs = |world: &World| {
            world.calls("POST", "/devices") == 1 && (!took_effect || !with_the_mac(world).is_empty())
        };
        let answer = interrupted(&mut world, ADD, hangs, rename, admin).await;
        let case = format!("{meanwhile:?} {took_effect}: {}", answer.text);
        assert_eq!(answer.headline(), headline, "{case}");
        let added = with_the_mac(&world);
        assert_eq!(added.len(), usize::from(headline != UNCLEAR), "{case}");
        assert!(added.iter().all(|device| device["workspaceId"] == lounge.as_str()), "{case}");
        let audited = world.audited().await;
        assert_eq!((audited[0], audited[1]), ("command_accepted", "addition_intended"), "{case}");
        assert_eq!(audited.last(), Some(&end), "{case}");
        assert!(!answer.text.to_lowercase().contains("nothing was"), "{case}");
    }
}

#[tokio::test]
async fn an_interrupted_activation_may_have_made_a_code() {
    for admin in [false, true] {
        let mut world = World::new().await;
        let lounge = world.sim.add_workspace(&json!({ "displayName": "BER-7 Lounge" }));
        world.sim.fault(FaultRule::on("POST", "/devices/activationCode").hanging().after_effect().once());
        let admin = admin.then(|| world.cast.ben.email.clone());
        let rename = |world: &World| {
            world.sim.change_workspace(&lounge, &json!({ "displayName": "BER-7 Library" }));
        };
        let line = "activate workspace \"BER-7 Lounge\"";
        let hangs = |world: &World| world.sim.activation_codes().len() == 1;
        let answer = interrupted(&mut world, line, hangs, rename, admin).await;
        assert_eq!(answer.headline(), "? A code may have been created", "{}", answer.text);
        assert_eq!(world.audited().await, ["command_accepted", "activation_intended", "change_ended"]);
        assert_eq!(world.sim.activation_codes().len(), 1);
    }
}

#[tokio::test]
async fn a_refused_change_has_its_end_in_the_audit_log() {
    for (line, fault, intent) in [
        ("tag device FOC2719TAGS +pilot", FaultRule::on("PATCH", "/devices/*").status(403), "tags_intended"),
        (ADD, FaultRule::on("POST", "/devices").status(403), "addition_intended"),
        (ADD, FaultRule::on("POST", "/devices").status(400), "addition_intended"),
        (
            "activate workspace \"BER-7 Lounge\"",
            FaultRule::on("POST", "/devices/activationCode").status(403),
            "activation_intended",
        ),
    ] {
        let world = World::new().await;
        add_tagged_device(&world);
        world.sim.add_workspace(&json!({ "displayName": "BER-7 Lounge" }));
        world.sim.fault(fault);
        let answer = world.ask(&world.cast.ana, line).await;
        assert!(answer.headline().starts_with('✕'), "{line}: {}", answer.text);
        assert_eq!(world.audited().await, ["command_accepted", intent, "change_ended"], "{line}");
    }
}
