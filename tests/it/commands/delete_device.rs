//! `delete device`: by id, serial number or MAC address at once; by name only after a confirmation.

use insta::assert_snapshot;
use jiff::SignedDuration;
use serde_json::json;
use steward::sim::FaultRule;

use super::{add_room_device, confirmation_card, text_of};
use crate::world::{Answer, World};

const CANCELLED: &str = "Canceled: nothing was done";

/// The card as drawn, with a fixed code.
fn drawn(card: &Answer) -> String {
    card.drawn().replace(&card.code(), "K7Q2-M9")
}

#[tokio::test]
async fn an_admin_deletes_a_device_and_gets_a_card_in_the_thread() {
    let world = World::new().await;
    let device = world.a_device();
    let id = device["id"].as_str().unwrap();
    let ana = &world.cast.ana;
    let answer = world.ask(ana, &format!("delete device {id} because \"moved out\"")).await;

    assert!(!world.device_exists(id));
    assert_eq!(world.deletes(), 1);
    assert_eq!(answer.fact("Outcome").as_deref(), Some("gone"));
    assert_eq!(answer.fact("Name").as_deref(), device["displayName"].as_str());
    assert_eq!(answer.fact("Serial").as_deref(), device["serial"].as_str());
    assert_eq!(answer.fact("MAC").as_deref(), device["mac"].as_str());
    assert_eq!(answer.fact("Product").as_deref(), device["product"].as_str());
    assert_eq!(answer.fact("Device id").as_deref(), Some(id));
    assert_eq!(answer.fact("Asked by").as_deref(), Some("ana@example.com"));
    assert_eq!(answer.fact("Reason").as_deref(), Some("moved out"));
    assert_eq!(answer.fact("Webex status").as_deref(), Some("204"));
    assert_eq!(answer.fact("Time").as_deref(), Some("2026-04-02 08:15:30 UTC"));
    assert!(answer.fact("Tracking id").is_some());
    assert_eq!(world.audited().await, ["command_accepted", "delete_intended", "outcome_known"]);
    assert_eq!(world.jobs().await.done, 4);
}

