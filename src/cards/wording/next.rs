//! What to do after a deletion, whatever became of it: the one step that helps, and who can take it.
//!
//! It promises another look only where Steward takes one ([`Outcome::may_still_change`]), and it never advises
//! to repeat a deletion that may have worked without looking first.

use std::borrow::Cow;

use jiff::Timestamp;

use crate::cards::moment;
use crate::domain::{Cause, DeviceFacts, Outcome};

/// Whether Steward goes on looking at a device whose deletion is not settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Watch {
    /// It looks again and reports in the thread.
    Continues,
    /// It has looked for long enough and stops.
    Ended,
}

/// How a device that is gone is replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replacement {
    /// The card has a button for it.
    ByButton,
    /// Elsewhere.
    InControlHub,
}

/// What to do next, sentence by sentence. The facts are those of the device, if it was ever read.
#[must_use]
pub fn what_next(
    outcome: &Outcome,
    facts: Option<&DeviceFacts>,
    watch: Watch,
    replacement: Replacement,
) -> Vec<Cow<'static, str>> {
    let next: &[&'static str] = match &outcome.cause {
        Cause::Deleted | Cause::SettledByReading => return after_a_deletion(facts, replacement),
        Cause::Locked { until } => return vec![again_when_unlocked(*until, outcome.at)],
        Cause::TooManyRequests { until } => return vec![again_when_calm(*until, outcome.at)],
        Cause::StillListed
        | Cause::NotReadBack
        | Cause::Unsettled
        | Cause::WebexError
        | Cause::NoAnswer
        | Cause::Unexpected => unsettled(&outcome.cause, watch),
        other => after_a_refusal(other),
    };
    next.iter().copied().map(Cow::from).collect()
}

fn after_a_deletion(facts: Option<&DeviceFacts>, replacement: Replacement) -> Vec<Cow<'static, str>> {
    let personal = facts.is_some_and(DeviceFacts::is_personal);
    let replace = match (personal, replacement) {
        (true, Replacement::ByButton) => {
            "To give its owner a replacement, press \"Activate a replacement\", or write \"activate person\" with the \
             person's address: the code comes to you directly."
        }
        (false, Replacement::ByButton) => {
            "To put a replacement into the same workspace, press \"Activate a replacement\", or write \"activate \
             workspace\" with its name: the code comes to you directly."
        }
        (true, Replacement::InControlHub) => {
            "To give its owner a replacement, create a new activation code for that person in Control Hub."
        }
        (false, Replacement::InControlHub) => {
            "To put a replacement into the same workspace, create a new activation code for it in Control Hub."
        }
    };
    let mut next = vec![
        replace.into(),
        "A deletion cannot be undone: this device itself must be activated anew, and then has a new id."
            .into(),
    ];
    if personal {
        next.push(
            "If the owner has a Webex Calling Standard license, deleting the device enables Webex Calling in the \
             person's apps."
                .into(),
        );
    }
    next
}

fn again_when_unlocked(until: Timestamp, now: Timestamp) -> Cow<'static, str> {
    format!("Send the command again at {}, when the lock should be off.", moment::to_come(until, now)).into()
}

fn again_when_calm(until: Timestamp, now: Timestamp) -> Cow<'static, str> {
    format!(
        "Webex is busy for Steward's credential: send the command again at {}.",
        moment::to_come(until, now)
    )
    .into()
}

