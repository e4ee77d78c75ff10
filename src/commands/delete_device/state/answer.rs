//! Which cause an answer is, by the status codes of Webex's page *Delete a Device*.

use jiff::Timestamp;

use crate::domain::Cause;
use crate::webex::WebexError;

/// The cause when a device could not be read, or was not found, and nothing was sent yet.
#[must_use]
pub fn cause_before_deleting(error: &WebexError, now: Timestamp) -> Cause {
    match error {
        WebexError::Busy { .. } | WebexError::Paused { .. } => cause_of_refusal(error, now),
        WebexError::Refused(answer) => match answer.status {
            400 => Cause::BadRequest,
            401 => Cause::CredentialRejected,
            403 => Cause::NotPermitted,
            _ => Cause::NotRead,
        },
        WebexError::NoToken { is_refused: true, .. } => Cause::CredentialRejected,
        WebexError::NoToken { is_refused: false, .. } | WebexError::Unreachable(_) => Cause::Unreachable,
        WebexError::NotFound(answer) if answer.status == 410 => Cause::RemovedForGood,
        WebexError::NotFound(_) => Cause::NeverFound,
        WebexError::NoAnswer(_) | WebexError::Unreadable { .. } | WebexError::ServerError(_) => {
            Cause::NotRead
        }
    }
}

/// Whether a DELETE with this answer has changed nothing: it was never sent, Webex asked to wait, or refused it
/// with a status that the page names. After anything else a read must tell.
pub(crate) fn is_certainly_not_carried_out(error: &WebexError) -> bool {
    match error {
        WebexError::Unreachable(_)
        | WebexError::NoToken { .. }
        | WebexError::Busy { .. }
        | WebexError::Paused { .. } => true,
        WebexError::Refused(answer) => matches!(answer.status, 400 | 401 | 403 | 405 | 409 | 415 | 428),
        WebexError::NoAnswer(_)
        | WebexError::Unreadable { .. }
        | WebexError::NotFound(_)
        | WebexError::ServerError(_) => false,
    }
}

/// The cause when Webex did not carry out a DELETE, and said so or was never reached.
pub(crate) fn cause_of_refusal(error: &WebexError, now: Timestamp) -> Cause {
    let until = error.requested_wait().map_or(now, |wait| now + wait);
    match error.answer().map(|answer| answer.status) {
        None if error.is_paused() => Cause::TooManyRequests { until },
        None if error.is_token_rejected() => Cause::CredentialRejected,
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
