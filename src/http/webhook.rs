//! `POST /webhooks/webex`: verified, stored, acknowledged.

use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;

use super::HttpState;
use super::delivery::SignedDelivery;
use crate::store::{DeliveryKey, NewDelivery, Recorded};

/// How long the database may take over a delivery before Webex hears that it was not taken. If it is stored
/// after all, it comes once more or not, and is one delivery either way.
const STORE_DEADLINE: Duration = Duration::from_secs(8);

/// Stores a delivery and answers 200 when it is on the disk; 503 when it could not be stored, so that Webex
/// counts it as not delivered.
pub(super) async fn receive(State(state): State<HttpState>, delivery: SignedDelivery) -> StatusCode {
    let body = delivery.into_body();
    let key = DeliveryKey::of_body(&body);
    let place = if key.is_work() { state.handoff.free_slot() } else { None };
    let lease_to = place.as_ref().map(|_| state.handoff.owner().clone());
    let delivery = NewDelivery { key, body: body.to_vec(), at: state.clock.now(), lease_to };
    let recording = tokio::time::timeout(STORE_DEADLINE, state.store.record_delivery(delivery));
    let Ok(recorded) = recording.await else {
        state.metrics.delivery("not stored");
        tracing::error!("a delivery could not be stored in time");
        return StatusCode::SERVICE_UNAVAILABLE;
    };
    match recorded {
        Ok(recorded) => {
            state.metrics.delivery(result_of(&recorded));
            match (recorded, place) {
                (Recorded::Leased(claimed), Some(place)) => state.handoff.hand_over(*claimed, place),
                (Recorded::Leased(_) | Recorded::Waiting, _) => state.handoff.wake(),
                (Recorded::Idle | Recorded::Parked | Recorded::Duplicate, _) => {}
            }
            StatusCode::OK
        }
        Err(error) => {
            state.metrics.delivery("not stored");
            tracing::error!(error = &error as &dyn std::error::Error, "a delivery could not be stored");
            StatusCode::SERVICE_UNAVAILABLE
        }
    }
}

fn result_of(recorded: &Recorded) -> &'static str {
    match recorded {
        Recorded::Leased(_) | Recorded::Waiting => "new",
        Recorded::Idle => "nothing to do",
        Recorded::Parked => "unreadable",
        Recorded::Duplicate => "duplicate",
    }
}
