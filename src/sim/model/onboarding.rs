//! Adding devices to an organization: activation codes, and phones by their MAC address.
//!
//! The rules are those of the Devices API reference. A workspace takes phones or collaboration devices but never both.
//! A phone needs its model. A user of Webex Calling has at most five phones.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::devices::bare_device;
use super::records::merge;
use super::stored::{AccountKind, IssuedCode};
use super::{Model, written};
use crate::sim::error::{ApiError, ApiResult, ensure};
use crate::sim::ids::unpadded;

/// How long a code is valid.
const CODE_HOURS: i64 = 7 * 24;
/// How many phones a user can have.
const MAX_PHONES: usize = 5;

/// The phones that Webex Calling supports.
const PHONES: [PhoneModel; 8] = [
    PhoneModel { model: "DMS Cisco 6871", display_name: "Cisco 6871", family: "Cisco 6800" },
    PhoneModel { model: "DMS Cisco 7841", display_name: "Cisco 7841", family: "Cisco 7800" },
    PhoneModel { model: "DMS Cisco 8845", display_name: "Cisco 8845", family: "Cisco 8800" },
    PhoneModel { model: "DMS Cisco 8851", display_name: "Cisco 8851", family: "Cisco 8800" },
    PhoneModel { model: "DMS Cisco 8865", display_name: "Cisco 8865", family: "Cisco 8800" },
    PhoneModel { model: "Cisco 9841", display_name: "Cisco 9841", family: "Cisco 9800" },
    PhoneModel { model: "Cisco 9861", display_name: "Cisco 9861", family: "Cisco 9800" },
    PhoneModel { model: "Cisco 9871", display_name: "Cisco 9871", family: "Cisco 9800" },
];

#[derive(Debug)]
struct PhoneModel {
    /// The name in the API. Only the older ones carry `DMS`.
    model: &'static str,
    /// The common name; the API accepts it as well.
    display_name: &'static str,
    family: &'static str,
}

/// The future owner of a new device.
#[derive(Debug)]
enum ActivationTarget {
    /// A workspace, with its record.
    Workspace(Value),
    /// A person, whose name the device gets.
    Person { id: String, name: String },
}

impl ActivationTarget {
    /// The fields that a device inherits: it has the name of its workspace or owner.
    fn fields(&self) -> Value {
        match self {
            Self::Workspace(workspace) => json!({
                "workspaceId": workspace["id"],
                "placeId": workspace["id"],
                "displayName": workspace["displayName"],
                "locationId": workspace["locationId"].as_str(),
            }),
            Self::Person { id, name } => json!({ "personId": id, "displayName": name }),
        }
    }
}

impl Model {
    /// `POST /devices/activationCode` within one organization.
    pub(crate) fn create_activation_code(&mut self, org_id: &str, body: &Value) -> ApiResult<Value> {
        let destination = self.destination_of_device(org_id, body)?;
        let model = optional(body, "model")?;
        self.phone_for(&destination, model)?;
        let fields = destination.fields();
        let code = IssuedCode {
            code: format!("{:016}", self.ids.below(10_u64.pow(16))),
            workspace_id: fields["workspaceId"].as_str().map(str::to_owned),
            person_id: fields["personId"].as_str().map(str::to_owned),
            model: model.map(str::to_owned),
            expires: self.now() + SignedDuration::from_hours(CODE_HOURS),
        };
        self.begin_calling_at(&destination);
        let answer = json!({ "code": code.code, "expiryTime": written(code.expires) });
        self.activation_codes.push(code);
        Ok(answer)
    }

    /// The codes that were created, oldest first.
    pub(crate) fn activation_codes(&self) -> &[IssuedCode] {
        &self.activation_codes
    }

