//! The HTTP server: the webhook endpoint, health, readiness and metrics.
//!
//! The webhook endpoint verifies, stores and acknowledges, and does nothing else. Nothing here parses a body whose
//! signature was not checked, and no error says more than its status code.

mod health;
pub(crate) mod server;
mod state;
mod webhook;

pub(crate) use state::HttpState;
pub use webhook::WEBHOOK_PATH;
