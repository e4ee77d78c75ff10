//! Why a line is no command, for the person who typed it.
//!
//! An error says what was expected and what was found (`Display`, lower case, no final stop), where in the
//! line ([`ParseError::span`]), and what to write instead ([`ParseError::advice`]). What was found is
//! cut to [`MAX_FOUND_LENGTH`] characters, because a word may be as long as a message. It comes from outside
//! and is never markup.
//!
//! Nothing here is about a device: an error repeats what was typed and otherwise speaks of the grammar.

use std::ops::Range;

use super::expected::{Expected, InvalidValue};
use super::reason::InvalidReason;
use super::table::{self, CommandSpec};
use super::word::split;
use crate::domain::InvalidDeviceId;
use crate::domain::normal::normalize;
use crate::domain::quotes::InQuotes;
use crate::filter::FilterError;

/// Longest piece of a line that an error repeats, in characters.
const MAX_FOUND_LENGTH: usize = 60;

/// Why a line is no command. Spans are bytes of the line; names of commands are those of the table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// Nothing was said but the mention.
    #[error("expected a command, found nothing")]
    Empty,
    /// The line does not begin with a command.
    #[error("expected a command, found {}{}", quoted(.found), did_you_mean(*.suggestion))]
    UnknownCommand {
        /// Its first word, or its first two when a command begins with the first.
        found: String,
        /// Where that stands.
        span: Range<usize>,
        /// The name or alias that was probably meant.
        suggestion: Option<&'static str>,
    },
    /// `help` for something that is no command.
    #[error("expected the name of a command after \"help\", found {}{}", quoted(.found), did_you_mean(*.suggestion))]
    UnknownTopic {
        /// The words after `help`.
        found: String,
        /// Where they stand.
        span: Range<usize>,
        /// The name or alias that was probably meant.
        suggestion: Option<&'static str>,
    },
    /// The line ends too early.
    #[error("expected {expected} after {}, found the end of the line", quoted(.after))]
    Incomplete {
        /// The command, or the first one that begins like this.
        command: &'static str,
        /// The last word.
        after: String,
        /// The end of the line.
        span: Range<usize>,
        /// What should have followed.
        expected: Expected,
    },
    /// What stands for the device is the id of something else.
    #[error("{error} in {}", quoted(.found))]
    InvalidDevice {
        /// The command.
        command: &'static str,
        /// What stands for the device.
        found: String,
        /// Where it stands.
        span: Range<usize>,
        /// What is wrong with it.
        error: InvalidDeviceId,
    },
    /// What stands for a device, a place, a tag or a code cannot be one.
    #[error("{}", error.in_place(.found))]
    InvalidValue {
        /// The command.
        command: &'static str,
        /// What stands there.
        found: String,
        /// Where it stands.
        span: Range<usize>,
        /// What is wrong with it.
        error: InvalidValue,
    },
    /// A filter where one thing is to be named.
    #[error("expected {expected}, found the filter {}", quoted(.found))]
    FilterForOne {
        /// The command.
        command: &'static str,
        /// The filter.
        found: String,
        /// Where it stands.
        span: Range<usize>,
        /// What would have fit.
        expected: Expected,
    },
    /// A name of several words without quotes.
    #[error("expected {expected}, found several words, {}", quoted(.found))]
    NameWithoutQuotes {
        /// The command.
        command: &'static str,
        /// The words.
        found: String,
        /// Where they stand.
        span: Range<usize>,
        /// What would have fit.
        expected: Expected,
    },
    /// A word that is no filter, or no order.
    #[error("{error}")]
    InvalidFilter {
        /// The command.
        command: &'static str,
        /// What is wrong with it, and where.
        error: FilterError,
    },
    /// A word that fits nowhere.
    #[error("expected {expected}, found {} (word {position}){}", quoted(.found), did_you_mean(*.suggestion))]
    UnexpectedWord {
        /// The command.
        command: &'static str,
        /// The word.
        found: String,
        /// Which word of the line, counted from 1; a text in quotes is one.
        position: usize,
        /// Where it stands.
        span: Range<usize>,
        /// What would have fit.
        expected: Expected,
        /// The fixed word that was probably meant.
        suggestion: Option<&'static str>,
    },
    /// A quote is opened and never closed.
    #[error("expected a closing quote, found the end of the line after {}", quoted(.found))]
    UnclosedQuote {
        /// From the word with the quote to the end of the line.
        found: String,
        /// Where that stands.
        span: Range<usize>,
        /// The command, if the line begins with one.
        command: Option<&'static str>,
    },
    /// A quote inside a word, or something right behind a closing quote.
    #[error("expected blanks before and after a text in quotes, found {}", quoted(.found))]
    StrayQuote {
        /// The word with the quote in it.
        found: String,
        /// Where it stands.
        span: Range<usize>,
        /// The command, if the line begins with one.
        command: Option<&'static str>,
    },
    /// What stands for the reason is none.
    #[error("{error}")]
    InvalidReason {
        /// The command.
        command: &'static str,
        /// Where the reason stands, with its quotes.
        span: Range<usize>,
        /// What is wrong with it.
        error: InvalidReason,
    },
}

