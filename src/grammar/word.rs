//! A line cut into words with their positions.
//!
//! ```text
//! line   = { space } [ word { space+ word } ] { space }
//! word   = plain | quoted | mixed
//! plain  = one or more characters without spaces and without `"`
//! quoted = `"` { any character but `"` | `""` } `"`
//! mixed  = ( sign | plain ":" ) part { "," part }
//! part   = plain | quoted
//! sign   = "+" | "-"
//! ```
//!
//! So `name:"BER 4"`, `product:"Room Bar","Room Kit"` and `+"floor 12"` are one word each, with their quotes. A quote
//! inside quotes is doubled: `"55"" display"` ([`crate::domain::text`]). A quote anywhere else, or text right behind a
//! closing quote, is an error rather than a guess: a guess could turn `"55" display"` into an unintended command.

use std::borrow::Cow;
use std::ops::Range;

use crate::domain::text::{quoted_length, unquote};

/// One word of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word<'a> {
    /// The word as in the line, with its quotes.
    pub(super) raw: &'a str,
    /// The text. If the whole word is in quotes, these are removed and doubled quotes inside become single ones.
    pub(super) text: Cow<'a, str>,
    /// Whether the whole word is in quotes; then it is never a fixed word of the grammar.
    pub(super) quoted: bool,
    /// The bytes of the word in the line.
    pub(super) span: Range<usize>,
}

/// An error in the quotes of a line, with its position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum QuoteError {
    /// A quote is not closed. From the word with the quote to the end of the line.
    Unclosed(Range<usize>),
    /// A quote is inside a word, or right before other text. The whole word.
    Stray(Range<usize>),
}

impl Word<'_> {
    /// Whether the word is this fixed word, in upper or lower case.
    pub(super) fn is(&self, fixed: &str) -> bool {
        !self.quoted && self.text.eq_ignore_ascii_case(fixed)
    }
}

/// The words of a line up to its end or up to the first error in its quotes, and that error.
pub(super) fn split(line: &str) -> (Vec<Word<'_>>, Option<QuoteError>) {
    let mut words = Vec::new();
    let mut at = 0;
    while let Some(skipped) = line[at..].find(|c: char| !c.is_whitespace()) {
        match word_at(line, at + skipped) {
            Ok(word) => {
                at = word.span.end;
                words.push(word);
            }
            Err(error) => return (words, Some(error)),
        }
    }
    (words, None)
}

/// The word that begins at this byte.
fn word_at(line: &str, start: usize) -> Result<Word<'_>, QuoteError> {
    let rest = &line[start..];
    let quoted = rest.starts_with('"');
    let length = if quoted { quoted_part_length(rest, start, 0)? } else { mixed_length(rest, start)? };
    let raw = &rest[..length];
    if quoted && plain_length(&rest[length..]) > 0 {
        return Err(stray(rest, start, length));
    }
    let text = if quoted { unquote(raw) } else { None };
    Ok(Word { raw, text: text.unwrap_or(raw.into()), quoted, span: start..start + length })
}

/// The length of a word that does not begin with a quote. Its values may be in quotes.
fn mixed_length(rest: &str, start: usize) -> Result<usize, QuoteError> {
    let mut read = 0;
    loop {
        let stop =
            rest[read..].find(|c: char| c == '"' || c.is_whitespace()).map_or(rest.len(), |at| read + at);
        if !rest[stop..].starts_with('"') {
            return Ok(stop);
        }
        let before = &rest[..stop];
        if !(before.ends_with([':', ',']) || before == "+" || before == "-") {
            return Err(stray(rest, start, stop));
        }
        read = quoted_part_length(rest, start, stop)?;
        if rest[read..].starts_with(|c: char| !c.is_whitespace() && c != ',') {
            return Err(stray(rest, start, read));
        }
    }
}

/// The length of a word up to the end of the quoted text that begins at this byte of the word.
fn quoted_part_length(rest: &str, start: usize, at: usize) -> Result<usize, QuoteError> {
    let unclosed = || QuoteError::Unclosed(start..start + rest.trim_end().len());
    quoted_length(&rest[at..]).map(|length| at + length).ok_or_else(unclosed)
}

