//! The spec of a command, and the line that it prints as.

use std::fmt;

use super::command::{Command, ProvisionTarget};
use super::spec::CommandSpec;
use super::table::{ABOUT, HELP, WHOAMI};
use super::text::NameWord;
use super::usage::Permission;
use super::{activate, add_device, confirm, delete_device, list_devices, show_device, tag_device};
use crate::policy::Right;

impl Command {
    pub(super) fn spec(&self) -> &'static CommandSpec {
        match self {
            Self::Help { .. } => &HELP,
            Self::About => &ABOUT,
            Self::WhoAmI => &WHOAMI,
            Self::ListDevices { .. } => &list_devices::LIST_DEVICES,
            Self::ShowDevice { .. } => &show_device::SHOW_DEVICE,
            Self::DeleteDevice { .. } => &delete_device::DELETE_DEVICE,
            Self::TagDevice { .. } => &tag_device::TAG_DEVICE,
            Self::TagDevices { .. } => &tag_device::TAG_DEVICES,
            Self::Activate { place: ProvisionTarget::Workspace(_), .. } => &activate::ACTIVATE_WORKSPACE,
            Self::Activate { place: ProvisionTarget::Person(_), .. } => &activate::ACTIVATE_PERSON,
            Self::AddDevice { .. } => &add_device::ADD_DEVICE,
            Self::Confirm { .. } => &confirm::CONFIRM,
            Self::Cancel { .. } => &confirm::CANCEL,
        }
    }

    /// The words that begin the command: `delete device`. Stored in the audit log.
    pub fn name(&self) -> &'static str {
        self.spec().name
    }

    /// The permission to run it.
    pub fn permission(&self) -> Permission {
        self.spec().permission
    }

    /// The required right; `None` if everybody may run it, or if its plan decides.
    pub fn right(&self) -> Option<Right> {
        match self.permission() {
            Permission::Right(right) => Some(right),
            Permission::None | Permission::ByPlan => None,
        }
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // The target prints the second word of the name.
            Self::Activate { place, model, .. } => {
                write!(f, "activate {place}")?;
                write_if(f, " model ", model.as_ref().map(|model| NameWord(model.as_str())))?;
            }
            other => f.write_str(other.name())?,
        }
        match self {
            Self::Help { topic } => write_if(f, " ", topic.as_ref().map(|topic| &topic.0))?,
            Self::ListDevices { filter, sort, csv, page, .. } => {
                write_if(f, " ", Some(filter).filter(|filter| !filter.is_empty()))?;
                write_if(f, " sort:", sort.as_ref())?;
                write_if(f, " page:", page.as_ref())?;
                write_if(f, " ", csv.then_some("csv"))?;
            }
            Self::ShowDevice { device, .. } | Self::DeleteDevice { device, .. } => {
                write!(f, " {}", NameWord(device.as_str()))?;
            }
            Self::TagDevice { device, change, .. } => {
                write!(f, " {} {change}", NameWord(device.as_str()))?;
            }
            Self::TagDevices { filter, change, .. } => write!(f, " {filter} {change}")?,
            Self::AddDevice { mac, model, place, .. } => {
                write!(f, " mac {mac} model {} to {place}", NameWord(model.as_str()))?;
            }
            Self::Confirm { code } | Self::Cancel { code } => write!(f, " {code}")?,
            Self::About | Self::WhoAmI | Self::Activate { .. } => {}
        }
        write_if(f, " in org ", self.org().map(|org| NameWord(org.as_str())))?;
        match self {
            Self::DeleteDevice { reason: Some(reason), .. } => write!(f, " because \"{reason}\""),
            _ => Ok(()),
        }
    }
}

fn write_if(f: &mut fmt::Formatter<'_>, before: &str, value: Option<impl fmt::Display>) -> fmt::Result {
    value.map_or(Ok(()), |value| write!(f, "{before}{value}"))
}
