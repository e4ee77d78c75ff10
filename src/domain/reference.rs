//! A person's reference to one device.

use std::fmt;

use serde::{Deserialize, Serialize};
use url::Url;
use uuid::Uuid;

use super::{DeviceId, Mac, id};

/// Names of devices are far shorter.
const MAX_REFERENCE_LENGTH: usize = 512;

/// The hosts of Control Hub.
const CONTROL_HUBS: [&str; 2] = ["admin.webex.com", "admin-usgov.webex.com"];

/// A text that names one device: its id, serial number, MAC address or display name. It stays a text until the devices
/// are read, because it can fit several of them: a device may be named like another's serial number.
///
/// The address of a device's page in Control Hub becomes the UUID in it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Reference(String);

/// The reason a text cannot name a device.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidReference {
    /// Empty, or only spaces.
    #[error("expected a device id, a serial number, a MAC address or a name, found nothing")]
    Empty,
    /// The address of another page.
    #[error("expected the address of a device's page in Control Hub, found another address")]
    NotADevicePage,
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
            _ => match address(text) {
                Some(address) => device_page(&address).map(|id| Self(id.to_string())),
                None => Ok(Self(text.to_owned())),
            },
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

    /// The id, if the text can be nothing else and is whole: it decodes. A bare UUID lacks the cluster of the id, so the
    /// device with that UUID must be found first.
    pub(crate) fn as_certain_id(&self) -> Option<DeviceId> {
        self.as_id().filter(|_| id::decode(&self.0).is_some())
    }

    /// The MAC address it may be.
    pub(crate) fn as_mac(&self) -> Option<Mac> {
        Mac::parse(&self.0).ok()
    }
}

/// The web address that a text is.
fn address(text: &str) -> Option<Url> {
    let is_web = |url: &Url| matches!(url.scheme(), "http" | "https") && url.has_host();
    match Url::parse(text) {
        Ok(url) if is_web(&url) => Some(url),
        // As browsers copy it without the scheme.
        _ if CONTROL_HUBS.iter().any(|host| text.starts_with(&format!("{host}/"))) => {
            Url::parse(&format!("https://{text}")).ok()
        }
        _ => None,
    }
}

/// The UUID of the device on a page of Control Hub: `https://admin.webex.com/devices/details/UUID/overview`.
fn device_page(address: &Url) -> Result<Uuid, InvalidReference> {
    let is_control_hub = address.host_str().is_some_and(|host| CONTROL_HUBS.contains(&host));
    let segments = address.path_segments().into_iter().flatten();
    let mut behind = segments.skip_while(|segment| *segment != "devices").skip(1);
    let id = behind.find_map(|segment| Uuid::try_parse(segment).ok().filter(|_| segment.len() == 36));
    id.filter(|_| is_control_hub).ok_or(InvalidReference::NotADevicePage)
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Reference {
    type Error = InvalidReference;

    /// Reads a stored reference. Earlier versions stored any web address, as the name that it then is.
    fn try_from(text: String) -> Result<Self, InvalidReference> {
        match Self::parse(&text) {
            Err(InvalidReference::NotADevicePage) => Ok(Self(text)),
            parsed => parsed,
        }
    }
}

impl From<Reference> for String {
    fn from(reference: Reference) -> Self {
        reference.0
    }
}

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
    fn a_bare_uuid_is_not_a_whole_id() {
        let uuid = Reference::parse("11111111-2222-3333-4444-555555555555").unwrap();
        assert!(uuid.as_id().is_some() && uuid.as_certain_id().is_none());
        let whole = Reference::parse("Y2lzY29zcGFyazovL3VzL0RFVklDRS8x").unwrap();
        assert_eq!(whole.as_certain_id(), whole.as_id());
    }

    #[test]
    fn the_page_of_a_device_in_control_hub_names_it() {
        let uuid = "11111111-2222-3333-4444-55555555555a";
        for page in [
            "https://admin.webex.com/devices/details/11111111-2222-3333-4444-55555555555A/overview",
            "https://admin.webex.com/devices/details/11111111-2222-3333-4444-55555555555a",
            "admin.webex.com/devices/details/11111111-2222-3333-4444-55555555555a/overview?x=1#y",
            "https://admin-usgov.webex.com/devices/details/11111111-2222-3333-4444-55555555555a/",
            "https://admin.webex.com/workspaces/99999999-2222-3333-4444-555555555555/devices/11111111-2222-3333-4444-55555555555a",
        ] {
            assert_eq!(Reference::parse(page).unwrap().as_str(), uuid, "{page}");
        }
        for other in [
            "https://admin.webex.com/devices/search",
            "https://admin.webex.com/workspaces/11111111-2222-3333-4444-55555555555a/overview",
            "https://admin.webex.com.example.com/devices/details/11111111-2222-3333-4444-55555555555a",
            "https://example.com/devices/details/11111111-2222-3333-4444-55555555555a",
            "https://admin.webex.com/devices/details/11111111222233334444555555555555",
        ] {
            assert_eq!(Reference::parse(other), Err(InvalidReference::NotADevicePage), "{other}");
        }
    }

    #[test]
    fn any_stored_address_is_read() {
        let stored: Reference = serde_json::from_str("\"https://example.com/x\"").unwrap();
        assert_eq!(serde_json::to_string(&stored).unwrap(), "\"https://example.com/x\"");
        assert!(serde_json::from_str::<Reference>("\" \"").is_err());
    }

    #[test]
    fn empty_and_overlong_texts_are_not_references() {
        assert_eq!(Reference::parse(" \t"), Err(InvalidReference::Empty));
        let long = "é".repeat(513);
        assert_eq!(Reference::parse(&long), Err(InvalidReference::TooLong { length: 513 }));
    }
}
