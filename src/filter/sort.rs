//! The order of a list: `sort:name`, `sort:-last-seen`.

use std::cmp::Reverse;
use std::fmt;
use std::net::IpAddr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::error::{ExpectedInFilter, FilterError};
use super::field::{FieldValue, RelatedNames};
use super::key::Key;
use super::pattern::folded;
use super::suggest::nearest;
use super::term::NeededNames;
use crate::domain::{Device, Mac};

/// A key to sort by, ascending or, with `-`, descending. Stored as its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Sort {
    key: Key,
    descending: bool,
}

/// The position of a device in an order: the smallest comes first.
///
/// Devices without a value come last in both directions. Equal values are sorted by name and then by id, so the order
/// is total.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SortRank {
    value: RankedValue,
    name: String,
    id: String,
}

/// All ranks of one list have the same direction, or are missing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
enum RankedValue {
    Ascending(SortValue),
    Descending(Reverse<SortValue>),
    Missing,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
enum SortValue {
    Time(Timestamp),
    Address(u128),
    Text(String),
}

impl Sort {
    /// Reads a key and its sign; `at` is its first byte in the line.
    pub(crate) fn parse(text: &str, at: usize) -> Result<Self, FilterError> {
        let unsigned = text.strip_prefix('-');
        let name = unsigned.unwrap_or(text);
        if let Some(key) = Key::for_sorting().find(|key| key.as_str().eq_ignore_ascii_case(name)) {
            return Ok(Self { key, descending: unsigned.is_some() });
        }
        // With its sign: without it, the order would be the opposite.
        let sign = if unsigned.is_some() { "-" } else { "" };
        let meant = nearest(name, Key::for_sorting().map(Key::as_str)).map(|key| format!("{sign}{key}"));
        Err(FilterError::new(ExpectedInFilter::SortKey, text, at).suggesting(meant))
    }

    /// The names that must be looked up to sort by this key.
    pub fn needs(self) -> NeededNames {
        NeededNames::of(self.key)
    }

    /// The position of a device in this order.
    pub fn rank(self, device: &Device, related: &RelatedNames) -> SortRank {
        let value = match self.value(device, related) {
            None => RankedValue::Missing,
            Some(value) if self.descending => RankedValue::Descending(Reverse(value)),
            Some(value) => RankedValue::Ascending(value),
        };
        let name = device.display_name.as_deref().map(folded).unwrap_or_default();
        SortRank { value, name, id: device.id.as_str().to_owned() }
    }

    fn value(self, device: &Device, related: &RelatedNames) -> Option<SortValue> {
        let field = FieldValue::of(device, related, self.key);
        if let FieldValue::Time(at) = field {
            return at.map(SortValue::Time);
        }
        let text = field.text()?;
        match self.key {
            Key::Mac => Some(SortValue::Text(Mac::bare(text))),
            Key::Ip => Some(address(text)),
            _ => Some(folded(text)).filter(|text| !text.is_empty()).map(SortValue::Text),
        }
    }
}

/// Addresses are sorted by number; other texts come after them.
fn address(text: &str) -> SortValue {
    match text.trim().parse() {
        Ok(IpAddr::V4(address)) => SortValue::Address(address.to_ipv6_mapped().to_bits()),
        Ok(IpAddr::V6(address)) => SortValue::Address(address.to_bits()),
        Err(_) => SortValue::Text(folded(text)),
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
