//! One plain line of whatever keyboards, clients and the clipboard put into a text.
//!
//! Curly quotes become `"` and `'`, every kind of blank, line break and control character becomes a blank,
//! and what cannot be seen (zero-width characters, direction marks, tags) is taken out, so that two lines
//! that look alike are alike. Runs of blanks become one, inside quotes too: html shows them as one, so
//! nobody who typed or copied a text has ever seen more. Letters stay as they are: no case is changed and no
//! look-alike is replaced, because a line that only looks like a command should fail.

/// The text as one plain line: no control character in it, no blank at its ends, no two in a row.
///
/// Doing it twice changes nothing.
#[must_use]
pub fn normalize(text: &str) -> String {
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

/// What a character becomes; nothing if it cannot be seen.
fn plain(character: char) -> Option<char> {
    match character {
        '“' | '”' | '„' | '‟' | '«' | '»' | '＂' => Some('"'),
        '‘' | '’' | '‚' | '‛' => Some('\''),
        _ if is_invisible(character) => None,
        _ if is_blank(character) => Some(' '),
        _ => Some(character),
    }
}

/// Characters of no width that neither separate words nor change what is read.
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

/// White space of any kind, controls, and the letters that look like a blank.
fn is_blank(character: char) -> bool {
    character.is_whitespace()
        || character.is_control()
        || matches!(character, '\u{2800}' | '\u{3164}' | '\u{FFA0}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_phones_and_clipboards_add_is_made_plain() {
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
            ("because \"two  blanks\"", "because \"two blanks\""),
            ("Größe 日本 👍", "Größe 日本 👍"),
            ("dеlete", "dеlete"), // The first e is Cyrillic: left alone, and so never the verb.
            (" \u{200b} \n ", ""),
            ("", ""),
        ] {
            assert_eq!(normalize(text), line, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn a_line_is_plain_and_stays_as_it_is(text in any::<String>()) {
            let line = normalize(&text);
            prop_assert!(!line.chars().any(char::is_control));
            prop_assert!(!line.contains("  "));
            prop_assert_eq!(line.trim(), &line);
            prop_assert_eq!(normalize(&line), line);
        }
    }
}
