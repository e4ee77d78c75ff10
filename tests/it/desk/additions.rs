//! Phones that are added by their MAC address: once each, one after another, and told as they are.

use jiff::SignedDuration;
use serde_json::{Value, json};
use steward::sim::FaultRule;

use crate::world::{Answer, World};

const ADD: &str = "add device mac 00-11-22-33-44-AF model \"DMS Cisco 8865\" to workspace \"BER-7 Phones\"";

fn a_place_for_phones(world: &World) -> String {
    let fields = json!({ "displayName": "BER-7 Phones", "supportedDevices": "phones", "calling": { "type": "webexCalling" } });
    world.sim.add_workspace(&fields)
}

/// The devices with this MAC address.
fn with_mac(world: &World, mac: &str) -> Vec<Value> {
    let has = |device: &Value| {
        device["mac"].as_str().is_some_and(|text| text.replace([':', '-'], "").eq_ignore_ascii_case(mac))
    };
    world.sim.devices().into_iter().filter(has).collect()
}

fn additions(world: &World) -> usize {
    world.sim.count_requests(|call| call.method == "POST" && call.path == "/v1/devices")
}

/// Asks and, where a card asks back, confirms it; answers what the thread of the command says last.
async fn done(world: &World, line: &str) -> Answer {
    let message = world.say(&world.cast.ana, line).await;
    if let Some(code) = world.answers_to(&message).first().and_then(|card| card.fact("Code")) {
        world.reply(&world.cast.ana, &message, &format!("confirm {code}")).await;
    }
    world.the_answer_to(&message)
}

#[tokio::test]
async fn a_phone_is_added_once_its_requester_has_confirmed_what_changes_along() {
    let mut world = World::with()
        .setting_of("STEWARD_ADMINS", |cast| format!("{},{}", cast.ana.email, cast.ben.email))
        .world()
        .await;
    let place = a_place_for_phones(&world);
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
    let device = &with_mac(&world, "0011223344AF")[0];
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
    let answer = done(&world, line).await;
    assert_eq!(answer.headline(), "✓ Added", "{}", answer.text);
    assert_eq!(with_mac(&world, "0011223344AF")[0]["personId"], world.cast.ben.id.as_str());
}

