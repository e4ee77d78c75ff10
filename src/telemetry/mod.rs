//! What operators see: metrics and readiness.
pub mod metrics;
pub mod readiness;
