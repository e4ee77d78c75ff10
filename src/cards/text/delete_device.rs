//! `delete device`: the consequences, the outcome of each cause, and the step that helps next.
//!
//! A sentence promises a recheck only if Steward makes one ([`Outcome::may_still_change`]), and never advises repeating
//! a deletion that may have worked without checking first. Status codes are those of Webex's page *Delete a Device*.

use std::borrow::Cow;

use super::resolve::{AFTER_A_MISMATCH, not_the_device_asked_for};
use crate::cards::moment;
use crate::domain::{Cause, Device, DeviceFacts, Outcome, OutcomeKind};

pub(in crate::cards) fn what_deleting_means(device: &Device) -> Vec<&'static str> {
    let mut sentences = vec![
        "The device leaves the organization. This cannot be undone: to use it again, activate it again. It then has a new id.",
    ];
    let status = device.connection_status.as_deref();
    if status.is_some_and(|status| status.starts_with("connected")) {
        sentences.push("It is connected right now, so somebody may be using it.");
    }
    if device.person_id.is_some() {
        sentences.push(
            "It is a personal device: its owner loses it. If the owner has a Webex Calling Standard license, deleting the \
             device enables Webex Calling in their apps.",
        );
    }
    if device.kind.as_deref() == Some("phone") {
        sentences.push("It is a phone: nobody can make or receive calls on it any more.");
    }
    sentences.push(
        "Steward reads it again right before deleting it. If its name, serial number, MAC address, workspace or owner has \
         changed, nothing is deleted.",
    );
    sentences
}

pub(in crate::cards) const DEVICE_CHANGED: &str =
    "The device was renamed, moved or replaced after Steward asked you about it. Nothing was deleted.";

pub(in crate::cards) const AFTER_A_CHANGE: &str =
    "Check it with \"show device\". If it is still the one you mean, send the command again.";

/// The headline of the first answer.
pub(in crate::cards) fn outcome_headline(kind: OutcomeKind) -> &'static str {
    match kind {
        OutcomeKind::Gone => "✓ Gone: deleted and verified",
        OutcomeKind::Accepted => "… Accepted: not verified yet",
        OutcomeKind::Failed => "✕ Failed: not deleted",
        OutcomeKind::Unknown => "? Unknown: could not be verified",
        OutcomeKind::NotFound => "✕ Not found: nothing was deleted",
    }
}

/// The headline of a later answer to the same command.
pub(in crate::cards) fn update_headline(kind: OutcomeKind) -> &'static str {
    match kind {
        OutcomeKind::Gone => "✓ Update: gone, deleted and verified",
        OutcomeKind::Accepted => "… Update: accepted, still not verified",
        OutcomeKind::Failed => "✕ Update: failed, not deleted",
        OutcomeKind::Unknown => "? Update: still unknown",
        OutcomeKind::NotFound => "✕ Update: not found, nothing was deleted",
    }
}

pub(in crate::cards) fn update_of(earlier: OutcomeKind) -> String {
    format!("Result of \"delete device\", previously \"{earlier}\"")
}

