//! The signature of a delivery, the only proof that it comes from Webex. Pure.
//!
//! Webex signs the raw bytes of the body with the secret of the webhook (Webex, *Webhooks* guide): `X-Spark-Signature`
//! holds a hex HMAC-SHA1, the newer `X-Webex-Signature` holds `SHA-256=<hex>, SHA-512=<hex>`. A delivery is accepted if
//! at least one recognized digest verifies under the current or the previous secret. That is safe, because a valid MAC
//! needs the secret. Requiring all headers to be valid would stop the bot on the day Webex changes one of them.

use std::fmt;

use axum::http::HeaderMap;
use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use sha1::Sha1;
use sha2::{Sha256, Sha512};

/// Shortest secret, in bytes.
pub(crate) const SHORTEST_SECRET: usize = 16;

const SPARK_HEADER: &str = "x-spark-signature";
const WEBEX_HEADER: &str = "x-webex-signature";

/// A secret that is too short.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a secret of at least {SHORTEST_SECRET} bytes, found {found}")]
pub struct SecretTooShort {
    /// Its length in bytes.
    pub found: usize,
}

/// A webhook secret, ready to verify deliveries. Cannot be printed.
#[derive(Clone)]
pub struct WebhookSecret {
    sha1: Hmac<Sha1>,
    sha256: Hmac<Sha256>,
    sha512: Hmac<Sha512>,
}

impl WebhookSecret {
    /// The key is the UTF-8 bytes of the secret.
    pub fn new(secret: &SecretString) -> Result<Self, SecretTooShort> {
        let key = secret.expose_secret().as_bytes();
        let too_short = SecretTooShort { found: key.len() };
        if key.len() < SHORTEST_SECRET {
            return Err(too_short);
        }
        Ok(Self {
            sha1: Hmac::new_from_slice(key).map_err(|_| too_short)?,
            sha256: Hmac::new_from_slice(key).map_err(|_| too_short)?,
            sha512: Hmac::new_from_slice(key).map_err(|_| too_short)?,
        })
    }

    /// A key for another purpose than deliveries. Nothing that it signs is ever accepted as a delivery.
    pub(crate) fn derive(&self, purpose: &[u8]) -> [u8; 64] {
        self.sha512.clone().chain_update(purpose).finalize().into_bytes().into()
    }

    /// In constant time.
    fn verifies(&self, digest: &Digest, body: &[u8]) -> bool {
        let verified = match digest.algorithm {
            Algorithm::Sha1 => self.sha1.clone().chain_update(body).verify_slice(&digest.mac),
            Algorithm::Sha256 => self.sha256.clone().chain_update(body).verify_slice(&digest.mac),
            Algorithm::Sha512 => self.sha512.clone().chain_update(body).verify_slice(&digest.mac),
        };
        verified.is_ok()
    }
}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookSecret([redacted])")
    }
}

/// The secrets that verify deliveries.
#[derive(Debug, Clone)]
pub struct WebhookSecrets {
    /// The current secret, with which webhooks are registered.
    pub current: WebhookSecret,
    /// The previous secret: during a rotation, some deliveries are still signed with it.
    pub previous: Option<WebhookSecret>,
    /// Whether SHA-1 alone is rejected.
    pub require_sha2: bool,
}

/// The hash function of a digest, whose length in bytes is its discriminant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::EnumString)]
#[strum(ascii_case_insensitive)]
pub enum Algorithm {
    /// `X-Spark-Signature`.
    Sha1 = 20,
    /// `X-Webex-Signature`.
    Sha256 = 32,
    /// `X-Webex-Signature`.
    Sha512 = 64,
}

#[derive(Debug)]
struct Digest {
    algorithm: Algorithm,
    mac: Vec<u8>,
}

impl Digest {
    fn parse(algorithm: Algorithm, text: &str) -> Option<Self> {
        let mac = hex::decode(text.trim()).ok()?;
        (mac.len() == algorithm as usize).then_some(Self { algorithm, mac })
    }

    /// Parses `SHA-256=<hex>`.
    fn parse_named(pair: &str) -> Option<Self> {
        let (name, mac) = pair.split_once('=')?;
        Self::parse(name.trim().replace('-', "").parse().ok()?, mac)
    }
}

/// The reason a signature is rejected. The names of the variants are labels of a metric and must not change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum SignatureError {
    /// No signature.
    Missing,
    /// No recognized digest in the headers.
    Malformed,
    /// None of the digests is right.
    Wrong,
}

impl SignatureError {
    /// The reason, as a label of a metric.
    pub(crate) fn as_str(self) -> &'static str {
        self.into()
    }
}

