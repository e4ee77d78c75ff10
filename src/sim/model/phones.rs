//! The phones that Webex Calling knows, as `GET /telephony/config/supportedDevices` lists them.

use serde_json::{Value, json};

/// A model of phone.
#[derive(Debug, PartialEq, Eq)]
pub struct PhoneModel {
    /// What the API calls it. Only the older ones carry `DMS`.
    pub model: &'static str,
    /// What people call it; the API takes that as well.
    pub display_name: &'static str,
    family: &'static str,
}

const MODELS: [PhoneModel; 8] = [
    PhoneModel { model: "DMS Cisco 6871", display_name: "Cisco 6871", family: "Cisco 6800" },
    PhoneModel { model: "DMS Cisco 7841", display_name: "Cisco 7841", family: "Cisco 7800" },
    PhoneModel { model: "DMS Cisco 8845", display_name: "Cisco 8845", family: "Cisco 8800" },
    PhoneModel { model: "DMS Cisco 8851", display_name: "Cisco 8851", family: "Cisco 8800" },
    PhoneModel { model: "DMS Cisco 8865", display_name: "Cisco 8865", family: "Cisco 8800" },
    PhoneModel { model: "Cisco 9841", display_name: "Cisco 9841", family: "Cisco 9800" },
    PhoneModel { model: "Cisco 9861", display_name: "Cisco 9861", family: "Cisco 9800" },
    PhoneModel { model: "Cisco 9871", display_name: "Cisco 9871", family: "Cisco 9800" },
];

/// The phone that goes by this name.
#[must_use]
pub fn phone(name: &str) -> Option<&'static PhoneModel> {
    MODELS.iter().find(|phone| phone.model == name || phone.display_name == name)
}

/// `GET /telephony/config/supportedDevices`.
#[must_use]
pub fn supported_devices() -> Value {
    let devices = MODELS.iter().map(|phone| {
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
