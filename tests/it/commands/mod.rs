//! Each command through chat, and the buttons of its cards.

mod activate;
mod add_device;
mod button_presses;
mod chat_lines;
mod choices;
mod confirm_cancel;
mod csv_export;
mod delete_device;
mod empty_lists;
mod fresh_read;
mod frozen_plans;
mod help;
mod intents;
mod interrupted;
mod list_devices;
mod names;
mod organizations;
mod references;
mod same_device;
mod shown_rows;
mod tag_device;
mod tag_devices;

use serde_json::{Value, json};

use crate::world::{Answer, World};

/// Adds a device of Example Corp with its own name, serial number, MAC address and workspace.
fn add_room_device(world: &World, name: &str, number: usize) -> String {
    world.sim.add_device(&json!({
        "displayName": name,
        "serial": format!("FDSK{number:04}ABC"),
        "mac": format!("02:00:00:00:{:02X}:{:02X}", number / 256, number % 256),
    }))
}

/// Ana asks for a deletion by name. Returns the message and the confirmation card.
async fn confirmation_card(world: &World, name: &str) -> (String, Answer) {
    let message = world.say(&world.cast.ana, &format!("delete device \"{name}\"")).await;
    let card = world.the_answer_to(&message);
    assert_eq!(card.headline(), "Delete this device?", "{}", card.text);
    (message, card)
}

fn text_of(value: &Value, field: &str) -> String {
    value[field].as_str().unwrap_or_default().to_owned()
}
