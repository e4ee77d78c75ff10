//! The id of a device as a person types it, checked before it gets near a URL.
//!
//! `DELETE /devices/` with an empty id, a slash or a `?` would hit another route, so a [`DeviceId`] never contains such
//! characters. The id of another kind of object (a space, a person) is refused, and the error names the kind. An id
//! that does not decode is checked only for its characters and length, because the format of ids is not a contract.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::id::{MAX_ID_LENGTH, WebexId, decode};

/// The shortest id accepted if it does not decode. Names, serials and MACs are shorter.
const SHORTEST_OPAQUE_ID: usize = 32;

/// The id of one device, safe in the path of a URL.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct DeviceId(WebexId);

/// The reason a text is not the id of a device.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidDeviceId {
    /// An empty text.
    #[error("expected a device id, found nothing")]
    Empty,
    /// Too long for an id.
    #[error("expected a device id of at most {MAX_ID_LENGTH} characters, found {length}")]
    TooLong {
        /// Characters found.
        length: usize,
    },
    /// A character not used in ids.
    #[error("expected only letters, digits, '-', '_' and '=' in a device id, found {character:?}")]
    Character {
        /// The first such character.
        character: char,
    },
    /// The id of another kind of object.
    #[error("expected the id of a device, found the id of {found}")]
    WrongKind {
        /// With its article: `a space`.
        found: String,
    },
    /// Does not decode and is too short.
    #[error("expected a device id (about 80 characters, as `Y2lzY29…`), found {length} characters")]
    NotAnId {
        /// Characters found.
        length: usize,
    },
}

impl DeviceId {
    /// Parses an id as a person or Webex wrote it.
    pub fn parse(text: &str) -> Result<Self, InvalidDeviceId> {
        if text.is_empty() {
            return Err(InvalidDeviceId::Empty);
        }
        let length = text.chars().count();
        if length > MAX_ID_LENGTH {
            return Err(InvalidDeviceId::TooLong { length });
        }
        let body = text.strip_suffix("==").or_else(|| text.strip_suffix('=')).unwrap_or(text);
        let forbidden = |c: &char| !(c.is_ascii_alphanumeric() || *c == '-' || *c == '_');
        if let Some(character) = body.chars().find(forbidden) {
            return Err(InvalidDeviceId::Character { character });
        }
        match decode(text) {
            Some(decoded) if !matches!(decoded.kind.as_str(), "DEVICE" | "CALLING_DEVICE") => {
                Err(InvalidDeviceId::WrongKind { found: kind_for_people(&decoded.kind) })
            }
            None if length < SHORTEST_OPAQUE_ID => Err(InvalidDeviceId::NotAnId { length }),
            _ => WebexId::parse(text).map(Self).map_err(|_| InvalidDeviceId::NotAnId { length }),
        }
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

fn kind_for_people(kind: &str) -> String {
    match kind {
        "ROOM" => "a space".to_owned(),
        "PEOPLE" => "a person".to_owned(),
        "PLACES" => "a workspace".to_owned(),
        "MESSAGE" => "a message".to_owned(),
        "ORGANIZATION" => "an organization".to_owned(),
        "WEBHOOK" => "a webhook".to_owned(),
        "MEMBERSHIP" => "a membership".to_owned(),
        "APPLICATION" => "an application".to_owned(),
        "ATTACHMENT_ACTION" => "a card's button press".to_owned(),
        _ => "something else".to_owned(),
    }
}

impl fmt::Display for DeviceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

stored_as_text!(DeviceId, InvalidDeviceId);

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
    use proptest::prelude::*;

    use super::*;

    fn id_of(kind: &str) -> String {
        STANDARD_NO_PAD.encode(format!("ciscospark://us/{kind}/11111111-2222-3333-4444-555555555555"))
    }

    #[test]
    fn ids_of_devices_keep_their_spelling() {
        let padded = STANDARD.encode("ciscospark://us/DEVICE/11111111-2222-3333-4444-5555555555551");
        let opaque = "A".repeat(40);
        for text in [
            id_of("DEVICE"),
            id_of("CALLING_DEVICE"),
            padded,
            "11111111-2222-3333-4444-555555555555".to_owned(),
            opaque,
        ] {
            assert_eq!(DeviceId::parse(&text).map(|id| id.to_string()), Ok(text));
        }
    }

    #[test]
    fn other_ids_are_refused_by_name() {
        let wrong = |found: &str| InvalidDeviceId::WrongKind { found: found.to_owned() };
        let long = "A".repeat(10_000);
        let cases = [
            ("", InvalidDeviceId::Empty),
            (&*id_of("ROOM"), wrong("a space")),
            (&*id_of("PEOPLE"), wrong("a person")),
            (&*id_of("PLACES"), wrong("a workspace")),
            (&*id_of("SOMETHING"), wrong("something else")),
            ("Y2lz Y29zcGFyaw", InvalidDeviceId::Character { character: ' ' }),
            ("../people/me", InvalidDeviceId::Character { character: '.' }),
            ("..", InvalidDeviceId::Character { character: '.' }),
            ("a/b", InvalidDeviceId::Character { character: '/' }),
            ("a%2Fb", InvalidDeviceId::Character { character: '%' }),
            ("a?b=c", InvalidDeviceId::Character { character: '?' }),
            ("a#b", InvalidDeviceId::Character { character: '#' }),
            ("a=b", InvalidDeviceId::Character { character: '=' }),
            ("a===", InvalidDeviceId::Character { character: '=' }),
            ("Größe", InvalidDeviceId::Character { character: 'ö' }),
            ("lobby", InvalidDeviceId::NotAnId { length: 5 }),
            (&*long, InvalidDeviceId::TooLong { length: 10_000 }),
        ];
        for (text, expected) in cases {
            assert_eq!(DeviceId::parse(text), Err(expected), "{text:.40}");
        }
    }

    proptest! {
        #[test]
        fn an_id_never_contains_characters_that_change_a_url(text in "\\PC{0,80}") {
            if let Ok(id) = DeviceId::parse(&text) {
                prop_assert!(id.as_str().chars().all(|c| c.is_ascii_alphanumeric() || "-_=".contains(c)));
                prop_assert!(!id.as_str().is_empty());
            }
        }
    }
}
