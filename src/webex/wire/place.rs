//! Webex's JSON for workspaces, locations, organizations and models.

use serde::Deserialize;

use super::lenient;
use crate::domain::{Location, LocationId, OrgId, Organization, Workspace, WorkspaceId};
use crate::webex::places::SupportedModel;

/// *Workspaces*: `GET /workspaces`, `GET /workspaces/{id}`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::webex) struct WireWorkspace {
    id: WorkspaceId,
    #[serde(default, deserialize_with = "lenient")]
    display_name: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    location_id: Option<LocationId>,
    #[serde(default, rename = "type", deserialize_with = "lenient")]
    kind: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    supported_devices: Option<String>,
    #[serde(default)]
    calling: serde_json::Value,
}

impl WireWorkspace {
    pub(in crate::webex) fn into_workspace(self) -> Workspace {
        Workspace {
            id: self.id,
            name: self.display_name,
            location_id: self.location_id,
            kind: self.kind,
            supported_devices: self.supported_devices,
            calling_type: self.calling["type"].as_str().map(str::to_owned),
        }
    }
}

/// *Locations*: `GET /locations`, `GET /locations/{id}`.
#[derive(Deserialize)]
pub(in crate::webex) struct WireLocation {
    id: LocationId,
    name: String,
}

impl WireLocation {
    pub(in crate::webex) fn into_location(self) -> Location {
        Location { id: self.id, name: self.name }
    }
}

/// *Organizations*: `GET /organizations`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::webex) struct WireOrganization {
    id: OrgId,
    display_name: String,
}

impl WireOrganization {
    pub(in crate::webex) fn into_organization(self) -> Organization {
        Organization { id: self.id, name: self.display_name }
    }
}

/// *Device Call Settings*: `GET /telephony/config/supportedDevices`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::webex) struct WireModel {
    model: String,
    #[serde(default, deserialize_with = "lenient")]
    display_name: Option<String>,
}

impl WireModel {
    pub(in crate::webex) fn into_model(self) -> SupportedModel {
        SupportedModel { model: self.model, display_name: self.display_name }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_workspace_is_read_with_its_calling_or_without() {
        let read = |json: &str| serde_json::from_str::<WireWorkspace>(json).unwrap().into_workspace();
        let full = read(
            r#"{"id":"w-1","displayName":"Lobby","locationId":"l-1","type":"open","supportedDevices":"phones",
                "calling":{"type":"webexCalling"}}"#,
        );
        assert_eq!(full.supported_devices.as_deref(), Some("phones"));
        assert_eq!(full.calling_type.as_deref(), Some("webexCalling"));
        let bare = read(r#"{"id":"w-1","displayName":null,"calling":"none"}"#);
        assert_eq!((bare.name, bare.calling_type, bare.kind), (None, None, None));
        assert!(serde_json::from_str::<WireWorkspace>(r#"{"displayName":"Lobby"}"#).is_err());
    }
}
