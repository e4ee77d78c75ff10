//! A call without a token: is Webex there, and what time is it there?

use jiff::Timestamp;
use serde::Deserialize;

use super::error::WebexError;
use super::transport::{Transport, date_of, read_at_most, tracking_id, tracking_id_in};

/// Most bytes read of the answer.
const LARGEST_ANSWER: usize = 64 << 10;

/// The answer to a call without a token.
#[derive(Debug, Clone, Copy)]
pub struct Knock {
    /// Its status: Webex answers 401.
    pub status: u16,
    /// Whether it has Webex's tracking id, in the header or in a JSON body. Gateways on the way have none.
    pub has_tracking_id: bool,
    /// Webex's time.
    pub date: Option<Timestamp>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    tracking_id: String,
}

impl Transport {
    /// `GET /people/me` without a token.
    pub(crate) async fn knock(&self) -> Result<Knock, WebexError> {
        let (response, mut patience) = self.get_without_token(&["people", "me"]).await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = patience.wait(read_at_most(response, LARGEST_ANSWER)).await;
        let body = body.and_then(Result::ok).flatten().unwrap_or_default();
        let in_body =
            serde_json::from_slice::<Body>(&body).is_ok_and(|body| tracking_id(&body.tracking_id).is_some());
        Ok(Knock {
            status,
            has_tracking_id: in_body || tracking_id_in(&headers).is_some(),
            date: date_of(&headers),
        })
    }
}
