//! From a line to a [`Command`]: its first words select the command, whose `read` function reads the rest.
//!
//! [`parse`] rejects words that `read` leaves over, so no command can forget the check. Fixed words are matched in any
//! case and never inside quotes.

use super::arguments::Arguments;
use super::command::Command;
use super::delete_device::DELETE_DEVICE;
use super::error::{ErrorKind, ParseError};
use super::expected::Expected;
use super::table::{HELP, begun_by, command_at_front, command_like, is_verb};
use super::word::{QuoteError, Word, split};
use crate::filter::excerpt;

/// Parses one whole line, as [`super::addressed_line`] makes it.
pub fn parse(line: &str) -> Result<Command, ParseError> {
    let (words, quote_error) = split(line);
    // For chat with unbalanced quotes, an error about commands helps more than one about quotes.
    if let Some(error) = quote_error
        && words.first().is_none_or(is_verb)
    {
        // Most quotes enclose reasons.
        let spec = command_at_front(&words).map_or(&DELETE_DEVICE, |(spec, _)| spec);
        let (kind, span) = match error {
            QuoteError::Unclosed(span) => (ErrorKind::UnclosedQuote, span),
            QuoteError::Stray(span) => (ErrorKind::StrayQuote, span),
        };
        return Err(ParseError::new(kind, line, span, spec.example));
    }
    let Some((spec, length)) = command_at_front(&words) else {
        return Err(not_a_command(line, &words));
    };
    let mut arguments = Arguments::new(line, spec.example, &words, length);
    let command = (spec.read)(&mut arguments)?;
    arguments.finish()?;
    Ok(command)
}

/// The error about words that do not begin a command.
fn not_a_command(line: &str, words: &[Word<'_>]) -> ParseError {
    let Some((first, last)) = words.first().zip(words.last()) else {
        return ParseError::new(ErrorKind::Empty, line, 0..0, HELP.name);
    };
    if let Some((spec, phrase)) = begun_by(words).next() {
        let missing = phrase.splitn(words.len() + 1, ' ').last().unwrap_or(phrase);
        return ParseError {
            kind: Box::new(ErrorKind::Incomplete { expected: Expected::Words(missing) }),
            found: excerpt(last.raw),
            span: last.span.end..last.span.end,
            example: spec.example,
        };
    }
    let end = if is_verb(first) { words.get(1).unwrap_or(first) } else { first };
    let (example, suggestion) = match command_like(words) {
        Some((spec, phrase)) => (spec.example, Some(phrase)),
        None => (HELP.name, None),
    };
    let kind = ErrorKind::UnknownCommand { suggestion };
    ParseError::new(kind, line, first.span.start..end.span.end, example)
}
