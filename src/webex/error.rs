//! What can go wrong with a call, named after what the caller does next.

use std::fmt;

use jiff::{SignedDuration, Timestamp};

/// The answer behind an error, as far as there was one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResponseInfo {
    /// The HTTP status.
    pub status: u16,
    /// Webex's tracking id, from the header or the body. Not a secret.
    pub tracking_id: Option<String>,
    /// What Webex said, for the log. Never shown in a space, never decided upon.
    pub message: Option<String>,
}

/// The status, and in quotes what Webex said, if anything.
impl fmt::Display for ResponseInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.message {
            Some(message) => write!(f, "{}: {message:?}", self.status),
            None => write!(f, "{}", self.status),
        }
    }
}

/// What it all came from: `operation timed out` says more than `error sending request`.
fn innermost(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

/// A call that did not end as hoped.
#[derive(Debug, thiserror::Error)]
pub enum WebexError {
    /// No connection came about: the call was certainly not carried out.
    #[error("could not reach Webex: {}", innermost(.0))]
    Unreachable(reqwest::Error),
    /// The call went out and no whole answer came back: it may or may not have been carried out.
    #[error("no answer from Webex: {}", innermost(.0))]
    NoAnswer(reqwest::Error),
    /// A good status with a body that is not what Webex documents: carried out, result unknown.
    #[error("an answer of Webex's could not be read ({answer}): {what}")]
    Unreadable {
        /// The answer.
        answer: ResponseInfo,
        /// What was wrong with it.
        what: String,
    },
    /// 404 or 410: not there, or not for this credential to see.
    #[error("Webex finds nothing there ({0})")]
    NotFound(ResponseInfo),
    /// 429 or 423: not carried out; wait and call again.
    #[error("Webex asks to wait {retry_after:#} ({answer})")]
    Busy {
        /// The answer.
        answer: ResponseInfo,
        /// How long Webex asks to wait.
        retry_after: SignedDuration,
    },
    /// The call was not made, because Webex has asked for a wait that is not over: come back then.
    #[error("not called: Webex asked to wait until {until}")]
    Paused {
        /// When calls with this credential go on.
        until: Timestamp,
        /// How long that is from now.
        remaining: SignedDuration,
    },
    /// 5xx: it may or may not have been carried out.
    #[error("Webex had an error ({0})")]
    ServerError(ResponseInfo),
    /// There is no token to call with, or no other one in place of one that Webex has rejected: the call was not
    /// carried out.
    #[error("there is no admin token to call with: {why}")]
    NoToken {
        /// Webex refuses to give one. Otherwise it may be there later.
        is_refused: bool,
        /// What keeps it from being there.
        why: String,
    },
    /// Any other status: not carried out, and calling again will not help.
    #[error("Webex refused ({0})")]
    Refused(ResponseInfo),
}

impl WebexError {
    /// The answer, if there was one.
    #[must_use]
    pub fn answer(&self) -> Option<&ResponseInfo> {
        match self {
            Self::Unreachable(_) | Self::NoAnswer(_) | Self::NoToken { .. } | Self::Paused { .. } => None,
            Self::Unreadable { answer, .. }
            | Self::NotFound(answer)
            | Self::Busy { answer, .. }
            | Self::ServerError(answer)
            | Self::Refused(answer) => Some(answer),
        }
    }

    /// Whether the token itself was rejected.
    #[must_use]
    pub fn is_token_rejected(&self) -> bool {
        match self {
            Self::Refused(answer) => answer.status == 401,
            Self::NoToken { is_refused, .. } => *is_refused,
            _ => false,
        }
    }

    /// How long from now Webex asked to wait, if it did: in this answer, or in an earlier one that still holds.
    #[must_use]
    pub fn requested_wait(&self) -> Option<SignedDuration> {
        match self {
            Self::Busy { retry_after, .. } => Some(*retry_after),
            Self::Paused { remaining, .. } => Some(*remaining),
            _ => None,
        }
    }

    /// Whether the call was not even made, because of a wait that others were asked for.
    #[must_use]
    pub fn is_paused(&self) -> bool {
        matches!(self, Self::Paused { .. })
    }

    /// Whether Webex said that something else holds the resource (423), which is no matter of the credential.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        matches!(self, Self::Busy { answer, .. } if answer.status == 423)
    }

    /// The kind of error, as a label of a metric.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Unreachable(_) => "unreachable",
            Self::NoAnswer(_) => "no answer",
            Self::Unreadable { .. } => "unreadable",
            Self::NotFound(_) => "not found",
            Self::Busy { .. } => "busy",
            Self::Paused { .. } => "paused",
            Self::NoToken { .. } => "no token",
            Self::ServerError(_) => "troubled",
            Self::Refused(_) => "refused",
        }
    }

    /// Whether a call that changes something may have been carried out all the same: only reading tells.
    #[must_use]
    pub fn leaves_outcome_unknown(&self) -> bool {
        matches!(self, Self::Unreadable { .. } | Self::NoAnswer(_) | Self::ServerError(_))
    }

    /// Whether the same call may well succeed later.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Unreachable(_)
            | Self::NoAnswer(_)
            | Self::Unreadable { .. }
            | Self::Busy { .. }
            | Self::Paused { .. }
            | Self::ServerError(_) => true,
            Self::NoToken { is_refused, .. } => !is_refused,
            Self::NotFound(_) | Self::Refused(_) => false,
        }
    }
}