/// What to do about a deletion that Webex may still carry out.
fn unsettled(cause: &Cause, watch: Watch) -> &'static [&'static str] {
    match (cause, watch) {
        (Cause::StillListed, Watch::Continues) => &[
            "Deleting may take Webex a while. Steward looks again and reports in this thread; there is nothing to do \
             until then.",
        ],
        (Cause::StillListed, Watch::Ended) => &[
            "Steward has looked several times and stops now. Look with \"show device\"; if the device stays, send the \
             command again, and give Webex support the tracking id if that does not help.",
        ],
        (Cause::NotReadBack, Watch::Continues) => &[
            "Steward looks again and reports in this thread. Please do not send the command a second time before \
             you have looked with \"show device\".",
        ],
        (Cause::NotReadBack, Watch::Ended) => &[
            "Steward has tried to read it several times and stops now. Look with \"show device\" or in Control Hub \
             before you send the command a second time.",
        ],
        (Cause::Unsettled, Watch::Continues) => &[
            "Steward looks again and reports in this thread what became of it.",
            "Please do not send the command a second time before you have looked with \"show device\".",
        ],
        (Cause::Unsettled, Watch::Ended) => &[
            "Steward could not find out what became of it and stops looking now.",
            "Look with \"show device\" or in Control Hub before you send the command a second time.",
        ],
        (Cause::WebexError, Watch::Continues) => &[
            "Webex may still carry it out: Steward looks again and reports in this thread.",
            "If the device is still there then, send the command again; status.webex.com shows known disturbances.",
        ],
        (Cause::WebexError, Watch::Ended) => {
            &["Send the command again; if the error stays, give Webex support the tracking id."]
        }
        (Cause::Unexpected, Watch::Continues) => &[
            "Steward looks again and reports in this thread. Ask the operator to give Webex support the status and the \
             tracking id above before trying again.",
        ],
        (Cause::Unexpected, Watch::Ended) => &[
            "Ask the operator to give Webex support the status and the tracking id above before trying again.",
        ],
        (_, Watch::Continues) => &[
            "Webex may have taken the command all the same: Steward looks again and reports in this thread. If the \
             device is still there then, send the command again.",
        ],
        (_, Watch::Ended) => {
            &["Send the command again; if Webex stays silent, ask the operator to run \"steward check\"."]
        }
    }
}

/// What to do after Webex, or Steward itself, would not do it. Nothing has happened yet.
fn after_a_refusal(cause: &Cause) -> &'static [&'static str] {
    match cause {
        Cause::NeverFound => &[
            "The id may be wrong or old (a factory reset gives a device a new one), belong to an organization that this \
             credential does not see, or to a phone that only Control Hub can manage.",
            "Copy the current id from Control Hub, then send the command again.",
        ],
        Cause::Vanished => &[
            "There is nothing left to do here; the audit log of Control Hub may say who removed it.",
            "If it was activated anew, it has a new id: look for it by its serial number with \"show device\".",
        ],
        Cause::RemovedForGood => &[
            "There is nothing left to do for this id. If the device was activated again since, it has a new one: copy \
             that from Control Hub.",
        ],
        Cause::BadRequest => {
            &["Copy the device id from Control Hub once more, whole, then send the command again."]
        }
        Cause::CredentialRejected => &[
            "Ask the operator to look at the admin credential (STEWARD_ADMIN_TOKEN, or STEWARD_SERVICE_APP_REFRESH_TOKEN), \
             then send the command again.",
        ],
        Cause::NotPermitted => &[
            "Ask the operator to check the admin credential: the scopes spark-admin:devices_read and spark-admin:devices_write, \
             and a role that may delete devices, neither read-only nor limited to other locations.",
            "If the device belongs to another organization, that organization must be set (STEWARD_TARGET_ORG).",
        ],
        Cause::MethodRefused => {
            &["Ask the operator to check the API address (STEWARD_WEBEX_API) and any proxy on the way to it."]
        }
        Cause::MediaTypeRefused => &[
            "Ask the operator to check the proxy on the way to Webex: it may change requests that pass through it.",
        ],
        Cause::Conflict => &[
            "Let the other change finish (an upgrade, an activation, another admin), look with \"show device\", then \
             send the command again.",
        ],
        Cause::PreconditionRequired => {
            &["Open the device in Control Hub and finish what it asks for, then send the command again."]
        }
        Cause::NotRead => &[
            "Steward deletes only what it has just read. Send the command again in a few minutes; if it stays like this, ask \
             the operator to run \"steward check\".",
        ],
        Cause::Unreachable => {
            &["Ask the operator to check the network between Steward and Webex, then send the command again."]
        }
        Cause::Changed { .. } => {
            &["Look at it with \"show device\"; if it is still the one you mean, send the command again."]
        }
        Cause::RightWithdrawn => {
            &["If that was a mistake, turn to the people who run Steward (STEWARD_ADMINS)."]
        }
        Cause::TooLate => &["A late command is never run. If you still mean it, send it again."],
        // Answered by the caller.
        Cause::Deleted
        | Cause::SettledByReading
        | Cause::StillListed
        | Cause::NotReadBack
        | Cause::Unsettled
        | Cause::WebexError
        | Cause::NoAnswer
        | Cause::Unexpected
        | Cause::Locked { .. }
        | Cause::TooManyRequests { .. } => &[],
    }
}
