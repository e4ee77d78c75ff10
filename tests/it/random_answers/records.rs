//! The records that a story is about, and what Ana calls them.

use serde_json::{Value, json};

use super::changes::{Ledger, tags_of};
use super::story::{Named, Order, Place, Story};
use crate::world::{Answer, World};

pub const SERIAL: &str = "FOC2719SIDE";
pub const MAC: &str = "02:27:19:00:00:AB";
pub const NAME: &str = "The random Café";
pub const LOUNGE: &str = "BER-7 Café";
/// The tag of the devices that Ana changes together.
pub const FLOOR: &str = "floor-9";
/// The MAC address of the device that Ana adds.
pub const ADDED: &str = "0227190000CC";

/// The ids of the records that a story is about.
#[derive(Debug, Clone)]
pub struct Records {
    pub device: String,
    /// A device that Ana never means.
    pub other: String,
    pub lounge: String,
    /// A workspace that she never means.
    pub library: String,
    /// The person who gets a device.
    pub ben: String,
}

impl Records {
    /// Adds the records of a story, and those whose names read alike.
    pub fn add(world: &World, story: &Story) -> Self {
        let sim = &world.sim;
        let tags = ["lobby", "vip", FLOOR];
        let device =
            sim.add_device(&json!({ "displayName": NAME, "serial": SERIAL, "mac": MAC, "tags": tags }));
        let other =
            json!({ "displayName": "Another desk", "serial": "FOC2719ELSE", "mac": "02:27:19:00:00:02" });
        let other = sim.add_device(&other);
        let mate = json!({ "displayName": "The shelf", "serial": "FOC2719MATE", "mac": null, "tags": tags });
        sim.add_device(&mate);
        let calling = json!({ "type": if story.has_calling { "webexCalling" } else { "none" } });
        let lounge = sim.add_workspace(&json!({ "displayName": LOUNGE, "calling": calling }));
        let calling = json!({ "type": "thirdPartySipCalling" });
        let library = sim.add_workspace(&json!({ "displayName": "BER-7 Library", "calling": calling }));
        if let Some(spelling) = story.twin {
            let twin = json!({ "displayName": spelling.of(NAME), "serial": "FOC2719TWIN", "mac": null });
            sim.add_device(&twin);
            sim.add_workspace(&json!({ "displayName": spelling.of(LOUNGE), "type": "desk" }));
            let name = json!({ "displayName": spelling.of(&world.cast.ben.display_name) });
            sim.change_person(&world.cast.carla.id, &name);
        }
        Self { device, other, lounge, library, ben: world.cast.ben.id.clone() }
    }

    /// The records as they are in the beginning.
    pub fn ledger(&self, world: &World) -> Ledger {
        let ben = (self.ben.as_str(), json!({ "email": world.cast.ben.email }));
        Ledger::of(&world.sim, &[&self.lounge, &self.library], &[ben])
    }

    /// Device, workspace and person get other names.
    pub fn rename(&self, world: &World, ledger: &mut Ledger) {
        ledger.change_device(&world.sim, &self.device, &json!({ "displayName": "Renamed" }));
        ledger.change_workspace(&world.sim, &self.lounge, &json!({ "displayName": "BER-8 Renamed" }));
        let person = json!({ "displayName": "Benjamin Bauer", "email": "benjamin@example.com" });
        ledger.change_person(&world.sim, &self.ben, &person);
    }

    /// Others get the names that device, workspace and person have.
    pub fn give_names_to_others(&self, world: &World, ledger: &mut Ledger) {
        ledger.change_device(&world.sim, &self.other, &json!({ "displayName": NAME }));
        ledger.change_workspace(&world.sim, &self.library, &json!({ "displayName": LOUNGE }));
        let ben = &world.cast.ben;
        let person = json!({ "displayName": ben.display_name, "email": ben.email });
        ledger.change_person(&world.sim, &world.cast.carla.id, &person);
    }

