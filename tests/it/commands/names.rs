//! Names of devices, workspaces and people: names that read alike lead to a choice, and parts and typing errors to
//! suggestions. Neither ever acts by itself.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde_json::json;
use steward::sim::FaultRule;

use super::add_room_device;
use super::tag_device::tags_of;
use crate::world::World;

/// One name in spellings that people cannot tell apart. Webex's filter by one of them does not show all.
const ALIKE: [&str; 4] = ["BER-7 Café", "ber-7 café", "BER-7  Café", "BER-7 Cafe\u{301}"];

fn codes(world: &World) -> usize {
    world.sim.activation_codes().len()
}

/// The calls that change something in Webex's administration.
fn changes(world: &World) -> usize {
    ["DELETE", "PATCH", "POST"].iter().filter(|method| world.calls(method, "/devices") > 0).count()
}

fn add_workspaces(world: &World, names: &[&str]) -> Vec<String> {
    names.iter().map(|name| world.sim.add_workspace(&json!({ "displayName": name }))).collect()
}

#[tokio::test]
async fn workspaces_that_read_alike_are_a_choice() {
    let world = World::new().await;
    let ids = add_workspaces(&world, &ALIKE);
    for name in ALIKE {
        for line in [
            format!("activate workspace \"{name}\""),
            format!("add device mac 02:00:00:00:77:01 model \"Cisco 9861\" to workspace \"{name}\""),
        ] {
            let choice = world.ask(&world.cast.ana, &line).await;
            assert_eq!(choice.headline(), "Which of these workspaces?", "{line}: {}", choice.text);
            assert!(
                choice.text.contains("\n4 workspaces found. Nothing has been done yet."),
                "{}",
                choice.text
            );
            assert_eq!(choice.buttons().len(), 4);
        }
    }
    assert_eq!((codes(&world), changes(&world)), (0, 0));

    let message = world.say(&world.cast.ana, &format!("activate workspace \"{}\"", ALIKE[0])).await;
    let choice = world.the_answer_to(&message);
    world.press(&world.cast.ben, &choice, "Choose 3").await;
    assert_eq!(world.answers_to(&message).pop().unwrap().headline(), "✕ Not yours to decide");
    assert_eq!(codes(&world), 0);
    world.press(&world.cast.ana, &choice, "Choose 3").await;
    let made = world.sim.activation_codes();
    assert_eq!(made.len(), 1);
    assert_eq!(made[0].workspace_id.as_deref(), Some(ids[2].as_str()));
    assert!(world.is_deleted(&choice), "a choice that was made is taken away");
    world.all_answers();
}

#[tokio::test]
async fn a_chosen_workspace_whose_calling_type_is_reset_still_asks() {
    let world = World::new().await;
    let ids = add_workspaces(&world, &ALIKE[..2]);
    world.sim.change_workspace(&ids[1], &json!({ "calling": { "type": "none" } }));
    let message = world.say(&world.cast.ana, &format!("activate workspace \"{}\"", ALIKE[0])).await;
    let choice = world.the_answer_to(&message);
    world.press(&world.cast.ana, &choice, "Choose 2").await;
    let question = world.answers_to(&message).pop().unwrap();
    assert_eq!(question.headline(), "Create an activation code?", "{}", question.text);
    assert_eq!(codes(&world), 0);
}

#[tokio::test]
async fn the_only_workspace_that_reads_like_the_name_gets_its_code_at_once() {
    let world = World::new().await;
    add_workspaces(&world, &["BER-7 Café", "BER-7 Café Nord", "BER-7 Cafe"]);
    let answer = world.ask(&world.cast.ana, "activate workspace \"ber-7  CAFE\u{301}\"").await;
    assert_eq!(answer.headline(), "✓ Activation code created", "{}", answer.text);
    assert_eq!((answer.fact("Workspace").as_deref(), codes(&world)), (Some("BER-7 Café"), 1));
    world.all_answers();
}

