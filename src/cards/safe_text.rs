//! Outside text made safe for a card: one line of bounded length, read from left to right.
//!
//! Nothing is escaped here: on a card every outside text is a `TextRun`, which knows no markup, so a name full of
//! brackets and asterisks stays unchanged. Characters that break the line, turn the reading direction or control a
//! terminal are replaced, card functions are broken up, and very long texts are cut.

use std::borrow::Cow;

use crate::domain::id::{MAX_ID_LENGTH, decode};

/// Longest text typed by people, in characters: a name, a reason.
const LONGEST_TEXT: usize = 300;
/// Longest text set by a machine: a serial number, a status. Keeps the worst card below its limit.
const LONGEST_WORD: usize = 100;
/// Longest sentence. Steward's sentences are far shorter, but texts quoted in them may be long.
const LONGEST_SENTENCE: usize = 600;

/// A text that views are built from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SafeText(String);

impl SafeText {
    /// Text typed by people: at most 300 characters.
    pub(super) fn text(text: &str) -> Self {
        Self::cut(text, LONGEST_TEXT)
    }

    /// Text set by a machine, such as a serial number: at most 100 characters.
    pub(super) fn word(text: &str) -> Self {
        Self::cut(text, LONGEST_WORD)
    }

    /// A sentence of Steward, with anything quoted in it: at most 600 characters.
    pub(super) fn sentence(text: &str) -> Self {
        Self::cut(text, LONGEST_SENTENCE)
    }

    /// An id. People copy it from the card, so no valid id is cut.
    pub(super) fn id(text: &str) -> Self {
        Self::cut(text, MAX_ID_LENGTH)
    }

    /// A line that people copy from the card and send: at most 600 characters. A card has no room for a whole id and
    /// would show it shortened, so its UUID stands for it; Steward takes either.
    pub(super) fn line(text: &str) -> Self {
        let words: Vec<Cow<'_, str>> = text.split(' ').map(with_a_uuid).collect();
        Self::cut(&words.join(" "), LONGEST_SENTENCE)
    }

    /// A cell of a list, one of many on a card: at most this many bytes of UTF-8.
    pub(super) fn cell(text: &str, bytes: usize) -> Self {
        let text = &without_functions(text);
        let line: String = text.chars().take(bytes + 1).map(on_one_line).collect();
        if line.len() <= bytes {
            return Self(line);
        }
        let room = line.floor_char_boundary(bytes.saturating_sub('…'.len_utf8()));
        Self(format!("{}…", &line[..room]))
    }

    /// The last 300 characters of a text at most.
    pub(super) fn end_of(text: &str) -> Self {
        let length = text.chars().count();
        if length <= LONGEST_TEXT {
            return Self::text(text);
        }
        let end: String = text.chars().skip(length - (LONGEST_TEXT - 1)).collect();
        Self(std::iter::once('…').chain(without_functions(&end).chars().map(on_one_line)).collect())
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    fn cut(text: &str, longest: usize) -> Self {
        let text = &without_functions(text);
        let mut line: String = text.chars().take(longest).map(on_one_line).collect();
        if text.chars().nth(longest).is_some() {
            line.pop();
            line.push('…');
        }
        Self(line)
    }
}

/// A word with the UUID instead of the id that it is, or that follows the key of a filter in it.
fn with_a_uuid(word: &str) -> Cow<'_, str> {
    let start = word.find(':').map_or(0, |colon| colon + 1);
    let (key, id) = word.split_at(start);
    match decode(id).and_then(|id| uuid::Uuid::try_parse(&id.key).ok()) {
        Some(uuid) => format!("{key}{uuid}").into(),
        None => word.into(),
    }
}

/// A field that may be missing; one with only spaces counts as missing.
pub(super) fn given(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.trim().is_empty())
}

/// Several texts as one, such as `pilot, floor-12`; `None` if there are none.
pub(super) fn list_of(texts: &[String]) -> Option<SafeText> {
    (!texts.is_empty()).then(|| SafeText::text(&texts.join(", ")))
}

pub(super) fn sentences<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) -> Vec<SafeText> {
    texts.into_iter().map(|text| SafeText::sentence(text.as_ref())).collect()
}

/// A name, or a placeholder.
pub(super) fn name_or_none(name: Option<&str>) -> SafeText {
    SafeText::text(given(name).unwrap_or(NO_NAME))
}

/// Stands for the name of a device that has none.
pub(super) const NO_NAME: &str = "no name";

/// Cards know two functions, in a `TextRun` too: `{{DATE(…)}}` and `{{TIME(…)}}` become a date and a time of the reader
/// (Adaptive Cards, *Text features*). An invisible character between the braces keeps the visible text unchanged.
fn without_functions(text: &str) -> Cow<'_, str> {
    if !text.contains("{{DATE(") && !text.contains("{{TIME(") {
        return text.into();
    }
    text.replace("{{DATE(", "{\u{2060}{DATE(").replace("{{TIME(", "{\u{2060}{TIME(").into()
}

