//! Why a command was not carried out, where Webex is the reason, and what to do about it.

use jiff::Timestamp;

use super::refusal::Said;
use crate::cards::moment;
use crate::domain::Cause;

/// A command that needs Webex and did not get what it needs: by the cause, the status of the answer and its tracking
/// id.
#[must_use]
pub fn not_done(cause: &Cause, status: Option<u16>, tracking_id: Option<&str>, now: Timestamp) -> Said {
    let (headline, what, next) = match cause {
        Cause::NeverFound | Cause::Vanished | Cause::RemovedForGood => (
            "✕ Not found",
            "Webex finds nothing by this id that Steward's admin credential can see.".to_owned(),
            "Check it in Control Hub, then send the command again.",
        ),
        Cause::CredentialRejected => (
            "✕ Not done",
            "Webex rejected Steward's admin credential.".to_owned(),
            "Ask the operator to look at the admin credential (STEWARD_ADMIN_TOKEN, or STEWARD_SERVICE_APP_REFRESH_TOKEN), \
             then send the command again.",
        ),
        Cause::NotPermitted => (
            "✕ Not done",
            "Steward's admin credential may not do this.".to_owned(),
            "Ask the operator to check its scopes and its admin role.",
        ),
        Cause::Locked { until } | Cause::TooManyRequests { until } => (
            "… Busy",
            format!("Webex is busy and asks to come back at {}.", moment::to_come(*until, now)),
            "Send the command again then.",
        ),
        _ => (
            "✕ Not done",
            match status {
                Some(status) => format!("Webex did not do it; it answered with status {status}."),
                None => "Webex gave no answer.".to_owned(),
            },
            "Send the command again in a few minutes.",
        ),
    };
    let support = tracking_id.map(|id| format!("For Cisco's support: the tracking id is {id}."));
    let sentences = [Some(what), Some(next.to_owned()), support].into_iter().flatten().collect();
    Said { headline: headline.to_owned(), sentences }
}

/// A command that failed again and again for a reason of Steward's own.
#[must_use]
pub fn given_up() -> Said {
    Said {
        headline: "✕ Given up".to_owned(),
        sentences: vec![
            "Steward tried several times and could not finish this; the reason stands in its log.".to_owned(),
            "Ask the operator to look there, then send the command again.".to_owned(),
        ],
    }
}
