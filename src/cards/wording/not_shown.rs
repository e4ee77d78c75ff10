//! Why a device could not be shown, and what to do about it.

use jiff::Timestamp;

use super::refusal::Said;
use crate::cards::moment;
use crate::domain::Cause;

/// A device that could not be read: by the cause, which is one of those that a deletion has before anything
/// is sent, the status of the answer and its tracking id.
#[must_use]
pub fn not_shown(cause: &Cause, status: Option<u16>, tracking_id: Option<&str>, now: Timestamp) -> Said {
    let (headline, what, next) = match cause {
        Cause::NeverFound | Cause::Vanished | Cause::RemovedForGood => (
            "✕ Not found",
            "Webex finds no device with this id that Steward's admin credential can see.".to_owned(),
            "Check the id in Control Hub: a factory reset or a new activation gives a device a new one. A device of \
             another organization is not seen either.",
        ),
        Cause::CredentialRejected => (
            "✕ Not shown",
            "Webex rejected Steward's admin credential, so the device could not be read.".to_owned(),
            "Ask the operator to look at the admin credential (STEWARD_ADMIN_TOKEN, or STEWARD_SERVICE_APP_REFRESH_TOKEN), \
             then send the command again.",
        ),
        Cause::NotPermitted => (
            "✕ Not shown",
            "Steward's admin credential may not read this device.".to_owned(),
            "Ask the operator to check its scopes and its admin role; a device of another organization also needs \
             STEWARD_TARGET_ORG.",
        ),
        Cause::Locked { until } | Cause::TooManyRequests { until } => (
            "… Busy",
            format!("Webex is busy and asks to come back at {}.", moment::to_come(*until, now)),
            "Send the command again then.",
        ),
        _ => (
            "✕ Not shown",
            match status {
                Some(status) => format!("Webex could not show the device; it answered with status {status}."),
                None => "Webex gave no answer when the device was to be read.".to_owned(),
            },
            "Send the command again in a few minutes.",
        ),
    };
    let support = tracking_id.map(|id| format!("For Cisco's support: the tracking id is {id}."));
    let sentences = [Some(what), Some(next.to_owned()), support].into_iter().flatten().collect();
    Said { headline: headline.to_owned(), sentences }
}
