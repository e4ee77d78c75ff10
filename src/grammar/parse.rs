//! From a line to a [`Command`]: the first words say which, a small function reads the rest.
//!
//! The line is anchored by [`parse`] itself, not by each of those functions: whatever a function leaves
//! unread is an error. Fixed words are matched in any case and never inside quotes.

use super::arguments::Arguments;
use super::error::{ParseError, excerpt};
use super::expected::Expected;
use super::suggest::command_like;
use super::word::{Word, split};
use super::{Command, table};

/// Reads one whole line, as [`super::addressed_line`] makes it.
pub fn parse(line: &str) -> Result<Command, ParseError> {
    let (words, fault) = split(line);
    // Somebody who chats with odd quotes hears about commands, not about quotes.
    if let Some(fault) = fault
        && words.first().is_none_or(table::is_verb)
    {
        return Err(fault.in_command(table::command_at_front(&words).map(|(spec, _)| spec.name)));
    }
    let Some((spec, length)) = table::command_at_front(&words) else {
        return Err(not_a_command(line, &words));
    };
    let mut arguments = Arguments::of(line, spec.name, &words, length);
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
