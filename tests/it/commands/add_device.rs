//! `add device`: each phone is added once, one at a time, and reported correctly.

use jiff::SignedDuration;
use serde_json::{Value, json};
use steward::sim::FaultRule;

use crate::world::{Answer, World};

const ADD: &str = "add device mac 00-11-22-33-44-AF model \"DMS Cisco 8865\" to workspace \"BER-7 Phones\"";

fn add_phone_workspace(world: &World) -> String {
    let fields = json!({ "displayName": "BER-7 Phones", "supportedDevices": "phones", "calling": { "type": "webexCalling" } });
    world.sim.add_workspace(&fields)
}

/// The devices with this MAC address.
fn devices_with_mac(world: &World, mac: &str) -> Vec<Value> {
    let has = |device: &Value| {
        device["mac"].as_str().is_some_and(|text| text.replace([':', '-'], "").eq_ignore_ascii_case(mac))
    };
    world.sim.devices().into_iter().filter(has).collect()
}

fn additions(world: &World) -> usize {
    world.sim.count_requests(|call| call.method == "POST" && call.path == "/v1/devices")
}

/// Sends a command and confirms it if asked to. Returns the last answer in its thread.
async fn run_confirmed(world: &World, line: &str) -> Answer {
    let message = world.say(&world.cast.ana, line).await;
    if let Some(code) = world.answers_to(&message).first().and_then(|card| card.fact("Code")) {
        world.reply(&world.cast.ana, &message, &format!("confirm {code}")).await;
    }
    world.the_answer_to(&message)
}

