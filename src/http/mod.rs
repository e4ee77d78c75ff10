//! The HTTP server: the webhook endpoint, health, readiness and metrics.
//!
//! The webhook endpoint verifies, stores and acknowledges, and does nothing else. No body is parsed before its
//! signature is verified, and no error response says more than its status code.

mod health;
pub(crate) mod probe;
pub(crate) mod server;
mod state;
mod webhook;

pub(crate) use state::HttpState;
pub use webhook::WEBHOOK_PATH;
