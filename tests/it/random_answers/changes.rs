//! What Steward has changed: the records that Webex has now, held against those that it would have without Steward.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use steward::sim::Sim;

/// The records as others have left them.
pub struct Ledger {
    devices: BTreeMap<String, Value>,
    workspaces: BTreeMap<String, Value>,
    people: BTreeMap<String, Value>,
}

/// A change that only Steward can have made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    Deleted {
        device: String,
    },
    Tagged {
        device: String,
        tag: String,
    },
    Untagged {
        device: String,
        tag: String,
    },
    Added {
        mac: String,
        place: String,
    },
    CodeMade {
        place: String,
    },
    /// The workspace can place calls since a device was added or may be.
    CallingReset {
        workspace: String,
    },
    /// Nothing that a command can do.
    Other {
        id: String,
    },
}

impl Ledger {
    /// The records by now, with those of these people.
    pub fn of(sim: &Sim, workspaces: &[&str], people: &[(&str, Value)]) -> Self {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let devices: BTreeMap<String, Value> =
            sim.devices().into_iter().filter_map(|device| Some((text(&device["id"])?, device))).collect();
        let of_devices = devices.values().filter_map(|device| text(&device["workspaceId"]));
        let workspaces = workspaces.iter().map(|id| (*id).to_owned()).chain(of_devices);
        let workspaces = workspaces.filter_map(|id| Some((id.clone(), sim.workspace(&id)?))).collect();
        let people = people.iter().map(|(id, fields)| ((*id).to_owned(), fields.clone())).collect();
        Self { devices, workspaces, people }
    }

    /// Everything that Steward has changed so far.
    pub fn changes(&self, sim: &Sim) -> Vec<Change> {
        let mut changes = Vec::new();
        let now: BTreeMap<String, Value> = sim
            .devices()
            .into_iter()
            .map(|device| (device["id"].as_str().unwrap_or_default().to_owned(), device))
            .collect();
        for (id, before) in &self.devices {
            match now.get(id) {
                Some(after) => changes.extend(changes_of_a_device(id, before, after)),
                None => changes.push(Change::Deleted { device: id.clone() }),
            }
        }
        let added = now.iter().filter(|(id, _)| !self.devices.contains_key(*id));
        changes.extend(added.map(|(_, device)| {
            let text = |field: &str| device[field].as_str().unwrap_or_default();
            let place = [text("workspaceId"), text("personId")].concat();
            Change::Added { mac: text("mac").replace(':', ""), place }
        }));
        for (id, before) in &self.workspaces {
            changes.extend(change_of_a_workspace(id, before, &sim.workspace(id).unwrap_or_default()));
        }
        let codes = sim.activation_codes().into_iter();
        let places = codes.filter_map(|code| code.workspace_id.or(code.person_id));
        changes.extend(places.map(|place| Change::CodeMade { place }));
        changes
    }

    pub fn change_device(&mut self, sim: &Sim, id: &str, fields: &Value) {
        sim.change_device(id, fields);
        merge(self.devices.get_mut(id), fields);
    }

    pub fn change_workspace(&mut self, sim: &Sim, id: &str, fields: &Value) {
        sim.change_workspace(id, fields);
        merge(self.workspaces.get_mut(id), fields);
    }

    pub fn change_person(&mut self, sim: &Sim, id: &str, fields: &Value) {
        sim.change_person(id, fields);
        merge(self.people.get_mut(id), fields);
    }

    pub fn remove_device(&mut self, sim: &Sim, id: &str) {
        // A device that Steward has deleted was not deleted by others.
        if sim.remove_device(id) {
            self.devices.remove(id);
        }
    }

    /// Adds a tag to those that the device has by now.
    pub fn tag_device(&mut self, sim: &Sim, id: &str, tag: &str) {
        let with_tag = |device: &Value| {
            let mut tags = tags_of(device);
            if !tags.iter().any(|known| known == tag) {
                tags.push(tag.to_owned());
            }
            json!({ "tags": tags })
        };
        if let Some(device) = sim.device(id) {
            sim.change_device(id, &with_tag(&device));
        }
        if let Some(device) = self.devices.get_mut(id) {
            let fields = with_tag(device);
            merge(Some(device), &fields);
        }
    }

    /// The facts that a card shows of a device, workspace or person, and by which a person knows it.
    pub fn facts(&self, id: &str) -> Value {
        if let Some(device) = self.devices.get(id) {
            return ["displayName", "serial", "mac", "workspaceId", "personId"]
                .iter()
                .map(|field| device[*field].clone())
                .collect();
        }
        if let Some(workspace) = self.workspaces.get(id) {
            return json!([workspace["displayName"], workspace["calling"], workspace["supportedDevices"]]);
        }
        self.people.get(id).map_or(Value::Null, |person| person["email"].clone())
    }
}

/// The tags of a device's record.
pub fn tags_of(device: &Value) -> Vec<String> {
    serde_json::from_value(device["tags"].clone()).unwrap_or_default()
}

fn changes_of_a_device(id: &str, before: &Value, after: &Value) -> Vec<Change> {
    let device = id.to_owned();
    let (had, has) = (tags_of(before), tags_of(after));
    let added = has.iter().filter(|tag| !had.contains(tag));
    let added = added.map(|tag| Change::Tagged { device: device.clone(), tag: tag.clone() });
    let removed = had.iter().filter(|tag| !has.contains(tag));
    let removed = removed.map(|tag| Change::Untagged { device: device.clone(), tag: tag.clone() });
    let is_other = without(before, "tags") != without(after, "tags");
    let other = is_other.then(|| Change::Other { id: device.clone() });
    added.chain(removed).chain(other).collect()
}

fn change_of_a_workspace(id: &str, before: &Value, after: &Value) -> Option<Change> {
    if before == after {
        return None;
    }
    let is_reset = after["calling"]["type"] == "freeCalling"
        && ["none", "thirdPartySipCalling"].iter().any(|kind| before["calling"]["type"] == *kind)
        && without(before, "calling") == without(after, "calling");
    let id = id.to_owned();
    Some(if is_reset { Change::CallingReset { workspace: id } } else { Change::Other { id } })
}

fn without(record: &Value, field: &str) -> Value {
    let mut rest = record.clone();
    if let Some(fields) = rest.as_object_mut() {
        fields.remove(field);
    }
    rest
}

fn merge(record: Option<&mut Value>, changes: &Value) {
    let record = record.and_then(Value::as_object_mut);
    if let (Some(record), Some(changes)) = (record, changes.as_object()) {
        record.extend(changes.iter().map(|(field, value)| (field.clone(), value.clone())));
    }
}
