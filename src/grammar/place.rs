//! Where a new device is to belong.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::print::Name;
use super::text::WorkspaceReference;
use crate::domain::EmailAddress;

/// A workspace or a person, as somebody named them. The form in which serde writes it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProvisionTarget {
    /// A shared device in a workspace.
    Workspace(WorkspaceReference),
    /// A personal device of this person.
    Person(EmailAddress),
}

impl fmt::Display for ProvisionTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Workspace(workspace) => write!(f, "workspace {}", Name(workspace.as_str())),
            Self::Person(address) => write!(f, "person {address}"),
        }
    }
}
