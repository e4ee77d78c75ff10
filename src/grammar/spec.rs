//! The spec of a command: its row in the table of commands.

use super::arguments::Arguments;
use super::command::Command;
use super::error::ParseError;
use crate::policy::Right;

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

/// The permission that a command requires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// None: open to every person whom the bot answers.
    None,
    /// This right.
    Right(Right),
    /// Its plan decides: only the requester of the plan may run it.
    ByPlan,
}

impl Permission {
    /// Whether a person with these rights has the permission. Only people with a right have plans.
    pub(super) fn is_within(self, allowed: impl Fn(Right) -> bool) -> bool {
        match self {
            Self::None => true,
            Self::Right(right) => allowed(right),
            Self::ByPlan => Right::ALL.into_iter().any(allowed),
        }
    }
}

impl CommandSpec {
    /// The name, then the aliases.
    pub(super) fn phrases(&self) -> impl Iterator<Item = &'static str> + use<> {
        std::iter::once(self.name).chain(self.aliases.iter().copied())
    }
}
