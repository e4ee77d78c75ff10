//! `POST /webhooks/webex`: verified, stored, acknowledged.

use axum::extract::State;
use axum::http::StatusCode;

use super::HttpState;
use super::signature::SignedDelivery;
use crate::intake::envelope::Envelope;
use crate::store::{DeliveryKey, NewDelivery, Recorded};

/// Stores a delivery and answers 200 when it is on the disk; 503 when it could not be stored, so that Webex
/// counts it as not delivered.
pub(super) async fn receive(State(state): State<HttpState>, delivery: SignedDelivery) -> StatusCode {
    let body = delivery.into_body();
    let envelope = Envelope::parse(&body);
    let key = envelope.as_ref().map_or_else(|| DeliveryKey::unreadable(&body), Envelope::key);
    let readable = envelope.is_some();
    let delivery = NewDelivery { key, body: body.to_vec(), at: state.clock.now() };
    match state.store.record_delivery(delivery).await {
        Ok(Recorded::New) => {
            state.metrics.delivery(if readable { "new" } else { "unreadable" });
            state.bell.notify_one();
            StatusCode::OK
        }
        Ok(Recorded::Duplicate) => {
            state.metrics.delivery("duplicate");
            StatusCode::OK
        }
        Err(error) => {
            state.metrics.delivery("not stored");
            tracing::error!(error = &error as &dyn std::error::Error, "a delivery could not be stored");
            StatusCode::SERVICE_UNAVAILABLE
        }
    }
}
