//! Webex's ids, a type for each kind.
//!
//! A public id is the base64 of `ciscospark://{cluster}/{TYPE}/{key}`, padded or not, so one object's id has several
//! spellings. An id keeps the text it came with, for calls to Webex, and compares by its key. Ids are never built from
//! parts.

use std::fmt;
use std::hash::{Hash, Hasher};

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde::{Deserialize, Serialize};

/// The longest id accepted. Webex's ids have 80 to 130 characters.
pub(crate) const MAX_ID_LENGTH: usize = 512;

/// The error for a text that cannot be an id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected an id of 1 to {MAX_ID_LENGTH} letters, digits, '-', '_', '+', '/' and '=', found {found}")]
pub struct InvalidId {
    found: String,
}

/// The parts of a decoded id: `ciscospark://us/DEVICE/1111…`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecodedId {
    /// The type in the middle: `DEVICE`, `PEOPLE`, `ROOM`, `PLACES` …
    pub kind: String,
    /// The rest, mostly a UUID.
    pub key: String,
}

/// Whether a text can only be an id: it decodes, or it is a UUID.
pub(crate) fn is_certain(text: &str) -> bool {
    let is_uuid = text.len() == 36 && uuid::Uuid::try_parse(text).is_ok();
    is_uuid || decode(text).is_some()
}

/// Decodes an id in either base64 alphabet, padded or not; none if it is not a `ciscospark` URI.
///
/// Webex does not guarantee the format: an id that does not decode may still be valid.
pub(crate) fn decode(id: &str) -> Option<DecodedId> {
    decoded(id, |text| {
        let mut parts = text?.strip_prefix("ciscospark://")?.splitn(3, '/');
        let (_cluster, kind, key) = (parts.next()?, parts.next()?, parts.next()?);
        (!kind.is_empty() && !key.is_empty())
            .then(|| DecodedId { kind: kind.to_owned(), key: key.to_owned() })
    })
}

/// Calls `read` with the text that an id decodes to, if it decodes. Lists hold up to half a million ids, so this
/// allocates nothing.
fn decoded<T>(id: &str, read: impl FnOnce(Option<&str>) -> T) -> T {
    const ENGINE: GeneralPurpose = GeneralPurpose::new(
        &alphabet::STANDARD,
        GeneralPurposeConfig::new()
            .with_decode_padding_mode(DecodePaddingMode::RequireNone)
            .with_decode_allow_trailing_bits(true),
    );
    let id = id.trim_end_matches('=');
    let (mut standard, mut text) = ([0; MAX_ID_LENGTH], [0; MAX_ID_LENGTH]);
    let Some(standard) = standard.get_mut(..id.len()) else { return read(None) };
    for (to, from) in standard.iter_mut().zip(id.bytes()) {
        *to = match from {
            b'-' => b'+',
            b'_' => b'/',
            other => other,
        };
    }
    let length = ENGINE.decode_slice(standard, &mut text).ok();
    read(length.and_then(|length| str::from_utf8(&text[..length]).ok()))
}

/// The key that all spellings of an id share: its UUID in lower case (unique across clusters and types), or the text
/// without padding if there is no UUID.
fn comparison_key(id: &str) -> Box<str> {
    decoded(id, |text| {
        let innermost = text.unwrap_or(id).rsplit('/').next().unwrap_or_default();
        match uuid::Uuid::try_parse(innermost) {
            Ok(uuid) => Box::from(&*uuid.hyphenated().encode_lower(&mut uuid::Uuid::encode_buffer())),
            Err(_) => id.trim_end_matches('=').into(),
        }
    })
}

/// The comparison key, prefixed with the creation time if the id contains it. Newer objects get greater keys, so an
/// index on disk grows at its end.
///
/// Ids of messages and button presses are UUIDs of version 1 (RFC 9562, section 5.1; the example in the Messages API
/// reference is `92db3be0-43bd-11e6-8ae9-dd5b3dfc565d`) whose time is the object's `created`. Webex does not guarantee
/// that; if it ever changes, only the order is lost.
pub(crate) fn chronological_key(id: &str) -> String {
    let key = comparison_key(id);
    match uuid::Uuid::try_parse(&key).ok().and_then(|uuid| uuid.get_timestamp()) {
        Some(made) => format!("{:015x}.{key}", made.to_gregorian().0),
        None => key.into(),
    }
}

/// An id as text, compared by its key. Base of the typed ids below.
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct WebexId {
    text: Box<str>,
    key: Box<str>,
}

impl WebexId {
    /// Parses an id as Webex or a settings file wrote it.
    pub fn parse(text: &str) -> Result<Self, InvalidId> {
        let good = |c: char| c.is_ascii_alphanumeric() || "-_+/=".contains(c);
        if text.is_empty() || text.len() > MAX_ID_LENGTH || !text.chars().all(good) {
            let found = if text.is_empty() { "nothing".to_owned() } else { format!("{} bytes", text.len()) };
            return Err(InvalidId { found });
        }
        Ok(Self { text: text.into(), key: comparison_key(text) })
    }

    /// The id as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The comparison key, equal for all spellings of one id.
    pub fn key(&self) -> &str {
        &self.key
    }
}

