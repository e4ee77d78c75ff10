//! Why a word is no filter, for the person who typed it.

use std::fmt;
use std::ops::Range;

use super::key::Key;
use super::{MAX_TERMS, MAX_VALUE_LENGTH, MAX_VALUES};

/// Longest piece of a line that an error repeats, in characters.
const MAX_FOUND_LENGTH: usize = 60;

/// Why a word is no term of a filter: what was expected, what was found and where, and what was probably meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilterError {
    /// The bytes that are wrong.
    pub span: Range<usize>,
    /// What would have fit.
    pub wanted: Wanted,
    /// What stands there, cut if it is long. Comes from outside: never markup.
    pub found: String,
    /// What was probably meant.
    pub suggestion: Option<String>,
}

/// What would have fit into a filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// A word with a colon.
    Term,
    /// One of the keys.
    Key,
    /// Something behind the colon.
    Value(Key),
    /// One of the values that are known.
    Known(Key),
    /// A MAC address.
    Mac,
    /// The id of a device.
    Id,
    /// An age or a date.
    Time(Key),
    /// A text instead of a comparison.
    NoComparison(Key),
    /// Quotes around whole values.
    Quotes,
    /// A plain text.
    Plain,
    /// A shorter value.
    Shorter,
    /// Fewer values.
    FewerValues,
    /// Fewer terms.
    FewerTerms,
    /// A key that devices can be sorted by.
    Order,
}

impl FilterError {
    pub(super) fn new(wanted: Wanted, found: &str, at: usize) -> Self {
        Self { span: at..at + found.len(), wanted, found: cut(found), suggestion: None }
    }

    pub(super) fn meant(self, suggestion: Option<impl Into<String>>) -> Self {
        Self { suggestion: suggestion.map(Into::into), ..self }
    }
}

impl std::error::Error for FilterError {}

impl fmt::Display for FilterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let found = match self.found.as_str() {
            "" => "nothing".to_owned(),
            found if found.contains('"') => format!("`{found}`"),
            found => format!("\"{found}\""),
        };
        match self.wanted {
            // Who is told which key is meant need not read them all.
            Wanted::Key if self.suggestion.is_some() => f.write_str("expected the key of a filter")?,
            wanted => write!(f, "expected {wanted}")?,
        }
        write!(f, ", found {found}")?;
        match &self.suggestion {
            Some(meant) if meant.contains('"') => write!(f, "; did you mean `{meant}`?"),
            Some(meant) => write!(f, "; did you mean \"{meant}\"?"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Term => f.write_str("a filter such as status:offline"),
            Self::Key => {
                let keys = Key::ALL.map(Key::as_str).join(", ");
                write!(f, "one of the keys {keys}")
            }
            Self::Value(key) if key.is_a_time() => Self::Time(*key).fmt(f),
            Self::Value(key) => write!(f, "a value after \"{0}:\", or {0}:none", key.as_str()),
            Self::Known(key) => {
                let groups = key.groups().iter().map(|group| group.name);
                let known: Vec<_> = groups.chain(key.known().iter().copied()).collect();
                write!(f, "{} (or another value in double quotes)", known.join(", "))
            }
            Self::Mac => {
                f.write_str("a MAC address such as 11:22:33:44:AA:FF, or its beginning as 11:22:33:*")
            }
            Self::Id => f.write_str("the id of a device"),
            Self::Time(key) => {
                let key = key.as_str();
                write!(
                    f,
                    "an age or a day after \"{key}:\", as {key}:>90d (longer ago), {key}:<2h, {key}:<2025-01-31 or \
                     {key}:never"
                )
            }
            Self::NoComparison(key) => {
                write!(
                    f,
                    "a text after \"{}:\" (only first-seen, last-seen and created are compared)",
                    key.as_str()
                )
            }
            Self::Quotes => f.write_str(
                "one pair of double quotes around a whole value, with a quote inside it written twice",
            ),
            Self::Plain => f.write_str("a text without control characters"),
            Self::Shorter => write!(f, "a value of at most {MAX_VALUE_LENGTH} characters"),
            Self::FewerValues => write!(f, "at most {MAX_VALUES} values"),
            Self::FewerTerms => write!(f, "at most {MAX_TERMS} filters"),
            Self::Order => {
                let keys = Key::ALL.into_iter().filter(|key| key.is_single()).map(Key::as_str);
                let keys: Vec<_> = keys.collect();
                write!(f, "one of the keys to sort by: {}", keys.join(", "))
            }
        }
    }
}

/// A piece of a line: without what could break a line, and cut with `…` if it is long.
fn cut(text: &str) -> String {
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    if text.chars().nth(MAX_FOUND_LENGTH).is_none() {
        return text.chars().map(plain).collect();
    }
    text.chars().take(MAX_FOUND_LENGTH - 1).map(plain).chain(['…']).collect()
}
