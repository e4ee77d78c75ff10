//! Workspaces, locations and organizations.

use serde::Deserialize;
use serde_json::Value;

use super::lenient::Lenient;
use crate::domain::{Location, LocationId, OrgId, Organization, Workspace, WorkspaceId};

/// *Workspaces*: `GET /workspaces`, `GET /workspaces/{id}`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WireWorkspace {
    id: WorkspaceId,
    #[serde(default)]
    display_name: Lenient<String>,
    #[serde(default)]
    org_id: Lenient<OrgId>,
    #[serde(default)]
    location_id: Lenient<LocationId>,
    #[serde(default, rename = "type")]
    kind: Lenient<String>,
    #[serde(default)]
    supported_devices: Lenient<String>,
    #[serde(default)]
    calling: Value,
}

impl WireWorkspace {
    pub(in crate::webex) fn into_workspace(self) -> Workspace {
        Workspace {
            id: self.id,
            name: self.display_name.0,
            org_id: self.org_id.0,
            location_id: self.location_id.0,
            kind: self.kind.0,
            supported_devices: self.supported_devices.0,
            calling_type: self.calling["type"].as_str().map(str::to_owned),
        }
    }
}

/// *Locations*: `GET /locations`, `GET /locations/{id}`.
#[derive(Deserialize)]
pub struct WireLocation {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_workspace_is_read_with_and_without_calling() {
        let read = |json: &str| serde_json::from_str::<WireWorkspace>(json).unwrap().into_workspace();
        let full = read(
            r#"{"id":"w-1","displayName":"Lobby","orgId":"o-1","locationId":"l-1","type":"open","supportedDevices":"phones",
                "calling":{"type":"webexCalling"}}"#,
        );
        assert_eq!(full.supported_devices.as_deref(), Some("phones"));
        assert_eq!(full.calling_type.as_deref(), Some("webexCalling"));
        assert_eq!(full.org_id, OrgId::parse("o-1").ok());
        let bare = read(r#"{"id":"w-1","displayName":null,"calling":"none"}"#);
        assert_eq!((bare.name, bare.calling_type, bare.kind), (None, None, None));
        assert!(serde_json::from_str::<WireWorkspace>(r#"{"displayName":"Lobby"}"#).is_err());
    }
}