#[tokio::test]
async fn a_choice_of_workspaces_shows_how_they_differ() {
    let world = World::new().await;
    for (name, fields) in [
        ("BER-7 Lounge", json!({ "type": "meetingRoom" })),
        ("ber-7 lounge", json!({ "type": "desk", "supportedDevices": "phones" })),
    ] {
        let id = world.sim.add_workspace(&json!({ "displayName": name }));
        world.sim.change_workspace(&id, &fields);
    }
    let choice = world.ask(&world.cast.ana, "activate workspace \"BER-7 Lounge\"").await;
    for expected in [
        "1  BER-7 Lounge",
        "meeting room",
        "2  ber-7 lounge",
        "for phones",
        "For example: activate workspace ",
    ] {
        assert!(choice.text.contains(expected), "{expected}: {}", choice.text);
    }
    assert_eq!(choice.buttons(), ["Choose 1", "Choose 2"]);
}

#[tokio::test]
async fn devices_that_read_alike_are_a_choice() {
    let world = World::new().await;
    let ids: Vec<String> =
        ALIKE.iter().enumerate().map(|(number, name)| add_room_device(&world, name, number)).collect();
    for name in ALIKE {
        for line in [
            format!("delete device \"{name}\""),
            format!("show device \"{name}\""),
            format!("tag device \"{name}\" +retire"),
        ] {
            let choice = world.ask(&world.cast.ana, &line).await;
            assert_eq!(choice.headline(), "Which of these devices?", "{line}: {}", choice.text);
            assert!(choice.text.contains("\n4 devices found. Nothing has been done yet."), "{}", choice.text);
        }
    }
    assert_eq!(changes(&world), 0);
    assert!(ids.iter().all(|id| world.device_exists(id)));
}

#[tokio::test]
async fn people_who_share_an_address_get_no_device() {
    let world = World::new().await;
    world.sim.change_person(&world.cast.carla.id, &json!({ "email": "BEN@example.com" }));
    for line in [
        "activate person ben@example.com",
        "add device mac 02:00:00:00:77:01 model \"Cisco 9861\" to person ben@example.com",
    ] {
        let answer = world.ask(&world.cast.ana, line).await;
        assert_eq!(answer.headline(), "Which of these people?", "{line}: {}", answer.text);
        assert!(answer.text.contains("Ben Bauer") && answer.text.contains("Carla Conti"), "{}", answer.text);
        assert_eq!(answer.buttons(), Vec::<String>::new(), "the address does not tell them apart");
    }
    assert_eq!((codes(&world), changes(&world)), (0, 0));
}

#[tokio::test]
async fn a_person_whose_address_has_changed_is_only_suggested() {
    let world = World::new().await;
    world.sim.change_person(&world.cast.ben.id, &json!({ "email": "benn@example.com" }));
    let message = world.say(&world.cast.ana, "activate person ben@example.com").await;
    let suggestion = world.the_answer_to(&message);
    assert_eq!(suggestion.headline(), "✕ Not found");
    for expected in ["Searched by: email address", "1  Ben Bauer", "benn@example.com", "press the button"] {
        assert!(suggestion.text.contains(expected), "{expected}: {}", suggestion.text);
    }
    world.press(&world.cast.ana, &suggestion, "Choose 1").await;
    let question = world.answers_to(&message).pop().unwrap();
    assert_eq!(question.headline(), "Create an activation code?", "{}", question.text);
    assert_eq!(question.fact("Person").as_deref(), Some("benn@example.com"));
    assert_eq!(codes(&world), 0);
}

