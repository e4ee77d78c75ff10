//! How a person names many devices: `status:offline last-seen:>90d tag:retire -tag:keep`.
//!
//! One language for lists, for commands about many devices and for rules:
//!
//! ```text
//! filter = term { blank term }                       a device must satisfy every term
//! term   = ["-"] key ":" value { "," value }         "-" negates; commas: one of the values is enough
//! value  = plain | quoted                            quotes hold blanks and commas; a quote in them is written twice
//! ```
//!
//! | keys | values |
//! | --- | --- |
//! | `name serial ip product software channel` | a text |
//! | `tag error capability` | a text that is among those of the device |
//! | `workspace location` | a name, or an id |
//! | `person` | a name, an address, or an id |
//! | `status` | `connected disconnected connected_with_issues offline_expired offline_deep_sleep activating pending unknown`; `offline` is every kind of disconnected, `online` every kind of connected, `issues` short for `connected_with_issues` |
//! | `type` | `roomdesk phone accessory webexgo unknown` |
//! | `platform` | `cisco microsoftTeamsRoom` |
//! | `managed-by` | `cisco customer partner` |
//! | `maintenance` | `off on upcoming` |
//! | `mac` | an address in any writing, or its beginning with `*` |
//! | `id` | the id of a device |
//! | `created first-seen last-seen` | an age, as `>90d` (longer ago than 90 days) or `<2h`, in `m h d w`; or a date, as `<2025-01-31` (before that day), `>`, `<=`, `>=`, or `2025-01-31` for that day, all in UTC |
//!
//! A **text** is the whole text, in upper or lower case: `product:"Room Bar"` is not the Room Bar Pro, because who
//! deletes by a filter means what stands there. `*` stands for any characters and `?` for one, in quotes too, so
//! `product:"Room Bar*"` is both. The maker may be left out: `Room Bar` is `Cisco Room Bar`. Where the values are
//! known, another one is taken for a slip, unless it stands in quotes: Webex may come to know more of them.
//!
//! Every key also takes `none` (the device has nothing of the kind) and `any` (it has something); of a time, `never`
//! is the same as `none`. In quotes they are texts: `tag:"none"`.
//!
//! # What is missing
//!
//! A device that lacks a field never matches a comparison on it. So is it for the negation of a comparison of times:
//!
//! | | seen 100 days ago | seen today | never seen |
//! | --- | --- | --- | --- |
//! | `last-seen:>90d` | yes | no | no |
//! | `-last-seen:>90d` | no | yes | **no** |
//! | `last-seen:never` | no | no | yes |
//!
//! But a device without the tag is what `-tag:keep` asks for, and so it is with every key that is not a time. A
//! workspace, location or person whose name could not be found out is neither this one nor another: no term about
//! its name matches, negated or not.
//!
//! Pure: names of workspaces and people are looked up by the caller, who asks [`Filter::needs`] which, and the time
//! is a parameter.

mod error;
mod glob;
mod key;
mod likeness;
mod matching;
mod parse;
mod server;
mod sort;
mod summary;
#[cfg(test)]
mod tests;
mod value;
mod when;

use std::fmt;
use std::ops::BitOr;

use serde::{Deserialize, Serialize};

pub use error::{FilterError, Wanted};
pub use key::Key;
pub use likeness::{distance, is_like, nearest};
pub use matching::RelatedNames;
pub use sort::{Sort, SortRank};
pub use summary::{ListPage, ListRow, ListSummary, MAX_COUNTED, PageCollector};
use value::Value;

/// Terms in one filter at most: more than anybody types, and a bound for those who do not type.
pub const MAX_TERMS: usize = 32;
/// Values in one term at most.
pub const MAX_VALUES: usize = 32;
/// Characters in one value at most.
pub const MAX_VALUE_LENGTH: usize = 256;

/// Which devices are meant: those that satisfy all of its terms; all devices if it has none.
///
/// It prints as one would type it, and what it prints parses to the same filter. Stored as that text.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Filter {
    terms: Vec<Term>,
}

/// One word of a filter, as `-tag:keep`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    negated: bool,
    key: Key,
    /// One of them is enough; there is at least one.
    values: Vec<Value>,
}

/// Which names must be known before devices can be matched or sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct NeededNames {
    /// The names of workspaces.
    pub workspaces: bool,
    /// The names of locations.
    pub locations: bool,
    /// The names and addresses of people.
    pub people: bool,
}

impl Filter {
    /// Whether it has no terms, so that every device matches.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Its terms, in the order in which they were written.
    #[must_use]
    pub fn terms(&self) -> &[Term] {
        &self.terms
    }

    /// The names that it compares.
    #[must_use]
    pub fn needs(&self) -> NeededNames {
        self.terms.iter().map(Term::needs).fold(NeededNames::default(), BitOr::bitor)
    }
}

impl Term {
    /// Whether it asks for the devices that do *not* have the value.
    #[must_use]
    pub fn is_negated(&self) -> bool {
        self.negated
    }

    /// What it looks at.
    #[must_use]
    pub fn key(&self) -> Key {
        self.key
    }

    fn needs(&self) -> NeededNames {
        if self.values.iter().any(Value::is_a_text) {
            NeededNames::of(self.key)
        } else {
            NeededNames::default()
        }
    }
}

impl NeededNames {
    /// What comparing by this key takes.
    #[must_use]
    pub fn of(key: Key) -> Self {
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
        for (at, term) in self.terms.iter().enumerate() {
            if at > 0 {
                f.write_str(" ")?;
            }
            write!(f, "{term}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.negated { "-" } else { "" };
        write!(f, "{sign}{}:", self.key.as_str())?;
        for (at, value) in self.values.iter().enumerate() {
            if at > 0 {
                f.write_str(",")?;
            }
            value.print(self.key, f)?;
        }
        Ok(())
    }
}

impl TryFrom<String> for Filter {
    type Error = FilterError;

    fn try_from(text: String) -> Result<Self, FilterError> {
        Self::parse(&text)
    }
}

impl From<Filter> for String {
    fn from(filter: Filter) -> Self {
        filter.to_string()
    }
}
