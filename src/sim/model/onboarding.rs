//! How devices come into an organization: activation codes, and phones by their MAC address.
//!
//! The rules are those of the Devices API reference: a workspace takes phones or collaboration devices and never
//! both, a phone is named by its model, and a user of Webex Calling has at most five.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::phones::{self, PhoneModel};
use super::{AccountKind, Model, written};
use crate::sim::error::ApiError;
use crate::sim::ids::unpadded;

/// How long a code is good for.
const CODE_HOURS: i64 = 7 * 24;
/// How many phones a user can have.
const MAX_PHONES: usize = 5;

/// A code that was made. Whoever types it joins a device to the organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActivationCode {
    /// The sixteen digits.
    pub code: String,
    /// The workspace it is for.
    pub workspace_id: Option<String>,
    /// The person it is for.
    pub person_id: Option<String>,
    /// The model, if one was named.
    pub model: Option<String>,
    /// Until when it can be used.
    pub expires: Timestamp,
}

/// Where a new device goes.
#[derive(Debug)]
enum Home {
    /// A workspace, with its record.
    Workspace(Value),
    /// A person, with the name that the device gets.
    Person { id: String, name: String },
}

impl Model {
    /// `POST /devices/activationCode` within one organization.
    pub fn make_activation_code(&mut self, org_id: &str, body: &Value) -> Result<Value, ApiError> {
        let home = self.home_of(org_id, body)?;
        let model = text(body, "model")?;
        self.phone_for(&home, model)?;
        let code = ActivationCode {
            code: format!("{:016}", self.ids.below(10_u64.pow(16))),
            workspace_id: home.workspace_id().map(str::to_owned),
            person_id: home.person_id().map(str::to_owned),
            model: model.map(str::to_owned),
            expires: self.now() + SignedDuration::from_hours(CODE_HOURS),
        };
        self.settle(&home);
        let answer = json!({ "code": code.code, "expiryTime": written(code.expires) });
        self.activation_codes.push(code);
        Ok(answer)
    }

    /// The codes that were made, oldest first.
    #[must_use]
    pub fn activation_codes(&self) -> &[ActivationCode] {
        &self.activation_codes
    }

    /// `POST /devices` within one organization: the new device.
    pub fn create_device(&mut self, org_id: &str, body: &Value) -> Result<Value, ApiError> {
        let required = || ApiError::bad_request("mac and model are required.");
        let mac = text(body, "mac")?.ok_or_else(required)?;
        let model = text(body, "model")?.ok_or_else(required)?;
        if mac.len() != 12 || !mac.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(ApiError::bad_request("mac must have twelve hexadecimal digits."));
        }
        let home = self.home_of(org_id, body)?;
        let phone = self.phone_for(&home, Some(model))?;
        if self.devices.has_mac(mac) {
            return Err(ApiError::conflict("A device with this MAC address exists already."));
        }
        let mut device = self.new_device(org_id, &mac.to_uppercase(), phone, model);
        home.furnish(&mut device);
        self.settle(&home);
        self.devices.put(&device);
        Ok(device)
    }

    /// The one workspace or person that the body names.
    fn home_of(&self, org_id: &str, body: &Value) -> Result<Home, ApiError> {
        match (text(body, "workspaceId")?, text(body, "personId")?) {
            (Some(id), None) => self.workspaces.find_in(org_id, id).map(Home::Workspace),
            (None, Some(id)) => {
                let account = self.account(id).filter(|account| account.org_id == org_id);
                let person = account.filter(|account| account.kind == AccountKind::Person);
                let person = person.ok_or_else(ApiError::not_found)?;
                Ok(Home::Person { id: person.id.clone(), name: person.display_name.clone() })
            }
            _ => Err(ApiError::bad_request("Exactly one of workspaceId and personId is required.")),
        }
    }

    /// The phone that is to be added, or nothing for a collaboration device; refused where it cannot be added.
    fn phone_for(&self, home: &Home, model: Option<&str>) -> Result<Option<&'static PhoneModel>, ApiError> {
        let phone = model.and_then(phones::phone);
        match home {
            Home::Workspace(workspace) if workspace["supportedDevices"] == "phones" => match (model, phone) {
                (None, _) => Err(ApiError::bad_request("model is required for phones.")),
                (Some(_), None) => Err(ApiError::bad_request("The model is not a supported phone.")),
                (Some(_), phone) => Ok(phone),
            },
            Home::Workspace(_) if phone.is_some() => {
                Err(ApiError::bad_request("The workspace does not support phones."))
            }
            Home::Person { id, .. } if phone.is_some() && self.devices.phones_of(id) >= MAX_PHONES => {
                Err(ApiError::bad_request("Phones cannot be added to this user"))
            }
            Home::Workspace(_) | Home::Person { .. } => Ok(phone),
        }
    }

    /// What else happens where a device is added.
    fn settle(&mut self, home: &Home) {
        if let Some(id) = home.workspace_id() {
            self.workspaces.begin_calling(id);
        }
    }

    /// A device that was never switched on.
    fn new_device(
        &mut self,
        org_id: &str,
        mac: &str,
        phone: Option<&'static PhoneModel>,
        model: &str,
    ) -> Value {
        let id = self.mint("DEVICE");
        let mut device = json!({
            "id": id,
            "webexDeviceId": id,
            "orgId": org_id,
            "product": phone.map_or(model, |phone| phone.display_name),
            "type": if phone.is_some() { "phone" } else { "roomdesk" },
            "mac": mac,
            "connectionStatus": "activating",
            "tags": [],
            "capabilities": [],
            "permissions": [],
            "errorCodes": [],
            "created": written(self.now()),
            "managedBy": "CISCO",
            "devicePlatform": "cisco",
            "plannedMaintenance": { "mode": "off" },
        });
        if phone.is_some() {
            // Calling ids come padded, unlike all others.
            let calling = self.mint("CALLING_DEVICE");
            let padding = "=".repeat((4 - calling.len() % 4) % 4);
            device["callingDeviceId"] = json!(calling + &padding);
        }
        device
    }
}

impl Home {
    fn workspace_id(&self) -> Option<&str> {
        match self {
            Self::Workspace(workspace) => workspace["id"].as_str(),
            Self::Person { .. } => None,
        }
    }

    fn person_id(&self) -> Option<&str> {
        match self {
            Self::Workspace(_) => None,
            Self::Person { id, .. } => Some(id),
        }
    }

    /// Writes into a device where it stands: a device is called like its workspace or its owner.
    fn furnish(&self, device: &mut Value) {
        match self {
            Self::Workspace(workspace) => {
                device["workspaceId"] = workspace["id"].clone();
                device["placeId"] = workspace["id"].clone();
                device["displayName"] = workspace["displayName"].clone();
                if workspace["locationId"].is_string() {
                    device["locationId"] = workspace["locationId"].clone();
                }
            }
            Self::Person { id, name } => {
                device["personId"] = json!(id);
                device["displayName"] = json!(name);
            }
        }
    }
}

/// A field that is a string, if it is there at all.
fn text<'a>(body: &'a Value, field: &str) -> Result<Option<&'a str>, ApiError> {
    match &body[field] {
        Value::Null => Ok(None),
        Value::String(text) if field.ends_with("Id") => Ok(Some(unpadded(text))),
        Value::String(text) => Ok(Some(text)),
        _ => Err(ApiError::bad_request(format!("{field} must be a string."))),
    }
}
