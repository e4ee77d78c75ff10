//! How long a deletion waits because Webex asks for it.
//!
//! 429 and 423 are two things. 429 is about the credential: Webex has no time for anybody who uses it, whoever was
//! asked to wait, and where hundreds of deletions share that time each of them waits long. 423 is about the one device,
//! which somebody else has to let go, and asking again and again makes all others with the credential wait for it.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::webex::WebexError;

/// How long somebody waits for an answer without hearing that it takes longer.
pub const LONGEST_SILENCE: SignedDuration = SignedDuration::from_secs(30);
/// How long a deletion waits for Webex to have time, from the first wait on.
pub const LONGEST_WAIT: SignedDuration = SignedDuration::from_mins(10);
/// How long a deletion waits for its device to be unlocked, all such waits together.
const LONGEST_LOCK: SignedDuration = SignedDuration::from_secs(30);

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
