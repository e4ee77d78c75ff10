//! Words that are too wide for their place, shortened in the middle. Only the card shows them short; its plain text has
//! them whole.
//!
//! Clients break a `TextRun` at spaces and at few other places, so a device id or a long name in one word would run off
//! the card. The official renderer breaks words in a `TextBlock` with `wrap`, but Webex's desktop client does not
//! (microsoft/AdaptiveCards, issue 3890), and a `TextBlock` interprets markdown. Invisible break characters would be
//! copied along with the word.
//!
//! A card does not know the width or the font of its client. Widths are those of Noto Sans with some slack, on the
//! narrowest card that `scripts/draw-cards` draws; that script measures the result in a browser.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;
use unicode_width::UnicodeWidthChar as _;

/// Pixels for a line of text on a card of 320 pixels, without its padding and border.
const LINE: usize = 286;
/// Pixels for the label of a fact, and for its value beside the label and the gap of 8 pixels.
const LABEL: usize = 100;
const VALUE: usize = LINE - LABEL - 8;
/// The least room for a shortened word, in pixels: some letters on both sides.
const LEAST: usize = 60;

/// No word of as many bytes is too wide for a value or a line.
const ALWAYS_FITS: usize = 12;

/// Percent of the width in Noto Sans, because the fonts of clients differ.
const SLACK: usize = 106;
const BOLD: usize = 108;

/// Widths of the visible ASCII characters in Noto Sans, from the space on, in hundredths of the size.
const WIDTHS: [u8; 95] = [
    26, 27, 41, 65, 58, 84, 74, 23, 30, 30, 56, 58, 27, 33, 27, 38, // to /
    58, 58, 58, 58, 58, 58, 58, 58, 58, 58, 27, 27, 58, 58, 58, 44, // to ?
    90, 64, 65, 64, 73, 56, 52, 73, 75, 34, 28, 62, 53, 91, 76, 79, // to O
    61, 79, 63, 55, 56, 74, 60, 93, 59, 57, 58, 33, 38, 33, 58, 45, // to _
    29, 57, 62, 48, 62, 57, 35, 62, 62, 26, 26, 54, 26, 94, 62, 61, // to o
    62, 62, 42, 48, 37, 62, 51, 79, 53, 51, 47, 38, 56, 38, 58, // to ~
];

/// The card with its words shortened. `text` is its plain text.
pub(super) fn fitted(card: Arc<RawValue>, text: &str) -> serde_json::Result<Arc<RawValue>> {
    if !has_long_words(text.bytes()) {
        return Ok(card);
    }
    let content: Element<'_> = serde_json::from_str(card.get())?;
    let mut changes = Vec::new();
    fit_element(&content, LINE, &mut changes);
    if changes.is_empty() {
        return Ok(card);
    }
    let card = card.get();
    changes.sort_by_key(|change| place_in(card, change.text).start);
    let mut fitted = String::with_capacity(card.len());
    let mut rest = 0;
    for Change { text, short } in changes {
        let place = place_in(card, text);
        fitted.push_str(&card[rest..place.start]);
        fitted.push_str(&serde_json::to_string(&short)?);
        rest = place.end;
    }
    fitted.push_str(&card[rest..]);
    Ok(RawValue::from_string(fitted)?.into())
}

/// Any part of a card that contains text, as far as it changes widths.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Element<'a> {
    #[serde(borrow)]
    body: Vec<Element<'a>>,
    #[serde(borrow)]
    items: Vec<Element<'a>>,
    #[serde(borrow)]
    columns: Vec<Element<'a>>,
    #[serde(borrow)]
    width: Option<Cow<'a, str>>,
    #[serde(borrow)]
    inlines: Vec<TextRun<'a>>,
}

#[derive(Deserialize)]
struct TextRun<'a> {
    /// The text with its quotes and escapes.
    #[serde(borrow)]
    text: &'a RawValue,
    #[serde(borrow, default)]
    size: Cow<'a, str>,
    #[serde(borrow, default)]
    weight: Cow<'a, str>,
    #[serde(borrow, default, rename = "fontType")]
    font_type: Cow<'a, str>,
}