/// The digests in the headers of a request: at most one for each algorithm, so that a stranger cannot make Steward
/// compute many digests.
#[derive(Debug)]
pub(crate) struct SignatureHeaders(Vec<Digest>);

impl SignatureHeaders {
    /// Parses the headers. A request without a digest is rejected before its body is read.
    pub(crate) fn parse(headers: &HeaderMap, require_sha2: bool) -> Result<Self, SignatureError> {
        let values = |name: &str| headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
        let newer = values(WEBEX_HEADER).flat_map(|text| text.split(',')).filter_map(Digest::parse_named);
        let older = values(SPARK_HEADER).filter_map(|text| Digest::parse(Algorithm::Sha1, text));
        let mut digests: Vec<Digest> = Vec::new();
        for digest in newer.chain(older) {
            let is_enough = !(require_sha2 && digest.algorithm == Algorithm::Sha1);
            if is_enough && digests.iter().all(|other| other.algorithm != digest.algorithm) {
                digests.push(digest);
            }
        }
        let is_present =
            headers.contains_key(WEBEX_HEADER) || (headers.contains_key(SPARK_HEADER) && !require_sha2);
        match (digests.is_empty(), is_present) {
            (false, _) => Ok(Self(digests)),
            (true, true) => Err(SignatureError::Malformed),
            (true, false) => Err(SignatureError::Missing),
        }
    }

    /// Verifies the digests over the raw bytes of the body, and returns the algorithm of the right one.
    pub(crate) fn verify(&self, secrets: &WebhookSecrets, body: &[u8]) -> Result<Algorithm, SignatureError> {
        let is_right = |digest: &&Digest| {
            secrets.current.verifies(digest, body)
                || secrets.previous.as_ref().is_some_and(|secret| secret.verifies(digest, body))
        };
        self.0.iter().find(is_right).map(|digest| digest.algorithm).ok_or(SignatureError::Wrong)
    }
}

