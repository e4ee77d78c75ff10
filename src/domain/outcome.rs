//! What became of a deletion: proved by reading back, never assumed.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The five things that can become of a deletion. The names are stored and shown; they must not change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutcomeKind {
    /// Deleted, and a later read no longer finds it.
    Gone,
    /// Webex said yes, and still lists it.
    Accepted,
    /// Nothing was deleted.
    Failed,
    /// It could not be found out.
    Unknown,
    /// There was no such device to delete.
    NotFound,
}

impl OutcomeKind {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Gone => "gone",
            Self::Accepted => "accepted",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
            Self::NotFound => "not found",
        }
    }
}

impl fmt::Display for OutcomeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why it became that. Each cause has a sentence of its own on the card; the names are stored and must not
/// change. Status codes are those of Webex's page *Delete a Device*.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// 2xx, and then a read answered 404.
    Deleted,
    /// The answer to the DELETE was lost or an error, and then a read answered 404.
    SettledByReading,
    /// 2xx, and the last read still found it.
    StillListed,
    /// 2xx, and then it could not be read.
    NotReadBack,
    /// The answer to the DELETE was lost or an error, and then it could not be read.
    Unsettled,
    /// The first read answered 404.
    NeverFound,
    /// It was read, and then the DELETE answered 404: somebody was faster.
    Vanished,
    /// 410: Webex remembers that it was removed.
    RemovedForGood,
    /// 400: Webex does not take the id.
    BadRequest,
    /// 401: the admin credential is no longer good.
    CredentialRejected,
    /// 403: the admin credential may not do this.
    NotPermitted,
    /// 405: this API address does not delete devices.
    MethodRefused,
    /// 409: something else is changing the device.
    Conflict,
    /// 415: something on the way did not take the form of the request.
    MediaTypeRefused,
    /// 423, for longer than is waited out.
    Locked {
        /// When it may be tried again.
        until: Timestamp,
    },
    /// 428: Webex wants something else to be done first.
    PreconditionRequired,
    /// 429, for longer than is waited out.
    TooManyRequests {
        /// When it may be tried again.
        until: Timestamp,
    },
    /// 500, 502, 503, 504 or another error of Webex's own, and the device is still there.
    WebexError,
    /// No answer to the DELETE in time, and the device is still there.
    NoAnswer,
    /// A status that the page does not name, and the device is still there.
    Unexpected,
    /// The device could not be read beforehand, so nothing was deleted.
    NotRead,
    /// Webex could not be reached at all, so nothing was deleted.
    Unreachable,
    /// Between two reads it became another device, or moved.
    Changed {
        /// The facts that differ, as `serial, owner`.
        what: String,
    },
    /// The actor lost the right before it ran.
    RightWithdrawn,
    /// It waited too long before it could run.
    TooLate,
}

impl Cause {
    /// The outcome that this is a cause of.
    pub fn kind(&self) -> OutcomeKind {
        match self {
            Self::Deleted | Self::SettledByReading => OutcomeKind::Gone,
            Self::StillListed => OutcomeKind::Accepted,
            Self::NotReadBack | Self::Unsettled => OutcomeKind::Unknown,
            Self::NeverFound | Self::Vanished | Self::RemovedForGood => OutcomeKind::NotFound,
            Self::BadRequest
            | Self::CredentialRejected
            | Self::NotPermitted
            | Self::MethodRefused
            | Self::Conflict
            | Self::MediaTypeRefused
            | Self::Locked { .. }
            | Self::PreconditionRequired
            | Self::TooManyRequests { .. }
            | Self::WebexError
            | Self::NoAnswer
            | Self::Unexpected
            | Self::NotRead
            | Self::Unreachable
            | Self::Changed { .. }
            | Self::RightWithdrawn
            | Self::TooLate => OutcomeKind::Failed,
        }
    }
}

/// What became of one deletion, with what an admin or Cisco's support will ask for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// Why, and with it what.
    pub cause: Cause,
    /// The status of the answer that decided it, if there was an answer.
    pub status: Option<u16>,
    /// Webex's tracking id of that answer. Not a secret; the first thing support asks for.
    pub tracking_id: Option<String>,
    /// When it was known.
    pub at: Timestamp,
}

impl Outcome {
    /// The outcome itself.
    pub fn kind(&self) -> OutcomeKind {
        self.cause.kind()
    }

    /// Whether Webex may still carry out the deletion after this was said, so that it is worth another look.
    pub fn may_still_change(&self) -> bool {
        matches!(
            self.cause,
            Cause::StillListed
                | Cause::NotReadBack
                | Cause::Unsettled
                | Cause::WebexError
                | Cause::NoAnswer
                | Cause::Unexpected
        )
    }
}
