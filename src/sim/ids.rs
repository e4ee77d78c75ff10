//! Ids in Webex's format, from a seeded source: the same seed gives the same ids.
//!
//! A public id is unpadded base64 of `ciscospark://{cluster}/{TYPE}/{key}` (as in the examples of the Webex API
//! reference). The things that the ids stand for are in `model`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use jiff::Timestamp;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use uuid::Uuid;

/// The cluster of most ids.
pub(super) const HOME: &str = "us";
/// The cluster of a part of the fleet, which proves that an id cannot be rebuilt from its key alone.
pub(super) const REGIONAL: &str = "urn:TEAM:us-east-1_int13";

/// Makes ids from a seed.
#[derive(Debug)]
pub struct IdMint {
    rng: StdRng,
}

impl IdMint {
    /// A mint whose ids depend only on `seed` and the order in which they are made.
    pub fn seeded(seed: u64) -> Self {
        Self { rng: StdRng::seed_from_u64(seed) }
    }

    /// The next id of a kind (`PEOPLE`, `ROOM`, ...) in the home cluster.
    pub fn mint(&mut self, kind: &str) -> String {
        let key = self.uuid();
        encode(HOME, kind, &key.to_string())
    }

    /// The next id of a kind whose ids contain their creation time, such as messages. The key is a UUID of version 1,
    /// in which everything except the time comes from the seed.
    pub fn mint_at(&mut self, kind: &str, made: Timestamp) -> String {
        let (seconds, nanoseconds) = (made.as_second(), made.subsec_nanosecond());
        let (seconds, nanoseconds) =
            (u64::try_from(seconds).unwrap_or_default(), u32::try_from(nanoseconds).unwrap_or_default());
        let (ticks, _) = uuid::Timestamp::from_unix_time(seconds, nanoseconds, 0, 0).to_gregorian();
        let key = uuid::Builder::from_gregorian_timestamp(ticks, self.rng.random(), &self.rng.random());
        encode(HOME, kind, &key.into_uuid().to_string())
    }

    /// The next id of a phone in Webex Calling: padded, unlike all others.
    pub(super) fn mint_calling(&mut self) -> String {
        let id = self.mint("CALLING_DEVICE");
        let missing = (4 - id.len() % 4) % 4;
        id + &"=".repeat(missing)
    }

    pub(super) fn uuid(&mut self) -> Uuid {
        uuid::Builder::from_random_bytes(self.rng.random()).into_uuid()
    }

    /// A number below `bound`.
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.rng.random_range(0..bound.max(1))
    }
}

/// The public form of an id.
pub(super) fn encode(cluster: &str, kind: &str, key: &str) -> String {
    STANDARD_NO_PAD.encode(format!("ciscospark://{cluster}/{kind}/{key}"))
}

/// The key inside a public id: the part after the last slash.
pub(super) fn key_of(id: &str) -> Option<String> {
    let bytes = STANDARD_NO_PAD.decode(unpadded(id)).ok()?;
    let uri = String::from_utf8(bytes).ok()?;
    uri.rsplit_once('/').map(|(_, key)| key.to_owned())
}

/// The form in which ids are looked up: callers may send them padded.
pub(super) fn unpadded(id: &str) -> &str {
    id.trim_end_matches('=')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_unpadded_base64_of_a_uri() {
        let id = encode(HOME, "DEVICE", "11111111-2222-3333-4444-555555555555");
        assert!(!id.ends_with('='));
        assert_eq!(key_of(&id).as_deref(), Some("11111111-2222-3333-4444-555555555555"));
        assert_eq!(key_of(&format!("{id}==")), key_of(&id));
    }

    #[test]
    fn the_id_of_a_message_shows_when_it_was_written() {
        let written: Timestamp = "2020-04-23T21:11:22.340Z".parse().unwrap();
        let mut mint = IdMint::seeded(7);
        let (one, other) = (mint.mint_at("MESSAGE", written), mint.mint_at("MESSAGE", written));
        assert_ne!(one, other);
        for id in [one, other] {
            let key: Uuid = key_of(&id).unwrap().parse().unwrap();
            assert!(key.to_string().starts_with("fbc6da40-85a6-11ea-"), "{key}");
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_ids() {
        let (mut one, mut two) = (IdMint::seeded(7), IdMint::seeded(7));
        assert_eq!(one.mint("ROOM"), two.mint("ROOM"));
        assert_ne!(one.mint("ROOM"), IdMint::seeded(8).mint("ROOM"));
    }
}
