//! A device as Steward knows it.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{DeviceId, LocationId, Mac, OrgId, PersonId, WorkspaceId};

/// One record of the Devices API, as read at one moment. Any field but the id may be missing, and every text
/// in it was typed by somebody: none of it is markup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// The id it was read by.
    pub id: DeviceId,
    /// The name people gave it.
    pub display_name: Option<String>,
    /// The workspace of a shared device.
    pub workspace_id: Option<WorkspaceId>,
    /// The owner of a personal device.
    pub person_id: Option<PersonId>,
    /// The organization it belongs to.
    pub org_id: Option<OrgId>,
    /// The model, as `Cisco Room Bar Pro`.
    pub product: Option<String>,
    /// The kind: `roomdesk`, `phone` and others that may come.
    pub kind: Option<String>,
    /// The serial number.
    pub serial: Option<String>,
    /// The MAC address, with or without colons.
    pub mac: Option<String>,
    /// The IP address.
    pub ip: Option<String>,
    /// `connected`, `disconnected` and others that may come.
    pub connection_status: Option<String>,
    /// The software it runs.
    pub software: Option<String>,
    /// The channel its upgrades come from.
    pub upgrade_channel: Option<String>,
    /// Its tags.
    pub tags: Vec<String>,
    /// What it complains about, as Webex's codes.
    pub error_codes: Vec<String>,
    /// The location of the building it stands in.
    pub location_id: Option<LocationId>,
    /// What it can be asked to do, as `xapi`.
    pub capabilities: Vec<String>,
    /// `cisco`, `microsoftTeamsRoom` and others that may come.
    pub platform: Option<String>,
    /// Who looks after it: `CISCO`, `CUSTOMER`, `PARTNER`.
    pub managed_by: Option<String>,
    /// Planned maintenance: `off`, `on`, `upcoming`.
    pub maintenance: Option<String>,
    /// When it was added to the organization.
    pub created: Option<Timestamp>,
    /// The first time it reported its state.
    pub first_seen: Option<Timestamp>,
    /// The last time it reported its state; phones often never do.
    pub last_seen: Option<Timestamp>,
}

/// The facts of a device that tell it from every other, frozen when they were read: what is compared before
/// a deletion, kept with the command, and shown on the result card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceFacts {
    /// Its id.
    pub id: DeviceId,
    /// Its name.
    pub name: Option<String>,
    /// Its model.
    pub product: Option<String>,
    /// Its kind, as `roomdesk` or `phone`.
    pub kind: Option<String>,
    /// Its serial number.
    pub serial: Option<String>,
    /// Its MAC address.
    pub mac: Option<String>,
    /// The workspace it stands in.
    pub workspace_id: Option<WorkspaceId>,
    /// The name of that workspace, if it could be read.
    pub workspace_name: Option<String>,
    /// The person it belongs to.
    pub owner_id: Option<PersonId>,
    /// The name of that person, if it could be read.
    pub owner_name: Option<String>,
}

impl DeviceFacts {
    /// The facts of a device just read. The names of its workspace and owner are looked up apart.
    #[must_use]
    pub fn of(device: &Device) -> Self {
        Self {
            id: device.id.clone(),
            name: device.display_name.clone(),
            product: device.product.clone(),
            kind: device.kind.clone(),
            serial: device.serial.clone(),
            mac: device.mac.clone(),
            workspace_id: device.workspace_id.clone(),
            workspace_name: None,
            owner_id: device.person_id.clone(),
            owner_name: None,
        }
    }

    /// A personal device, one that belongs to a person rather than to a workspace.
    #[must_use]
    pub fn is_personal(&self) -> bool {
        self.owner_id.is_some()
    }

    /// What differs between these facts and a device read later, in words; empty when it is the same device
    /// in the same place. Names may change without making it another device.
    #[must_use]
    pub fn changed_in(&self, later: &Device) -> BTreeSet<&'static str> {
        let mac = |text: &Option<String>| text.as_deref().map(Mac::bare);
        [
            ("serial", self.serial != later.serial),
            ("MAC", mac(&self.mac) != mac(&later.mac)),
            ("workspace", self.workspace_id != later.workspace_id),
            ("owner", self.owner_id != later.person_id),
        ]
        .into_iter()
        .filter_map(|(fact, differs)| differs.then_some(fact))
        .collect()
    }

    /// The same, where these facts were shown to somebody who said yes to them: to a person a device under another
    /// name is another device, so the name counts, too.
    #[must_use]
    pub fn changed_since_shown(&self, later: &Device) -> BTreeSet<&'static str> {
        let mut changed = self.changed_in(later);
        if self.name != later.display_name {
            changed.insert("name");
        }
        changed
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

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

    #[test]
    fn the_same_device_under_a_new_name_has_not_changed() {
        let device = a_device();
        let renamed = Device {
            display_name: Some("Lobby".to_owned()),
            mac: Some("11223344aaff".to_owned()),
            connection_status: None,
            ..device.clone()
        };
        let facts = DeviceFacts::of(&device);
        assert_eq!(facts.changed_in(&renamed), BTreeSet::new());
        assert_eq!(facts.changed_since_shown(&device), BTreeSet::new());
        assert_eq!(
            facts.changed_since_shown(&renamed),
            BTreeSet::from(["name"]),
            "whoever was shown it reads the name"
        );
    }

    #[test]
    fn another_serial_mac_workspace_or_owner_is_a_change() {
        let device = a_device();
        let other = Device {
            serial: None,
            mac: Some("112233440000".to_owned()),
            workspace_id: None,
            person_id: Some(PersonId::parse("ana").unwrap()),
            ..device.clone()
        };
        let changed: Vec<_> = DeviceFacts::of(&device).changed_in(&other).into_iter().collect();
        assert_eq!(changed, ["MAC", "owner", "serial", "workspace"]);
    }
}