impl TextRun<'_> {
    fn style(&self) -> Style {
        Style {
            size: match &*self.size {
                "Small" => 12,
                "Large" => 18,
                _ => 14,
            },
            is_bold: self.weight == "Bolder",
            is_monospace: self.font_type == "Monospace",
        }
    }
}

/// A new text for a `TextRun`.
struct Change<'a> {
    text: &'a RawValue,
    short: String,
}

/// The position of a part of the card in the card.
fn place_in(card: &str, part: &RawValue) -> Range<usize> {
    let start = part.get().as_ptr().addr() - card.as_ptr().addr();
    start..start + part.get().len()
}

/// Finds the texts to change.
fn fit_element<'a>(element: &Element<'a>, room: usize, changes: &mut Vec<Change<'a>>) {
    let room = match element.width.as_deref() {
        None => room,
        Some("stretch") => VALUE,
        Some(_) => LABEL,
    };
    fit_runs(&element.inlines, room, changes);
    for child in element.body.iter().chain(&element.items).chain(&element.columns) {
        fit_element(child, room, changes);
    }
}

fn fit_runs<'a>(runs: &[TextRun<'a>], room: usize, changes: &mut Vec<Change<'a>>) {
    if !has_long_words(runs.iter().flat_map(|run| run.text.get().bytes())) {
        return;
    }
    let whole = |run: &TextRun<'_>| serde_json::from_str::<String>(run.text.get()).unwrap_or_default();
    let whole: Vec<String> = runs.iter().map(whole).collect();
    let texts: Vec<&str> = whole.iter().map(String::as_str).collect();
    let styles: Vec<Style> = runs.iter().map(TextRun::style).collect();
    let fitted = fit_line(&texts, &styles, room).unwrap_or_default();
    for ((run, short), whole) in runs.iter().zip(fitted).zip(&whole) {
        if short != *whole {
            changes.push(Change { text: run.text, short });
        }
    }
}

/// Whether a word may be too wide. Cheap, because few words are.
fn has_long_words(text: impl IntoIterator<Item = u8>) -> bool {
    let mut length = 0;
    text.into_iter().any(|byte| {
        length = if byte == b' ' || byte == b'\n' { 0 } else { length + 1 };
        length > ALWAYS_FITS
    })
}

/// The style of a `TextRun`, as far as it changes widths.
#[derive(Debug, Clone, Copy)]
struct Style {
    /// In pixels.
    size: usize,
    is_bold: bool,
    is_monospace: bool,
}

impl Style {
    /// The width of a text in pixels.
    fn width(self, text: &str) -> usize {
        self.pixels(text.trim_end_matches(' ').chars().map(|letter| self.hundredths(letter)).sum())
    }

    /// Rounded up.
    fn pixels(self, hundredths: usize) -> usize {
        let percent = if self.is_bold { SLACK * BOLD } else { SLACK * 100 };
        (hundredths * self.size * percent).div_ceil(100 * 100 * 100)
    }

    fn hundredths(self, character: char) -> usize {
        let in_table = (character as usize).checked_sub(' ' as usize).and_then(|at| WIDTHS.get(at));
        match (character.width(), in_table) {
            (None | Some(0), _) => 0,
            (Some(1), Some(_)) if self.is_monospace => 61,
            (Some(1), Some(width)) => usize::from(*width),
            (Some(1), None) if character.is_lowercase() => 75,
            (Some(1), None) => 105,
            (Some(_), _) => 130,
        }
    }
}

/// A part of a line that no client breaks, or the share of one run in it, with the spaces behind it.
#[derive(Debug)]
struct Part<'a> {
    run: usize,
    text: &'a str,
    short: Option<String>,
}