#[tokio::test]
async fn a_part_of_a_name_finds_the_device_but_deletes_nothing() {
    let world = World::with().devices(0).start().await;
    let ids: Vec<String> = ["BER-4 Panorama", "The pano room", "Kitchen"]
        .iter()
        .enumerate()
        .map(|(number, name)| add_room_device(&world, name, number))
        .collect();
    let ana = &world.cast.ana;
    for typed in
        ["panorama", "BER-4", "\"Panorama BER-4\"", "rama", "panorma", "\"BER-4 Panoram\"", "FDSK0000AB"]
    {
        let message = world.say(ana, &format!("delete device {typed} because \"old\"")).await;
        let suggestion = world.the_answer_to(&message);
        assert_eq!(suggestion.headline(), "✕ Not found", "{typed}");
        let first = suggestion.text.lines().find(|line| line.starts_with("1  ")).unwrap();
        assert_eq!(first, "1  BER-4 Panorama · connected", "{typed}: {}", suggestion.text);
        world.press(ana, &suggestion, "Choose 1").await;
        let question = world.answers_to(&message).pop().unwrap();
        assert_eq!(question.headline(), "Delete this device?", "{typed}");
        assert_eq!(question.fact("Reason").as_deref(), Some("old"));
        assert_eq!(question.fact("Name").as_deref(), Some("BER-4 Panorama"));
    }
    assert_eq!(world.deletes(), 0);
    assert!(ids.iter().all(|id| world.device_exists(id)));

    let message = world.say(ana, "delete device panora").await;
    let suggestion = world.the_answer_to(&message);
    world.press(&world.cast.ben, &suggestion, "Choose 1").await;
    assert_eq!(world.answers_to(&message).pop().unwrap().headline(), "✕ Not yours to decide");
    world.press(ana, &suggestion, "Choose 1").await;
    let question = world.answers_to(&message).pop().unwrap();
    world.press(ana, &question, "Delete").await;
    assert_eq!(world.answers_to(&message).pop().unwrap().outcome(), "gone");
    assert_eq!(ids.iter().map(|id| world.device_exists(id)).collect::<Vec<_>>(), [false, true, true]);
}

#[tokio::test]
async fn a_suggested_device_that_was_deleted_meanwhile_is_not_deleted_again() {
    let world = World::with().devices(0).start().await;
    let id = add_room_device(&world, "BER-4 Panorama", 1);
    let message = world.say(&world.cast.ana, "delete device panorama").await;
    let suggestion = world.the_answer_to(&message);
    world.sim.remove_device(&id);
    world.press(&world.cast.ana, &suggestion, "Choose 1").await;
    assert_eq!(world.answers_to(&message).pop().unwrap().headline(), "✕ Not found");
    assert_eq!(world.deletes(), 0);
}

#[tokio::test]
async fn suggestions_are_the_same_command_for_another_device() {
    let world = World::with().devices(0).start().await;
    let id = add_room_device(&world, "BER-4 Panorama", 1);
    let ana = &world.cast.ana;
    let message = world.say(ana, "show device pano").await;
    let suggestion = world.the_answer_to(&message);
    world.press(ana, &suggestion, "Choose 1").await;
    assert_eq!(world.the_answer_to(&message).fact("Serial").as_deref(), Some("FDSK0001ABC"));

    let message = world.say(ana, "tag device pano +retire").await;
    let suggestion = world.the_answer_to(&message);
    assert_eq!((suggestion.headline(), tags_of(&world, &id).len()), ("✕ Not found", 0));
    world.press(ana, &suggestion, "Choose 1").await;
    assert_eq!(world.the_answer_to(&message).headline(), "✓ Tags changed and verified");
    assert_eq!(tags_of(&world, &id), ["retire"]);
}

#[tokio::test]
async fn more_similar_devices_than_buttons_can_be_listed() {
    let world = World::with().devices(0).start().await;
    for number in 0..6 {
        add_room_device(&world, &format!("BER-{number} Panorama"), number);
    }
    let suggestion = world.ask(&world.cast.ana, "delete device panorama").await;
    assert_eq!(suggestion.buttons(), ["Choose 1", "Choose 2", "Choose 3", "Choose 4"]);
    let line = suggestion.text.lines().find_map(|line| line.strip_prefix("To see all of them: ")).unwrap();
    assert_eq!(line, "list devices name:*panorama*");
    assert_eq!(world.ask(&world.cast.ana, line).await.headline(), "6 devices");
    // The list cannot show similar serial numbers or typing errors.
    for typed in ["FDSK000", "panorma"] {
        let suggestion = world.ask(&world.cast.ana, &format!("delete device {typed}")).await;
        assert_eq!(suggestion.buttons().len(), 4);
        assert!(!suggestion.text.contains("To see all of them"), "{}", suggestion.text);
    }
}

