//! A button acts on the device, workspace or person that its row showed, or on nothing.

use serde_json::{Value, json};

use super::add_room_device;
use super::tag_device::{add_tagged_device, tags_of};
use crate::world::{Answer, World};

const CHANGED: &str = "✕ Changed since the card: nothing was done";

/// Changes of a device, each with a part of the sentence about it.
fn changes_of_a_device(world: &World) -> [(Value, &'static str); 6] {
    [
        (
            json!({ "displayName": "BER-4 Board" }),
            "The card showed the name \"BER-4 Atelier\"; now the device has the name \"BER-4 Board\".",
        ),
        (
            json!({ "serial": "FOC2719ELSE" }),
            "The card showed the serial number \"FOC2719TAGS\"; now the device has the serial number \"FOC2719ELSE\".",
        ),
        (json!({ "mac": null }), "now the device has no MAC address."),
        (
            json!({ "workspaceId": null, "placeId": null }),
            "moved to another workspace or out of its workspace",
        ),
        (json!({ "personId": world.cast.ben.id }), "the owner of the device has changed"),
        (json!({ "orgId": world.cast.partner_org }), ""),
    ]
}

/// Two namesakes, a choice of them, and the label of the button of the first.
async fn a_choice(world: &World, line: &str) -> (String, String, Answer, &'static str) {
    let device = add_tagged_device(world);
    let other = add_tagged_device(world);
    world.sim.change_device(&other, &json!({ "serial": "FOC2719TAGT", "mac": "AA:BB:CC:27:19:02" }));
    let message = world.say(&world.cast.ana, line).await;
    let choice = world.the_answer_to(&message);
    assert_eq!(choice.headline(), "Which of these devices?", "{}", choice.text);
    let is_first = choice.text.find("FOC2719TAGS") < choice.text.find("FOC2719TAGT");
    (device, message, choice, if is_first { "Choose 1" } else { "Choose 2" })
}

#[tokio::test]
async fn a_device_that_has_changed_since_the_choice_keeps_its_tags() {
    for number in 0..6 {
        let world = World::new().await;
        let (device, message, choice, button) = a_choice(&world, "tag device \"BER-4 Atelier\" +pilot").await;
        let (change, expected) = &changes_of_a_device(&world)[number];
        world.sim.change_device(&device, change);
        world.press(&world.cast.ana, &choice, button).await;
        let answer = world.the_answer_to(&message);
        assert!(answer.text.contains(expected), "{change}: {}", answer.text);
        if !expected.is_empty() {
            assert_eq!(answer.headline(), CHANGED, "{change}: {}", answer.text);
            assert!(answer.text.contains("Send the command again"), "{}", answer.text);
        }
        assert_eq!((tags_of(&world, &device).len(), world.calls("PATCH", "/devices/")), (2, 0), "{change}");
    }
}

#[tokio::test]
async fn a_similar_device_that_has_changed_since_the_card_keeps_its_tags() {
    let world = World::with().devices(0).start().await;
    let device = add_tagged_device(&world);
    let message = world.say(&world.cast.ana, "tag device atelier +pilot").await;
    let suggestion = world.the_answer_to(&message);
    assert_eq!(suggestion.headline(), "✕ Not found");
    world.sim.change_device(&device, &json!({ "displayName": "BER-4 Board" }));
    world.press(&world.cast.ana, &suggestion, "Choose 1").await;
    assert_eq!(world.the_answer_to(&message).headline(), CHANGED);
    assert_eq!(tags_of(&world, &device).len(), 2);
}

#[tokio::test]
async fn the_chosen_device_is_tagged_even_if_the_process_restarts_before_the_press() {
    let mut world = World::new().await;
    let (device, message, choice, button) = a_choice(&world, "tag device \"BER-4 Atelier\" +pilot").await;
    world.restart().await;
    world.press(&world.cast.ana, &choice, button).await;
    assert_eq!(world.the_answer_to(&message).headline(), "✓ Tags changed and verified");
    assert_eq!(tags_of(&world, &device), ["lobby", "vip", "pilot"]);
}

#[tokio::test]
async fn a_device_that_has_changed_since_the_choice_is_not_proposed_for_deletion() {
    for number in 0..5 {
        let world = World::new().await;
        let (device, message, choice, button) = a_choice(&world, "delete device \"BER-4 Atelier\"").await;
        world.sim.change_device(&device, &changes_of_a_device(&world)[number].0);
        world.press(&world.cast.ana, &choice, button).await;
        let answer = world.the_answer_to(&message);
        assert_eq!(answer.headline(), "✕ Not deleted: the device has changed", "{}", answer.text);
        assert!(answer.buttons().is_empty() && world.deletes() == 0 && world.device_exists(&device));
    }
}

/// Two workspaces whose names read alike, and a choice of them.
async fn a_choice_of_workspaces(world: &World, line: &str) -> (Vec<String>, String, Answer) {
    let names = ["BER-7 Lounge", "ber-7 lounge"];
    let ids = names.iter().map(|name| world.sim.add_workspace(&json!({ "displayName": name }))).collect();
    let message = world.say(&world.cast.ana, line).await;
    let choice = world.the_answer_to(&message);
    assert_eq!(choice.buttons(), ["Choose 1", "Choose 2"], "{}", choice.text);
    (ids, message, choice)
}

#[tokio::test]
async fn a_workspace_that_has_changed_since_the_choice_gets_nothing() {
    for line in [
        "activate workspace \"BER-7 Lounge\"",
        "add device mac 02:00:00:00:77:01 model \"Cisco Room Bar\" to workspace \"BER-7 Lounge\"",
    ] {
        for (change, expected) in [
            (
                json!({ "displayName": "BER-8 Lounge" }),
                "The card showed the name \"BER-7 Lounge\"; now it is \"BER-8 Lounge\".",
            ),
            (json!({ "supportedDevices": "phones" }), "The kind of devices that the workspace takes was"),
        ] {
            let world = World::new().await;
            let (ids, message, choice) = a_choice_of_workspaces(&world, line).await;
            world.sim.change_workspace(&ids[0], &change);
            world.press(&world.cast.ana, &choice, "Choose 1").await;
            let answer = world.the_answer_to(&message);
            assert_eq!(answer.headline(), CHANGED, "{line} {change}: {}", answer.text);
            assert!(answer.text.contains(expected), "{line} {change}: {}", answer.text);
            assert_eq!(world.calls("POST", "/devices"), 0, "{line} {change}");
        }
        let world = World::new().await;
        let (ids, message, choice) = a_choice_of_workspaces(&world, line).await;
        world.sim.remove_workspace(&ids[0]);
        world.press(&world.cast.ana, &choice, "Choose 1").await;
        let answer = world.the_answer_to(&message);
        let expected = "Webex no longer finds the workspace \"BER-7 Lounge\" that the card showed.";
        assert!(answer.text.contains(expected), "{line}: {}", answer.text);
        assert_eq!(world.calls("POST", "/devices"), 0, "{line}");
    }
}

#[tokio::test]
async fn a_chosen_workspace_whose_calling_type_has_changed_is_still_asked_about() {
    let world = World::new().await;
    let (ids, message, choice) = a_choice_of_workspaces(&world, "activate workspace \"BER-7 Lounge\"").await;
    world.sim.change_workspace(&ids[0], &json!({ "calling": { "type": "none" } }));
    world.press(&world.cast.ana, &choice, "Choose 1").await;
    assert_eq!(world.the_answer_to(&message).headline(), "Create an activation code?");
}

#[tokio::test]
async fn another_person_with_the_address_of_the_chosen_one_gets_nothing() {
    let world = World::new().await;
    world.sim.change_person(&world.cast.carla.id, &json!({ "displayName": "ben  bauer" }));
    let message = world.say(&world.cast.ana, "activate person \"Ben Bauer\"").await;
    let choice = world.the_answer_to(&message);
    let is_first = choice.text.find("ben@") < choice.text.find("carla@");
    world.sim.change_person(&world.cast.ben.id, &json!({ "email": "benjamin@example.com" }));
    world.sim.change_person(&world.cast.carla.id, &json!({ "email": "ben@example.com" }));
    world.press(&world.cast.ana, &choice, if is_first { "Choose 1" } else { "Choose 2" }).await;
    let answer = world.the_answer_to(&message);
    assert_eq!(answer.headline(), CHANGED, "{}", answer.text);
    assert!(answer.text.contains("benjamin@example.com"), "{}", answer.text);
}

#[tokio::test]
async fn a_replacement_is_activated_only_in_the_workspace_on_the_result() {
    for is_renamed in [true, false] {
        let world = World::new().await;
        let device = add_room_device(&world, "BER-7 Board", 7);
        let workspace = world.sim.device(&device).unwrap()["workspaceId"].as_str().unwrap().to_owned();
        let message = world.delete(&device).await;
        let result = world.the_answer_to(&message);
        assert_eq!(result.outcome(), "gone", "{}", result.text);
        if is_renamed {
            world.sim.change_workspace(&workspace, &json!({ "displayName": "Somewhere else" }));
        }
        world.press(&world.cast.ana, &result, "Activate a replacement").await;
        let answer = world.answers_to(&message).pop().unwrap();
        let expected = if is_renamed { CHANGED } else { "✓ Activation code created" };
        assert_eq!(answer.headline(), expected, "{}", answer.text);
        assert_eq!(world.sim.activation_codes().len(), usize::from(!is_renamed));
        world.all_answers();
    }
}
