//! `POST /webhooks/webex`: verify the signature, store the delivery, acknowledge it.
//!
//! The handler accepts only a [`SignedDelivery`], and only signature verification constructs one.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};

use super::probe;
use super::state::HttpState;
use crate::store::{DeliveryKey, NewDelivery, Recorded};
use crate::webex::signature::{SignatureError, SignatureHeaders};

/// The path that Webex posts deliveries to.
pub const WEBHOOK_PATH: &str = "/webhooks/webex";

/// The largest accepted body in bytes; those of Webex have about one kilobyte.
const LARGEST_BODY: usize = 256 << 10;
/// How long the database may take to store a delivery before the answer is 503. If it is stored after all, a second
/// delivery is recognized as a duplicate.
const STORE_DEADLINE: Duration = Duration::from_secs(8);
/// Seconds between two log lines about rejected deliveries. All are counted, but a stranger must not be able to fill
/// the disk.
const SECONDS_BETWEEN_LINES: i64 = 10;

/// The body of a delivery whose signature was verified.
#[derive(Debug)]
pub(super) struct SignedDelivery(Bytes);

impl FromRequest<HttpState> for SignedDelivery {
    type Rejection = Response;

    async fn from_request(request: Request, state: &HttpState) -> Result<Self, Response> {
        let (parts, body) = request.into_parts();
        if let Some(answer) = probe::answer(&parts.headers, &state.secrets) {
            return Err(answer);
        }
        let reject = |reason| reject(state, &parts.headers, reason).into_response();
        let claim = SignatureHeaders::parse(&parts.headers, state.secrets.require_sha2).map_err(reject)?;
        let body = axum::body::to_bytes(body, LARGEST_BODY).await.map_err(|_| {
            state.metrics.delivery("too large");
            StatusCode::PAYLOAD_TOO_LARGE.into_response()
        })?;
        let algorithm = claim.verify(&state.secrets, &body).map_err(reject)?;
        tracing::debug!(?algorithm, bytes = body.len(), "verified the signature of a delivery");
        Ok(Self(body))
    }
}

fn reject(state: &HttpState, headers: &HeaderMap, reason: SignatureError) -> StatusCode {
    static LAST_LINE: AtomicI64 = AtomicI64::new(0);
    state.metrics.delivery(reason.as_str());
    let now = state.clock.now().as_second();
    if now - LAST_LINE.load(Ordering::Relaxed) >= SECONDS_BETWEEN_LINES {
        LAST_LINE.store(now, Ordering::Relaxed);
        let tracking_id = headers.get("trackingid").and_then(|value| value.to_str().ok());
        let tracking_id: Option<String> = tracking_id.map(|id| id.chars().take(120).collect());
        tracing::warn!(
            reason = reason.as_str(),
            tracking_id,
            "rejected a delivery without a valid signature; further ones within ten seconds are only counted"
        );
    }
    StatusCode::UNAUTHORIZED
}

/// Answers 200 once the delivery is on disk, and 503 if it could not be stored, so that Webex does not count it as
/// delivered.
pub(super) async fn receive(
    State(state): State<HttpState>,
    SignedDelivery(body): SignedDelivery,
) -> StatusCode {
    let key = DeliveryKey::of_body(&body);
    let slot = if key.is_work() { state.handoff.free_slot() } else { None };
    let lease_to = slot.as_ref().map(|_| state.handoff.owner().clone());
    let at = state.clock.now();
    let delivery = NewDelivery { key, body: body.to_vec(), at, lease_to };
    let recorded = match tokio::time::timeout(STORE_DEADLINE, state.store.record_delivery(delivery)).await {
        Ok(Ok(recorded)) => recorded,
        Ok(Err(error)) => {
            tracing::error!(error = &error as &dyn std::error::Error, "could not store a delivery");
            state.metrics.delivery("not stored");
            return StatusCode::SERVICE_UNAVAILABLE;
        }
        Err(_) => {
            tracing::error!(deadline = ?STORE_DEADLINE, "the database did not store a delivery in time");
            state.metrics.delivery("not stored");
            return StatusCode::SERVICE_UNAVAILABLE;
        }
    };
    state.readiness.record_delivery(at);
    state.metrics.delivery(match recorded {
        Recorded::Leased(_) | Recorded::Waiting => "new",
        Recorded::Idle => "nothing to do",
        Recorded::Parked => "unreadable",
        Recorded::Duplicate => "duplicate",
    });
    match (recorded, slot) {
        (Recorded::Leased(job), Some(slot)) => state.handoff.hand_over(*job, slot),
        (Recorded::Leased(_) | Recorded::Waiting, _) => state.handoff.wake(),
        (Recorded::Idle | Recorded::Parked | Recorded::Duplicate, _) => {}
    }
    StatusCode::OK
}