    /// `POST /devices` within one organization: the new device, which has never been switched on.
    pub(crate) fn create_device(&mut self, org_id: &str, body: &Value) -> ApiResult<Value> {
        let required = || ApiError::bad_request("mac and model are required.");
        let mac = optional(body, "mac")?.ok_or_else(required)?;
        let model = optional(body, "model")?.ok_or_else(required)?;
        let is_mac = mac.len() == 12 && mac.bytes().all(|byte| byte.is_ascii_hexdigit());
        ensure(is_mac, "mac must have twelve hexadecimal digits.")?;
        let destination = self.destination_of_device(org_id, body)?;
        let phone = self.phone_for(&destination, Some(model))?;
        if self.devices.has_mac(mac) {
            return Err(ApiError::conflict("A device with this MAC address exists already."));
        }
        let id = self.mint("DEVICE");
        let mut device = bare_device(&id, org_id, phone.map_or(model, |phone| phone.display_name));
        device["mac"] = json!(mac.to_uppercase());
        device["connectionStatus"] = json!("activating");
        device["created"] = json!(written(self.now()));
        if phone.is_some() {
            device["type"] = json!("phone");
            device["callingDeviceId"] = json!(self.ids.mint_calling());
        }
        merge(&mut device, &destination.fields());
        self.begin_calling_at(&destination);
        self.devices.put(&device);
        Ok(device)
    }

    /// The one workspace or person that the body names.
    fn destination_of_device(&self, org_id: &str, body: &Value) -> ApiResult<ActivationTarget> {
        match (optional(body, "workspaceId")?, optional(body, "personId")?) {
            (Some(id), None) => self.workspaces.find_in(org_id, id).map(ActivationTarget::Workspace),
            (None, Some(id)) => {
                let account = self.account(id).filter(|account| account.org_id == org_id);
                let person = account.filter(|account| account.kind == AccountKind::Person);
                let person = person.ok_or_else(ApiError::not_found)?;
                Ok(ActivationTarget::Person { id: person.id.clone(), name: person.display_name.clone() })
            }
            _ => Err(ApiError::bad_request("Exactly one of workspaceId and personId is required.")),
        }
    }

    /// The phone to add, or none for a collaboration device; an error if the destination does not take it.
    fn phone_for(
        &self,
        destination: &ActivationTarget,
        model: Option<&str>,
    ) -> ApiResult<Option<&'static PhoneModel>> {
        let phone = model.and_then(phone_named);
        match destination {
            ActivationTarget::Workspace(workspace) if workspace["supportedDevices"] == "phones" => {
                ensure(model.is_some(), "model is required for phones.")?;
                ensure(phone.is_some(), "The model is not a supported phone.")?;
            }
            ActivationTarget::Workspace(_) => {
                ensure(phone.is_none(), "The workspace does not support phones.")?;
            }
            ActivationTarget::Person { id, .. } => {
                let has_room = phone.is_none() || self.devices.count_phones_of(id) < MAX_PHONES;
                ensure(has_room, "Phones cannot be added to this user")?;
            }
        }
        Ok(phone)
    }

    fn begin_calling_at(&mut self, destination: &ActivationTarget) {
        if let ActivationTarget::Workspace(workspace) = destination {
            self.workspaces.begin_calling(workspace["id"].as_str().unwrap_or_default());
        }
    }
}

fn phone_named(name: &str) -> Option<&'static PhoneModel> {
    PHONES.iter().find(|phone| phone.model == name || phone.display_name == name)
}

/// `GET /telephony/config/supportedDevices`.
pub(crate) fn supported_devices() -> Value {
    let devices = PHONES.iter().map(|phone| {
        json!({
            "model": phone.model,
            "displayName": phone.display_name,
            "family": phone.family,
            "type": "MPP",
            "manufacturer": "CISCO",
            "managedBy": "CISCO",
            "supportedFor": ["PEOPLE", "PLACE"],
            "onboardingMethod": ["MAC_ADDRESS", "ACTIVATION_CODE"],
        })
    });
    json!({ "devices": devices.collect::<Vec<_>>() })
}

/// An optional field that must be a string if present.
fn optional<'a>(body: &'a Value, field: &str) -> ApiResult<Option<&'a str>> {
    match &body[field] {
        Value::Null => Ok(None),
        Value::String(text) if field.ends_with("Id") => Ok(Some(unpadded(text))),
        Value::String(text) => Ok(Some(text)),
        _ => Err(ApiError::bad_request(format!("{field} must be a string."))),
    }
}
