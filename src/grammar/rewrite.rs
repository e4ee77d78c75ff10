//! The beginning of a line as a command: a misspelled name, another word for it, a missing noun, a courtesy before it.

use std::ops::Range;

use super::not_offered::is_courtesy;
use super::plain_words;
use super::table::{command_like, is_verb};
use super::word::Word;
use crate::domain::EmailAddress;
use crate::filter::{distance, is_like};

/// Other words for commands about one device.
const SYNONYMS: [(&[&str], &str); 4] = [
    (
        &[
            "find", "search", "get", "lookup", "info", "display", "view", "describe", "details", "inspect",
            "check", "where",
        ],
        "show device",
    ),
    (&["del", "erase", "destroy", "drop", "unregister", "deregister", "deprovision"], "delete device"),
    (&["label", "retag"], "tag device"),
    (&["register", "provision", "enroll", "onboard"], "activate"),
];
/// Words that begin a list.
const LISTS: [&str; 10] =
    ["list", "ls", "show", "devices", "count", "get", "find", "display", "which", "what"];
/// Words that ask for a list as a file.
const FILES: [&str; 2] = ["export", "download"];
/// Plural nouns of lists.
const LISTED: [&str; 4] = ["devices", "phones", "endpoints", "all"];

/// The edit that makes the line begin like a command.
pub(super) fn front(words: &[Word<'_>]) -> Option<(Range<usize>, String)> {
    let first = words.first().filter(|word| !word.quoted)?;
    let courtesies = words.iter().take_while(|word| is_courtesy(word)).count();
    if courtesies == words.len() {
        let asks = words.iter().any(|word| word.is("help") || word.is("help!") || word.is("help?"));
        return asks.then(|| (first.span.start..words[courtesies - 1].span.end, "help".to_owned()));
    }
    if courtesies > 0 {
        return Some((first.span.start..words[courtesies].span.start, String::new()));
    }
    list(words)
        .or_else(|| question(words))
        .or_else(|| question_about_bot(words))
        .or_else(|| tagging(words))
        .or_else(|| untag(words))
        .or_else(|| missing_noun(words))
        .or_else(|| synonym(words))
        .or_else(|| misspelled(words))
}

/// `list offline devices`, `show all phones`, `devices in Berlin`, `export devices`
pub(super) fn list(words: &[Word<'_>]) -> Option<(Range<usize>, String)> {
    let (first, rest) = words.split_first()?;
    let is_list = LISTS.iter().any(|list| first.is(list)) || is_like(&first.text, "list");
    let is_file = FILES.iter().any(|file| first.is(file));
    let is_sure = first.is("list") || first.is("ls") || first.is("devices") || is_file;
    let names_many = rest.iter().any(|word| LISTED.iter().any(|many| word.is(many)));
    if !(is_list || is_file) || !(is_sure || names_many) {
        return None;
    }
    let terms = plain_words::terms(rest)?;
    let file = (is_file && !terms.iter().any(|term| term == "csv")).then(|| "csv".to_owned());
    let line: Vec<_> = std::iter::once("list devices".to_owned()).chain(terms).chain(file).collect();
    let line = line.join(" ");
    Some((first.span.start..words.last()?.span.end, line))
}

/// `how do I delete a device?`
fn question(words: &[Word<'_>]) -> Option<(Range<usize>, String)> {
    let (first, rest) = words.split_first().filter(|(first, _)| first.is("how"))?;
    let verb = rest.iter().find(|word| is_verb(word))?;
    Some((first.span.start..words.last()?.span.end, format!("help {}", verb.text.to_lowercase())))
}

/// `who are you?`, `what can you do?`
fn question_about_bot(words: &[Word<'_>]) -> Option<(Range<usize>, String)> {
    let [first, verb, bot, ..] = words else { return None };
    let topic = match verb.text.to_lowercase().as_str() {
        "can" if first.is("what") => "help",
        "are" | "is" if first.is("who") || first.is("what") => "about",
        _ => return None,
    };
    let is_bot = ["you", "you?", "this", "this?", "steward", "steward?"].iter().any(|it| bot.is(it));
    is_bot.then(|| (first.span.start..words.last().unwrap_or(bot).span.end, topic.to_owned()))
}

/// `add the tag retire to X`, `remove tag pilot from X`
fn tagging(words: &[Word<'_>]) -> Option<(Range<usize>, String)> {
    let (first, rest) = words.split_first()?;
    let sign = match first.text.to_lowercase().as_str() {
        "add" | "put" => '+',
        "remove" | "delete" => '-',
        _ => return None,
    };
    let rest = if rest.first().is_some_and(|word| word.is("the")) { &rest[1..] } else { rest };
    let [noun, tag, preposition, device @ ..] = rest else { return None };
    let is_about_tag = noun.is("tag") && ["to", "on", "from"].iter().any(|word| preposition.is(word));
    let [device] = without_noun(device) else { return None };
    let line = format!("tag device {} {sign}{}", device.raw, tag.raw);
    is_about_tag.then_some((first.span.start..device.span.end, line))
}

/// `untag device X pilot`
fn untag(words: &[Word<'_>]) -> Option<(Range<usize>, String)> {
    let (first, rest) = words.split_first()?;
    let rest = without_noun(rest);
    let [device, tags @ ..] = rest else { return None };
    let tags: Vec<&str> = tags.iter().map(|tag| tag.raw.trim_start_matches('-')).collect();
    if !first.is("untag") || tags.is_empty() || tags.iter().any(|tag| tag.starts_with('+')) {
        return None;
    }
    let line = format!("tag device {} -{}", device.raw, tags.join(" -"));
    Some((first.span.start..words.last()?.span.end, line))
}

/// `delete BER-1`, `activate Lobby`
fn missing_noun(words: &[Word<'_>]) -> Option<(Range<usize>, String)> {
    let (first, second) = (words.first()?, words.get(1)?);
    let verb = first.text.to_lowercase();
    let noun = match verb.as_str() {
        "tag" if second.raw.contains(':') => "devices",
        "delete" | "remove" | "rm" | "show" | "tag" => "device",
        "list" => "devices",
        "activate" if EmailAddress::parse(&second.text).is_ok() => "person",
        "activate" => "workspace",
        _ => return None,
    };
    // `remove the old device X`
    if let Some(at) = words.iter().take(4).skip(1).position(|word| word.is(noun)).map(|at| at + 1)
        && words.len() > at + 1
    {
        return Some((first.span.start..words[at].span.end, format!("{} {noun}", first.text)));
    }
    // `show me X`
    let skipped =
        words[1..].iter().take_while(|word| ["me", "the", "a", "my", "this"].iter().any(|the| word.is(the)));
    let rest = words.get(1 + skipped.count())?;
    let has_noun = !rest.quoted && is_like(&rest.text, noun) && !rest.raw.contains(':');
    let end = if has_noun { rest.span.end } else { rest.span.start };
    let after = if has_noun { "" } else { " " };
    is_verb(first).then(|| (first.span.start..end, format!("{} {noun}{after}", first.text)))
}

/// `find BER-1`, `destroy device BER-1`
fn synonym(words: &[Word<'_>]) -> Option<(Range<usize>, String)> {
    let (first, rest) = words.split_first()?;
    if let [get, rid, of, device, ..] = words
        && get.is("get")
        && rid.is("rid")
        && of.is("of")
    {
        return Some((first.span.start..device.span.start, "delete device ".to_owned()));
    }
    let (_, phrase) = SYNONYMS.iter().find(|(others, _)| others.iter().any(|other| first.is(other)))?;
    let fillers = ["is", "for", "up", "me", "about", "the", "on", "of"];
    let rest = &rest[rest.iter().take_while(|word| fillers.iter().any(|filler| word.is(filler))).count()..];
    let named = without_noun(rest).first()?;
    Some((first.span.start..named.span.start, format!("{phrase} ")))
}

/// The words behind `device` or `the device`.
fn without_noun<'a, 'b>(words: &'a [Word<'b>]) -> &'a [Word<'b>] {
    let nouns =
        words.iter().take_while(|word| word.is("device") || word.is("the") || word.is("phone")).count();
    &words[nouns..]
}

/// `delte device X`, `delete-device X`
fn misspelled(words: &[Word<'_>]) -> Option<(Range<usize>, String)> {
    let first = words.first()?;
    let (_, phrase) = command_like(words)?;
    let meant: Vec<&str> = phrase.split(' ').collect();
    let is_joined = distance(&first.text, phrase) < distance(&first.text, meant[0]);
    let same = |(word, meant): &(&Word<'_>, &&str)| word.is(meant) || is_like(&word.text, meant);
    let read = if is_joined { 1 } else { words.iter().zip(&meant).take_while(same).count().max(1) };
    Some((first.span.start..words[read - 1].span.end, phrase.to_owned()))
}
