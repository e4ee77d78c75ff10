//! A plausible fleet of any size with its locations and workspaces, the same for the same seed.
//!
//! The fields and their gaps follow the Devices API reference. Phones rarely report an address and never a time when
//! they were last seen. Some devices have no serial number or no MAC address. `plannedMaintenance` is an object in the
//! schema but a bare string from the live service; here it is mostly a string.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::cast::Cast;
use super::ids::{HOME, IdMint, REGIONAL, encode};
use super::model::devices::bare_device;
use super::model::records::merge;
use super::model::{Model, written};

/// How many devices the other organization has.
const PARTNER_DEVICES: usize = 3;

const CITIES: [&str; 8] = ["BER", "SFO", "OSL", "LON", "SIN", "NYC", "MUC", "TYO"];
const ROOM_NAMES: [&str; 24] = [
    "Panorama", "Atlas", "Borealis", "Cascade", "Delta", "Elbe", "Fjord", "Galileo", "Harbor", "Iris",
    "Juno", "Kepler", "Lagoon", "Meridian", "Nordic", "Orion", "Pacific", "Quartz", "Rhine", "Sierra",
    "Tundra", "Umbra", "Vega", "Zenith",
];
const ROOM_PRODUCTS: [&str; 6] = [
    "Cisco Room Bar Pro",
    "Cisco Board Pro 55",
    "Cisco Room Kit",
    "Cisco Room Bar",
    "Cisco Room Kit EQ",
    "Cisco Room 70 G2",
];
const DESK_PRODUCTS: [&str; 3] = ["Cisco Desk Pro", "Cisco Desk", "Cisco Desk Mini"];
const PHONE_PRODUCTS: [&str; 3] = ["Cisco 8865", "Cisco 9861", "Cisco 8845"];
const STATUSES: [&str; 10] = [
    "connected",
    "connected",
    "connected",
    "disconnected",
    "connected",
    "connected_with_issues",
    "connected",
    "offline_expired",
    "unknown",
    "offline_deep_sleep",
];
const TAGS: [&[&str]; 5] = [&[], &["pilot"], &["lobby", "vip"], &[], &["boardroom"]];
/// One location in each city: name, street, city, country and time zone, in the order of the cities.
const SITES: [[&str; 5]; 8] = [
    ["Berlin", "Torstrasse 1", "Berlin", "DE", "Europe/Berlin"],
    ["San Francisco", "500 Howard St", "San Francisco", "US", "America/Los_Angeles"],
    ["Oslo", "Karl Johans gate 2", "Oslo", "NO", "Europe/Oslo"],
    ["London", "9 Bishopsgate", "London", "GB", "Europe/London"],
    ["Singapore", "80 Robinson Road", "Singapore", "SG", "Asia/Singapore"],
    ["New York", "11 Madison Ave", "New York", "US", "America/New_York"],
    ["Munich", "Leopoldstrasse 4", "Munich", "DE", "Europe/Berlin"],
    ["Tokyo", "2-3 Marunouchi", "Tokyo", "JP", "Asia/Tokyo"],
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FleetKind {
    Room,
    Desk,
    Phone,
    PersonalDesk,
    PersonalPhone,
}

impl FleetKind {
    /// The kinds of every ten devices: five rooms, a desk, two phones, and one desk and one phone of a person.
    fn of(index: usize) -> Self {
        match index % 10 {
            3 => Self::Phone,
            4 => Self::PersonalDesk,
            6 => Self::Desk,
            8 => Self::PersonalPhone,
            9 if index % 20 == 9 => Self::Phone,
            _ => Self::Room,
        }
    }

    fn is_phone(self) -> bool {
        matches!(self, Self::Phone | Self::PersonalPhone)
    }

    fn is_personal(self) -> bool {
        matches!(self, Self::PersonalDesk | Self::PersonalPhone)
    }

    fn product(self, index: usize) -> &'static str {
        match self {
            Self::Room => ROOM_PRODUCTS[index % ROOM_PRODUCTS.len()],
            Self::Desk | Self::PersonalDesk => DESK_PRODUCTS[index / 10 % DESK_PRODUCTS.len()],
            Self::Phone | Self::PersonalPhone => PHONE_PRODUCTS[index / 10 % PHONE_PRODUCTS.len()],
        }
    }

    fn name(self, index: usize, owner: &str) -> String {
        let city = CITIES[index % CITIES.len()];
        let floor = 1 + index / CITIES.len() % 12;
        let place = ROOM_NAMES[(index * 7 + index / 96) % ROOM_NAMES.len()];
        match self {
            Self::Room => format!("{city}-{floor} {place}"),
            Self::Desk => format!("{city}-{floor} Desk {place}"),
            Self::Phone => format!("{city}-{floor} Phone {place}"),
            Self::PersonalDesk => format!("{owner} Desk {city}-{floor}"),
            Self::PersonalPhone => format!("{owner} Phone {city}-{floor}"),
        }
    }
}

