//! From words to a [`Filter`].

use super::error::{FilterError, Wanted};
use super::glob::Pattern;
use super::key::Key;
use super::value::{IdOf, Value};
use super::when::When;
use super::{Filter, MAX_TERMS, MAX_VALUE_LENGTH, MAX_VALUES, Term};
use crate::domain::text::unquote;
use crate::domain::{DeviceId, Mac};

/// Longest word that is made a filter of for a suggestion, in bytes.
const LONGEST_SUGGESTED: usize = 40;

impl Filter {
    /// Reads a whole line of terms.
    pub fn parse(line: &str) -> Result<Self, FilterError> {
        let mut filter = Self::default();
        for (at, word) in pieces(line, 0, char::is_whitespace) {
            if !word.is_empty() {
                filter.add(word, at)?;
            }
        }
        Ok(filter)
    }

    /// Adds the term that one word is, with its quotes; the word stands at a byte of its line.
    pub fn add(&mut self, word: &str, at: usize) -> Result<(), FilterError> {
        if self.terms.len() == MAX_TERMS {
            return Err(FilterError::new(Wanted::FewerTerms, word, at));
        }
        self.terms.push(Term::parse(word, at)?);
        Ok(())
    }
}

impl Term {
    /// Reads one word, with its quotes, that stands at a byte of its line.
    pub fn parse(word: &str, at: usize) -> Result<Self, FilterError> {
        let unsigned = word.strip_prefix('-');
        let (rest, start) = unsigned.map_or((word, at), |rest| (rest, at + 1));
        let Some((name, values)) = rest.split_once(':').filter(|(name, _)| !name.contains('"')) else {
            let sign = if unsigned.is_some() { "-" } else { "" };
            let meant = filter_meant_by(rest).map(|meant| format!("{sign}{meant}"));
            return Err(FilterError::new(Wanted::Term, word, at).meant(meant));
        };
        let Some(key) = Key::called(name) else {
            return Err(FilterError::new(Wanted::Key, name, start).meant(Key::like(name)));
        };
        let values_at = start + name.len() + 1;
        let mut read = Vec::new();
        for (at, piece) in pieces(values, values_at, |c| c == ',') {
            if read.len() == MAX_VALUES {
                return Err(FilterError::new(Wanted::FewerValues, values, values_at));
            }
            read.push(value(key, piece, at)?);
        }
        Ok(Self { negated: unsigned.is_some(), key, values: read })
    }

    /// Whether a word is meant as a term: it has one of the keys, or nearly so, before a colon.
    #[must_use]
    pub fn is_meant_by(word: &str) -> bool {
        let rest = word.strip_prefix('-').unwrap_or(word);
        rest.split_once(':').is_some_and(|(name, _)| Key::called(name).is_some() || Key::like(name).is_some())
    }

    /// Whether a word has one of the keys before a colon.
    #[must_use]
    pub fn has_a_key(word: &str) -> bool {
        let rest = word.strip_prefix('-').unwrap_or(word);
        rest.split_once(':').is_some_and(|(name, _)| Key::called(name).is_some())
    }
}

/// What somebody may have meant who wrote a word without a colon.
fn filter_meant_by(word: &str) -> Option<String> {
    let is_plain = (1..=LONGEST_SUGGESTED).contains(&word.len())
        && word.chars().all(|c| c.is_alphanumeric() || "-_*?".contains(c));
    // All devices are those of no filter.
    if !is_plain || word.eq_ignore_ascii_case("all") {
        return None;
    }
    for key in [Key::Status, Key::Type, Key::Platform] {
        let group = key.groups().iter().map(|group| group.name).find(|name| name.eq_ignore_ascii_case(word));
        if let Some(known) = group.or_else(|| key.known_value(word)) {
            return Some(format!("{}:{known}", key.as_str()));
        }
    }
    Some(if word.contains(['*', '?']) { format!("name:{word}") } else { format!("name:*{word}*") })
}

