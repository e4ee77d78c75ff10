//! `confirm CODE` and `cancel CODE`, the words for the buttons.

use jiff::SignedDuration;

use super::{add_room_device, confirmation_card};
use crate::world::World;

const CONFIRMED: &str = "… Confirmed";
const CANCELLED: &str = "Canceled: nothing was done";

fn headlines(world: &World, message: &str) -> Vec<String> {
    world.answers_to(message).iter().map(|answer| answer.headline().to_owned()).collect()
}

#[tokio::test]
async fn confirm_and_cancel_accept_any_spelling_of_the_code() {
    let world = World::new().await;
    for (number, verb) in ["confirm", "CONFIRM", "cancel", "Confirm"].into_iter().enumerate() {
        let name = format!("The desk {number}");
        let device = add_room_device(&world, &name, number);
        let (message, card) = confirmation_card(&world, &name).await;
        let code = card.code();
        let code = if number % 2 == 1 { code.to_lowercase() } else { code };
        let words = world.say(&world.cast.ana, &format!("{verb} {code}")).await;
        assert!(world.is_deleted(&card));
        let heard = world.the_answer_to(&words);
        assert!(heard.text.contains(&card.code()) && !heard.text.contains(&name), "{}", heard.text);
        if verb == "cancel" {
            assert_eq!(heard.headline(), CANCELLED);
            assert!(headlines(&world, &message).is_empty(), "it is said where it was written, and once");
        } else {
            let answer = world.the_answer_to(&message);
            assert_eq!((answer.outcome().as_str(), heard.headline()), ("gone", CONFIRMED));
        }
        assert_eq!(world.device_exists(&device), verb == "cancel");
        assert_eq!(world.deletes_of(&device), usize::from(verb != "cancel"));
    }
}

#[tokio::test]
async fn only_the_requester_confirms_and_unknown_codes_are_reported() {
    let world = World::with()
        .setting_of("STEWARD_ADMINS", |cast| format!("{},{}", cast.ana.id, cast.carla.id))
        .start()
        .await;
    let device = add_room_device(&world, "The desk", 1);
    let (message, card) = confirmation_card(&world, "The desk").await;
    let code = card.code();
    let cast = &world.cast;
    for (person, words, expected) in [
        (&cast.carla, format!("confirm {code}"), "✕ Not yours to decide"),
        (&cast.carla, format!("cancel {code}"), "✕ Not yours to decide"),
        (&cast.ben, format!("confirm {code}"), "✕ Not yours to decide"),
        (&cast.oskar, format!("confirm {code}"), "✕ Refused: your organization is not served here"),
        (&cast.ana, "confirm 2222-22".to_owned(), "? No longer valid"),
        (&cast.ana, "cancel 2222-22".to_owned(), "? No longer valid"),
    ] {
        let answer = world.ask(person, &words).await;
        assert_eq!(answer.headline(), expected, "{} {words}", person.name);
    }
    let silent = world.say(&cast.helper, &format!("confirm {code}")).await;
    assert!(headlines(&world, &silent).is_empty());

    // People in other spaces do not learn that the plan exists.
    let elsewhere = world.say_in(&cast.ben, &cast.direct_ben, &format!("confirm {code}"), None).await;
    assert_eq!(headlines(&world, &elsewhere), ["? No longer valid"]);
    assert!(world.device_exists(&device) && !world.is_deleted(&card));
    assert_eq!(world.deletes(), 0);

    // The requester may decide anywhere.
    let elsewhere = world.say_in(&cast.ana, &cast.direct_ana, &format!("confirm {code}"), None).await;
    assert_eq!(headlines(&world, &elsewhere), [CONFIRMED]);
    assert_eq!(world.the_answer_to(&message).outcome(), "gone");
    assert_eq!(world.deletes_of(&device), 1);
}

#[tokio::test]
async fn a_plan_is_decided_once_and_in_time() {
    let world = World::new().await;
    let ana = &world.cast.ana;
    let [one, other, third] =
        [("One", 1), ("Other", 2), ("Third", 3)].map(|(name, number)| add_room_device(&world, name, number));

    let (message, card) = confirmation_card(&world, "One").await;
    let code = card.code();
    assert_eq!(world.ask(ana, &format!("confirm {code}")).await.headline(), CONFIRMED);
    for verb in ["confirm", "cancel"] {
        assert_eq!(world.ask(ana, &format!("{verb} {code}")).await.headline(), "… Already confirmed");
    }
    assert_eq!(world.the_answer_to(&message).outcome(), "gone");
    assert_eq!(world.deletes_of(&one), 1);

    let (message, card) = confirmation_card(&world, "Other").await;
    let code = card.code();
    assert_eq!(world.ask(ana, &format!("cancel {code}")).await.headline(), CANCELLED);
    for verb in ["confirm", "cancel"] {
        assert_eq!(world.ask(ana, &format!("{verb} {code}")).await.headline(), "? Already canceled");
    }
    assert!(headlines(&world, &message).is_empty());

    let (message, card) = confirmation_card(&world, "Third").await;
    let code = card.code();
    world.advance(SignedDuration::from_mins(16)).await;
    for verb in ["confirm", "cancel"] {
        assert_eq!(world.ask(ana, &format!("{verb} {code}")).await.headline(), "? Too late");
    }
    assert_eq!(world.answers_to(&message).len(), 1);
    assert!(world.device_exists(&other) && world.device_exists(&third));
    assert_eq!(world.deletes(), 1);
}

#[tokio::test]
async fn words_in_the_plans_thread_are_answered_only_by_its_result() {
    let world = World::new().await;
    for (verb, headline) in [("confirm", "✓ Gone: deleted and verified"), ("cancel", CANCELLED)] {
        add_room_device(&world, "The desk", 1);
        let (message, card) = confirmation_card(&world, "The desk").await;
        let order = format!("{verb} {}", card.code());
        world.reply(&world.cast.ana, &message, &order).await;
        assert_eq!(headlines(&world, &message), [headline]);
    }
}

#[tokio::test]
async fn a_cancellation_from_another_space_is_also_told_in_the_thread() {
    let world = World::new().await;
    add_room_device(&world, "The desk", 1);
    let (message, card) = confirmation_card(&world, "The desk").await;
    let (ana, direct) = (&world.cast.ana, &world.cast.direct_ana);
    let words = world.say_in(ana, direct, &format!("cancel {}", card.code()), None).await;
    assert_eq!([headlines(&world, &message), headlines(&world, &words)], [[CANCELLED], [CANCELLED]]);
    assert!(world.is_deleted(&card));
}

#[tokio::test]
async fn concurrent_words_and_press_are_one_confirmation() {
    let world = World::new().await;
    let ana = &world.cast.ana;
    let device = add_room_device(&world, "The desk", 1);
    let (message, card) = confirmation_card(&world, "The desk").await;
    world.press_without_settling(ana, &card, "Delete");
    world.sim.say(ana, &world.cast.operations, &format!("confirm {}", card.code()), Some(&message));
    world.settle_with_workers(4).await;
    assert_eq!(world.deletes_of(&device), 1);
    let headlines = headlines(&world, &message);
    assert_eq!(headlines.len(), 2, "{headlines:?}");
    assert!(headlines.contains(&"✓ Gone: deleted and verified".to_owned()), "{headlines:?}");
    assert!(headlines.contains(&"… Already confirmed".to_owned()), "{headlines:?}");
}
