//! The state machine of a deletion: derives the next call and the outcome from the answers so far. Pure.
//!
//! [`mod@super::run`] makes the calls. The rules:
//!
//! 1. The device is read right before each DELETE and compared with the first read. If serial, MAC, workspace or owner
//!    differ, it is not the device that was meant, and nothing is deleted. A device that was shown and confirmed is
//!    compared with the card, and then a new name counts as well.
//! 2. The intent to send a DELETE is committed before it is sent ([`DeletionPhase::Deleting`]). A run that finds the
//!    intent after a crash does not know whether the DELETE was sent, so it reads the device first.
//! 3. A success is proved by reading until Webex answers 404. A lost answer or a 5xx is settled by reading. A DELETE is
//!    repeated only after a read found the device, after a pause that doubles, and three times at most.
//!    A 404 counts only as [`ProvenAbsence`]: right after a 2xx of the same run, or together with something else that the
//!    same credential reads in the same organization ([`NextStep::Witness`]).
//! 4. A rate limit (429) is waited out for ten minutes at most, whichever call it hit; a lock (423) for 30 seconds in
//!    total. Beyond that, the card says when to try again. After a wait, rule 1 applies again.
//!
//! A wait is a time at which to run again, never a sleeping task: a crash during a wait loses nothing.

mod next;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use next::RequestedWaits;
pub(super) use next::{NextStep, WaitReason};

use crate::commands::failure::{cause_of_failure, cause_of_refusal, is_certainly_not_carried_out};
use crate::domain::audit::AuditEvent;
use crate::domain::{Cause, Device, DeviceFacts, Outcome};
use crate::webex::{Accepted, ProvenAbsence, ResponseInfo, SentAs, WebexError, WebexNotFound, Witness};

/// Failed reads in a row before the deletion ends.
const FRUITLESS_READS: u32 = 5;
/// Reads that still find the deleted device before the outcome is `accepted` instead of `gone`.
const PROVING_READS: u32 = 5;
/// DELETEs with a lost answer or a 5xx before the deletion ends.
const UNCLEAR_DELETES: u32 = 4;
/// DELETEs that did not reach Webex before the deletion ends.
const UNREACHED_DELETES: u32 = 3;
/// Lookups of the requester that may fail before the deletion ends.
const UNCHECKED: u32 = 5;
/// The pause before a DELETE with a lost answer is repeated; it doubles.
const SETTLING_PAUSE: SignedDuration = SignedDuration::from_secs(2);

/// The phase of a deletion. Stored: the names must not change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum DeletionPhase {
    /// The device must be read.
    #[default]
    Reading,
    /// A DELETE is about to be sent, or was sent and its answer is not known.
    Deleting,
    /// A DELETE had no clear answer; a read settles it.
    Settling,
    /// Webex accepted the DELETE; a read proves it.
    Proving,
}

/// Everything known about a deletion in progress. Stored with the command.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct DeletionProgress {
    phase: DeletionPhase,
    /// As first read.
    device: Option<DeviceFacts>,
    /// How the calls are sent, frozen at the first one. Earlier versions did not store it: then a 404 proves nothing.
    sent_as: Option<SentAs>,
    /// Whether the requester saw these facts and confirmed them.
    shown: bool,
    /// The success answer to the DELETE.
    accepted: Option<Evidence>,
    /// The answer, if any, to a DELETE that may have worked although Webex did not say so.
    unclear: Option<Evidence>,
    /// The 404 or 410 to a DELETE. It proves nothing: a credential that may not see a device gets the same answer.
    denied: Option<Evidence>,
    deletes: u32,
    unclear_deletes: u32,
    unreached_deletes: u32,
    /// Failed reads in a row.
    fruitless_reads: u32,
    /// Reads in a row that found the device although it should be gone.
    listed_reads: u32,
    /// Failed lookups of the requester.
    unchecked: u32,
    waits: RequestedWaits,
    /// The acceptance of the DELETE by this run.
    #[serde(skip)]
    accepted_now: Option<Accepted>,
    /// The 404 that waits for its witness.
    #[serde(skip)]
    missing: Option<WebexNotFound>,
}

