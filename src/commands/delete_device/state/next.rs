//! The next step of a deletion, and how long it waits.
//!
//! A 429 concerns the credential: Webex rate limits all its calls, so one of many deletions may wait long. A 423
//! concerns one device, which another person or system must unlock, and each retry uses up calls of the credential.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::commands::failure::AskedToWait;
use crate::commands::retry::LONGEST_WAIT_OF_DELETIONS;
use crate::domain::Outcome;
use crate::webex::WebexError;

/// How long a deletion waits in total for its device to be unlocked.
const MAX_LOCK_WAIT: SignedDuration = SignedDuration::from_secs(30);

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum NextStep {
    Read,
    /// Read something else in the organization: the device is not found, which alone proves nothing.
    Witness,
    /// Commit the progress, then send the DELETE.
    Delete,
    Wait {
        until: Timestamp,
        why: WaitReason,
    },
    End(Outcome),
}

/// Why a deletion waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WaitReason {
    /// Webex rate limits the credential.
    Busy,
    /// The device is locked.
    Locked,
    NotReached,
    NotRead,
    Unclear,
    StillListed,
    /// The requester could not be looked up again.
    NotChecked,
    /// The intent was committed too long ago to send the DELETE.
    Stale,
}

impl WaitReason {
    /// The reason to wait for as long as Webex asked to.
    pub(super) fn of(error: &WebexError) -> Self {
        if error.is_locked() { Self::Locked } else { Self::Busy }
    }

    /// Why Webex asked to wait, if it did.
    pub(crate) fn asked_to_wait(self) -> Option<AskedToWait> {
        match self {
            Self::Busy => Some(AskedToWait::RateLimit),
            Self::Locked => Some(AskedToWait::Lock),
            _ => None,
        }
    }

    /// The note for operators.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Busy => "Webex asked to wait",
            Self::Locked => "the device is locked",
            Self::NotReached => "could not reach Webex",
            Self::NotRead => "could not read the device",
            Self::Unclear => "Webex gave no clear answer to the deletion",
            Self::StillListed => "the deleted device is still listed",
            Self::NotChecked => "could not look up the requester again",
            Self::Stale => "the intent to delete was recorded too long ago",
        }
    }
}

/// The waits that Webex requested from one deletion. Stored: the names must not change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct RequestedWaits {
    /// The start of the first one.
    since: Option<Timestamp>,
    /// The total of those for a locked device.
    locked_ms: i64,
}

impl RequestedWaits {
    /// The end of the wait that this error requests; `None` if that exceeds the limits.
    pub(super) fn take(
        &mut self,
        error: &WebexError,
        asked: SignedDuration,
        now: Timestamp,
    ) -> Option<Timestamp> {
        let until = now + asked;
        let since = *self.since.get_or_insert(now);
        if until > since + LONGEST_WAIT_OF_DELETIONS {
            return None;
        }
        if error.is_locked() {
            let locked = SignedDuration::from_millis(self.locked_ms) + asked;
            if locked > MAX_LOCK_WAIT {
                return None;
            }
            self.locked_ms = i64::try_from(locked.as_millis()).unwrap_or(i64::MAX);
        }
        Some(until)
    }
}
