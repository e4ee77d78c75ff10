//! The line that a person probably meant, in their own words.
//!
//! Each error leads to one edit of the line, and the edited line is parsed again, until it is a command. A correction
//! that does not parse is not shown, so every suggested line works. Nothing is suggested for a line with a reservation
//! (`not`, `except`, `or`): an edit could turn it into its opposite.

use std::ops::Range;

use super::command::Command;
use super::error::{Correction, ErrorKind, ParseError};
use super::expected::{BECAUSE, Expected};
use super::not_offered::{is_courtesy, is_reservation};
use super::parse::parse_line;
use super::plain_words;
use super::rewrite;
use super::several::{first_command, with_first_device};
use super::table::help_for;
use super::text::NameWord;
use super::usage::Permission;
use super::word::{Word, split};
use crate::domain::text::{Quoted, unquote};
use crate::domain::{EmailAddress, Mac, PlanCode};
use crate::policy::Right;

/// Most edits of one line.
const MOST_EDITS: usize = 6;
/// Longest line that is suggested, in characters.
const LONGEST_CORRECTION: usize = 200;

/// A part of the line, and the text to put there.
type Edit = (Range<usize>, String);

/// Parses one whole line, as [`super::addressed_line`] makes it. An error has the correction of the line, if there is
/// one.
pub fn parse(line: &str) -> Result<Command, ParseError> {
    parse_line(line).map_err(|error| {
        if has_reservation(line) {
            return error.without_suggestions();
        }
        if error.correction.is_some() {
            return error;
        }
        let correction = correction_of(line, &error).map(Box::new);
        ParseError { correction, ..error }
    })
}

/// Whether a word of the line, other than those of its reason, turns it into its opposite.
fn has_reservation(line: &str) -> bool {
    split(line).0.iter().take_while(|word| !word.is(BECAUSE)).any(is_reservation)
}

fn correction_of(line: &str, error: &ParseError) -> Option<Correction> {
    if line.chars().nth(2 * LONGEST_CORRECTION).is_some() {
        return None;
    }
    if matches!(*error.kind, ErrorKind::FilterForOne { expected: Expected::Device }) {
        return matching(line, error);
    }
    let mut corrected = line.to_owned();
    let mut next = edit(line, error);
    for _ in 0..MOST_EDITS {
        let (span, text) = next?;
        corrected.replace_range(span, &text);
        match parse_line(&corrected) {
            Ok(command) => {
                let corrected = corrected.trim().to_owned();
                let is_other = corrected != line && corrected.chars().nth(LONGEST_CORRECTION).is_none();
                let permission = permission_for(&command);
                return is_other.then_some(Correction { line: corrected, permission });
            }
            Err(error) => next = edit(&corrected, &error),
        }
    }
    None
}

/// What it takes to use a command, or the one that help explains.
fn permission_for(command: &Command) -> Permission {
    let topic = match command {
        Command::Help { topic } => topic.as_ref(),
        _ => None,
    };
    let explained = topic.and_then(|topic| help_for(Some(topic), |_| true).into_iter().next());
    explained.map_or_else(|| command.permission(), |spec| spec.permission)
}

/// The next edit that the error calls for.
fn edit(line: &str, error: &ParseError) -> Option<Edit> {
    let (words, _) = split(line);
    let at = error.span.clone();
    let word = words.iter().find(|word| word.span.start == at.start);
    match &*error.kind {
        ErrorKind::UnknownCommand { .. } => rewrite::front(&words),
        ErrorKind::NotOffered(_) => rewrite::list(&words),
        ErrorKind::SeveralCommands => Some((0..line.len(), first_command(line, error).to_owned())),
        ErrorKind::SeveralDevices => Some((0..line.len(), with_first_device(line, &words, error)?)),
        ErrorKind::Incomplete { expected: Expected::Words(missing) } => {
            (words.len() < 3).then(|| (at, format!(" {missing}")))
        }
        ErrorKind::NameWithoutQuotes { expected } => name(line, &words, at, *expected),
        ErrorKind::InvalidFilter(filter) => {
            let meant = || Some((filter.replaced.clone(), filter.suggestion()?.to_owned()));
            plain_terms(&words).or_else(meant)
        }
        ErrorKind::FilterForOne { .. } => {
            let (_, value) = word?.raw.split_once(':')?;
            (!value.contains(['*', '?', ','])).then(|| (at, value.to_owned()))
        }
        ErrorKind::InvalidValue(_) => {
            // A code in two words.
            let joined = words.get(1..3)?.iter().map(|word| &*word.text).collect::<String>();
            PlanCode::parse(&joined)
                .ok()
                .map(|code| (words[1].span.start..words[2].span.end, code.to_string()))
        }
        ErrorKind::UnexpectedWord { suggestion: Some(meant), .. } => Some((at, (*meant).to_owned())),
        ErrorKind::UnexpectedWord { expected, .. } => unexpected(line, &words, word?, *expected),
        ErrorKind::UnclosedQuote => {
            let is_reason = line[..at.start].trim_end().to_lowercase().ends_with(BECAUSE);
            (is_reason && line.matches('"').count() == 1).then(|| (line.len()..line.len(), "\"".to_owned()))
        }
        ErrorKind::Empty
        | ErrorKind::Hidden { .. }
        | ErrorKind::UnknownTopic { .. }
        | ErrorKind::Incomplete { .. }
        | ErrorKind::StrayQuote => None,
    }
}