/// The texts of the runs of a line with all words short enough; `None` if they are already.
fn fit_line(texts: &[&str], styles: &[Style], room: usize) -> Option<Vec<String>> {
    let mut parts = parts_of(texts);
    for word in &mut parts {
        shorten_word(word, styles, room);
    }
    let parts = || parts.iter().flatten();
    parts().any(|part| part.short.is_some()).then(|| {
        let mut fitted = vec![String::new(); texts.len()];
        for part in parts() {
            fitted[part.run].push_str(part.short.as_deref().unwrap_or(part.text));
        }
        fitted
    })
}

/// All words of a line. A word may go on in the next run.
fn parts_of<'a>(texts: &[&'a str]) -> Vec<Vec<Part<'a>>> {
    let mut words: Vec<Vec<Part<'a>>> = Vec::new();
    let mut before = [' ', ' '];
    for (run, text) in texts.iter().copied().enumerate() {
        let mut start = 0;
        let mut push = |from: usize, to: usize, is_new: bool| {
            let part = Part { run, text: &text[from..to], short: None };
            match words.last_mut() {
                Some(word) if !is_new => word.push(part),
                _ => words.push(vec![part]),
            }
        };
        let mut is_new = true;
        for (at, character) in text.char_indices() {
            let breaks = may_break(before, character);
            if at == 0 {
                is_new = breaks;
            } else if breaks {
                push(start, at, is_new);
                (start, is_new) = (at, true);
            }
            before = [before[1], character];
        }
        if start < text.len() {
            push(start, text.len(), is_new);
        }
    }
    words
}

/// Whether every client may break a line between these characters and the next one.
fn may_break([first, second]: [char; 2], next: char) -> bool {
    let is_wide = |character: char| character.width() == Some(2);
    if second == ' ' {
        return next != ' ';
    }
    if next == ' ' || next.width().is_none_or(|width| width == 0) {
        return false;
    }
    is_wide(second)
        || is_wide(next)
        || has_no_spaces(second) && has_no_spaces(next)
        || second == '-' && first.is_alphanumeric() && next.is_alphabetic()
}

/// Letters of languages whose words are found by a dictionary: Thai, Lao, Myanmar, Khmer.
fn has_no_spaces(letter: char) -> bool {
    matches!(letter, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}')
}