/// The part of an answer that is kept.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
struct Evidence {
    status: Option<u16>,
    tracking_id: Option<String>,
}

impl DeletionProgress {
    /// A deletion of the device with these facts, which the requester has confirmed.
    pub(crate) fn confirmed(device: DeviceFacts) -> Self {
        Self { device: Some(device), shown: true, ..Self::default() }
    }

    /// Continues a deletion at its start, after a wait, or after a crash. The next step is always a read.
    pub(crate) fn resumed(mut self) -> Self {
        (self.accepted_now, self.missing) = (None, None);
        if self.phase == DeletionPhase::Deleting {
            self.phase = DeletionPhase::Settling;
            self.unclear.get_or_insert_default();
            self.unclear_deletes += 1;
        }
        self
    }

    /// Reverts the intent of a DELETE that was not sent after all: the device must be read again.
    pub(crate) fn not_sent(mut self) -> Self {
        self.phase = DeletionPhase::Reading;
        self.deletes = self.deletes.saturating_sub(1);
        self
    }

    /// The device as first read.
    pub(crate) fn device(&self) -> Option<&DeviceFacts> {
        self.device.as_ref()
    }

    /// How the calls are sent, if that is known.
    pub(crate) fn sent_as(&self) -> Option<&SentAs> {
        self.sent_as.as_ref()
    }

    /// Freezes how the calls are sent.
    pub(crate) fn freeze(&mut self, sent_as: SentAs) {
        self.sent_as = Some(sent_as);
    }

    /// The audit event of the DELETE that is about to be sent.
    pub(crate) fn intent(&self) -> Option<AuditEvent> {
        Some(AuditEvent::DeleteIntended {
            device: self.device.clone()?,
            attempt: self.deletes,
            org_id: self.sent_as.as_ref().and_then(|sent| sent.org_id.clone()),
            credential: self.sent_as.as_ref().map(|sent| sent.credential.clone()),
        })
    }

    /// Whether a DELETE may have been sent. From then on its outcome must be found out, even if the right is withdrawn.
    pub(crate) fn is_under_way(&self) -> bool {
        self.deletes > 0
    }

    /// Whether a DELETE was or may have been carried out.
    pub(crate) fn has_open_delete(&self) -> bool {
        self.phase != DeletionPhase::Reading || self.unclear.is_some()
    }

    /// Adds the names of workspace and owner, which are looked up separately.
    pub(crate) fn set_names(&mut self, workspace: Option<String>, owner: Option<String>) {
        if let Some(device) = &mut self.device {
            device.workspace_name = workspace;
            device.owner_name = owner;
        }
    }

    /// The outcome of a deletion that cannot continue, from the answers so far. Once a DELETE was or may have been carried
    /// out, the outcome never claims that nothing was deleted.
    pub(crate) fn stopped_by(&self, cause: Cause, now: Timestamp) -> Outcome {
        self.stopped(Evidence::default().outcome(cause, now), now)
    }

    fn stopped(&self, reason: Outcome, now: Timestamp) -> Outcome {
        match (&self.accepted, &self.unclear, &self.denied) {
            (Some(accepted), _, _) => accepted.clone().outcome(Cause::NotReadBack, now),
            (None, Some(open), _) | (None, None, Some(open)) => open.clone().outcome(Cause::Unsettled, now),
            (None, None, None) => reason,
        }
    }

    /// The outcome of a deletion whose DELETE is not sent now, although a read has just found the device.
    pub(crate) fn not_repeated(&self, cause: Cause, now: Timestamp) -> Outcome {
        match &self.unclear {
            Some(unclear) => unclear.clone().still_there(now),
            None => Evidence::default().outcome(cause, now),
        }
    }

