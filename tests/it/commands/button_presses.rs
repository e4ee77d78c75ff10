//! Button presses: only the requester's first press on the posted card changes anything.

use jiff::SignedDuration;
use serde_json::json;
use steward::domain::audit::AuditEvent;
use steward::sim::{Cast, FaultRule, Person};

use super::{add_room_device, confirmation_card, text_of};
use crate::world::{Answer, World};

/// The time after which a stranger gets another answer.
const A_MINUTE: SignedDuration = SignedDuration::from_mins(1);
/// Longer than a plan lives.
const TOO_LONG: SignedDuration = SignedDuration::from_mins(16);
/// The most lines of a refusal: a headline, a sentence and the next step.
const SHORT: usize = 400;

const NOT_YOURS: &str = "✕ Not yours to decide";
const CONFIRMED: &str = "… Already confirmed";
const LATE: &str = "? Too late";
const CANCELLED: &str = "? Already canceled";
const COPY: &str = "✕ A copy does nothing";
const UNKNOWN: &str = "? No longer valid";
const NOT_SERVED: &str = "✕ Refused: your organization is not served here";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    First,
    /// The requester has already pressed.
    Second,
    Late,
    AfterCancel,
    Copied,
    Forged,
    Guessed,
}

const WAYS: [Way; 7] =
    [Way::First, Way::Second, Way::Late, Way::AfterCancel, Way::Copied, Way::Forged, Way::Guessed];

/// The answer to each person in each case; none if the press counts or gets no answer.
fn expected_answers(cast: &Cast, person: &Person, way: Way) -> Option<&'static str> {
    let is_requester = person.id == cast.ana.id;
    if person.id == cast.helper.id {
        return None;
    }
    if person.id == cast.oskar.id {
        return Some(NOT_SERVED);
    }
    match way {
        Way::First if is_requester => None,
        Way::Second if is_requester => Some(CONFIRMED),
        Way::Late if is_requester => Some(LATE),
        Way::AfterCancel if is_requester => Some(CANCELLED),
        Way::First | Way::Second | Way::Late | Way::AfterCancel => Some(NOT_YOURS),
        Way::Copied => Some(COPY),
        Way::Forged | Way::Guessed => Some(UNKNOWN),
    }
}

/// Everyone who can be an admin is one.
fn list_everyone(cast: &Cast) -> String {
    [&cast.ana, &cast.carla, &cast.oskar, &cast.helper].map(|person| person.id.clone()).join(",")
}

/// Confirmation cards stay, as if Webex were slow to delete them.
fn keep_cards(world: &World) {
    world.sim.fault(FaultRule::on("DELETE", "/messages/*").status(403));
}

/// Tries one way to press. Returns the number of presses.
async fn attempt(
    world: &World,
    person: &Person,
    way: Way,
    card: &Answer,
    device: &str,
    space: &str,
) -> usize {
    let ana = &world.cast.ana;
    match way {
        Way::First => world.press(person, card, "Delete").await,
        Way::Second | Way::AfterCancel => {
            keep_cards(world);
            let before = if way == Way::Second { "Delete" } else { "Cancel" };
            world.press(ana, card, before).await;
            world.sim.clear_faults();
            assert_eq!(world.device_exists(device), way == Way::AfterCancel);
            world.press(person, card, "Delete").await;
        }
        Way::Late => {
            world.advance(TOO_LONG).await;
            world.press(person, card, "Delete").await;
        }
        Way::Copied => {
            let copy = world.copy_card(&world.cast.bot, card, space);
            world.press(person, &copy, "Delete").await;
        }
        Way::Forged => {
            let button = card.inputs_of("Delete");
            let button = text_of(&button, "ref");
            let code = card.code();
            let forged = [
                json!({}),
                json!({ "ref": [button] }),
                json!({ "ref": button.to_uppercase() + " " }),
                json!({ "Ref": button }),
                json!({ "action": "confirm", "plan": code, "code": code, "device": device }),
                json!({ "ref": null, "command": format!("delete device {device}") }),
                json!({ "ref": format!("{button}\" OR 1=1 --") }),
            ];
            for inputs in &forged {
                assert_eq!(world.forge(person, &card.id, inputs).await.status, 200);
            }
            return forged.len();
        }
        Way::Guessed => {
            for guess in ["0".repeat(32), "0123456789abcdef".repeat(2)] {
                assert_eq!(world.forge(person, &card.id, &json!({ "ref": guess })).await.status, 200);
            }
            return 2;
        }
    }
    1
}

async fn presses_refused(world: &World) -> usize {
    let entries = world.app().store().audit_entries(10_000).await.unwrap();
    entries.iter().filter(|entry| matches!(entry.event, AuditEvent::PressRefused { .. })).count()
}