/// One sentence about the cause. It names a status only if that status was seen.
pub(in crate::cards) fn what_happened(outcome: &Outcome) -> Cow<'static, str> {
    let seen = outcome.status.map(|status| format!(" ({status})")).unwrap_or_default();
    let nothing = |what: &str| Cow::from(format!("{what}{seen}, so nothing was deleted."));
    let sentence = match &outcome.cause {
        Cause::Deleted => "Webex deleted the device, and a check afterwards no longer finds it.",
        Cause::SettledByReading => {
            "Webex did not confirm the deletion, but a check afterwards no longer finds the device: it is gone."
        }
        Cause::StillListed => "Webex accepted the deletion, but still lists the device.",
        Cause::NotReadBack => {
            "Webex accepted the deletion, but Steward could not check afterwards that the device is gone."
        }
        Cause::Unsettled => {
            "Webex did not confirm the deletion, and Steward could not find out what happened: the device may be gone, or \
             still there."
        }
        Cause::Unproven => {
            "Webex did not confirm the deletion. A check afterwards finds neither the device nor anything else of its \
             organization, which proves nothing: the device may be gone, or still there."
        }
        Cause::OtherCredential => {
            "Steward's admin credential was replaced after the deletion began, and the new one cannot prove what happened: \
             the device may be gone, or still there."
        }
        Cause::NeverFound => {
            "Webex finds no device with this id that Steward can see, so nothing was deleted."
        }
        Cause::Vanished => {
            "The device disappeared just before Steward could delete it: somebody else was probably faster."
        }
        Cause::OutOfSight => {
            "Webex no longer shows Steward this device, nor anything else of its organization, so the device may still be \
             there. Nothing was deleted."
        }
        Cause::RemovedForGood => {
            return format!(
                "Webex says that this is gone{seen}, so nothing was deleted. Either the device was removed earlier, or \
                 Webex no longer offers this call."
            )
            .into();
        }
        Cause::CallRetired => {
            return format!(
                "Webex says that this is gone{seen}, but the device is still there: Webex no longer offers this call, so \
                 nothing was deleted."
            )
            .into();
        }
        Cause::BadRequest => return nothing("Webex did not accept this device id"),
        Cause::CredentialRejected => return nothing("Webex rejected Steward's admin credential"),
        Cause::NotPermitted => return nothing("Steward's admin credential is not allowed to do this"),
        Cause::MethodRefused => {
            return nothing("The Webex address that Steward uses does not delete devices");
        }
        Cause::Conflict => return nothing("Something else was changing the device at that moment"),
        Cause::MediaTypeRefused => return nothing("Something on the way to Webex rejected the request"),
        Cause::Locked { .. } => return nothing("Webex has locked the device for now"),
        Cause::PreconditionRequired => return nothing("Webex requires another step first"),
        Cause::TooManyRequests { .. } => {
            return format!(
                "Webex is rate limiting Steward{seen} for longer than it can wait, so nothing was deleted."
            )
            .into();
        }
        Cause::WebexError => return webex_error(outcome.status).into(),
        Cause::NoAnswer => "Steward got no answer from Webex, and the device is still there.",
        Cause::Unexpected => {
            return format!("Webex gave an undocumented answer{seen}, and the device is still there.").into();
        }
        Cause::NotRead => "Steward could not read the device first, so nothing was deleted.",
        Cause::GivenUp => "Steward tried several times and could not finish this, so nothing was deleted.",
        Cause::Unreachable => "Steward could not reach Webex, so nothing was deleted.",
        Cause::OtherOrganization => {
            "The device belongs to another organization than the one you asked about, so nothing was deleted."
        }
        Cause::OtherThanNamed { asked, found } => return not_the_device_asked_for(asked, found).into(),
        Cause::SettingsChanged => {
            "Steward's target organization or admin credential was changed before the command ran, so nothing was deleted."
        }
        Cause::NotChecked => {
            "Steward could not check with Webex whether you may still delete devices, so nothing was deleted."
        }
        Cause::Changed { what } => {
            return format!(
                "The device is not the same as when you sent the command (changed: {what}), so it was not deleted."
            )
            .into();
        }
        Cause::RightWithdrawn => {
            "Your right to delete devices was withdrawn before the command ran, so nothing was deleted."
        }
        Cause::TooLate => "Steward could not run the command in time, so nothing was deleted.",
    };
    sentence.into()
}

fn webex_error(status: Option<u16>) -> String {
    let error = match status {
        Some(500) => "an internal error (500)".to_owned(),
        Some(502) => "a bad gateway (502)".to_owned(),
        Some(503) => "that it is temporarily unavailable (503)".to_owned(),
        Some(504) => "that one of its services took too long (504)".to_owned(),
        Some(other) => format!("an error ({other})"),
        None => "an error".to_owned(),
    };
    format!("Webex reported {error}, and the device is still there.")
}

/// Whether Steward keeps checking a device whose deletion is not settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Watch {
    /// Steward checks again and reports in the thread.
    Continues,
    /// Steward made its last recheck.
    Ended,
}

/// How the requester replaces a deleted device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cards) enum Replacing {
    /// With the button of the card.
    Button,
    /// With a command: the requester may activate devices.
    Command,
    /// In Control Hub.
    Elsewhere,
}

impl Replacing {
    pub(in crate::cards) fn by(may_activate: bool, has_button: bool) -> Self {
        match (has_button, may_activate) {
            (true, _) => Self::Button,
            (false, true) => Self::Command,
            (false, false) => Self::Elsewhere,
        }
    }
}

