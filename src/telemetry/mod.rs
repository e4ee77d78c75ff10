//! Telemetry for operators: metrics for `GET /metrics`, readiness and the clock for `GET /readyz`.
//!
//! Other modules report here; nothing here calls them. No label and no state contains text from outside.

pub(crate) mod clock_check;
pub(crate) mod metrics;
pub(crate) mod readiness;