#[tokio::test]
async fn a_press_of_a_person_who_cannot_be_looked_up_is_answered() {
    for status in [403, 503] {
        let world = World::new().await;
        let device = world.sim.add_device(&serde_json::json!({ "displayName": "The desk" }));
        let message = world.say(&world.cast.ana, "delete device \"The desk\"").await;
        let card = world.the_answer_to(&message);
        world.sim.fault(FaultRule::on("GET", "/people/*").status(status));
        world.press(&world.cast.ana, &card, "Delete").await;
        world.advance_through_waits(SignedDuration::from_mins(12)).await;
        let answers = world.all_answers();
        let answer = answers.last().unwrap();
        assert_eq!(
            answer.headline(),
            "? Could not check whether you may do this",
            "{status}: {}",
            answer.text
        );
        assert_eq!((answers.len(), world.jobs().await.parked), (2, 0), "{status}");
        assert_eq!(world.audited().await.last(), Some(&"person_refused"));
        assert!(world.device_exists(&device) && world.deletes() == 0);
    }
}

#[tokio::test]
async fn only_the_first_press_of_the_requester_changes_anything() {
    let world = World::with().setting_of("STEWARD_ADMINS", list_everyone).start().await;
    let space = world.another_space().await;
    let cast = &world.cast;
    let everything = || [world.posted_in(&cast.operations), world.posted_in(&space)].concat();
    let mut number = 0;
    for person in [&cast.ana, &cast.carla, &cast.ben, &cast.oskar, &cast.helper] {
        for way in WAYS {
            let cell = format!("{} {way:?}", person.name);
            number += 1;
            let name = format!("Desk of cell {number}");
            let device = add_room_device(&world, &name, number);
            let (message, card) = confirmation_card(&world, &name).await;
            let before: Vec<String> = everything().into_iter().map(|answer| answer.id).collect();
            let refused_before = presses_refused(&world).await;

            let presses = attempt(&world, person, way, &card, &device, &space).await;

            let counts = person.id == cast.ana.id && way == Way::First;
            let has_run = counts || way == Way::Second;
            assert_eq!(world.device_exists(&device), !has_run, "{cell}");
            assert_eq!(world.deletes_of(&device), usize::from(has_run), "{cell}");
            // Ignores the answers to the requester's earlier press.
            let brought = |answer: &Answer| {
                answer.outcome() == "gone" || answer.headline() == "Canceled: nothing was done"
            };
            let answers: Vec<Answer> = everything()
                .into_iter()
                .filter(|answer| !before.contains(&answer.id) && answer.card != card.card && !brought(answer))
                .collect();
            let headlines: Vec<&str> = answers.iter().map(Answer::headline).collect();
            let expected = expected_answers(cast, person, way);
            // Strangers get one answer a minute, whatever they do.
            let heard = if person.id == cast.oskar.id { 1 } else { presses };
            assert_eq!(headlines, vec![expected; heard].into_iter().flatten().collect::<Vec<_>>(), "{cell}");
            let audited = if expected.is_some() { presses } else { 0 };
            assert_eq!(presses_refused(&world).await - refused_before, audited, "{cell}");
            for answer in &answers {
                assert!(answer.text.len() < SHORT && answer.buttons().is_empty(), "{cell}: {}", answer.text);
                assert!(!answer.text.contains(&name) && !answer.mentions, "{cell}: {}", answer.text);
            }
            let is_open = !counts && matches!(way, Way::First | Way::Copied | Way::Forged | Way::Guessed);
            if is_open {
                // The button is still unused.
                world.press(&cast.ana, &card, "Delete").await;
                assert_eq!(world.deletes_of(&device), 1, "{cell}");
                assert_eq!(world.answers_to(&message).last().unwrap().outcome(), "gone", "{cell}");
            }
            world.advance(A_MINUTE).await;
        }
    }
    assert_eq!(number, 35);
}

#[tokio::test]
async fn a_button_has_no_effect_on_another_card() {
    let world = World::new().await;
    let ana = &world.cast.ana;
    let [one, other] =
        [("One desk", 1), ("Another desk", 2)].map(|(name, number)| add_room_device(&world, name, number));
    let (message, card) = confirmation_card(&world, "One desk").await;
    let (_, other_card) = confirmation_card(&world, "Another desk").await;
    world.forge(ana, &card.id, &other_card.inputs_of("Delete")).await;
    assert!(world.device_exists(&one) && world.device_exists(&other));
    let answers = world.all_answers();
    assert_eq!(answers.iter().filter(|answer| answer.headline() == COPY).count(), 1);
    world.press(ana, &card, "Delete").await;
    assert!(!world.device_exists(&one) && world.device_exists(&other));
    assert_eq!(world.answers_to(&message).last().unwrap().outcome(), "gone");
}

