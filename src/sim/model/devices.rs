//! The fleet.
//!
//! A device is kept as the JSON that the Devices API answers, together with the few fields that lists are often
//! filtered by: a page of a list is put together from finished text, also with 100,000 devices.

use std::sync::Arc;

use serde_json::{Map, Value};

pub use super::device_filter::{DeviceFilter, RareFilter};
use super::shelf::{Record, Shelf, Words};
use crate::sim::error::ApiError;
use crate::sim::faults::Lingering;
use crate::sim::ids::unpadded;

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
    id: Arc<str>,
    org_id: Arc<str>,
    json: Box<str>,
    display_name: Box<str>,
    kind: Arc<str>,
    product: Arc<str>,
    serial: Box<str>,
    mac: Box<str>,
    connection_status: Arc<str>,
    workspace_id: Box<str>,
    person_id: Arc<str>,
    tags: Box<[Arc<str>]>,
    /// Set on a device that was deleted and can still be read.
    ghost: Option<Lingering>,
}

impl Device {
    /// A device from its JSON; what is missing or of another type is not searchable.
    fn read(fields: &Value, words: &mut Words) -> Self {
        let text = |field: &str| fields[field].as_str().unwrap_or_default();
        let tags = fields["tags"].as_array().map(Vec::as_slice).unwrap_or_default();
        Self {
            id: text("id").into(),
            org_id: words.shared(text("orgId")),
            json: fields.to_string().into(),
            display_name: text("displayName").to_lowercase().into(),
            kind: words.shared(text("type")),
            product: words.shared(&plain(text("product"))),
            serial: text("serial").to_lowercase().into(),
            mac: plain(text("mac")).into(),
            connection_status: words.shared(text("connectionStatus")),
            workspace_id: text("workspaceId").into(),
            person_id: words.shared(text("personId")),
            tags: tags.iter().filter_map(Value::as_str).map(|tag| words.shared(tag)).collect(),
            ghost: None,
        }
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

    fn parsed(&self) -> Value {
        serde_json::from_str(&self.json).expect("it was written from a JSON value")
    }
}

impl Record for Device {
    type Filter = DeviceFilter;

    fn id(&self) -> &Arc<str> {
        &self.id
    }

    fn org_id(&self) -> &Arc<str> {
        &self.org_id
    }

    fn fits(&self, filter: &DeviceFilter) -> bool {
        let is = |have: &str, wanted: &Option<String>| wanted.as_ref().is_none_or(|wanted| have == wanted);
        let has = |tag: &String| self.tags.iter().any(|have| **have == **tag);
        filter.display_name.as_ref().is_none_or(|part| self.display_name.contains(part))
            && filter.product.as_ref().is_none_or(|part| self.product.contains(part))
            && is(&self.kind, &filter.kind)
            && is(&self.serial, &filter.serial)
            && is(&self.mac, &filter.mac)
            && is(&self.connection_status, &filter.connection_status)
            && is(&self.workspace_id, &filter.workspace_id)
            && is(&self.person_id, &filter.person_id)
            && filter.tags.iter().all(has)
            && (filter.rare.is_open() || filter.rare.takes(&self.parsed()))
    }
}

/// All devices of all organizations, in the order in which they were added.
#[derive(Debug, Default)]
pub struct Devices {
    shelf: Shelf<Device>,
    words: Words,
}

impl Devices {
    /// How many devices there are, the deleted but readable ones included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shelf.len()
    }

    /// Adds a device (or replaces the one with the same id, in its place) and answers its id.
    pub fn put(&mut self, fields: &Value) -> String {
        let device = Device::read(fields, &mut self.words);
        let id = device.id.to_string();
        self.shelf.put(device);
        id
    }

