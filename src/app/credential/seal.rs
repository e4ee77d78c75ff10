//! Sealing: what is kept in the database can be read and changed only with a key that is not there.

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

/// Bytes of a key.
const KEY_BYTES: usize = 32;
/// What a sealed pair is for, in its associated data. It is stored and must not change.
const PURPOSE: &str = "steward admin credential 1";

/// A text that is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected 32 bytes as hex or base64, found {found} characters that are neither")]
pub struct WrongKey {
    /// How long it is.
    pub found: usize,
}

/// The key that tokens are sealed with (AES-256-GCM). It cannot be printed.
#[derive(Clone)]
pub struct SealingKey(Arc<LessSafeKey>);

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealingKey(..)")
    }
}

impl SealingKey {
    /// Takes 32 bytes, written as hex or in either alphabet of base64, padded or not.
    pub fn parse(text: &SecretString) -> Result<Self, WrongKey> {
        let text = text.expose_secret().trim();
        let wrong = WrongKey { found: text.chars().count() };
        let bytes = if text.len() == 2 * KEY_BYTES { hex::decode(text).ok() } else { decode_base64(text) };
        let bytes = bytes.filter(|bytes| bytes.len() == KEY_BYTES).ok_or(wrong)?;
        UnboundKey::new(&AES_256_GCM, &bytes)
            .map(|key| Self(Arc::new(LessSafeKey::new(key))))
            .map_err(|_| wrong)
    }

    /// Seals this for a Service App: a nonce of its own, then the ciphertext. Nothing when the system has no
    /// random numbers to give.
    #[must_use]
    pub fn seal(&self, client_id: &ClientId, mut plain: Vec<u8>) -> Option<Vec<u8>> {
        let mut nonce = [0; NONCE_LEN];
        SystemRandom::new().fill(&mut nonce).ok()?;
        let aad = associated(client_id);
        self.0.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad, &mut plain).ok()?;
        Some([&nonce[..], &plain].concat())
    }

    /// Opens what was sealed for this Service App; nothing when it was sealed with another key or for another
    /// app, or was changed since.
    #[must_use]
    pub fn open(&self, client_id: &ClientId, sealed: &[u8]) -> Option<Vec<u8>> {
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

/// What a refresh token of the settings is recognized by. The token is random and long, so its digest gives
/// nothing away.
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

    fn key(text: &str) -> Result<SealingKey, WrongKey> {
        SealingKey::parse(&text.into())
    }

    fn app(id: &str) -> ClientId {
        ClientId::parse(id).unwrap()
    }

    #[test]
    fn the_same_key_in_any_spelling_opens_what_it_sealed() {
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
    fn nothing_else_opens_it() {
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
    fn the_same_text_is_never_sealed_the_same_way_twice() {
        let key = key(HEX).unwrap();
        let seal = || key.seal(&app("C1"), b"hush".to_vec()).unwrap();
        assert_ne!(seal(), seal());
    }

    #[test]
    fn what_is_no_key_is_refused_by_its_length_alone() {
        for text in ["", "hush hush", &HEX[2..], &HEX.replace('f', "g"), "AAECAwQFBgcICQoLDA0ODw=="] {
            let error = key(text).unwrap_err();
            assert_eq!(error, WrongKey { found: text.len() });
        }
        assert_eq!(format!("{:?}", key(HEX).unwrap()), "SealingKey(..)");
    }

    #[test]
    fn seeds_are_told_apart_by_token_and_app() {
        let digest = |app_id: &str, token: &str| digest(&app(app_id), &RefreshToken::new(token.into()));
        assert_eq!(digest("C1", "one"), digest("C1", "one"));
        assert_ne!(digest("C1", "one"), digest("C1", "two"));
        assert_ne!(digest("C1", "one"), digest("C2", "one"));
        assert!(!digest("C1", "one").contains("one"));
    }
}
