//! The plain text of a card, for clients without cards, for notifications and for screen readers.
//!
//! It is read off the card itself, so it carries the same facts. Links are written out; a button is nothing to a
//! reader of text, so a card with buttons says in its own words how to say the same. It is posted as `text`, which Webex does not
//! interpret, so nothing in it needs escaping.

use super::block::{Block, Run};
use super::wording;

/// Longest text of a message, in bytes of UTF-8 (Webex, *Create a Message*).
pub const LONGEST_TEXT_BYTES: usize = 7439;

/// The text of a card.
pub(super) fn of(blocks: &[Block<'_>]) -> String {
    let lines: Vec<String> = blocks.iter().flat_map(lines_of).collect();
    cut(lines.join("\n"))
}

fn lines_of(block: &Block<'_>) -> Vec<String> {
    match block {
        Block::Paragraph(runs) => vec![joined(runs)],
        Block::Fact { label, value } => vec![format!("{}: {}", joined(label), joined(value))],
        Block::Gap | Block::Rule => vec![String::new()],
        Block::Actions(actions) => actions
            .iter()
            .filter_map(|action| Some(format!("{}: {}", action.title, action.url.as_deref()?)))
            .collect(),
    }
}

fn joined(runs: &[Run<'_>]) -> String {
    runs.iter().map(|run| &*run.text).collect()
}

/// Cuts between two characters and says so.
fn cut(mut text: String) -> String {
    if text.len() > LONGEST_TEXT_BYTES {
        let room = LONGEST_TEXT_BYTES - wording::TEXT_CUT.len();
        text.truncate(text.floor_char_boundary(room));
        text.push_str(wording::TEXT_CUT);
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_text_that_just_fits_is_left_alone() {
        let text = "a".repeat(LONGEST_TEXT_BYTES);
        assert_eq!(cut(text.clone()), text);
    }

    #[test]
    fn a_longer_text_is_cut_between_two_characters() {
        let text = cut("ä".repeat(LONGEST_TEXT_BYTES));
        assert!(text.len() <= LONGEST_TEXT_BYTES && text.len() > LONGEST_TEXT_BYTES - 2, "{}", text.len());
        assert!(text.ends_with(wording::TEXT_CUT));
    }

    proptest! {
        #[test]
        fn any_text_fits_afterwards(text in any::<String>(), times in 1_usize..3_000) {
            prop_assert!(cut(text.repeat(times)).len() <= LONGEST_TEXT_BYTES);
        }
    }
}
