//! Webhook requests built by hand: genuine deliveries and forgeries.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;
use sha2::{Sha256, Sha512};

/// A POST to the webhook.
#[derive(Debug, Clone)]
pub struct WebhookRequest {
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl WebhookRequest {
    /// A request without signatures.
    pub fn unsigned(body: impl Into<Vec<u8>>) -> Self {
        Self { headers: Vec::new(), body: body.into() }
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Adds both signature headers, as Webex does.
    pub fn signed_with(self, secret: &str) -> Self {
        let (older, newer) = (spark_signature(secret, &self.body), webex_signature(secret, &self.body));
        self.header("X-Spark-Signature", &older).header("X-Webex-Signature", &newer)
    }

    /// Another body with the same signatures.
    pub fn with_body(self, body: impl Into<Vec<u8>>) -> Self {
        Self { body: body.into(), ..self }
    }
}

/// The content of `X-Spark-Signature`.
pub fn spark_signature(secret: &str, body: &[u8]) -> String {
    let mac = Hmac::<Sha1>::new_from_slice(secret.as_bytes()).unwrap().chain_update(body);
    hex::encode(mac.finalize().into_bytes())
}

/// The content of `X-Webex-Signature`.
pub fn webex_signature(secret: &str, body: &[u8]) -> String {
    let sha256 = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap().chain_update(body);
    let sha512 = Hmac::<Sha512>::new_from_slice(secret.as_bytes()).unwrap().chain_update(body);
    format!(
        "SHA-256={}, SHA-512={}",
        hex::encode(sha256.finalize().into_bytes()),
        hex::encode(sha512.finalize().into_bytes())
    )
}