#[tokio::test]
async fn a_phone_is_added_after_its_side_effects_are_confirmed() {
    let mut world = World::with()
        .setting_of("STEWARD_ADMINS", |cast| format!("{},{}", cast.ana.email, cast.ben.email))
        .start()
        .await;
    let place = add_phone_workspace(&world);
    let message = world.say(&world.cast.ana, ADD).await;
    let card = world.the_answer_to(&message);
    let code = card.fact("Code").unwrap();
    insta::assert_snapshot!(card.drawn().replace(&code, "CODE-XX"), @r#"
    ╭──────────────────────────────────────────────────────────────────────────────╮
    │ Add this device?                                                             │
    │ Nothing has been done yet                                                    │
    │                                                                              │
    │ Workspace  BER-7 Phones                                                      │
    │ Model      DMS Cisco 8865                                                    │
    │ MAC        00:11:22:33:44:AF                                                 │
    │ Asked by   ana@example.com                                                   │
    │ Code       CODE-XX                                                           │
    ├──────────────────────────────────────────────────────────────────────────────┤
    │ What else changes                                                            │
    │ A phone is reset to factory settings when it joins: its current settings are │
    │ lost.                                                                        │
    ├──────────────────────────────────────────────────────────────────────────────┤
    │ Only the person who asked can confirm, until 08:30 UTC (in 15 minutes).      │
    │ Press a button, or reply "confirm CODE-XX" or "cancel CODE-XX".              │
    │                                                                              │
    │ [ Confirm ] [ Cancel ]                                                       │
    ╰──────────────────────────────────────────────────────────────────────────────╯
    "#);
    world.press(&world.cast.ben, &card, "Confirm").await;
    assert_eq!((additions(&world), world.answers_to(&message).len()), (0, 2));

    world.restart().await;
    world.press(&world.cast.ana, &card, "Confirm").await;
    let device = &devices_with_mac(&world, "0011223344AF")[0];
    assert_eq!((additions(&world), device["workspaceId"].as_str()), (1, Some(place.as_str())));
    let answer = world.answers_to(&message).pop().unwrap();
    assert_eq!(answer.headline(), "✓ Added", "{}", answer.text);
    assert_eq!(answer.fact("Workspace").as_deref(), Some("BER-7 Phones"));
    assert!(world.audited().await.contains(&"device_added"));
}

#[tokio::test]
async fn a_phone_is_added_for_a_person() {
    let world = World::new().await;
    let line = "add device mac 001122.3344af model \"Cisco 9861\" to person Ben@example.com";
    let answer = run_confirmed(&world, line).await;
    assert_eq!(answer.headline(), "✓ Added", "{}", answer.text);
    assert_eq!(devices_with_mac(&world, "0011223344AF")[0]["personId"], world.cast.ben.id.as_str());
}

#[tokio::test]
async fn impossible_additions_are_explained_and_not_sent() {
    let world = World::new().await;
    add_phone_workspace(&world);
    world.sim.add_device(&json!({ "displayName": "BER-7 Holder", "mac": "00:11:22:33:44:AF" }));
    let taken = world.ask(&world.cast.ana, ADD).await;
    assert_eq!(taken.headline(), "✕ Already there");
    assert!(
        taken.text.contains("00:11:22:33:44:AF") && taken.text.contains("BER-7 Holder"),
        "{}",
        taken.text
    );
    let free = "add device mac 00:11:22:33:44:B0 model \"Cisco 9861\" to";
    for place in ["workspace \"BER-7 Phonez\"", "person nobody@example.com", "person ben"] {
        let answer = world.ask(&world.cast.ana, &format!("{free} {place}")).await;
        assert_eq!(answer.headline(), "✕ Not found", "{place}: {}", answer.text);
    }
    for line in [
        "add device mac 00:11:22:33:44 model \"Cisco 9861\" to workspace Lobby",
        "add device mac 00:11:22:33:44:GG model \"Cisco 9861\" to workspace Lobby",
        "add device mac 00:11:22:33:44:B0 to workspace Lobby",
        "add device mac 00:11:22:33:44:B0 model \"Cisco 9861\"",
        "add device mac 00:11:22:33:44:B0 model \"Cisco 9861\" to Lobby",
        "add device mac 00:11:22:33:44:B0 model \"Cisco 9861\" to person ben@",
        "add device 00:11:22:33:44:B0 model \"Cisco 9861\" to workspace Lobby",
    ] {
        let answer = world.ask(&world.cast.ana, line).await;
        assert_eq!(answer.headline(), "? Not understood", "{line}: {}", answer.text);
        world.advance(SignedDuration::from_mins(1)).await;
    }
    let ben = world.ask(&world.cast.ben, ADD).await;
    assert_eq!(ben.headline(), "✕ Refused: you are not on the list of admins");
    assert_eq!(additions(&world), 0);
}

#[tokio::test]
async fn refusals_by_webex_are_explained() {
    let world = World::new().await;
    add_phone_workspace(&world);
    for _ in 0..5 {
        let ben = json!({ "personId": world.cast.ben.id, "workspaceId": null, "type": "phone", "mac": null });
        world.sim.add_device(&ben);
    }
    for (line, expected) in [
        (ADD.replace("DMS Cisco 8865", "Cisco 1"), "Check the model"),
        (ADD.replace("workspace \"BER-7 Phones\"", "person ben@example.com"), "at most five phones"),
    ] {
        let answer = run_confirmed(&world, &line).await;
        assert_eq!(answer.headline(), "✕ Refused by Webex", "{line}: {}", answer.text);
        assert!(answer.text.contains(expected), "{line}: {}", answer.text);
    }
    assert!(devices_with_mac(&world, "0011223344AF").is_empty());
}

#[tokio::test]
async fn a_mac_address_added_by_someone_else_is_reported_as_taken() {
    let world = World::new().await;
    add_phone_workspace(&world);
    // Someone else adds it between the check and the request.
    world.sim.fault(FaultRule::on("POST", "/devices").delayed_ms(300).once());
    let confirmed = run_confirmed(&world, ADD);
    let meddle = async {
        world.until(|world| additions(world) == 1).await;
        world.sim.add_device(&json!({ "displayName": "BER-7 Faster", "mac": "00:11:22:33:44:AF" }));
    };
    let (answer, ()) = tokio::join!(confirmed, meddle);
    assert_eq!(answer.headline(), "✕ Already there", "{}", answer.text);
    assert!(answer.text.contains("BER-7 Faster"), "{}", answer.text);
    assert_eq!((additions(&world), devices_with_mac(&world, "0011223344AF").len()), (1, 1));
}

#[tokio::test]
async fn an_addition_with_a_lost_answer_is_reported_and_not_repeated() {
    for lost in [
        FaultRule::on("POST", "/devices").status(503).after_effect().once(),
        FaultRule::on("POST", "/devices").status(504).html_body().after_effect().once(),
        FaultRule::on("POST", "/devices").dropping_connection().after_effect().once(),
        FaultRule::on("POST", "/devices").status(200).truncated_body().after_effect().once(),
    ] {
        let world = World::new().await;
        add_phone_workspace(&world);
        world.sim.fault(lost);
        let answer = run_confirmed(&world, ADD).await;
        assert_eq!(answer.headline(), "✓ Added", "{}", answer.text);
        assert_eq!((additions(&world), devices_with_mac(&world, "0011223344AF").len()), (1, 1));
        assert!(world.audited().await.contains(&"device_added"));
    }
}

#[tokio::test]
async fn a_lost_answer_is_checked_later_if_webex_is_unavailable() {
    let world = World::new().await;
    add_phone_workspace(&world);
    let message = world.say(&world.cast.ana, ADD).await;
    let code = world.the_answer_to(&message).fact("Code").unwrap();
    world.sim.fault(FaultRule::on("POST", "/devices").status(503).after_effect().once());
    world.sim.fault(FaultRule::on("GET", "/devices").status(503).skipping(1).once());
    world.reply(&world.cast.ana, &message, &format!("confirm {code}")).await;
    world.advance_through_waits(SignedDuration::from_secs(30)).await;
    let answer = world.the_answer_to(&message);
    assert_eq!(answer.headline(), "✓ Added", "{}", answer.text);
    assert_eq!((additions(&world), devices_with_mac(&world, "0011223344AF").len()), (1, 1));
}

#[tokio::test]
async fn an_addition_interrupted_by_a_restart_is_reported_and_not_repeated() {
    let mut world = World::new().await;
    add_phone_workspace(&world);
    let message = world.say(&world.cast.ana, ADD).await;
    let code = world.the_answer_to(&message).fact("Code").unwrap();
    world.sim.fault(FaultRule::on("POST", "/devices").hanging().after_effect().once());
    world.sim.say(&world.cast.ana, &world.cast.operations, &format!("confirm {code}"), Some(&message));
    world.settle_until(|world| !devices_with_mac(world, "0011223344AF").is_empty()).await;
    world.restart().await;
    world.advance_through_waits(SignedDuration::from_mins(5)).await;
    let answer = world.the_answer_to(&message);
    assert_eq!(answer.headline(), "✓ Added", "{}", answer.text);
    assert_eq!((additions(&world), devices_with_mac(&world, "0011223344AF").len()), (1, 1));
}

#[tokio::test]
async fn an_addition_that_did_not_reach_webex_is_not_reported_as_added() {
    let world = World::new().await;
    add_phone_workspace(&world);
    world.sim.fault(FaultRule::on("POST", "/devices").status(503).once());
    let answer = run_confirmed(&world, ADD).await;
    assert_eq!(answer.headline(), "? The device may have been added", "{}", answer.text);
    assert_eq!((additions(&world), devices_with_mac(&world, "0011223344AF").len()), (1, 0));
    assert!(!world.audited().await.contains(&"device_added"));
}

#[tokio::test]
async fn ten_concurrent_additions_run_one_at_a_time() {
    let world = World::new().await;
    world.sim.fault(FaultRule::on("POST", "/devices*").answer_delayed_ms(30));
    let messages: Vec<String> = (0..10)
        .map(|number| {
            let workspace = format!("workspace \"BER-7 Lounge {number}\"");
            world.sim.add_workspace(&json!({ "displayName": format!("BER-7 Lounge {number}") }));
            let line = match number % 2 {
                0 => format!("add device mac 00112233440{number} model \"Cisco Room Bar\" to {workspace}"),
                _ => format!("activate {workspace}"),
            };
            world.sim.say(&world.cast.ana, &world.cast.operations, &line, None)
        })
        .collect();
    world.settle_with_workers(10).await;
    for message in &messages {
        let answer = world.the_answer_to(message);
        assert!(answer.headline().starts_with('✓'), "{}", answer.text);
    }
    assert_eq!(world.answers_outside_threads().len(), 5);
    assert_eq!(world.sim.most_additions_at_once(), 1);
    assert_eq!((additions(&world), world.sim.activation_codes().len()), (5, 5));
}