#[tokio::test]
async fn presses_of_a_copied_card_never_reach_steward() {
    let world = World::new().await;
    let device = add_room_device(&world, "The desk", 1);
    let (_, card) = confirmation_card(&world, "The desk").await;
    let space = world.another_space().await;
    let said = world.posted_in(&space).len();
    for (author, space) in [(&world.cast.ben, &world.cast.operations), (&world.cast.ana, &space)] {
        let copy = world.copy_card(author, &card, space);
        world.press(&world.cast.ana, &copy, "Delete").await;
    }
    assert!(world.device_exists(&device));
    assert_eq!((world.all_answers().len(), world.posted_in(&space).len()), (1, said));
}

#[tokio::test]
async fn a_press_delivered_twice_counts_once() {
    let world = World::new().await;
    let device = add_room_device(&world, "The desk", 1);
    let (message, card) = confirmation_card(&world, "The desk").await;
    world.press(&world.cast.ana, &card, "Delete").await;
    let delivery = world.last_delivery();
    for _ in 0..2 {
        assert_eq!(world.sim.redeliver(&delivery).await, 200);
        world.settle().await;
    }
    assert_eq!(world.deletes_of(&device), 1);
    let answers = world.answers_to(&message);
    assert_eq!(answers.iter().map(Answer::outcome).collect::<Vec<_>>(), ["gone"]);
    assert_eq!(world.all_answers().len(), 1);
}

#[tokio::test]
async fn one_of_several_concurrent_presses_counts() {
    for (labels, refusals) in [
        (["Delete", "Delete", "Delete"], [CONFIRMED, CONFIRMED]),
        (["Delete", "Cancel", "Delete"], [CONFIRMED, CANCELLED]),
        (["Cancel", "Delete", "Cancel"], [CONFIRMED, CANCELLED]),
    ] {
        let world = World::new().await;
        let device = add_room_device(&world, "The desk", 1);
        let (message, card) = confirmation_card(&world, "The desk").await;
        for label in labels {
            world.press_without_settling(&world.cast.ana, &card, label);
        }
        world.settle_with_workers(4).await;
        assert!(world.is_deleted(&card));
        let answers = world.answers_to(&message);
        let (refused, done): (Vec<&Answer>, Vec<&Answer>) =
            answers.iter().partition(|answer| refusals.contains(&answer.headline()));
        assert_eq!((refused.len(), done.len()), (2, 1), "{answers:#?}");
        let is_gone = done[0].outcome() == "gone";
        assert!(is_gone || done[0].headline() == "Canceled: nothing was done", "{}", done[0].text);
        assert_eq!(refused[0].headline(), refused[1].headline());
        assert_eq!(world.device_exists(&device), !is_gone);
        assert_eq!(world.deletes_of(&device), usize::from(is_gone));
    }
}

#[tokio::test]
async fn a_device_changed_after_the_card_is_not_deleted_and_the_change_is_shown() {
    let world = World::new().await;
    let workspace = world.sim.add_workspace(&json!({ "displayName": "Lobby" }));
    let ben = world.cast.ben.id.clone();
    for (number, (change, fact, expected)) in [
        (json!({ "displayName": "Renamed" }), "Name", "The desk 0 → Renamed"),
        (json!({ "workspaceId": workspace }), "Workspace", "New Room → Lobby"),
        (json!({ "serial": "FOC0000OTHR" }), "Serial", "FDSK0002ABC → FOC0000OTHR"),
        (json!({ "mac": "02:00:00:00:FF:03" }), "MAC", "02:00:00:00:00:03 → 02:00:00:00:FF:03"),
        (json!({ "personId": ben, "workspaceId": null }), "Owner", "none → Ben Bauer"),
    ]
    .into_iter()
    .enumerate()
    {
        let name = format!("The desk {number}");
        let device = add_room_device(&world, &name, number);
        let (message, card) = confirmation_card(&world, &name).await;
        assert!(world.sim.change_device(&device, &change));
        world.press(&world.cast.ana, &card, "Delete").await;
        assert!(world.device_exists(&device) && world.is_deleted(&card));
        let answer = world.the_answer_to(&message);
        assert_eq!(answer.headline(), "✕ Not deleted: the device has changed");
        assert_eq!(answer.fact(fact).as_deref(), Some(expected), "{}", answer.text);
    }
    assert_eq!(world.deletes(), 0);
}

#[tokio::test]
async fn changes_of_other_facts_do_not_prevent_a_deletion() {
    let world = World::new().await;
    let device = add_room_device(&world, "The desk", 1);
    let (message, card) = confirmation_card(&world, "The desk").await;
    world.sim.change_device(
        &device,
        &json!({ "tags": ["retire"], "connectionStatus": "disconnected", "ip": "10.0.0.9" }),
    );
    world.press(&world.cast.ana, &card, "Delete").await;
    assert_eq!(world.the_answer_to(&message).outcome(), "gone");
}

