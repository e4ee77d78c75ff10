//! Hostile names and reasons: cards show them letter by letter, and they never become markup, mentions or structure.

use jiff::SignedDuration;
use serde_json::{Value, json};
use steward::cards::LONGEST_TEXT_BYTES;

use crate::world::{Answer, World};

/// A name with card structure, a template, a mention, bold text and a link.
const NASTY: &str = r#""], "x": [{{7*7}} <@all> **bold** [a](http://x)"#;
/// A hostile reason, without double quotes.
const NASTY_REASON: &str = r"], 'x': [{{7*7}} {% raw %} <@all> **bold** [a](http://x) \u0022";

/// The interval of hints to the same person.
const A_HINT_A_MINUTE: SignedDuration = SignedDuration::from_mins(1);

/// Ana deletes a device in her direct space, where messages are stored as typed.
async fn delete(world: &World, fields: &Value, because: &str) -> Answer {
    let device = world.sim.add_device(fields);
    let order = format!("delete device {device}{because}");
    let message = world.say_in(&world.cast.ana, &world.cast.direct_ana, &order, None).await;
    assert!(!world.device_exists(&device));
    world.the_answer_to(&message)
}

/// Checks that the text is one text of the card, letter by letter, and on one line of the message's text. The card must
/// have the same structure as with a harmless text.
fn assert_shown(answer: &Answer, label: &str, shown: &str, like: &Answer) {
    let texts = answer.texts();
    assert_eq!(texts.iter().filter(|text| text.as_str() == shown).count(), 1, "{texts:#?}");
    assert_eq!(answer.fact(label).as_deref(), Some(shown));
    assert_eq!(answer.structure(), like.structure());
    assert_eq!(answer.text.lines().count(), like.text.lines().count(), "{}", answer.text);
    assert!(!answer.mentions, "{}", answer.text);
}

#[tokio::test]
async fn a_hostile_device_name_is_shown_letter_by_letter() {
    let world = World::new().await;
    let plain = delete(&world, &json!({}), "").await;
    let nasty = delete(&world, &json!({ "displayName": NASTY }), "").await;
    assert_eq!(nasty.outcome(), "gone");
    assert_shown(&nasty, "Name", NASTY, &plain);
    assert!(!nasty.text.contains("49"), "nothing in it was computed");
}

#[tokio::test]
async fn a_hostile_name_mentions_no_one() {
    let world = World::new().await;
    for name in
        [NASTY, "<@all>", "<@personEmail:ben@example.com|Ben>", "<spark-mention data-group-type=\"all\">"]
    {
        let device = world.sim.add_device(&json!({ "displayName": name }));
        let answer = world.ask(&world.cast.ana, &format!("show device {device}")).await;
        assert_eq!(answer.fact("Name").as_deref(), Some(name));
        assert!(!answer.mentions);
        let answer = world.ask(&world.cast.ana, &format!("delete device {device}")).await;
        assert_eq!(answer.fact("Name").as_deref(), Some(name));
        assert!(!answer.mentions);
    }
}

#[tokio::test]
async fn a_hostile_reason_is_shown_as_text() {
    let world = World::new().await;
    let plain = delete(&world, &json!({}), " because \"moved\"").await;
    let nasty = delete(&world, &json!({}), &format!(" because \"{NASTY_REASON}\"")).await;
    assert_shown(&nasty, "Reason", NASTY_REASON, &plain);
}

#[tokio::test]
async fn a_hostile_workspace_name_is_shown_as_text() {
    let world = World::new().await;
    let plain = delete(&world, &json!({}), "").await;
    let device = world.a_device();
    world.sim.change_workspace(device["workspaceId"].as_str().unwrap(), &json!({ "displayName": NASTY }));
    let order = format!("delete device {}", device["id"].as_str().unwrap());
    let message = world.say_in(&world.cast.ana, &world.cast.direct_ana, &order, None).await;
    assert_shown(&world.the_answer_to(&message), "Workspace", NASTY, &plain);
}