/// Verifies a whole request: its headers, then its body.
pub fn verify(
    secrets: &WebhookSecrets,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Algorithm, SignatureError> {
    SignatureHeaders::parse(headers, secrets.require_sha2)?.verify(secrets, body)
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue};
    use proptest::prelude::*;

    use super::*;

    // Computed for this project: HMAC over these 75 bytes without a trailing newline.
    const KEY: &str = "correct horse battery staple";
    const BODY: &[u8] = br#"{"id":"wh-1","resource":"messages","event":"created","data":{"id":"msg-1"}}"#;
    const SHA1: &str = "b1ff3f2c02fd88f94bc01653a3f3627b7efc8aeb";
    const SHA256: &str = "d5e9394deb4d395fdf2ef011a1217e4d68bd00275f96220072f3bebb942308b0";
    const SHA512: &str = "cc483487c844d87325f94a51b63d2d5ed4ac29f0352354ce798e32c5a171c9f777a17b93faa2df56c57dbc79ed1391395d78795dfce6804287623fb6984d2c82";

    fn secrets(current: &str, previous: Option<&str>, require_sha2: bool) -> WebhookSecrets {
        let secret = |text: &str| WebhookSecret::new(&text.to_owned().into()).unwrap();
        WebhookSecrets { current: secret(current), previous: previous.map(secret), require_sha2 }
    }

    fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
        let name = |text: &str| HeaderName::from_bytes(text.as_bytes()).unwrap();
        pairs.iter().map(|(key, value)| (name(key), HeaderValue::from_str(value).unwrap())).collect()
    }

    fn check(pairs: &[(&str, &str)]) -> Result<Algorithm, SignatureError> {
        verify(&secrets(KEY, None, false), &headers(pairs), BODY)
    }

    #[test]
    fn each_digest_alone_is_enough_in_any_spelling() {
        use Algorithm::{Sha1, Sha256, Sha512};
        let upper = SHA1.to_uppercase();
        let both = format!("SHA-256={SHA256}, SHA-512={SHA512}");
        let cases = [
            ("X-Spark-Signature", SHA1.to_owned(), Sha1),
            ("X-Spark-Signature", upper, Sha1),
            ("X-Webex-Signature", both, Sha256),
            ("X-Webex-Signature", format!("sha256={}", SHA256.to_uppercase()), Sha256),
            ("X-Webex-Signature", format!(" Sha-512 = {SHA512} "), Sha512),
            ("X-Webex-Signature", format!("MD5=00,,SHA-512={SHA512},x"), Sha512),
            ("X-Webex-Signature", format!("SHA-256={}, SHA-512={SHA512}", "0".repeat(64)), Sha512),
        ];
        for (name, value, algorithm) in cases {
            assert_eq!(check(&[(name, &value)]), Ok(algorithm), "{name}: {value}");
        }
    }

    #[test]
    fn one_right_header_outweighs_a_wrong_one() {
        let wrong = "0".repeat(40);
        let good = format!("SHA-256={SHA256}");
        assert_eq!(
            check(&[("x-spark-signature", &wrong), ("x-webex-signature", &good)]),
            Ok(Algorithm::Sha256)
        );
        let bad = format!("SHA-256={}", "0".repeat(64));
        assert_eq!(check(&[("x-spark-signature", SHA1), ("x-webex-signature", &bad)]), Ok(Algorithm::Sha1));
        assert_eq!(
            check(&[("x-spark-signature", &wrong), ("x-webex-signature", &bad)]),
            Err(SignatureError::Wrong)
        );
    }

    #[test]
    fn missing_malformed_and_wrong_signatures_are_rejected() {
        let one_off = SHA1.replacen('b', "c", 1);
        let cases: [(&[(&str, &str)], SignatureError); 9] = [
            (&[], SignatureError::Missing),
            (&[("x-spark-signature", "")], SignatureError::Malformed),
            (&[("x-spark-signature", "sha1")], SignatureError::Malformed),
            (&[("x-spark-signature", &SHA1[..39])], SignatureError::Malformed),
            (&[("x-spark-signature", SHA256)], SignatureError::Malformed),
            (&[("x-webex-signature", SHA256)], SignatureError::Malformed),
            (&[("x-webex-signature", "SHA-256=")], SignatureError::Malformed),
            (&[("x-webex-signature", "CRC-32=00")], SignatureError::Malformed),
            (&[("x-spark-signature", &one_off)], SignatureError::Wrong),
        ];
        for (pairs, rejection) in cases {
            assert_eq!(check(pairs), Err(rejection), "{pairs:?}");
        }
    }

    #[test]
    fn a_body_altered_by_one_byte_is_rejected() {
        for position in 0..BODY.len() {
            let mut altered = BODY.to_vec();
            altered[position] ^= 1;
            let result =
                verify(&secrets(KEY, None, false), &headers(&[("x-spark-signature", SHA1)]), &altered);
            assert_eq!(result, Err(SignatureError::Wrong), "byte {position}");
        }
    }

    #[test]
    fn the_previous_secret_is_accepted_only_during_a_rotation() {
        let signed = headers(&[("x-spark-signature", SHA1)]);
        let rotating = secrets("the new secret, long enough", Some(KEY), false);
        assert_eq!(verify(&rotating, &signed, BODY), Ok(Algorithm::Sha1));
        let rotated = secrets("the new secret, long enough", None, false);
        assert_eq!(verify(&rotated, &signed, BODY), Err(SignatureError::Wrong));
    }

    #[test]
    fn sha_1_is_not_enough_where_sha_2_is_required() {
        let strict = secrets(KEY, None, true);
        let sha2 = format!("SHA-512={SHA512}");
        let sha1 = format!("SHA-1={SHA1}");
        assert_eq!(verify(&strict, &headers(&[("x-webex-signature", &sha2)]), BODY), Ok(Algorithm::Sha512));
        assert_eq!(
            verify(&strict, &headers(&[("x-spark-signature", SHA1)]), BODY),
            Err(SignatureError::Missing)
        );
        assert_eq!(
            verify(&strict, &headers(&[("x-webex-signature", &sha1)]), BODY),
            Err(SignatureError::Malformed)
        );
    }

    #[test]
    fn short_secrets_are_rejected_and_no_secret_is_printed() {
        assert_eq!(WebhookSecret::new(&"".into()).err(), Some(SecretTooShort { found: 0 }));
        assert_eq!(WebhookSecret::new(&"fifteen bytes..".into()).err(), Some(SecretTooShort { found: 15 }));
        assert!(!format!("{:?}", secrets(KEY, Some(KEY), false)).contains("horse"));
    }

    #[test]
    fn only_the_first_digest_of_each_algorithm_counts() {
        let many = vec![format!("SHA-256={}", "0".repeat(64)); 100].join(",");
        let with_the_right_one_last = format!("{many},SHA-256={SHA256}");
        assert_eq!(check(&[("x-webex-signature", &with_the_right_one_last)]), Err(SignatureError::Wrong));
    }

    proptest! {
        #[test]
        fn random_headers_are_rejected_without_a_panic(spark in "\\PC{0,100}", webex in "[ -~]{0,200}") {
            let spark = HeaderValue::from_bytes(spark.as_bytes());
            let mut headers = HeaderMap::new();
            if let Ok(value) = spark { headers.append(SPARK_HEADER, value); }
            if let Ok(value) = HeaderValue::from_str(&webex) { headers.append(WEBEX_HEADER, value); }
            prop_assert!(verify(&secrets(KEY, None, false), &headers, BODY).is_err());
        }
    }
}
