//! What can go wrong with a call, named after what the caller does next.

use jiff::SignedDuration;

/// The answer behind an error, as far as there was one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// The HTTP status.
    pub status: u16,
    /// Webex's tracking id, from the header or the body. Not a secret.
    pub tracking_id: Option<String>,
    /// What Webex said, for the log. Never shown in a space, never decided upon.
    pub message: Option<String>,
}

/// A call that did not end as hoped.
#[derive(Debug, thiserror::Error)]
pub enum WebexError {
    /// No connection came about: the call was certainly not carried out.
    #[error("could not reach Webex")]
    Unreachable(#[source] reqwest::Error),
    /// The call went out and no whole answer came back: it may or may not have been carried out.
    #[error("no answer from Webex")]
    NoAnswer(#[source] reqwest::Error),
    /// A good status with a body that is not what Webex documents: carried out, result unknown.
    #[error("an answer of Webex's with status {} could not be read: {what}", .answer.status)]
    Unreadable {
        /// The answer.
        answer: Answered,
        /// What was wrong with it.
        what: String,
    },
    /// 404 or 410: not there, or not for this credential to see.
    #[error("Webex finds nothing there ({}): {:?}", .0.status, .0.message)]
    NotFound(Answered),
    /// 429 or 423: not carried out; wait and call again.
    #[error("Webex asks to wait {retry_after:#} ({})", .answer.status)]
    Busy {
        /// The answer.
        answer: Answered,
        /// How long Webex asks to wait.
        retry_after: SignedDuration,
    },
    /// 5xx: it may or may not have been carried out.
    #[error("Webex had an error ({}): {:?}", .0.status, .0.message)]
    Troubled(Answered),
    /// Any other status: not carried out, and calling again will not help.
    #[error("Webex refused ({}): {:?}", .0.status, .0.message)]
    Refused(Answered),
}

impl WebexError {
    /// The answer, if there was one.
    #[must_use]
    pub fn answer(&self) -> Option<&Answered> {
        match self {
            Self::Unreachable(_) | Self::NoAnswer(_) => None,
            Self::Unreadable { answer, .. }
            | Self::NotFound(answer)
            | Self::Busy { answer, .. }
            | Self::Troubled(answer)
            | Self::Refused(answer) => Some(answer),
        }
    }

    /// Whether the token itself was rejected.
    #[must_use]
    pub fn rejects_the_token(&self) -> bool {
        matches!(self, Self::Refused(answer) if answer.status == 401)
    }

    /// How long Webex asked to wait, if it did.
    #[must_use]
    pub fn asked_to_wait(&self) -> Option<SignedDuration> {
        match self {
            Self::Busy { retry_after, .. } => Some(*retry_after),
            _ => None,
        }
    }

    /// Whether the same call may well succeed later.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::NoAnswer(_) | Self::Busy { .. } | Self::Troubled(_))
    }
}
