//! Organizations, workspaces and locations: everything a device can belong to or stand in.

use serde::{Deserialize, Serialize};

use super::{Actor, LocationId, OrgId, PersonId, WorkspaceId};

/// The organization whose devices a call is about.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum OrgScope {
    /// The one in the settings, otherwise the admin credential's own.
    #[default]
    Default,
    /// The admin credential's own, even if the settings name another: for a call that was first sent without a name.
    Own,
    /// Another one, for partner administrators.
    Org(OrgId),
}

/// An organization that the admin credential can see. People chose its name: it is not markup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organization {
    /// The id.
    pub id: OrgId,
    /// The name.
    pub name: String,
}

/// A workspace, as read at one moment. People chose its name: it is not markup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workspace {
    /// The id, which never changes.
    pub id: WorkspaceId,
    /// The name.
    pub name: Option<String>,
    /// The organization it belongs to, if Webex states it.
    pub org_id: Option<OrgId>,
    /// The location it is in.
    pub location_id: Option<LocationId>,
    /// `meetingRoom`, `desk`, and possibly new ones.
    pub kind: Option<String>,
    /// `collaborationDevices` or `phones`; fixed when the workspace is created.
    pub supported_devices: Option<String>,
    /// `freeCalling`, `webexCalling`, `none`, and possibly new ones.
    pub calling_type: Option<String>,
}

/// A location: a site or a building.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// The id.
    pub id: LocationId,
    /// The name.
    pub name: String,
}

/// The future owner of a new device, as read at one moment: what a card shows and a plan holds. Stored: the names must
/// not change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaceFacts {
    /// The id.
    pub id: PlaceId,
    /// The name of the workspace, or the label of the person.
    pub name: String,
    /// The calling type of the workspace, which a new device may reset.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calling_type: Option<String>,
    /// The kind of devices that the workspace takes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supported_devices: Option<String>,
}

impl PlaceFacts {
    /// A workspace; `unnamed` stands for a missing name.
    pub(crate) fn of_workspace(workspace: Workspace, unnamed: &str) -> Self {
        Self {
            id: PlaceId::Workspace(workspace.id),
            name: workspace.name.unwrap_or_else(|| unnamed.to_owned()),
            calling_type: workspace.calling_type,
            supported_devices: workspace.supported_devices,
        }
    }

    /// A person.
    pub(crate) fn of_person(person: Actor) -> Self {
        let (name, id) = (person.label().to_owned(), PlaceId::Person(person.person_id));
        Self { id, name, calling_type: None, supported_devices: None }
    }

    /// These facts without those that the row of a card did not show.
    pub(crate) fn limited_to(self, shown: &Self) -> Self {
        Self {
            calling_type: self.calling_type.filter(|_| shown.calling_type.is_some()),
            supported_devices: self.supported_devices.filter(|_| shown.supported_devices.is_some()),
            ..self
        }
    }
}

/// The future owner of a new device: a workspace for a shared one, a person for a personal one. Stored: the names must
/// not change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlaceId {
    /// A shared device.
    Workspace(WorkspaceId),
    /// A personal device.
    Person(PersonId),
}
