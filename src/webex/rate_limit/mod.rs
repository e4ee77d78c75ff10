//! Rate limits. Webex counts calls by credential, so all calls with one credential share one [`RateLimiter`].
//!
//! [`limiter`] makes calls wait or fails them; [`budget`] decides which, and is pure. Pauses are shared with other
//! processes by `app`, not here.

mod budget;
mod limiter;
mod retry_after;

pub(crate) use limiter::{Credential, RateLimiters};
pub(super) use limiter::{Permit, RateLimiter};
pub use retry_after::retry_after;
