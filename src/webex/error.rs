//! The errors of calls to Webex, one variant for each reaction of the caller.

use std::fmt;
use std::sync::Arc;

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

/// Evidence that Webex itself did not find something. Made only from a 404 or 410 with an error body in Webex's form and
/// a tracking id, because gateways on the way answer with such a status too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebexNotFound(ResponseInfo);

impl WebexNotFound {
    /// Parts of the messages of servers that do not know the path, in lower case: Webex's own, and gateways.
    const UNKNOWN_PATH: [&str; 2] = ["no static resource", "no route matched"];

    /// The evidence, if this is Webex's own answer; otherwise the answer. Only a JSON body has a message.
    pub(super) fn of(answer: ResponseInfo) -> Result<Self, ResponseInfo> {
        let message = answer.message.as_deref().unwrap_or_default().trim().to_lowercase();
        let is_about_the_resource =
            !message.is_empty() && Self::UNKNOWN_PATH.iter().all(|unknown| !message.contains(unknown));
        if is_about_the_resource && answer.tracking_id.is_some() { Ok(Self(answer)) } else { Err(answer) }
    }

    /// The response.
    pub(crate) fn info(&self) -> &ResponseInfo {
        &self.0
    }

    pub(super) fn without_message(self) -> Self {
        Self(ResponseInfo { message: None, ..self.0 })
    }

    /// Webex's own answer with this status.
    #[cfg(test)]
    pub(crate) fn answered(status: u16) -> Self {
        let tracking_id = Some(format!("T_{status}"));
        Self(ResponseInfo { status, tracking_id, message: Some("Not found.".to_owned()) })
    }
}

impl fmt::Display for WebexNotFound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
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

/// A connection that could not be made: where to, and why.
#[derive(Debug)]
pub struct NoConnection {
    /// The address of Webex and of the proxy on the way, if the call had come that far.
    pub(super) route: Option<Arc<str>>,
    pub(super) error: reqwest::Error,
}

impl From<reqwest::Error> for NoConnection {
    fn from(error: reqwest::Error) -> Self {
        Self { route: None, error }
    }
}

impl NoConnection {
    /// The cause without the address.
    pub(crate) fn cause(&self) -> String {
        root_cause(&self.error)
    }
}

impl fmt::Display for NoConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.route.as_ref().map_or(Ok(()), |route| write!(f, " at {route}"))?;
        write!(f, ": {}", root_cause(&self.error))
    }
}

/// A failed call. The names of the variants are labels of a metric and must not change.
#[derive(Debug, thiserror::Error, strum::IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum WebexError {
    /// No connection: the call was certainly not carried out.
    #[error("could not reach Webex{0}")]
    Unreachable(NoConnection),
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
    /// Webex's own 404 or 410: missing, or invisible to this credential.
    #[error("not found in Webex ({0})")]
    #[strum(serialize = "not found")]
    NotFound(WebexNotFound),
    /// A 404 or 410 without the marks of Webex's own, for example from a gateway. It says nothing about the resource.
    #[error("a 404 or 410 that is not Webex's own ({0})")]
    #[strum(serialize = "foreign not found")]
    ForeignNotFound(ResponseInfo),
    /// An answer without a tracking id, for example from a gateway: a refusal, or a success status to a change of a
    /// device. The call may have been carried out.
    #[error("an answer that is not Webex's own ({0})")]
    #[strum(serialize = "foreign answer")]
    ForeignAnswer(ResponseInfo),
    /// The record belongs to another organization than the one that the call is about.
    #[error("the record belongs to another organization ({0})")]
    #[strum(serialize = "other organization")]
    OtherOrganization(ResponseInfo),
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
            Self::NotFound(not_found) => Some(not_found.info()),
            Self::Unreadable { answer, .. }
            | Self::ForeignNotFound(answer)
            | Self::ForeignAnswer(answer)
            | Self::OtherOrganization(answer)
            | Self::Busy { answer, .. }
            | Self::ServerError(answer)
            | Self::Refused(answer) => Some(answer),
        }
    }

    /// The response, if Webex itself sent it.
    pub(crate) fn own_answer(&self) -> Option<&ResponseInfo> {
        match self {
            Self::ForeignNotFound(_) | Self::ForeignAnswer(_) => None,
            error => error.answer(),
        }
    }

    /// The same error for an answer that is not Webex's own. A redirect of a read is told as one.
    pub(super) fn or_foreign(self, is_read: bool) -> Self {
        match self {
            Self::Refused(answer)
                if answer.tracking_id.is_none() && !(is_read && (300..400).contains(&answer.status)) =>
            {
                Self::ForeignAnswer(answer)
            }
            error => error,
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
        matches!(
            self,
            Self::Unreadable { .. }
                | Self::NoAnswer(_)
                | Self::ServerError(_)
                | Self::ForeignNotFound(_)
                | Self::ForeignAnswer(_)
        )
    }

    /// Whether the same call may succeed later.
    pub(crate) fn is_transient(&self) -> bool {
        match self {
            Self::NotFound(_) | Self::OtherOrganization(_) | Self::Refused(_) => false,
            Self::NoToken { is_refused, .. } => !is_refused,
            Self::Unreachable(_)
            | Self::NoAnswer(_)
            | Self::Unreadable { .. }
            | Self::ForeignNotFound(_)
            | Self::ForeignAnswer(_)
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
    fn only_webexs_own_answer_proves_that_something_is_missing() {
        let answer = |message: Option<&str>, tracking_id: Option<&str>| ResponseInfo {
            status: 404,
            tracking_id: tracking_id.map(str::to_owned),
            message: message.map(str::to_owned),
        };
        let own = answer(Some("The requested resource could not be found."), Some("T_1"));
        assert_eq!(WebexNotFound::of(own.clone()).map(|found| found.info().clone()), Ok(own));
        for foreign in [
            answer(None, Some("T_1")),
            answer(Some("The requested resource could not be found."), None),
            answer(Some("No static resource devices/1."), Some("T_1")),
            answer(Some("no static resource devices/1."), Some("T_1")),
            answer(Some("no Route matched with those values"), Some("T_1")),
            answer(Some(" "), Some("T_1")),
            answer(None, None),
        ] {
            assert_eq!(WebexNotFound::of(foreign.clone()), Err(foreign));
        }
    }

    #[test]
    fn labels_of_metrics_never_change() {
        let info = || ResponseInfo { status: 500, tracking_id: None, message: None };
        let wait = SignedDuration::ZERO;
        for (error, label) in [
            (WebexError::Unreadable { answer: info(), what: String::new() }, "unreadable"),
            (WebexError::NotFound(WebexNotFound::answered(404)), "not found"),
            (WebexError::ForeignNotFound(info()), "foreign not found"),
            (WebexError::ForeignAnswer(info()), "foreign answer"),
            (WebexError::OtherOrganization(info()), "other organization"),
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
