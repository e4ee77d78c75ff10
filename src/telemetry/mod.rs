//! Telemetry for operators: metrics for `GET /metrics` and readiness for `GET /readyz`.
//!
//! Other modules report here; nothing here calls them. No label and no state contains text from outside.

pub(crate) mod metrics;
pub(crate) mod readiness;
