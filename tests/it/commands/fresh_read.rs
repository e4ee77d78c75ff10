//! The reference must fit the device itself, read right before the change, and not only an entry of a list.

use serde_json::{Value, json};
use steward::sim::FaultRule;

use super::tag_device::{add_tagged_device, tags_of};
use crate::world::World;

/// The list shows a device with these fields, which its own record does not have.
fn list_shows(world: &World, device: &str, fields: &Value) {
    let mut record = world.sim.device(device).unwrap();
    for (field, value) in fields.as_object().unwrap() {
        record[field] = value.clone();
    }
    world.sim.fault(FaultRule::on("GET", "/devices").json_body(json!({ "items": [record] })));
}

#[tokio::test]
async fn a_device_found_by_a_serial_number_or_mac_address_that_it_does_not_have_is_not_changed() {
    for (written, listed) in [
        ("FOC9999LIST", json!({ "serial": "FOC9999LIST" })),
        ("foc9999list", json!({ "serial": "FOC9999LIST" })),
        ("02:00:00:99:99:99", json!({ "mac": "020000999999" })),
        ("FOC9999LIST", json!({ "serial": "FOC9999LIST", "mac": "020000999999" })),
    ] {
        let world = World::new().await;
        let device = add_tagged_device(&world);
        list_shows(&world, &device, &listed);
        let answer = world.ask(&world.cast.ana, &format!("delete device {written}")).await;
        assert_eq!(answer.outcome(), "failed", "{}", answer.text);
        assert!(answer.happened().contains(written), "{}", answer.happened());
        assert!(answer.happened().contains("serial number FOC2719TAGS"), "{}", answer.happened());
        assert!(answer.happened().contains("MAC address AA:BB:CC:27:19:01"), "{}", answer.happened());
        assert_eq!(answer.fact("Serial").as_deref(), Some("FOC2719TAGS"));
        let answer = world.ask(&world.cast.ana, &format!("tag device {written} +retire")).await;
        assert_eq!(answer.headline(), "✕ Not this device: nothing was done", "{}", answer.text);
        assert!(answer.text.contains(written) && answer.text.contains("FOC2719TAGS"), "{}", answer.text);
        assert!(world.device_exists(&device));
        assert_eq!(tags_of(&world, &device), ["lobby", "vip"]);
        assert_eq!((world.deletes(), world.calls("PATCH", "/devices")), (0, 0));
    }
}

#[tokio::test]
async fn a_device_whose_name_is_the_written_serial_number_is_not_deleted_at_once() {
    let world = World::new().await;
    let device = add_tagged_device(&world);
    world.sim.change_device(&device, &json!({ "displayName": "FOC9999LIST" }));
    list_shows(&world, &device, &json!({ "serial": "FOC9999LIST" }));
    let answer = world.ask(&world.cast.ana, "delete device FOC9999LIST").await;
    assert_eq!(answer.outcome(), "failed", "{}", answer.text);
    assert!(world.device_exists(&device) && world.deletes() == 0);
}

#[tokio::test]
async fn a_device_confirmed_by_its_listed_facts_is_not_deleted_if_it_has_others() {
    for (listed, shown) in [
        (json!({ "displayName": "The desk" }), "The desk"),
        (json!({ "displayName": "The desk", "serial": "FOC9999LIST" }), "FOC9999LIST"),
    ] {
        let world = World::new().await;
        let device = add_tagged_device(&world);
        list_shows(&world, &device, &listed);
        let message = world.say(&world.cast.ana, "delete device \"The desk\"").await;
        let card = world.the_answer_to(&message);
        world.press(&world.cast.ana, &card, "Delete").await;
        let answer = world.the_answer_to(&message);
        assert!(answer.text.contains(shown) && answer.text.contains("BER-4 Atelier"), "{}", answer.text);
        assert!(world.device_exists(&device) && world.deletes() == 0);
    }
}

#[tokio::test]
async fn a_device_of_many_that_was_renamed_since_the_card_is_left_alone() {
    let world = World::new().await;
    let device = add_tagged_device(&world);
    let message = world.say(&world.cast.ana, "tag devices serial:FOC2719TAGS +retire").await;
    let code = world.the_answer_to(&message).code();
    world.sim.change_device(&device, &json!({ "displayName": "Somewhere else" }));
    world.reply(&world.cast.ana, &message, &format!("confirm {code}")).await;
    let answer = world.the_answer_to(&message);
    assert!(answer.text.contains("has changed since the card, so it was left alone"), "{}", answer.text);
    assert_eq!(tags_of(&world, &device), ["lobby", "vip"]);
}

#[tokio::test]
async fn the_record_of_another_device_is_not_the_one_with_the_written_id() {
    let world = World::new().await;
    let device = world.a_device_id();
    let mut other = world.sim.device(&device).unwrap();
    let id = world.sim.add_device(&json!({}));
    other["id"] = json!(id);
    other["webexDeviceId"] = json!(id);
    world.sim.fault(FaultRule::on("GET", &format!("/devices/{device}")).json_body(other));
    let message = world.delete(&device).await;
    world.advance_through_waits(jiff::SignedDuration::from_secs(40)).await;
    assert_eq!(world.the_answer_to(&message).outcome(), "failed");
    assert!(world.device_exists(&device) && world.device_exists(&id) && world.deletes() == 0);
}
