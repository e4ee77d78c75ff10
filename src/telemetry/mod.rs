//! What operators see from outside: metrics for `GET /metrics` and readiness for `GET /readyz`.
//!
//! Other rooms report here. Nothing in here calls them back, and no label or word comes from outside.

pub(crate) mod metrics;
pub(crate) mod readiness;