/// Builds the fleet device by device.
struct Fleet<'a> {
    model: &'a mut Model,
    mint: IdMint,
    cast: &'a Cast,
    now: Timestamp,
    /// The ids of the locations, in the order of the cities.
    locations: Vec<String>,
}

/// Fills the model with `devices` devices of Example Corp, a few of Partner Ltd, and their workspaces and locations.
pub(super) fn populate(model: &mut Model, cast: &Cast, devices: usize, seed: u64) {
    let mut mint = IdMint::seeded(seed ^ 0x00f1_ee75);
    let first = mint.mint("LOCATION");
    let locations = add_locations(model, cast, first, &mut IdMint::seeded(seed ^ 0x0010_ca75));
    let now = model.now();
    let mut fleet = Fleet { model, mint, cast, now, locations };
    (0..PARTNER_DEVICES).for_each(|index| fleet.add_room_of_partner(index));
    (0..devices).for_each(|index| fleet.add_device(index));
}

/// Adds the locations of both organizations and returns the ids of those of Example Corp, in the order of the cities.
fn add_locations(model: &mut Model, cast: &Cast, first: String, mint: &mut IdMint) -> Vec<String> {
    let mut add = |id: &str, org_id: &str, [name, street, city, country, time_zone]: [&str; 5]| {
        model.add_location(json!({
            "id": id,
            "name": name,
            "orgId": org_id,
            "address": { "address1": street, "city": city, "country": country },
            "timeZone": time_zone,
        }));
    };
    let mut ids = vec![first];
    ids.resize_with(SITES.len(), || mint.mint("LOCATION"));
    ids.iter().zip(SITES).for_each(|(id, site)| add(id, &cast.example_org, site));
    add(&mint.mint("LOCATION"), &cast.partner_org, SITES[2]);
    ids
}

/// A device made on request: a connected room device in a new workspace. Its fields can be overridden.
pub(super) fn another_device(model: &mut Model, org_id: &str) -> Value {
    let id = model.mint("DEVICE");
    let workspace = another_workspace(model, org_id);
    model.workspaces.put(&workspace);
    let now = written(model.now());
    let mut device = room_device(&id, org_id, "Cisco Room Bar Pro", "New Room");
    merge(
        &mut device,
        &json!({
            "workspaceId": workspace["id"],
            "placeId": workspace["id"],
            "ip": "10.99.0.1",
            "activeInterface": "wired",
            "mac": "AA:BB:CC:00:00:01",
            "serial": "FOC9999NEW1",
            "software": "RoomOS 11.20.1",
            "upgradeChannel": "stable",
            "created": now,
            "firstSeen": now,
            "lastSeen": now,
        }),
    );
    device
}

/// A workspace made on request, for collaboration devices.
pub(super) fn another_workspace(model: &mut Model, org_id: &str) -> Value {
    let id = model.mint("PLACES");
    workspace(&id, org_id, "New Room", FleetKind::Room, model.now())
}

