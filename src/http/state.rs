//! State shared by all endpoints.

use std::sync::Arc;

use crate::domain::clock::Clock;
use crate::store::Store;
use crate::store::handoff::Handoff;
use crate::telemetry::clock_check::ClockCheck;
use crate::telemetry::metrics::Metrics;
use crate::telemetry::readiness::Readiness;
use crate::webex::signature::WebhookSecrets;

/// Handles for the endpoints. Every request gets a clone.
#[derive(Debug, Clone)]
pub(crate) struct HttpState {
    pub(crate) store: Store,
    pub(crate) secrets: Arc<WebhookSecrets>,
    /// Passes new deliveries straight to the workers.
    pub(crate) handoff: Arc<Handoff>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) readiness: Arc<Readiness>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) clock_check: Arc<ClockCheck>,
}
