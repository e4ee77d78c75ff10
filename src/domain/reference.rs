//! A person's reference to one device.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{DeviceId, Mac, id};

/// Names of devices are far shorter.
const MAX_REFERENCE_LENGTH: usize = 512;

/// A text that names one device: its id, serial number, MAC address or display name. It stays a text until the devices
/// are read, because it can fit several of them: a device may be named like another's serial number.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Reference(String);

/// The reason a text cannot name a device.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidReference {
    /// Empty, or only spaces.
    #[error("expected a device id, a serial number, a MAC address or a name, found nothing")]
    Empty,
    /// Too long for any of them.
    #[error(
        "expected a device id, serial number, MAC address or name of at most {MAX_REFERENCE_LENGTH} characters, found {length}"
    )]
    TooLong {
        /// Characters found.
        length: usize,
    },
}

impl Reference {
    /// Parses a reference; surrounding spaces do not matter.
    pub fn parse(text: &str) -> Result<Self, InvalidReference> {
        let text = text.trim();
        let length = text.chars().count();
        match length {
            0 => Err(InvalidReference::Empty),
            _ if length > MAX_REFERENCE_LENGTH => Err(InvalidReference::TooLong { length }),
            _ => Ok(Self(text.to_owned())),
        }
    }

    /// The text as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The device id it may be.
    pub(crate) fn as_id(&self) -> Option<DeviceId> {
        DeviceId::parse(&self.0).ok()
    }

    /// The id, if the text can be nothing else: a readable Webex id, or a UUID.
    pub(crate) fn as_certain_id(&self) -> Option<DeviceId> {
        self.as_id().filter(|_| id::is_certain(&self.0))
    }

    /// The MAC address it may be.
    pub(crate) fn as_mac(&self) -> Option<Mac> {
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
    fn empty_and_overlong_texts_are_not_references() {
        assert_eq!(Reference::parse(" \t"), Err(InvalidReference::Empty));
        let long = "é".repeat(513);
        assert_eq!(Reference::parse(&long), Err(InvalidReference::TooLong { length: 513 }));
    }
}
