//! What `GET /devices` can filter by.

use serde_json::Value;

use super::devices::plain;
use crate::sim::ids::unpadded;

/// The parameters of the list. Values that a device does not have never fit.
#[derive(Debug, Clone, Default, PartialEq)]
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
    /// The parameters that are rarely asked for.
    pub rare: RareFilter,
}

/// Parameters for which the whole record of a device is read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RareFilter {
    /// The software version, exactly.
    pub software: Option<String>,
    /// The upgrade channel, exactly.
    pub upgrade_channel: Option<String>,
    /// One of the error codes.
    pub error_code: Option<String>,
    /// One of the capabilities.
    pub capability: Option<String>,
    /// One of the permissions.
    pub permission: Option<String>,
    /// The location, exactly.
    pub location_id: Option<String>,
    /// The location by its deprecated id, exactly.
    pub workspace_location_id: Option<String>,
    /// The platform, exactly.
    pub device_platform: Option<String>,
    /// The mode of the planned maintenance, exactly.
    pub planned_maintenance: Option<String>,
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

impl RareFilter {
    /// Whether nothing is asked for.
    #[must_use]
    pub fn is_open(&self) -> bool {
        *self == Self::default()
    }

    /// Whether a device is one of those asked for.
    #[must_use]
    pub fn takes(&self, device: &Value) -> bool {
        let is = |field: &str, wanted: &Option<String>| {
            wanted.as_ref().is_none_or(|wanted| device[field].as_str() == Some(wanted))
        };
        let is_id = |field: &str, wanted: &Option<String>| {
            wanted
                .as_ref()
                .is_none_or(|wanted| device[field].as_str().map(unpadded) == Some(unpadded(wanted)))
        };
        let has = |field: &str, wanted: &Option<String>| {
            let items = device[field].as_array().map(Vec::as_slice).unwrap_or_default();
            wanted.as_ref().is_none_or(|wanted| items.iter().any(|item| item == wanted))
        };
        // An object in the schema, a bare string in the example.
        let maintenance = &device["plannedMaintenance"];
        let mode = maintenance.as_str().or_else(|| maintenance["mode"].as_str());
        is("software", &self.software)
            && is("upgradeChannel", &self.upgrade_channel)
            && is("devicePlatform", &self.device_platform)
            && is_id("locationId", &self.location_id)
            && is_id("workspaceLocationId", &self.workspace_location_id)
            && has("errorCodes", &self.error_code)
            && has("capabilities", &self.capability)
            && has("permissions", &self.permission)
            && self.planned_maintenance.as_ref().is_none_or(|wanted| mode == Some(wanted))
    }
}