impl Fleet<'_> {
    fn add_room_of_partner(&mut self, index: usize) {
        let name = format!("PTN-{} {}", index + 1, ROOM_NAMES[index]);
        let (id, workspace_id) = (self.mint.mint("DEVICE"), self.mint.mint("PLACES"));
        let org_id = &self.cast.partner_org;
        let workspace = workspace(&workspace_id, org_id, &name, FleetKind::Room, self.now);
        self.model.workspaces.put(&workspace);
        let mut device = room_device(&id, org_id, ROOM_PRODUCTS[index], &name);
        device["workspaceId"] = json!(workspace_id);
        device["placeId"] = json!(workspace_id);
        device["serial"] = json!(format!("FPT{index:04}OSL"));
        device["created"] = json!(written(self.now - SignedDuration::from_hours(24 * 400)));
        self.model.devices.put(&device);
    }

    fn add_device(&mut self, index: usize) {
        let kind = FleetKind::of(index);
        let id = self.device_id(index);
        let owner = [&self.cast.ana, &self.cast.ben, &self.cast.carla][index / 10 % 3];
        let name = kind.name(index, &owner.display_name);
        let mut device = room_device(&id, &self.cast.example_org, kind.product(index), &name);
        if kind.is_personal() {
            device["personId"] = json!(owner.id);
        } else {
            let workspace_id = self.mint.mint("PLACES");
            self.add_workspace(&workspace_id, &name, kind, index);
            device["workspaceId"] = json!(workspace_id);
            device["placeId"] = json!(workspace_id);
        }
        self.identify(&mut device, kind, index);
        if kind.is_phone() {
            self.make_phone(&mut device, index);
        } else {
            self.make_room_device(&mut device, index);
        }
        self.model.devices.put(&device);
    }

    fn add_workspace(&mut self, id: &str, name: &str, kind: FleetKind, index: usize) {
        let mut workspace = workspace(id, &self.cast.example_org, name, kind, self.now);
        workspace["locationId"] = json!(self.locations[index % CITIES.len()]);
        workspace["capacity"] = json!(if kind == FleetKind::Room { 4 + index % 5 * 4 } else { 1 });
        if index % 15 == 7 {
            workspace["calling"] = json!({ "type": "none" });
        }
        self.model.workspaces.put(&workspace);
    }

    /// One device in seven belongs to another cluster, and every other one of those has its key in upper case.
    fn device_id(&mut self, index: usize) -> String {
        let key = self.mint.uuid().to_string();
        match index % 14 {
            5 => encode(REGIONAL, "DEVICE", &key),
            12 => encode(REGIONAL, "DEVICE", &key.to_uppercase()),
            _ => encode(HOME, "DEVICE", &key),
        }
    }

    /// Numbers, tags and dates. Some of them are missing here and there.
    fn identify(&mut self, device: &mut Value, kind: FleetKind, index: usize) {
        let age =
            SignedDuration::from_hours(24 * (30 + i64::try_from(self.mint.below(900)).unwrap_or_default()));
        device["created"] = json!(written(self.now - age));
        device["firstSeen"] = json!(written(self.now - age + SignedDuration::from_secs(192)));
        device["tags"] = json!(TAGS[index % TAGS.len()]);
        if index % 13 != 11 {
            let maker = if kind.is_phone() { "FCH" } else { "FOC" };
            device["serial"] = json!(format!("{maker}{:04}{:04X}", 2100 + index / 65_536, index % 65_536));
        }
        if index % 11 != 10 {
            let number = format!("{:012X}", 0x0021_5500_0000_u64 + index as u64 * 3 + 1);
            let separated = index % 4 != 3;
            device["mac"] = json!(if separated { with_colons(&number) } else { number });
        }
        if index % 6 != 5 {
            device["locationId"] = json!(self.locations[index % CITIES.len()]);
        }
        if index % 9 == 4 {
            device["plannedMaintenance"] = json!({ "mode": "off" });
        }
    }

    fn make_phone(&mut self, device: &mut Value, index: usize) {
        let statuses = ["connected", "disconnected", "activating", "unknown", "pending"];
        let fields = json!({
            "type": "phone",
            "capabilities": [],
            "permissions": [],
            "callingDeviceId": self.mint.mint_calling(),
            "connectionStatus": statuses[index / 3 % 5],
            "ip": (index % 8 == 3).then(|| address_of(index)),
            "firstSeen": null,
        });
        merge(device, &fields);
    }

    fn make_room_device(&mut self, device: &mut Value, index: usize) {
        let status = STATUSES[(index + index / 10) % STATUSES.len()];
        let silent = i64::try_from(self.mint.below(600)).unwrap_or_default();
        let days_silent = if status.starts_with("connected") { 0 } else { 3 + silent / 20 };
        let last_seen =
            self.now - SignedDuration::from_secs(silent) - SignedDuration::from_hours(24 * days_silent);
        let sip = format!("room{index}@example.rooms.webex.com");
        let fields = json!({
            "connectionStatus": status,
            "lastSeen": written(last_seen),
            "ip": address_of(index),
            "activeInterface": if index % 5 == 1 { "wlan" } else { "wired" },
            "primarySipUrl": sip,
            "sipUrls": [sip],
            "software": if index % 7 == 6 { "RoomOS 11.17.4" } else { "RoomOS 11.20.1" },
            "upgradeChannel": if index % 12 == 7 { "preview" } else { "stable" },
        });
        merge(device, &fields);
        if status == "connected_with_issues" {
            device["errorCodes"] = json!(["sipprofileregistration"]);
        }
        if index % 17 == 16 {
            device["devicePlatform"] = json!("microsoftTeamsRoom");
        }
    }
}

