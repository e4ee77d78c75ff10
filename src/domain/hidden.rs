//! Characters that people don't see: they are dropped at the edges of words, and make a command fail inside of one.
//!
//! `FOC2501A0`, U+202E, `21`, U+202C reads as `FOC2501A012`. If such characters were dropped in silence, a command would
//! not mean the line that its author reads. Copies from web pages have zero-width characters around words, which change
//! nothing there.

use std::fmt::Write as _;
use std::ops::Range;

/// The first hidden character of a line; none in a line that reads as it is meant.
///
/// A joiner or a variation selector behind a character that is not ASCII belongs to an emoji or a script, and stays.
/// Serial numbers, addresses, ids and codes are ASCII.
pub(crate) fn hidden_in(line: &str) -> Option<Range<usize>> {
    let mut before = None;
    for (at, character) in line.char_indices() {
        let after = line[at + character.len_utf8()..].chars().next();
        if is_hidden(before, character, after) {
            return Some(at..at + character.len_utf8());
        }
        before = Some(character);
    }
    None
}

/// The text with its hidden characters written out: `FOC2501A0[U+202E]21[U+202C]`.
pub(crate) fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let (mut before, mut characters) = (None, text.chars().peekable());
    while let Some(character) = characters.next() {
        if is_hidden(before, character, characters.peek().copied()) {
            write!(shown, "[U+{:04X}]", u32::from(character)).ok();
        } else {
            shown.push(character);
        }
        before = Some(character);
    }
    shown
}

/// The text without the zero-width characters at the edges of its words. Characters that turn the reading direction
/// stay, to be reported.
pub(crate) fn without_zero_width_edges(text: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    let is_edge = |neighbor: Option<&char>| {
        neighbor.is_none_or(|c| c.is_whitespace() || c.is_control() || is_blank(*c) || "\"':,".contains(*c))
    };
    let is_other = |c: &&char| !is_zero_width(**c);
    let stays = |at: usize| {
        !is_zero_width(characters[at])
            || !(is_edge(characters[..at].iter().rev().find(is_other))
                || is_edge(characters[at + 1..].iter().find(is_other)))
    };
    (0..characters.len()).filter(|at| stays(*at)).map(|at| characters[at]).collect()
}

/// Characters without a shape of their own (Unicode, `Default_Ignorable_Code_Point`), except variation selectors.
pub(super) fn is_ignorable(character: char) -> bool {
    is_zero_width(character) || turns_direction(character) || is_concealed(character)
}

/// Letters that are displayed as a space.
pub(super) fn is_blank(character: char) -> bool {
    matches!(character, '\u{2800}' | '\u{3164}' | '\u{FFA0}' | '\u{115F}' | '\u{1160}')
}

/// Whether a character changes the shape of the one before it, as in ❤️.
pub(super) fn is_variation_selector(character: char) -> bool {
    matches!(character, '\u{FE00}'..='\u{FE0F}')
}

/// Whether a selector or joiner behind this character belongs to an emoji or to a script that needs joiners.
pub(super) fn takes_selectors(before: Option<char>, after: Option<char>) -> bool {
    // U+20E3 makes a keycap of a digit.
    before.is_some_and(|c| !c.is_ascii()) || after == Some('\u{20E3}')
}

fn is_hidden(before: Option<char>, character: char, after: Option<char>) -> bool {
    match character {
        '\u{200C}' | '\u{200D}' => !takes_selectors(before, after),
        _ if is_variation_selector(character) => !takes_selectors(before, after),
        _ => is_ignorable(character),
    }
}

/// Zero-width characters that copies from web pages and documents contain.
fn is_zero_width(character: char) -> bool {
    matches!(character,
        '\u{00AD}'                    // soft hyphen
        | '\u{034F}'                  // combining grapheme joiner
        | '\u{061C}'                  // Arabic letter mark
        | '\u{180B}'..='\u{180F}'     // Mongolian selectors and vowel separator
        | '\u{200B}'..='\u{200F}'     // zero-width space and joiners, direction marks
        | '\u{2060}'..='\u{2065}'     // word joiner, invisible operators
        | '\u{206A}'..='\u{206F}'     // deprecated format characters
        | '\u{FEFF}'                  // byte order mark
    )
}

/// Embeddings, overrides and isolates: the text behind them is read in another order.
fn turns_direction(character: char) -> bool {
    matches!(character, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Characters that no keyboard types: annotations, tags (a whole hidden alphabet), format characters of notations.
fn is_concealed(character: char) -> bool {
    matches!(character,
        '\u{17B4}'..='\u{17B5}'
        | '\u{FFF0}'..='\u{FFFB}'
        | '\u{1BCA0}'..='\u{1BCA3}'
        | '\u{1D173}'..='\u{1D17A}'
        | '\u{E0000}'..='\u{E0FFF}'
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn hidden_characters_are_found_and_shown() {
        for (text, shown) in [
            ("FOC2501A0\u{202e}21\u{202c}", "FOC2501A0[U+202E]21[U+202C]"),
            ("a\u{2066}b\u{2069}c", "a[U+2066]b[U+2069]c"),
            ("de\u{ad}lete", "de[U+00AD]lete"),
            (
                "FOC\u{200b}1 FOC\u{200d}1 FOC\u{fe0f}1 FOC\u{feff}1",
                "FOC[U+200B]1 FOC[U+200D]1 FOC[U+FE0F]1 FOC[U+FEFF]1",
            ),
            ("x\u{e0041}", "x[U+E0041]"),
        ] {
            assert_eq!(visible(text), shown);
            let at = hidden_in(text).unwrap();
            assert!(shown.starts_with(&format!("{}[U+", &text[..at.start])), "{text:?} {at:?}");
        }
    }

    #[test]
    fn emoji_and_scripts_with_joiners_hide_nothing() {
        for text in
            ["", "Lobby", "👩\u{200d}💻 ❤\u{fe0f}", "1\u{fe0f}\u{20e3}", "می\u{200c}خواهم", "Größe e\u{301}"]
        {
            assert_eq!((hidden_in(text), visible(text).as_str()), (None, text));
        }
    }

    #[test]
    fn zero_width_characters_are_dropped_only_at_the_edges_of_words() {
        for (text, expected) in [
            ("\u{feff}delete \u{200b}X\u{200e}\u{200b} \u{200f}", "delete X "),
            ("name:\u{200b}Lobby,\u{200b}\"\u{200b}a b\u{200b}\"", "name:Lobby,\"a b\""),
            ("x\u{a0}\u{200b}y", "x\u{a0}y"),
            ("F\u{200b}OC", "F\u{200b}OC"),
            ("\u{202e}x\u{202c}", "\u{202e}x\u{202c}"),
            ("👩\u{200d}💻", "👩\u{200d}💻"),
        ] {
            assert_eq!(without_zero_width_edges(text), expected, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn a_visible_text_hides_nothing(text in any::<String>()) {
            let shown = visible(&text);
            prop_assert_eq!(hidden_in(&shown), None);
            prop_assert_eq!(shown == text, hidden_in(&text).is_none());
        }
    }
}
