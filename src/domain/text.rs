//! Text in its normal form, for what people type and what Webex has; quoting and unquoting.
//!
//! [`normalize`] makes lines equal that are the same to Unicode or differ only in how a keyboard writes them: composed
//! letters (NFC), straight quotes, plain spaces, no invisible characters. Runs of spaces become one, inside quotes too,
//! because HTML shows them as one. [`comparison_key`] goes on to ignore case and the kind of a dash. Letters stay as they
//! are, look-alikes of other scripts included: a line that merely resembles a command should fail.
//!
//! Inside quotes a double quote is doubled: `"the 55"" display"`. A backslash would not work: Webex reads messages as
//! markdown, which removes it.

use std::borrow::Cow;
use std::fmt;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use super::hidden::{is_blank, is_ignorable, is_variation_selector, takes_selectors};

/// Makes a text one plain line, without control characters, surrounding spaces or double spaces.
///
/// Idempotent.
pub(crate) fn normalize(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    let mut characters = text.chars().filter_map(plain).peekable();
    while let Some(character) = characters.next() {
        let is_superfluous = match character {
            ' ' => line.is_empty() || line.ends_with(' '),
            _ if is_variation_selector(character) => {
                !takes_selectors(line.chars().next_back(), characters.peek().copied())
            }
            _ => false,
        };
        if !is_superfluous {
            line.push(character);
        }
    }
    if line.ends_with(' ') {
        line.pop();
    }
    composed(line)
}

/// The form in which names, tags and filters are compared: equal for texts that read alike, whichever way they were
/// typed. Case and the kind of a dash do not matter.
///
/// Idempotent.
pub(crate) fn comparison_key(text: &str) -> String {
    let line = normalize(text);
    if line.is_ascii() {
        return line.to_ascii_lowercase();
    }
    // Letter by letter, so that the result does not depend on neighboring letters.
    let folded =
        line.chars().filter(|c| !is_variation_selector(*c)).flat_map(char::to_lowercase).map(|c| match c {
            'ς' => 'σ',
            dash if is_dash(dash) => '-',
            other => other,
        });
    // Without its selectors, a text may end with a space; small letters may compose where capitals do not.
    composed(folded.collect::<String>())
}

/// Hyphens, dashes and the minus sign. Keyboards write them for `-`.
pub(crate) fn is_dash(character: char) -> bool {
    matches!(character, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

/// The text with composed letters (NFC).
pub(crate) fn composed(text: String) -> String {
    match is_nfc_quick(text.chars()) {
        IsNormalized::Yes => text,
        IsNormalized::No | IsNormalized::Maybe => text.nfc().collect(),
    }
}

/// The plain form of a character; none if it is invisible.
fn plain(character: char) -> Option<char> {
    match character {
        ' '..='~' => Some(character),
        _ if is_ignorable(character) => None,
        _ => Some(straight(character)),
    }
}

/// A quote as it is on a keyboard, a space of any kind as a plain space; other characters unchanged.
pub(crate) fn straight(character: char) -> char {
    match character {
        '“' | '”' | '„' | '‟' | '«' | '»' | '＂' => '"',
        '‘' | '’' | '‚' | '‛' => '\'',
        // The same characters to Unicode, which composing would replace anyway.
        '\u{212A}' => 'K',
        '\u{037E}' => ';',
        '\u{1FEF}' => '`',
        _ if character.is_whitespace() || character.is_control() || is_blank(character) => ' ',
        _ => character,
    }
}

/// Displays a text in double quotes.
#[derive(Debug, Clone, Copy)]
pub struct Quoted<'a>(pub &'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0.replace('"', "\"\""))
    }
}

/// The length in bytes of a quoted text at the start of `text`, both quotes included; none if it is never closed.
pub(crate) fn quoted_length(text: &str) -> Option<usize> {
    let mut read = 1;
    loop {
        read += text.get(read..)?.find('"')? + 1;
        if !text[read..].starts_with('"') {
            return Some(read);
        }
        read += 1;
    }
}

/// The text between the quotes; none if `text` is not one quoted text as a whole.
pub(crate) fn unquote(text: &str) -> Option<Cow<'_, str>> {
    let inner = text.strip_prefix('"')?.strip_suffix('"')?;
    let is_whole = quoted_length(text) == Some(text.len());
    is_whole.then(|| if inner.contains('"') { inner.replace("\"\"", "\"").into() } else { inner.into() })
}

