//! Reads a filter, word by word.

use super::address::Addresses;
use super::error::{ExpectedInFilter, FilterError, MAX_TERMS, MAX_VALUE_LENGTH, MAX_VALUES};
use super::key::Key;
use super::pattern::{Pattern, has_wildcard};
use super::suggest::nearest;
use super::term::{Filter, Term, TermValue};
use super::time::TimeComparison;
use crate::domain::id::{WebexId, decode};
use crate::domain::text::unquote;
use crate::domain::{DeviceId, Mac};

/// Words of a sentence rather than of a name: `all` needs no filter, and others may exclude.
const NO_NAMES: [&str; 30] = [
    "all", "and", "any", "are", "at", "but", "by", "device", "devices", "except", "for", "from", "if", "in",
    "is", "no", "none", "not", "of", "on", "or", "page", "please", "sort", "that", "the", "to", "with",
    "without", "every",
];
/// Longest word for which a filter is suggested, in bytes.
const LONGEST_SUGGESTED: usize = 40;

/// Where a filter comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    Typed,
    Stored,
}

impl Filter {
    /// Reads a whole line of terms.
    pub fn parse(line: &str) -> Result<Self, FilterError> {
        Self::parse_from(Origin::Typed, line)
    }

    /// Reads a stored line of terms. Earlier versions stored any text as an IP address; such a term matches no device.
    pub(super) fn parse_stored(line: &str) -> Result<Self, FilterError> {
        Self::parse_from(Origin::Stored, line)
    }

    fn parse_from(origin: Origin, line: &str) -> Result<Self, FilterError> {
        let mut filter = Self::default();
        for (at, word) in split_outside_quotes(line, 0, char::is_whitespace) {
            if !word.is_empty() {
                filter.add_from(origin, word, at)?;
            }
        }
        Ok(filter)
    }

    /// Adds the term of one word, with its quotes; `at` is its first byte in the line.
    pub(crate) fn add(&mut self, word: &str, at: usize) -> Result<(), FilterError> {
        self.add_from(Origin::Typed, word, at)
    }

    fn add_from(&mut self, origin: Origin, word: &str, at: usize) -> Result<(), FilterError> {
        if self.terms.len() == MAX_TERMS {
            return Err(FilterError::new(ExpectedInFilter::FewerTerms, word, at));
        }
        self.terms.push(Term::parse(origin, word, at)?);
        Ok(())
    }
}

impl Term {
    fn parse(origin: Origin, word: &str, at: usize) -> Result<Self, FilterError> {
        let unsigned = word.strip_prefix('-');
        let (rest, start) = unsigned.map_or((word, at), |rest| (rest, at + 1));
        let Some((name, values)) = rest.split_once(':').filter(|(name, _)| !name.contains('"')) else {
            let sign = if unsigned.is_some() { "-" } else { "" };
            let meant = filter_meant_by(rest).map(|meant| format!("{sign}{meant}"));
            let meant = meant.or_else(|| filter_with_equals(rest, unsigned.is_some()));
            return Err(FilterError::new(ExpectedInFilter::Term, word, at).suggesting(meant));
        };
        if let Some(positive) = rest.strip_prefix(['-', '!']).filter(|positive| has_filter_key(positive)) {
            // A second sign may undo the first.
            let is_one_sign = rest.starts_with('-') == unsigned.is_some() && !positive.starts_with('-');
            let meant = is_one_sign.then(|| format!("-{positive}"));
            return Err(FilterError::new(ExpectedInFilter::Term, word, at).suggesting(meant));
        }
        let Ok(key) = name.parse() else {
            return Err(FilterError::new(ExpectedInFilter::Key, name, start).suggesting(Key::like(name)));
        };
        let values_at = start + name.len() + 1;
        let pieces = split_outside_quotes(values, values_at, |c| c == ',');
        // Errors in the first values come first.
        let read = pieces.iter().take(MAX_VALUES).map(|(at, piece)| value(origin, key, piece, *at));
        let read = read.collect::<Result<_, _>>().map_err(|error: FilterError| {
            // `status:!offline` is `-status:offline`.
            let positive = values.strip_prefix(['!', '-']).filter(|positive| {
                unsigned.is_none()
                    && error.expects(ExpectedInFilter::KnownValue(key))
                    && key.known_value(positive).is_some()
            });
            match positive {
                Some(positive) => error.suggesting_word(word, at, format!("-{}:{positive}", key.as_str())),
                None => error,
            }
        })?;
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
    let unsigned = word.trim_start_matches(|c: char| !c.is_alphanumeric());
    has_filter_key(unsigned) || key_of(unsigned).is_some_and(|name| Key::like(name).is_some())
}

fn key_of(word: &str) -> Option<&str> {
    Some(word.strip_prefix('-').unwrap_or(word).split_once(':')?.0)
}

/// The filter probably meant by a word without a colon.
fn filter_meant_by(word: &str) -> Option<String> {
    let is_plain = (1..=LONGEST_SUGGESTED).contains(&word.len())
        && word.chars().all(|c| c.is_alphanumeric() || "-_*?".contains(c));
    let is_no_name = NO_NAMES.iter().any(|no_name| word.eq_ignore_ascii_case(no_name));
    if !is_plain || is_no_name {
        return None;
    }
    let known = |key: Key| Some(format!("{}:{}", key.as_str(), key.known_value(word)?.name));
    let by_name = || if has_wildcard(word) { format!("name:{word}") } else { format!("name:*{word}*") };
    let keys = [Key::Status, Key::Type, Key::Platform];
    Some(keys.into_iter().find_map(known).unwrap_or_else(by_name))
}

/// The filter meant by `status=offline` or `status!=offline`.
fn filter_with_equals(word: &str, negated: bool) -> Option<String> {
    let (name, value) = word.split_once('=')?;
    let (name, is_unequal) = name.strip_suffix('!').map_or((name, false), |name| (name, true));
    let key: Key = name.parse().ok()?;
    let sign = if is_unequal ^ negated { "-" } else { "" };
    let value = value.trim_start_matches('=');
    Some(format!("{sign}{}:{value}", key.as_str())).filter(|meant| Filter::parse(meant).is_ok())
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

fn value(origin: Origin, key: Key, piece: &str, at: usize) -> Result<TermValue, FilterError> {
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
        let meant = || TimeComparison::parse(&format!(">{text}")).map(|time| time.to_string());
        let error = || wrong(ExpectedInFilter::Time(key)).suggesting(meant());
        return TimeComparison::parse(text).map(TermValue::Time).ok_or_else(error);
    }
    if !is_quoted && text.starts_with(['<', '>']) {
        return Err(wrong(ExpectedInFilter::NoComparison(key)));
    }
    match key {
        Key::Mac => mac(text).ok_or_else(|| wrong(ExpectedInFilter::Mac)),
        Key::Ip => {
            let error = || wrong(ExpectedInFilter::Address).suggesting(Addresses::begun_by(text));
            let read = Addresses::parse(text).map(TermValue::Addresses);
            let unreadable = || match origin {
                Origin::Typed => Err(error()),
                Origin::Stored => Ok(TermValue::Addresses(Addresses::Unreadable(pattern.clone()))),
            };
            read.map_or_else(unreadable, Ok)
        }
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
