//! How a person names one device.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{DeviceId, Mac};

/// Characters in a reference at most; a device's name is far shorter.
pub const MAX_REFERENCE_LENGTH: usize = 512;

/// A text that names one device: its id, its serial number, its MAC address or its display name. Which of them it is
/// cannot be told from the text alone (somebody may name a device like another's serial number), so it stays a text
/// until the devices are looked at.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Reference(String);

/// A text that cannot name a device.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidReference {
    /// Nothing but blanks.
    #[error("expected a device id, a serial number, a MAC address or a name, found nothing")]
    Empty,
    /// Longer than any of them.
    #[error(
        "expected a device id, serial number, MAC address or name of at most {MAX_REFERENCE_LENGTH} characters, found {length}"
    )]
    TooLong {
        /// Characters found.
        length: usize,
    },
}

impl Reference {
    /// Takes what a person wrote; blanks around it do not count.
    pub fn parse(text: &str) -> Result<Self, InvalidReference> {
        let text = text.trim();
        let length = text.chars().count();
        match length {
            0 => Err(InvalidReference::Empty),
            _ if length > MAX_REFERENCE_LENGTH => Err(InvalidReference::TooLong { length }),
            _ => Ok(Self(text.to_owned())),
        }
    }

    /// The text, as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id it may be.
    pub fn as_id(&self) -> Option<DeviceId> {
        DeviceId::parse(&self.0).ok()
    }

    /// The MAC address it may be.
    pub fn as_mac(&self) -> Option<Mac> {
        Mac::parse(&self.0).ok()
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

stored_as_text!(Reference, InvalidReference);

impl From<DeviceId> for Reference {
    fn from(id: DeviceId) -> Self {
        Self(id.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_may_be_more_than_one_kind_of_reference() {
        let reference = |text: &str| Reference::parse(text).unwrap();
        assert!(reference("11223344aaff").as_mac().is_some());
        assert!(reference("11111111-2222-3333-4444-555555555555").as_id().is_some());
        let name = reference("  BER-4 Panorama ");
        assert_eq!((name.as_str(), name.as_id(), name.as_mac()), ("BER-4 Panorama", None, None));
    }

    #[test]
    fn nothing_and_too_much_are_no_references() {
        assert_eq!(Reference::parse(" \t"), Err(InvalidReference::Empty));
        let long = "é".repeat(513);
        assert_eq!(Reference::parse(&long), Err(InvalidReference::TooLong { length: 513 }));
    }
}
