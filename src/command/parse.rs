//! From a line to a [`Command`]: the first words say which, a small function reads the rest.
//!
//! ```text
//! help [TOPIC]
//! about
//! whoami
//! show device REF
//! delete device REF [because "REASON"]
//! ```
//!
//! The line is anchored by [`parse`] itself, not by each of those functions: whatever a function leaves
//! unread is an error. Fixed words are matched in any case and never inside quotes.

use super::error::{Expected, ParseError, excerpt};
use super::help::Topic;
use super::reason::Reason;
use super::suggest::{command_like, is_like};
use super::word::{Word, split};
use super::{Command, table};
use crate::domain::DeviceId;

/// The word before a reason.
const BECAUSE: &str = "because";

/// Reads one whole line, as [`super::addressed_line`] makes it.
pub fn parse(line: &str) -> Result<Command, ParseError> {
    let (words, fault) = split(line);
    // Somebody who chats with odd quotes hears about commands, not about quotes.
    if let Some(fault) = fault
        && words.first().is_none_or(table::is_verb)
    {
        return Err(fault);
    }
    let Some((spec, length)) = table::command_at_front(&words) else {
        return Err(not_a_command(line, &words));
    };
    let mut arguments = Arguments { line, command: spec.name, words: &words, read: length };
    let command = (spec.read)(&mut arguments)?;
    arguments.finish()?;
    Ok(command)
}

/// Why words that begin with no command do not.
fn not_a_command(line: &str, words: &[Word<'_>]) -> ParseError {
    let Some((first, last)) = words.first().zip(words.last()) else {
        return ParseError::Empty;
    };
    if let Some((spec, phrase)) = table::begun_by(words).next() {
        let missing = phrase.splitn(words.len() + 1, ' ').last().unwrap_or(phrase);
        return ParseError::Incomplete {
            command: spec.name,
            after: excerpt(last.raw),
            span: last.span.end..last.span.end,
            expected: Expected::Words(missing),
        };
    }
    let end = if table::is_verb(first) { words.get(1).unwrap_or(first) } else { first };
    let span = first.span.start..end.span.end;
    ParseError::UnknownCommand { found: excerpt(&line[span.clone()]), span, suggestion: command_like(words) }
}

/// The words after a command's name, read from left to right.
#[derive(Debug)]
pub(super) struct Arguments<'a> {
    line: &'a str,
    command: &'static str,
    words: &'a [Word<'a>],
    /// How many of the words have been read.
    read: usize,
}

impl<'a> Arguments<'a> {
    fn peek(&self) -> Option<&'a Word<'a>> {
        self.words.get(self.read)
    }

    /// The next word, which must be there.
    fn next(&mut self, expected: Expected) -> Result<&'a Word<'a>, ParseError> {
        let word = self.peek().ok_or_else(|| self.incomplete(expected))?;
        self.read += 1;
        Ok(word)
    }

    /// All that is left.
    fn rest(&mut self) -> &'a [Word<'a>] {
        let rest = self.words.get(self.read..).unwrap_or_default();
        self.read = self.words.len();
        rest
    }

    fn device(&mut self) -> Result<DeviceId, ParseError> {
        let word = self.next(Expected::DeviceId)?;
        if word.is(BECAUSE) {
            return Err(self.unexpected(Expected::DeviceId, None));
        }
        DeviceId::parse(word.text).map_err(|error| ParseError::InvalidDevice {
            command: self.command,
            found: excerpt(word.raw),
            span: word.span.clone(),
            error,
        })
    }

    /// `because "REASON"`, or the end of the line.
    fn reason(&mut self) -> Result<Option<Reason>, ParseError> {
        if self.peek().is_none() {
            return Ok(None);
        }
        let because = self.next(Expected::BecauseOrEnd)?;
        if !because.is(BECAUSE) {
            let meant = (!because.quoted && is_like(because.text, BECAUSE)).then_some(BECAUSE);
            return Err(self.unexpected(Expected::BecauseOrEnd, meant));
        }
        let word = self.next(Expected::QuotedReason)?;
        if !word.quoted {
            return Err(self.unexpected(Expected::QuotedReason, None));
        }
        match Reason::parse(word.text) {
            Ok(reason) => Ok(Some(reason)),
            Err(error) => {
                Err(ParseError::InvalidReason { command: self.command, span: word.span.clone(), error })
            }
        }
    }

    /// Nothing may be left.
    fn finish(mut self) -> Result<(), ParseError> {
        if self.peek().is_none() {
            return Ok(());
        }
        self.next(Expected::End)?;
        Err(self.unexpected(Expected::End, None))
    }

    fn incomplete(&self, expected: Expected) -> ParseError {
        let last = self.words.last().expect("a command's name is at least one word");
        ParseError::Incomplete {
            command: self.command,
            after: excerpt(last.raw),
            span: last.span.end..last.span.end,
            expected,
        }
    }

    /// The word that was read last does not fit.
    fn unexpected(&self, expected: Expected, suggestion: Option<&'static str>) -> ParseError {
        let word = &self.words[self.read - 1];
        ParseError::UnexpectedWord {
            command: self.command,
            found: excerpt(word.raw),
            position: self.read,
            span: word.span.clone(),
            expected,
            suggestion,
        }
    }
}

/// `help [TOPIC]`
pub(super) fn help(arguments: &mut Arguments<'_>) -> Result<Command, ParseError> {
    let topic = match arguments.rest() {
        [] => None,
        words => Some(Topic::from_words(arguments.line, words)?),
    };
    Ok(Command::Help { topic })
}

/// `about`
#[expect(clippy::unnecessary_wraps, reason = "all rows of the table read in the same way")]
pub(super) fn about(_: &mut Arguments<'_>) -> Result<Command, ParseError> {
    Ok(Command::About)
}

/// `whoami`
#[expect(clippy::unnecessary_wraps, reason = "all rows of the table read in the same way")]
pub(super) fn whoami(_: &mut Arguments<'_>) -> Result<Command, ParseError> {
    Ok(Command::WhoAmI)
}

/// `show device REF`
pub(super) fn show_device(arguments: &mut Arguments<'_>) -> Result<Command, ParseError> {
    Ok(Command::ShowDevice { device: arguments.device()? })
}

/// `delete device REF [because "REASON"]`
pub(super) fn delete_device(arguments: &mut Arguments<'_>) -> Result<Command, ParseError> {
    Ok(Command::DeleteDevice { device: arguments.device()?, reason: arguments.reason()? })
}
