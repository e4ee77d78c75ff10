//! From a line to a [`Command`]: its first words select the command, whose `read` function reads the rest.
//!
//! [`parse()`](super::correction::parse) rejects words that `read` leaves over, so no command can forget the check.
//! Fixed words are matched in any case and never inside quotes.

use super::arguments::Arguments;
use super::command::Command;
use super::delete_device::DELETE_DEVICE;
use super::error::{ErrorKind, ParseError};
use super::expected::Expected;
use super::not_offered::answer_to;
use super::several::{one_device_only, several_commands, several_devices};
use super::table::{begun_by, command_at_front, command_like, is_verb};
use super::usage::Usage;
use super::word::{QuoteError, Word, split};
use crate::domain::hidden::hidden_in;
use crate::filter::excerpt;

/// Parses one whole line without looking for a correction.
pub(super) fn parse_line(line: &str) -> Result<Command, ParseError> {
    // A line that does not read as it is meant is not even chat.
    if let Some(span) = hidden_in(line) {
        let code = line[span.clone()].chars().next().map_or(0, u32::from);
        return Err(ParseError::new(ErrorKind::Hidden { code }, line, span, Usage::HELP));
    }
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
        return Err(ParseError::new(kind, line, span, spec.usage()));
    }
    let Some((spec, length)) = command_at_front(&words) else {
        return Err(several_commands(line, &words).unwrap_or_else(|| not_a_command(line, &words)));
    };
    let mut arguments = Arguments::new(line, spec.usage(), &words, length);
    let command = (spec.read)(&mut arguments).and_then(|command| arguments.finish().map(|()| command));
    command.map_err(|error| {
        let several = || several_devices(line, &words, spec, length);
        several_commands(line, &words).or_else(several).unwrap_or(error)
    })
}

/// The error about words that do not begin a command.
fn not_a_command(line: &str, words: &[Word<'_>]) -> ParseError {
    let Some((first, last)) = words.first().zip(words.last()) else {
        return ParseError::new(ErrorKind::Empty, line, 0..0, Usage::HELP);
    };
    if let Some((spec, phrase)) = begun_by(words).next() {
        let missing = phrase.splitn(words.len() + 1, ' ').last().unwrap_or(phrase);
        let end = last.span.end;
        let kind = ErrorKind::Incomplete { expected: Expected::Words(missing) };
        return ParseError {
            found: excerpt(last.raw),
            ..ParseError::new(kind, line, end..end, spec.usage())
        };
    }
    if let Some(error) = one_device_only(line, words) {
        return error;
    }
    if let Some((sentence, span)) = answer_to(words) {
        return ParseError::new(ErrorKind::NotOffered(sentence), line, span, Usage::HELP);
    }
    let end = if is_verb(first) { words.get(1).unwrap_or(first) } else { first };
    let (usage, suggestion) = match command_like(words) {
        Some((spec, phrase)) => (spec.usage(), Some(phrase)),
        None => (Usage::HELP, None),
    };
    let kind = ErrorKind::UnknownCommand { suggestion };
    ParseError::new(kind, line, first.span.start..end.span.end, usage)
}
