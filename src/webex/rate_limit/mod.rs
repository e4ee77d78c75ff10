//! Rate limits. Webex counts calls by credential, so all calls with one credential share one [`RateLimiter`].
//!
//! [`limiter`] makes calls wait or fails them; [`budget`] decides which, and is pure. Pauses are shared with other
//! processes by `app`, not here.

mod budget;
mod limiter;
mod retry_after;

pub(super) use limiter::RateLimiter;
pub use limiter::{Credential, RateLimiters};
pub use retry_after::retry_after;