#[tokio::test]
async fn a_name_leads_to_a_confirmation_card_with_two_buttons() {
    let world = World::new().await;
    let device = add_room_device(&world, "會議室 *4* 📞", 1);
    let message =
        world.say(&world.cast.ana, "delete device \"會議室 *4* 📞\" because \"moved to Berlin\"").await;
    let card = world.the_answer_to(&message);
    assert_eq!(card.buttons(), ["Delete", "Cancel"]);
    assert_snapshot!(drawn(&card), @r#"
    ╭──────────────────────────────────────────────────────────────────────────────╮
    │ Delete this device?                                                          │
    │ Found by its name. Nothing has been deleted yet.                             │
    │                                                                              │
    │ Name       會議室 *4* 📞                                                     │
    │ Workspace  New Room                                                          │
    │ Product    Cisco Room Bar Pro                                                │
    │ Serial     FDSK0001ABC                                                       │
    │ MAC        02:00:00:00:00:01                                                 │
    │ Status     connected                                                         │
    │ Last seen  just now (2026-04-02 08:15:30 UTC)                                │
    │ Asked by   ana@example.com                                                   │
    │ Reason     moved to Berlin                                                   │
    │ Code       K7Q2-M9                                                           │
    ├──────────────────────────────────────────────────────────────────────────────┤
    │ What happens                                                                 │
    │ The device leaves the organization. This cannot be undone: to use it again,  │
    │ activate it again. It then has a new id.                                     │
    │ It is connected right now, so somebody may be using it.                      │
    │ Steward reads it again right before deleting it. If its name, serial number, │
    │ MAC address, workspace or owner has changed, nothing is deleted.             │
    ├──────────────────────────────────────────────────────────────────────────────┤
    │ Only the person who asked can confirm, until 08:30 UTC (in 15 minutes).      │
    │ Press a button, or reply "confirm K7Q2-M9" or "cancel K7Q2-M9".              │
    │                                                                              │
    │ [ Delete ] [ Cancel ]                                                        │
    ╰──────────────────────────────────────────────────────────────────────────────╯
    "#);
    assert!(world.device_exists(&device));
    assert_eq!(world.deletes(), 0);
    assert_eq!(world.audited().await, ["command_accepted", "plan_proposed"]);
}

#[tokio::test]
async fn the_delete_button_deletes_the_device_and_removes_the_card() {
    let world = World::new().await;
    let device = add_room_device(&world, "The desk", 1);
    let message = world.say(&world.cast.ana, "delete device \"the  DESK\" because \"broken\"").await;
    let card = world.the_answer_to(&message);
    world.press(&world.cast.ana, &card, "Delete").await;
    assert!(world.is_deleted(&card));
    assert!(!world.device_exists(&device));
    let answer = world.the_answer_to(&message);
    assert_eq!(answer.outcome(), "gone");
    assert_eq!(answer.fact("Reason").as_deref(), Some("broken"));
    assert_eq!(answer.fact("Name").as_deref(), Some("The desk"));
    assert_eq!(world.deletes_of(&device), 1);
    assert_eq!(
        world.audited().await,
        [
            "command_accepted",
            "plan_proposed",
            "plan_confirmed",
            "command_accepted",
            "delete_intended",
            "outcome_known"
        ]
    );
}

#[tokio::test]
async fn the_cancel_button_only_removes_the_card() {
    let world = World::new().await;
    let device = add_room_device(&world, "The desk", 1);
    let (message, card) = confirmation_card(&world, "The desk").await;
    world.press(&world.cast.ana, &card, "Cancel").await;
    assert!(world.is_deleted(&card) && world.device_exists(&device));
    assert_eq!(world.the_answer_to(&message).headline(), CANCELLED);
    assert_eq!(world.deletes(), 0);
    assert_eq!(world.audited().await, ["command_accepted", "plan_proposed", "plan_cancelled"]);
}

#[tokio::test]
async fn deletion_by_name_works_in_threads_and_direct_spaces() {
    let world = World::new().await;
    let ana = &world.cast.ana;
    for (number, space) in [&world.cast.operations, &world.cast.direct_ana].into_iter().enumerate() {
        // Without a mention, the line is not for the bot.
        let said = json!({ "roomId": space, "text": "look at this one" });
        let root = (number == 0).then(|| text_of(&world.sim.post(&world.cast.ben, &said).unwrap(), "id"));
        let name = format!("The desk {number}");
        let device = add_room_device(&world, &name, number);
        let message = world.say_in(ana, space, &format!("delete device \"{name}\""), root.as_deref()).await;
        let thread = root.unwrap_or(message);
        let card = world.answers_to(&thread).pop().unwrap();
        world.press(ana, &card, "Delete").await;
        assert_eq!(world.answers_to(&thread).pop().unwrap().outcome(), "gone");
        assert!(world.is_deleted(&card) && !world.device_exists(&device));
    }
    world.all_answers();
}

#[tokio::test]
async fn a_serial_number_or_mac_address_deletes_at_once() {
    let world = World::new().await;
    for (number, written) in [
        "FDSK0000ABC",
        "fdsk0001abc",
        "02:00:00:00:00:02",
        "0200.0000.0003",
        "02-00-00-00-00-04",
        "020000000005",
    ]
    .into_iter()
    .enumerate()
    {
        let device = add_room_device(&world, "The desk", number);
        let answer = world.ask(&world.cast.ana, &format!("delete device {written}")).await;
        assert_eq!(answer.outcome(), "gone", "{written}: {}", answer.text);
        assert!(!world.device_exists(&device), "{written}");
        assert_eq!(world.deletes_of(&device), 1);
    }
}

#[tokio::test]
async fn an_unknown_name_is_answered_with_similar_names() {
    let world = World::new().await;
    let device = add_room_device(&world, "Panorama East", 77);
    for (written, near) in [("\"Panorama Eats\"", "Panorama East"), ("FDSK0077ABD", "FDSK0077ABC")] {
        let answer = world.ask(&world.cast.ana, &format!("delete device {written}")).await;
        assert_eq!(answer.headline(), "✕ Not found");
        assert!(answer.text.contains(near), "{written}: {}", answer.text);
        assert_eq!(answer.buttons(), ["Choose 1"]);
    }
    assert!(world.device_exists(&device));
    assert_eq!(world.deletes(), 0);
}

#[tokio::test]
async fn a_name_equal_to_another_devices_serial_number_leads_to_a_choice() {
    let world = World::new().await;
    let named = add_room_device(&world, "FDSK0002ABC", 1);
    let numbered = add_room_device(&world, "The desk", 2);
    let message = world.say(&world.cast.ana, "delete device FDSK0002ABC").await;
    let answer = world.the_answer_to(&message);
    assert_eq!(answer.buttons(), ["Choose 1", "Choose 2"], "{}", answer.text);
    assert!(world.device_exists(&numbered));
    assert!(world.device_exists(&named));
}

#[tokio::test]
async fn a_person_without_the_right_is_refused_before_any_search() {
    let world = World::new().await;
    let device = add_room_device(&world, "The desk", 1);
    for reference in ["\"The desk\"", "\"No such desk\"", "FDSK0001ABC"] {
        let answer = world.ask(&world.cast.ben, &format!("delete device {reference}")).await;
        assert_eq!(answer.headline(), "✕ Refused: you are not on the list of admins");
    }
    assert!(world.device_exists(&device) && world.device_calls().is_empty());
}

#[tokio::test]
async fn restarts_around_the_press_still_delete_once() {
    for lost_answer in [false, true] {
        let mut world = World::new().await;
        let device = add_room_device(&world, "The desk", 1);
        let (message, card) = confirmation_card(&world, "The desk").await;
        world.restart().await;
        if lost_answer {
            world.sim.fault(FaultRule::on("DELETE", "/devices/*").hanging().after_effect().once());
        } else {
            world.sim.fault(FaultRule::on("GET", "/devices/*").hanging().once());
        }
        world.press_without_settling(&world.cast.ana, &card, "Delete");
        let (method, sent) = if lost_answer { ("DELETE", device.clone()) } else { ("GET", device.clone()) };
        let before = world.calls(method, &sent);
        world.settle_until(|world| world.calls(method, &sent) > before).await;
        world.restart().await;
        world.advance_through_waits(SignedDuration::from_mins(2)).await;
        assert!(!world.device_exists(&device) && world.is_deleted(&card));
        assert_eq!(world.deletes_of(&device), 1);
        assert_eq!(world.the_answer_to(&message).outcome(), "gone");
    }
}

#[tokio::test]
async fn the_delete_button_of_a_shown_device_only_asks_for_confirmation() {
    let world = World::with()
        .setting_of("STEWARD_ADMINS", |cast| format!("{},{}", cast.ana.id, cast.carla.id))
        .start()
        .await;
    let device = add_room_device(&world, "The desk", 1);
    let message = world.say(&world.cast.ana, &format!("show device {device}")).await;
    let shown = world.the_answer_to(&message);
    assert!(shown.buttons().contains(&"Delete".to_owned()), "{:?}", shown.buttons());

    // A person without the right is refused, and the button stays unused.
    world.press(&world.cast.ben, &shown, "Delete").await;
    assert_eq!(world.answers_to(&message)[1].headline(), "✕ Refused: you are not on the list of admins");

    // Anyone with the right may press, and then confirms.
    world.press(&world.cast.carla, &shown, "Delete").await;
    let card = world.answers_to(&message).pop().unwrap();
    assert_eq!(card.headline(), "Delete this device?");
    assert!(world.device_exists(&device) && !world.is_deleted(&shown));
    world.press(&world.cast.ana, &card, "Delete").await;
    assert_eq!(world.answers_to(&message).pop().unwrap().headline(), "✕ Not yours to decide");
    world.press(&world.cast.carla, &card, "Delete").await;
    let answer = world.answers_to(&message).pop().unwrap();
    assert_eq!(answer.outcome(), "gone");
    assert_eq!(answer.fact("Asked by").as_deref(), Some(world.cast.carla.email.as_str()));
    assert_eq!(world.deletes_of(&device), 1);

    // The button of the first card is used up.
    world.press(&world.cast.ana, &shown, "Delete").await;
    assert_eq!(world.answers_to(&message).pop().unwrap().headline(), "… Already pressed");
}

#[tokio::test]
async fn the_replacement_button_sends_an_activation_code_directly() {
    let world = World::new().await;
    let device = add_room_device(&world, "The desk", 1);
    let workspace = world.sim.device(&device).unwrap()["workspaceId"].as_str().unwrap().to_owned();
    let (message, card) = confirmation_card(&world, "The desk").await;
    world.press(&world.cast.ana, &card, "Delete").await;
    let gone = world.the_answer_to(&message);
    assert_eq!(gone.buttons(), ["Activate a replacement"]);
    world.press(&world.cast.ana, &gone, "Activate a replacement").await;
    let codes = world.sim.activation_codes();
    assert_eq!(codes.len(), 1, "{:#?}", world.all_answers());
    let code = format!("{codes:?}");
    assert!(code.contains(&workspace), "{code}");
    let answers = world.posted_in(&world.cast.direct_ana);
    assert_eq!(answers.len(), 1, "{answers:#?}");
    let heard = world.answers_to(&message).pop().unwrap();
    assert_ne!(heard.id, gone.id);
    let digits = |answer: &Answer| answer.text.chars().filter(char::is_ascii_digit).collect::<String>();
    let code = codes[0].code.replace('-', "");
    assert!(digits(&answers[0]).contains(&code) && !digits(&heard).contains(&code), "{}", heard.text);
}
