//! Where devices stand and whom they belong to.

use super::{LocationId, PersonId, WorkspaceId};

/// A workspace, as read at one moment. Its name was typed by somebody: it is not markup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workspace {
    /// Its id, which stays the same for good.
    pub id: WorkspaceId,
    /// The name people gave it.
    pub name: Option<String>,
    /// The location it is in.
    pub location_id: Option<LocationId>,
    /// The kind: `meetingRoom`, `desk` and others that may come.
    pub kind: Option<String>,
    /// Which devices it takes, `collaborationDevices` or `phones`; that cannot be changed later.
    pub supported_devices: Option<String>,
    /// How it calls: `freeCalling`, `webexCalling`, `none` and others that may come.
    pub calling_type: Option<String>,
}

/// A location: a site or a building.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// Its id.
    pub id: LocationId,
    /// The name people gave it.
    pub name: String,
}

/// Whom a new device is for: a shared one for a workspace, a personal one for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlaceId {
    /// It will stand in a workspace.
    Workspace(WorkspaceId),
    /// It will belong to a person.
    Person(PersonId),
}
