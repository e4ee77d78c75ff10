//! Devices and workspaces: their fields, the filters and pages of their lists, and changes of tags.

use std::sync::Arc;

use serde_json::{Value, json};

use super::records::{FilterParameter, Interner, RecordStore, SearchKeys};
use crate::sim::error::{ApiError, ApiResult, ensure};
use crate::sim::ids::unpadded;

/// The longest page of the list of devices.
const PAGE_LIMIT: usize = 1000;

/// The filter parameters of `GET /devices` besides tags. Parameters that need the whole record come last.
pub(crate) const DEVICE_FILTERS: [FilterParameter; 17] = [
    ("displayName", str::to_lowercase),
    ("product", plain),
    ("type", str::to_owned),
    ("serial", str::to_lowercase),
    ("mac", plain),
    ("connectionStatus", str::to_owned),
    ("workspaceId", unpadded_id),
    ("personId", unpadded_id),
    ("software", str::to_owned),
    ("upgradeChannel", str::to_owned),
    ("devicePlatform", str::to_owned),
    ("locationId", unpadded_id),
    ("workspaceLocationId", unpadded_id),
    ("errorCode", str::to_owned),
    ("capability", str::to_owned),
    ("permission", str::to_owned),
    ("plannedMaintenance", str::to_owned),
];

/// The filter parameters of `GET /workspaces`.
pub(crate) const WORKSPACE_FILTERS: [FilterParameter; 9] = [
    ("displayName", str::to_lowercase),
    ("locationId", str::to_owned),
    ("floorId", str::to_owned),
    ("capacity", str::to_owned),
    ("type", str::to_owned),
    ("calling", str::to_owned),
    ("calendar", str::to_owned),
    ("supportedDevices", str::to_owned),
    ("devicePlatform", str::to_owned),
];

/// The pagination of the list of devices. The reference documents neither the default nor the limit of the page size.
/// It does document that longer pages are silently cut and that pages in between may be empty.
#[derive(Debug)]
pub(crate) struct PageRules {
    limit: usize,
    /// Whether there is an empty page between any two pages.
    pub(crate) gaps: bool,
    /// A host that links to next pages lead to, which the real Webex never does.
    pub(crate) next_host: Option<String>,
}

impl Default for PageRules {
    fn default() -> Self {
        Self { limit: PAGE_LIMIT, gaps: false, next_host: None }
    }
}

impl PageRules {
    /// Cuts pages at this length from now on, also in lists that a client is reading.
    pub(crate) fn limit(&mut self, devices: usize) {
        self.limit = devices.clamp(1, PAGE_LIMIT);
    }

    /// The length of a page: the requested one, silently reduced.
    pub(crate) fn length(&self, requested: Option<usize>) -> usize {
        requested.unwrap_or(100).clamp(1, self.limit)
    }
}

#[derive(Debug)]
pub(crate) struct DeviceKeys {
    display_name: Box<str>,
    kind: Arc<str>,
    product: Arc<str>,
    serial: Box<str>,
    mac: Box<str>,
    connection_status: Arc<str>,
    workspace_id: Box<str>,
    person_id: Arc<str>,
    tags: Box<[Arc<str>]>,
}

impl SearchKeys for DeviceKeys {
    fn read(fields: &Value, interner: &mut Interner) -> Self {
        let text = |field: &str| fields[field].as_str().unwrap_or_default();
        Self {
            display_name: text("displayName").to_lowercase().into(),
            kind: interner.shared(text("type")),
            product: interner.shared(&plain(text("product"))),
            serial: text("serial").to_lowercase().into(),
            mac: plain(text("mac")).into(),
            connection_status: interner.shared(text("connectionStatus")),
            workspace_id: text("workspaceId").into(),
            person_id: interner.shared(text("personId")),
            tags: texts(&fields["tags"]).map(|tag| interner.shared(tag)).collect(),
        }
    }

    fn fits(&self, parameter: &str, wanted: &str) -> Option<bool> {
        Some(match parameter {
            "displayName" => self.display_name.contains(wanted),
            "product" => self.product.contains(wanted),
            "type" => &*self.kind == wanted,
            "serial" => &*self.serial == wanted,
            "mac" => &*self.mac == wanted,
            "connectionStatus" => &*self.connection_status == wanted,
            "workspaceId" => &*self.workspace_id == wanted,
            "personId" => &*self.person_id == wanted,
            "tag" => self.tags.iter().any(|tag| **tag == *wanted),
            _ => return None,
        })
    }

    fn record_fits(record: &Value, parameter: &str, wanted: &str) -> bool {
        match parameter {
            "errorCode" => texts(&record["errorCodes"]).any(|code| code == wanted),
            "capability" => texts(&record["capabilities"]).any(|capability| capability == wanted),
            "permission" => texts(&record["permissions"]).any(|permission| permission == wanted),
            "plannedMaintenance" => {
                // A bare string from the live service, an object in the schema.
                let maintenance = &record[parameter];
                maintenance.as_str().or_else(|| maintenance["mode"].as_str()) == Some(wanted)
            }
            "locationId" | "workspaceLocationId" => record[parameter].as_str().map(unpadded) == Some(wanted),
            _ => record[parameter] == wanted,
        }
    }
}

