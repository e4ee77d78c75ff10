//! Looking again at a deletion whose effect was not yet to be seen when the card was posted.

use jiff::{SignedDuration, Timestamp};

use crate::domain::{Cause, Device, Outcome};
use crate::webex::WebexError;

/// How long after the result card the first look is.
pub const FIRST_LOOK: SignedDuration = SignedDuration::from_mins(1);
/// How long after each look the next one is; after the last there is none.
const LATER_LOOKS: [SignedDuration; 2] = [SignedDuration::from_mins(10), SignedDuration::from_mins(60)];

/// What a look means.
#[derive(Debug, Clone, PartialEq)]
pub enum Look {
    /// Nothing new; look again then.
    Again(Timestamp),
    /// Something to tell: the outcome as it is known now.
    Tell(Outcome),
}

/// What the look number `look` (from 1) means for what was said before. The card promised a report, so the
/// last look always has something to tell, if only that nothing has changed.
#[must_use]
pub fn look_again(said: &Outcome, look: u32, answer: &Result<Device, WebexError>, now: Timestamp) -> Look {
    let known = |cause: Cause| Look::Tell(Outcome { cause, at: now, ..said.clone() });
    if let Err(WebexError::NotFound(_)) = answer {
        return match said.cause {
            Cause::StillListed | Cause::NotReadBack => known(Cause::Deleted),
            _ => known(Cause::SettledByReading),
        };
    }
    let next = usize::try_from(look).ok().and_then(|look| LATER_LOOKS.get(look.saturating_sub(1)));
    if let Some(pause) = next {
        return Look::Again(now + *pause);
    }
    let accepted = matches!(said.cause, Cause::StillListed | Cause::NotReadBack);
    known(match (accepted, answer) {
        (true, Ok(_)) => Cause::StillListed,
        (true, Err(_)) => Cause::NotReadBack,
        (false, Ok(_)) if said.status.is_some() => Cause::WebexError,
        (false, Ok(_)) => Cause::NoAnswer,
        (false, Err(_)) => Cause::Unsettled,
    })
}
