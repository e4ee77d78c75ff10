//! The parts of a command's spec that errors and corrections need.

use crate::policy::Right;

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

/// The name of a command, a valid line, and the permission to run it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Usage {
    pub(super) name: &'static str,
    pub(super) example: &'static str,
    pub(super) permission: Permission,
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

impl Usage {
    /// For lines that do not begin like a command.
    pub(super) const HELP: Self = Self { name: "help", example: "help", permission: Permission::None };
}