#[tokio::test]
async fn what_cannot_be_added_is_told_and_nothing_is_sent() {
    let world = World::new().await;
    a_place_for_phones(&world);
    world.sim.add_device(&json!({ "displayName": "BER-7 Holder", "mac": "00:11:22:33:44:AF" }));
    let taken = world.ask(&world.cast.ana, ADD).await;
    assert_eq!(taken.headline(), "✕ Already there");
    assert!(
        taken.text.contains("00:11:22:33:44:AF") && taken.text.contains("BER-7 Holder"),
        "{}",
        taken.text
    );
    let free = "add device mac 00:11:22:33:44:B0 model \"Cisco 9861\" to";
    for (place, headline) in [
        ("workspace \"BER-7 Phonez\"", "? No such workspace"),
        ("person nobody@example.com", "? No such person"),
    ] {
        let answer = world.ask(&world.cast.ana, &format!("{free} {place}")).await;
        assert_eq!(answer.headline(), headline, "{place}: {}", answer.text);
    }
    for line in [
        "add device mac 00:11:22:33:44 model \"Cisco 9861\" to workspace Lobby",
        "add device mac 00:11:22:33:44:GG model \"Cisco 9861\" to workspace Lobby",
        "add device mac 00:11:22:33:44:B0 to workspace Lobby",
        "add device mac 00:11:22:33:44:B0 model \"Cisco 9861\"",
        "add device mac 00:11:22:33:44:B0 model \"Cisco 9861\" to Lobby",
        "add device mac 00:11:22:33:44:B0 model \"Cisco 9861\" to person ben",
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
async fn what_webex_refuses_is_told_with_what_to_check() {
    let world = World::new().await;
    a_place_for_phones(&world);
    for _ in 0..5 {
        let ben = json!({ "personId": world.cast.ben.id, "workspaceId": null, "type": "phone", "mac": null });
        world.sim.add_device(&ben);
    }
    for (line, told) in [
        (ADD.replace("DMS Cisco 8865", "Cisco 1"), "Check the model"),
        (ADD.replace("workspace \"BER-7 Phones\"", "person ben@example.com"), "at most five phones"),
    ] {
        let answer = done(&world, &line).await;
        assert_eq!(answer.headline(), "✕ Refused by Webex", "{line}: {}", answer.text);
        assert!(answer.text.contains(told), "{line}: {}", answer.text);
    }
    assert!(with_mac(&world, "0011223344AF").is_empty());
}

#[tokio::test]
async fn who_is_outrun_by_another_hears_that_the_address_is_taken() {
    let world = World::new().await;
    a_place_for_phones(&world);
    // Between the look and the request somebody else adds it.
    world.sim.fault(FaultRule::on("POST", "/devices").delayed_ms(300).once());
    let confirmed = done(&world, ADD);
    let meddle = async {
        world.until(|world| additions(world) == 1).await;
        world.sim.add_device(&json!({ "displayName": "BER-7 Faster", "mac": "00:11:22:33:44:AF" }));
    };
    let (answer, ()) = tokio::join!(confirmed, meddle);
    assert_eq!(answer.headline(), "✕ Already there", "{}", answer.text);
    assert!(answer.text.contains("BER-7 Faster"), "{}", answer.text);
    assert_eq!((additions(&world), with_mac(&world, "0011223344AF").len()), (1, 1));
}

#[tokio::test]
async fn an_addition_whose_answer_got_lost_is_told_as_added_and_not_repeated() {
    for lost in [
        FaultRule::on("POST", "/devices").status(503).after_effect().once(),
        FaultRule::on("POST", "/devices").status(504).html_body().after_effect().once(),
        FaultRule::on("POST", "/devices").dropping_connection().after_effect().once(),
        FaultRule::on("POST", "/devices").status(200).truncated_body().after_effect().once(),
    ] {
        let world = World::new().await;
        a_place_for_phones(&world);
        world.sim.fault(lost);
        let answer = done(&world, ADD).await;
        assert_eq!(answer.headline(), "✓ Added", "{}", answer.text);
        assert_eq!((additions(&world), with_mac(&world, "0011223344AF").len()), (1, 1));
        assert!(world.audited().await.contains(&"device_added"));
    }
}

#[tokio::test]
async fn a_lost_answer_that_cannot_be_looked_into_at_once_is_looked_into_later() {
    let world = World::new().await;
    a_place_for_phones(&world);
    let message = world.say(&world.cast.ana, ADD).await;
    let code = world.the_answer_to(&message).fact("Code").unwrap();
    world.sim.fault(FaultRule::on("POST", "/devices").status(503).after_effect().once());
    world.sim.fault(FaultRule::on("GET", "/devices").status(503).skipping(1).once());
    world.reply(&world.cast.ana, &message, &format!("confirm {code}")).await;
    world.advance_through_waits(SignedDuration::from_secs(30)).await;
    let answer = world.the_answer_to(&message);
    assert_eq!(answer.headline(), "✓ Added", "{}", answer.text);
    assert_eq!((additions(&world), with_mac(&world, "0011223344AF").len()), (1, 1));
}

#[tokio::test]
async fn an_addition_that_a_restart_cut_off_is_told_as_added_and_not_repeated() {
    let mut world = World::new().await;
    a_place_for_phones(&world);
    let message = world.say(&world.cast.ana, ADD).await;
    let code = world.the_answer_to(&message).fact("Code").unwrap();
    world.sim.fault(FaultRule::on("POST", "/devices").hanging().after_effect().once());
    world.sim.say(&world.cast.ana, &world.cast.operations, &format!("confirm {code}"), Some(&message));
    world.settle_until(|world| !with_mac(world, "0011223344AF").is_empty()).await;
    world.restart().await;
    world.advance_through_waits(SignedDuration::from_mins(5)).await;
    let answer = world.the_answer_to(&message);
    assert_eq!(answer.headline(), "✓ Added", "{}", answer.text);
    assert_eq!((additions(&world), with_mac(&world, "0011223344AF").len()), (1, 1));
}

#[tokio::test]
async fn what_did_not_reach_webex_is_not_called_added() {
    let world = World::new().await;
    a_place_for_phones(&world);
    world.sim.fault(FaultRule::on("POST", "/devices").status(503).once());
    let answer = done(&world, ADD).await;
    assert_eq!(answer.headline(), "✕ Not done", "{}", answer.text);
    assert_eq!((additions(&world), with_mac(&world, "0011223344AF").len()), (1, 0));
    assert!(!world.audited().await.contains(&"device_added"));
}

#[tokio::test]
async fn ten_additions_at_once_are_made_one_after_another() {
    let world = World::new().await;
    world.sim.add_workspace(&json!({ "displayName": "BER-7 Lounge" }));
    world.sim.fault(FaultRule::on("POST", "/devices*").answer_delayed_ms(30));
    let messages: Vec<String> = (0..10)
        .map(|number| {
            let line = match number % 2 {
                0 => format!("add device mac 00112233440{number} model \"Cisco Room Bar\" to workspace \"BER-7 Lounge\""),
                _ => "activate workspace \"BER-7 Lounge\"".to_owned(),
            };
            world.sim.say(&world.cast.ana, &world.cast.operations, &line, None)
        })
        .collect();
    world.settle_with(10).await;
    for message in &messages {
        let answer = world.the_answer_to(message);
        assert!(answer.headline().starts_with('✓'), "{}", answer.text);
    }
    assert_eq!(world.answers_outside_threads().len(), 5);
    assert_eq!(world.sim.most_additions_at_once(), 1);
    assert_eq!((additions(&world), world.sim.activation_codes().len()), (5, 5));
}
