//! The fleet.
//!
//! A device is kept as the JSON that the Devices API answers, together with the few fields that lists are filtered
//! by: a page of a list is put together from finished text, also with 100,000 devices.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value};

use crate::sim::error::ApiError;
use crate::sim::faults::Lingering;
use crate::sim::ids::unpadded;

/// What `GET /devices` can filter by. Values that a device does not have never fit.
#[derive(Debug, Default)]
pub struct DeviceFilter {
    /// Part of the name, in any case.
    pub display_name: Option<String>,
    /// The type, exactly.
    pub kind: Option<String>,
    /// Part of the product's name, letters and digits only.
    pub product: Option<String>,
    /// The serial number, in any case.
    pub serial: Option<String>,
    /// The MAC address, with or without separators.
    pub mac: Option<String>,
    /// The connection status, exactly.
    pub connection_status: Option<String>,
    /// The workspace, exactly.
    pub workspace_id: Option<String>,
    /// The person, exactly.
    pub person_id: Option<String>,
    /// Tags that the device all has.
    pub tags: Vec<String>,
}

/// A page of the list.
#[derive(Debug)]
pub struct Page {
    /// The answer's body.
    pub body: String,
    /// Whether there is a next page.
    pub more: bool,
}

#[derive(Debug)]
struct Device {
    id: String,
    org_id: String,
    json: Box<str>,
    display_name: Box<str>,
    kind: Box<str>,
    product: Box<str>,
    serial: Box<str>,
    mac: Box<str>,
    connection_status: Box<str>,
    workspace_id: Box<str>,
    person_id: Box<str>,
    tags: Box<[String]>,
    /// Set on a device that was deleted and can still be read.
    ghost: Option<Lingering>,
}

impl Device {
    /// A device from its JSON; what is missing or of another type is not searchable.
    fn read(fields: &Value) -> Self {
        let text = |field: &str| fields[field].as_str().unwrap_or_default();
        let tags = fields["tags"].as_array().map(Vec::as_slice).unwrap_or_default();
        Self {
            id: text("id").to_owned(),
            org_id: text("orgId").to_owned(),
            json: fields.to_string().into(),
            display_name: text("displayName").to_lowercase().into(),
            kind: text("type").into(),
            product: plain(text("product")).into(),
            serial: text("serial").to_lowercase().into(),
            mac: plain(text("mac")).into(),
            connection_status: text("connectionStatus").into(),
            workspace_id: text("workspaceId").into(),
            person_id: text("personId").into(),
            tags: tags.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            ghost: None,
        }
    }

    fn fits(&self, filter: &DeviceFilter) -> bool {
        let is = |have: &str, wanted: Option<&String>| wanted.is_none_or(|wanted| have == wanted);
        filter.display_name.as_ref().is_none_or(|part| self.display_name.contains(part))
            && filter.product.as_ref().is_none_or(|part| self.product.contains(part))
            && is(&self.kind, filter.kind.as_ref())
            && is(&self.serial, filter.serial.as_ref())
            && is(&self.mac, filter.mac.as_ref())
            && is(&self.connection_status, filter.connection_status.as_ref())
            && is(&self.workspace_id, filter.workspace_id.as_ref())
            && is(&self.person_id, filter.person_id.as_ref())
            && filter.tags.iter().all(|tag| self.tags.contains(tag))
    }

    /// Counts one answer that shows a deleted device, and says whether that was the last.
    fn fade(&mut self) -> bool {
        match &mut self.ghost {
            Some(Lingering::Reads(left)) => {
                *left = left.saturating_sub(1);
                *left == 0
            }
            _ => false,
        }
    }
}

impl DeviceFilter {
    /// The filter in the form in which devices are compared with it.
    #[must_use]
    pub fn normalized(self) -> Self {
        Self {
            display_name: self.display_name.map(|name| name.to_lowercase()),
            product: self.product.as_deref().map(plain),
            serial: self.serial.map(|serial| serial.to_lowercase()),
            mac: self.mac.as_deref().map(plain),
            workspace_id: self.workspace_id.map(|id| unpadded(&id).to_owned()),
            person_id: self.person_id.map(|id| unpadded(&id).to_owned()),
            ..self
        }
    }
}

/// All devices of all organizations, in the order in which they were added.
#[derive(Debug, Default)]
pub struct Devices {
    slots: BTreeMap<u64, Device>,
    by_id: HashMap<String, u64>,
    next: u64,
}