    /// The outcome of a deletion whose settings have changed: another credential cannot settle it, and a deletion that
    /// has not begun is not begun any more.
    pub(crate) fn other_settings(&self, now: Timestamp) -> Outcome {
        if !self.has_open_delete() {
            return Evidence::default().outcome(Cause::SettingsChanged, now);
        }
        let answer = [&self.accepted, &self.unclear, &self.denied].into_iter().flatten().next();
        answer.cloned().unwrap_or_default().outcome(Cause::OtherCredential, now)
    }

    /// The outcome of a deletion by a serial number or MAC address that the device itself does not have.
    pub(crate) fn misnamed(
        mut self,
        device: &Device,
        asked: String,
        found: String,
        now: Timestamp,
    ) -> (Self, NextStep) {
        self.device.get_or_insert_with(|| DeviceFacts::of(device));
        let cause = Cause::OtherThanNamed { asked, found };
        let next = NextStep::End(self.stopped_by(cause, now));
        (self, next)
    }

    /// The next step after a read.
    pub(crate) fn after_read(
        mut self,
        answer: &Result<Device, WebexError>,
        now: Timestamp,
    ) -> (Self, NextStep) {
        if answer.is_ok() {
            self.fruitless_reads = 0;
        }
        let next = match answer {
            Ok(device) => self.found(device, now),
            Err(WebexError::NotFound(answer)) => self.not_found(answer, now),
            Err(error) => self.not_read(error, now),
        };
        (self, next)
    }

    /// The next step after the attempt to read something else in the organization of a missing device.
    pub(crate) fn after_witness(
        mut self,
        answer: &Result<Option<Witness>, WebexError>,
        now: Timestamp,
    ) -> (Self, NextStep) {
        let Some(missing) = self.missing.take() else { return (self, NextStep::Read) };
        let next = match answer {
            Ok(Some(witness)) => {
                let proof = ProvenAbsence::witnessed(&missing, *witness);
                NextStep::End(self.absent(&proof, missing.info(), now))
            }
            Ok(None) => NextStep::End(self.unproven(missing.info(), now)),
            Err(error) => match self.wait_after(error, now) {
                Some(wait) => wait,
                None => NextStep::End(self.unproven(missing.info(), now)),
            },
        };
        (self, next)
    }

    /// The next step if the requester could not be looked up again before the DELETE, which is not sent.
    pub(crate) fn after_no_check(self, error: &WebexError, now: Timestamp) -> (Self, NextStep) {
        let mut progress = self.not_sent();
        progress.unchecked += 1;
        let wait = match error.requested_wait() {
            Some(asked) => progress.waits.take(error, asked, now),
            None if error.is_transient() && progress.unchecked < UNCHECKED => {
                Some(now + SignedDuration::from_secs(1 << progress.unchecked))
            }
            None => None,
        };
        let next = match wait {
            Some(until) => NextStep::Wait { until, why: WaitReason::NotChecked },
            None => NextStep::End(progress.not_repeated(Cause::NotChecked, now)),
        };
        (progress, next)
    }

    /// The next step after a failed lookup that the read depends on. A "not found" there says nothing about the device.
    pub(crate) fn after_no_read(mut self, error: &WebexError, now: Timestamp) -> (Self, NextStep) {
        let next = self.not_read(error, now);
        (self, next)
    }

    fn found(&mut self, device: &Device, now: Timestamp) -> NextStep {
        match self.phase {
            DeletionPhase::Reading | DeletionPhase::Deleting => self.found_before(device, now),
            DeletionPhase::Settling if self.unclear_deletes < UNCLEAR_DELETES => {
                self.phase = DeletionPhase::Reading;
                let pause = SETTLING_PAUSE * (1 << self.unclear_deletes.saturating_sub(1));
                NextStep::Wait { until: now + pause, why: WaitReason::Unclear }
            }
            DeletionPhase::Settling | DeletionPhase::Proving => self.still_listed(now),
        }
    }

