//! Looking again at a deletion whose effect was not yet to be seen when the card was posted.

use jiff::{SignedDuration, Timestamp};

use crate::domain::{Cause, Device, Outcome};
use crate::webex::WebexError;

/// When to look again, counted from the result card. The last one always has something to tell.
pub const LOOKS: [SignedDuration; 3] =
    [SignedDuration::from_mins(1), SignedDuration::from_mins(11), SignedDuration::from_mins(71)];

/// Who is asked to wait looks again when the wait is over, and not more often than this.
const SHORTEST_WAIT: SignedDuration = SignedDuration::from_mins(1);

/// What a look means.
#[derive(Debug, Clone, PartialEq)]
pub enum Look {
    /// Nothing new; look again then.
    Again(Timestamp),
    /// Something to tell: the outcome as it is known now.
    Tell(Outcome),
}

/// What a look now means for what was said before. The card promised a report, so the last look has something
/// to tell even if nothing has changed.
#[must_use]
pub fn look_again(said: &Outcome, answer: &Result<Device, WebexError>, now: Timestamp) -> Look {
    match answer {
        Err(WebexError::NotFound(_)) => {
            told(said, now, if is_accepted(said) { Cause::Deleted } else { Cause::SettledByReading })
        }
        Err(error) => look_in_vain(said, error.requested_wait(), now),
        Ok(_) => later(said, now).unwrap_or_else(|| told(said, now, why_it_is_there(said))),
    }
}

/// What is said of a device that is there at the last look.
fn why_it_is_there(said: &Outcome) -> Cause {
    match said.status {
        _ if is_accepted(said) => Cause::StillListed,
        None => Cause::NoAnswer,
        Some(500..) => Cause::WebexError,
        Some(_) => Cause::Unexpected,
    }
}

/// The same where the device could not be looked at, perhaps because Webex has asked to wait this long.
#[must_use]
pub fn look_in_vain(said: &Outcome, asked: Option<SignedDuration>, now: Timestamp) -> Look {
    let is_the_last = now >= said.at + LOOKS[LOOKS.len() - 1];
    if let Some(asked) = asked.filter(|_| !is_the_last) {
        return Look::Again(now + asked.max(SHORTEST_WAIT));
    }
    let cause = if is_accepted(said) { Cause::NotReadBack } else { Cause::Unsettled };
    later(said, now).unwrap_or_else(|| told(said, now, cause))
}

/// Whether Webex said yes to the DELETE.
fn is_accepted(said: &Outcome) -> bool {
    matches!(said.cause, Cause::StillListed | Cause::NotReadBack)
}

fn told(said: &Outcome, now: Timestamp, cause: Cause) -> Look {
    Look::Tell(Outcome { cause, at: now, ..said.clone() })
}

/// The next look, if there is to be one.
fn later(said: &Outcome, now: Timestamp) -> Option<Look> {
    LOOKS.iter().map(|after| said.at + *after).find(|look| *look > now).map(Look::Again)
}