#[tokio::test]
async fn a_part_of_a_name_finds_the_workspace() {
    let world = World::new().await;
    let ids = add_workspaces(&world, &["BER-7 Observatory", "BER-7 Canteen"]);
    for typed in ["observatory", "Observ", "servator", "obsrevatory", "\"Observatory BER-7\""] {
        let message = world.say(&world.cast.ana, &format!("activate workspace {typed}")).await;
        let suggestion = world.the_answer_to(&message);
        assert_eq!(suggestion.headline(), "✕ Not found", "{typed}");
        let before = codes(&world);
        world.press(&world.cast.ana, &suggestion, "Choose 1").await;
        let made = world.sim.activation_codes();
        assert_eq!(
            (made.len(), made.last().unwrap().workspace_id.as_deref()),
            (before + 1, Some(ids[0].as_str()))
        );
    }
    world.all_answers();
}

#[tokio::test]
async fn a_person_is_found_by_name_but_always_asked_about() {
    let world = World::new().await;
    for typed in ["\"Ben Bauer\"", "\"ben  BAUER\""] {
        let question = world.ask(&world.cast.ana, &format!("activate person {typed}")).await;
        assert_eq!(question.headline(), "Create an activation code?", "{typed}: {}", question.text);
        assert_eq!(question.fact("Person").as_deref(), Some("ben@example.com"));
    }
    for typed in ["ben", "bauer", "baue", "\"Ben Baeur\"", "\"Bauer Ben\""] {
        let message = world.say(&world.cast.ana, &format!("activate person {typed}")).await;
        let suggestion = world.the_answer_to(&message);
        assert_eq!(suggestion.headline(), "✕ Not found", "{typed}: {}", suggestion.text);
        world.press(&world.cast.ana, &suggestion, "Choose 1").await;
        let question = world.answers_to(&message).pop().unwrap();
        assert_eq!(question.headline(), "Create an activation code?", "{typed}: {}", question.text);
        assert_eq!(question.fact("Person").as_deref(), Some("ben@example.com"));
    }
    let none = world.ask(&world.cast.ana, "activate person Zoltan").await;
    assert_eq!((none.headline(), none.buttons().len()), ("✕ Not found", 0), "{}", none.text);
    assert_eq!((codes(&world), changes(&world)), (0, 0));
}

#[tokio::test]
async fn people_whose_names_read_alike_are_a_choice() {
    let world = World::new().await;
    world.sim.change_person(&world.cast.carla.id, &json!({ "displayName": "ben  bauer" }));
    let message = world.say(&world.cast.ana, "activate person \"Ben Bauer\"").await;
    let choice = world.the_answer_to(&message);
    assert_eq!(choice.headline(), "Which of these people?");
    assert!(
        choice.text.contains("2 people found") && choice.text.contains("ben@example.com"),
        "{}",
        choice.text
    );
    let second = if choice.text.find("ben@") < choice.text.find("carla@") { "carla@" } else { "ben@" };
    world.press(&world.cast.ana, &choice, "Choose 2").await;
    let question = world.answers_to(&message).pop().unwrap();
    assert_eq!(question.headline(), "Create an activation code?");
    assert_eq!(question.fact("Person").unwrap(), format!("{second}example.com"));
    assert_eq!(codes(&world), 0);
}

