//! What is said when nothing is done: refusals, commands not understood, checks that could not be made.
//!
//! Each names the rule and the way forward. None says whether a device exists, because none has looked.

use jiff::Timestamp;

use crate::cards::moment;
use crate::policy::Denied;

/// A headline and the sentences below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// A few words.
    pub headline: String,
    /// What is so, then what to do about it.
    pub sentences: Vec<String>,
}

pub(super) fn said(headline: &str, sentences: &[&str]) -> Said {
    Said {
        headline: headline.to_owned(),
        sentences: sentences.iter().map(|&sentence| sentence.to_owned()).collect(),
    }
}

/// Why a person may not, and to whom to turn.
#[must_use]
pub fn denied(reason: Denied) -> Said {
    match reason {
        Denied::OtherOrganization => said(
            "✕ Refused: not an organization served here",
            &[
                "Steward answers only people of the organizations it serves, and as far as Webex says you belong to \
                 none of them. Nothing was looked up or changed.",
                "If it should serve yours, turn to the people who run Steward (STEWARD_ORGS).",
            ],
        ),
        Denied::NotAHuman => said(
            "✕ Refused: not a person",
            &[
                "Steward takes commands from people, never from bots or machine accounts. Nothing was looked up or \
                 changed.",
                "Send the command from your own account.",
            ],
        ),
        Denied::NoAdmins => said(
            "✕ Refused: nobody is an admin yet",
            &[
                "Only people on the list of admins may do this, and the list is empty. Nothing was looked up or \
                 changed.",
                "Ask the people who run Steward to put you on the list of admins (STEWARD_ADMINS).",
            ],
        ),
        Denied::NotAnAdmin => said(
            "✕ Refused: you are not on the list of admins",
            &[
                "Only people on the list of admins may do this. Nothing was looked up or changed.",
                "To be put on the list of admins, turn to the people who run Steward (STEWARD_ADMINS) with the \
                 person id that \"whoami\" shows.",
            ],
        ),
    }
}

/// A command that is none, as `expected a device id, found "lobby"`, and what to write instead.
#[must_use]
pub fn not_understood(expected: &str, advice: Option<&str>) -> Said {
    let mut sentences = vec![as_a_sentence(expected)];
    sentences.extend(advice.map(str::to_owned));
    sentences.push("Nothing was done. Write \"help\" for what you can ask.".to_owned());
    Said { headline: "? Not understood".to_owned(), sentences }
}

/// Whether a person may could not be found out: another thing than "not allowed".
#[must_use]
pub fn could_not_check() -> Said {
    said(
        "? Could not check whether you may do this",
        &[
            "Steward could not ask Webex who you are, so it did nothing.",
            "Send the command again in a few minutes; if it stays like this, ask the operator to run \"steward check\".",
        ],
    )
}

/// A message that Steward reads too late to act on it.
#[must_use]
pub fn too_old(written: Option<Timestamp>, now: Timestamp) -> Said {
    let written = when(written, now);
    Said {
        headline: "? Read too late: nothing was done".to_owned(),
        sentences: vec![
            format!(
                "You wrote this {written}, and Steward could not read it until now. A late command is never run."
            ),
            "If you still mean it, send it again.".to_owned(),
        ],
    }
}

/// A message that was never delivered, because Steward was away, and was found afterwards.
#[must_use]
pub fn while_away(written: Option<Timestamp>, now: Timestamp) -> Said {
    let written = when(written, now);
    Said {
        headline: "? Steward was away: nothing was done".to_owned(),
        sentences: vec![
            format!("You wrote this {written} while Steward was away. A late command is never run."),
            "If you still mean it, send it again.".to_owned(),
        ],
    }
}

fn when(written: Option<Timestamp>, now: Timestamp) -> String {
    written.map_or_else(|| "at a time that Webex does not tell".to_owned(), |at| moment::past(at, now))
}

/// An error message, as the parser words them, with a capital letter and a full stop.
fn as_a_sentence(message: &str) -> String {
    let mut rest = message.trim().chars();
    let first = rest.next().map(char::to_uppercase).into_iter().flatten();
    let mut sentence: String = first.chain(rest).collect();
    if !sentence.ends_with(['.', '?', '!', '…']) {
        sentence.push('.');
    }
    sentence
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_says_the_rule_and_the_way_forward() {
        for reason in [Denied::OtherOrganization, Denied::NotAHuman, Denied::NoAdmins, Denied::NotAnAdmin] {
            let said = denied(reason);
            assert!(said.headline.starts_with("✕ Refused: "), "{reason:?}");
            assert_eq!(said.sentences.len(), 2, "{reason:?}");
            assert!(!said.sentences.join(" ").contains("device"), "{reason:?} speaks of a device");
        }
    }

    #[test]
    fn a_parser_message_becomes_a_sentence() {
        let cases = [
            ("expected a device id, found nothing", "Expected a device id, found nothing."),
            ("what is that?", "What is that?"),
            ("ärger", "Ärger."),
            ("", "."),
        ];
        for (message, expected) in cases {
            assert_eq!(as_a_sentence(message), expected);
        }
    }
}
