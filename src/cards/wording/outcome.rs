//! What became of a deletion: the headline, and what happened. What to do next stands in [`super::next`].
//!
//! The status codes are those of Webex's page *Delete a Device*.

use std::borrow::Cow;

use crate::domain::{Cause, Outcome, OutcomeKind};

/// The headline of the first answer.
#[must_use]
pub fn outcome_headline(kind: OutcomeKind) -> &'static str {
    match kind {
        OutcomeKind::Gone => "✓ Gone: deleted and proven",
        OutcomeKind::Accepted => "… Accepted: not yet proven",
        OutcomeKind::Failed => "✕ Failed: not deleted",
        OutcomeKind::Unknown => "? Unknown: could not be proven",
        OutcomeKind::NotFound => "✕ Not found: nothing was deleted",
    }
}

/// The headline of a later answer to the same command.
#[must_use]
pub fn update_headline(kind: OutcomeKind) -> &'static str {
    match kind {
        OutcomeKind::Gone => "✓ Update: gone, deleted and proven",
        OutcomeKind::Accepted => "… Update: accepted, still not proven",
        OutcomeKind::Failed => "✕ Update: failed, not deleted",
        OutcomeKind::Unknown => "? Update: still unknown",
        OutcomeKind::NotFound => "✕ Update: not found, nothing was deleted",
    }
}

/// What happened, in one sentence.
#[must_use]
pub fn outcome_sentence(outcome: &Outcome) -> Cow<'static, str> {
    let sentence = match &outcome.cause {
        Cause::Deleted => "Webex deleted the device, and a read afterwards no longer finds it.",
        Cause::SettledByReading => {
            "Webex did not confirm the deletion, but a read afterwards no longer finds the device: it is gone."
        }
        Cause::StillListed => "Webex accepted the deletion, but still lists the device.",
        Cause::NotReadBack => {
            "Webex accepted the deletion, but the device could not be read afterwards to prove it."
        }
        Cause::Unsettled => {
            "Webex did not confirm the deletion, and what became of it could not be found out: the device may be \
             gone, or still there."
        }
        Cause::NeverFound => {
            "Webex finds no device with this id for Steward's admin credential, so nothing was deleted."
        }
        Cause::Vanished => {
            "The device was still there when Steward read it, but not when it was to be deleted: somebody else \
             was probably faster."
        }
        Cause::RemovedForGood => {
            "Webex answered that this device was removed earlier (410), so nothing was deleted."
        }
        Cause::BadRequest => "Webex did not accept this device id (400), so nothing was deleted.",
        Cause::CredentialRejected => {
            "Webex rejected Steward's admin credential (401), so nothing was deleted."
        }
        Cause::NotPermitted => {
            "Webex does not let Steward's admin credential do this (403), so nothing was deleted."
        }
        Cause::MethodRefused => {
            "The address that Steward called does not delete devices (405), so nothing was deleted."
        }
        Cause::Conflict => {
            "Something else was changing the device at that moment (409), so nothing was deleted."
        }
        Cause::MediaTypeRefused => {
            "Something on the way to Webex did not take the form of the request (415), so nothing was deleted."
        }
        Cause::Locked { .. } => "Webex keeps the device locked for now (423), so nothing was deleted.",
        Cause::PreconditionRequired => {
            "Webex wants something else to be done first (428), so nothing was deleted."
        }
        // Another call was told, perhaps with a 423.
        Cause::TooManyRequests { .. } if outcome.status.is_none() => {
            "Webex asks Steward to slow down for longer than it waits by itself, so nothing was deleted."
        }
        Cause::TooManyRequests { .. } => {
            "Webex asks Steward to slow down (429) for longer than it waits by itself, so nothing was deleted."
        }
        Cause::WebexError => return error_of_webex(outcome.status).into(),
        Cause::NoAnswer => "Webex did not answer in time, and the device is still there.",
        Cause::Unexpected => return unexpected(outcome.status).into(),
        Cause::NotRead => "The device could not be read beforehand, so nothing was deleted.",
        Cause::Unreachable => "Webex could not be reached, so nothing was deleted.",
        Cause::Changed { what } => return changed(what).into(),
        Cause::RightWithdrawn => {
            "Your right to delete devices was withdrawn before the command ran, so nothing was deleted."
        }
        Cause::TooLate => "Steward could not run the command in time, so nothing was deleted.",
    };
    sentence.into()
}

fn error_of_webex(status: Option<u16>) -> String {
    let named = match status {
        Some(500) => "an internal error (500)".to_owned(),
        Some(502) => "a bad gateway (502)".to_owned(),
        Some(503) => "that it is unavailable for now (503)".to_owned(),
        Some(504) => "that a service behind it took too long (504)".to_owned(),
        Some(other) => format!("an error of its own ({other})"),
        None => "an error of its own".to_owned(),
    };
    format!("Webex reported {named}, and the device is still there.")
}

fn unexpected(status: Option<u16>) -> String {
    let status = status.map(|status| format!(" ({status})")).unwrap_or_default();
    format!(
        "Webex gave an answer that its documentation does not name{status}, and the device is still there."
    )
}

fn changed(what: &str) -> String {
    format!(
        "The device is no longer what it was when the command was taken (different: {what}), so it was not deleted."
    )
}
