//! A delivery whose signature was checked, as an extractor: a handler cannot see any other.

use std::sync::atomic::{AtomicI64, Ordering};

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode};

use super::HttpState;
use crate::webex::signature::{SignatureError, SignatureHeaders};

/// Bytes of the largest body taken; Webex's have about one kilobyte.
pub const LARGEST_BODY: usize = 256 << 10;

/// A delivery that is Webex's. It exists only verified: the extractor is the one way to get it.
#[derive(Debug)]
pub struct SignedDelivery {
    body: Bytes,
}

impl SignedDelivery {
    /// The body, byte for byte.
    #[must_use]
    pub fn into_body(self) -> Bytes {
        self.body
    }
}

impl FromRequest<HttpState> for SignedDelivery {
    type Rejection = StatusCode;

    async fn from_request(request: Request, state: &HttpState) -> Result<Self, StatusCode> {
        let (parts, body) = request.into_parts();
        let refused = |reason| refused(state, &parts.headers, reason);
        let claim = SignatureHeaders::parse(&parts.headers, state.secrets.require_sha2).map_err(refused)?;
        let body = axum::body::to_bytes(body, LARGEST_BODY).await.map_err(|_| {
            state.metrics.delivery("too large");
            StatusCode::PAYLOAD_TOO_LARGE
        })?;
        let algorithm = claim.verify(&state.secrets, &body).map_err(refused)?;
        tracing::debug!(?algorithm, bytes = body.len(), "a delivery is signed as it should be");
        Ok(Self { body })
    }
}

/// Seconds between two lines in the log about refused deliveries. All of them are counted; a stranger must not
/// fill the disk with lines.
const SECONDS_BETWEEN_LINES: i64 = 10;

fn refused(state: &HttpState, headers: &HeaderMap, reason: SignatureError) -> StatusCode {
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
            "a delivery without a good signature was refused; others within ten seconds are only counted"
        );
    }
    StatusCode::UNAUTHORIZED
}
