//! Rate limits. Webex counts calls by credential, so all calls with one credential share one [`RateLimiter`].
//!
//! [`budget`] decides whether a call may proceed, and is pure; [`limiter`] makes calls wait or fail accordingly. Pauses
//! are shared with other processes by `app`, not here.

mod budget;
mod limiter;
mod retry_after;

pub(crate) use limiter::{Credential, RateLimiters};
pub(super) use limiter::{Permit, RateLimiter};
pub(crate) use retry_after::LONGEST as LONGEST_PAUSE;
pub use retry_after::retry_after;