/// A message, such as that of an error, with a capital letter and a full stop.
pub(crate) fn sentence(message: &str) -> String {
    let mut rest = message.trim().chars();
    let first = rest.next().map(char::to_uppercase).into_iter().flatten();
    let mut sentence: String = first.chain(rest).collect();
    if !sentence.ends_with(['.', '?', '!', '…']) {
        sentence.push('.');
    }
    sentence
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_message_becomes_a_sentence() {
        let cases = [
            ("expected a device id, found nothing", "Expected a device id, found nothing."),
            ("what is that?", "What is that?"),
            ("ärger", "Ärger."),
            ("", "."),
        ];
        for (message, expected) in cases {
            assert_eq!(sentence(message), expected);
        }
    }

    #[test]
    fn additions_of_phones_and_clipboards_become_plain() {
        for (text, line) in [
            ("delete device X", "delete device X"),
            ("  delete \t device\r\n\r\nX ", "delete device X"),
            ("delete\u{a0}device\u{202f}X\u{3000}", "delete device X"),
            ("delete\u{2028}device\u{2029}X\u{85}", "delete device X"),
            ("delete device \u{200b}X\u{feff}", "delete device X"),
            ("de\u{ad}lete dev\u{200d}ice \u{202e}X\u{2069}", "delete device X"),
            ("delete\u{0}device\u{7}X\u{1b}\u{7f}", "delete device X"),
            ("delete\u{3164}device X\u{e0041}", "delete device X"),
            ("because “moved”", "because \"moved\""),
            ("because „moved‟", "because \"moved\""),
            ("because «moved»", "because \"moved\""),
            ("because ＂moved＂", "because \"moved\""),
            ("Ana’s ‘old’ ‚one‛", "Ana's 'old' 'one'"),
            ("because \"two  spaces\"", "because \"two spaces\""),
            ("Größe 日本 👍", "Größe 日本 👍"),
            ("dеlete", "dеlete"), // The first e is Cyrillic: left alone, and so never the verb.
            ("Bu\u{308}ro e\u{200b}\u{301}", "Büro é"),
            ("❤\u{fe0f} 1\u{fe0f}\u{20e3} F\u{fe0f}1", "❤\u{fe0f} 1\u{fe0f}\u{20e3} F1"),
            (" \u{200b} \n ", ""),
            ("", ""),
        ] {
            assert_eq!(normalize(text), line, "{text:?}");
        }
    }

    #[test]
    fn texts_that_read_alike_have_one_key() {
        for (text, same) in [
            ("  Lobby ", "lobby"),
            ("BER–4", "ber-4"),
            ("BER\u{2011}4 \u{2212}2\u{a0}x", "ber-4 -2 x"),
            ("Bu\u{308}ro", "BÜRO"),
            ("J\u{30c}", "\u{1f0}"),
            ("ΟΔΟΣ", "οδος"),
            ("❤\u{fe0f}", "❤"),
            ("👩\u{200d}💻 \u{200f}Bar", "👩💻 bar"),
            ("B\u{200b}ER", "ber"),
        ] {
            assert_eq!(comparison_key(text), comparison_key(same), "{text}");
        }
        for (text, other) in [("Lobby", "Lоbby"), ("BER 4", "BER4"), ("Büro", "Buro"), ("ﬁ", "fi")] {
            assert_ne!(comparison_key(text), comparison_key(other), "{text}");
        }
    }

    #[test]
    fn no_character_changes_when_normalized_twice() {
        for character in (0..0x3_0000).chain(0xE_0000..0xE_1000).filter_map(char::from_u32) {
            let text = format!("e{character}\u{301}{character}\u{fe0f} x");
            let line = normalize(&text);
            assert_eq!(normalize(&line), line, "{text:?}");
            let key = comparison_key(&text);
            assert_eq!(comparison_key(&key), key, "{text:?}");
        }
    }

    #[test]
    fn a_doubled_quote_stands_for_one() {
        for (text, inner) in [
            (r#""""#, Some("")),
            (r#""BER 4""#, Some("BER 4")),
            (r#""55"" display""#, Some(r#"55" display"#)),
            (r#"""""#, None),
            (r#""""""#, Some("\"")),
            (r#""""""""#, Some(r#""""#)),
            (r#""the ""old"" one""#, Some(r#"the "old" one"#)),
            (r#"""""old"""""#, None),
            (r#""BER" 4""#, None),
            (r#""BER"#, None),
            (r#"BER""#, None),
            ("\"", None),
            ("", None),
            ("ß", None),
        ] {
            assert_eq!(unquote(text).as_deref(), inner, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_normalized_line_is_plain_and_stays_the_same(text in any::<String>()) {
            let line = normalize(&text);
            prop_assert!(!line.chars().any(char::is_control));
            prop_assert!(!line.contains("  "));
            prop_assert_eq!(line.trim(), &line);
            prop_assert_eq!(normalize(&line), line);
        }

        #[test]
        fn all_unicode_forms_of_a_text_have_one_key(text in "[a-zA-ZäöüéßİσςΣé\u{301}\u{308}가각한Ω \u{200b}–-]{0,12}") {
            let key = comparison_key(&text);
            prop_assert_eq!(comparison_key(&text.nfd().collect::<String>()), key.clone());
            prop_assert_eq!(comparison_key(&text.nfc().collect::<String>()), key.clone());
            prop_assert_eq!(comparison_key(&key), key);
        }

        #[test]
        fn a_quoted_text_is_unquoted_unchanged(text in "[\"aß ]{0,9}", after in "([^\"]\\PC{0,9})?") {
            let quoted = Quoted(&text).to_string();
            prop_assert_eq!(quoted_length(&format!("{quoted}{after}")), Some(quoted.len()));
            prop_assert_eq!(unquote(&quoted), Some(text.as_str().into()));
        }

        #[test]
        fn unquoting_inverts_quoting_for_any_text(text in prop_oneof![any::<String>(), "\"[\"aß]{0,6}\""]) {
            let inner = unquote(&text);
            prop_assert!(inner.is_none_or(|inner| Quoted(&inner).to_string() == text));
        }
    }
}
