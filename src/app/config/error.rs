//! Errors in settings. None of them repeats a secret.

/// A setting is missing or wrong: one sentence that names it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// A required setting is not set.
    #[error("{variable} is missing: set it to {expected}")]
    Missing {
        /// The setting.
        variable: &'static str,
        /// What to set it to.
        expected: String,
    },
    /// A setting has an invalid value.
    #[error("{variable} is wrong: expected {expected}, found {found}")]
    Wrong {
        /// The setting.
        variable: String,
        /// What it should be.
        expected: String,
        /// What it is; of a secret only its length.
        found: String,
    },
    /// A file could not be read.
    #[error("cannot read {file}: {error}")]
    File {
        /// Which file.
        file: String,
        /// Why.
        error: String,
    },
    /// No setting has this name.
    #[error("{0}")]
    Unknown(String),
}
