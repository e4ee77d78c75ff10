//! A plausible fleet of any size, the same for the same seed.
//!
//! The fields and their gaps follow the Devices API reference: phones rarely report an address and never when they
//! were last seen, some devices have no serial number or no MAC address, and `plannedMaintenance` is an object in
//! the schema but a bare string in the example.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::cast::Cast;
use super::ids::{HOME, IdMint, REGIONAL, encode};
use super::model::{Model, written};
use super::sites;

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

/// What a device of the fleet is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sort {
    Room,
    Desk,
    Phone,
    PersonalDesk,
    PersonalPhone,
}

impl Sort {
    /// Of ten devices: five rooms, a desk, two phones, and one desk and one phone of a person.
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
}

/// Builds devices one after the other.
struct Fleet<'a> {
    mint: IdMint,
    cast: &'a Cast,
    now: Timestamp,
    /// The ids of the locations, in the order of the cities.
    locations: Vec<String>,
}

/// Fills the model with `devices` devices of Example Corp, a few of Partner Ltd, and their workspaces.
pub fn populate(model: &mut Model, cast: &Cast, devices: usize, seed: u64) {
    let mut mint = IdMint::seeded(seed ^ 0x00f1_ee75);
    let first = mint.mint("LOCATION");
    let locations = sites::populate(model, cast, first, &mut IdMint::seeded(seed ^ 0x0010_ca75));
    let mut fleet = Fleet { mint, cast, now: model.now(), locations };
    for index in 0..PARTNER_DEVICES {
        let device = fleet.room_of_partner(model, index);
        model.devices.put(&device);
    }
    for index in 0..devices {
        let device = fleet.device(model, index);
        model.devices.put(&device);
    }
}

/// A device made on request: a connected room device whose fields can be overridden, with a workspace of its own.
pub fn one_more(model: &mut Model, cast: &Cast) -> Value {
    let id = model.mint("DEVICE");
    let workspace_id = model.mint("PLACES");
    let now = model.now();
    model.workspaces.put(&one_more_workspace(&workspace_id, &cast.example_org, now));
    json!({
        "id": id,
        "webexDeviceId": id,
        "displayName": "New Room",
        "workspaceId": workspace_id,
        "placeId": workspace_id,
        "orgId": cast.example_org,
        "capabilities": ["xapi"],
        "permissions": ["xapi:readonly", "xapi:all"],
        "connectionStatus": "connected",
        "product": "Cisco Room Bar Pro",
        "type": "roomdesk",
        "tags": [],
        "ip": "10.99.0.1",
        "activeInterface": "wired",
        "mac": "AA:BB:CC:00:00:01",
        "serial": "FOC9999NEW1",
        "software": "RoomOS 11.20.1",
        "upgradeChannel": "stable",
        "created": written(now),
        "firstSeen": written(now),
        "lastSeen": written(now),
        "errorCodes": [],
        "managedBy": "CISCO",
        "devicePlatform": "cisco",
        "plannedMaintenance": { "mode": "off" },
    })
}

/// A workspace made on request, for collaboration devices.
pub fn one_more_workspace(id: &str, org_id: &str, now: Timestamp) -> Value {
    workspace(id, org_id, "New Room", Sort::Room, now)
}

