//! Plain words about devices, as terms of a list: `offline phones in Berlin sort by name`.

use super::text::NameWord;
use super::word::Word;
use crate::domain::text::Quoted;
use crate::filter::{Filter, Sort};

/// Words that add nothing.
const FILLERS: [&str; 26] = [
    "a",
    "all",
    "any",
    "are",
    "device",
    "devices",
    "endpoints",
    "every",
    "filter",
    "filtered",
    "is",
    "me",
    "my",
    "of",
    "only",
    "our",
    "that",
    "the",
    "them",
    "these",
    "those",
    "us",
    "which",
    "who",
    "please",
    "with",
];

/// Most words that are taken for parts of a name: more of them are a sentence.
const MOST_NAMES: usize = 2;

/// The terms of a list that these words mean. Terms, signs and `in org NAME` stay; `None` if a word means none of them.
pub(super) fn terms(words: &[Word<'_>]) -> Option<Vec<String>> {
    let mut terms = Vec::new();
    let mut rest = words;
    while let Some((word, after)) = rest.split_first() {
        let (term, read) = term_at(word, after)?;
        if !term.is_empty() {
            terms.push(term);
        }
        rest = &after[read..];
    }
    let names = terms.iter().filter(|term| term.starts_with("name:*")).count();
    (names <= MOST_NAMES).then_some(terms)
}

/// The term that begins with this word, and the number of words behind it that it takes.
fn term_at(word: &Word<'_>, after: &[Word<'_>]) -> Option<(String, usize)> {
    if is_written(word) {
        return Some((word.raw.to_owned(), 0));
    }
    if word.quoted {
        return name(word).map(|term| (term, 0));
    }
    let text = word.text.to_lowercase();
    let text = text.trim_end_matches([',', ';', '?', '!']);
    let value = after.first();
    match (text, value) {
        ("in", Some(org)) if org.is("org") => {
            let name = after.get(1)?;
            Some((format!("in org {}", name.raw), 2))
        }
        ("in" | "at" | "from" | "near", Some(_)) => place(after),
        ("sort" | "sorted" | "order" | "ordered", Some(_)) => sort(after),
        ("page" | "pg", Some(page)) => {
            let number: u32 = page.text.parse().ok()?;
            Some((format!("page:{number}"), 1))
        }
        ("as" | "to" | "into", Some(csv)) if csv.is("csv") => Some(("csv".to_owned(), 1)),
        // Two filters narrow a list; two values would widen it.
        ("and", Some(next)) => (is_written(next) || begins_a_term(next)).then(|| (String::new(), 0)),
        ("csv", _) => Some(("csv".to_owned(), 0)),
        ("tagged", Some(tag)) => keyed("tag", tag, 1),
        ("named" | "called" | "like" | "containing", Some(named)) => name(named).map(|term| (term, 1)),
        (key, Some(value)) if key.ends_with(':') => keyed(key.trim_end_matches(':'), value, 1),
        (key, Some(sign)) if sign.is("=") || sign.is("is") => keyed(key, after.get(1)?, 2),
        _ if FILLERS.contains(&text) => Some((String::new(), 0)),
        _ => known(text)
            .map(|term| (term, 0))
            .or_else(|| keyed(text, value?, 1))
            .or_else(|| Some((name(word)?, 0))),
    }
}

/// Whether the word is a valid term already.
fn is_written(word: &Word<'_>) -> bool {
    let lower = word.raw.to_lowercase();
    let is_order = lower.strip_prefix("sort:").is_some_and(|key| Sort::parse(key, 0).is_ok());
    let is_sign = word.raw.starts_with('+');
    is_order
        || is_sign
        || lower.starts_with("page:")
        || Filter::parse(word.raw).is_ok_and(|filter| !filter.is_empty())
}

/// Whether a word begins a term of several words.
fn begins_a_term(word: &Word<'_>) -> bool {
    let begin = [
        "in", "at", "with", "tagged", "named", "called", "sort", "sorted", "order", "page", "csv", "as",
        "that",
    ];
    begin.iter().any(|begin| word.is(begin))
}

/// `status:offline` for `offline`, and `type:phone` for `phones`.
fn known(word: &str) -> Option<String> {
    let singular = word.strip_suffix('s').unwrap_or(word);
    let of = |key: &str, value: &str| {
        let term = format!("{key}:{value}");
        Filter::parse(&term).is_ok().then_some(term)
    };
    ["status", "type", "platform"].into_iter().find_map(|key| of(key, word).or_else(|| of(key, singular)))
}

fn keyed(key: &str, value: &Word<'_>, read: usize) -> Option<(String, usize)> {
    let value = if value.quoted { value.raw.to_owned() } else { value.text.trim_end_matches(',').to_owned() };
    let term = format!("{key}:{value}");
    Filter::parse(&term).is_ok().then_some((term, read))
}

/// `location:Berlin`, or `location:"New York"` for all words up to the next term.
fn place(after: &[Word<'_>]) -> Option<(String, usize)> {
    let is_end =
        |word: &Word<'_>| is_written(word) || begins_a_term(word) || word.is("and") || word.is("please");
    let read = after.iter().take_while(|word| !is_end(word)).count();
    let [words @ .., last] = &after[..read] else { return None };
    let mut place: Vec<&str> = words.iter().map(|word| &*word.text).collect();
    place.push(last.text.trim_end_matches([',', ';', '?', '!']));
    let place = place.join(" ");
    Some((format!("location:{}", NameWord(&place)), read))
}

/// `sort:name`, or `sort:-name` for the opposite order.
fn sort(after: &[Word<'_>]) -> Option<(String, usize)> {
    let by = usize::from(after.first().is_some_and(|word| word.is("by")));
    let key = after.get(by)?.text.trim_end_matches(',').to_lowercase();
    let (key, words) = match (&*key, after.get(by + 1)) {
        ("last" | "first", Some(seen)) if seen.is("seen") => (format!("{key}-seen"), 2),
        _ => (key, 1),
    };
    let read = by + words;
    let direction = after.get(read).map(|word| word.text.to_lowercase());
    let (sign, read) = match direction.as_deref() {
        Some("desc" | "descending" | "reverse" | "reversed") => ("-", read + 1),
        Some("asc" | "ascending") => ("", read + 1),
        _ => ("", read),
    };
    Sort::parse(&format!("{sign}{key}"), 0).ok().map(|sort| (format!("sort:{sort}"), read))
}

/// `name:*lobby*`
fn name(word: &Word<'_>) -> Option<String> {
    let text = word.text.trim_end_matches([',', ';', '?', '!']);
    let plain = |c: char| c.is_alphanumeric() || "-_*?.".contains(c);
    let pattern = if text.contains(['*', '?']) { text.to_owned() } else { format!("*{text}*") };
    let is_short = text.len() <= 40 && text.chars().any(char::is_alphanumeric);
    let is_signed = text.starts_with(['-', '+', '!']);
    (is_short && !is_signed && (word.quoted || text.chars().all(plain))).then(|| {
        if pattern.contains(' ') { format!("name:{}", Quoted(&pattern)) } else { format!("name:{pattern}") }
    })
}
