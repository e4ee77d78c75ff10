//! Parts of an error about typed text: a suggestion, and an excerpt of the line.

use std::cmp::Reverse;

use strsim::damerau_levenshtein;

use crate::domain::hidden::visible;
use crate::domain::text::normalize;

/// Prefixes that turn a word into its opposite.
const NEGATING: [&str; 10] = ["un", "non", "not", "no", "in", "dis", "de", "dont", "don't", "!"];

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

/// Whether a word is probably a typo of another: fewer than a third of the letters differ, and it does not mean the
/// opposite.
pub(crate) fn is_like(found: &str, meant: &str) -> bool {
    is_near(found, meant) && !is_opposite(found, meant)
}

fn is_near(found: &str, meant: &str) -> bool {
    distance(found, meant) * 3 < meant.chars().count()
}

/// Whether a word is another one behind a prefix that negates it: `deactivate` never means `activate`.
fn is_opposite(found: &str, meant: &str) -> bool {
    let found = found.to_lowercase();
    NEGATING.iter().filter(|prefix| !meant.starts_with(**prefix)).any(|prefix| {
        found.strip_prefix(prefix).is_some_and(|rest| is_near(rest.trim_start_matches(['-', '_']), meant))
    })
}

/// The word probably meant.
pub(super) fn nearest<'a>(found: &str, meant: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let like = meant.into_iter().filter(|meant| is_like(found, &meant.to_lowercase()));
    // `ofline` is as near to `online` as to `offline`, but it begins like the latter.
    let same_front =
        |meant: &str| found.chars().zip(meant.chars()).take_while(|(a, b)| a.eq_ignore_ascii_case(b)).count();
    like.min_by_key(|meant| (distance(found, &meant.to_lowercase()), Reverse(same_front(meant))))
}

/// A part of a line as one plain line, with `…` at the end if it was cut. Hidden characters are written out. It comes
/// from outside: never markup.
pub(crate) fn excerpt(text: &str) -> String {
    if text.chars().nth(MAX_EXCERPT_LENGTH).is_none() {
        return normalize(&visible(text));
    }
    let front: String = text.chars().take(MAX_EXCERPT_LENGTH - 1).collect();
    normalize(&visible(&front)) + "…"
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
            // Never the opposite.
            ("unconnected", None),
            ("notconnected", None),
            ("not-connected", None),
            ("!connected", None),
            ("disconected", Some("disconnected")),
            ("pend", None),
            ("broken", None),
            ("", None),
        ] {
            assert_eq!(nearest(found, known), meant, "{found}");
        }
        assert_eq!(nearest("ofline", ["online", "offline"]), Some("offline"));
        assert_eq!(nearest("onlin", ["online", "offline"]), Some("online"));
        assert!(!is_like("deactivate", "activate") && !is_like("unconfirm", "confirm"));
        assert_eq!(nearest(&"connected".repeat(2_000), known), None);
    }

    #[test]
    fn a_long_excerpt_is_cut() {
        assert_eq!(excerpt("lobby"), "lobby");
        assert_eq!(excerpt(&"ä".repeat(60)), "ä".repeat(60));
        assert_eq!(excerpt(&"ä".repeat(61)), "ä".repeat(59) + "…");
        assert_eq!(excerpt(&"x".repeat(10_000)).chars().count(), MAX_EXCERPT_LENGTH);
        assert_eq!(excerpt("a\u{202e}b\u{7}c"), "a[U+202E]b c");
    }
}
