//! The errors of the store.

use std::sync::Arc;

use sqlx::migrate::MigrateError;

use crate::domain::{ChangeTarget, PlanCode};

/// An error of the store.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// The database failed: it is locked, full or gone.
    #[error("the database failed")]
    Unavailable(#[source] Arc<dyn std::error::Error + Send + Sync>),
    /// A migration failed.
    #[error("the database schema could not be updated")]
    Migration(#[source] Arc<MigrateError>),
    /// A newer version has migrated the database.
    #[error(
        "expected a database with schema version {known} or older, found version {found}, written by a newer Steward; \
         start that version, or restore a backup from before its first start"
    )]
    NewerSchema {
        /// The version of the schema.
        found: i64,
        /// The newest version that this Steward knows.
        known: i64,
    },
    /// The lease of a job expired while it ran, and another process has taken it over. Nothing was changed.
    #[error("the lease of job {job} was lost; nothing was changed")]
    LeaseLost {
        /// The number of the job.
        job: i64,
    },
    /// The plan is no longer in the state that the transition starts from: a faster command has moved it. Nothing was
    /// changed; read the plan and decide again.
    #[error("plan {code} has changed; nothing was changed")]
    PlanMoved {
        /// The code of the plan.
        code: PlanCode,
    },
    /// A faster press has used the button. Nothing was changed; read the button and decide again.
    #[error("the button was already pressed; nothing was changed")]
    ButtonUsed,
    /// Another plan has this code. Nothing was changed; draw another code.
    #[error("expected an unused plan code, found {code}, which another plan has")]
    CodeTaken {
        /// The code.
        code: PlanCode,
    },
    /// Another command is changing the same device, workspace or person. Nothing was changed; try again later.
    #[error("another command is changing the same {}; nothing was changed", .target.as_str())]
    TargetLocked {
        /// The device, workspace or person.
        target: ChangeTarget,
        /// The id of the command that has to wait.
        command: String,
        /// The id of the command that it waits for, unless that has just ended.
        holder: Option<String>,
    },
    /// A row does not hold what Steward writes there.
    #[error("the database holds unreadable data: {what}")]
    Corrupt {
        /// The row and the problem.
        what: String,
    },
    /// The database cannot be opened until somebody changes its address, its file or its rights.
    #[error("{what}")]
    Unusable {
        /// The place, the reason and the remedy.
        what: String,
    },
    /// The database cannot be opened right now: it does not answer, or another program holds it.
    #[error("{what}")]
    OutOfReach {
        /// The place, the reason and the remedy.
        what: String,
    },
    /// Steward cannot use the database address. The error does not repeat the address, which may contain a password.
    #[error("expected a database address such as sqlite://steward.db or postgres://host/steward")]
    Address,
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        Self::unavailable(error)
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        Self::unavailable(error)
    }
}

impl StoreError {
    /// Whether opening failed because of a setting.
    pub fn is_the_settings_fault(&self) -> bool {
        matches!(self, Self::Address | Self::Unusable { .. })
    }

    /// Whether another command was faster: read again and decide again.
    pub fn is_conflict(&self) -> bool {
        matches!(self, Self::PlanMoved { .. } | Self::ButtonUsed)
    }

    /// Whether a single write was refused before it changed anything, while the database itself works.
    pub(super) fn is_refused_write(&self) -> bool {
        matches!(self, Self::LeaseLost { .. } | Self::CodeTaken { .. } | Self::TargetLocked { .. })
            || self.is_conflict()
    }

    pub(super) fn unavailable(error: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::Unavailable(Arc::new(error))
    }

    /// The database was closed before the call.
    pub(super) fn closed() -> Self {
        Self::unavailable(sqlx::Error::PoolClosed)
    }

    pub(super) fn corrupt(row: &str, id: &str, error: &dyn std::fmt::Display) -> Self {
        Self::Corrupt { what: format!("{row} {id}: {error}") }
    }

    /// Adds the row in which the error was found.
    pub(super) fn in_row(self, row: &str, id: &str) -> Self {
        match self {
            Self::Corrupt { what } => Self::corrupt(row, id, &what),
            error => Self::corrupt(row, id, &error),
        }
    }
}
