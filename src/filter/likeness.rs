//! How much one word looks like another.

use strsim::damerau_levenshtein;

/// Longest word that is compared, in bytes: the comparison takes the product of both lengths.
const MAX_COMPARED_LENGTH: usize = 40;

/// How many letters differ; a swap of two neighbors counts once. What was meant is in lower case.
#[must_use]
pub fn distance(found: &str, meant: &str) -> usize {
    if found.len() > MAX_COMPARED_LENGTH {
        return found.len();
    }
    damerau_levenshtein(&found.to_lowercase(), meant)
}

/// Whether a word is a fixed text with a slip of the fingers in it: fewer than a third of its letters differ.
#[must_use]
pub fn is_like(found: &str, meant: &str) -> bool {
    distance(found, meant) * 3 < meant.chars().count()
}

/// The one of several fixed words that was probably meant.
pub fn nearest<'a>(found: &str, meant: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let like = meant.into_iter().filter(|meant| is_like(found, &meant.to_lowercase()));
    like.min_by_key(|meant| distance(found, &meant.to_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_offered_and_a_far_one_is_not() {
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
}
