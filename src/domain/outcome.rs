//! The outcome of a deletion: proven by reading back, never assumed.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The five outcomes of a deletion. The names are stored and must not change.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, strum::Display, strum::IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "lowercase")]
pub enum OutcomeKind {
    /// Deleted, and a later read did not find it.
    Gone,
    /// Webex accepted the deletion and still lists the device.
    Accepted,
    /// Nothing was deleted.
    Failed,
    /// Could not be determined.
    Unknown,
    /// There was no such device.
    #[strum(serialize = "not found")]
    NotFound,
}

impl OutcomeKind {
    /// The word shown to people.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// The cause of an outcome, with its own sentence on the card. The names are stored and must not change. The status
/// codes are those of Webex's page *Delete a Device*.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// 2xx, then a read answered 404.
    Deleted,
    /// The answer to the DELETE was lost or an error, then a read answered 404.
    SettledByReading,
    /// 2xx, but the last read still found it.
    StillListed,
    /// 2xx, then it could not be read.
    NotReadBack,
    /// The answer to the DELETE was lost or an error, then it could not be read.
    Unsettled,
    /// The first read answered 404.
    NeverFound,
    /// It was read, but the DELETE answered 404: someone else deleted it in between.
    Vanished,
    /// 410: it was removed before, or Webex does not offer the call any more.
    RemovedForGood,
    /// 410 to the DELETE, and the device still exists: Webex does not offer the call any more.
    CallRetired,
    /// The answer to the DELETE was lost or an error, then a read answered 404; but nothing else of the organization
    /// could be read, so the credential may have lost its access.
    Unproven,
    /// A DELETE was or may have been sent, and the admin credential is another one since: its answers prove nothing.
    OtherCredential,
    /// It was read before and is not found now; but nothing else of the organization can be read. No DELETE was sent.
    OutOfSight,
    /// Its record belongs to another organization than the one asked for.
    OtherOrganization,
    /// Found by a serial number or MAC address that the device itself does not have.
    OtherThanNamed {
        /// The reference as written.
        asked: String,
        /// The serial number and MAC address of the device.
        found: String,
    },
    /// The settings name another organization or admin credential than when the command was given.
    SettingsChanged,
    /// The requester could not be looked up again before the deletion.
    NotChecked,
    /// 400: Webex rejects the id.
    BadRequest,
    /// 401: the admin credential is no longer valid.
    CredentialRejected,
    /// 403: the admin credential lacks a permission.
    NotPermitted,
    /// 405: no DELETE at this API address.
    MethodRefused,
    /// 409: another change is in progress.
    Conflict,
    /// 415: the form of the request was rejected, probably by a proxy.
    MediaTypeRefused,
    /// 423, for longer than Steward waits.
    Locked {
        /// The earliest time to try again.
        until: Timestamp,
    },
    /// 428: Webex requires another step first.
    PreconditionRequired,
    /// 429, for longer than Steward waits.
    TooManyRequests {
        /// The earliest time to try again.
        until: Timestamp,
    },
    /// 500, 502, 503, 504 or another server error, and the device still exists.
    WebexError,
    /// No answer to the DELETE in time, and the device still exists.
    NoAnswer,
    /// An undocumented status, and the device still exists.
    Unexpected,
    /// The device could not be read first, so nothing was deleted.
    NotRead,
    /// Steward failed several times, so nothing was deleted.
    GivenUp,
    /// Webex could not be reached, so nothing was deleted.
    Unreachable,
    /// A second read found another device or another place.
    Changed {
        /// The facts that differ, such as `serial, owner`.
        what: String,
    },
    /// The requester lost the right before the deletion ran.
    RightWithdrawn,
    /// The deletion waited too long to run.
    TooLate,
}

impl Cause {
    /// The outcome it leads to.
    pub fn kind(&self) -> OutcomeKind {
        match self {
            Self::Deleted | Self::SettledByReading => OutcomeKind::Gone,
            Self::StillListed => OutcomeKind::Accepted,
            Self::NotReadBack | Self::Unsettled | Self::Unproven | Self::OtherCredential => {
                OutcomeKind::Unknown
            }
            Self::NeverFound | Self::Vanished | Self::RemovedForGood | Self::OutOfSight => {
                OutcomeKind::NotFound
            }
            _ => OutcomeKind::Failed,
        }
    }
}

/// The outcome of one deletion, with the details that an admin or Cisco's support asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// Implies the kind of outcome.
    pub cause: Cause,
    /// The status of the deciding answer, if there was one.
    pub status: Option<u16>,
    /// Webex's tracking id of that answer. Not a secret; support asks for it first.
    pub tracking_id: Option<String>,
    /// When the outcome was known.
    pub at: Timestamp,
}

impl Outcome {
    /// The kind of outcome.
    pub fn kind(&self) -> OutcomeKind {
        self.cause.kind()
    }

    /// Whether Webex may still carry out the deletion later, so that another check is worthwhile.
    pub(crate) fn may_still_change(&self) -> bool {
        matches!(
            self.cause,
            Cause::StillListed
                | Cause::NotReadBack
                | Cause::Unsettled
                | Cause::Unproven
                | Cause::OtherCredential
                | Cause::WebexError
                | Cause::NoAnswer
                | Cause::Unexpected
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_keep_their_stored_names_and_shown_words() {
        for (kind, stored, shown) in [
            (OutcomeKind::Gone, "gone", "gone"),
            (OutcomeKind::Accepted, "accepted", "accepted"),
            (OutcomeKind::Failed, "failed", "failed"),
            (OutcomeKind::Unknown, "unknown", "unknown"),
            (OutcomeKind::NotFound, "not_found", "not found"),
        ] {
            assert_eq!(serde_json::to_value(kind).unwrap(), stored);
            assert_eq!((kind.as_str(), kind.to_string().as_str()), (shown, shown));
        }
    }
}