/// Shortens the widest part of a word until the word fits.
fn shorten_word(word: &mut [Part<'_>], styles: &[Style], room: usize) {
    // Each round shortens another part.
    for _ in 0..word.len() {
        let widths: Vec<usize> = word
            .iter()
            .map(|part| styles[part.run].width(part.short.as_deref().unwrap_or(part.text)))
            .collect();
        let all: usize = widths.iter().sum();
        let Some((widest, width)) = widths.into_iter().enumerate().max_by_key(|(_, width)| *width) else {
            return;
        };
        if all <= room {
            return;
        }
        let part = &mut word[widest];
        part.short =
            Some(shortened(part.text, styles[part.run], room.saturating_sub(all - width).max(LEAST)));
    }
}

/// Both ends of a text, with a mark between them, in this many pixels.
fn shortened(text: &str, style: Style, room: usize) -> String {
    let word = text.trim_end_matches(' ');
    let letters: Vec<char> = word.chars().collect();
    let (mut head, mut tail, mut width) = (0, letters.len(), style.hundredths('…'));
    while head + 1 < tail {
        let is_head_next = head <= letters.len() - tail;
        width += style.hundredths(letters[if is_head_next { head } else { tail - 1 }]);
        if style.pixels(width) > room {
            break;
        }
        if is_head_next {
            head += 1;
        } else {
            tail -= 1;
        }
    }
    // A mark that belongs to the letter before it does not go to the "…".
    while tail < letters.len() && letters[tail].width().is_none_or(|width| width == 0) {
        tail += 1;
    }
    let ends = letters[..head].iter().chain(&['…']).chain(&letters[tail..]);
    ends.copied().chain(text[word.len()..].chars()).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const USUAL: Style = Style { size: 14, is_bold: false, is_monospace: false };
    const BIG: Style = Style { size: 18, is_bold: true, is_monospace: false };
    const ID: &str = "Y2lzY29zcGFyazovL3VzL0RFVklDRS8xMTExMTExMS0yMjIyLTMzMzMtNDQ0NC01NTU1NTU1NTU1NTU";

    fn fit(text: &str, style: Style, room: usize) -> String {
        fit_line(&[text], &[style], room).map_or_else(|| text.to_owned(), |texts| texts.concat())
    }

    #[test]
    fn a_long_word_is_shortened_in_the_middle() {
        for (text, expected) in [
            (ID, "Y2lzY29zc…U1NTU1NTU"),
            ("a_name_without_any_space_in_it", "a_name_with…pace_in_it"),
            ("maximilian.mustermann@example.com", "maximilian…ample.com"),
            ("ROUTERGW_6f1c9a52-0d34-4f5e-8a3b-2c1d0e9f8a7b", "ROUTERGW_…0e9f8a7b"),
            ("delete Y2lzY29zcGFyazovL3VzL0RFVklDRS8x now", "delete Y2lzY29zcG…RFVklDRS8x now"),
        ] {
            assert_eq!(fit(text, USUAL, VALUE), expected);
        }
    }

    #[test]
    fn facts_that_people_copy_stay_whole() {
        for text in [
            "FOC2345ABCD",
            "FVH2711ABCD",
            "11:22:33:44:AA:FF",
            "WZP2345ABCDEFGHI",
            "K7Q2-M9",
            "2026-11-24 09:12:05 UTC",
            "2001:db8::8a2e:370",
            "ana@example.com",
            "spark-admin:devices",
            "BER-Panorama-Konferenzraum-Nordfluegel",
            "会議室会議室会議室会議室会議室会議室会議室会議室会議室",
            "ห้องประชุมใหญ่ชั้นสี่อาคารเหนือกรุงเทพมหานคร",
        ] {
            assert_eq!(fit(text, USUAL, VALUE), text);
        }
    }

    #[test]
    fn a_word_may_go_on_in_the_next_run() {
        let texts = ["list status:", "▸", ID, "◂", " now"];
        let fitted = fit_line(&texts, &[USUAL; 5], LINE).unwrap();
        assert_eq!(fitted.concat(), "list status:▸Y2lzY29zcGF…TU1NTU1NTU◂ now");
        let apart = ["list ", "▸", "x", "◂", ID];
        assert_eq!(fit_line(&apart, &[USUAL; 5], LINE).unwrap()[..4], apart[..4]);
        assert_eq!(fit_line(&["BER-4", " · ", "connected"], &[USUAL; 3], VALUE), None);
    }

    #[test]
    fn only_texts_with_long_words_change() {
        let card = |id: &str, status: &str| {
            let card = format!(
                r#"{{"type":"AdaptiveCard","body":[{{"type":"ColumnSet","columns":[{{"type":"Column","width":"stretch","items":[{{"type":"RichTextBlock","inlines":[{{"type":"TextRun","text":"\"{id}\" now"}},{{"type":"TextRun","text":"{status}","weight":"Bolder"}}]}}]}}]}}]}}"#
            );
            Arc::<RawValue>::from(RawValue::from_string(card).unwrap())
        };
        let long = card(ID, "gone");
        assert_eq!(fitted(long.clone(), ID).unwrap().get(), card("Y2lzY29zc…1NTU1NTU", "gone").get());
        assert_eq!(fitted(long.clone(), "gone").unwrap().get(), long.get());
        let short = card("FOC2345ABCD", "still listed");
        assert_eq!(fitted(short.clone(), ID).unwrap().get(), short.get());
    }

    proptest! {
        #[test]
        fn every_word_fits(text in any::<String>(), is_big in any::<bool>()) {
            let style = if is_big { BIG } else { USUAL };
            let fitted = fit(&text, style, VALUE);
            for word in parts_of(&[&fitted]).iter().flatten() {
                prop_assert!(style.width(word.text) <= VALUE, "{}", word.text);
            }
            prop_assert_eq!(fit(&fitted, style, VALUE), fitted);
        }
    }
}
