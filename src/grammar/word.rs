//! A line cut into words that remember where they stood.
//!
//! ```text
//! line   = { blank } [ word { blank+ word } ] { blank }
//! word   = plain | quoted | mixed
//! plain  = one or more characters without blanks and without `"`
//! quoted = `"` { any character but `"` | `""` } `"`
//! mixed  = ( sign | plain ":" ) part { "," part }
//! part   = plain | quoted
//! sign   = "+" | "-"
//! ```
//!
//! So `name:"BER 4"`, `product:"Room Bar","Room Kit"` and `+"floor 12"` are one word each, with their quotes.
//! A quote in a text in quotes is written twice: `"55"" display"` ([`crate::domain::text`]). A quote anywhere else
//! in a word, or something right behind a closing quote, is a fault rather than a guess, because a guess could turn
//! `"55" display"` into another command than was meant.

use std::borrow::Cow;
use std::ops::Range;

use super::error::{ParseError, excerpt};
use crate::domain::text::{quoted_length, unquote};

/// One word of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word<'a> {
    /// As it stands in the line, with its quotes.
    pub(super) raw: &'a str,
    /// Without its quotes, if it stood in quotes as a whole, and then with one quote where two were written.
    pub(super) text: Cow<'a, str>,
    /// Whether it stood in quotes as a whole; then it is never a fixed word of the grammar.
    pub(super) quoted: bool,
    /// Its bytes in the line.
    pub(super) span: Range<usize>,
}

impl Word<'_> {
    /// Whether it is this fixed word, in upper or lower case.
    pub(super) fn is(&self, fixed: &str) -> bool {
        !self.quoted && self.text.eq_ignore_ascii_case(fixed)
    }
}

/// The words of a line up to its end or the first fault in its quotes, and that fault.
pub(super) fn split(line: &str) -> (Vec<Word<'_>>, Option<ParseError>) {
    let mut words = Vec::new();
    let mut at = 0;
    while let Some(skipped) = line[at..].find(|c: char| !c.is_whitespace()) {
        match word_at(line, at + skipped) {
            Ok(word) => {
                at = word.span.end;
                words.push(word);
            }
            Err(fault) => return (words, Some(fault)),
        }
    }
    (words, None)
}

/// The word that begins at a byte that is no blank.
fn word_at(line: &str, start: usize) -> Result<Word<'_>, ParseError> {
    let rest = &line[start..];
    if rest.starts_with('"') {
        let Some(end) = quoted_length(rest) else { return Err(unclosed_quote(start, rest)) };
        if rest[end..].starts_with(|c: char| !c.is_whitespace()) {
            return Err(stray_quote(start, &rest[..end + plain_length(&rest[end..])]));
        }
        let raw = &rest[..end];
        let text = unquote(raw).unwrap_or(Cow::Borrowed(raw));
        return Ok(Word { raw, text, quoted: true, span: start..start + end });
    }
    let raw = &rest[..mixed_length(rest, start)?];
    Ok(Word { raw, text: raw.into(), quoted: false, span: start..start + raw.len() })
}

/// How long a word is that does not begin with a quote. It may hold texts in quotes where a value begins.
fn mixed_length(rest: &str, start: usize) -> Result<usize, ParseError> {
    let mut read = 0;
    loop {
        let stop =
            rest[read..].find(|c: char| c == '"' || c.is_whitespace()).map_or(rest.len(), |at| read + at);
        if !rest[stop..].starts_with('"') {
            return Ok(stop);
        }
        let before = &rest[..stop];
        if !(before.ends_with([':', ',']) || before == "+" || before == "-") {
            return Err(stray_quote(start, &rest[..stop + plain_length(&rest[stop..])]));
        }
        let Some(length) = quoted_length(&rest[stop..]) else { return Err(unclosed_quote(start, rest)) };
        read = stop + length;
        if rest[read..].starts_with(|c: char| !c.is_whitespace() && c != ',') {
            return Err(stray_quote(start, &rest[..read + plain_length(&rest[read..])]));
        }
    }
}

fn plain_length(text: &str) -> usize {
    text.find(char::is_whitespace).unwrap_or(text.len())
}

fn unclosed_quote(start: usize, rest: &str) -> ParseError {
    let found = rest.trim_end();
    ParseError::UnclosedQuote { span: start..start + found.len(), found: excerpt(found), command: None }
}

fn stray_quote(start: usize, found: &str) -> ParseError {
    ParseError::StrayQuote { span: start..start + found.len(), found: excerpt(found), command: None }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::text::Quoted;

    #[test]
    fn words_are_cut_at_blanks_and_quotes_hold_them() {
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
            let (words, fault) = split(line);
            assert_eq!(words.iter().map(|word| &*word.text).collect::<Vec<_>>(), expected, "{line}");
            assert_eq!(fault, None, "{line}");
        }
    }

    #[test]
    fn a_fault_in_the_quotes_points_at_itself() {
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
            let (before, fault) = split(line);
            assert_eq!(before.len(), words, "{line}");
            assert_eq!(fault.map(|fault| &line[fault.span()]), Some(at), "{line}");
        }
    }

    proptest! {
        #[test]
        fn words_are_where_they_say(line in "[\"a:,+ ßé\u{a0}]{0,30}") {
            let (words, fault) = split(&line);
            for word in &words {
                prop_assert_eq!(&line[word.span.clone()], word.raw);
                let raw = if word.quoted { Quoted(&word.text).to_string() } else { word.text.to_string() };
                prop_assert_eq!(raw, word.raw);
            }
            if let Some(fault) = fault {
                prop_assert!(line.get(fault.span()).is_some_and(|at| at.contains('"')));
            }
        }
    }
}
