//! What people may say: from a chat message to a [`Command`], or to a [`ParseError`] that explains itself.
//!
//! Two steps. [`addressed_line`] makes one plain line of a message: the mention of the bot is left out, the
//! curly quotes and odd blanks of phones become plain ones. [`parse`] reads that line:
//!
//! ```text
//! line    = command                               nothing before it, nothing after it
//! command = "help" [TOPIC]
//!         | "about"
//!         | "whoami" | "who am i"
//!         | "list devices" { FILTER | "sort:" ["-"] KEY | "page:" N | "csv" | ORG }
//!         | "show device" REF [ORG]
//!         | DELETE REF { "because" REASON | ORG }
//!         | "tag device" REF { TAG | ORG }
//!         | "tag devices" { FILTER | TAG | ORG }
//!         | "activate" PLACE { "model" MODEL | ORG }
//!         | "add device mac" MAC "model" MODEL "to" PLACE [ORG]
//!         | "confirm" CODE | "cancel" CODE
//! DELETE  = "delete device" | "remove device" | "rm device"
//! ORG     = "in org" NAME
//! PLACE   = "workspace" REF | "person" EMAIL
//! TOPIC   = the beginning of a command, in whole words: delete, rm device
//! REF     = an id, a serial number, a MAC address or a name: one word, or a text in double quotes
//! FILTER  = ["-"] KEY ":" VALUE, see [`crate::filter`]
//! TAG     = ("+" | "-") one word, or a text in double quotes
//! REASON  = a text of 1 to 500 characters in double quotes
//! ```
//!
//! In braces stands what may come in any order; of reasons, models, organizations and orders there is one at most. A
//! word such as `-tag:keep`, with a key of the filters before a colon, is a filter that excludes, and any other word
//! with a minus is a tag to remove; `-"tag:keep"` is that tag.
//!
//! A double quote in a text in double quotes is written twice: `show device "55"" display"`.
//!
//! Upper and lower case are the same in every fixed word. The whole line must parse or nothing happens:
//! `please do NOT delete device X` is not a command. Text in quotes is never a fixed word.
//!
//! Pure: nothing here looks a device up, asks who is speaking or knows what may be done; so no error can
//! say more than the person typed. Texts found in a line come from outside: they are cut, but to escape them
//! is the duty of whoever renders them.

mod arguments;
mod error;
mod expected;
mod help;
mod markup;
mod mention;
mod parse;
mod place;
mod print;
mod readers;
mod reason;
mod suggest;
mod table;
mod tags;
#[cfg(test)]
mod tests;
mod text;
mod word;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::{Mac, PlanCode, Reference};
use crate::filter::{Filter, Sort};
use crate::policy::Right;
use print::Name;

pub use arguments::Clauses;
pub use error::ParseError;
pub use expected::{Expected, InvalidValue};
pub use help::{Topic, help_for};
pub use mention::{Addressee, SpaceKind, addressed_line};
pub use parse::parse;
pub use place::ProvisionTarget;
pub use reason::{InvalidReason, MAX_REASON_LENGTH, Reason};
pub use table::{COMMANDS, CommandSpec, Permission};
pub use tags::{InvalidTagChange, TagChange};
pub use text::{InvalidText, Model, OrgName, Tag, WorkspaceReference};

/// What a person asks for.
///
/// It prints as the line one would type, and parsing that line gives the same command again. The form in
/// which serde writes it is stored: names of variants and fields must not change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case")]
pub enum Command {
    /// What one may say here.
    Help {
        /// The command to explain; all of them without it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        topic: Option<Topic>,
    },
    /// What this bot is, and which version.
    About,
    /// Who the bot takes the person for, and what that person may do.
    #[serde(rename = "whoami")]
    WhoAmI,
    /// Many devices.
    ListDevices {
        /// Which; all of them if it is empty.
        #[serde(default, skip_serializing_if = "Filter::is_empty")]
        filter: Filter,
        /// In which order.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sort: Option<Sort>,
        /// Whether they are wanted as a file.
        #[serde(default)]
        csv: bool,
        /// Which page of them, from 1.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        page: Option<u32>,
        /// Of which organization, if not of the one that is looked after.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        org: Option<OrgName>,
    },
    /// The facts of one device.
    ShowDevice {
        /// Which.
        device: Reference,
        /// Of which organization, if not of the one that is looked after.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        org: Option<OrgName>,
    },
    /// The deletion of one device.
    DeleteDevice {
        /// Which.
        device: Reference,
        /// Why, for the audit log and the people in the space.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Reason>,
        /// Of which organization, if not of the one that is looked after.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        org: Option<OrgName>,
    },
    /// Other tags for one device.
    TagDevice {
        /// Which.
        device: Reference,
        /// The tags to add and to remove.
        change: TagChange,
        /// Of which organization, if not of the one that is looked after.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        org: Option<OrgName>,
    },
    /// Other tags for many devices.
    TagDevices {
        /// Which.
        filter: Filter,
        /// The tags to add and to remove.
        change: TagChange,
        /// Of which organization, if not of the one that is looked after.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        org: Option<OrgName>,
    },
    /// A code with which a device is activated.
    Activate {
        /// Where the device is to belong.
        place: ProvisionTarget,
        /// What it is; phones ask for it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        model: Option<Model>,
        /// In which organization, if not in the one that is looked after.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        org: Option<OrgName>,
    },
    /// A new device by its MAC address.
    AddDevice {
        /// Its address.
        mac: Mac,
        /// What it is.
        model: Model,
        /// Where it is to belong.
        place: ProvisionTarget,
        /// In which organization, if not in the one that is looked after.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        org: Option<OrgName>,
    },
    /// What a plan proposes is to be done.
    Confirm {
        /// The plan.
        code: PlanCode,
    },
    /// What a plan proposes is not to be done.
    Cancel {
        /// The plan.
        code: PlanCode,
    },
}

