//! The object of a change: only one command at a time changes a device, a workspace or a person.

use super::{DeviceId, PlaceId};

/// A device, workspace or person that a command changes. Equal for all spellings of its id. Stored as the name of a
/// lock: the words must not change.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ChangeTarget(String);

impl ChangeTarget {
    /// A device.
    pub fn device(id: &DeviceId) -> Self {
        Self(format!("device {}", id.key()))
    }

    /// The workspace or person that gets a device.
    pub fn place(place: &PlaceId) -> Self {
        Self(match place {
            PlaceId::Workspace(id) => format!("workspace {}", id.key()),
            PlaceId::Person(id) => format!("person {}", id.key()),
        })
    }

    /// The stored words.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{PersonId, WorkspaceId};

    #[test]
    fn all_spellings_of_an_id_are_one_target() {
        let uuid = "11111111-2222-3333-4444-555555555555";
        let device = |id: &str| ChangeTarget::device(&DeviceId::parse(id).unwrap());
        assert_eq!(device(uuid), device(&uuid.to_uppercase()));
        assert_eq!(device(uuid).as_str(), format!("device {uuid}"));
        let workspace = ChangeTarget::place(&PlaceId::Workspace(WorkspaceId::parse(uuid).unwrap()));
        let person = ChangeTarget::place(&PlaceId::Person(PersonId::parse(uuid).unwrap()));
        assert_eq!(workspace.as_str(), format!("workspace {uuid}"));
        assert_eq!(person.as_str(), format!("person {uuid}"));
        assert_ne!(workspace, person);
    }
}
