//! The composition root: `build` constructs an [`App`] from the settings, and `run` runs it. Startup lookups, the
//! renewal of the admin credential, webhook registration and other periodic tasks live here, but nothing that handles a
//! command.
//!
//! Tests use the same entry points. They only advance the clock and run the jobs by hand, and may shorten timeouts and
//! make the database fail ([`TestOverrides`]).

mod background;
mod build;
mod check;
pub mod config;
pub(crate) mod credential;
mod error;
pub(crate) mod front_door;
mod identity;
mod rate_limit_sharing;
mod run;
pub(crate) mod webhooks;

pub(crate) use build::webhooks_for;
pub use build::{App, TestOverrides};
pub(crate) use check::must_be_running;
pub use check::{Finding, Report, Verdict, check};
pub use error::AppError;
pub(crate) use identity::IdentityError;
