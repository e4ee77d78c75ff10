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
//!         | "show device" REF
//!         | DELETE REF ["because" REASON]
//! DELETE  = "delete device" | "remove device" | "rm device"
//! TOPIC   = the beginning of a command, in whole words: delete, rm device
//! REF     = the id of a device, in quotes or not
//! REASON  = a text of 1 to 500 characters in double quotes
//! ```
//!
//! Upper and lower case are the same in every fixed word. The whole line must parse or nothing happens:
//! `please do NOT delete device X` is not a command. Text in quotes is never a fixed word.
//!
//! Pure: nothing here looks a device up, asks who is speaking or knows what may be done; so no error can
//! say more than the person typed. Texts found in a line come from outside: they are cut, but to escape them
//! is the duty of whoever renders them.

mod error;
mod help;
mod markup;
mod mention;
mod normal;
mod parse;
mod reason;
mod suggest;
mod table;
#[cfg(test)]
mod tests;
mod word;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::DeviceId;
use crate::policy::Right;

pub use error::{Expected, ParseError};
pub use help::{Topic, help_for};
pub use mention::{Addressee, SpaceKind, addressed_line};
pub use parse::parse;
pub use reason::{InvalidReason, MAX_REASON_LENGTH, Reason};
pub use table::{COMMANDS, CommandSpec};

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
    /// The facts of one device.
    ShowDevice {
        /// Which.
        device: DeviceId,
    },
    /// The deletion of one device.
    DeleteDevice {
        /// Which.
        device: DeviceId,
        /// Why, for the audit log and the people in the space.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Reason>,
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
            Self::ShowDevice { .. } => &table::SHOW_DEVICE,
            Self::DeleteDevice { .. } => &table::DELETE_DEVICE,
        }
    }

    /// The words it begins with: `delete device`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.spec().name
    }

    /// The right it takes; none for what everybody who is answered may ask.
    #[must_use]
    pub fn right(&self) -> Option<Right> {
        self.spec().right
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        match self {
            Self::Help { topic: None } | Self::About | Self::WhoAmI => Ok(()),
            Self::Help { topic: Some(topic) } => write!(f, " {topic}"),
            Self::ShowDevice { device } | Self::DeleteDevice { device, reason: None } => {
                write!(f, " {device}")
            }
            Self::DeleteDevice { device, reason: Some(reason) } => {
                write!(f, " {device} because \"{reason}\"")
            }
        }
    }
}
