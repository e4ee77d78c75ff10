//! The next step of a deletion, and how long it waits.
//!
//! 429 and 423 are two things. 429 is about the credential: Webex has no time for anybody who uses it, whoever was
//! asked to wait, and where hundreds of deletions share that time each of them waits long. 423 is about the one device,
//! which somebody else has to let go, and asking again and again makes all others with the credential wait for it.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::commands::retry::LONGEST_WAIT;
use crate::domain::Outcome;
use crate::webex::WebexError;

/// How long a deletion waits for its device to be unlocked, all such waits together.
const LONGEST_LOCK: SignedDuration = SignedDuration::from_secs(30);

/// What is to be done next.
#[derive(Debug, Clone, PartialEq)]
pub enum Next {
    /// Read the device.
    Read,
    /// Write down the progress, then send the DELETE.
    Delete,
    /// Come back at this moment.
    Wait {
        /// When.
        until: Timestamp,
        /// What for.
        why: Why,
    },
    /// It is known what became of it.
    End(Outcome),
}

/// What a deletion waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Webex asked to wait, this deletion or others.
    Busy,
    /// Webex could not be reached.
    NotReached,
    /// The device could not be read.
    NotRead,
    /// The DELETE had no clear answer.
    Unclear,
    /// The device is still listed after its deletion.
    StillListed,
    /// The DELETE was not sent, because too long ago it was written down that it would be.
    Stale,
}

impl Why {
    /// In a few words.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Busy => "Webex asked to wait",
            Self::NotReached => "Webex could not be reached",
            Self::NotRead => "the device could not be read",
            Self::Unclear => "the DELETE had no clear answer",
            Self::StillListed => "the deleted device is still listed",
            Self::Stale => "the intent was recorded too long ago",
        }
    }
}

/// The waits of one deletion. Stored: the names must not change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Waits {
    /// When the first began.
    since: Option<Timestamp>,
    /// Those for the lock of the device.
    locked_ms: i64,
}

impl Waits {
    /// Until when to wait where this error asks for as long; nothing where that does not fit.
    pub(crate) fn take(
        &mut self,
        error: &WebexError,
        asked: SignedDuration,
        now: Timestamp,
    ) -> Option<Timestamp> {
        let until = now + asked;
        let since = *self.since.get_or_insert(now);
        if until > since + LONGEST_WAIT {
            return None;
        }
        if error.is_locked() {
            let locked = SignedDuration::from_millis(self.locked_ms) + asked;
            if locked > LONGEST_LOCK {
                return None;
            }
            self.locked_ms = i64::try_from(locked.as_millis()).unwrap_or(i64::MAX);
        }
        Some(until)
    }
}