    /// The device is still listed although a DELETE worked or may have worked: removal may take a moment to show.
    fn still_listed(&mut self, now: Timestamp) -> NextStep {
        self.listed_reads += 1;
        if self.listed_reads < PROVING_READS {
            let pause = SignedDuration::from_millis(250 << self.listed_reads);
            return NextStep::Wait { until: now + pause, why: WaitReason::StillListed };
        }
        NextStep::End(self.listed(now))
    }

    /// The outcome if the device is still there after a DELETE.
    pub(crate) fn listed(&self, now: Timestamp) -> Outcome {
        match (&self.accepted, &self.unclear, &self.denied) {
            (Some(accepted), _, _) => accepted.clone().outcome(Cause::StillListed, now),
            (None, Some(unclear), _) => unclear.clone().still_there(now),
            (None, None, Some(denied)) if denied.status == Some(410) => {
                denied.clone().outcome(Cause::CallRetired, now)
            }
            // The credential may see the device but not delete it.
            (None, None, denied) => denied.clone().unwrap_or_default().outcome(Cause::NotPermitted, now),
        }
    }

    fn found_before(&mut self, device: &Device, now: Timestamp) -> NextStep {
        let first = self.device.get_or_insert_with(|| DeviceFacts::of(device));
        let changed = if self.shown { first.changed_since_shown(device) } else { first.changed_in(device) };
        if !changed.is_empty() {
            let what = changed.into_iter().collect::<Vec<_>>().join(", ");
            return NextStep::End(self.stopped_by(Cause::Changed { what }, now));
        }
        self.phase = DeletionPhase::Deleting;
        self.deletes += 1;
        NextStep::Delete
    }

    /// Webex does not find the device. A device that nobody has read may never have been there, so nothing is claimed.
    fn not_found(&mut self, answer: &WebexNotFound, now: Timestamp) -> NextStep {
        if self.device.is_none() {
            let cause = if answer.info().status == 410 { Cause::RemovedForGood } else { Cause::NeverFound };
            return NextStep::End(Evidence::of(answer.info()).outcome(cause, now));
        }
        if let Some(accepted) = &self.accepted_now {
            let proof = ProvenAbsence::after_delete(answer, accepted);
            return NextStep::End(self.absent(&proof, answer.info(), now));
        }
        if self.sent_as.is_none() {
            return NextStep::End(self.unproven(answer.info(), now));
        }
        self.missing = Some(answer.clone());
        NextStep::Witness
    }

    /// The device is gone. Only this makes an outcome that says so.
    pub(crate) fn absent(&self, _proof: &ProvenAbsence, answer: &ResponseInfo, now: Timestamp) -> Outcome {
        match (&self.accepted, &self.unclear, &self.denied) {
            (Some(accepted), _, _) => accepted.clone().outcome(Cause::Deleted, now),
            (None, Some(unclear), _) => unclear.clone().outcome(Cause::SettledByReading, now),
            (None, None, Some(denied)) if denied.status == Some(410) => {
                denied.clone().outcome(Cause::RemovedForGood, now)
            }
            (None, None, Some(denied)) => denied.clone().outcome(Cause::Vanished, now),
            _ if answer.status == 410 => Evidence::of(answer).outcome(Cause::RemovedForGood, now),
            _ => Evidence::of(answer).outcome(Cause::Vanished, now),
        }
    }

    /// Webex does not find the device, and nothing shows that the credential could still see it.
    pub(crate) fn unproven(&self, answer: &ResponseInfo, now: Timestamp) -> Outcome {
        match (&self.accepted, &self.unclear, &self.denied) {
            (Some(accepted), _, _) => accepted.clone().outcome(Cause::NotReadBack, now),
            (None, Some(open), _) | (None, None, Some(open)) => open.clone().outcome(Cause::Unproven, now),
            (None, None, None) => Evidence::of(answer).outcome(Cause::OutOfSight, now),
        }
    }