/// The next steps, one sentence each. The facts are those of the device, if it was read.
#[expect(clippy::too_many_lines, reason = "one arm for each cause")]
pub(in crate::cards) fn what_next(
    outcome: &Outcome,
    facts: Option<&DeviceFacts>,
    watch: Watch,
    replacing: Replacing,
) -> Vec<Cow<'static, str>> {
    let next: &[&'static str] = match (&outcome.cause, watch) {
        (Cause::Deleted | Cause::SettledByReading, _) => {
            return after_a_deletion(facts.is_some_and(DeviceFacts::is_personal), replacing);
        }
        (Cause::Locked { until }, _) => {
            let until = moment::to_come(*until, outcome.at);
            return vec![
                format!("Send the command again at {until}; the lock should be gone by then.").into(),
            ];
        }
        (Cause::TooManyRequests { until }, _) => {
            let until = moment::to_come(*until, outcome.at);
            return vec![
                format!("Send the command again at {until}; Webex should accept it by then.").into(),
            ];
        }
        (Cause::StillListed, Watch::Continues) => &[
            "A deletion can take Webex a while. Steward looks again and reports in this thread; you do not need to do \
             anything.",
        ],
        (Cause::StillListed, Watch::Ended) => &[
            "Steward has looked several times and stops now. Check with \"show device\". If the device is still there, \
             send the command again; if that does not help, give Webex support the tracking id.",
        ],
        (Cause::NotReadBack, Watch::Continues) => &[
            "Steward looks again and reports in this thread. Please do not send the command again before you have \
             checked with \"show device\".",
        ],
        (Cause::NotReadBack, Watch::Ended) => &[
            "Steward has tried several times and stops now. Check with \"show device\" or in Control Hub before you send \
             the command again.",
        ],
        (Cause::Unsettled, Watch::Continues) => &[
            "Steward looks again and reports in this thread what happened.",
            "Please do not send the command again before you have checked with \"show device\".",
        ],
        (Cause::Unsettled, Watch::Ended) => &[
            "Steward could not find out what happened and stops now.",
            "Check with \"show device\" or in Control Hub before you send the command again.",
        ],
        (Cause::Unproven, Watch::Continues) => &[
            "Steward looks again and reports in this thread what happened.",
            "Ask the people who run Steward whether its admin credential has lost access to the organization.",
        ],
        (Cause::Unproven, Watch::Ended) => &[
            "Steward could not find out what happened and stops now. Check in Control Hub before you send the command again.",
            "Ask the people who run Steward whether its admin credential has lost access to the organization.",
        ],
        (Cause::OtherCredential, Watch::Continues) => &[
            "Check in Control Hub before you send the command again. If the previous admin credential is restored, Steward \
             looks again and reports in this thread.",
        ],
        (Cause::OtherCredential, Watch::Ended) => {
            &["Check with \"show device\" and in Control Hub before you send the command again."]
        }
        (Cause::OutOfSight, _) => &[
            "Ask the people who run Steward whether its admin credential has lost access to the organization. Then send the \
             command again.",
        ],
        (Cause::OtherOrganization, _) => &[
            "If Steward administers that organization, send the command again with \"in org\" and its name. Otherwise, \
             delete the device in the Control Hub of that organization.",
        ],
        (Cause::OtherThanNamed { .. }, _) => &[AFTER_A_MISMATCH],
        (Cause::SettingsChanged, _) => &[
            "Check with \"show device\" that Steward still finds the device you mean, then send the command again.",
        ],
        (Cause::NotChecked, _) => &[
            "Send the command again in a few minutes. If this keeps happening, ask the people who run Steward to look at \
             its bot token.",
        ],
        (Cause::WebexError, Watch::Continues) => &[
            "Webex may still delete it: Steward looks again and reports in this thread.",
            "If the device is still there then, send the command again. status.webex.com lists known problems.",
        ],
        (Cause::WebexError, Watch::Ended) => {
            &["Send the command again. If the error stays, give Webex support the tracking id."]
        }
        (Cause::NoAnswer, Watch::Continues) => &[
            "Webex may have received the command anyway: Steward looks again and reports in this thread. If the device \
             is still there then, send the command again.",
        ],
        (Cause::NoAnswer, Watch::Ended) => &[
            "Send the command again. If Webex still does not answer, ask the people who run Steward to run \"steward \
             check\".",
        ],
        (Cause::Unexpected, Watch::Continues) => &[
            "Steward looks again and reports in this thread. Before you try again, ask the people who run Steward to give \
             Webex support the status and the tracking id above.",
        ],
        (Cause::Unexpected, Watch::Ended) => &[
            "Before you try again, ask the people who run Steward to give Webex support the status and the tracking id \
             above.",
        ],
        (Cause::NeverFound, _) => &[
            "The id may be wrong or outdated: a factory reset gives a device a new one. Or the device belongs to an \
             organization that Steward cannot see, or is a phone that only Control Hub can manage.",
            "Copy the current id from Control Hub, then send the command again.",
        ],
        (Cause::Vanished, _) => &[
            "There is nothing left to do. The audit log of Control Hub may show who removed it.",
            "If it was activated again, it has a new id: find it by its serial number with \"show device\".",
        ],
        (Cause::RemovedForGood, _) => &[
            "Look for the device in Control Hub. If it is still there, tell the people who run Steward. If it was activated \
             again, it has a new id: copy that from Control Hub.",
        ],
        (Cause::CallRetired, _) => &[
            "Delete the device in Control Hub, and tell the people who run Steward: it may need a newer version.",
        ],
        (Cause::BadRequest, _) => {
            &["Copy the whole device id from Control Hub again, then send the command again."]
        }
        (Cause::CredentialRejected, _) => {
            &["Ask the people who run Steward to check its admin credential, then send the command again."]
        }
        (Cause::NotPermitted, _) => &[
            "Ask the people who run Steward to check its admin credential: it needs the scopes spark-admin:devices_read and \
             spark-admin:devices_write, and an admin role that may delete devices in this location.",
            "If the device belongs to another organization, they have to set that as the target organization.",
        ],
        (Cause::MethodRefused, _) => &[
            "Ask the people who run Steward to check the Webex address in its settings and any proxy on the way to it.",
        ],
        (Cause::MediaTypeRefused, _) => &[
            "Ask the people who run Steward to check the proxy on the way to Webex: it may change requests.",
        ],
        (Cause::Conflict, _) => &[
            "Wait until the other change is finished (an upgrade, an activation, another admin), check with \"show \
             device\", then send the command again.",
        ],
        (Cause::PreconditionRequired, _) => {
            &["Open the device in Control Hub and finish what it asks for, then send the command again."]
        }
        (Cause::NotRead, _) => &[
            "Steward deletes only what it has just read. Send the command again in a few minutes. If this keeps \
             happening, ask the people who run Steward to run \"steward check\".",
        ],
        (Cause::GivenUp, _) => &[
            "Ask the people who run Steward to look for the reason in its log, then send the command again.",
        ],
        (Cause::Unreachable, _) => &[
            "Ask the people who run Steward to check its network connection to Webex, then send the command again.",
        ],
        (Cause::Changed { .. }, _) => &[AFTER_A_CHANGE],
        (Cause::RightWithdrawn, _) => &["If that was a mistake, ask the people who run Steward."],
        (Cause::TooLate, _) => &["Late commands never run. If you still want this, send it again."],
    };
    next.iter().copied().map(Cow::from).collect()
}

