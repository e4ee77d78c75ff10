//! The spec of a command: its row in the table of commands.

use super::arguments::Arguments;
use super::command::Command;
use super::error::ParseError;
use super::usage::{Permission, Usage};

/// The syntax, help text and permission of one command.
#[derive(Debug)]
pub struct CommandSpec {
    /// The words that begin the command. Stored in the audit log, so it must not change.
    pub name: &'static str,
    /// The syntax: capitals are placeholders, brackets are optional parts.
    pub syntax: &'static str,
    /// A sentence about its effect, without a final period.
    pub summary: &'static str,
    /// A valid line.
    pub example: &'static str,
    /// The permission to run it.
    pub permission: Permission,
    /// Alternative names.
    pub aliases: &'static [&'static str],
    /// Reads the words after the name.
    pub(super) read: fn(&mut Arguments<'_>) -> Result<Command, ParseError>,
}

impl CommandSpec {
    /// The parts that errors need.
    pub(super) fn usage(&self) -> Usage {
        Usage { name: self.name, example: self.example, permission: self.permission }
    }

    /// The name, then the aliases.
    pub(super) fn phrases(&self) -> impl Iterator<Item = &'static str> + use<> {
        std::iter::once(self.name).chain(self.aliases.iter().copied())
    }
}
