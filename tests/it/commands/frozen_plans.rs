//! A confirmation does what the card showed, or nothing.

use serde_json::json;
use sha2::{Digest as _, Sha256};
use steward::domain::audit::AuditEvent;
use steward::sim::FaultRule;

use super::tag_device::tags_of;
use crate::world::{Answer, World};

const ACTIVATE: &str = "activate workspace \"BER-7 Lounge\"";
const ADD: &str = "add device mac 00112233440A model \"Cisco Room Bar\" to workspace \"BER-7 Lounge\"";
const CHANGED: &str = "✕ Changed since the card: nothing was done";

/// A workspace whose calling type a new device resets.
fn add_lounge(world: &World) -> String {
    world.sim.add_workspace(&json!({ "displayName": "BER-7 Lounge", "calling": { "type": "none" } }))
}

/// The confirmation card of a command by Ana, with her message.
async fn asked(world: &World, line: &str) -> (String, Answer) {
    let message = world.say(&world.cast.ana, line).await;
    let card = world.the_answer_to(&message);
    assert_eq!(card.buttons(), ["Confirm", "Cancel"], "{}", card.text);
    (message, card)
}

/// Codes made and devices added.
fn provisioned(world: &World) -> usize {
    world.calls("POST", "/devices")
}

#[tokio::test]
async fn a_place_that_has_changed_since_the_card_gets_nothing() {
    for line in [ACTIVATE, ADD] {
        for (change, expected) in [
            (
                json!({ "displayName": "BER-8 Lounge" }),
                "The card showed the name \"BER-7 Lounge\"; now it is \"BER-8 Lounge\".",
            ),
            (
                json!({ "calling": { "type": "webexCalling" } }),
                "The calling type of the workspace was none; now it is webexCalling.",
            ),
            (json!({ "supportedDevices": "phones" }), "The kind of devices that the workspace takes was"),
        ] {
            let world = World::new().await;
            let lounge = add_lounge(&world);
            let (message, card) = asked(&world, line).await;
            world.sim.change_workspace(&lounge, &change);
            world.press(&world.cast.ana, &card, "Confirm").await;
            let answer = world.the_answer_to(&message);
            assert_eq!(answer.headline(), CHANGED, "{line} {change}: {}", answer.text);
            assert!(answer.text.contains(expected), "{line} {change}: {}", answer.text);
            assert_eq!(provisioned(&world), 0, "{line} {change}");
        }
    }
}

#[tokio::test]
async fn another_workspace_with_the_name_on_the_card_gets_nothing() {
    for line in [ACTIVATE, ADD] {
        let world = World::new().await;
        let lounge = add_lounge(&world);
        let (message, card) = asked(&world, line).await;
        world.sim.change_workspace(&lounge, &json!({ "displayName": "BER-7 Library" }));
        let other = world.sim.add_workspace(
            &json!({ "displayName": "BER-7 Lounge", "calling": { "type": "thirdPartySipCalling" } }),
        );
        world.press(&world.cast.ana, &card, "Confirm").await;
        assert_eq!(world.the_answer_to(&message).headline(), CHANGED, "{line}");
        assert_eq!(provisioned(&world), 0, "{line}");
        assert_eq!(world.sim.workspace(&other).unwrap()["calling"]["type"], "thirdPartySipCalling", "{line}");
    }
}

#[tokio::test]
async fn the_workspace_on_the_card_is_taken_even_if_another_has_its_name_by_then() {
    let world = World::new().await;
    let lounge = add_lounge(&world);
    let (message, card) = asked(&world, ACTIVATE).await;
    let other = add_lounge(&world);
    world.press(&world.cast.ana, &card, "Confirm").await;
    assert_eq!(world.the_answer_to(&message).headline(), "✓ Activation code created");
    assert_eq!(world.sim.activation_codes()[0].workspace_id.as_deref(), Some(lounge.as_str()));
    assert_eq!(world.sim.workspace(&other).unwrap()["calling"]["type"], "none");
    assert_eq!(world.answers_outside_threads().len(), 1);
}

#[tokio::test]
async fn a_person_who_has_changed_since_the_card_gets_nothing() {
    let world = World::new().await;
    let (message, card) = asked(&world, "activate person ben@example.com").await;
    world.sim.change_person(&world.cast.ben.id, &json!({ "email": "benjamin@example.com" }));
    world.press(&world.cast.ana, &card, "Confirm").await;
    let answer = world.the_answer_to(&message);
    assert_eq!(answer.headline(), CHANGED, "{}", answer.text);
    assert_eq!(provisioned(&world), 0);
}

