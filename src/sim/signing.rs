//! The signatures on a webhook delivery ("Webhooks" guide, "Handling requests from Webex").
//!
//! `X-Spark-Signature` is the bare HMAC-SHA1 of the body; `X-Webex-Signature` names two digests of the same bytes.
//! Both are made with the UTF-8 bytes of the webhook's secret.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;
use sha2::{Sha256, Sha512};

/// The older header, in the older form.
pub const SPARK_SIGNATURE: &str = "X-Spark-Signature";
/// The newer header.
pub const WEBEX_SIGNATURE: &str = "X-Webex-Signature";

/// Why a key can never be refused.
const ANY_LENGTH: &str = "HMAC accepts keys of any length";

/// Both signature headers for a body.
#[must_use]
pub fn headers(secret: &str, body: &[u8]) -> [(&'static str, String); 2] {
    let key = secret.as_bytes();
    let sha1 = Hmac::<Sha1>::new_from_slice(key).expect(ANY_LENGTH).chain_update(body);
    let sha256 = Hmac::<Sha256>::new_from_slice(key).expect(ANY_LENGTH).chain_update(body);
    let sha512 = Hmac::<Sha512>::new_from_slice(key).expect(ANY_LENGTH).chain_update(body);
    let newer = format!(
        "SHA-256={}, SHA-512={}",
        hex::encode(sha256.finalize().into_bytes()),
        hex::encode(sha512.finalize().into_bytes()),
    );
    [(SPARK_SIGNATURE, hex::encode(sha1.finalize().into_bytes())), (WEBEX_SIGNATURE, newer)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digests_are_those_of_an_independent_computation() {
        let body = br#"{"id":"wh-1","resource":"messages","event":"created","data":{"id":"msg-1"}}"#;
        let [(_, older), (_, newer)] = headers("correct horse battery staple", body);
        assert_eq!(older, "b1ff3f2c02fd88f94bc01653a3f3627b7efc8aeb");
        assert_eq!(
            newer,
            "SHA-256=d5e9394deb4d395fdf2ef011a1217e4d68bd00275f96220072f3bebb942308b0, \
             SHA-512=cc483487c844d87325f94a51b63d2d5ed4ac29f0352354ce798e32c5a171c9f777a17b93faa2df56c57dbc79ed\
             1391395d78795dfce6804287623fb6984d2c82"
        );
    }
}
