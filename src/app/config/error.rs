//! Errors in settings. None of them repeats a secret.

/// A setting is missing or wrong: one sentence that names it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// A required setting is not set.
    #[error("{variable} is missing: set it to {expected}")]
    Missing {
        /// The setting.
        variable: &'static str,
        /// A description of its value.
        expected: String,
    },
    /// A setting has an invalid value.
    #[error("{variable} is wrong: expected {expected}, found {found}")]
    Wrong {
        /// The setting.
        variable: String,
        /// A description of a valid value.
        expected: String,
        /// The found value, or only the length of a secret.
        found: String,
    },
    /// A file could not be read.
    #[error("cannot read {file}: {error}")]
    File {
        /// The path, with the role of the file.
        file: String,
        /// The reason.
        error: String,
    },
    /// No setting has this name.
    #[error("{0}")]
    Unknown(String),
}
