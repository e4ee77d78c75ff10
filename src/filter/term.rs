//! A filter as data, and how it prints.

use std::fmt;
use std::ops::BitOr;

use serde::{Deserialize, Serialize};

use super::address::Addresses;
use super::error::FilterError;
use super::key::{Key, KnownValue};
use super::pattern::Pattern;
use super::time::TimeComparison;
use crate::domain::text::Quoted;
use crate::domain::{DeviceId, Mac};

/// Selects the devices that match all of its terms; every device if it has none.
///
/// A filter prints as people type it, and the text parses to the same filter again. Stored as that text.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Filter {
    pub(super) terms: Vec<Term>,
}

/// One word of a filter, such as `-tag:keep`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Term {
    pub(super) negated: bool,
    pub(super) key: Key,
    /// At least one; it is enough to match one.
    pub(super) values: Vec<TermValue>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TermValue {
    /// `none` or `never`.
    Missing,
    /// `any`.
    Present,
    Text(Pattern),
    Known(KnownValue),
    Mac(Mac),
    /// Upper-case digits without separators, with wildcards.
    PartOfMac(Pattern),
    Addresses(Addresses),
    DeviceId(DeviceId),
    /// The id of a workspace, location or person, and the key by which ids are compared.
    RelatedId {
        text: String,
        key: String,
    },
    Time(TimeComparison),
}

/// Names that must be looked up before devices can be matched or sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct NeededNames {
    /// Names of workspaces.
    pub workspaces: bool,
    /// Names of locations.
    pub locations: bool,
    /// Names and addresses of people.
    pub people: bool,
}

/// Words with a meaning after every key: as texts they need quotes.
const RESERVED: [&str; 3] = ["none", "any", "never"];

impl Filter {
    /// Whether it has no terms, so that every device matches.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// The names that must be looked up to match this filter.
    pub fn needs(&self) -> NeededNames {
        let by_name = |term: &&Term| term.values.iter().any(|value| matches!(value, TermValue::Text(_)));
        let needs = self.terms.iter().filter(by_name).map(|term| NeededNames::of(term.key));
        needs.fold(NeededNames::default(), BitOr::bitor)
    }
}

impl NeededNames {
    pub(super) fn of(key: Key) -> Self {
        Self {
            workspaces: key == Key::Workspace,
            locations: key == Key::Location,
            people: key == Key::Person,
        }
    }
}

impl BitOr for NeededNames {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self {
            workspaces: self.workspaces || other.workspaces,
            locations: self.locations || other.locations,
            people: self.people || other.people,
        }
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let terms: Vec<_> = self.terms.iter().map(Term::to_string).collect();
        f.write_str(&terms.join(" "))
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.negated { "-" } else { "" };
        let values: Vec<_> = self.values.iter().map(|value| value.written(self.key)).collect();
        write!(f, "{sign}{}:{}", self.key.as_str(), values.join(","))
    }
}

impl TermValue {
    /// As people type it after the key.
    fn written(&self, key: Key) -> String {
        match self {
            Self::Missing if key.is_time() => "never".to_owned(),
            Self::Missing => "none".to_owned(),
            Self::Present => "any".to_owned(),
            Self::Text(pattern) if needs_quotes(pattern, key) => Quoted(pattern.as_str()).to_string(),
            Self::Text(pattern) | Self::PartOfMac(pattern) => pattern.as_str().to_owned(),
            Self::Known(known) => known.name.to_owned(),
            Self::Mac(mac) => mac.to_string(),
            Self::Addresses(addresses) => addresses.to_string(),
            Self::DeviceId(id) => id.to_string(),
            Self::RelatedId { text, .. } => text.clone(),
            Self::Time(time) => time.to_string(),
        }
    }
}

fn needs_quotes(pattern: &Pattern, key: Key) -> bool {
    let text = pattern.as_str();
    let plain = |c: char| c.is_alphanumeric() || "-_.:*?@/+=#&".contains(c);
    !text.chars().all(plain)
        // A full stop at the end of a line is not part of a command.
        || text.ends_with('.')
        || RESERVED.iter().any(|word| word.eq_ignore_ascii_case(text))
        // An unknown value is accepted only in quotes.
        || (!key.known().is_empty() && !pattern.is_glob())
}

impl TryFrom<String> for Filter {
    type Error = FilterError;

    fn try_from(text: String) -> Result<Self, FilterError> {
        Self::parse_stored(&text)
    }
}

impl From<Filter> for String {
    fn from(filter: Filter) -> Self {
        filter.to_string()
    }
}
