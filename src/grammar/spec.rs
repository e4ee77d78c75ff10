//! A row of the table of commands.

use super::arguments::Arguments;
use super::command::Command;
use super::error::ParseError;
use crate::policy::Right;

/// One command as people see it.
#[derive(Debug)]
pub struct CommandSpec {
    /// The words it begins with. Stored in the audit log, so it must not change.
    pub name: &'static str,
    /// How to write it: capitals stand for what one fills in, brackets for what may be left out.
    pub syntax: &'static str,
    /// What it does, in one sentence without a final stop.
    pub summary: &'static str,
    /// A line that parses.
    pub example: &'static str,
    /// What it takes to run it.
    pub permission: Permission,
    /// Other words for the name.
    pub aliases: &'static [&'static str],
    /// Reads the words after the name.
    pub(super) read: fn(&mut Arguments<'_>) -> Result<Command, ParseError>,
}

/// What it takes to run a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// Nothing: every person the bot answers.
    None,
    /// This right.
    Right(Right),
    /// The plan it is about says who may confirm it.
    ByPlan,
}

impl Permission {
    /// Whether a person with these rights has it. Only people with a right have plans.
    pub(super) fn is_within(self, allowed: impl Fn(Right) -> bool) -> bool {
        match self {
            Self::None => true,
            Self::Right(right) => allowed(right),
            Self::ByPlan => Right::ALL.into_iter().any(allowed),
        }
    }
}

impl CommandSpec {
    /// The name and then the aliases.
    pub(super) fn phrases(&self) -> impl Iterator<Item = &'static str> + use<> {
        std::iter::once(self.name).chain(self.aliases.iter().copied())
    }
}