#[tokio::test]
async fn a_device_that_has_changed_since_the_card_keeps_its_tags() {
    let world = World::new().await;
    let devices: Vec<String> = (1..=5)
        .map(|number| {
            world.sim.add_device(&json!({
                "displayName": format!("OSL-9 Room {number}"),
                "serial": format!("FOC9{number:03}OSLO"),
                "mac": null,
                "tags": ["floor-9"],
            }))
        })
        .collect();
    let (message, card) = asked(&world, "tag devices tag:floor-9 +retire -floor-9").await;
    world.sim.change_device(&devices[1], &json!({ "displayName": "OSL-9 Board Room" }));
    world.sim.change_device(&devices[3], &json!({ "serial": "FOC9999OSLO" }));
    world.press(&world.cast.ana, &card, "Confirm").await;
    let answer = world.the_answer_to(&message);
    let numbers = ["Changed", "Failed"].map(|label| answer.fact(label).unwrap());
    assert_eq!(numbers, ["3", "2"], "{}", answer.text);
    assert!(answer.text.contains("OSL-9 Room 2: its name, serial number, MAC address"), "{}", answer.text);
    let retired: Vec<bool> = devices.iter().map(|device| tags_of(&world, device) == ["retire"]).collect();
    assert_eq!(retired, [true, false, true, false, true]);
}

#[tokio::test]
async fn the_one_device_of_a_card_keeps_its_tags_if_it_has_changed_since() {
    for (change, expected) in [
        (
            json!({ "displayName": "BER-4 Board" }),
            "The card showed the name \"BER-4 Atelier\"; now the device has the name \"BER-4 Board\".",
        ),
        (
            json!({ "serial": "FOC2719ELSE" }),
            "The card showed the serial number \"FOC2719TAGS\"; now the device has the serial number \"FOC2719ELSE\".",
        ),
        (json!({ "mac": null }), "now the device has no MAC address."),
        (json!({ "workspaceId": null, "placeId": null }), "moved to another workspace"),
    ] {
        let world = World::new().await;
        let device = super::tag_device::add_tagged_device(&world);
        let (message, card) = asked(&world, "tag device \"BER-4 Atelier\" +pilot").await;
        world.sim.change_device(&device, &change);
        world.press(&world.cast.ana, &card, "Confirm").await;
        let answer = world.the_answer_to(&message);
        assert_eq!(answer.headline(), CHANGED, "{change}: {}", answer.text);
        assert!(answer.text.contains(expected), "{change}: {}", answer.text);
        assert_eq!((tags_of(&world, &device).len(), world.calls("PATCH", "/devices/")), (2, 0), "{change}");
    }
}

#[tokio::test]
async fn the_device_on_the_card_is_tagged_even_if_another_has_its_name_by_then() {
    let world = World::new().await;
    let device = super::tag_device::add_tagged_device(&world);
    let (message, card) = asked(&world, "tag device \"BER-4 Atelier\" +pilot").await;
    let other = world.sim.add_device(&json!({ "displayName": "BER-4 Atelier", "tags": [] }));
    world.press(&world.cast.ana, &card, "Confirm").await;
    assert_eq!(world.the_answer_to(&message).headline(), "✓ Tags changed and verified");
    assert_eq!((tags_of(&world, &device).len(), tags_of(&world, &other).len()), (3, 0));
}

/// Lines whose cards ask for a confirmation.
const ASKED: [&str; 5] = [
    "delete device \"The desk\"",
    "tag device \"The desk\" +retire",
    "tag devices name:\"The desk\" +retire",
    ACTIVATE,
    ADD,
];

/// The card of such a line by Ana, with her message, and the label of the button that confirms it.
async fn asked_about(world: &World, line: &str) -> (String, Answer, String) {
    world.sim.add_device(&json!({ "displayName": "The desk", "tags": [] }));
    add_lounge(world);
    let message = world.say(&world.cast.ana, line).await;
    let card = world.the_answer_to(&message);
    let confirm = card.buttons().remove(0);
    (message, card, confirm)
}

/// The calls that change something in Webex's administration.
fn changes(world: &World) -> usize {
    ["DELETE", "PATCH", "POST"].iter().map(|method| world.calls(method, "/devices")).sum()
}

#[tokio::test]
async fn a_plan_is_not_carried_out_with_another_credential() {
    for line in ASKED {
        for is_older in [false, true] {
            let mut world = World::new().await;
            let (message, card, confirm) = asked_about(&world, line).await;
            if is_older {
                // Older versions did not store the credential.
                let sql = "UPDATE plans SET requester = replace(requester, '\"credential\"', '\"unused\"')";
                world.execute(sql).await;
            }
            let other = world.sim.admin_token_of(&world.cast.ben);
            world.restart_with(&[("STEWARD_ADMIN_TOKEN", &other)]).await.unwrap();
            world.press(&world.cast.ana, &card, &confirm).await;
            let answer = world.the_answer_to(&message);
            assert_eq!(changes(&world) > 0, is_older, "{line}: {}", answer.text);
            if !is_older {
                assert!(answer.text.contains("admin credential"), "{line}: {}", answer.text);
                let text = answer.text.to_lowercase();
                assert!(text.contains("send the command again"), "{line}: {}", answer.text);
                let again = world.ask(&world.cast.ana, line).await;
                assert_eq!(again.buttons(), [confirm.as_str(), "Cancel"], "{line}: {}", again.text);
            }
            world.all_answers();
        }
    }
}

