//! Values for unit tests.

use super::{Device, DeviceId, WorkspaceId};

/// A shared device with the facts that identify it; tests override only the fields they are about.
pub(crate) fn a_device() -> Device {
    Device {
        id: DeviceId::parse("11111111-2222-3333-4444-555555555555").unwrap(),
        display_name: Some("BER-4 Panorama".to_owned()),
        workspace_id: Some(WorkspaceId::parse("workspace-4").unwrap()),
        person_id: None,
        org_id: None,
        product: Some("Cisco Room Bar Pro".to_owned()),
        kind: Some("roomdesk".to_owned()),
        serial: Some("FOC2345ABCD".to_owned()),
        mac: Some("11:22:33:44:AA:FF".to_owned()),
        ip: None,
        connection_status: Some("connected".to_owned()),
        software: None,
        upgrade_channel: None,
        tags: Vec::new(),
        error_codes: Vec::new(),
        location_id: None,
        capabilities: Vec::new(),
        platform: None,
        managed_by: None,
        maintenance: None,
        created: None,
        first_seen: None,
        last_seen: None,
    }
}
