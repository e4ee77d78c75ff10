//! Tags of one device, by any reference: set without losing others, and read back.

use jiff::SignedDuration;
use serde_json::{Value, json};
use steward::sim::FaultRule;

use crate::world::World;

/// A unique device with two tags.
pub(super) fn add_tagged_device(world: &World) -> String {
    world.sim.add_device(&json!({
        "displayName": "BER-4 Atelier",
        "serial": "FOC2719TAGS",
        "mac": "AA:BB:CC:27:19:01",
        "tags": ["lobby", "vip"],
    }))
}

/// The current tags of a device.
pub(super) fn tags_of(world: &World, device: &str) -> Vec<String> {
    serde_json::from_value(world.sim.device(device).unwrap()["tags"].clone()).unwrap()
}

fn changes(world: &World) -> usize {
    world.calls("PATCH", "/devices/")
}

#[tokio::test]
async fn a_device_is_tagged_by_id_serial_or_mac_and_keeps_other_tags() {
    let world = World::new().await;
    let device = add_tagged_device(&world);
    for (reference, change, tags) in [
        (device.as_str(), "+one -lobby", vec!["vip", "one"]),
        ("foc2719tags", "+\"floor 12\" +one", vec!["vip", "one", "floor 12"]),
        ("aabb.cc27.1901", "-ONE -nothing", vec!["vip", "floor 12"]),
        ("AA-BB-CC-27-19-01", "+VIP -\"floor 12\"", vec!["vip"]),
        ("FOC2719TAGS", "-vip", vec![]),
    ] {
        let answer = world.ask(&world.cast.ana, &format!("tag device {reference} {change}")).await;
        assert_eq!(answer.headline(), "✓ Tags changed and verified", "{reference}: {}", answer.text);
        assert_eq!(tags_of(&world, &device), tags, "{reference} {change}");
    }
    assert_eq!(changes(&world), 5);
    let types = world.sim.requests().into_iter().filter(|call| call.method == "PATCH");
    for call in types {
        assert_eq!(call.content_type.as_deref(), Some("application/json-patch+json"));
    }
    let audited = world.audited().await;
    assert_eq!(audited.iter().filter(|name| **name == "tags_changed").count(), 5, "{audited:?}");
}

#[tokio::test]
async fn a_locked_device_is_not_called_a_rate_limit() {
    let world = World::new().await;
    let device = add_tagged_device(&world);
    world.sim.fault(FaultRule::on("PATCH", "/devices/*").status(423).retry_after("3600").once());
    let answer = world.ask(&world.cast.ana, "tag device FOC2719TAGS +pilot").await;
    assert_eq!(answer.headline(), "… Locked", "{}", answer.text);
    assert!(answer.text.contains("locked this device or workspace until 09:16 UTC"), "{}", answer.text);
    assert!(!answer.text.contains("rate limit"), "{}", answer.text);
    assert_eq!(tags_of(&world, &device).len(), 2);
}