/// A whole text, cleaned.
#[cfg(test)]
pub(super) fn cleaned(text: &str) -> String {
    without_functions(text).chars().map(on_one_line).collect()
}

/// A character that breaks no line and turns no reading direction.
fn on_one_line(character: char) -> char {
    match character {
        // Line and paragraph separators are line breaks in JavaScript and some clients, but not control characters in
        // Unicode.
        '\u{2028}' | '\u{2029}' => ' ',
        // Embeddings, overrides and isolates make `gpj.exe` out of `exe.jpg`; marked, not hidden.
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => char::REPLACEMENT_CHARACTER,
        control if control.is_control() => ' ',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_odd_name_is_kept_exactly() {
        let name = r#""], "x": [{{7*7}} <@all> **bold** [a](http://x) 👩‍🔧 Größe"#;
        assert_eq!(SafeText::text(name).as_str(), name);
    }

    #[test]
    fn line_breaks_and_direction_marks_are_replaced() {
        let cases = [
            ("a\nb\r\tc", "a b  c"),
            ("a\u{2028}b\u{2029}c\u{85}d", "a b c d"),
            ("\u{1b}[31mred\u{7f}\0", " [31mred  "),
            ("\u{202e}gpj.exe\u{2069}", "\u{fffd}gpj.exe\u{fffd}"),
        ];
        for (text, expected) in cases {
            assert_eq!(SafeText::text(text).as_str(), expected, "{text:?}");
        }
    }

    #[test]
    fn the_functions_of_cards_are_text() {
        for (text, expected) in [
            ("{{DATE(2026-11-24T09:12:05Z, SHORT)}}", "{\u{2060}{DATE(2026-11-24T09:12:05Z, SHORT)}}"),
            ("{{{TIME(x)}}}", "{{\u{2060}{TIME(x)}}}"),
            ("{{date}} {DATE(x)}", "{{date}} {DATE(x)}"),
        ] {
            assert_eq!(SafeText::text(text).as_str(), expected);
            assert_eq!(SafeText::cell(text, 99).as_str(), expected);
            assert_eq!(SafeText::end_of(text).as_str(), expected);
        }
    }

    #[test]
    fn very_long_texts_are_cut() {
        assert_eq!(SafeText::text(&"ä".repeat(300)).as_str(), "ä".repeat(300));
        assert_eq!(SafeText::text(&"ä".repeat(301)).as_str(), "ä".repeat(299) + "…");
        assert_eq!(SafeText::word(&"a".repeat(101)).as_str(), "a".repeat(99) + "…");
        assert_eq!(
            SafeText::end_of(&("x".to_owned() + &"ä".repeat(300))).as_str(),
            "…".to_owned() + &"ä".repeat(299)
        );
        assert_eq!(SafeText::id(&"a".repeat(MAX_ID_LENGTH)).as_str(), "a".repeat(MAX_ID_LENGTH));
    }

    #[test]
    fn a_line_to_send_has_uuids_instead_of_whole_ids() {
        const ID: &str = "Y2lzY29zcGFyazovL3VzL0RFVklDRS8xMTExMTExMS0yMjIyLTMzMzMtNDQ0NC01NTU1NTU1NTU1NTU";
        const UUID: &str = "11111111-2222-3333-4444-555555555555";
        for (line, expected) in [
            (format!("delete device {ID} because \"old\""), format!("delete device {UUID} because \"old\"")),
            (format!("list devices  id:{ID}"), format!("list devices  id:{UUID}")),
            (format!("delete device {UUID}"), format!("delete device {UUID}")),
            ("delete device FOC2345ABCD".to_owned(), "delete device FOC2345ABCD".to_owned()),
            // An id without a UUID is short.
            (
                "show device Y2lzY29zcGFyazovL3VzL0RFVklDRS8x".to_owned(),
                "show device Y2lzY29zcGFyazovL3VzL0RFVklDRS8x".to_owned(),
            ),
        ] {
            assert_eq!(SafeText::line(&line).as_str(), expected);
        }
    }

    #[test]
    fn a_cell_is_cut_by_bytes() {
        for (text, bytes, expected) in [
            ("BER-4", 5, "BER-4"),
            ("BER-44", 5, "BE…"),
            ("größe", 7, "größe"),
            ("größe!", 7, "grö…"),
            ("会議室", 9, "会議室"),
            ("会議室の", 9, "会議…"),
            ("\u{202e}a\n", 5, "\u{fffd}a "),
        ] {
            assert_eq!(SafeText::cell(text, bytes).as_str(), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_fits_a_cell(text in any::<String>(), bytes in 3_usize..50) {
            let cell = SafeText::cell(&text, bytes);
            prop_assert!(cell.as_str().len() <= bytes);
            prop_assert!(!cell.as_str().contains(char::is_control));
        }

        #[test]
        fn any_text_becomes_one_line_and_stays_one(text in any::<String>()) {
            let line = SafeText::text(&text);
            prop_assert!(line.as_str().chars().count() <= LONGEST_TEXT);
            prop_assert!(!line.as_str().contains(char::is_control));
            prop_assert_eq!(SafeText::text(line.as_str()), line);
        }
    }
}
