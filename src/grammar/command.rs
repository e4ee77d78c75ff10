//! The commands as data, as parsed and as stored.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::tags::TagChange;
use super::text::{Model, NameWord, OrgName, Reason, WorkspaceReference};
use crate::domain::{EmailAddress, Mac, PlanCode, Reference};
use crate::filter::{Filter, Sort};

/// A command of a person.
///
/// A command prints as a line that parses to the same command again. Its serde form is stored: names of variants and
/// fields must not change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case")]
pub enum Command {
    /// Shows the commands that the person may use here.
    Help {
        /// The command to explain; all of them without it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        topic: Option<Topic>,
    },
    /// Shows what this bot is.
    About,
    /// Shows the person's id, address and rights.
    #[serde(rename = "whoami")]
    WhoAmI,
    /// Lists devices.
    ListDevices {
        /// Empty for all devices.
        #[serde(default, skip_serializing_if = "Filter::is_empty")]
        filter: Filter,
        /// The order; `None` for that of Webex.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sort: Option<Sort>,
        /// Whether to send all of them as a file.
        #[serde(default)]
        csv: bool,
        /// The page, counted from 1.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        page: Option<u32>,
        /// An organization other than the default one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        org: Option<OrgName>,
    },
    /// Shows one device.
    ShowDevice {
        /// The device.
        device: Reference,
        /// An organization other than the default one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        org: Option<OrgName>,
    },
    /// Deletes one device.
    DeleteDevice {
        /// The device.
        device: Reference,
        /// The reason, for the audit log and the people in the space.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Reason>,
        /// An organization other than the default one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        org: Option<OrgName>,
    },
    /// Changes the tags of one device.
    TagDevice {
        /// The device.
        device: Reference,
        /// The tags to add and to remove.
        change: TagChange,
        /// An organization other than the default one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        org: Option<OrgName>,
    },
    /// Changes the tags of many devices.
    TagDevices {
        /// Never empty.
        filter: Filter,
        /// The tags to add and to remove.
        change: TagChange,
        /// An organization other than the default one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        org: Option<OrgName>,
    },
    /// Creates an activation code.
    Activate {
        /// The workspace or person that gets the device.
        place: ProvisionTarget,
        /// The model; required for phones.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        model: Option<Model>,
        /// An organization other than the default one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        org: Option<OrgName>,
    },
    /// Adds a device by its MAC address.
    AddDevice {
        /// The address.
        mac: Mac,
        /// The model.
        model: Model,
        /// The workspace or person that gets the device.
        place: ProvisionTarget,
        /// An organization other than the default one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        org: Option<OrgName>,
    },
    /// Confirms a plan.
    Confirm {
        /// The plan.
        code: PlanCode,
    },
    /// Cancels a plan.
    Cancel {
        /// The plan.
        code: PlanCode,
    },
}

/// The workspace or person that gets a new device, as named in the command. Its serde form is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProvisionTarget {
    /// A shared device in a workspace.
    Workspace(WorkspaceReference),
    /// A personal device.
    Person(EmailAddress),
}

/// The command that `help` explains, or the first words of several. Stored as its text.
///
/// The name of the command if only one fits (`help rm` explains `delete device`), otherwise the words in lower case; or
/// `filters`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Topic(pub(super) String);

impl Command {
    /// The organization it names.
    pub fn org(&self) -> Option<&OrgName> {
        match self {
            Self::ListDevices { org, .. }
            | Self::ShowDevice { org, .. }
            | Self::DeleteDevice { org, .. }
            | Self::TagDevice { org, .. }
            | Self::TagDevices { org, .. }
            | Self::Activate { org, .. }
            | Self::AddDevice { org, .. } => org.as_ref(),
            Self::Help { .. } | Self::About | Self::WhoAmI | Self::Confirm { .. } | Self::Cancel { .. } => {
                None
            }
        }
    }
}

impl fmt::Display for ProvisionTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Workspace(workspace) => write!(f, "workspace {}", NameWord(workspace.as_str())),
            Self::Person(address) => write!(f, "person {address}"),
        }
    }
}

impl From<Topic> for String {
    fn from(topic: Topic) -> Self {
        topic.0
    }
}
