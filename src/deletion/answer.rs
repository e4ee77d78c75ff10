//! Which cause an answer is, by the status codes of Webex's page *Delete a Device*.

use jiff::Timestamp;

use crate::domain::Cause;
use crate::webex::WebexError;

/// The cause when a device could not be read, or was not found, and nothing was sent yet.
#[must_use]
pub fn cause_before_deleting(error: &WebexError, now: Timestamp) -> Cause {
    match error {
        WebexError::Busy { .. } | WebexError::Refused(_) => cause_of_refusal(error, now),
        WebexError::Unreachable(_) => Cause::Unreachable,
        WebexError::NotFound(answer) if answer.status == 410 => Cause::RemovedForGood,
        WebexError::NotFound(_) => Cause::NeverFound,
        WebexError::NoAnswer(_) | WebexError::Unreadable { .. } | WebexError::Troubled(_) => Cause::NotRead,
    }
}

/// The cause when Webex did not carry out a DELETE, and said so or was never reached.
pub(super) fn cause_of_refusal(error: &WebexError, now: Timestamp) -> Cause {
    let until = error.asked_to_wait().map_or(now, |wait| now + wait);
    match error.answer().map(|answer| answer.status) {
        None => Cause::Unreachable,
        Some(400) => Cause::BadRequest,
        Some(401) => Cause::CredentialRejected,
        Some(403) => Cause::NotPermitted,
        Some(405) => Cause::MethodRefused,
        Some(409) => Cause::Conflict,
        Some(415) => Cause::MediaTypeRefused,
        Some(423) => Cause::Locked { until },
        Some(428) => Cause::PreconditionRequired,
        Some(429) => Cause::TooManyRequests { until },
        Some(_) => Cause::Unexpected,
    }
}
