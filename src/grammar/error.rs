//! Errors about a line that is not a command, for the person who typed it.
//!
//! `Display` prints a sentence, mostly "expected …, found …" (lower case, no final period), [`ParseError::span`] the position in the line,
//! and [`ParseError::advice`] the correction: the person's own line as it should be, or else an example. An error
//! contains an excerpt of the line, which comes from outside and must never become markup. Otherwise it mentions only
//! the grammar.

use std::fmt;
use std::ops::Range;

use super::expected::Expected;
use super::tags::InvalidTagChange;
use super::text::InvalidText;
use super::usage::{Permission, Usage};
use crate::domain::InvalidEmail;
use crate::domain::text::Quoted;
use crate::domain::{InvalidDeviceId, InvalidMac, InvalidPlanCode, InvalidReference};
use crate::filter::{FilterError, excerpt, quoted};
use crate::policy::Right;

/// The error about a line that is not a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseError {
    /// Boxed, so that results stay small.
    pub(super) kind: Box<ErrorKind>,
    /// An excerpt of the line.
    pub(super) found: String,
    pub(super) span: Range<usize>,
    /// The command that the line begins like, whose example is shown.
    pub(super) usage: Usage,
    pub(super) correction: Option<Box<Correction>>,
    /// Whether the person may not use the command: then the error suggests nothing about it.
    pub(super) is_forbidden: bool,
}

/// The line that the person probably meant, in their own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Correction {
    pub(super) line: String,
    /// What it takes to run that line.
    pub(super) permission: Permission,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ErrorKind {
    /// The line is empty: the message is only a mention.
    Empty,
    /// An invisible character inside a word, or one that turns the reading direction.
    Hidden {
        code: u32,
    },
    /// Something that people ask for and that is not a command, with a sentence about it.
    NotOffered(&'static str),
    /// More than one command in one line.
    SeveralCommands,
    /// More than one device where the command takes one.
    SeveralDevices,
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
    pub(super) fn new(kind: ErrorKind, line: &str, span: Range<usize>, usage: Usage) -> Self {
        let found = excerpt(&line[span.clone()]);
        Self { kind: Box::new(kind), found, span, usage, correction: None, is_forbidden: false }
    }

    /// The bytes of the line that are wrong: a word, or an empty range at the end if something is missing.
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// Whether the line does not even begin like a command.
    pub fn is_chat(&self) -> bool {
        self.correction.is_none()
            && matches!(*self.kind, ErrorKind::Empty | ErrorKind::UnknownCommand { suggestion: None })
    }

    /// The error as a person with these rights reads it: nothing that they may not use is suggested.
    #[must_use]
    pub fn within(mut self, allowed: impl Fn(Right) -> bool) -> Self {
        self.correction = self.correction.filter(|correction| correction.permission.is_within(&allowed));
        self.is_forbidden = !self.usage.permission.is_within(&allowed);
        match &mut *self.kind {
            ErrorKind::UnknownCommand { suggestion } if self.is_forbidden => {
                (*suggestion, self.usage, self.is_forbidden) = (None, Usage::HELP, false);
            }
            ErrorKind::UnknownTopic { suggestion } if self.correction.is_none() => *suggestion = None,
            _ => {}
        }
        self
    }

    /// The error without "did you mean …?", for a line that may mean the opposite.
    pub(super) fn without_suggestions(mut self) -> Self {
        self.correction = None;
        match &mut *self.kind {
            ErrorKind::UnknownCommand { suggestion } => (*suggestion, self.usage) = (None, Usage::HELP),
            ErrorKind::UnknownTopic { suggestion } | ErrorKind::UnexpectedWord { suggestion, .. } => {
                *suggestion = None;
            }
            ErrorKind::InvalidFilter(error) => error.drop_suggestion(),
            _ => {}
        }
        self
    }

    /// The correction in one sentence, if the error itself does not say it. It ends with a line to copy if there is one,
    /// and then has no final period.
    pub fn advice(&self) -> Option<String> {
        if let Some(correction) = &self.correction {
            return Some(format!("{}: {}", self.before_correction(&correction.line), correction.line));
        }
        if self.is_forbidden {
            return Some(format!("You may not use \"{}\" here.", self.usage.name));
        }
        let advice = match &*self.kind {
            ErrorKind::Empty => "Write a command, for example",
            ErrorKind::Hidden { .. } => {
                return Some("Type that word by hand instead of pasting it.".to_owned());
            }
            ErrorKind::NotOffered(_) => return None,
            ErrorKind::UnknownCommand { suggestion: None } => {
                return Some("A message must be one command and nothing else.".to_owned());
            }
            ErrorKind::SeveralCommands => "Send each command in a message of its own, for example",
            ErrorKind::SeveralDevices => "Name one device at a time, for example",
            ErrorKind::UnknownCommand { suggestion: Some(_) } => {
                "If that is what you meant, write it like this"
            }
            ErrorKind::UnknownTopic { .. } => {
                return Some("Name one of the commands that \"help\" lists.".to_owned());
            }
            ErrorKind::InvalidValue(InvalidValue::DeviceId(_) | InvalidValue::Reference(_)) => {
                "Name one device by its id, serial number, MAC address or name, for example"
            }
            ErrorKind::NameWithoutQuotes { .. } => "Put a name with spaces in double quotes, for example",
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
        Some(format!("{advice}: {}", self.usage.example))
    }

    /// The words that introduce the corrected line.
    fn before_correction(&self, corrected: &str) -> &'static str {
        match &*self.kind {
            ErrorKind::SeveralCommands => "Send each command in a message of its own, beginning with",
            ErrorKind::SeveralDevices => "Name one device at a time, beginning with",
            ErrorKind::NameWithoutQuotes { .. } if corrected.contains(&Quoted(&self.found).to_string()) => {
                "If that is one name, put it in double quotes"
            }
            ErrorKind::FilterForOne { .. } if corrected.starts_with("list devices") => {
                "To see the devices that match this filter, write"
            }
            ErrorKind::UnexpectedWord { expected: Expected::Reason, .. } => "Put the reason in double quotes",
            ErrorKind::NotOffered(_) => "You can write",
            _ => "If that is what you meant, write",
        }
    }
}

impl std::error::Error for ParseError {}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let found = quoted(&self.found);
        let suggestion = match &*self.kind {
            ErrorKind::Empty => return f.write_str("expected a command, found nothing"),
            ErrorKind::Hidden { code } => {
                return write!(
                    f,
                    "there is an invisible character here (U+{code:04X}), so the line may not be what it looks like"
                );
            }
            ErrorKind::NotOffered(sentence) => return f.write_str(sentence),
            ErrorKind::SeveralCommands => {
                return write!(f, "a message can hold only one command; the second one here is {found}");
            }
            ErrorKind::SeveralDevices => {
                return write!(f, "this command takes one device, not several: {found}");
            }
            ErrorKind::InvalidFilter(error) if self.correction.is_some() => {
                return f.write_str(&error.without_suggestion());
            }
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
                write!(f, "no command starts with {found}")?;
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
        // A correction says it better.
        let suggestion = suggestion.filter(|_| self.correction.is_none());
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