#[tokio::test]
async fn a_hostile_person_name_is_shown_as_text() {
    let world = World::new().await;
    let plain = world.ask(&world.cast.ana, "whoami").await;
    let personal = json!({ "workspaceId": null, "placeId": null, "personId": world.cast.ana.id });
    let plain_owner = delete(&world, &personal, "").await;
    world.sim.change_person(&world.cast.ana.id, &json!({ "displayName": NASTY }));
    // Names are cached for ten minutes.
    world.advance(SignedDuration::from_mins(10)).await;
    assert_shown(&world.ask(&world.cast.ana, "whoami").await, "Name", NASTY, &plain);
    assert_shown(&delete(&world, &personal, "").await, "Owner", NASTY, &plain_owner);
}

#[tokio::test]
async fn an_invalid_line_is_quoted_and_never_obeyed() {
    let world = World::new().await;
    for line in ["{{7*7}} <@all> **bold** [a](http://x)", "\"], \"x\": [\"", "<b>help</b>"] {
        let message = world.say_in(&world.cast.ana, &world.cast.direct_ana, line, None).await;
        let answer = world.the_answer_to(&message);
        assert_eq!(answer.headline(), "? Not understood");
        assert!(answer.texts().concat().replace(['▸', '◂'], "").contains(line), "{:#?}", answer.texts());
        assert!(!answer.mentions);
        world.advance(A_HINT_A_MINUTE).await;
    }
}

#[tokio::test]
async fn line_breaks_and_direction_marks_are_replaced() {
    let world = World::new().await;
    let plain = delete(&world, &json!({}), "").await;
    for (name, shown) in [
        ("Lobby\nOutcome: failed", "Lobby Outcome: failed"),
        ("Lobby\r\n\tSouth", "Lobby   South"),
        ("Lobby\u{2028}South\u{2029}East\u{85}West", "Lobby South East West"),
        ("Lobby \u{202e}htuoS", "Lobby \u{fffd}htuoS"),
        ("Lobby \u{2067}htuoS\u{2069}", "Lobby \u{fffd}htuoS\u{fffd}"),
        ("Lobby\u{0}\u{1b}[31m\u{7}", "Lobby  [31m "),
        ("Größe 日本 👩‍🔧", "Größe 日本 👩‍🔧"),
    ] {
        let answer = delete(&world, &json!({ "displayName": name }), "").await;
        assert_shown(&answer, "Name", shown, &plain);
        assert_eq!(answer.outcome(), "gone", "{name:?}");
    }
}

#[tokio::test]
async fn a_very_long_name_is_shortened_to_fit() {
    let world = World::new().await;
    let plain = delete(&world, &json!({}), "").await;
    for character in ["x", "ä", "日", "👩"] {
        let long = character.repeat(10_000);
        let answer = delete(&world, &json!({ "displayName": long }), "").await;
        let cut = format!("{}…", character.repeat(299));
        assert_eq!(answer.fact("Name"), Some(cut.clone()));
        assert_eq!(answer.structure(), plain.structure());
        // The card shortens a word, but these Japanese characters and emoji are words of their own.
        let is_one_word = ["x", "ä"].contains(&character);
        let is_whole = answer.texts().contains(&cut);
        assert_eq!(is_whole, !is_one_word, "{:#?}", answer.texts());
    }
}

#[tokio::test]
async fn the_longest_possible_answer_fits() {
    let world = World::new().await;
    let long = "👩".repeat(10_000);
    let fields = json!({
        "displayName": long, "product": long, "serial": long, "mac": long, "ip": long, "software": long,
        "upgradeChannel": long, "connectionStatus": long, "type": long, "tags": [long, long], "errorCodes": [long],
    });
    let device = world.sim.add_device(&fields);
    let shown = world.ask(&world.cast.ana, &format!("show device {device}")).await;
    let reason = format!(" because \"{}\"", "👩".repeat(500));
    let deleted = delete(&world, &fields, &reason).await;
    for answer in [shown, deleted] {
        assert!(answer.text.len() <= LONGEST_TEXT_BYTES, "{} bytes", answer.text.len());
        assert!(answer.card.is_object(), "it was posted with its card");
    }
}
