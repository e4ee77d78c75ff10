//! `POST /webhooks/webex`: verify the signature, store the delivery, acknowledge it.
//!
//! The handler accepts only a [`SignedDelivery`], and only signature verification constructs one.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use axum::body::{Body, HttpBody as _};
use axum::extract::{FromRequest, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use super::connections::{Connection, Storing};
use super::probe;
use super::state::HttpState;
use crate::store::{DeliveryKey, NewDelivery, Recorded};
use crate::webex::signature::{SignatureError, SignatureHeaders};

/// The path that Webex posts deliveries to.
pub const WEBHOOK_PATH: &str = "/webhooks/webex";

/// The largest accepted body in bytes; those of Webex have about one kilobyte.
const LARGEST_BODY: usize = 256 << 10;
/// How long a body may take to arrive.
const BODY_DEADLINE: Duration = Duration::from_secs(10);
/// How long the database may take to store a delivery before the answer is 503. If it is stored after all, a second
/// delivery is recognized as a duplicate.
const STORE_DEADLINE: Duration = Duration::from_secs(8);
/// Seconds between two log lines about rejected deliveries. All are counted, but a stranger must not be able to fill
/// the disk.
const SECONDS_BETWEEN_LINES: u64 = 10;

/// The body of a delivery whose signature was verified.
#[derive(Debug)]
pub(super) struct SignedDelivery {
    body: Vec<u8>,
    /// Keeps the connection open until the delivery is stored.
    _storing: Option<Storing>,
}

impl FromRequest<HttpState> for SignedDelivery {
    type Rejection = Response;

    async fn from_request(request: Request, state: &HttpState) -> Result<Self, Response> {
        let (parts, body) = request.into_parts();
        if let Some(answer) = probe::answer(&parts.headers, &state.secrets) {
            return Err(answer);
        }
        let reject = |reason: SignatureError| {
            log_rejection(state, &parts.headers, reason.as_str());
            StatusCode::UNAUTHORIZED
        };
        let claim = SignatureHeaders::parse(&parts.headers, state.secrets.require_sha2)
            .map_err(|reason| reject(reason).into_response())?;
        let connection = parts.extensions.get::<Connection>();
        let body = read(body, connection).await;
        let verified = body.map_err(|error| {
            log_rejection(state, &parts.headers, error.as_str());
            error.status()
        });
        let verified = verified.and_then(|body| match claim.verify(&state.secrets, &body) {
            Ok(algorithm) => {
                tracing::debug!(?algorithm, bytes = body.len(), "verified the signature of a delivery");
                Ok(Self { body, _storing: connection.map(Connection::prove) })
            }
            Err(reason) => Err(reject(reason)),
        });
        if let Some(connection) = connection {
            connection.release_body();
        }
        verified.map_err(IntoResponse::into_response)
    }
}

/// Why a body could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "lowercase", const_into_str)]
enum BodyError {
    #[strum(serialize = "too large")]
    TooLarge,
    /// It ended early or was not sent as HTTP demands, or its connection gave way.
    #[strum(serialize = "broken body")]
    Broken,
    #[strum(serialize = "slow body")]
    Slow,
}

impl BodyError {
    fn as_str(self) -> &'static str {
        self.into_str()
    }

    fn status(self) -> StatusCode {
        match self {
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Broken => StatusCode::BAD_REQUEST,
            Self::Slow => StatusCode::REQUEST_TIMEOUT,
        }
    }
}

/// Reads a body, no more of it than may be buffered.
async fn read(mut body: Body, connection: Option<&Connection>) -> Result<Vec<u8>, BodyError> {
    let largest = u64::try_from(LARGEST_BODY).unwrap_or(u64::MAX);
    if body.size_hint().lower() > largest {
        return Err(BodyError::TooLarge);
    }
    let reading = async {
        let mut read = Vec::new();
        while let Some(frame) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
            let Ok(data) = frame.map_err(|_| BodyError::Broken)?.into_data() else { continue };
            if read.len() + data.len() > LARGEST_BODY {
                return Err(BodyError::TooLarge);
            }
            if connection.is_some_and(|connection| !connection.buffer(data.len())) {
                return Err(BodyError::Broken);
            }
            read.extend_from_slice(&data);
        }
        Ok(read)
    };
    tokio::time::timeout(BODY_DEADLINE, reading).await.unwrap_or(Err(BodyError::Slow))
}

/// Counts a rejected request, and logs one now and then.
fn log_rejection(state: &HttpState, headers: &HeaderMap, reason: &'static str) {
    static LAST_LINE: AtomicI64 = AtomicI64::new(0);
    state.metrics.delivery(reason);
    let now = state.clock.now().as_second();
    if now.abs_diff(LAST_LINE.load(Ordering::Relaxed)) >= SECONDS_BETWEEN_LINES {
        LAST_LINE.store(now, Ordering::Relaxed);
        let tracking_id = headers.get("trackingid").and_then(|value| value.to_str().ok());
        let tracking_id: Option<String> = tracking_id.map(|id| id.chars().take(120).collect());
        tracing::warn!(
            reason,
            tracking_id,
            "rejected a delivery; further ones within ten seconds are only counted"
        );
    }
}

/// Answers 200 once the delivery is on disk, and 503 if it could not be stored, so that Webex does not count it as
/// delivered.
pub(super) async fn receive(
    State(state): State<HttpState>,
    SignedDelivery { body, _storing }: SignedDelivery,
) -> StatusCode {
    let key = DeliveryKey::of_body(&body);
    let slot = if key.is_work() { state.handoff.free_slot() } else { None };
    let lease_to = slot.as_ref().map(|_| state.handoff.owner().clone());
    let unreadable = key.unreadable().map(str::to_owned);
    let at = state.clock.now();
    let delivery = NewDelivery { key, body, at, lease_to };
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
    state.readiness.record_delivery(at, at);
    state.metrics.delivery(match recorded {
        Recorded::Leased(_) | Recorded::Waiting => "new",
        Recorded::Idle => "nothing to do",
        Recorded::Parked => "unreadable",
        Recorded::Duplicate => "duplicate",
    });
    if let (Recorded::Parked, Some(delivery)) = (&recorded, unreadable) {
        tracing::warn!(delivery, "parked a signed delivery that is not a Webex event");
    }
    match (recorded, slot) {
        (Recorded::Leased(job), Some(slot)) => state.handoff.hand_over(*job, slot),
        (Recorded::Leased(_) | Recorded::Waiting, _) => state.handoff.wake(),
        (Recorded::Idle | Recorded::Parked | Recorded::Duplicate, _) => {}
    }
    StatusCode::OK
}
