//! The composition root: builds everything from the settings, and runs it.
//!
//! Tests use the same way in. They only turn the clock and run the jobs by hand, and may shorten time limits and make
//! the database fail ([`TestOverrides`]).

mod background;
mod build;
pub mod config;
pub(crate) mod credential;
mod error;
mod identity;
mod rate_limit_sharing;
mod run;
pub(crate) mod webhooks;

pub(crate) use build::webhooks_for;
pub use build::{App, CheckedCredentials, TestOverrides, check};
pub use error::AppError;
pub(crate) use identity::IdentityError;