impl Fleet<'_> {
    fn room_of_partner(&mut self, model: &mut Model, index: usize) -> Value {
        let name = format!("PTN-{} {}", index + 1, ROOM_NAMES[index]);
        let id = self.mint.mint("DEVICE");
        let workspace_id = self.mint.mint("PLACES");
        let org_id = &self.cast.partner_org;
        model.workspaces.put(&workspace(&workspace_id, org_id, &name, Sort::Room, self.now));
        let mut device = self.common(&id, &name, org_id, ROOM_PRODUCTS[index]);
        device["workspaceId"] = json!(workspace_id);
        device["placeId"] = json!(workspace_id);
        device["serial"] = json!(format!("FPT{index:04}OSL"));
        device["connectionStatus"] = json!("connected");
        device
    }

    fn device(&mut self, model: &mut Model, index: usize) -> Value {
        let sort = Sort::of(index);
        let id = self.device_id(index);
        let name = self.name(sort, index);
        let mut device = self.common(&id, &name, &self.cast.example_org, sort.product(index));
        if sort.is_personal() {
            let owners = [&self.cast.ana, &self.cast.ben, &self.cast.carla];
            device["personId"] = json!(owners[index / 10 % owners.len()].id);
        } else {
            let workspace_id = self.mint.mint("PLACES");
            model.workspaces.put(&self.workspace_of(&workspace_id, &name, sort, index));
            device["workspaceId"] = json!(workspace_id);
            device["placeId"] = json!(workspace_id);
        }
        self.identify(&mut device, sort, index);
        if sort.is_phone() {
            self.as_phone(&mut device, index);
        } else {
            self.as_room_device(&mut device, index);
        }
        device
    }

    fn workspace_of(&self, id: &str, name: &str, sort: Sort, index: usize) -> Value {
        let mut workspace = workspace(id, &self.cast.example_org, name, sort, self.now);
        workspace["locationId"] = json!(self.locations[index % CITIES.len()]);
        workspace["capacity"] = json!(if sort == Sort::Room { 4 + index % 5 * 4 } else { 1 });
        if index % 15 == 7 {
            workspace["calling"] = json!({ "type": "none" });
        }
        workspace
    }

    /// One device in seven is of another cluster, and of those every other has its key in upper case.
    fn device_id(&mut self, index: usize) -> String {
        let key = self.mint.uuid().to_string();
        match index % 14 {
            5 => encode(REGIONAL, "DEVICE", &key),
            12 => encode(REGIONAL, "DEVICE", &key.to_uppercase()),
            _ => encode(HOME, "DEVICE", &key),
        }
    }

    fn name(&self, sort: Sort, index: usize) -> String {
        let city = CITIES[index % CITIES.len()];
        let floor = 1 + index / CITIES.len() % 12;
        let place = ROOM_NAMES[(index * 7 + index / 96) % ROOM_NAMES.len()];
        let owners = [&self.cast.ana, &self.cast.ben, &self.cast.carla];
        let owner = &owners[index / 10 % owners.len()].display_name;
        match sort {
            Sort::Room => format!("{city}-{floor} {place}"),
            Sort::Desk => format!("{city}-{floor} Desk {place}"),
            Sort::Phone => format!("{city}-{floor} Phone {place}"),
            Sort::PersonalDesk => format!("{owner} Desk {city}-{floor}"),
            Sort::PersonalPhone => format!("{owner} Phone {city}-{floor}"),
        }
    }

    fn common(&self, id: &str, name: &str, org_id: &str, product: &str) -> Value {
        json!({
            "id": id,
            "webexDeviceId": id,
            "displayName": name,
            "orgId": org_id,
            "product": product,
            "type": "roomdesk",
            "tags": [],
            "capabilities": ["xapi"],
            "permissions": ["xapi:readonly", "xapi:all"],
            "connectionStatus": "connected",
            "created": written(self.now - SignedDuration::from_hours(24 * 400)),
            "managedBy": "CISCO",
            "devicePlatform": "cisco",
            "errorCodes": [],
            "plannedMaintenance": { "mode": "off" },
        })
    }

    /// What tells one device from another: numbers, tags, dates. Some of it is missing here and there.
    fn identify(&mut self, device: &mut Value, sort: Sort, index: usize) {
        let age =
            SignedDuration::from_hours(24 * (30 + i64::try_from(self.mint.below(900)).unwrap_or_default()));
        device["created"] = json!(written(self.now - age));
        device["firstSeen"] = json!(written(self.now - age + SignedDuration::from_secs(192)));
        device["tags"] = json!(TAGS[index % TAGS.len()]);
        if index % 13 != 11 {
            let maker = if sort.is_phone() { "FCH" } else { "FOC" };
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
            device["plannedMaintenance"] = json!("off");
        }
    }

    fn as_phone(&mut self, device: &mut Value, index: usize) {
        device["type"] = json!("phone");
        device["capabilities"] = json!([]);
        device["permissions"] = json!([]);
        let calling = encode(HOME, "CALLING_DEVICE", &self.mint.uuid().to_string());
        device["callingDeviceId"] = json!(padded(calling));
        device["connectionStatus"] =
            json!(["connected", "disconnected", "activating", "unknown", "pending"][index / 3 % 5]);
        if index % 8 == 3 {
            device["ip"] = json!(address_of(index));
        }
        if let Value::Object(fields) = device {
            fields.remove("firstSeen");
        }
    }

    fn as_room_device(&mut self, device: &mut Value, index: usize) {
        let status = STATUSES[(index + index / 10) % STATUSES.len()];
        let silent = i64::try_from(self.mint.below(600)).unwrap_or_default();
        let days_silent = if status.starts_with("connected") { 0 } else { 3 + silent / 20 };
        let last_seen =
            self.now - SignedDuration::from_secs(silent) - SignedDuration::from_hours(24 * days_silent);
        let sip = format!("room{index}@example.rooms.webex.com");
        device["connectionStatus"] = json!(status);
        device["lastSeen"] = json!(written(last_seen));
        device["ip"] = json!(address_of(index));
        device["activeInterface"] = json!(if index % 5 == 1 { "wlan" } else { "wired" });
        device["primarySipUrl"] = json!(sip);
        device["sipUrls"] = json!([sip]);
        device["software"] = json!(if index % 7 == 6 { "RoomOS 11.17.4" } else { "RoomOS 11.20.1" });
        device["upgradeChannel"] = json!(if index % 12 == 7 { "preview" } else { "stable" });
        if status == "connected_with_issues" {
            device["errorCodes"] = json!(["sipprofileregistration"]);
        }
        if index % 17 == 16 {
            device["devicePlatform"] = json!("microsoftTeamsRoom");
        }
    }
}

