//! What can go wrong with the store.

use std::sync::Arc;

use sqlx::migrate::MigrateError;

use crate::domain::PlanCode;

/// An error of the store.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// The database did not do it: locked, full, gone. Nothing was changed.
    #[error("the database did not answer as it should")]
    Unavailable(#[source] Arc<dyn std::error::Error + Send + Sync>),
    /// The schema could not be brought up to date.
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
    /// The job belongs to somebody else by now: its lease ended while it ran. Nothing was changed.
    #[error("the lease of job {job} was lost")]
    LeaseLost {
        /// The job.
        job: i64,
    },
    /// The plan is not where the transition starts any more: somebody else was faster. Nothing was changed; who reads
    /// the plan again and judges again has the answer.
    #[error("plan {code} has moved on")]
    PlanMoved {
        /// The plan.
        code: PlanCode,
    },
    /// The button was used by a press that was faster. Nothing was changed; who reads the button again and judges
    /// again has the answer.
    #[error("the button was pressed before")]
    ButtonUsed,
    /// Another plan has this code. Nothing was changed; another code is to be drawn.
    #[error("another plan has the code {code}")]
    CodeTaken {
        /// The code.
        code: PlanCode,
    },
    /// Something in the database is not what Steward wrote there.
    #[error("the database holds something unreadable: {what}")]
    Corrupt {
        /// Which row, and what is wrong with it.
        what: String,
    },
    /// The database cannot be opened here.
    #[error("the database cannot be opened: {what}")]
    Unusable {
        /// Which file, and why not.
        what: String,
    },
    /// The address of the database is not one that Steward can use. It is not repeated: it may hold a
    /// password.
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
    /// Whether it comes from what the settings say, when the database was to be opened.
    #[must_use]
    pub fn is_the_settings_fault(&self) -> bool {
        matches!(self, Self::Address | Self::Unusable { .. })
    }

    /// Whether somebody else was faster, so that what was decided no longer holds: to be read and decided again.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        matches!(self, Self::PlanMoved { .. } | Self::ButtonUsed)
    }

    /// Whether it is the answer to one write, which looked before it changed anything, rather than a failure of the
    /// database.
    pub(super) fn is_of_one_write(&self) -> bool {
        matches!(self, Self::LeaseLost { .. } | Self::CodeTaken { .. }) || self.is_conflict()
    }

    pub(super) fn migration(error: MigrateError, known: i64) -> Self {
        match error {
            MigrateError::VersionMissing(found) if found > known => Self::NewerSchema { found, known },
            error => Self::Migration(Arc::new(error)),
        }
    }

    pub(super) fn unavailable(error: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::Unavailable(Arc::new(error))
    }

    /// Somebody asked after the database was closed.
    pub(super) fn closed() -> Self {
        Self::unavailable(sqlx::Error::PoolClosed)
    }

    pub(super) fn corrupt(what: &str, id: &str, error: &dyn std::fmt::Display) -> Self {
        Self::Corrupt { what: format!("{what} {id}: {error}") }
    }
}
