//! Plans: how to confirm them, and the answers to presses, `confirm CODE` and `cancel CODE`.

use jiff::Timestamp;

use crate::cards::card::Tone;
use crate::cards::moment;
use crate::cards::notice::Notice;

pub(in crate::cards) fn how_to_confirm(code: &str, until: Timestamp, now: Timestamp) -> String {
    format!(
        "Only the person who asked can confirm, until {}. Press a button, or reply \"confirm {code}\" or \"cancel {code}\".",
        moment::deadline(until, now)
    )
}

/// Why a press, or the same decision in words, changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PressRefusal {
    /// The presser is not the requester.
    NotYours,
    AlreadyConfirmed,
    AlreadyPressed,
    Cancelled,
    Expired,
    /// The card was posted by an older version of Steward.
    Outdated,
    /// The press came from a copy of the card.
    Copy,
    /// The button or code belongs to no plan.
    Unknown,
}

impl Notice {
    /// A confirmed plan that was shown with another admin credential.
    pub(crate) fn credential_changed() -> Self {
        Self::new(Tone::Attention, "✕ Settings changed since the card: nothing was done")
            .say("Steward's admin credential was replaced after this card was shown, so Steward may see other devices now.")
            .say("Send the command again to see what it would do now.")
    }

    /// A plan that its requester has just confirmed from another thread, by its code.
    pub(crate) fn plan_confirmed(code: &str) -> Self {
        Self::new(Tone::Default, "… Confirmed")
            .say(format!("{code} is confirmed. The result comes in the thread of the command."))
    }

    pub(crate) fn plan_cancelled(code: &str) -> Self {
        Self::new(Tone::Default, "Canceled: nothing was done")
            .say(format!("{code} is canceled. If you change your mind, send the command again."))
    }

    pub(crate) fn press_refused(refusal: PressRefusal) -> Self {
        let (headline, sentence) = match refusal {
            PressRefusal::NotYours => (
                "✕ Not yours to decide",
                "Only the person who asked can confirm or cancel this. To do it yourself, send the command.",
            ),
            PressRefusal::AlreadyConfirmed => {
                ("… Already confirmed", "It is running or done; the answer is in the thread of the command.")
            }
            PressRefusal::AlreadyPressed => (
                "… Already pressed",
                "The answer to the first press is in the thread. To get it again, send the command.",
            ),
            PressRefusal::Cancelled => {
                ("? Already canceled", "Nothing was done. If you change your mind, send the command again.")
            }
            PressRefusal::Expired => (
                "? Too late",
                "This has expired, and nothing was done. If you still want it, send the command again.",
            ),
            PressRefusal::Outdated => (
                "? This card is too old",
                "Steward was updated since it posted this card, and nothing was done. Send the command again.",
            ),
            PressRefusal::Copy => (
                "✕ A copy does nothing",
                "Only the card that Steward posted works, in its own space. Press there, or send the command.",
            ),
            PressRefusal::Unknown => {
                ("? No longer valid", "This button or code is no longer valid. Send the command again.")
            }
        };
        Self::new(Tone::Warning, headline).say(sentence)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refused_press_has_its_own_short_answer() {
        let mut headlines = std::collections::BTreeSet::new();
        for refusal in [
            PressRefusal::NotYours,
            PressRefusal::AlreadyConfirmed,
            PressRefusal::AlreadyPressed,
            PressRefusal::Cancelled,
            PressRefusal::Expired,
            PressRefusal::Outdated,
            PressRefusal::Copy,
            PressRefusal::Unknown,
        ] {
            let notice = Notice::press_refused(refusal);
            assert_eq!(notice.sentences.len(), 1, "{refusal:?}");
            assert!(notice.sentences[0].len() < 120, "{refusal:?}");
            assert!(headlines.insert(notice.headline), "{refusal:?}");
        }
    }
}