stored_as_text!(WebexId, InvalidId);

impl PartialEq for WebexId {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Eq for WebexId {}

impl Hash for WebexId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key.hash(state);
    }
}

impl fmt::Display for WebexId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for WebexId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

macro_rules! webex_ids {
    ($($(#[$doc:meta])* $name:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub struct $name(WebexId);

        impl $name {
            /// Parses an id as Webex or a settings file wrote it.
            pub fn parse(text: &str) -> Result<Self, InvalidId> {
                WebexId::parse(text).map(Self)
            }

            /// The id as it was written, for calls to Webex.
            pub fn as_str(&self) -> &str {
                self.0.as_str()
            }

            /// The comparison key, equal for all spellings of one id. Stored.
            pub fn key(&self) -> &str {
                self.0.key()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        stored_as_text!($name, InvalidId);
    )+};
}

webex_ids! {
    /// A Service App: its client id in the developer portal. Not a secret.
    ClientId;
    /// A person or a bot: the identity that rights are attached to.
    PersonId;
    /// An organization.
    OrgId;
    /// A space (a *room* in Webex's API).
    SpaceId;
    /// A message in a space.
    MessageId;
    /// A workspace: the room, desk or corner in which a shared device stands.
    WorkspaceId;
    /// A location: the site or building that workspaces are in.
    LocationId;
    /// A press of a card's button.
    ActionId;
    /// A person's membership in a space.
    MembershipId;
    /// A registered webhook.
    WebhookId;
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};

    use super::*;

    const URI: &str = "ciscospark://us/PEOPLE/1F2E3D4C-aaaa-bbbb-cccc-0123456789ab";

    #[test]
    fn spellings_of_one_id_are_equal() {
        let spellings = [
            STANDARD.encode(URI),
            STANDARD_NO_PAD.encode(URI),
            URL_SAFE_NO_PAD.encode(URI),
            STANDARD_NO_PAD.encode(URI.to_lowercase().replace("people", "PEOPLE")),
            STANDARD.encode("1f2e3d4c-aaaa-bbbb-cccc-0123456789ab"),
            // Too much padding.
            format!("{}==", STANDARD.encode(URI)),
            "1f2e3d4c-aaaa-bbbb-cccc-0123456789ab".to_owned(),
        ];
        for spelling in &spellings {
            assert_eq!(
                PersonId::parse(spelling).unwrap(),
                PersonId::parse(&spellings[0]).unwrap(),
                "{spelling}"
            );
            assert_eq!(PersonId::parse(spelling).unwrap().as_str(), spelling);
        }
    }

    #[test]
    fn different_ids_differ() {
        let other = STANDARD.encode("ciscospark://us/PEOPLE/1f2e3d4c-aaaa-bbbb-cccc-0123456789ac");
        assert_ne!(PersonId::parse(&STANDARD.encode(URI)).unwrap(), PersonId::parse(&other).unwrap());
        assert_ne!(PersonId::parse("opaque").unwrap(), PersonId::parse("Opaque").unwrap());
    }

    #[test]
    fn keys_of_newer_objects_come_later() {
        let key = |uuid: &str| chronological_key(&STANDARD.encode(format!("ciscospark://us/MESSAGE/{uuid}")));
        // A version 1 UUID begins with the low bits of its time, which wrap around every seven minutes.
        let in_order = [
            "ffffffff-43bd-11e6-8ae9-dd5b3dfc565d",
            "00000000-43be-11e6-8ae9-dd5b3dfc565d",
            "f828c7a0-9959-11e6-9986-c78100c22a2f",
            "fbc6da40-85a6-11ea-999d-5d72f9a3d453",
        ];
        assert!(in_order.map(key).is_sorted(), "{:?}", in_order.map(key));
        assert_eq!(key(in_order[3]), "1ea85a6fbc6da40.fbc6da40-85a6-11ea-999d-5d72f9a3d453");
        assert_eq!(key(in_order[3]), key(&in_order[3].to_uppercase()));
    }

    #[test]
    fn an_id_without_a_time_keeps_its_comparison_key() {
        assert_eq!(
            chronological_key(&STANDARD.encode(URI)),
            PersonId::parse(&STANDARD.encode(URI)).unwrap().key()
        );
        for opaque in ["msg-1", "no id at all", "ä", ""] {
            assert_eq!(chronological_key(opaque), opaque);
        }
    }

    #[test]
    fn texts_that_could_change_a_url_are_not_ids() {
        for text in ["", " ", "a b", "a?b", "a#b", "a%2fb", "..", "a\nb", "ä", &"a".repeat(513)] {
            assert!(WebexId::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn an_id_decodes_into_kind_and_key() {
        let decoded = decode(&STANDARD.encode("ciscospark://urn:TEAM:us-east-1_int13/DEVICE/AB-1")).unwrap();
        assert_eq!((decoded.kind.as_str(), decoded.key.as_str()), ("DEVICE", "AB-1"));
        assert_eq!(decode("not base64!"), None);
        assert_eq!(decode(&STANDARD.encode("ciscospark://us/DEVICE/")), None);
    }
}