impl Command {
    /// The row of the table of commands.
    #[must_use]
    pub fn spec(&self) -> &'static CommandSpec {
        match self {
            Self::Help { .. } => &table::HELP,
            Self::About => &table::ABOUT,
            Self::WhoAmI => &table::WHOAMI,
            Self::ListDevices { .. } => &table::LIST_DEVICES,
            Self::ShowDevice { .. } => &table::SHOW_DEVICE,
            Self::DeleteDevice { .. } => &table::DELETE_DEVICE,
            Self::TagDevice { .. } => &table::TAG_DEVICE,
            Self::TagDevices { .. } => &table::TAG_DEVICES,
            Self::Activate { place: ProvisionTarget::Workspace(_), .. } => &table::ACTIVATE_WORKSPACE,
            Self::Activate { place: ProvisionTarget::Person(_), .. } => &table::ACTIVATE_PERSON,
            Self::AddDevice { .. } => &table::ADD_DEVICE,
            Self::Confirm { .. } => &table::CONFIRM,
            Self::Cancel { .. } => &table::CANCEL,
        }
    }

    /// The words it begins with: `delete device`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.spec().name
    }

    /// What it takes to ask for it.
    #[must_use]
    pub fn permission(&self) -> Permission {
        self.spec().permission
    }

    /// The right it takes; none for what everybody who is answered may ask, and for what the plan decides.
    #[must_use]
    pub fn right(&self) -> Option<Right> {
        self.permission().right()
    }

    /// The organization it names.
    #[must_use]
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

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        match self {
            Self::Help { topic: None } | Self::About | Self::WhoAmI => {}
            Self::Help { topic: Some(topic) } => write!(f, " {topic}")?,
            Self::ListDevices { filter, sort, csv, page, .. } => {
                write_if(f, " ", Some(filter).filter(|filter| !filter.is_empty()))?;
                write_if(f, " sort:", sort.as_ref())?;
                write_if(f, " page:", page.as_ref())?;
                write_if(f, " ", csv.then_some("csv"))?;
            }
            Self::ShowDevice { device, .. } | Self::DeleteDevice { device, .. } => {
                write!(f, " {}", Name(device.as_str()))?;
            }
            Self::TagDevice { device, change, .. } => write!(f, " {} {change}", Name(device.as_str()))?,
            Self::TagDevices { filter, change, .. } => write!(f, " {filter} {change}")?,
            // The name says which kind of place.
            Self::Activate { place: ProvisionTarget::Workspace(workspace), model, .. } => {
                write!(f, " {}", Name(workspace.as_str()))?;
                write_if(f, " model ", model.as_ref().map(|model| Name(model.as_str())))?;
            }
            Self::Activate { place: ProvisionTarget::Person(address), model, .. } => {
                write!(f, " {address}")?;
                write_if(f, " model ", model.as_ref().map(|model| Name(model.as_str())))?;
            }
            Self::AddDevice { mac, model, place, .. } => {
                write!(f, " mac {mac} model {} to {place}", Name(model.as_str()))?;
            }
            Self::Confirm { code } | Self::Cancel { code } => write!(f, " {code}")?,
        }
        write_if(f, " in org ", self.org().map(|org| Name(org.as_str())))?;
        match self {
            Self::DeleteDevice { reason: Some(reason), .. } => write!(f, " because \"{reason}\""),
            _ => Ok(()),
        }
    }
}

fn write_if(f: &mut fmt::Formatter<'_>, before: &str, what: Option<impl fmt::Display>) -> fmt::Result {
    what.map_or(Ok(()), |what| write!(f, "{before}{what}"))
}