#[tokio::test]
async fn a_confirmed_plan_that_has_not_begun_is_not_carried_out_with_another_credential() {
    for line in ASKED {
        let mut world = World::new().await;
        let (message, card, confirm) = asked_about(&world, line).await;
        let path = if line == ACTIVATE || line == ADD { "/workspaces/*" } else { "/devices/*" };
        world.sim.fault(FaultRule::on("GET", path).hanging().once());
        world.press_without_settling(&world.cast.ana, &card, &confirm);
        let hangs = |world: &World| world.sim.count_requests(|call| call.faulted) == 1;
        world.settle_until(hangs).await;
        let other = world.sim.admin_token_of(&world.cast.ben);
        world.restart_with(&[("STEWARD_ADMIN_TOKEN", &other)]).await.unwrap();
        world.settle().await;
        let answer = world.the_result_of(&message);
        assert!(answer.text.contains("admin credential"), "{line}: {}", answer.text);
        assert_eq!(changes(&world), 0, "{line}");
    }
}

/// A field of the hashed form of a plan: its name, presence, length and text.
fn field(hash: &mut Sha256, name: &str, value: Option<&str>) {
    text(hash, name);
    hash.update([u8::from(value.is_some())]);
    if let Some(value) = value {
        text(hash, value);
    }
}

fn text(hash: &mut Sha256, text: &str) {
    hash.update((text.len() as u64).to_be_bytes());
    hash.update(text.as_bytes());
}

/// Replaces the only plan by one of an older version, with its hash.
async fn make_older(world: &World, task: &str, fields: &[(&str, Option<&str>)]) {
    let mut hash = Sha256::new();
    text(&mut hash, "steward plan 1");
    for (name, value) in fields {
        field(&mut hash, name, *value);
    }
    let sql = format!("UPDATE plans SET task = '{task}', hash = '{}'", hex::encode(hash.finalize()));
    world.execute(sql.leak()).await;
}

#[tokio::test]
async fn a_card_of_an_older_version_is_too_old_to_confirm() {
    for by_button in [true, false] {
        let world = World::new().await;
        let lounge = add_lounge(&world);
        let (message, card) = asked(&world, ACTIVATE).await;
        let run = r#"{"task":"run","command":{"command":"activate","place":{"workspace":"BER-7 Lounge"}}}"#;
        let fields = [("org", None), ("task", Some("run")), ("command", Some(ACTIVATE))];
        make_older(&world, run, &fields).await;
        refuses_an_old_card(&world, &message, &card, by_button).await;
        assert_eq!(provisioned(&world), 0);
        assert_eq!(world.sim.workspace(&lounge).unwrap()["calling"]["type"], "none");
    }
    for by_button in [true, false] {
        let world = World::new().await;
        let device = super::tag_device::add_tagged_device(&world);
        let (message, card) = asked(&world, "tag devices serial:FOC2719TAGS +retire").await;
        let tags = format!(
            r#"{{"task":"tag_devices","filter":"serial:FOC2719TAGS","devices":[{{"id":"{device}","name":"BER-4 Atelier"}}],"change":{{"add":["retire"],"remove":[]}}}}"#
        );
        let fields = [
            ("org", None),
            ("task", Some("tag devices")),
            ("filter", Some("serial:FOC2719TAGS")),
            ("change", Some("+retire")),
            ("device", Some(device.as_str())),
            ("name", Some("BER-4 Atelier")),
        ];
        make_older(&world, &tags, &fields).await;
        refuses_an_old_card(&world, &message, &card, by_button).await;
        assert_eq!(tags_of(&world, &device), ["lobby", "vip"]);
    }
}

async fn refuses_an_old_card(world: &World, message: &str, card: &Answer, by_button: bool) {
    let code = card.code();
    if by_button {
        world.press(&world.cast.ana, card, "Confirm").await;
    } else {
        world.reply(&world.cast.ana, message, &format!("confirm {code}")).await;
    }
    let refused = world.answers_to(message).pop().unwrap();
    assert_eq!(refused.headline(), "? This card is too old", "{}", refused.text);
    assert!(refused.text.contains("Send the command again."), "{}", refused.text);
    let audit = world.audit().await;
    let why = audit.iter().find_map(|entry| match &entry.event {
        AuditEvent::PressRefused { why, .. } => Some(why.as_str()),
        _ => None,
    });
    assert_eq!(why, Some("outdated"));
    world.reply(&world.cast.ana, message, &format!("cancel {code}")).await;
    assert_eq!(world.answers_to(message).pop().unwrap().headline(), "Canceled: nothing was done");
}