impl Devices {
    /// How many devices there are, the deleted but readable ones included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Adds a device (or replaces the one with the same id, in its place) and answers its id.
    pub fn put(&mut self, fields: &Value) -> String {
        let device = Device::read(fields);
        let id = device.id.clone();
        let slot = *self.by_id.entry(id.clone()).or_insert_with(|| {
            self.next += 1;
            self.next
        });
        self.slots.insert(slot, device);
        id
    }

    /// A page of an organization's devices.
    pub fn list(&mut self, org_id: &str, filter: &DeviceFilter, start: usize, max: usize) -> Page {
        let mut found = self
            .slots
            .iter()
            .filter(|(_, device)| device.org_id == org_id && device.fits(filter))
            .skip(start);
        let mut body = String::from(r#"{"items":["#);
        let mut ghosts = Vec::new();
        for (index, (slot, device)) in found.by_ref().take(max).enumerate() {
            if index > 0 {
                body.push(',');
            }
            body.push_str(&device.json);
            if device.ghost.is_some() {
                ghosts.push(*slot);
            }
        }
        let more = found.next().is_some();
        body.push_str("]}");
        for slot in ghosts {
            self.fade(slot);
        }
        Page { body, more }
    }

    /// `GET /devices/{id}` within one organization: the JSON.
    pub fn get(&mut self, org_id: &str, id: &str) -> Result<String, ApiError> {
        let slot = self.slot_in(org_id, id)?;
        let json = self.slots.get(&slot).map(|device| device.json.to_string());
        self.fade(slot);
        json.ok_or_else(ApiError::not_found)
    }

    /// `DELETE /devices/{id}` within one organization.
    pub fn delete(&mut self, org_id: &str, id: &str, lingering: Option<Lingering>) -> Result<(), ApiError> {
        let slot = self.slot_in(org_id, id)?;
        let device = self.slots.get_mut(&slot).filter(|device| device.ghost.is_none());
        let device = device.ok_or_else(ApiError::not_found)?;
        match lingering {
            None | Some(Lingering::Reads(0)) => self.forget(slot),
            stays => device.ghost = stays,
        }
        Ok(())
    }

    fn slot_in(&self, org_id: &str, id: &str) -> Result<u64, ApiError> {
        let slot = self.by_id.get(unpadded(id)).copied();
        let own = slot.filter(|slot| self.slots.get(slot).is_some_and(|device| device.org_id == org_id));
        own.ok_or_else(ApiError::not_found)
    }

    fn fade(&mut self, slot: u64) {
        if self.slots.get_mut(&slot).is_some_and(Device::fade) {
            self.forget(slot);
        }
    }

    fn forget(&mut self, slot: u64) {
        if let Some(device) = self.slots.remove(&slot) {
            self.by_id.remove(&device.id);
        }
    }

    /// The devices that are really there, of all organizations.
    pub fn all(&self) -> impl Iterator<Item = Value> {
        self.slots.values().filter(|device| device.ghost.is_none()).map(parsed)
    }

    /// The device with this id, if it is really there.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<Value> {
        let device = self.by_id.get(unpadded(id)).and_then(|slot| self.slots.get(slot))?;
        device.ghost.is_none().then(|| parsed(device))
    }

    /// Changes fields of a device; `null` takes a field away. Answers whether the device is there.
    pub fn change(&mut self, id: &str, fields: &Value) -> bool {
        let Some(mut device) = self.find(id) else { return false };
        merge(&mut device, fields);
        self.put(&device);
        true
    }

    /// Takes a device away without a trace. Answers whether it was there.
    pub fn remove(&mut self, id: &str) -> bool {
        let slot = self.by_id.get(unpadded(id)).copied();
        slot.is_some_and(|slot| {
            self.forget(slot);
            true
        })
    }
}

/// Lays fields over a device; `null` takes a field away.
pub fn merge(device: &mut Value, fields: &Value) {
    let (Value::Object(device), Value::Object(fields)) = (device, fields) else { return };
    for (field, value) in fields {
        lay(device, field, value);
    }
}

fn lay(device: &mut Map<String, Value>, field: &str, value: &Value) {
    if value.is_null() {
        device.remove(field);
    } else {
        device.insert(field.to_owned(), value.clone());
    }
}

fn parsed(device: &Device) -> Value {
    serde_json::from_str(&device.json).expect("it was written from a JSON value")
}

/// Letters and digits only, in lower case: how products and MAC addresses are compared.
fn plain(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect()
}
