//! The probe of Steward's own public address, which shows that the way from there to the webhook endpoint is open.
//!
//! A probe is a POST to the webhook with a nonce in a header of its own. The nonce is signed with a key derived from the
//! webhook secret, and the answer is another signature of it. So only a Steward with the same secret can answer, any
//! replica can, and a page that answers everything with 200 cannot. A probe is never stored, and a header without a valid
//! signature changes nothing.

use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::webex::signature::{WebhookSecret, WebhookSecrets};

/// The header of a probe: `<nonce>.<signature>`, both in hex. A proxy may spell it in any case.
pub(crate) const PROBE_HEADER: &str = "x-steward-probe";

/// Keys and signatures for one purpose never count for another one. Replicas of two versions share these words.
const PURPOSE: &[u8] = b"steward public address probe 1";
const QUESTION: &[u8] = b"question:";
const ANSWER: &[u8] = b"answer:";

/// The bytes of a nonce.
pub(crate) type Nonce = [u8; 16];

/// A probe to be sent.
#[derive(Debug)]
pub(crate) struct Probe {
    header: String,
    /// The answers that prove it: during a rotation, a replica may have only the old secret.
    answers: Vec<String>,
}

impl Probe {
    pub(crate) fn new(secrets: &WebhookSecrets, nonce: Nonce) -> Self {
        let header = format!("{}.{}", hex::encode(nonce), signature(&secrets.current, QUESTION, &nonce));
        let answers = all(secrets).map(|secret| signature(secret, ANSWER, &nonce)).collect();
        Self { header, answers }
    }

    pub(crate) fn header(&self) -> &str {
        &self.header
    }

    /// Whether this is the answer of a Steward with the same webhook secret.
    pub(crate) fn is_answered_by(&self, body: &str) -> bool {
        self.answers.iter().any(|answer| answer == body.trim())
    }
}

/// The answer to a probe; none if the request is not a genuine one.
pub(super) fn answer(headers: &HeaderMap, secrets: &WebhookSecrets) -> Option<Response> {
    let header = headers.get(PROBE_HEADER)?.to_str().ok()?;
    let (nonce, signature_of_nonce) = header.split_once('.')?;
    let nonce: Nonce = hex::decode(nonce).ok()?.try_into().ok()?;
    let signature_of_nonce = hex::decode(signature_of_nonce).ok()?;
    let is_right =
        |secret: &&WebhookSecret| mac(secret, QUESTION, &nonce).verify_slice(&signature_of_nonce).is_ok();
    let secret = all(secrets).find(is_right)?;
    Some((StatusCode::OK, signature(secret, ANSWER, &nonce)).into_response())
}

fn all(secrets: &WebhookSecrets) -> impl Iterator<Item = &WebhookSecret> {
    std::iter::once(&secrets.current).chain(&secrets.previous)
}

fn signature(secret: &WebhookSecret, kind: &[u8], nonce: &Nonce) -> String {
    hex::encode(mac(secret, kind, nonce).finalize().into_bytes())
}

fn mac(secret: &WebhookSecret, kind: &[u8], nonce: &Nonce) -> Hmac<Sha256> {
    // HMAC takes keys of any length.
    let key = secret.derive(PURPOSE).into();
    Hmac::<Sha256>::new(&key).chain_update(kind).chain_update(nonce)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONCE: Nonce = *b"sixteen bytes ..";

    fn secrets(current: &str, previous: Option<&str>) -> WebhookSecrets {
        let secret = |text: &str| WebhookSecret::new(&text.to_owned().into()).unwrap();
        WebhookSecrets { current: secret(current), previous: previous.map(secret), require_sha2: false }
    }

    async fn answer_of(secrets: &WebhookSecrets, header: &str) -> Option<String> {
        let headers = [(PROBE_HEADER.parse().unwrap(), header.parse().unwrap())].into_iter().collect();
        let response = answer(&headers, secrets)?;
        assert_eq!(response.status(), StatusCode::OK);
        let body = axum::body::to_bytes(response.into_body(), 1000).await.unwrap();
        Some(String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn any_steward_with_the_secret_answers_also_during_a_rotation() {
        let (old, new) = ("the old secret, long enough", "the new secret, long enough");
        let rotating = secrets(new, Some(old));
        for (asks, answers) in [
            (secrets(new, None), secrets(new, None)),
            (secrets(old, None), rotating.clone()),
            (secrets(new, None), rotating.clone()),
            (rotating, secrets(new, None)),
        ] {
            let probe = Probe::new(&asks, NONCE);
            let answer = answer_of(&answers, probe.header()).await.unwrap();
            assert!(probe.is_answered_by(&answer) && probe.is_answered_by(&format!(" {answer}\n")));
        }
    }

    #[tokio::test]
    async fn nobody_else_can_ask_or_answer() {
        let ours = secrets("our secret, long enough", None);
        let probe = Probe::new(&ours, NONCE);
        let foreign = Probe::new(&secrets("their secret, long enough", None), NONCE);
        assert_eq!(answer_of(&ours, foreign.header()).await, None);
        let (nonce, signature) = probe.header().split_once('.').unwrap();
        let other_nonce = format!("00{}.{signature}", &nonce[2..]);
        for header in ["", ".", nonce, &other_nonce, &format!("{nonce}.{nonce}"), &format!("{nonce}.x")] {
            assert_eq!(answer_of(&ours, header).await, None, "{header}");
        }
        assert!(answer(&HeaderMap::new(), &ours).is_none());
        let answered = answer_of(&ours, probe.header()).await.unwrap();
        for body in ["", "ok", signature, &answered[1..], "<html>"] {
            assert!(!probe.is_answered_by(body), "{body}");
        }
        assert!(!Probe::new(&ours, *b"another nonce ..").is_answered_by(&answered), "a copy");
    }
}