impl ParseError {
    /// The bytes of the line that are wrong: a word, or an empty range at the end if something is missing.
    #[must_use]
    pub fn span(&self) -> Range<usize> {
        match self {
            Self::Empty => 0..0,
            Self::UnknownCommand { span, .. }
            | Self::UnknownTopic { span, .. }
            | Self::Incomplete { span, .. }
            | Self::InvalidDevice { span, .. }
            | Self::InvalidValue { span, .. }
            | Self::FilterForOne { span, .. }
            | Self::NameWithoutQuotes { span, .. }
            | Self::InvalidFilter { error: FilterError { span, .. }, .. }
            | Self::UnexpectedWord { span, .. }
            | Self::UnclosedQuote { span, .. }
            | Self::StrayQuote { span, .. }
            | Self::InvalidReason { span, .. } => span.clone(),
        }
    }

    /// The same fault of the quotes, in the line of a command.
    pub(super) fn in_command(self, name: Option<&'static str>) -> Self {
        match self {
            Self::UnclosedQuote { found, span, .. } => Self::UnclosedQuote { found, span, command: name },
            Self::StrayQuote { found, span, .. } => Self::StrayQuote { found, span, command: name },
            other => other,
        }
    }

    /// Whether the line does not even begin like a command, as against a command with something wrong in it.
    #[must_use]
    pub fn is_chat(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::UnknownCommand { found, suggestion: None, .. } => {
                !split(found).0.first().is_some_and(table::is_verb)
            }
            _ => false,
        }
    }

    /// The command that was being read, as far as it was clear.
    #[must_use]
    pub fn command(&self) -> Option<&'static CommandSpec> {
        match self {
            Self::Incomplete { command, .. }
            | Self::InvalidDevice { command, .. }
            | Self::InvalidValue { command, .. }
            | Self::FilterForOne { command, .. }
            | Self::NameWithoutQuotes { command, .. }
            | Self::InvalidFilter { command, .. }
            | Self::UnexpectedWord { command, .. }
            | Self::InvalidReason { command, .. } => table::spec_called(command),
            Self::UnknownTopic { .. } => Some(&table::HELP),
            // Quotes are for reasons more often than for anything else.
            Self::UnclosedQuote { command, .. } | Self::StrayQuote { command, .. } => {
                Some(command.and_then(table::spec_called).unwrap_or(&table::DELETE_DEVICE))
            }
            Self::UnknownCommand { suggestion, .. } => suggestion.and_then(table::spec_called),
            Self::Empty => None,
        }
    }

    /// One sentence on what to write instead. It ends with an example to copy, so it has no final stop.
    #[must_use]
    pub fn advice(&self) -> String {
        let advice = match self {
            Self::Empty => "Say what you want, for example",
            Self::UnknownCommand { suggestion: None, .. } => {
                "Start with the verb of a command and write nothing around it; to see the commands, write"
            }
            Self::UnknownCommand { suggestion: Some(_), .. } => {
                "If that is what you meant, write it like this"
            }
            Self::UnknownTopic { .. } => "Name one of the commands that \"help\" shows, for example",
            Self::InvalidDevice { .. } | Self::InvalidValue { error: InvalidValue::Reference(_), .. } => {
                "Give one device by its id, serial number, MAC address or name, for example"
            }
            Self::NameWithoutQuotes { found, .. } if !found.ends_with('…') => {
                return format!("Put a name with blanks in double quotes: {}", InQuotes(found));
            }
            Self::NameWithoutQuotes { .. } => "Put a name with blanks in double quotes, for example",
            Self::FilterForOne { found, expected: Expected::Device, .. } if !found.ends_with('…') => {
                return format!(
                    "Put a name that looks like a filter in double quotes; to see which devices a filter names, write: \
                     list devices {found}"
                );
            }
            Self::FilterForOne { .. } => "Put a name that looks like a filter in double quotes, for example",
            Self::InvalidFilter { .. } => "A filter is a key, a colon and a value, for example",
            Self::UnexpectedWord { expected: Expected::QuotedReason, .. }
            | Self::Incomplete { expected: Expected::QuotedReason, .. } => {
                "Put the reason in double quotes, for example"
            }
            Self::InvalidReason { .. } => {
                "Say why in a sentence or two, or leave the reason out, for example"
            }
            Self::UnclosedQuote { .. } | Self::StrayQuote { .. } => {
                "Put one pair of double quotes around the whole text, and write a quote inside it twice, for example"
            }
            Self::InvalidValue { .. } | Self::Incomplete { .. } | Self::UnexpectedWord { .. } => {
                "Write it like this"
            }
        };
        format!("{advice}: {}", self.command().map_or(table::HELP.name, |spec| spec.example))
    }
}

