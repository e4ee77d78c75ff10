//! Reads a filter, word by word.

use super::error::{ExpectedInFilter, FilterError, MAX_TERMS, MAX_VALUE_LENGTH, MAX_VALUES};
use super::key::Key;
use super::pattern::{Pattern, has_wildcard};
use super::suggest::nearest;
use super::term::{Filter, Term, TermValue};
use super::time::TimeComparison;
use crate::domain::id::{WebexId, decode};
use crate::domain::text::unquote;
use crate::domain::{DeviceId, Mac};

/// Longest word for which a filter is suggested, in bytes.
const LONGEST_SUGGESTED: usize = 40;

impl Filter {
    /// Reads a whole line of terms.
    pub fn parse(line: &str) -> Result<Self, FilterError> {
        let mut filter = Self::default();
        for (at, word) in split_outside_quotes(line, 0, char::is_whitespace) {
            if !word.is_empty() {
                filter.add(word, at)?;
            }
        }
        Ok(filter)
    }

    /// Adds the term of one word, with its quotes; `at` is its first byte in the line.
    pub(crate) fn add(&mut self, word: &str, at: usize) -> Result<(), FilterError> {
        if self.terms.len() == MAX_TERMS {
            return Err(FilterError::new(ExpectedInFilter::FewerTerms, word, at));
        }
        self.terms.push(Term::parse(word, at)?);
        Ok(())
    }
}

impl Term {
    fn parse(word: &str, at: usize) -> Result<Self, FilterError> {
        let unsigned = word.strip_prefix('-');
        let (rest, start) = unsigned.map_or((word, at), |rest| (rest, at + 1));
        let Some((name, values)) = rest.split_once(':').filter(|(name, _)| !name.contains('"')) else {
            let sign = if unsigned.is_some() { "-" } else { "" };
            let meant = filter_meant_by(rest).map(|meant| format!("{sign}{meant}"));
            return Err(FilterError::new(ExpectedInFilter::Term, word, at).suggesting(meant));
        };
        let Ok(key) = name.parse() else {
            return Err(FilterError::new(ExpectedInFilter::Key, name, start).suggesting(Key::like(name)));
        };
        let values_at = start + name.len() + 1;
        let pieces = split_outside_quotes(values, values_at, |c| c == ',');
        // Errors in the first values come first.
        let read = pieces.iter().take(MAX_VALUES).map(|(at, piece)| value(key, piece, *at));
        let read = read.collect::<Result<_, _>>()?;
        if pieces.len() > MAX_VALUES {
            return Err(FilterError::new(ExpectedInFilter::FewerValues, values, values_at));
        }
        Ok(Self { negated: unsigned.is_some(), key, values: read })
    }
}

/// Whether a word has one of the keys before a colon.
pub(crate) fn has_filter_key(word: &str) -> bool {
    key_of(word).is_some_and(|name| name.parse::<Key>().is_ok())
}

/// Whether a word has one of the keys before a colon, or nearly one.
pub(crate) fn looks_like_filter(word: &str) -> bool {
    has_filter_key(word) || key_of(word).is_some_and(|name| Key::like(name).is_some())
}

fn key_of(word: &str) -> Option<&str> {
    Some(word.strip_prefix('-').unwrap_or(word).split_once(':')?.0)
}

/// The filter probably meant by a word without a colon.
fn filter_meant_by(word: &str) -> Option<String> {
    let is_plain = (1..=LONGEST_SUGGESTED).contains(&word.len())
        && word.chars().all(|c| c.is_alphanumeric() || "-_*?".contains(c));
    // `list devices all` needs no filter.
    if !is_plain || word.eq_ignore_ascii_case("all") {
        return None;
    }
    let known = |key: Key| Some(format!("{}:{}", key.as_str(), key.known_value(word)?.name));
    let by_name = || if has_wildcard(word) { format!("name:{word}") } else { format!("name:*{word}*") };
    let keys = [Key::Status, Key::Type, Key::Platform];
    Some(keys.into_iter().find_map(known).unwrap_or_else(by_name))
}

/// The parts of a text between separators outside of quotes, each with its first byte in the line.
fn split_outside_quotes(text: &str, at: usize, separates: impl Fn(char) -> bool) -> Vec<(usize, &str)> {
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

fn value(key: Key, piece: &str, at: usize) -> Result<TermValue, FilterError> {
    let wrong = |expected| FilterError::new(expected, piece, at);
    let (text, is_quoted) = match unquote(piece) {
        Some(text) => (text, true),
        None if piece.contains('"') => return Err(wrong(ExpectedInFilter::ValueInQuotes)),
        None => (piece.into(), false),
    };
    if text.contains(char::is_control) {
        return Err(wrong(ExpectedInFilter::NoControlCharacter));
    }
    if text.chars().nth(MAX_VALUE_LENGTH).is_some() {
        return Err(wrong(ExpectedInFilter::ShorterValue));
    }
    let pattern = Pattern::new(&text).ok_or_else(|| wrong(ExpectedInFilter::Value(key)))?;
    let text = pattern.as_str();
    let is_word = |word: &str| !is_quoted && text.eq_ignore_ascii_case(word);
    if is_word("none") || (key.is_time() && is_word("never")) {
        return Ok(TermValue::Missing);
    }
    if is_word("any") {
        return Ok(TermValue::Present);
    }
    if key.is_time() {
        // A number without a comparison is an age.
        let meant =
            || TimeComparison::parse(&format!(">{text}")).map(|time| format!("{}:{time}", key.as_str()));
        let error = || wrong(ExpectedInFilter::Time(key)).suggesting(meant());
        return TimeComparison::parse(text).map(TermValue::Time).ok_or_else(error);
    }
    if !is_quoted && text.starts_with(['<', '>']) {
        return Err(wrong(ExpectedInFilter::NoComparison(key)));
    }
    match key {
        Key::Mac => mac(text).ok_or_else(|| wrong(ExpectedInFilter::Mac)),
        Key::Id => {
            DeviceId::parse(text).map(TermValue::DeviceId).map_err(|_| wrong(ExpectedInFilter::DeviceId))
        }
        Key::Workspace | Key::Location | Key::Person => {
            Ok(related_id(text).unwrap_or(TermValue::Text(pattern)))
        }
        _ if key.known().is_empty() => Ok(TermValue::Text(pattern)),
        _ => match key.known_value(text) {
            Some(known) => Ok(TermValue::Known(known)),
            // Unknown values are accepted only in quotes, because most are typos.
            None if is_quoted || pattern.is_glob() => Ok(TermValue::Text(pattern)),
            None => {
                Err(wrong(ExpectedInFilter::KnownValue(key)).suggesting(nearest(text, key.known_names())))
            }
        },
    }
}

fn mac(text: &str) -> Option<TermValue> {
    if !has_wildcard(text) {
        return Mac::parse(text).ok().map(TermValue::Mac);
    }
    let bare: String = text.chars().filter(|c| !":-. ".contains(*c)).collect();
    let fits = bare.chars().all(|c| c.is_ascii_hexdigit() || has_wildcard(c.encode_utf8(&mut [0; 4])));
    if fits { Pattern::new(&bare.to_ascii_uppercase()).map(TermValue::PartOfMac) } else { None }
}

/// The value if the text is clearly an id; other texts are names.
fn related_id(text: &str) -> Option<TermValue> {
    let is_an_id = decode(text).is_some() || uuid::Uuid::try_parse(text).is_ok();
    let id = WebexId::parse(text).ok().filter(|_| is_an_id)?;
    Some(TermValue::RelatedId { text: text.to_owned(), key: id.key().to_owned() })
}