    /// The ids of the records that Ana means.
    pub fn meant_by(&self, order: Order, world: &World) -> Vec<String> {
        match order {
            Order::Delete(_) | Order::Tag(..) => vec![self.device.clone()],
            Order::TagMany(_) => {
                let on_the_floor = |device: &Value| tags_of(device).iter().any(|tag| tag == FLOOR);
                let devices = world.sim.devices().into_iter().filter(on_the_floor);
                devices.filter_map(|device| device["id"].as_str().map(str::to_owned)).collect()
            }
            Order::Add(place) | Order::Activate(place) if place.is_person() => vec![self.ben.clone()],
            Order::Add(_) | Order::Activate(_) => vec![self.lounge.clone()],
        }
    }

    /// What Ana calls the record of her command.
    pub fn called(&self, order: Order, world: &World) -> String {
        match order {
            Order::Delete(named) | Order::Tag(named, _) => match named {
                Named::Id => self.device.clone(),
                Named::Serial => SERIAL.to_owned(),
                Named::Mac => MAC.to_owned(),
                Named::Name => NAME.to_owned(),
            },
            Order::TagMany(_) => FLOOR.to_owned(),
            Order::Add(place) | Order::Activate(place) => match place {
                Place::WorkspaceId => self.lounge.clone(),
                Place::WorkspaceName => LOUNGE.to_owned(),
                Place::PersonEmail => world.cast.ben.email.clone(),
                Place::PersonName => world.cast.ben.display_name.clone(),
            },
        }
    }
}

/// The line that Ana types.
pub fn line(order: Order, reference: &str) -> String {
    let reference = if order.is_by_name() { format!("\"{reference}\"") } else { reference.to_owned() };
    let place = |place: Place| if place.is_person() { "person" } else { "workspace" };
    let mut line = match order {
        Order::Delete(_) => format!("delete device {reference}"),
        Order::Tag(..) => format!("tag device {reference}"),
        Order::TagMany(_) => format!("tag devices tag:{reference}"),
        Order::Add(to) => {
            let model = if to.is_person() { "Cisco 9861" } else { "Cisco Room Bar" };
            format!("add device mac {ADDED} model \"{model}\" to {} {reference}", place(to))
        }
        Order::Activate(to) => format!("activate {} {reference}", place(to)),
    };
    if let Some(tags) = order.tags() {
        line.extend(tags.add.map(|tag| format!(" +{tag}")));
        line.extend(tags.remove.map(|tag| format!(" -{tag}")));
    }
    line
}

/// The button of a card that asks for a confirmation.
pub fn question_on(card: &Answer) -> Option<String> {
    card.buttons().into_iter().find(|label| label == "Delete" || label == "Confirm")
}

/// Whether a question is about the device that Ana means. One that others have exchanged she does not confirm.
pub fn shows_the_meant(order: Order, card: &Answer) -> bool {
    !matches!(order, Order::Delete(_) | Order::Tag(..)) || card.fact("Serial").as_deref() == Some(SERIAL)
}

/// The button for the record that Ana means, on a card with several whose names read alike.
pub fn choice_on(order: Order, card: &Answer, world: &World) -> Option<String> {
    let mark = match order {
        Order::Add(place) | Order::Activate(place) if place.is_person() => &world.cast.ben.email,
        Order::Add(_) | Order::Activate(_) => "meeting room",
        Order::Delete(_) | Order::Tag(..) | Order::TagMany(_) => SERIAL,
    };
    let label = format!("Choose {}", row_with(card, mark)?);
    card.buttons().contains(&label).then_some(label)
}

/// The number of the row that contains this text.
fn row_with(card: &Answer, mark: &str) -> Option<usize> {
    let mut row = None;
    for line in card.text.lines() {
        let number = line.split_once("  ").and_then(|(number, _)| number.parse().ok());
        row = number.or(row).filter(|_| !line.is_empty());
        if row.is_some() && line.contains(mark) {
            return row;
        }
    }
    None
}
