//! The device desk through chat: lists, references, files, tags, activation, additions, deletions by name, presses of
//! buttons and the same in words, and the devices of other organizations.

mod activation;
mod additions;
mod by_name;
mod choices;
mod exports;
mod help;
mod lists;
mod orgs;
mod presses;
mod references;
mod tags;
mod tags_of_many;
mod words;

use serde_json::{Value, json};

use crate::world::{Answer, World};

/// A device of Example Corp with a name, serial number, MAC address and workspace of its own.
fn a_room(world: &World, name: &str, number: usize) -> String {
    world.sim.add_device(&json!({
        "displayName": name,
        "serial": format!("FDSK{number:04}ABC"),
        "mac": format!("02:00:00:00:{:02X}:{:02X}", number / 256, number % 256),
    }))
}

/// Ana asks for a device to be deleted by its name: the message, and the card that asks back.
async fn asked_back(world: &World, name: &str) -> (String, Answer) {
    let message = world.say(&world.cast.ana, &format!("delete device \"{name}\"")).await;
    let card = world.the_answer_to(&message);
    assert_eq!(card.headline(), "Delete this device?", "{}", card.text);
    (message, card)
}

fn text_of(value: &Value, field: &str) -> String {
    value[field].as_str().unwrap_or_default().to_owned()
}
