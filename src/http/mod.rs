//! HTTP, thin: extract, call one function, map the result.
//!
//! `POST /webhooks/webex` verifies, stores, acknowledges, and does nothing else. Nothing here parses a body
//! whose signature was not checked, and no error says more than its status.

pub mod connections;
mod delivery;
mod health;
mod metrics;
pub mod server;
mod webhook;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::{get, post};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::TimeoutLayer;

use crate::domain::clock::Clock;
use crate::store::Store;
use crate::store::handoff::Handoff;
use crate::telemetry::metrics::Metrics;
use crate::telemetry::readiness::Readiness;
use crate::webex::signature::WebhookSecrets;

/// The path that webhooks are delivered to.
pub const WEBHOOK_PATH: &str = "/webhooks/webex";

/// How long a request may take, its body included. A delivery takes milliseconds; who is slower is not Webex.
const REQUEST_DEADLINE: Duration = Duration::from_secs(15);

pub use delivery::{LARGEST_BODY, SignedDelivery};

/// What the handlers need.
#[derive(Debug, Clone)]
pub struct HttpState {
    /// Where deliveries are stored.
    pub store: Store,
    /// What deliveries are signed with.
    pub secrets: Arc<WebhookSecrets>,
    /// Where deliveries are handed over to who understands them.
    pub handoff: Arc<Handoff>,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// What is ready and what is not.
    pub readiness: Arc<Readiness>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// The routes.
pub fn router(state: HttpState) -> Router {
    Router::new()
        .route(WEBHOOK_PATH, post(webhook::receive))
        .route("/healthz", get(health::process))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(metrics::exposition))
        .with_state(state)
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, REQUEST_DEADLINE))
        .layer(CatchPanicLayer::new())
}