#[tokio::test]
async fn the_card_shows_tags_before_and_after() {
    let world = World::new().await;
    add_tagged_device(&world);
    let answer = world.ask(&world.cast.ana, "tag device FOC2719TAGS +pilot -lobby").await;
    insta::assert_snapshot!(answer.drawn(), @r#"
    ╭──────────────────────────────────────────────────────────────────────────────╮
    │ ✓ Tags changed and verified                                                  │
    │ Result of "tag device"                                                       │
    │ Webex saved the tags, and a check afterwards shows them.                     │
    │                                                                              │
    │ Name       BER-4 Atelier                                                     │
    │ Product    Cisco Room Bar Pro                                                │
    │ Serial     FOC2719TAGS                                                       │
    │ Before     lobby, vip                                                        │
    │ Requested  vip, pilot                                                        │
    │ Device id  Y2lzY29zcG…mI1YzBlYzk                                             │
    │ Asked by   ana@example.com                                                   │
    ╰──────────────────────────────────────────────────────────────────────────────╯
    "#);
    let again = world.ask(&world.cast.ana, "tag device FOC2719TAGS +pilot -lobby").await;
    assert_eq!(again.headline(), "✓ Nothing to change: the tags are already like this");
    assert_eq!(changes(&world), 1);
}

#[tokio::test]
async fn a_name_must_be_confirmed_before_tagging() {
    let world = World::new().await;
    let device = add_tagged_device(&world);
    let ana = &world.cast.ana;
    let message = world.say(ana, "tag device \"ber-4  atelier\" +pilot").await;
    let question = world.the_answer_to(&message);
    let code = question.fact("Code").unwrap();
    insta::assert_snapshot!(question.drawn().replace(&code, "K7Q2-M9"), @r#"
    ╭──────────────────────────────────────────────────────────────────────────────╮
    │ Change the tags of this device?                                              │
    │ Found by its name. Nothing has been changed yet.                             │
    │                                                                              │
    │ Name       BER-4 Atelier                                                     │
    │ Workspace  New Room                                                          │
    │ Product    Cisco Room Bar Pro                                                │
    │ Serial     FOC2719TAGS                                                       │
    │ MAC        AA:BB:CC:27:19:01                                                 │
    │ Status     connected                                                         │
    │ Last seen  just now (2026-04-02 08:15:30 UTC)                                │
    │ Tags       lobby, vip                                                        │
    │ Add        pilot                                                             │
    │ Asked by   ana@example.com                                                   │
    │ Code       K7Q2-M9                                                           │
    ├──────────────────────────────────────────────────────────────────────────────┤
    │ Only the person who asked can confirm, until 08:30 UTC (in 15 minutes).      │
    │ Press a button, or reply "confirm K7Q2-M9" or "cancel K7Q2-M9".              │
    │                                                                              │
    │ [ Confirm ] [ Cancel ]                                                       │
    ╰──────────────────────────────────────────────────────────────────────────────╯
    "#);
    assert_eq!((changes(&world), tags_of(&world, &device).len()), (0, 2));
    world.press(&world.cast.ben, &question, "Confirm").await;
    assert_eq!(world.answers_to(&message).pop().unwrap().headline(), "✕ Not yours to decide");
    assert_eq!(changes(&world), 0);

    world.press(ana, &question, "Confirm").await;
    let answer = world.answers_to(&message).pop().unwrap();
    assert_eq!(answer.headline(), "✓ Tags changed and verified");
    assert_eq!(tags_of(&world, &device), ["lobby", "vip", "pilot"]);
}

#[tokio::test]
async fn a_question_about_tags_is_confirmed_by_its_code_or_canceled() {
    let world = World::new().await;
    let device = add_tagged_device(&world);
    let ana = &world.cast.ana;
    for (decision, headline, tags) in
        [("cancel", "Canceled: nothing was done", 2), ("confirm", "✓ Tags changed and verified", 1)]
    {
        let question = world.ask(ana, "tag device \"BER-4 Atelier\" -vip").await;
        assert_eq!(question.fact("Remove").as_deref(), Some("vip"), "{}", question.text);
        world.say(ana, &format!("{decision} {}", question.fact("Code").unwrap())).await;
        let heard = world.all_answers();
        assert!(heard.iter().any(|answer| answer.headline() == headline), "{heard:#?}");
        assert_eq!(tags_of(&world, &device).len(), tags);
    }
}

#[tokio::test]
async fn the_chosen_one_of_two_namesakes_is_tagged() {
    let world = World::new().await;
    let (one, other) = (add_tagged_device(&world), add_tagged_device(&world));
    world.sim.change_device(&other, &json!({ "serial": "FOC2719TAGT", "mac": "AA:BB:CC:27:19:02" }));
    let ana = &world.cast.ana;
    let message = world.say(ana, "tag device \"BER-4 Atelier\" +pilot").await;
    let choice = world.the_answer_to(&message);
    let second =
        if choice.text.find("FOC2719TAGS") < choice.text.find("FOC2719TAGT") { &other } else { &one };
    world.press(ana, &choice, "Choose 2").await;
    assert_eq!(world.the_answer_to(&message).headline(), "✓ Tags changed and verified");
    for device in [&one, &other] {
        assert_eq!(tags_of(&world, device).len(), if device == second { 3 } else { 2 });
    }
}

#[tokio::test]
async fn a_concurrent_change_by_someone_else_is_reported() {
    let world = World::new().await;
    let device = add_tagged_device(&world);
    // The read after the change is delayed.
    world.sim.fault(FaultRule::on("GET", "/devices/*").skipping(2).once().delayed_ms(300));
    let line = format!("tag device {device} +pilot");
    let ask = world.ask(&world.cast.ana, &line);
    let meddle = async {
        world.until(|world| tags_of(world, &device).len() == 3).await;
        world.sim.change_device(&device, &json!({ "tags": ["vip", "keep"] }));
    };
    let (answer, ()) = tokio::join!(ask, meddle);
    assert_eq!(answer.headline(), "? Tags differ from your request", "{}", answer.text);
    assert_eq!(answer.fact("Found").as_deref(), Some("vip, keep"));
    assert_eq!(answer.fact("Missing").as_deref(), Some("lobby, pilot"));
    assert_eq!(answer.fact("Unexpected").as_deref(), Some("keep"));
    assert_eq!(changes(&world), 1);
}

#[tokio::test]
async fn a_rejected_change_is_reported_and_not_repeated() {
    for (status, headline) in [
        (400, "✕ Not done"),
        (401, "✕ Not done"),
        (403, "✕ Not done"),
        (404, "✕ Not found"),
        (409, "✕ Not done"),
        (415, "✕ Not done"),
    ] {
        let world = World::new().await;
        let device = add_tagged_device(&world);
        world.sim.fault(FaultRule::on("PATCH", "/devices/*").status(status));
        let answer = world.ask(&world.cast.ana, "tag device FOC2719TAGS +pilot").await;
        assert_eq!(answer.headline(), headline, "{status}: {}", answer.text);
        assert_eq!((changes(&world), tags_of(&world, &device).len()), (1, 2), "{status}");
        assert!(!world.audited().await.contains(&"tags_changed"), "{status}");
    }
}

#[tokio::test]
async fn tagging_honors_retry_after() {
    let world = World::new().await;
    let device = add_tagged_device(&world);
    world.sim.fault(FaultRule::on("PATCH", "/devices/*").status(429).retry_after("7").once());
    let message = world.say(&world.cast.ana, "tag device FOC2719TAGS +pilot").await;
    assert!(world.answers_to(&message).is_empty());
    world.advance(SignedDuration::from_secs(6)).await;
    assert_eq!(changes(&world), 1);
    world.advance(SignedDuration::from_secs(1)).await;
    assert_eq!(world.the_answer_to(&message).headline(), "✓ Tags changed and verified");
    assert_eq!((changes(&world), tags_of(&world, &device).len()), (2, 3));

    world.sim.fault(FaultRule::on("PATCH", "/devices/*").status(429).retry_after("3600").once());
    let message = world.say(&world.cast.ana, "tag device FOC2719TAGS -pilot").await;
    assert_eq!(world.the_answer_to(&message).headline(), "… Busy");
}

#[tokio::test]
async fn a_change_that_keeps_failing_is_tried_a_few_times_and_audited_once() {
    let world = World::new().await;
    let device = add_tagged_device(&world);
    world.sim.fault(FaultRule::on("PATCH", "/devices/*").status(502));
    let message = world.say(&world.cast.ana, &format!("tag device {device} +retire")).await;
    world.advance_through_waits(SignedDuration::from_mins(10)).await;
    assert_eq!(world.the_answer_to(&message).headline(), "✕ Not done");
    assert!((2..=4).contains(&changes(&world)), "{}", changes(&world));
    let audited = world.audited().await;
    assert_eq!(audited.iter().filter(|event| **event == "tags_intended").count(), 1, "{audited:?}");
}

#[tokio::test]
async fn tags_set_by_someone_else_during_a_wait_are_not_claimed() {
    let world = World::new().await;
    let device = add_tagged_device(&world);
    world.sim.fault(FaultRule::on("PATCH", "/devices/*").status(429).retry_after("10").once());
    let message = world.say(&world.cast.ana, &format!("tag device {device} +retire")).await;
    let tags: Vec<String> = tags_of(&world, &device).into_iter().chain(["retire".to_owned()]).collect();
    world.sim.change_device(&device, &json!({ "tags": tags }));
    world.advance(SignedDuration::from_secs(10)).await;
    let answer = world.the_answer_to(&message);
    assert!(answer.headline().starts_with("✓ Nothing to change"), "{}", answer.text);
    assert!(!world.audited().await.contains(&"tags_changed"));
}

#[tokio::test]
async fn a_lost_answer_is_settled_by_reading_the_tags() {
    for lost in [
        FaultRule::on("PATCH", "/devices/*").status(502).html_body().after_effect().once(),
        FaultRule::on("PATCH", "/devices/*").dropping_connection().after_effect().once(),
        FaultRule::on("PATCH", "/devices/*").status(200).truncated_body().after_effect().once(),
    ] {
        let world = World::new().await;
        let device = add_tagged_device(&world);
        world.sim.fault(lost);
        let answer = world.ask(&world.cast.ana, "tag device FOC2719TAGS +pilot").await;
        assert_eq!(answer.headline(), "✓ Tags changed and verified", "{}", answer.text);
        assert_eq!((changes(&world), tags_of(&world, &device).len()), (1, 3));
        assert!(world.audited().await.contains(&"tags_changed"));
    }
}

#[tokio::test]
async fn tags_that_cannot_be_read_back_are_not_reported_as_verified() {
    let world = World::new().await;
    let device = add_tagged_device(&world);
    world.sim.fault(FaultRule::on("GET", "/devices/*").status(500).skipping(1));
    let answer = world.ask(&world.cast.ana, "tag device FOC2719TAGS +pilot").await;
    assert_eq!(answer.headline(), "? Tags changed, not verified");
    assert_eq!(tags_of(&world, &device), ["lobby", "vip", "pilot"]);
}

#[tokio::test]
async fn unauthorized_and_incomplete_commands_change_no_tags() {
    let world = World::new().await;
    let device = add_tagged_device(&world);
    for line in ["tag device FOC2719TAGS +pilot", "tag devices serial:FOC2719TAGS +pilot"] {
        let answer = world.ask(&world.cast.ben, line).await;
        assert_eq!(answer.headline(), "✕ Refused: you are not on the list of admins", "{line}");
    }
    for line in [
        "tag device FOC2719TAGS",
        "tag device +pilot",
        "tag device FOC2719TAGS pilot",
        "tag device FOC2719TAGS +pilot -pilot",
        "tag device FOC2719TAGS + pilot",
        "tag devices +pilot",
        "tag devices serial:FOC2719TAGS",
    ] {
        let answer = world.ask(&world.cast.ana, line).await;
        assert_eq!(answer.headline(), "? Not understood", "{line}: {}", answer.text);
        world.advance(SignedDuration::from_mins(1)).await;
    }
    let gone = world.ask(&world.cast.ana, "tag device FOC2719NONE +pilot").await;
    assert_eq!(gone.headline(), "✕ Not found");
    assert_eq!((changes(&world), tags_of(&world, &device).len()), (0, 2));
}

#[tokio::test]
async fn tags_are_shown_letter_by_letter() {
    let world = World::new().await;
    let device = add_tagged_device(&world);
    let tag = "**x** [a](http://x) =1+1 会議室 {{DATE(2026)}}";
    let answer = world.ask(&world.cast.ana, &format!("tag device FOC2719TAGS +\"{tag}\"")).await;
    assert_eq!(answer.headline(), "✓ Tags changed and verified", "{}", answer.text);
    assert!(!answer.mentions && answer.text.contains("**x** [a](http://x) =1+1 会議室"));
    let tags: Vec<Value> = tags_of(&world, &device).into_iter().map(Value::from).collect();
    assert_eq!(tags.last(), Some(&json!(tag)));
}
