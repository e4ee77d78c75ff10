//! Parts of an error about typed text: a suggestion, and an excerpt of the line.

use strsim::damerau_levenshtein;

use crate::domain::text::normalize;

/// Longest word that is compared, in bytes: the comparison takes the product of both lengths.
const MAX_COMPARED_LENGTH: usize = 40;
/// Longest excerpt of a line, in characters: a word may be as long as a message.
pub(super) const MAX_EXCERPT_LENGTH: usize = 60;

/// The number of differing letters; swapped neighbors count once. `meant` is in lower case.
pub(crate) fn distance(found: &str, meant: &str) -> usize {
    if found.len() > MAX_COMPARED_LENGTH {
        return found.len();
    }
    damerau_levenshtein(&found.to_lowercase(), meant)
}

/// Whether a word is probably a typo of another: fewer than a third of the letters differ.
pub(crate) fn is_like(found: &str, meant: &str) -> bool {
    distance(found, meant) * 3 < meant.chars().count()
}

/// The word probably meant.
pub(super) fn nearest<'a>(found: &str, meant: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let like = meant.into_iter().filter(|meant| is_like(found, &meant.to_lowercase()));
    like.min_by_key(|meant| distance(found, &meant.to_lowercase()))
}

/// A part of a line as one plain line, with `…` at the end if it was cut. It comes from outside: never markup.
pub(crate) fn excerpt(text: &str) -> String {
    if text.chars().nth(MAX_EXCERPT_LENGTH).is_none() {
        return normalize(text);
    }
    let front: String = text.chars().take(MAX_EXCERPT_LENGTH - 1).collect();
    normalize(&front) + "…"
}

/// The text in double quotes, or in backticks if it contains double quotes.
pub(crate) fn quoted(found: &str) -> String {
    if found.contains('"') { format!("`{found}`") } else { format!("\"{found}\"") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_suggested_and_a_far_one_is_not() {
        let known = ["connected", "disconnected", "pending"];
        for (found, meant) in [
            ("conected", Some("connected")),
            ("Disconected", Some("disconnected")),
            ("pednign", Some("pending")),
            ("pedngin", None),
            ("pend", None),
            ("broken", None),
            ("", None),
        ] {
            assert_eq!(nearest(found, known), meant, "{found}");
        }
        assert_eq!(nearest(&"connected".repeat(2_000), known), None);
    }

    #[test]
    fn a_long_excerpt_is_cut() {
        assert_eq!(excerpt("lobby"), "lobby");
        assert_eq!(excerpt(&"ä".repeat(60)), "ä".repeat(60));
        assert_eq!(excerpt(&"ä".repeat(61)), "ä".repeat(59) + "…");
        assert_eq!(excerpt(&"x".repeat(10_000)).chars().count(), MAX_EXCERPT_LENGTH);
        assert_eq!(excerpt("a\u{202e}b\u{7}c"), "ab c");
    }
}
