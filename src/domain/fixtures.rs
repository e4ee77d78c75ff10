//! Devices for unit tests.

use super::{Device, DeviceId, WorkspaceId};

/// A device with only an id; tests add the fields they are about.
pub(crate) fn bare_device(id: &str) -> Device {
    Device {
        id: DeviceId::parse(id).unwrap(),
        display_name: None,
        workspace_id: None,
        person_id: None,
        org_id: None,
        product: None,
        kind: None,
        serial: None,
        mac: None,
        ip: None,
        connection_status: None,
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

/// A shared device with all the facts that identify it.
pub(crate) fn a_device() -> Device {
    Device {
        display_name: Some("BER-4 Panorama".to_owned()),
        workspace_id: Some(WorkspaceId::parse("workspace-4").unwrap()),
        product: Some("Cisco Room Bar Pro".to_owned()),
        kind: Some("roomdesk".to_owned()),
        serial: Some("FOC2345ABCD".to_owned()),
        mac: Some("11:22:33:44:AA:FF".to_owned()),
        connection_status: Some("connected".to_owned()),
        ..bare_device("11111111-2222-3333-4444-555555555555")
    }
}
