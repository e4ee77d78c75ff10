//! Settings, from a TOML file and environment variables. The only module that reads the environment.
//!
//! A setting has one definition ([`definitions`]): its name, its default, whether it is a secret, and its meaning.
//! Names in the file, suggestions for misspelled names and `docs/settings.md` are derived from it. An error names the
//! setting and never repeats a secret.

mod definitions;
mod environment;
mod error;
mod settings;
mod source;
mod values;

#[cfg(test)]
mod tests;

pub use environment::Environment;
pub use error::SettingsError;
pub use settings::{AdminCredential, Settings};
pub(crate) use settings::{LogSettings, database_url, listen_address};
pub(crate) use values::{AdminName, LogFormat};