/// The pieces of a text between separators that do not stand in quotes, each with the byte at which it stands.
fn pieces(text: &str, at: usize, separates: impl Fn(char) -> bool) -> Vec<(usize, &str)> {
    let mut pieces = Vec::new();
    let (mut start, mut in_quotes) = (0, false);
    for (here, c) in text.char_indices() {
        if c == '"' {
            in_quotes = !in_quotes;
        } else if !in_quotes && separates(c) {
            pieces.push((at + start, &text[start..here]));
            start = here + c.len_utf8();
        }
    }
    pieces.push((at + start, &text[start..]));
    pieces
}

fn value(key: Key, piece: &str, at: usize) -> Result<Value, FilterError> {
    let wrong = |wanted| Err(FilterError::new(wanted, piece, at));
    let (text, is_quoted) = match unquote(piece) {
        Some(text) => (text, true),
        None if piece.contains('"') => return wrong(Wanted::Quotes),
        None => (piece.into(), false),
    };
    let Some(pattern) = Pattern::new(&text) else { return wrong(Wanted::Value(key)) };
    if text.contains(char::is_control) {
        return wrong(Wanted::Plain);
    }
    if text.chars().nth(MAX_VALUE_LENGTH).is_some() {
        return wrong(Wanted::Shorter);
    }
    let text = pattern.as_str();
    let is_word = |word: &str| !is_quoted && text.eq_ignore_ascii_case(word);
    if is_word("none") || (key.is_a_time() && is_word("never")) {
        return Ok(Value::Nothing);
    }
    if is_word("any") {
        return Ok(Value::Anything);
    }
    if key.is_a_time() {
        return moment(key, text, piece, at);
    }
    if !is_quoted && text.starts_with(['<', '>']) {
        return wrong(Wanted::NoComparison(key));
    }
    match key {
        Key::Mac => mac(text).map_or_else(|| wrong(Wanted::Mac), Ok),
        Key::Id => DeviceId::parse(text).map(Value::Id).or_else(|_| wrong(Wanted::Id)),
        _ if !key.known().is_empty() => known(key, pattern, is_quoted, piece, at),
        Key::Workspace | Key::Location | Key::Person => {
            Ok(IdOf::new(text).map_or(Value::Text(pattern), Value::IdOf))
        }
        _ => Ok(Value::Text(pattern)),
    }
}

fn moment(key: Key, text: &str, piece: &str, at: usize) -> Result<Value, FilterError> {
    let error = || {
        let meant = When::with_an_order(text).map(|when| format!("{}:{when}", key.as_str()));
        FilterError::new(Wanted::Time(key), piece, at).meant(meant)
    };
    When::parse(text).map(Value::When).ok_or_else(error)
}

fn mac(text: &str) -> Option<Value> {
    if !text.contains(['*', '?']) {
        return Mac::parse(text).ok().map(Value::Mac);
    }
    let bare: String = text.chars().filter(|c| !":-. ".contains(*c)).collect();
    let fits = bare.chars().all(|c| c.is_ascii_hexdigit() || "*?".contains(c));
    if fits { Pattern::new(&bare.to_ascii_uppercase()).map(Value::MacLike) } else { None }
}

/// A value of a key whose values Webex documents. Others are taken in quotes only, because they are rarely meant.
fn known(key: Key, pattern: Pattern, is_quoted: bool, piece: &str, at: usize) -> Result<Value, FilterError> {
    let text = pattern.as_str();
    let groups = key.groups();
    if let Some(group) = groups.iter().find(|group| group.name.eq_ignore_ascii_case(text)) {
        return Ok(Value::Group(group));
    }
    if let Some(known) = key.known_value(text) {
        return Ok(Value::Known(known));
    }
    if is_quoted || pattern.is_glob() {
        return Ok(Value::Text(pattern));
    }
    let names = groups.iter().map(|group| group.name).chain(key.known().iter().copied());
    let meant = super::nearest(text, names);
    Err(FilterError::new(Wanted::Known(key), piece, at).meant(meant))
}
