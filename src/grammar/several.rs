//! Lines with several commands, or with several devices where a command takes one.

use super::error::{ErrorKind, ParseError};
use super::expected::Expected;
use super::spec::CommandSpec;
use super::table::{command_at_front, is_verb};
use super::usage::Usage;
use super::word::{Word, split};
use crate::domain::{DeviceId, Mac};
use crate::filter::has_filter_key;

/// Words between two commands or two devices.
const BETWEEN: [&str; 7] = ["and", "then", "also", "&", "&&", ";", ","];

/// The commands about one device.
const DEVICE_COMMANDS: [&str; 3] = ["show device", "delete device", "tag device"];

/// Words for more than one device.
const ALL: [&str; 6] = ["all", "everything", "every", "each", "any", "them"];

/// The error about a line with a second command; it points at that command.
pub(super) fn several_commands(line: &str, words: &[Word<'_>]) -> Option<ParseError> {
    let first = words.first()?;
    let (usage, length) = match command_at_front(words) {
        Some((spec, length)) => (spec.usage(), length),
        None if is_verb(first) => (Usage::HELP, 1),
        None => return None,
    };
    let is_whole_name = command_at_front(words).is_some();
    let second = (length..words.len()).find(|at| {
        let is_apart = is_between(&words[at - 1]) || words[at - 1].raw.ends_with([',', ';']);
        // One word alone may be a part of a name.
        let phrase = command_at_front(&words[*at..]).map_or(0, |(_, length)| length);
        (phrase > 1 && is_whole_name) || (is_apart && (phrase > 0 || is_verb(&words[*at])))
    })?;
    // "help delete device" is about one command.
    if usage.name == "help" && second == length {
        return None;
    }
    let span = words[second].span.start..words.last()?.span.end;
    Some(ParseError::new(ErrorKind::SeveralCommands, line, span, usage))
}

/// The part of the line before its second command.
pub(super) fn first_command<'a>(line: &'a str, error: &ParseError) -> &'a str {
    let mut first = line[..error.span.start].trim_end();
    while let Some(shorter) = BETWEEN.iter().find_map(|between| {
        let rest = first.strip_suffix(between)?;
        (rest.ends_with(' ') || !between.starts_with(char::is_alphabetic)).then(|| rest.trim_end())
    }) {
        first = shorter;
    }
    first
}

/// The error about several devices behind the name of a command; it points at all of them.
pub(super) fn several_devices(
    line: &str,
    words: &[Word<'_>],
    spec: &'static CommandSpec,
    length: usize,
) -> Option<ParseError> {
    if !DEVICE_COMMANDS.contains(&spec.name) {
        return None;
    }
    let devices: Vec<&Word<'_>> = words[length..]
        .iter()
        .take_while(|word| is_between(word) || is_device(word))
        .filter(|word| !is_between(word))
        .collect();
    let [first, .., last] = devices.as_slice() else { return None };
    let span = first.span.start..last.span.end;
    Some(ParseError::new(ErrorKind::SeveralDevices, line, span, spec.usage()))
}

/// The error about `delete devices …` and `delete everything …`: the command takes one device.
pub(super) fn one_device_only(line: &str, words: &[Word<'_>]) -> Option<ParseError> {
    let (verb, rest) = words.split_first()?;
    let (noun, last) = rest.first().zip(rest.last())?;
    let phrase = format!("{} device", verb.text.to_lowercase());
    let (name, _) = split(&phrase);
    let (spec, _) = command_at_front(&name).filter(|(spec, _)| DEVICE_COMMANDS.contains(&spec.name))?;
    let is_all = spec.name == "delete device" && ALL.iter().any(|all| noun.is(all));
    let first = match rest.get(1) {
        // Only the noun is wrong before one device.
        Some(first) if noun.is("devices") && (rest.len() > 2 || has_filter_key(first.raw)) => first,
        _ if is_all => noun,
        _ => return None,
    };
    let kind = if has_filter_key(first.raw) {
        ErrorKind::FilterForOne { expected: Expected::Device }
    } else {
        ErrorKind::SeveralDevices
    };
    Some(ParseError::new(kind, line, first.span.start..last.span.end, spec.usage()))
}

fn is_between(word: &Word<'_>) -> bool {
    !word.quoted && BETWEEN.iter().any(|between| word.is(between))
}

/// Whether a word can only be an id, a MAC address or a serial number.
fn is_device(word: &Word<'_>) -> bool {
    let text = bare(&word.text);
    let is_serial = (8..=16).contains(&text.len())
        && text.chars().all(|c| c.is_ascii_alphanumeric())
        && text.chars().filter(char::is_ascii_digit).count() >= 4;
    is_serial || DeviceId::parse(text).is_ok() || Mac::parse(text).is_ok()
}

fn bare(text: &str) -> &str {
    text.trim_end_matches([',', ';'])
}

/// The line with only the first of its devices.
pub(super) fn with_first_device(line: &str, words: &[Word<'_>], error: &ParseError) -> Option<String> {
    let first = words.iter().find(|word| word.span.start == error.span.start)?;
    if ALL.iter().any(|all| first.is(all)) {
        return None;
    }
    let verb = words.first()?.raw;
    Some(format!("{verb} device {}{}", bare(first.raw), &line[error.span.end..]))
}
