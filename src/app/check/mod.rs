//! `steward check`: whether Steward can work with these settings, here and now, and if not, what to do.
//!
//! Each check ends in a [`Finding`]. `run` makes the calls; `machine`, `webex` and `public_address` judge the answers
//! and are pure. Nothing is changed, neither in the database nor at Webex. For that reason the refresh token of a
//! Service App is never used: Webex may replace it, and only a running Steward may store the new one. The access token
//! in the database is used instead, while it is valid.

mod finding;
mod machine;
mod public_address;
mod run;
mod running;
mod webex;

pub use finding::{Finding, Report, Verdict};
pub use run::check;
pub(crate) use running::must_be_running;