fn workspace(id: &str, org_id: &str, name: &str, sort: Sort, now: Timestamp) -> Value {
    let (kind, takes, calling) = match sort {
        Sort::Phone | Sort::PersonalPhone => ("other", "phones", "webexCalling"),
        Sort::Desk | Sort::PersonalDesk => ("desk", "collaborationDevices", "freeCalling"),
        Sort::Room => ("meetingRoom", "collaborationDevices", "freeCalling"),
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

/// Calling ids come padded, unlike all others.
fn padded(id: String) -> String {
    let missing = (4 - id.len() % 4) % 4;
    id + &"=".repeat(missing)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::sync::Arc;

    use super::*;
    use crate::domain::clock::ManualClock;
    use crate::sim::seed;

    fn fleet(devices: usize) -> Vec<Value> {
        let clock = ManualClock::starting_at("2026-04-02T08:00:00Z".parse().unwrap());
        let mut model = Model::empty(Arc::new(clock), 1);
        let cast = seed::populate(&mut model);
        populate(&mut model, &cast, devices, 1);
        model.devices.all().collect()
    }

    #[test]
    fn the_same_seed_gives_the_same_fleet() {
        assert_eq!(fleet(60), fleet(60));
    }

    #[test]
    fn a_small_fleet_has_every_sort_of_device_and_every_gap() {
        let fleet = fleet(40);
        let lacks = |field: &str| fleet.iter().any(|device| device[field].is_null());
        for field in ["serial", "mac", "lastSeen", "ip", "workspaceId", "personId"] {
            assert!(lacks(field), "some device should have no {field}");
        }
        assert!(fleet.iter().any(|device| device["type"] == "phone" && device["personId"].is_string()));
        assert!(fleet.iter().any(|device| device["type"] == "roomdesk" && device["personId"].is_string()));
        assert!(fleet.iter().any(|device| device["plannedMaintenance"].is_string()));
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
