//! Names of several devices: the requester chooses one, then confirms its deletion.

use super::add_room_device;
use crate::world::{Answer, World};

async fn a_choice(world: &World, number: usize) -> (Vec<String>, String, Answer) {
    let devices = (0..number).map(|number| add_room_device(world, "Twin", number)).collect();
    let message = world.say(&world.cast.ana, "delete device twin because \"old\"").await;
    let card = world.the_answer_to(&message);
    (devices, message, card)
}

#[tokio::test]
async fn the_requester_chooses_a_device_and_confirms_it() {
    let world = World::new().await;
    let ana = &world.cast.ana;
    let (devices, message, choice) = a_choice(&world, 3).await;
    assert_eq!(choice.buttons(), ["Choose 1", "Choose 2", "Choose 3"]);
    for number in 0..3 {
        assert!(choice.text.contains(&format!("FDSK{number:04}ABC")), "{}", choice.text);
    }

    world.press(&world.cast.ben, &choice, "Choose 2").await;
    assert_eq!(world.answers_to(&message).pop().unwrap().headline(), "✕ Not yours to decide");

    world.press(ana, &choice, "Choose 2").await;
    assert!(world.is_deleted(&choice), "a choice that was made is taken away");
    let card = world.answers_to(&message).pop().unwrap();
    assert_eq!(card.headline(), "Delete this device?");
    let serial = card.fact("Serial").unwrap();
    assert_eq!(card.fact("Reason").as_deref(), Some("old"));
    assert_eq!(world.deletes(), 0);

    world.press(ana, &card, "Delete").await;
    let gone = world.answers_to(&message).pop().unwrap();
    assert_eq!((gone.outcome().as_str(), gone.fact("Serial")), ("gone", Some(serial.clone())));
    let left: Vec<bool> = devices.iter().map(|device| world.device_exists(device)).collect();
    let chosen: usize = serial[4..8].parse().unwrap();
    let expected: Vec<bool> = (0..3).map(|number| number != chosen).collect();
    assert_eq!(left, expected);
    assert_eq!(world.deletes(), 1);
}

#[tokio::test]
async fn more_matches_than_shown_are_counted() {
    let world = World::new().await;
    let (devices, _, choice) = a_choice(&world, 7).await;
    assert_eq!(choice.buttons(), ["Choose 1", "Choose 2", "Choose 3", "Choose 4"]);
    assert!(choice.text.contains("\nand 3 more\n"), "{}", choice.text);
    assert!(devices.iter().all(|device| world.device_exists(device)));
    assert_eq!(world.deletes(), 0);
}

#[tokio::test]
async fn more_matches_than_counted_are_reported_as_more_than() {
    for (number, fits, more) in [
        (50, "50 devices found.", "and 46 more"),
        (51, "More than 50 devices found.", "and more than 46 more"),
    ] {
        let world = World::new().await;
        let (_, _, choice) = a_choice(&world, number).await;
        let lines: Vec<&str> = choice.text.lines().map(str::trim).collect();
        assert!(lines.iter().any(|line| line.starts_with(fits)) && lines.contains(&more), "{}", choice.text);
    }
}

#[tokio::test]
async fn a_choice_counts_once_even_if_pressed_again() {
    let world = World::new().await;
    let ana = &world.cast.ana;
    let (_, message, choice) = a_choice(&world, 2).await;
    for _ in 0..3 {
        world.press_without_settling(ana, &choice, "Choose 1");
    }
    world.settle_with_workers(4).await;
    let answers = world.answers_to(&message);
    let questions = answers.iter().filter(|answer| answer.headline() == "Delete this device?").count();
    let pressed = answers.iter().filter(|answer| answer.headline() == "… Already pressed").count();
    assert_eq!((questions, pressed, answers.len()), (1, 2, 3), "{answers:#?}");
    assert_eq!(world.deletes(), 0);
}

#[tokio::test]
async fn show_device_offers_a_choice_and_shows_the_chosen_device() {
    let world = World::new().await;
    for number in 0..2 {
        add_room_device(&world, "Twin", number);
    }
    let message = world.say(&world.cast.ana, "show device twin").await;
    let choice = world.the_answer_to(&message);
    world.press(&world.cast.ana, &choice, "Choose 1").await;
    let shown = world.the_answer_to(&message);
    assert_eq!(shown.fact("Name").as_deref().or(Some(shown.headline())), Some("Twin"), "{}", shown.text);
    assert!(shown.buttons().contains(&"Delete".to_owned()));
}
