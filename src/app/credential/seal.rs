//! Sealing: tokens in the database can be read or changed only with a key that is not in the database.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom as _, SystemRandom};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};

use crate::domain::ClientId;
use crate::webex::RefreshToken;

const KEY_BYTES: usize = 32;
/// Ties sealed bytes to their purpose, as associated data. It is stored and must not change.
const PURPOSE: &str = "steward admin credential 1";

/// An AES-256-GCM key. It cannot be printed.
#[derive(Clone)]
pub struct SealingKey(Arc<LessSafeKey>);

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealingKey(..)")
    }
}

impl SealingKey {
    /// Reads 32 bytes, written as hex or in either alphabet of base64, padded or not.
    pub(crate) fn parse(text: &SecretString) -> Option<Self> {
        let text = text.expose_secret().trim();
        let bytes = if text.len() == 2 * KEY_BYTES { hex::decode(text).ok() } else { decode_base64(text) };
        let key = UnboundKey::new(&AES_256_GCM, &bytes?).ok()?;
        Some(Self(Arc::new(LessSafeKey::new(key))))
    }

    /// Seals these bytes for a Service App: a fresh nonce, then the ciphertext. `None` if the system has no random
    /// numbers.
    pub(super) fn seal(&self, client_id: &ClientId, mut plain: Vec<u8>) -> Option<Vec<u8>> {
        let mut nonce = [0; NONCE_LEN];
        SystemRandom::new().fill(&mut nonce).ok()?;
        let aad = associated(client_id);
        self.0.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad, &mut plain).ok()?;
        Some([&nonce[..], &plain].concat())
    }

    /// Opens bytes that were sealed for this Service App. `None` if they were sealed with another key or for another
    /// app, or were changed since.
    pub(super) fn open(&self, client_id: &ClientId, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, ciphertext) = sealed.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut text = ciphertext.to_vec();
        let length = self.0.open_in_place(nonce, associated(client_id), &mut text).ok()?.len();
        text.truncate(length);
        Some(text)
    }
}

fn associated(client_id: &ClientId) -> Aad<String> {
    Aad::from(format!("{PURPOSE}\0{client_id}"))
}

fn decode_base64(text: &str) -> Option<Vec<u8>> {
    const ENGINE: GeneralPurpose = GeneralPurpose::new(
        &alphabet::STANDARD,
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
    );
    ENGINE.decode(text.replace('-', "+").replace('_', "/")).ok()
}

/// A digest to recognize a refresh token from the settings. The token is long and random, so its digest gives nothing
/// away.
pub(super) fn digest(client_id: &ClientId, seed: &RefreshToken) -> String {
    let mut digest = Sha256::new();
    for part in [PURPOSE, client_id.as_str(), seed.expose()] {
        digest.update(part.as_bytes());
        digest.update([0]);
    }
    hex::encode(digest.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEX: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1eff";

    fn key(text: &str) -> Option<SealingKey> {
        SealingKey::parse(&text.into())
    }

    fn app(id: &str) -> ClientId {
        ClientId::parse(id).unwrap()
    }

    #[test]
    fn a_key_in_any_encoding_opens_its_sealed_bytes() {
        let base64 = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHv8=";
        let sealed = key(HEX).unwrap().seal(&app("C1"), b"hush".to_vec()).unwrap();
        for text in
            [HEX, &HEX.to_uppercase(), base64, base64.trim_end_matches('='), &base64.replace('/', "_")]
        {
            assert_eq!(key(text).unwrap().open(&app("C1"), &sealed).as_deref(), Some(&b"hush"[..]), "{text}");
        }
        assert!(!sealed.windows(4).any(|bytes| bytes == b"hush"));
    }

    #[test]
    fn nothing_but_the_same_key_and_app_opens_unchanged_bytes() {
        let right = key(HEX).unwrap();
        let sealed = right.seal(&app("C1"), b"hush".to_vec()).unwrap();
        let other = key(&HEX.replace("ff", "fe")).unwrap();
        assert_eq!(other.open(&app("C1"), &sealed), None, "another key");
        assert_eq!(right.open(&app("C2"), &sealed), None, "another Service App");
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(right.open(&app("C1"), &changed), None, "byte {at} was changed");
            assert_eq!(right.open(&app("C1"), &sealed[..at]), None, "only {at} bytes");
        }
    }

    #[test]
    fn sealing_the_same_bytes_twice_gives_different_results() {
        let key = key(HEX).unwrap();
        let seal = || key.seal(&app("C1"), b"hush".to_vec()).unwrap();
        assert_ne!(seal(), seal());
    }

    #[test]
    fn only_32_bytes_are_a_key_and_it_is_never_printed() {
        for text in ["", "hush hush", &HEX[2..], &HEX.replace('f', "g"), "AAECAwQFBgcICQoLDA0ODw=="] {
            assert!(key(text).is_none(), "{text}");
        }
        assert_eq!(format!("{:?}", key(HEX).unwrap()), "SealingKey(..)");
    }

    #[test]
    fn the_digest_of_a_seed_depends_on_token_and_app() {
        let digest = |app_id: &str, token: &str| digest(&app(app_id), &RefreshToken::new(token.into()));
        assert_eq!(digest("C1", "one"), digest("C1", "one"));
        assert_ne!(digest("C1", "one"), digest("C1", "two"));
        assert_ne!(digest("C1", "one"), digest("C2", "one"));
        assert!(!digest("C1", "one").contains("one"));
    }
}
