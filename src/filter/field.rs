//! The values of a device for a key.

use jiff::Timestamp;

use super::key::Key;
use crate::domain::{Device, DeviceId, LocationId, PersonId, WorkspaceId};

/// The names related to one device, if they could be read: the device's record in Webex has only ids.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RelatedNames {
    /// The name of its workspace.
    pub workspace: Option<String>,
    /// The name of its location, or of its workspace's location.
    pub location: Option<String>,
    /// The name of its owner.
    pub person: Option<String>,
    /// The address of its owner.
    pub email: Option<String>,
}

pub(super) enum FieldValue<'a> {
    Id(&'a DeviceId),
    /// Blank values count as missing.
    Texts(&'a [String]),
    /// A workspace, location or person: the key by which ids are compared, and its names, which may be unknown.
    Named {
        id: Option<&'a str>,
        names: Vec<Option<&'a str>>,
    },
    Time(Option<Timestamp>),
}

impl<'a> FieldValue<'a> {
    pub(super) fn of(device: &'a Device, related: &'a RelatedNames, key: Key) -> Self {
        match key {
            Key::Id => Self::Id(&device.id),
            Key::Name => Self::Texts(device.display_name.as_slice()),
            Key::Serial => Self::Texts(device.serial.as_slice()),
            Key::Mac => Self::Texts(device.mac.as_slice()),
            Key::Ip => Self::Texts(device.ip.as_slice()),
            Key::Product => Self::Texts(device.product.as_slice()),
            Key::Type => Self::Texts(device.kind.as_slice()),
            Key::Platform => Self::Texts(device.platform.as_slice()),
            Key::Status => Self::Texts(device.connection_status.as_slice()),
            Key::Software => Self::Texts(device.software.as_slice()),
            Key::Channel => Self::Texts(device.upgrade_channel.as_slice()),
            Key::ManagedBy => Self::Texts(device.managed_by.as_slice()),
            Key::Maintenance => Self::Texts(device.maintenance.as_slice()),
            Key::Tag => Self::Texts(&device.tags),
            Key::Error => Self::Texts(&device.error_codes),
            Key::Capability => Self::Texts(&device.capabilities),
            Key::Workspace => {
                Self::named(device.workspace_id.as_ref().map(WorkspaceId::key), &[&related.workspace])
            }
            Key::Location => {
                Self::named(device.location_id.as_ref().map(LocationId::key), &[&related.location])
            }
            Key::Person => {
                let id = device.person_id.as_ref().map(PersonId::key);
                Self::named(id, &[&related.person, &related.email])
            }
            Key::FirstSeen => Self::Time(device.first_seen),
            Key::LastSeen => Self::Time(device.last_seen),
            Key::Created => Self::Time(device.created),
        }
    }

    fn named(id: Option<&'a str>, names: &[&'a Option<String>]) -> Self {
        Self::Named { id, names: names.iter().map(|name| name.as_deref()).collect() }
    }

    pub(super) fn is_missing(&self) -> bool {
        match self {
            Self::Id(_) => false,
            Self::Texts(texts) => texts.iter().all(|text| text.trim().is_empty()),
            Self::Named { id, names } => id.is_none() && names.iter().all(Option::is_none),
            Self::Time(at) => at.is_none(),
        }
    }

    /// Whether one of the texts or names satisfies a predicate; `None` if that is unknown.
    pub(super) fn any(&self, is_match: impl Fn(&str) -> bool) -> Option<bool> {
        match self {
            Self::Texts(texts) => Some(texts.iter().any(|text| !text.trim().is_empty() && is_match(text))),
            Self::Named { names, .. } => match names.iter().flatten().any(|name| is_match(name)) {
                // An unknown name might match.
                false if !self.is_missing() && names.contains(&None) => None,
                found => Some(found),
            },
            Self::Id(_) | Self::Time(_) => None,
        }
    }

    /// The first text or name.
    pub(super) fn text(&self) -> Option<&'a str> {
        match self {
            Self::Id(id) => Some(id.as_str()),
            Self::Texts(texts) => texts.first().map(String::as_str),
            Self::Named { names, .. } => names.iter().flatten().next().copied(),
            Self::Time(_) => None,
        }
    }
}