#[tokio::test]
async fn a_device_registered_again_is_not_deleted_under_its_new_id() {
    let world = World::new().await;
    let old = add_room_device(&world, "The desk", 1);
    let (message, card) = confirmation_card(&world, "The desk").await;
    world.sim.remove_device(&old);
    let new = add_room_device(&world, "The desk", 1);
    world.press(&world.cast.ana, &card, "Delete").await;
    assert!(world.device_exists(&new) && world.is_deleted(&card));
    assert_eq!(world.deletes(), 0);
    let answer = world.the_answer_to(&message);
    assert_eq!(answer.headline(), "✕ Not deleted: the device has changed");
    assert_eq!(answer.fact("Device id"), Some(format!("{old} → {new}")));
    assert_eq!(answer.fact("Name").as_deref(), Some("The desk"));
}

#[tokio::test]
async fn a_device_deleted_in_the_meantime_is_reported_as_not_found() {
    let world = World::new().await;
    let device = add_room_device(&world, "The desk", 1);
    let (message, card) = confirmation_card(&world, "The desk").await;
    world.sim.remove_device(&device);
    world.press(&world.cast.ana, &card, "Delete").await;
    let answer = world.the_answer_to(&message);
    assert_eq!(answer.outcome(), "not found");
    assert_eq!(answer.fact("Name").as_deref(), Some("The desk"), "the facts of the card are kept");
    assert!(answer.what_next().contains("has a new id"), "{}", answer.what_next());
    assert_eq!(world.deletes(), 0);
}

#[tokio::test]
async fn the_right_is_checked_again_at_the_press() {
    let mut world = World::new().await;
    let device = add_room_device(&world, "The desk", 1);
    let (message, card) = confirmation_card(&world, "The desk").await;
    let ana = world.cast.ana.clone();
    let [ben_only, again] = [&world.cast.ben, &ana].map(|person| person.email.clone());
    world.restart_with(&[("STEWARD_ADMINS", &ben_only)]).await.unwrap();
    world.press(&ana, &card, "Delete").await;
    assert!(world.device_exists(&device) && !world.is_deleted(&card));
    assert_eq!(world.answers_to(&message)[1].headline(), "✕ Refused: you are not on the list of admins");
    assert_eq!(world.audited().await.last(), Some(&"press_refused"));

    // A right restored in time counts.
    world.restart_with(&[("STEWARD_ADMINS", &again)]).await.unwrap();
    world.press(&ana, &card, "Delete").await;
    assert_eq!(world.answers_to(&message).last().unwrap().outcome(), "gone");
    assert_eq!(world.deletes_of(&device), 1);
}

#[tokio::test]
async fn a_right_withdrawn_after_the_press_stops_the_deletion() {
    let mut world = World::new().await;
    let device = add_room_device(&world, "The desk", 1);
    let (message, card) = confirmation_card(&world, "The desk").await;
    // The read before the DELETE gets no answer, so the job waits.
    world.sim.fault(FaultRule::on("GET", "/devices/*").status(503).once());
    world.press(&world.cast.ana, &card, "Delete").await;
    assert!(world.is_deleted(&card) && world.answers_to(&message).is_empty());
    let ben = world.cast.ben.email.clone();
    world.restart_with(&[("STEWARD_ADMINS", &ben)]).await.unwrap();
    world.advance_through_waits(SignedDuration::from_mins(1)).await;
    let answer = world.the_answer_to(&message);
    assert_eq!(answer.outcome(), "failed");
    assert!(answer.happened().contains("was withdrawn"), "{}", answer.happened());
    assert!(world.device_exists(&device));
    assert_eq!(world.deletes(), 0);
}

#[tokio::test]
async fn only_one_of_two_cards_counts_after_a_lost_answer() {
    let world = World::new().await;
    let device = add_room_device(&world, "The desk", 1);
    world.sim.fault(FaultRule::on("POST", "/messages").dropping_connection().after_effect().once());
    let message = world.say(&world.cast.ana, "delete device \"The desk\"").await;
    let unknown = world.the_answer_to(&message);
    // The card is not recorded yet, so the press waits.
    world.press(&world.cast.ana, &unknown, "Delete").await;
    assert_eq!(world.answers_to(&message).len(), 1);
    world.advance_through_waits(SignedDuration::from_mins(1)).await;
    let answers = world.answers_to(&message);
    let headlines: Vec<&str> = answers.iter().map(Answer::headline).collect();
    assert_eq!(headlines, ["Delete this device?", "Delete this device?", COPY]);
    assert!(world.device_exists(&device));
    world.press(&world.cast.ana, &answers[1], "Delete").await;
    assert_eq!(world.answers_to(&message).pop().unwrap().outcome(), "gone");
    assert_eq!(world.deletes_of(&device), 1);
}