/// An error about a whole word, of which `length` bytes have been read.
fn stray(rest: &str, start: usize, read: usize) -> QuoteError {
    QuoteError::Stray(start..start + read + plain_length(&rest[read..]))
}

fn plain_length(text: &str) -> usize {
    text.find(char::is_whitespace).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::text::Quoted;

    fn span(error: QuoteError) -> Range<usize> {
        match error {
            QuoteError::Unclosed(span) | QuoteError::Stray(span) => span,
        }
    }

    #[test]
    fn words_end_at_spaces_outside_of_quotes() {
        for (line, expected) in [
            ("", vec![]),
            ("   ", vec![]),
            ("help", vec!["help"]),
            ("  delete   device X  ", vec!["delete", "device", "X"]),
            ("because \"moved to Berlin\"", vec!["because", "moved to Berlin"]),
            ("\"\" x \" y \"", vec!["", "x", " y "]),
            ("a \"b\"\"c\" \"55\"\" display\" x", vec!["a", "b\"c", "55\" display", "x"]),
            ("\"\"\"old\"\"\" \"\"\"\"", vec!["\"old\"", "\""]),
            ("name:\"55\"\" *\",\"\"\"\" x", vec!["name:\"55\"\" *\",\"\"\"\"", "x"]),
            ("größe\u{a0}日本", vec!["größe", "日本"]),
            ("name:\"BER 4\" x", vec!["name:\"BER 4\"", "x"]),
            ("-name:\"\"", vec!["-name:\"\""]),
            ("p:\"a b\",\"c, d\",e f", vec!["p:\"a b\",\"c, d\",e", "f"]),
            ("+\"floor 12\" -\"x y\"", vec!["+\"floor 12\"", "-\"x y\""]),
        ] {
            let (words, error) = split(line);
            assert_eq!(words.iter().map(|word| &*word.text).collect::<Vec<_>>(), expected, "{line}");
            assert_eq!(error, None, "{line}");
        }
    }

    #[test]
    fn an_error_in_the_quotes_points_at_the_word() {
        for (line, words, at) in [
            ("because \"moved out", 1, "\"moved out"),
            ("because \"", 1, "\""),
            ("because \"moved\"out", 1, "\"moved\"out"),
            ("because \"the \"old\" one\"", 1, "\"the \"old\""),
            ("because\"moved\"", 0, "because\"moved\""),
            ("a 55\" display", 1, "55\""),
            ("a \"b\"\"c", 1, "\"b\"\"c"),
            ("a \"\"\"", 1, "\"\"\""),
            ("a \"55\" display\"", 2, "display\""),
            ("a \"b\"\"\"c\" d", 1, "\"b\"\"\"c\""),
            ("a name:\"BER 4", 1, "name:\"BER 4"),
            ("a name:\"BER\"4 b", 1, "name:\"BER\"4"),
            ("a name:\"BER\":x b", 1, "name:\"BER\":x"),
            ("a name:B\"ER\" b", 1, "name:B\"ER\""),
            ("a x+\"b\" c", 1, "x+\"b\""),
        ] {
            let (before, error) = split(line);
            assert_eq!(before.len(), words, "{line}");
            assert_eq!(error.map(|error| &line[span(error)]), Some(at), "{line}");
        }
    }

    proptest! {
        #[test]
        fn words_know_where_they_are(line in "[\"a:,+ ßé\u{a0}]{0,30}") {
            let (words, error) = split(&line);
            for word in &words {
                prop_assert_eq!(&line[word.span.clone()], word.raw);
                let raw = if word.quoted { Quoted(&word.text).to_string() } else { word.text.to_string() };
                prop_assert_eq!(raw, word.raw);
            }
            if let Some(error) = error {
                prop_assert!(line.get(span(error)).is_some_and(|at| at.contains('"')));
            }
        }
    }
}
