//! The plain text of a card, for clients without cards, for notifications and for screen readers.
//!
//! The text is read back from the card, so both have the same facts. Links are written out. Buttons are left out, so a
//! card with buttons also names the command to write instead. Webex does not interpret `text`, so nothing needs
//! escaping.

use super::block::{Action, Block, TextRun};

/// Longest text of a message, in bytes of UTF-8 (Webex, *Create a Message*).
pub const LONGEST_TEXT_BYTES: usize = crate::domain::LONGEST_MESSAGE_BYTES;

/// The end of a text that was cut because it is longer than Webex accepts.
pub(super) const TEXT_CUT: &str = "…\n(The rest is only on the card.)";

/// Initial capacity in bytes, enough for the text of most cards.
const USUAL_TEXT_BYTES: usize = 1024;

/// The text of a card: a line for each block, and for each link.
pub(super) fn of(blocks: &[Block<'_>]) -> String {
    let mut text = String::with_capacity(USUAL_TEXT_BYTES);
    for block in blocks {
        match block {
            Block::Paragraph(runs) => push_runs(&mut text, runs),
            Block::Fact { label, value } => {
                push_runs(&mut text, label);
                text.push_str(": ");
                push_runs(&mut text, value);
            }
            Block::Gap | Block::Rule => {}
            Block::Actions(actions) => {
                push_links(&mut text, actions);
                continue;
            }
        }
        text.push('\n');
    }
    text.truncate(text.len() - usize::from(text.ends_with('\n')));
    cut(text)
}

fn push_runs(text: &mut String, runs: &[TextRun<'_>]) {
    for run in runs {
        text.push_str(&run.text);
    }
}

fn push_links(text: &mut String, actions: &[Action<'_>]) {
    for (title, url) in actions.iter().filter_map(|action| Some((&action.title, action.url.as_deref()?))) {
        for part in [title, ": ", url, "\n"] {
            text.push_str(part);
        }
    }
}

/// Cuts between two characters, and ends the text with a note about the cut.
fn cut(mut text: String) -> String {
    if text.len() > LONGEST_TEXT_BYTES {
        let room = LONGEST_TEXT_BYTES - TEXT_CUT.len();
        text.truncate(text.floor_char_boundary(room));
        text.push_str(TEXT_CUT);
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
        assert!(text.ends_with(TEXT_CUT));
    }

    proptest! {
        #[test]
        fn any_text_fits_afterwards(text in any::<String>(), times in 1_usize..3_000) {
            prop_assert!(cut(text.repeat(times)).len() <= LONGEST_TEXT_BYTES);
        }
    }
}