    /// A page of an organization's devices.
    pub fn list(&mut self, org_id: &str, filter: &DeviceFilter, start: usize, max: usize) -> Page {
        let page = self.shelf.page(org_id, filter, start, max);
        let shown = page.slots.iter().filter_map(|slot| self.shelf.at(*slot)).map(|device| &*device.json);
        let body = format!(r#"{{"items":[{}]}}"#, shown.collect::<Vec<_>>().join(","));
        for slot in page.slots {
            self.fade(slot);
        }
        Page { body, more: page.more }
    }

    /// `GET /devices/{id}` within one organization: the JSON.
    pub fn get(&mut self, org_id: &str, id: &str) -> Result<String, ApiError> {
        let slot = self.slot_in(org_id, id)?;
        let json = self.shelf.at(slot).map(|device| device.json.to_string());
        self.fade(slot);
        json.ok_or_else(ApiError::not_found)
    }

    /// `DELETE /devices/{id}` within one organization.
    pub fn delete(&mut self, org_id: &str, id: &str, lingering: Option<Lingering>) -> Result<(), ApiError> {
        let slot = self.slot_in(org_id, id)?;
        let device = self.shelf.at_mut(slot).filter(|device| device.ghost.is_none());
        let device = device.ok_or_else(ApiError::not_found)?;
        match lingering {
            None | Some(Lingering::Reads(0)) => {
                self.shelf.remove(slot);
            }
            stays => device.ghost = stays,
        }
        Ok(())
    }

    /// The device with this id within one organization, if it is really there.
    pub fn find_in(&self, org_id: &str, id: &str) -> Result<Value, ApiError> {
        let slot = self.slot_in(org_id, id)?;
        let device = self.shelf.at(slot).filter(|device| device.ghost.is_none());
        device.map(Device::parsed).ok_or_else(ApiError::not_found)
    }

    fn slot_in(&self, org_id: &str, id: &str) -> Result<u64, ApiError> {
        let slot = self.shelf.slot_of(id);
        let own = slot.filter(|slot| self.shelf.at(*slot).is_some_and(|device| *device.org_id == *org_id));
        own.ok_or_else(ApiError::not_found)
    }

    fn fade(&mut self, slot: u64) {
        if self.shelf.at_mut(slot).is_some_and(Device::fade) {
            self.shelf.remove(slot);
        }
    }

    fn present(&self) -> impl Iterator<Item = &Device> {
        self.shelf.all().filter(|device| device.ghost.is_none())
    }

    /// The devices that are really there, of all organizations.
    pub fn all(&self) -> impl Iterator<Item = Value> {
        self.present().map(Device::parsed)
    }

    /// The device with this id, if it is really there.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<Value> {
        self.shelf.get(id).filter(|device| device.ghost.is_none()).map(Device::parsed)
    }

    /// Whether a device has this MAC address, in whatever writing and organization.
    #[must_use]
    pub fn has_mac(&self, mac: &str) -> bool {
        let mac = plain(mac);
        self.present().any(|device| *device.mac == *mac)
    }

    /// How many phones a person has.
    #[must_use]
    pub fn phones_of(&self, person_id: &str) -> usize {
        let person_id = unpadded(person_id);
        self.present().filter(|device| *device.person_id == *person_id && &*device.kind == "phone").count()
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
        self.shelf.slot_of(id).is_some_and(|slot| self.shelf.remove(slot).is_some())
    }

    /// Takes all devices of a workspace away without a trace.
    pub fn clear_workspace(&mut self, workspace_id: &str) {
        let workspace_id = unpadded(workspace_id);
        let there = self.shelf.all().filter(|device| *device.workspace_id == *workspace_id);
        let ids: Vec<Arc<str>> = there.map(|device| Arc::clone(&device.id)).collect();
        for id in ids {
            self.remove(&id);
        }
    }
}

/// Lays fields over a record; `null` takes a field away.
pub fn merge(record: &mut Value, fields: &Value) {
    let (Value::Object(record), Value::Object(fields)) = (record, fields) else { return };
    for (field, value) in fields {
        lay(record, field, value);
    }
}

fn lay(record: &mut Map<String, Value>, field: &str, value: &Value) {
    if value.is_null() {
        record.remove(field);
    } else {
        record.insert(field.to_owned(), value.clone());
    }
}

/// Letters and digits only, in lower case: how products and MAC addresses are compared.
pub fn plain(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect()
}