/// The UUID in an id.
fn uuid_in(id: &str) -> String {
    let decoded = STANDARD_NO_PAD.decode(id).unwrap();
    String::from_utf8(decoded).unwrap().rsplit('/').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_bare_uuid_finds_the_workspace() {
    let world = World::new().await;
    let id = add_workspaces(&world, &["BER-7 Lounge", "BER-8 Lounge"]).remove(0);
    let uuid = uuid_in(&id);
    for (typed, webex) in [
        (uuid.clone(), None),
        (uuid.to_uppercase(), Some(400)),
        // Webex takes it as an id.
        (uuid.clone(), Some(200)),
    ] {
        let path = format!("/workspaces/{typed}");
        match webex {
            Some(200) => {
                let record = world.sim.workspace(&id).unwrap();
                world.sim.fault(FaultRule::on("GET", &path).json_body(record).once());
            }
            Some(status) => world.sim.fault(FaultRule::on("GET", &path).status(status).once()),
            None => {}
        }
        let before = codes(&world);
        let answer = world.ask(&world.cast.ana, &format!("activate workspace {typed}")).await;
        assert_eq!(answer.headline(), "✓ Activation code created", "{typed}: {}", answer.text);
        let made = world.sim.activation_codes();
        assert_eq!(made.len(), before + 1);
        assert_eq!(made.last().unwrap().workspace_id.as_deref(), Some(id.as_str()));
    }
    world.all_answers();
}

#[tokio::test]
async fn a_workspace_that_is_not_found_says_how_it_was_looked_up() {
    let world = World::new().await;
    let id = add_workspaces(&world, &["BER-7 Lounge"]).remove(0);
    world.sim.remove_workspace(&id);
    for (typed, looked_up_by) in [
        (id.clone(), "workspace id"),
        (uuid_in(&id), "workspace id, name"),
        ("\"BER-7 Lounge\"".to_owned(), "name"),
    ] {
        let answer = world.ask(&world.cast.ana, &format!("activate workspace {typed}")).await;
        assert_eq!(answer.headline(), "✕ Not found", "{typed}: {}", answer.text);
        assert_eq!(answer.fact("Searched by").as_deref(), Some(looked_up_by), "{}", answer.text);
    }
    assert_eq!(codes(&world), 0);
}

#[tokio::test]
async fn people_beyond_the_end_of_a_search_are_not_denied() {
    let world = World::new().await;
    // Webex lists people by the beginning of their name, but not all of them.
    world.sim.fault(FaultRule::on("GET", "/people").status(403).skipping(1).once());
    let message = world.say(&world.cast.ana, "activate person \"Ben Bauer\"").await;
    let choice = world.the_answer_to(&message);
    assert_eq!(choice.headline(), "Which of these people?", "{}", choice.text);
    for expected in [
        "At least 1 person found.",
        "Steward searched only 1 person, because Webex did not show it all of them. There may be another match.",
    ] {
        assert!(choice.text.contains(expected), "{expected}: {}", choice.text);
    }
    world.press(&world.cast.ana, &choice, "Choose 1").await;
    let question = world.the_answer_to(&message);
    assert_eq!(question.headline(), "Create an activation code?", "{}", question.text);
    assert_eq!(question.fact("Person").as_deref(), Some("ben@example.com"));

    world.sim.fault(FaultRule::on("GET", "/people").status(403).skipping(1).once());
    let none = world.ask(&world.cast.ana, "activate person Zoltan").await;
    assert_eq!(none.headline(), "✕ Not found");
    assert!(none.text.contains("Steward searched only 0 people"), "{}", none.text);
    let whole = world.ask(&world.cast.ana, "activate person Zoltan").await;
    assert!(!whole.text.contains("searched only"), "{}", whole.text);
}

#[tokio::test]
async fn an_example_on_a_card_is_short_enough_to_be_copied() {
    let world = World::new().await;
    let ids = add_workspaces(&world, &ALIKE[..2]);
    let choice = world.ask(&world.cast.ana, &format!("activate workspace \"{}\"", ALIKE[0])).await;
    let line = choice.text.lines().find_map(|line| line.strip_prefix("For example: ")).unwrap();
    assert_eq!(line, format!("activate workspace {}", uuid_in(&ids[0])));
    assert!(choice.texts().iter().any(|text| text == line), "whole on the card: {:?}", choice.texts());
    let answer = world.ask(&world.cast.ana, line).await;
    assert_eq!(answer.headline(), "✓ Activation code created", "{}", answer.text);
    world.all_answers();
}
