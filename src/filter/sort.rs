//! The order of a list: `sort:name`, `sort:-last-seen`.

use std::cmp::Ordering;
use std::fmt;
use std::net::IpAddr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::error::{FilterError, Wanted};
use super::glob::folded;
use super::key::Key;
use super::{NeededNames, RelatedNames, nearest};
use crate::domain::{Device, Mac};

/// An order: by one key, from the smallest or, with `-`, from the largest.
///
/// Devices that lack the key come last in both. Where two are alike, their names decide and then their ids, so there
/// is only one order. Stored as its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Sort {
    key: Key,
    descending: bool,
}

/// Where a device stands in an order: the first is the smallest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SortRank {
    /// What it is sorted by; nothing comes last.
    by: Option<By>,
    descending: bool,
    name: String,
    id: String,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
enum By {
    Moment(Timestamp),
    Address(u128),
    Text(String),
}

impl Sort {
    /// Reads the key with its sign, as it stands at a byte of its line.
    pub fn parse(text: &str, at: usize) -> Result<Self, FilterError> {
        let unsigned = text.strip_prefix('-');
        let name = unsigned.unwrap_or(text);
        if let Some(key) = Key::called(name).filter(|key| key.is_single()) {
            return Ok(Self { key, descending: unsigned.is_some() });
        }
        let keys = Key::ALL.into_iter().filter(|key| key.is_single()).map(Key::as_str);
        Err(FilterError::new(Wanted::Order, text, at).meant(nearest(name, keys)))
    }

    /// The names that it compares.
    #[must_use]
    pub fn needs(self) -> NeededNames {
        NeededNames::of(self.key)
    }

    /// Which of two devices comes first.
    #[must_use]
    pub fn compare(self, one: (&Device, &RelatedNames), other: (&Device, &RelatedNames)) -> Ordering {
        self.rank(one.0, one.1).cmp(&self.rank(other.0, other.1))
    }

    /// Where a device stands in this order.
    #[must_use]
    pub fn rank(self, device: &Device, around: &RelatedNames) -> SortRank {
        SortRank {
            by: self.by(device, around),
            descending: self.descending,
            name: device.display_name.as_deref().map(folded).unwrap_or_default(),
            id: device.id.as_str().to_owned(),
        }
    }

    fn by(self, device: &Device, around: &RelatedNames) -> Option<By> {
        let text = match self.key {
            Key::FirstSeen => return device.first_seen.map(By::Moment),
            Key::LastSeen => return device.last_seen.map(By::Moment),
            Key::Created => return device.created.map(By::Moment),
            Key::Mac => return device.mac.as_deref().map(|mac| By::Text(Mac::bare(mac))),
            Key::Ip => return device.ip.as_deref().map(address),
            Key::Id => Some(device.id.as_str()),
            Key::Name => device.display_name.as_deref(),
            Key::Serial => device.serial.as_deref(),
            Key::Workspace => around.workspace.as_deref(),
            Key::Location => around.location.as_deref(),
            Key::Person => around.person.as_deref().or(around.email.as_deref()),
            Key::Product => device.product.as_deref(),
            Key::Type => device.kind.as_deref(),
            Key::Platform => device.platform.as_deref(),
            Key::Status => device.connection_status.as_deref(),
            Key::Software => device.software.as_deref(),
            Key::Channel => device.upgrade_channel.as_deref(),
            Key::ManagedBy => device.managed_by.as_deref(),
            Key::Maintenance => device.maintenance.as_deref(),
            Key::Tag | Key::Error | Key::Capability => None,
        };
        text.map(folded).filter(|text| !text.is_empty()).map(By::Text)
    }
}

/// Addresses by their number; what is none comes after them.
fn address(text: &str) -> By {
    match text.trim().parse() {
        Ok(IpAddr::V4(address)) => By::Address(address.to_ipv6_mapped().to_bits()),
        Ok(IpAddr::V6(address)) => By::Address(address.to_bits()),
        Err(_) => By::Text(folded(text)),
    }
}

impl Ord for SortRank {
    fn cmp(&self, other: &Self) -> Ordering {
        let by = match (&self.by, &other.by) {
            (Some(one), Some(two)) if self.descending => two.cmp(one),
            (Some(one), Some(two)) => one.cmp(two),
            (one, two) => one.is_none().cmp(&two.is_none()),
        };
        by.then_with(|| self.name.cmp(&other.name)).then_with(|| self.id.cmp(&other.id))
    }
}

impl PartialOrd for SortRank {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Sort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", if self.descending { "-" } else { "" }, self.key.as_str())
    }
}

impl TryFrom<String> for Sort {
    type Error = FilterError;

    fn try_from(text: String) -> Result<Self, FilterError> {
        Self::parse(&text, 0)
    }
}

impl From<Sort> for String {
    fn from(sort: Sort) -> Self {
        sort.to_string()
    }
}
