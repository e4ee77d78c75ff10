//! Typed text: normalizing it to one plain line, quoting and unquoting.
//!
//! Normalizing makes lines equal that look alike. Curly quotes become `"` and `'`. White space, line breaks and control
//! characters become a space. Invisible characters (zero-width, direction marks, tags) are removed. Runs of spaces
//! become one, inside quotes too, because HTML shows them as one. Letters stay as they are, look-alikes included: a
//! line that merely resembles a command should fail.
//!
//! Inside quotes a double quote is doubled: `"the 55"" display"`. A backslash would not work: Webex reads messages as
//! markdown, which removes it.

use std::borrow::Cow;
use std::fmt;

/// Makes a text one plain line, without control characters, surrounding spaces or double spaces.
///
/// Idempotent.
pub(crate) fn normalize(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for character in text.chars().filter_map(plain) {
        let superfluous = character == ' ' && (line.is_empty() || line.ends_with(' '));
        if !superfluous {
            line.push(character);
        }
    }
    if line.ends_with(' ') {
        line.pop();
    }
    line
}

/// The plain form of a character; none if it is invisible.
fn plain(character: char) -> Option<char> {
    match character {
        '“' | '”' | '„' | '‟' | '«' | '»' | '＂' => Some('"'),
        '‘' | '’' | '‚' | '‛' => Some('\''),
        _ if is_invisible(character) => None,
        _ if is_space(character) => Some(' '),
        _ => Some(character),
    }
}

/// Zero-width characters that neither separate words nor change what people read.
fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{00AD}'                    // soft hyphen
        | '\u{061C}'                  // Arabic letter mark
        | '\u{180E}'                  // Mongolian vowel separator
        | '\u{200B}'..='\u{200F}'     // zero-width space and joiners, direction marks
        | '\u{202A}'..='\u{202E}'     // embeddings and overrides of direction
        | '\u{2060}'..='\u{206F}'     // word joiner, invisible operators, isolates of direction
        | '\u{FEFF}'                  // byte order mark
        | '\u{FFF9}'..='\u{FFFB}'     // interlinear annotation
        | '\u{E0000}'..='\u{E007F}'   // tags: a whole hidden alphabet
    )
}

/// White space of any kind, control characters, and letters that are displayed as a space.
fn is_space(character: char) -> bool {
    character.is_whitespace()
        || character.is_control()
        || matches!(character, '\u{2800}' | '\u{3164}' | '\u{FFA0}')
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

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
            (" \u{200b} \n ", ""),
            ("", ""),
        ] {
            assert_eq!(normalize(text), line, "{text:?}");
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