impl RecordStore<DeviceKeys> {
    /// Whether a device of any organization has this MAC address, with or without separators.
    pub(super) fn has_mac(&self, mac: &str) -> bool {
        let mac = plain(mac);
        self.present().any(|device| *device.keys.mac == *mac)
    }

    pub(super) fn count_phones_of(&self, person_id: &str) -> usize {
        let is_theirs = |keys: &DeviceKeys| &*keys.person_id == person_id && &*keys.kind == "phone";
        self.present().filter(|device| is_theirs(&device.keys)).count()
    }

    pub(super) fn remove_all_in(&mut self, workspace_id: &str) {
        self.remove_all(|device| &*device.workspace_id == workspace_id);
    }

    /// `PATCH /devices/{id}` within one organization, which can change nothing but the tags: the changed device. The
    /// reference shows an array with one operation, and the schema next to it a bare object: both are accepted.
    pub(crate) fn patch_tags(&mut self, org_id: &str, id: &str, patch: &Value) -> ApiResult<Value> {
        let mut device = self.find_in(org_id, id)?;
        let operations = match patch {
            Value::Array(operations) if !operations.is_empty() => operations.as_slice(),
            Value::Object(_) => std::slice::from_ref(patch),
            _ => return Err(ApiError::bad_request("The body must be an operation or an array of them.")),
        };
        let mut tags: Vec<&str> = texts(&device["tags"]).collect();
        for operation in operations {
            apply(operation, &mut tags)?;
        }
        device["tags"] = json!(tags);
        self.put(&device);
        Ok(device)
    }
}

/// Applies one operation of a patch to the tags.
fn apply<'a>(operation: &'a Value, tags: &mut Vec<&'a str>) -> ApiResult<()> {
    let given = || {
        let items = operation["value"].as_array().map(|items| items.iter().map(Value::as_str).collect());
        items.flatten().ok_or_else(|| ApiError::bad_request("value must be an array of strings."))
    };
    ensure(operation["path"] == "tags", "path must be tags.")?;
    match operation["op"].as_str() {
        Some("add") => {
            let given: Vec<&str> = given()?;
            for tag in given {
                if !tags.contains(&tag) {
                    tags.push(tag);
                }
            }
        }
        Some("replace") => *tags = given()?,
        // Removes all of them, regardless of the value.
        Some("remove") => tags.clear(),
        _ => return Err(ApiError::bad_request("op must be add, remove or replace.")),
    }
    Ok(())
}

#[derive(Debug)]
pub(crate) struct WorkspaceKeys {
    display_name: Box<str>,
}

impl SearchKeys for WorkspaceKeys {
    fn read(fields: &Value, _: &mut Interner) -> Self {
        Self { display_name: fields["displayName"].as_str().unwrap_or_default().to_lowercase().into() }
    }

    fn fits(&self, parameter: &str, wanted: &str) -> Option<bool> {
        (parameter == "displayName").then(|| self.display_name.contains(wanted))
    }

    fn record_fits(record: &Value, parameter: &str, wanted: &str) -> bool {
        match &record[parameter] {
            Value::String(text) => unpadded(text) == unpadded(wanted),
            Value::Number(number) => number.to_string() == wanted,
            // `calling` and `calendar` are filtered by their type.
            Value::Object(fields) => fields.get("type").is_some_and(|kind| kind == wanted),
            _ => false,
        }
    }
}

impl RecordStore<WorkspaceKeys> {
    /// A workspace can place calls once it gets a device (Devices API reference, "Create a Device Activation Code").
    pub(super) fn begin_calling(&mut self, id: &str) {
        let Some(workspace) = self.find(id) else { return };
        if matches!(workspace["calling"]["type"].as_str(), Some("none" | "thirdPartySipCalling")) {
            self.change(id, &json!({ "calling": { "type": "freeCalling" } }));
        }
    }
}

/// A device with only a product.
pub(crate) fn bare_device(id: &str, org_id: &str, product: &str) -> Value {
    json!({
        "id": id,
        "webexDeviceId": id,
        "orgId": org_id,
        "product": product,
        "type": "roomdesk",
        "tags": [],
        "capabilities": [],
        "permissions": [],
        "errorCodes": [],
        "managedBy": "CISCO",
        "devicePlatform": "cisco",
        "plannedMaintenance": "off",
    })
}

fn texts(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str)
}

/// Only letters and digits, in lower case: the form for comparing products and MAC addresses.
fn plain(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect()
}

fn unpadded_id(id: &str) -> String {
    unpadded(id).to_owned()
}