    /// A read that neither found the device nor proved it gone.
    fn not_read(&mut self, error: &WebexError, now: Timestamp) -> NextStep {
        self.wait_after(error, now).unwrap_or_else(|| {
            let reason = Evidence::from(error).outcome(cause_of_failure(error, now), now);
            NextStep::End(self.stopped(reason, now))
        })
    }

    /// The wait after a failed read, unless reading again will not help.
    fn wait_after(&mut self, error: &WebexError, now: Timestamp) -> Option<NextStep> {
        if let Some(asked) = error.requested_wait() {
            let until = self.waits.take(error, asked, now)?;
            return Some(NextStep::Wait { until, why: WaitReason::of(error) });
        }
        if error.is_transient() {
            self.fruitless_reads += 1;
            if self.fruitless_reads < FRUITLESS_READS {
                let pause = SignedDuration::from_millis(500 << self.fruitless_reads);
                return Some(NextStep::Wait { until: now + pause, why: WaitReason::NotRead });
            }
        }
        None
    }

    /// The next step after a DELETE. Only a read shows whether the device is gone.
    pub(crate) fn after_delete(
        mut self,
        answer: &Result<Accepted, WebexError>,
        now: Timestamp,
    ) -> (Self, NextStep) {
        let next = match answer {
            Ok(accepted) => {
                self.accepted = Some(Evidence::of(accepted.info()));
                self.accepted_now = Some(accepted.clone());
                self.phase = DeletionPhase::Proving;
                NextStep::Read
            }
            Err(WebexError::NotFound(answer)) => {
                self.denied = Some(Evidence::of(answer.info()));
                self.phase = DeletionPhase::Proving;
                NextStep::Read
            }
            Err(error) if is_certainly_not_carried_out(error) => self.not_deleted(error, now),
            Err(error) => {
                self.unclear = Some(Evidence::from(error));
                self.unclear_deletes += 1;
                self.phase = DeletionPhase::Settling;
                NextStep::Read
            }
        };
        (self, next)
    }

    /// A DELETE that was certainly not carried out.
    fn not_deleted(&mut self, error: &WebexError, now: Timestamp) -> NextStep {
        self.phase = DeletionPhase::Reading;
        if error.is_paused() {
            self.deletes = self.deletes.saturating_sub(1);
        }
        if let Some(asked) = error.requested_wait() {
            if let Some(until) = self.waits.take(error, asked, now) {
                return NextStep::Wait { until, why: WaitReason::of(error) };
            }
        } else if let WebexError::Unreachable(_) | WebexError::NoToken { is_refused: false, .. } = error {
            self.unreached_deletes += 1;
            if self.unreached_deletes < UNREACHED_DELETES {
                return NextStep::Wait { until: now + SETTLING_PAUSE, why: WaitReason::NotReached };
            }
        }
        let refusal = Evidence::from(error).outcome(cause_of_refusal(error, now), now);
        NextStep::End(self.stopped(refusal, now))
    }
}

impl Evidence {
    fn of(answer: &ResponseInfo) -> Self {
        Self { status: Some(answer.status), tracking_id: answer.tracking_id.clone() }
    }

    /// An answer that is not Webex's own counts as none.
    fn from(error: &WebexError) -> Self {
        error.own_answer().map(Self::of).unwrap_or_default()
    }

    /// The outcome after a DELETE with this answer, if any, while the device can still be read.
    fn still_there(self, now: Timestamp) -> Outcome {
        let cause = match self.status {
            None => Cause::NoAnswer,
            Some(500..) => Cause::WebexError,
            Some(_) => Cause::Unexpected,
        };
        self.outcome(cause, now)
    }

    fn outcome(self, cause: Cause, at: Timestamp) -> Outcome {
        Outcome { cause, status: self.status, tracking_id: self.tracking_id, at }
    }
}

#[cfg(test)]
pub(super) mod tests;