fn after_a_deletion(is_personal: bool, replacing: Replacing) -> Vec<Cow<'static, str>> {
    let replace = match (is_personal, replacing) {
        (true, Replacing::Button) => {
            "To give the owner a replacement, press \"Activate a replacement\", or write \"activate person\" with their \
             address. You get the code in a direct message."
        }
        (false, Replacing::Button) => {
            "To put a replacement into the same workspace, press \"Activate a replacement\", or write \"activate \
             workspace\" with its name. You get the code in a direct message."
        }
        (true, Replacing::Command) => {
            "To give the owner a replacement, write \"activate person\" with their address. You get the code in a direct \
             message."
        }
        (false, Replacing::Command) => {
            "To put a replacement into the same workspace, write \"activate workspace\" with its name. You get the code in \
             a direct message."
        }
        (true, Replacing::Elsewhere) => {
            "To give the owner a replacement, create a new activation code for that person in Control Hub."
        }
        (false, Replacing::Elsewhere) => {
            "To put a replacement into the same workspace, create a new activation code for it in Control Hub."
        }
    };
    let mut next = vec![
        replace.into(),
        "A deletion cannot be undone: to use this device again, activate it again. It then has a new id."
            .into(),
    ];
    if is_personal {
        next.push(
            "If the owner has a Webex Calling Standard license, deleting the device enables Webex Calling in their apps."
                .into(),
        );
    }
    next
}