/// The list of the devices that match the filters of a command for one device, or the command with the value as its
/// device.
fn matching(line: &str, error: &ParseError) -> Option<Correction> {
    let (words, _) = split(line);
    let filters: Vec<&str> = words.iter().skip(2).map(|word| word.raw).collect();
    if let Some((key, value)) = line.get(error.span.clone())?.split_once(':')
        && ["serial", "mac", "id", "name"].iter().any(|named| named.eq_ignore_ascii_case(key))
    {
        let mut corrected = line.to_owned();
        corrected.replace_range(error.span.start..=error.span.start + key.len(), "");
        let is_one = !value.contains(['*', '?', ',']);
        if let Some(command) = parse_line(&corrected).ok().filter(|_| is_one) {
            return Some(Correction { line: corrected, permission: command.permission() });
        }
    }
    let line = format!("list devices {}", filters.join(" "));
    let is_short = line.chars().nth(LONGEST_CORRECTION).is_none();
    (is_short && parse_line(&line).is_ok())
        .then_some(Correction { line, permission: Permission::Right(Right::Read) })
}

/// Several words where the command takes one name: words of courtesy go, a word behind the name of a device becomes a
/// tag, and the rest is one name.
fn name(line: &str, words: &[Word<'_>], at: Range<usize>, expected: Expected) -> Option<Edit> {
    let named: Vec<&Word<'_>> = words.iter().filter(|word| at.contains(&word.span.start)).collect();
    let kept = named.iter().rposition(|word| !is_courtesy(word))? + 1;
    if kept < named.len() {
        let end = named[kept - 1].span.end;
        return Some((end..at.end, String::new()));
    }
    let is_tag_device = words.first().is_some_and(|word| word.is("tag"));
    let has_change = words.iter().skip(2).any(|word| word.raw.starts_with(['+', '-']));
    if is_tag_device && expected == Expected::Device && !has_change {
        return tag(&named);
    }
    // "the lobby" is a name too, but "device serial X" names a property.
    if let [property, value] = named.as_slice()
        && ["serial", "mac", "id", "name", "named", "called"].iter().any(|word| property.is(word))
    {
        return Some((at, value.raw.to_owned()));
    }
    Some((at.clone(), Quoted(&line[at]).to_string()))
}

/// `X with retire` becomes `X +retire`.
fn tag(named: &[&Word<'_>]) -> Option<Edit> {
    let (last, before) = named.split_last()?;
    let joins = ["with", "as", "add", "tag", "tags"];
    let is_minus =
        |word: &Word<'_>| ["remove", "minus", "without", "untag"].iter().any(|minus| word.is(minus));
    let is_join = |word: &Word<'_>| is_minus(word) || joins.iter().any(|join| word.is(join));
    let removes = before.last().is_some_and(|word| is_minus(word));
    let name_length = before.iter().rposition(|word| !is_join(word))? + 1;
    let name: Vec<&str> = before[..name_length].iter().map(|word| word.raw).collect();
    let sign = if removes { '-' } else { '+' };
    let span = named.first()?.span.start..last.span.end;
    Some((span, format!("{} {sign}{}", NameWord(&name.join(" ")), last.raw)))
}

/// A word that does not fit.
fn unexpected(line: &str, words: &[Word<'_>], word: &Word<'_>, expected: Expected) -> Option<Edit> {
    let at = word.span.clone();
    match expected {
        Expected::Reason => {
            let reason = line[at.start..].trim();
            (!reason.contains('"')).then(|| (at.start..line.len(), Quoted(reason).to_string()))
        }
        Expected::EndOr(clauses) => {
            if is_courtesy(word) && words.last() == Some(word) {
                return Some((at.start.saturating_sub(1)..at.end, String::new()));
            }
            let is_reason = clauses.because && word.quoted && unquote(word.raw).is_some();
            let is_because =
                ["reason", "reason:", "since", "due", "comment"].iter().any(|other| word.is(other));
            match (is_reason, clauses.because && is_because) {
                (true, _) => Some((at, format!("{BECAUSE} {}", word.raw))),
                (_, true) => Some((at, BECAUSE.to_owned())),
                _ => None,
            }
        }
        Expected::Tags => {
            let is_join = ["with", "as", "add", "tag", "tags", "and"].iter().any(|join| word.is(join));
            if is_join {
                return Some((at.start.saturating_sub(1)..at.end, String::new()));
            }
            let is_tag = !word.raw.starts_with(['+', '-', '!']);
            is_tag.then(|| (at, format!("+{}", word.raw)))
        }
        Expected::Words("mac") => Mac::parse(&word.text).ok().map(|_| (at, format!("mac {}", word.raw))),
        Expected::Words("org") => Some((at, format!("org {}", word.raw))),
        Expected::Target => {
            let kind = if EmailAddress::parse(&word.text).is_ok() { "person" } else { "workspace" };
            Some((at, format!("{kind} {}", word.raw)))
        }
        _ => None,
    }
}

/// The plain words behind `list devices` or `tag devices` as terms.
fn plain_terms(words: &[Word<'_>]) -> Option<Edit> {
    let rest = words.get(2..)?;
    let span = rest.first()?.span.start..rest.last()?.span.end;
    let terms = plain_words::terms(rest)?.join(" ");
    let is_new = terms != rest.iter().map(|word| word.raw).collect::<Vec<_>>().join(" ");
    is_new.then_some((span, terms))
}
