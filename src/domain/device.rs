//! A device, the facts that identify it, and counts of devices.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{DeviceId, LocationId, Mac, OrgId, PersonId, WorkspaceId};

/// One record of the Devices API, as read at one moment. Any field but the id may be missing, and people chose the
/// texts: none of them is markup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// The id it was read by.
    pub id: DeviceId,
    /// The name.
    pub display_name: Option<String>,
    /// The workspace of a shared device.
    pub workspace_id: Option<WorkspaceId>,
    /// The owner of a personal device.
    pub person_id: Option<PersonId>,
    /// The organization it belongs to.
    pub org_id: Option<OrgId>,
    /// The model, such as `Cisco Room Bar Pro`.
    pub product: Option<String>,
    /// `roomdesk`, `phone`, and possibly new ones.
    pub kind: Option<String>,
    /// The serial number.
    pub serial: Option<String>,
    /// The MAC address, with or without colons.
    pub mac: Option<String>,
    /// The IP address.
    pub ip: Option<String>,
    /// `connected`, `disconnected`, and possibly new ones.
    pub connection_status: Option<String>,
    /// The software version.
    pub software: Option<String>,
    /// The channel of its software upgrades.
    pub upgrade_channel: Option<String>,
    /// Its tags.
    pub tags: Vec<String>,
    /// Webex's codes of its current problems.
    pub error_codes: Vec<String>,
    /// The location of its building.
    pub location_id: Option<LocationId>,
    /// Its capabilities, such as `xapi`.
    pub capabilities: Vec<String>,
    /// `cisco`, `microsoftTeamsRoom`, and possibly new ones.
    pub platform: Option<String>,
    /// `CISCO`, `CUSTOMER` or `PARTNER`.
    pub managed_by: Option<String>,
    /// Planned maintenance: `off`, `on`, `upcoming`.
    pub maintenance: Option<String>,
    /// When it was added to the organization.
    pub created: Option<Timestamp>,
    /// The first time it reported its state.
    pub first_seen: Option<Timestamp>,
    /// The last time it reported its state; many phones never do.
    pub last_seen: Option<Timestamp>,
}

/// The facts that identify a device, frozen when they were read: compared before a deletion, stored with the command,
/// and shown on the result card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceFacts {
    /// Its id.
    pub id: DeviceId,
    /// Its name.
    pub name: Option<String>,
    /// Its model.
    pub product: Option<String>,
    /// Its kind, such as `roomdesk` or `phone`.
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
    /// The organization that it was read in, if known. Earlier versions did not store it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub org_id: Option<OrgId>,
}

impl DeviceFacts {
    /// The facts of a device just read. The names of its workspace and owner are looked up separately.
    pub(crate) fn of(device: &Device) -> Self {
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
            org_id: device.org_id.clone(),
        }
    }

    /// Whether it belongs to a person rather than to a workspace.
    pub(crate) fn is_personal(&self) -> bool {
        self.owner_id.is_some()
    }

    /// The names of the facts that differ in a device read later; empty for the same device in the same place. A new
    /// name does not make it another device.
    pub(crate) fn changed_in(&self, later: &Device) -> BTreeSet<&'static str> {
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

    /// Whether the device belongs to another organization by now. Not every record names its organization.
    pub(crate) fn is_elsewhere(&self, org_id: Option<&OrgId>) -> bool {
        self.org_id.as_ref().zip(org_id).is_some_and(|(shown, now)| shown != now)
    }

    /// Like [`changed_in`](Self::changed_in), for facts that a person has seen. To a person, a device with another name
    /// is another device, so the name counts too.
    pub(crate) fn changed_since_shown(&self, later: &Device) -> BTreeSet<&'static str> {
        let mut changed = self.changed_in(later);
        if self.name != later.display_name {
            changed.insert("name");
        }
        if self.is_elsewhere(later.org_id.as_ref()) {
            changed.insert("organization");
        }
        changed
    }
}

/// A number of devices, exact or only a lower bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    /// The exact number.
    Exactly(u64),
    /// At least this many; some could not be counted.
    AtLeast(u64),
    /// More than this; counting stopped at one more.
    MoreThan(u64),
}

impl Count {
    /// The number of devices not shown yet.
    pub(crate) fn without(self, seen: u64) -> Self {
        match self {
            Self::Exactly(count) => Self::Exactly(count.saturating_sub(seen)),
            Self::AtLeast(count) => Self::AtLeast(count.saturating_sub(seen)),
            Self::MoreThan(count) => Self::MoreThan(count.saturating_sub(seen)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::fixtures::a_device;
    use super::*;

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
        assert_eq!(facts.changed_since_shown(&renamed), BTreeSet::from(["name"]), "people read the name");
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

/// Devices for unit tests.
#[cfg(test)]
pub(crate) mod fixtures {
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
}
