//! A message's text as one plain line, before it is parsed: what keyboards, clients and clipboards add is undone, as far
//! as it cannot change the meaning.
//!
//! Quotes become straight, and single ones around a word or text double ones. White space becomes a space, and
//! zero-width characters at the edges of words are dropped; those inside a word stay for [`super::parse()`] to report.
//! Outside of quotes, any dash is a `-`, because it may be a sign.

use crate::domain::hidden::without_zero_width_edges;
use crate::domain::text::{composed, is_dash, straight};

/// One plain line: composed letters, plain spaces, straight quotes. Idempotent.
pub(super) fn plain_line(text: &str) -> String {
    let straight: String = text.chars().map(straight).collect();
    let visible = without_zero_width_edges(&straight);
    let line = visible.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    with_plain_dashes(&with_double_quotes(&composed(line)))
}

/// The text behind a mention, without the sign that sets it apart: `, help`, `: help`, ` - help`.
pub(super) fn without_sign(text: &str) -> &str {
    let rest = text.trim_start();
    let Some(sign) = rest.chars().next().filter(|sign| ",:;.!-–—".contains(*sign)) else { return text };
    let after = &rest[sign.len_utf8()..];
    // A dash at the front of a word belongs to it, and so does a second sign.
    let is_apart = after.is_empty() || after.starts_with(char::is_whitespace);
    if is_apart || (",:".contains(sign) && after.starts_with(char::is_alphanumeric)) { after } else { text }
}

/// The line with `'X'` as `"X"`. An apostrophe inside a word opens no quotes, and quotes that are not closed stay.
fn with_double_quotes(line: &str) -> String {
    let mut quoted = String::with_capacity(line.len());
    let (mut at, mut in_quotes) = (0, false);
    while let Some(character) = line[at..].chars().next() {
        let length = match character {
            '\'' if !in_quotes && opens_quotes(&quoted) => single_quoted_length(&line[at..]),
            _ => None,
        };
        if let Some(length) = length {
            quoted.extend(["\"", &line[at + 1..at + length - 1], "\""]);
            at += length;
        } else {
            in_quotes ^= character == '"';
            quoted.push(character);
            at += character.len_utf8();
        }
    }
    quoted
}

/// Whether a quote behind this text may open a quoted text.
fn opens_quotes(before: &str) -> bool {
    let word = before.rsplit(' ').next().unwrap_or_default();
    word.is_empty() || word == "+" || word.chars().all(is_dash) || word.ends_with([':', ','])
}

/// The length of the text in single quotes at the front, up to the first quote at the end of a word.
fn single_quoted_length(text: &str) -> Option<usize> {
    let ends_word = |at: &usize| text[at + 1..].chars().next().is_none_or(|c| " ,.;".contains(c));
    let end = text.match_indices('\'').skip(1).map(|(at, _)| at).find(ends_word)?;
    (!text[..end].contains('"')).then_some(end + 1)
}

/// The line with `-` for every dash outside of quotes.
fn with_plain_dashes(line: &str) -> String {
    let mut in_quotes = false;
    let plain = |character: char| {
        in_quotes ^= character == '"';
        if !in_quotes && is_dash(character) { '-' } else { character }
    };
    line.chars().map(plain).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use unicode_normalization::UnicodeNormalization as _;

    use super::*;

    #[test]
    fn what_keyboards_and_clipboards_add_is_undone() {
        for (text, line) in [
            ("  delete \t device\r\n\u{a0}X ", "delete device X"),
            ("\u{feff}delete device \u{200b}X\u{200e}", "delete device X"),
            (
                "list devices –status:offline \u{2212}tag:x —tag:y",
                "list devices -status:offline -tag:x -tag:y",
            ),
            ("confirm K7Q2‑M9", "confirm K7Q2-M9"),
            ("because “moved – to Berlin”", "because \"moved – to Berlin\""),
            ("show device Bu\u{308}ro", "show device Büro"),
        ] {
            assert_eq!(plain_line(text), line, "{text:?}");
        }
    }

    #[test]
    fn hidden_characters_inside_a_word_stay() {
        for text in
            ["F\u{200b}OC", "FOC\u{202e}21\u{202c}", "\u{2066}x\u{2069}", "de\u{ad}lete", "x\u{e0041}"]
        {
            assert_eq!(plain_line(text), text);
        }
    }

    #[test]
    fn single_quotes_around_a_text_are_double_quotes() {
        for (text, line) in [
            ("delete device 'BER 4'", "delete device \"BER 4\""),
            ("delete device ‘BER 4’ because ‘moved’", "delete device \"BER 4\" because \"moved\""),
            ("list devices name:'BER 4','x' -tag:'a b'", "list devices name:\"BER 4\",\"x\" -tag:\"a b\""),
            ("tag device X +'floor 12' -'x y'", "tag device X +\"floor 12\" -\"x y\""),
            ("because 'Ana's'", "because \"Ana's\""),
            ("show device it's", "show device it's"),
            ("show device 'BER", "show device 'BER"),
            ("because \"the 'old' one\"", "because \"the 'old' one\""),
            ("because 'the \"old\" one'", "because 'the \"old\" one'"),
            ("'", "'"),
            ("''", "\"\""),
        ] {
            assert_eq!(plain_line(text), line, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_plain_line_stays_the_same(text in prop_oneof![any::<String>(), "[ a'\":,+–\u{200b}\u{301}é-]{0,16}"]) {
            let line = plain_line(&text);
            prop_assert!(!line.chars().any(char::is_control));
            prop_assert!(!line.contains("  "));
            prop_assert_eq!(line.trim(), &line);
            prop_assert_eq!(plain_line(&line), line);
        }

        #[test]
        fn a_line_is_the_same_however_its_letters_are_composed(text in "[a-zäöüé\u{301}\u{308}가한 \"':–-]{0,16}") {
            let line = plain_line(&text);
            prop_assert_eq!(plain_line(&text.nfd().collect::<String>()), line.clone());
            prop_assert_eq!(plain_line(&text.nfc().collect::<String>()), line);
        }
    }
}
