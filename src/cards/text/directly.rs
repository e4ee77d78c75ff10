//! Answers that Webex does not let Steward post where the command was given. The requester gets them 1:1, as plain text:
//! the buttons of a card work only in the space that it was made for.

use crate::cards::safe_text::SafeText;
use crate::grammar::Command;

/// Why an answer cannot be posted in its space.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Undeliverable {
    /// Webex forbids it (403).
    NotAllowed,
    /// Webex does not find the space, and answered with this status.
    NoSpace(u16),
    /// Webex rejects the message with another status.
    Rejected(u16),
}

/// The text of an answer for its requester alone, with the reason.
pub(crate) fn answered_directly(
    command: &Command,
    why: Undeliverable,
    answer: &str,
    has_buttons: bool,
) -> String {
    let why = match why {
        Undeliverable::NotAllowed => {
            "Webex does not let Steward post in the space where you gave the command (403). The space may be \
             announcement-only."
                .to_owned()
        }
        Undeliverable::NoSpace(status) => {
            format!(
                "Webex no longer finds the space where you gave the command ({status}). It may have been deleted, or \
                 Steward may have been removed from it."
            )
        }
        Undeliverable::Rejected(status) => {
            format!("Webex rejected the answer in the space where you gave the command ({status}).")
        }
    };
    let command = SafeText::text(&command.to_string());
    let buttons = if has_buttons { " It has no buttons here: write the commands instead." } else { "" };
    format!(
        "The answer to your command: {}\n{why} So only you get it.{buttons}\n\n{answer}",
        command.as_str()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_names_the_command_and_the_reason_before_the_answer() {
        let command = crate::grammar::parse("show device \"a b\"").unwrap();
        for (why, reason) in [
            (Undeliverable::NotAllowed, "announcement-only"),
            (Undeliverable::NoSpace(404), "gave the command (404)"),
            (Undeliverable::NoSpace(410), "gave the command (410)"),
            (Undeliverable::Rejected(400), "(400)"),
        ] {
            let text = answered_directly(&command, why, "✓ Done\nName: x", false);
            assert!(text.starts_with("The answer to your command: show device"), "{text}");
            assert!(text.contains(reason) && text.ends_with("\n\n✓ Done\nName: x"), "{text}");
            assert!(!text.contains("buttons"), "{text}");
        }
        assert!(
            answered_directly(&command, Undeliverable::NoSpace(404), "", true).contains("no buttons here")
        );
    }
}
