//! Errors about a line that is not a command, for the person who typed it.
//!
//! `Display` prints "expected …, found …" (lower case, no final period), [`ParseError::span`] the position in the line,
//! and [`ParseError::advice`] the correction. An error contains an excerpt of the line, which comes from outside and
//! must never become markup. Otherwise it mentions only the grammar.

use std::fmt;
use std::ops::Range;

use super::expected::Expected;
use super::tags::InvalidTagChange;
use super::text::InvalidText;
use crate::domain::InvalidEmail;
use crate::domain::text::Quoted;
use crate::domain::{InvalidDeviceId, InvalidMac, InvalidPlanCode, InvalidReference};
use crate::filter::{FilterError, excerpt, quoted};

/// The error about a line that is not a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseError {
    /// Boxed, so that results stay small.
    pub(super) kind: Box<ErrorKind>,
    /// An excerpt of the line.
    pub(super) found: String,
    pub(super) span: Range<usize>,
    /// A valid line.
    pub(super) example: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ErrorKind {
    /// The line is empty: the message is only a mention.
    Empty,
    /// The line does not begin with a command; `suggestion` is the name or alias that was probably meant.
    UnknownCommand {
        suggestion: Option<&'static str>,
    },
    /// The topic of `help` is not a command.
    UnknownTopic {
        suggestion: Option<&'static str>,
    },
    /// The line ends too early.
    Incomplete {
        expected: Expected,
    },
    InvalidValue(InvalidValue),
    /// A filter where the command needs one device or name.
    FilterForOne {
        expected: Expected,
    },
    NameWithoutQuotes {
        expected: Expected,
    },
    InvalidFilter(FilterError),
    /// Words are counted from 1; a text in quotes is one word.
    UnexpectedWord {
        position: usize,
        expected: Expected,
        suggestion: Option<&'static str>,
    },
    UnclosedQuote,
    /// A quote inside a word, or text right behind a closing quote.
    StrayQuote,
}

/// Why a word cannot be parsed as its position requires.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(transparent)]
pub(super) enum InvalidValue {
    DeviceId(#[from] InvalidDeviceId),
    Reference(#[from] InvalidReference),
    Text(#[from] InvalidText),
    Tags(#[from] InvalidTagChange),
    Address(#[from] InvalidEmail),
    Mac(#[from] InvalidMac),
    Code(#[from] InvalidPlanCode),
}

impl ParseError {
    pub(super) fn new(kind: ErrorKind, line: &str, span: Range<usize>, example: &'static str) -> Self {
        Self { kind: Box::new(kind), found: excerpt(&line[span.clone()]), span, example }
    }

    /// The bytes of the line that are wrong: a word, or an empty range at the end if something is missing.
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// Whether the line does not even begin like a command.
    pub fn is_chat(&self) -> bool {
        matches!(*self.kind, ErrorKind::Empty | ErrorKind::UnknownCommand { suggestion: None })
    }

    /// The correction in one sentence. It ends with an example to copy, so it has no final period.
    pub fn advice(&self) -> String {
        let found = &self.found;
        let is_whole = !found.ends_with('…');
        let advice = match &*self.kind {
            ErrorKind::Empty => "Write a command, for example",
            ErrorKind::UnknownCommand { suggestion: None } => {
                "A message must be one command and nothing else; to see the commands, write"
            }
            ErrorKind::UnknownCommand { suggestion: Some(_) } => {
                "If that is what you meant, write it like this"
            }
            ErrorKind::UnknownTopic { .. } => "Name one of the commands that \"help\" lists, for example",
            ErrorKind::InvalidValue(InvalidValue::DeviceId(_) | InvalidValue::Reference(_)) => {
                "Name one device by its id, serial number, MAC address or name, for example"
            }
            ErrorKind::NameWithoutQuotes { .. } if is_whole => {
                return format!("Put a name with spaces in double quotes: {}", Quoted(found));
            }
            ErrorKind::NameWithoutQuotes { .. } => "Put a name with spaces in double quotes, for example",
            ErrorKind::FilterForOne { expected: Expected::Device } if is_whole => {
                return format!(
                    "If this is a name, put it in double quotes; to see the devices that match this filter, write: \
                     list devices {found}"
                );
            }
            ErrorKind::FilterForOne { .. } => "If this is a name, put it in double quotes, for example",
            ErrorKind::InvalidFilter(_) => "A filter is a key, a colon and a value, for example",
            ErrorKind::UnexpectedWord { expected: Expected::Reason, .. }
            | ErrorKind::Incomplete { expected: Expected::Reason } => {
                "Put the reason in double quotes, for example"
            }
            ErrorKind::UnclosedQuote | ErrorKind::StrayQuote => {
                "Put double quotes around the whole text, and two for each double quote inside it, for example"
            }
            ErrorKind::InvalidValue(_) | ErrorKind::Incomplete { .. } | ErrorKind::UnexpectedWord { .. } => {
                "Write it like this"
            }
        };
        format!("{advice}: {}", self.example)
    }
}

impl std::error::Error for ParseError {}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let found = quoted(&self.found);
        let suggestion = match &*self.kind {
            ErrorKind::Empty => return f.write_str("expected a command, found nothing"),
            ErrorKind::InvalidFilter(error) => return write!(f, "{error}"),
            ErrorKind::InvalidValue(error) => return f.write_str(&error.about(&self.found)),
            ErrorKind::Incomplete { expected } => {
                return write!(f, "expected {expected} after {found}, found the end of the line");
            }
            ErrorKind::FilterForOne { expected } => {
                return write!(f, "expected {expected}, found the filter {found}");
            }
            ErrorKind::NameWithoutQuotes { expected } => {
                return write!(f, "expected {expected}, found several words, {found}");
            }
            ErrorKind::UnclosedQuote => {
                return write!(f, "expected a closing quote, found the end of the line after {found}");
            }
            ErrorKind::StrayQuote => {
                return write!(f, "expected spaces around a text in quotes, found {found}");
            }
            ErrorKind::UnknownCommand { suggestion } => {
                write!(f, "expected a command, found {found}")?;
                suggestion
            }
            ErrorKind::UnknownTopic { suggestion } => {
                write!(f, "expected the name of a command after \"help\", found {found}")?;
                suggestion
            }
            ErrorKind::UnexpectedWord { position, expected, suggestion } => {
                write!(f, "expected {expected}, found {found} (word {position})")?;
                suggestion
            }
        };
        suggestion.map_or(Ok(()), |meant| write!(f, "; did you mean \"{meant}\"?"))
    }
}

impl InvalidValue {
    /// The error with an excerpt of the line, unless the error itself contains it.
    fn about(&self, found: &str) -> String {
        let has_lookalike = || found.contains(['0', '1', 'i', 'I', 'l', 'L', 'o', 'O', 'u', 'U']);
        match self {
            Self::DeviceId(_) | Self::Reference(_) | Self::Text(_) => format!("{self} in {}", quoted(found)),
            Self::Tags(_) | Self::Address(_) => self.to_string(),
            Self::Code(_) if (6..=7).contains(&found.len()) && has_lookalike() => {
                format!("{self}, found {} (a code never has 0, 1, I, L, O or U)", quoted(found))
            }
            Self::Mac(_) | Self::Code(_) => format!("{self}, found {}", quoted(found)),
        }
    }
}
