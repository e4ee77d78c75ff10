//! "Did you mean": the fixed words that come close to what was typed.
//!
//! Close means that fewer than a third of the letters differ; a swap of two neighbors counts once. That
//! finds `delte` and `dleete`, and does not offer `remove` to somebody who wrote `move`.

use super::table;
use super::word::Word;
use crate::filter::{distance, is_like};

/// The name or alias that the words were probably meant to begin with.
pub(super) fn command_like(words: &[Word<'_>]) -> Option<&'static str> {
    let first = words.first().filter(|word| !word.quoted)?;
    table::phrases()
        .map(|(_, phrase)| phrase)
        .filter(|phrase| {
            let verb = phrase.split(' ').next().unwrap_or_default();
            is_like(&first.text, verb) || is_like(&first.text, phrase)
        })
        .min_by_key(|phrase| difference(words, phrase))
}

fn difference(words: &[Word<'_>], phrase: &str) -> usize {
    words.iter().zip(phrase.split(' ')).map(|(word, meant)| distance(&word.text, meant)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grammar::word::split;

    #[test]
    fn a_slip_of_the_fingers_is_understood() {
        for (line, meant) in [
            ("delte device X", Some("delete device")),
            ("delte", Some("delete device")),
            ("Dleete Device X", Some("delete device")),
            ("delete devices A B", Some("delete device")),
            ("deletedevice X", Some("delete device")),
            ("delete-device X", Some("delete device")),
            ("remoev device X", Some("remove device")),
            ("rm -rf", Some("rm device")),
            ("shwo device X", Some("show device")),
            ("/help", Some("help")),
            ("hlep", Some("help")),
            ("abuot", Some("about")),
            ("who are you", Some("who am i")),
            ("whomi", Some("whoami")),
            ("move device X", None),
            ("lits devices", Some("list devices")),
            ("destroy device X", None),
            ("please do NOT delete device X", None),
            ("\"delete\" device X", None),
            ("hi", None),
            ("日本", None),
            ("", None),
        ] {
            assert_eq!(command_like(&split(line).0), meant, "{line}");
        }
    }

    #[test]
    fn a_very_long_word_is_like_nothing() {
        assert_eq!(command_like(&split(&"delete".repeat(2_000)).0), None);
    }
}
