//! What can go wrong with the store.

/// An error of the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database did not do it: locked, full, gone. Nothing was changed.
    #[error("the database did not answer as it should")]
    Unavailable(#[from] sqlx::Error),
    /// The schema could not be brought up to date.
    #[error("the database could not be brought up to date")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// The job belongs to somebody else by now: its lease ended while it ran. Nothing was changed.
    #[error("the lease of job {job} was lost")]
    LeaseLost {
        /// The job.
        job: i64,
    },
    /// Something in the database is not what Steward wrote there.
    #[error("the database holds something unreadable: {what}")]
    Corrupt {
        /// Which row, and what is wrong with it.
        what: String,
    },
    /// The address of the database is not one that Steward can use.
    #[error("expected a database address such as sqlite://steward.db, found {found:?}")]
    Address {
        /// The address; one of `SQLite` holds no secret.
        found: String,
    },
}

impl StoreError {
    pub(super) fn corrupt(what: &str, id: &str, error: &dyn std::fmt::Display) -> Self {
        Self::Corrupt { what: format!("{what} {id}: {error}") }
    }
}
