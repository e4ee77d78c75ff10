//! What is said before something is done, and when it is not done after all.

use jiff::Timestamp;

use super::refusal::{Said, said};
use crate::cards::moment;
use crate::domain::Device;

/// What deleting this device means.
#[must_use]
pub fn deleting(device: &Device) -> Vec<&'static str> {
    let mut sentences = vec![
        "The device leaves the organization. That cannot be undone: it must be activated anew, and then has a new id.",
    ];
    let status = device.connection_status.as_deref();
    if status.is_some_and(|status| status.starts_with("connected")) {
        sentences.push("It is connected right now, so somebody may be using it.");
    }
    if device.person_id.is_some() {
        sentences.push(
            "It is a personal device: its owner loses it. If the owner has a Webex Calling Standard license, deleting it \
             enables Webex Calling in the person's apps.",
        );
    }
    if device.kind.as_deref() == Some("phone") {
        sentences.push("It is a phone: nobody can call or be called on it any more.");
    }
    sentences.push(
        "It is read once more just before. If its name, serial number, MAC address, workspace or owner are others by then, \
         it is not deleted.",
    );
    sentences
}

/// How to say yes or no in words, and until when.
#[must_use]
pub fn how_to_confirm(code: &str, until: Timestamp, now: Timestamp) -> String {
    format!(
        "Only the person who asked can confirm, until {}. Press a button, or reply \"confirm {code}\" or \"cancel {code}\".",
        moment::deadline(until, now)
    )
}

/// Heads a deletion that was not done because of what changed.
pub const DEVICE_CHANGED: &str = "Between the question and the deletion the device became another one, got another name, or moved. Nothing was deleted.";

/// What to do then.
pub const AFTER_A_CHANGE: &str =
    "Look at it with \"show device\"; if it is still the one you mean, send the command again.";

/// It is done, and told of elsewhere.
#[must_use]
pub fn plan_confirmed(code: &str) -> Said {
    Said {
        headline: "… Confirmed".to_owned(),
        sentences: vec![format!(
            "{code} is confirmed; its result comes in the thread that it was asked for in."
        )],
    }
}

/// Nothing is done, because somebody said so.
#[must_use]
pub fn plan_cancelled(code: &str) -> Said {
    Said {
        headline: "Cancelled: nothing was done".to_owned(),
        sentences: vec![format!("{code} is off the table. To do it after all, send the command again.")],
    }
}

/// Nothing is done, because nobody said anything.
#[must_use]
pub fn plan_expired(code: &str) -> Said {
    Said {
        headline: "Expired: nothing was done".to_owned(),
        sentences: vec![format!(
            "Nobody confirmed {code} in time. If you still mean it, send the command again."
        )],
    }
}

/// Why a press of a button, or the same in words, changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PressRefusal {
    /// Somebody else asked.
    NotYours,
    /// It was confirmed before.
    AlreadyConfirmed,
    /// The button was pressed before.
    AlreadyPressed,
    /// It was cancelled before.
    Cancelled,
    /// It came too late.
    Expired,
    /// It came from another card than the one it belongs to.
    Copy,
    /// It belongs to nothing.
    Unknown,
}

/// What the presser hears: what is so, and what to do.
#[must_use]
pub fn press_refused(refusal: PressRefusal) -> Said {
    match refusal {
        PressRefusal::NotYours => said(
            "✕ Not yours to decide",
            &["Only the person who asked can confirm or cancel this. To do it yourself, send the command."],
        ),
        PressRefusal::AlreadyConfirmed => said(
            "… Already confirmed",
            &["It is running or done; the answer is in the thread of the command."],
        ),
        PressRefusal::AlreadyPressed => said(
            "… Already pressed",
            &["The answer to the first press is in the thread. To have it once more, send the command."],
        ),
        PressRefusal::Cancelled => {
            said("? Already cancelled", &["Nothing was done. To do it after all, send the command again."])
        }
        PressRefusal::Expired => {
            said("? Too late", &["It has expired and nothing was done. If you still mean it, send it again."])
        }
        PressRefusal::Copy => said(
            "✕ A copy does nothing",
            &[
                "Only the card that Steward posted counts, in its own space. Press there, or send the command.",
            ],
        ),
        PressRefusal::Unknown => said(
            "? Not known",
            &["Steward has nothing open under this. If you mean a command, send it again."],
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refused_press_has_one_short_answer_of_its_own() {
        let mut headlines = std::collections::BTreeSet::new();
        for refusal in [
            PressRefusal::NotYours,
            PressRefusal::AlreadyConfirmed,
            PressRefusal::AlreadyPressed,
            PressRefusal::Cancelled,
            PressRefusal::Expired,
            PressRefusal::Copy,
            PressRefusal::Unknown,
        ] {
            let said = press_refused(refusal);
            assert_eq!(said.sentences.len(), 1, "{refusal:?}");
            assert!(said.sentences[0].len() < 120, "{refusal:?}");
            assert!(headlines.insert(said.headline), "{refusal:?}");
        }
    }
}
