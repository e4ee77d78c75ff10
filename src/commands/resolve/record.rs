//! What a search needs to know about devices, workspaces and people. Pure.

use super::compare::{Resemblance, Typed, resembles_email};
use crate::domain::{Actor, Device, DeviceId, Mac, PersonId, Workspace, WorkspaceId};

/// The property that a reference matches, strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum MatchedBy {
    Id,
    Serial,
    Mac,
    /// Only people have one.
    Email,
    /// A match by name alone never changes a device.
    Name,
}

/// A record of Webex that people name by a typed text.
pub(super) trait Record: Clone {
    type Id: PartialEq;

    fn id(&self) -> &Self::Id;

    /// The strongest property that the typed text matches. A server's filter is never enough: only this decides.
    fn matched_by(&self, typed: &Typed) -> Option<MatchedBy>;

    /// How the record resembles a typed text that matches nothing, with the text that resembles it.
    fn resemblance(&self, typed: &Typed) -> Option<(Resemblance, &str)>;
}

impl Record for Device {
    type Id = DeviceId;

    fn id(&self) -> &DeviceId {
        &self.id
    }

    fn matched_by(&self, typed: &Typed) -> Option<MatchedBy> {
        let mac = self.mac.as_deref().and_then(|mac| Mac::parse(mac).ok());
        if typed.id.as_ref() == Some(&self.id) {
            Some(MatchedBy::Id)
        } else if typed.is_serial(self.serial.as_deref()) {
            Some(MatchedBy::Serial)
        } else if mac.is_some() && mac == typed.mac {
            Some(MatchedBy::Mac)
        } else {
            typed.is_name(self.display_name.as_deref()).then_some(MatchedBy::Name)
        }
    }

    fn resemblance(&self, typed: &Typed) -> Option<(Resemblance, &str)> {
        let serial =
            self.serial.as_deref().and_then(|serial| Some((typed.resembles_serial(serial)?, serial)));
        let name = self.display_name.as_deref().and_then(|name| Some((typed.resembles_name(name)?, name)));
        [serial, name].into_iter().flatten().min_by_key(|(resemblance, _)| *resemblance)
    }
}

impl Record for Workspace {
    type Id = WorkspaceId;

    fn id(&self) -> &WorkspaceId {
        &self.id
    }

    fn matched_by(&self, typed: &Typed) -> Option<MatchedBy> {
        if typed.workspace_id.as_ref() == Some(&self.id) {
            Some(MatchedBy::Id)
        } else {
            typed.is_name(self.name.as_deref()).then_some(MatchedBy::Name)
        }
    }

    fn resemblance(&self, typed: &Typed) -> Option<(Resemblance, &str)> {
        let name = self.name.as_deref()?;
        Some((typed.resembles_name(name)?, name))
    }
}

impl Record for Actor {
    type Id = PersonId;

    fn id(&self) -> &PersonId {
        &self.person_id
    }

    fn matched_by(&self, typed: &Typed) -> Option<MatchedBy> {
        if self.is_machine {
            None
        } else if typed.email.is_some() {
            // A record with another address is another person, whatever the filter says.
            (self.email == typed.email).then_some(MatchedBy::Email)
        } else {
            typed.is_name(Some(&self.display_name)).then_some(MatchedBy::Name)
        }
    }

    /// A typed address is compared with addresses, and a typed name with names.
    fn resemblance(&self, typed: &Typed) -> Option<(Resemblance, &str)> {
        // People without an address cannot be named, so they cannot be suggested.
        let email = self.email.as_ref().filter(|_| !self.is_machine)?;
        match &typed.email {
            Some(address) => Some((resembles_email(address, email)?, email.as_str())),
            None => Some((typed.resembles_name(&self.display_name)?, &self.display_name)),
        }
    }
}