/// A piece of a line for an error: without what could break a line, and cut with `…` if it is long.
pub(super) fn excerpt(text: &str) -> String {
    if text.chars().nth(MAX_FOUND_LENGTH).is_none() {
        return normalize(text);
    }
    let front: String = text.chars().take(MAX_FOUND_LENGTH - 1).collect();
    normalize(&front) + "…"
}

/// In double quotes, or between backticks if it has double quotes of its own.
pub(super) fn quoted(found: &str) -> String {
    if found.contains('"') { format!("`{found}`") } else { format!("\"{found}\"") }
}

fn did_you_mean(suggestion: Option<&str>) -> String {
    suggestion.map(|meant| format!("; did you mean \"{meant}\"?")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chat_is_no_command_and_a_command_with_a_fault_is_one() {
        let is_chat = |line: &str| super::super::parse(line).unwrap_err().is_chat();
        for line in ["", "hello", "good morning to you", "thanks, that is all", "!", &"x".repeat(100)] {
            assert!(is_chat(line), "{line}");
        }
        for line in
            ["delete", "delete it all", "delete device the lobby", "help dancing", "delte device x", "show"]
        {
            assert!(!is_chat(line), "{line}");
        }
    }

    #[test]
    fn what_was_found_is_cut() {
        assert_eq!(excerpt("lobby"), "lobby");
        assert_eq!(excerpt(&"ä".repeat(60)), "ä".repeat(60));
        assert_eq!(excerpt(&"ä".repeat(61)), "ä".repeat(59) + "…");
        assert_eq!(excerpt(&"x".repeat(10_000)).chars().count(), MAX_FOUND_LENGTH);
        assert_eq!(excerpt("a\u{202e}b\u{7}c"), "ab c");
    }
}
