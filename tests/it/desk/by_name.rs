//! `delete device` with a name: nothing happens before the requester says so. With a serial number or a MAC address
//! it happens at once.

use insta::assert_snapshot;
use jiff::SignedDuration;
use serde_json::json;
use steward::sim::FaultRule;

use super::{a_room, asked_back, text_of};
use crate::world::{Answer, World};

const CANCELLED: &str = "Canceled: nothing was done";

/// The card as people see it, with a code that is always the same.
fn drawn(card: &Answer) -> String {
    card.drawn().replace(&card.code(), "K7Q2-M9")
}

#[tokio::test]
async fn a_name_brings_a_card_with_the_facts_of_the_one_device_and_two_buttons() {
    let world = World::new().await;
    let device = a_room(&world, "會議室 *4* 📞", 1);
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
    │ The device leaves the organization. This cannot be undone: to be used again, │
    │ it must be activated again, and then it has a new id.                        │
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
async fn delete_deletes_the_device_answers_in_the_thread_and_takes_the_card_away() {
    let world = World::new().await;
    let device = a_room(&world, "The desk", 1);
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
async fn cancel_takes_the_card_away_and_nothing_else() {
    let world = World::new().await;
    let device = a_room(&world, "The desk", 1);
    let (message, card) = asked_back(&world, "The desk").await;
    world.press(&world.cast.ana, &card, "Cancel").await;
    assert!(world.is_deleted(&card) && world.device_exists(&device));
    assert_eq!(world.the_answer_to(&message).headline(), CANCELLED);
    assert_eq!(world.deletes(), 0);
    assert_eq!(world.audited().await, ["command_accepted", "plan_proposed", "plan_cancelled"]);
}

#[tokio::test]
async fn in_a_thread_and_one_to_one_it_goes_the_same_way() {
    let world = World::new().await;
    let ana = &world.cast.ana;
    for (number, space) in [&world.cast.operations, &world.cast.direct_ana].into_iter().enumerate() {
        // Without a mention: not for the bot.
        let said = json!({ "roomId": space, "text": "look at this one" });
        let root = (number == 0).then(|| text_of(&world.sim.post(&world.cast.ben, &said).unwrap(), "id"));
        let name = format!("The desk {number}");
        let device = a_room(&world, &name, number);
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
async fn a_serial_number_and_a_mac_address_name_their_device_and_it_goes_at_once() {
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
        let device = a_room(&world, "The desk", number);
        let answer = world.ask(&world.cast.ana, &format!("delete device {written}")).await;
        assert_eq!(answer.outcome(), "gone", "{written}: {}", answer.text);
        assert!(!world.device_exists(&device), "{written}");
        assert_eq!(world.deletes_of(&device), 1);
    }
}

#[tokio::test]
async fn a_name_that_nobody_has_is_answered_with_what_comes_near() {
    let world = World::new().await;
    let device = a_room(&world, "Panorama East", 77);
    for (written, near) in [("\"Panorama Eats\"", "Panorama East"), ("FDSK0077ABD", "FDSK0077ABC")] {
        let answer = world.ask(&world.cast.ana, &format!("delete device {written}")).await;
        assert_eq!(answer.headline(), "✕ Not found");
        assert!(answer.text.contains(near), "{written}: {}", answer.text);
        assert!(answer.buttons().is_empty());
    }
    assert!(world.device_exists(&device));
    assert_eq!(world.deletes(), 0);
}

#[tokio::test]
async fn a_name_that_is_another_devices_serial_number_must_be_chosen() {
    let world = World::new().await;
    let named = a_room(&world, "FDSK0002ABC", 1);
    let numbered = a_room(&world, "The desk", 2);
    let message = world.say(&world.cast.ana, "delete device FDSK0002ABC").await;
    let answer = world.the_answer_to(&message);
    assert_eq!(answer.buttons(), ["Choose 1", "Choose 2"], "{}", answer.text);
    assert!(world.device_exists(&numbered));
    assert!(world.device_exists(&named));
}

#[tokio::test]
async fn whoever_may_not_delete_is_refused_before_any_device_is_looked_for() {
    let world = World::new().await;
    let device = a_room(&world, "The desk", 1);
    for reference in ["\"The desk\"", "\"No such desk\"", "FDSK0001ABC"] {
        let answer = world.ask(&world.cast.ben, &format!("delete device {reference}")).await;
        assert_eq!(answer.headline(), "✕ Refused: you are not on the list of admins");
    }
    assert!(world.device_exists(&device) && world.device_calls().is_empty());
}

#[tokio::test]
async fn steward_that_ends_between_card_and_press_or_press_and_deletion_deletes_once() {
    for lost_answer in [false, true] {
        let mut world = World::new().await;
        let device = a_room(&world, "The desk", 1);
        let (message, card) = asked_back(&world, "The desk").await;
        world.restart().await;
        if lost_answer {
            world.sim.fault(FaultRule::on("DELETE", "/devices/*").hanging().after_effect().once());
        } else {
            world.sim.fault(FaultRule::on("GET", "/devices/*").hanging().once());
        }
        world.press_unheard(&world.cast.ana, &card, "Delete");
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
async fn the_delete_button_of_a_shown_device_asks_back_and_never_deletes_by_itself() {
    let world = World::with()
        .setting_of("STEWARD_ADMINS", |cast| format!("{},{}", cast.ana.id, cast.carla.id))
        .world()
        .await;
    let device = a_room(&world, "The desk", 1);
    let message = world.say(&world.cast.ana, &format!("show device {device}")).await;
    let shown = world.the_answer_to(&message);
    assert!(shown.buttons().contains(&"Delete".to_owned()), "{:?}", shown.buttons());

    // Who may not delete is refused, and uses nothing up.
    world.press(&world.cast.ben, &shown, "Delete").await;
    assert_eq!(world.answers_to(&message)[1].headline(), "✕ Refused: you are not on the list of admins");

    // Whoever may, may press: then it is theirs to confirm.
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

    // The button of the first card was for one press.
    world.press(&world.cast.ana, &shown, "Delete").await;
    assert_eq!(world.answers_to(&message).pop().unwrap().headline(), "… Already pressed");
}

#[tokio::test]
async fn a_device_that_is_gone_is_replaced_with_a_button_and_the_code_comes_one_to_one() {
    let world = World::new().await;
    let device = a_room(&world, "The desk", 1);
    let workspace = world.sim.device(&device).unwrap()["workspaceId"].as_str().unwrap().to_owned();
    let (message, card) = asked_back(&world, "The desk").await;
    world.press(&world.cast.ana, &card, "Delete").await;
    let gone = world.the_answer_to(&message);
    assert_eq!(gone.buttons(), ["Activate a replacement"]);
    world.press(&world.cast.ana, &gone, "Activate a replacement").await;
    let codes = world.sim.activation_codes();
    assert_eq!(codes.len(), 1, "{:#?}", world.all_answers());
    let code = format!("{codes:?}");
    assert!(code.contains(&workspace), "{code}");
    let told = world.posted_in(&world.cast.direct_ana);
    assert_eq!(told.len(), 1, "{told:#?}");
    let heard = world.answers_to(&message).pop().unwrap();
    assert_ne!(heard.id, gone.id);
    let digits = |answer: &Answer| answer.text.chars().filter(char::is_ascii_digit).collect::<String>();
    let code = codes[0].code.replace('-', "");
    assert!(digits(&told[0]).contains(&code) && !digits(&heard).contains(&code), "{}", heard.text);
}
