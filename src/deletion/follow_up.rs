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
    let known = |cause: Cause| Look::Tell(Outcome { cause, at: now, ..said.clone() });
    if let Err(WebexError::NotFound(_)) = answer {
        return match said.cause {
            Cause::StillListed | Cause::NotReadBack => known(Cause::Deleted),
            _ => known(Cause::SettledByReading),
        };
    }
    let is_the_last = now >= said.at + LOOKS[LOOKS.len() - 1];
    if let Some(asked) = answer.as_ref().err().and_then(WebexError::asked_to_wait).filter(|_| !is_the_last) {
        return Look::Again(now + asked.max(SHORTEST_WAIT));
    }
    if let Some(next) = LOOKS.iter().map(|after| said.at + *after).find(|look| *look > now) {
        return Look::Again(next);
    }
    let accepted = matches!(said.cause, Cause::StillListed | Cause::NotReadBack);
    known(match (accepted, answer) {
        (true, Ok(_)) => Cause::StillListed,
        (true, Err(_)) => Cause::NotReadBack,
        (false, Ok(_)) => match said.status {
            None => Cause::NoAnswer,
            Some(500..) => Cause::WebexError,
            Some(_) => Cause::Unexpected,
        },
        (false, Err(_)) => Cause::Unsettled,
    })
}
