//! The errors of calls to Webex, one variant for each reaction of the caller.

use std::fmt;

use jiff::{SignedDuration, Timestamp};

/// Status, tracking id and message of a response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResponseInfo {
    /// The HTTP status.
    pub status: u16,
    /// Webex's tracking id, from the header or the body. Not a secret.
    pub tracking_id: Option<String>,
    /// Webex's own message, for the log. Never shown in a space, never used for a decision.
    pub message: Option<String>,
}

impl fmt::Display for ResponseInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.status)?;
        self.message.as_ref().map_or(Ok(()), |message| write!(f, ": {message:?}"))
    }
}

/// The innermost cause: `operation timed out` helps more than `error sending request`.
fn root_cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

/// Why a call got no complete response.
#[derive(Debug, thiserror::Error)]
pub enum NoAnswerError {
    /// The connection failed.
    #[error("{}", root_cause(.0))]
    Broken(reqwest::Error),
    /// It took too long.
    #[error("operation timed out")]
    TooLate,
}

/// A failed call. The names of the variants are labels of a metric and must not change.
#[derive(Debug, thiserror::Error, strum::IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum WebexError {
    /// No connection: the call was certainly not carried out.
    #[error("could not reach Webex: {}", root_cause(.0))]
    Unreachable(reqwest::Error),
    /// The call was sent but got no complete response: it may have been carried out.
    #[error("no answer from Webex: {0}")]
    #[strum(serialize = "no answer")]
    NoAnswer(NoAnswerError),
    /// A success status with a body that Webex does not document: carried out, result unknown.
    #[error("could not read Webex's answer ({answer}): {what}")]
    Unreadable {
        /// The response.
        answer: ResponseInfo,
        /// The problem with its body.
        what: String,
    },
    /// 404 or 410: missing, or invisible to this credential.
    #[error("not found in Webex ({0})")]
    #[strum(serialize = "not found")]
    NotFound(ResponseInfo),
    /// 429 or 423: not carried out; wait and call again.
    #[error("Webex asks to wait {retry_after:#} ({answer})")]
    Busy {
        /// The response.
        answer: ResponseInfo,
        /// The wait that Webex asks for.
        retry_after: SignedDuration,
    },
    /// Not sent, because Webex has paused all calls with this credential.
    #[error("not sent: Webex asked for a pause until {until}")]
    Paused {
        /// When the pause ends.
        until: Timestamp,
        /// The time left until it ends.
        remaining: SignedDuration,
    },
    /// 5xx: it may have been carried out.
    #[error("Webex failed ({0})")]
    #[strum(serialize = "troubled")]
    ServerError(ResponseInfo),
    /// No admin token, or no replacement for one that Webex rejected: the call was not carried out.
    #[error("no admin token is available: {why}")]
    #[strum(serialize = "no token")]
    NoToken {
        /// Webex refuses to issue one. Otherwise there may be one later.
        is_refused: bool,
        /// The reason.
        why: String,
    },
    /// Any other status: not carried out, and a retry will not help.
    #[error("Webex refused the call ({0})")]
    Refused(ResponseInfo),
}

impl WebexError {
    /// The response, if there was one.
    pub(crate) fn answer(&self) -> Option<&ResponseInfo> {
        match self {
            Self::Unreachable(_) | Self::NoAnswer(_) | Self::NoToken { .. } | Self::Paused { .. } => None,
            Self::Unreadable { answer, .. }
            | Self::NotFound(answer)
            | Self::Busy { answer, .. }
            | Self::ServerError(answer)
            | Self::Refused(answer) => Some(answer),
        }
    }

    /// Whether Webex rejected the token itself.
    pub(crate) fn is_token_rejected(&self) -> bool {
        match self {
            Self::Refused(answer) => answer.status == 401,
            Self::NoToken { is_refused, .. } => *is_refused,
            _ => false,
        }
    }

    /// The wait from now on that Webex asked for: in this response, or in an earlier one that is still in force.
    pub(crate) fn requested_wait(&self) -> Option<SignedDuration> {
        match self {
            Self::Busy { retry_after, .. } => Some(*retry_after),
            Self::Paused { remaining, .. } => Some(*remaining),
            _ => None,
        }
    }

    /// Whether the call was not sent because of a pause.
    pub(crate) fn is_paused(&self) -> bool {
        matches!(self, Self::Paused { .. })
    }

    /// Whether something else holds the resource (423), which has nothing to do with the credential.
    pub(crate) fn is_locked(&self) -> bool {
        matches!(self, Self::Busy { answer, .. } if answer.status == 423)
    }

    /// The kind of error, as a label of a metric.
    pub(crate) fn as_str(&self) -> &'static str {
        self.into()
    }

    /// Whether a change may have been carried out despite the error. Only another read can tell.
    pub(crate) fn leaves_outcome_unknown(&self) -> bool {
        matches!(self, Self::Unreadable { .. } | Self::NoAnswer(_) | Self::ServerError(_))
    }

    /// Whether the same call may succeed later.
    pub(crate) fn is_transient(&self) -> bool {
        match self {
            Self::NotFound(_) | Self::Refused(_) => false,
            Self::NoToken { is_refused, .. } => !is_refused,
            Self::Unreachable(_)
            | Self::NoAnswer(_)
            | Self::Unreadable { .. }
            | Self::Busy { .. }
            | Self::Paused { .. }
            | Self::ServerError(_) => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_of_metrics_never_change() {
        let info = || ResponseInfo { status: 500, tracking_id: None, message: None };
        let wait = SignedDuration::ZERO;
        for (error, label) in [
            (WebexError::Unreadable { answer: info(), what: String::new() }, "unreadable"),
            (WebexError::NotFound(info()), "not found"),
            (WebexError::Busy { answer: info(), retry_after: wait }, "busy"),
            (WebexError::Paused { until: Timestamp::UNIX_EPOCH, remaining: wait }, "paused"),
            (WebexError::ServerError(info()), "troubled"),
            (WebexError::NoToken { is_refused: true, why: String::new() }, "no token"),
            (WebexError::Refused(info()), "refused"),
        ] {
            assert_eq!(error.as_str(), label);
        }
    }
}