/// A connected room device without any identifying field.
fn room_device(id: &str, org_id: &str, product: &str, name: &str) -> Value {
    let mut device = bare_device(id, org_id, product);
    let fields = json!({
        "displayName": name,
        "capabilities": ["xapi"],
        "permissions": ["xapi:readonly", "xapi:all"],
        "connectionStatus": "connected",
    });
    merge(&mut device, &fields);
    device
}

fn workspace(id: &str, org_id: &str, name: &str, kind: FleetKind, now: Timestamp) -> Value {
    let (kind, takes, calling) = match kind {
        FleetKind::Phone | FleetKind::PersonalPhone => ("other", "phones", "webexCalling"),
        FleetKind::Desk | FleetKind::PersonalDesk => ("desk", "collaborationDevices", "freeCalling"),
        FleetKind::Room => ("meetingRoom", "collaborationDevices", "freeCalling"),
    };
    json!({
        "id": id,
        "orgId": org_id,
        "displayName": name,
        "type": kind,
        "capacity": 8,
        "created": written(now - SignedDuration::from_hours(24 * 1000)),
        "calling": { "type": calling },
        "calendar": { "type": "none" },
        "hotdeskingStatus": "off",
        "supportedDevices": takes,
        "devicePlatform": "cisco",
    })
}

fn address_of(index: usize) -> String {
    format!("10.{}.{}.{}", index / 62_500 % 250, index / 250 % 250, 2 + index % 250)
}

fn with_colons(number: &str) -> String {
    let pairs: Vec<&str> = (0..number.len()).step_by(2).map(|at| &number[at..at + 2]).collect();
    pairs.join(":")
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::sync::Arc;

    use super::*;
    use crate::domain::clock::ManualClock;
    use crate::sim::cast;

    fn fleet(devices: usize) -> Vec<Value> {
        let clock = ManualClock::starting_at("2026-04-02T08:00:00Z".parse().unwrap());
        let mut model = Model::empty(Arc::new(clock), 1, String::new());
        let cast = cast::populate(&mut model);
        populate(&mut model, &cast, devices, 1);
        model.devices.all().collect()
    }

    #[test]
    fn the_same_seed_gives_the_same_fleet() {
        assert_eq!(fleet(60), fleet(60));
    }

    #[test]
    fn a_small_fleet_has_every_kind_of_device_and_every_gap() {
        let fleet = fleet(40);
        let lacks = |field: &str| fleet.iter().any(|device| device[field].is_null());
        for field in ["serial", "mac", "lastSeen", "ip", "workspaceId", "personId"] {
            assert!(lacks(field), "some device should have no {field}");
        }
        assert!(fleet.iter().any(|device| device["type"] == "phone" && device["personId"].is_string()));
        assert!(fleet.iter().any(|device| device["type"] == "roomdesk" && device["personId"].is_string()));
        assert!(fleet.iter().any(|device| device["plannedMaintenance"].is_object()));
        assert!(
            fleet.iter().filter(|device| device["plannedMaintenance"] == "off").count() > fleet.len() / 2
        );
        assert!(
            fleet.iter().filter(|device| device["type"] == "phone").all(|phone| phone["lastSeen"].is_null())
        );
    }

    #[test]
    fn names_and_numbers_of_a_small_fleet_are_unique() {
        let fleet = fleet(90);
        for field in ["id", "displayName", "serial", "mac"] {
            let values: Vec<&str> = fleet.iter().filter_map(|device| device[field].as_str()).collect();
            assert_eq!(values.iter().collect::<HashSet<_>>().len(), values.len(), "{field}");
        }
    }
}
