//! Errors about a word that is not a filter, for the person who typed it; and the limits of a filter.

use std::fmt;
use std::ops::Range;

use super::key::Key;
use super::suggest::{excerpt, quoted};

/// Most terms in one filter: more than people type.
pub(super) const MAX_TERMS: usize = 32;
/// Most values in one term.
pub(super) const MAX_VALUES: usize = 32;
/// Most characters in one value.
pub(super) const MAX_VALUE_LENGTH: usize = 256;

/// The error about a word that is not a term of a filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilterError {
    /// The bytes of the line that are wrong.
    pub(crate) span: Range<usize>,
    expected: ExpectedInFilter,
    found: String,
    suggestion: Option<String>,
    /// The bytes of the line that the suggestion replaces: the wrong ones, or the whole word.
    pub(crate) replaced: Range<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ExpectedInFilter {
    Term,
    Key,
    Value(Key),
    KnownValue(Key),
    Mac,
    Address,
    DeviceId,
    Time(Key),
    NoComparison(Key),
    ValueInQuotes,
    NoControlCharacter,
    ShorterValue,
    FewerValues,
    FewerTerms,
    SortKey,
}

impl FilterError {
    /// `at` is the first byte of the found text in its line.
    pub(super) fn new(expected: ExpectedInFilter, found: &str, at: usize) -> Self {
        let span = at..at + found.len();
        Self { span: span.clone(), expected, found: excerpt(found), suggestion: None, replaced: span }
    }

    pub(super) fn expects(&self, expected: ExpectedInFilter) -> bool {
        self.expected == expected
    }

    /// A suggestion for the whole word that begins at this byte.
    pub(super) fn suggesting_word(self, word: &str, at: usize, suggestion: String) -> Self {
        Self { suggestion: Some(suggestion), replaced: at..at + word.len(), ..self }
    }

    /// The text that probably belongs where [`Self::replaced`] is.
    pub(crate) fn suggestion(&self) -> Option<&str> {
        self.suggestion.as_deref()
    }

    pub(crate) fn drop_suggestion(&mut self) {
        self.suggestion = None;
    }

    /// The error without "did you mean …?".
    pub(crate) fn without_suggestion(&self) -> String {
        self.to_string().split("; did you mean ").next().unwrap_or_default().to_owned()
    }

    pub(super) fn suggesting(self, suggestion: Option<impl Into<String>>) -> Self {
        Self { suggestion: suggestion.map(Into::into), ..self }
    }
}

impl std::error::Error for FilterError {}

impl fmt::Display for FilterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.expected {
            // A suggestion replaces the list of all keys.
            ExpectedInFilter::Key if self.suggestion.is_some() => {
                f.write_str("expected the key of a filter")?;
            }
            // A suggestion replaces the list of all values as well.
            ExpectedInFilter::KnownValue(key) if self.suggestion.is_some() => {
                write!(f, "expected a known value after \"{}:\"", key.as_str())?;
            }
            ExpectedInFilter::Time(key) if self.suggestion.is_some() => {
                write!(f, "expected < or > after \"{}:\"", key.as_str())?;
            }
            ExpectedInFilter::Address if self.suggestion.is_some() => {
                f.write_str("expected a whole IP address, or * for the rest of it")?;
            }
            ExpectedInFilter::SortKey if self.suggestion.is_some() => f.write_str("expected a sort key")?,
            expected => write!(f, "expected {expected}")?,
        }
        match self.found.as_str() {
            "" => f.write_str(", found nothing")?,
            found => write!(f, ", found {}", quoted(found))?,
        }
        self.suggestion.as_ref().map_or(Ok(()), |meant| write!(f, "; did you mean {}?", quoted(meant)))
    }
}

impl fmt::Display for ExpectedInFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Term => f.write_str("a filter such as status:offline"),
            Self::Key => {
                write!(f, "one of the keys {}", joined(strum::VariantArray::VARIANTS.iter().copied()))
            }
            Self::Value(key) if key.is_time() => Self::Time(*key).fmt(f),
            Self::Value(key) => write!(f, "a value after \"{0}:\", or {0}:none", key.as_str()),
            Self::KnownValue(key) => {
                let names: Vec<_> = key.known_names().collect();
                write!(f, "one of {} (put any other value in double quotes)", names.join(", "))
            }
            Self::Mac => {
                f.write_str("a MAC address such as 11:22:33:44:AA:FF, or its beginning, such as 11:22:33:*")
            }
            Self::Address => f.write_str(
                "an IP address such as 10.4.7.21, a subnet such as 10.4.7.0/24, a range such as 10.4.7.10-20, or a part \
                 such as 10.4.7.*",
            ),
            Self::DeviceId => f.write_str("a device id"),
            Self::Time(key) => write!(
                f,
                "an age or a date after \"{0}:\", such as {0}:>90d (more than 90 days ago), {0}:<2h, {0}:<2025-01-31 \
                 or {0}:never",
                key.as_str()
            ),
            Self::NoComparison(key) => write!(
                f,
                "a text after \"{}:\" (only first-seen, last-seen and created can be compared with < and >)",
                key.as_str()
            ),
            Self::ValueInQuotes => {
                f.write_str("double quotes around the whole value, and two for each double quote inside it")
            }
            Self::NoControlCharacter => f.write_str("a value without control characters"),
            Self::ShorterValue => write!(f, "a value of at most {MAX_VALUE_LENGTH} characters"),
            Self::FewerValues => write!(f, "at most {MAX_VALUES} values"),
            Self::FewerTerms => write!(f, "at most {MAX_TERMS} filters"),
            Self::SortKey => write!(f, "one of the sort keys {}", joined(Key::for_sorting())),
        }
    }
}

fn joined(keys: impl Iterator<Item = Key>) -> String {
    keys.map(Key::as_str).collect::<Vec<_>>().join(", ")
}
