//! A short answer in sentences: a refusal, an error, a command that was not understood. Its
//! sentences are in the folder `text`.

use std::ops::Range;

use super::card::{Tone, View};
use super::safe_text::{SafeText, given, sentences};
use super::template::{Fields, fields};
use crate::domain::hidden::visible;

/// A headline and sentences; for a command that was not understood, also the position of the mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    tone: Tone,
    pub(super) headline: String,
    pub(super) sentences: Vec<String>,
    pointer: Option<Pointer>,
    example: Option<String>,
}

/// A line of chat and its wrong part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pointer {
    pub(crate) line: String,
    /// In bytes; empty where something is missing. Positions outside the line, or within a character, move to the
    /// nearest place before.
    pub(crate) span: Range<usize>,
}

impl Notice {
    pub(super) fn new(tone: Tone, headline: &str) -> Self {
        Self { tone, headline: headline.to_owned(), sentences: Vec::new(), pointer: None, example: None }
    }

    /// Adds a sentence: first what happened, then what to do about it.
    pub(super) fn say(mut self, sentence: impl Into<String>) -> Self {
        self.sentences.push(sentence.into());
        self
    }

    /// Adds an example of a valid line.
    pub(super) fn example(mut self, line: Option<String>) -> Self {
        self.example = line;
        self
    }

    pub(super) fn pointing_at(mut self, pointer: Pointer) -> Self {
        self.pointer = Some(pointer);
        self
    }
}

impl View for Notice {
    const TEMPLATE: &'static str = "notice.card.json";

    fn fields(&self) -> Fields {
        fields! {
            tone: self.tone,
            headline_text: SafeText::text(&self.headline),
            line: self.pointer.as_ref().map(Pointer::fields),
            sentences: sentences(&self.sentences),
            example: given(self.example.as_deref()).map(SafeText::line),
        }
    }
}

impl Pointer {
    fn fields(&self) -> Fields {
        let [before, word, after] = self.split();
        fields! { before: before, word: word, after: after }
    }

    /// Splits before cleaning, because cleaning may move the positions. Hidden characters are written out: the line
    /// must read as it was sent.
    fn split(&self) -> [SafeText; 3] {
        let end = self.line.floor_char_boundary(self.span.end);
        let start = self.line.floor_char_boundary(self.span.start).min(end);
        [
            SafeText::end_of(&visible(&self.line[..start])),
            SafeText::text(&visible(&self.line[start..end])),
            SafeText::text(&visible(&self.line[end..])),
        ]
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn split(line: &str, span: Range<usize>) -> [String; 3] {
        Pointer { line: line.to_owned(), span }.split().map(|part| part.as_str().to_owned())
    }

    #[test]
    fn the_span_is_split_off() {
        assert_eq!(split("delete device lobby now", 14..19), ["delete device ", "lobby", " now"]);
        assert_eq!(split("delete device", 13..13), ["delete device", "", ""]);
        assert_eq!(split("größe", 0..3), ["", "gr", "öße"]);
        assert_eq!(split("X\u{202e}21\u{202c}", 1..4), ["X", "[U+202E]", "21[U+202C]"]);
    }

    proptest! {
        #[test]
        fn any_span_is_safe(line in any::<String>(), start in 0_usize..99, end in 0_usize..99) {
            let parts = split(&line, start..end).concat();
            prop_assert!(parts.chars().count() <= visible(&line).chars().count().max(line.chars().count() * 9));
        }
    }
}
