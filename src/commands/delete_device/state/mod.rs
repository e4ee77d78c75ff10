//! What a deletion does, step by step: a pure state machine.
//!
//! The shell around it ([`super::run`]) makes the calls; this decides which call is next and what the answers mean. The rules:
//!
//! 1. The device is read just before each DELETE, and compared with what was read first. If serial, MAC,
//!    workspace or owner differ, it is not the device that was meant, and nothing is deleted. What was shown to
//!    somebody is compared with that, and then a new name makes a difference as well.
//! 2. That a DELETE is about to be sent is written down before it is sent ([`Phase::Deleting`]), the first time together
//!    with the decision where the device could be read by then ([`Progress::intended`]). Who finds
//!    it written down after a crash does not know whether it was sent, and reads before anything else.
//! 3. A good answer is proved by reading until Webex says 404. A lost answer or a 5xx is settled by reading.
//!    A DELETE is only repeated when a read has shown that the device is still there, after a pause that
//!    doubles, and three times at most.
//! 4. A pause of the credential (429) is waited out for ten minutes at most, whether this deletion was asked to wait or
//!    another call; a lock (423) for 30 seconds in all. Beyond that the person hears when to come back. After a wait,
//!    rule 1 holds again.
//!
//! Every wait is a moment to be called again at, never a sleeping task: a crash in a wait loses nothing.

mod follow_up;
mod next;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

pub use follow_up::{LOOKS, Look, look_again, look_in_vain};
use next::Waits;
pub use next::{Next, Why};

use crate::commands::failure::{cause_of_failure, cause_of_refusal, is_certainly_not_carried_out};
use crate::domain::audit::AuditEvent;
use crate::domain::{Cause, Device, DeviceFacts, Outcome};
use crate::webex::{ResponseInfo, WebexError};

/// Reads without an answer that are made in a row.
const FRUITLESS_READS: u32 = 5;
/// Reads that still find the device before the deletion counts as accepted only.
const PROVING_READS: u32 = 5;
/// DELETEs whose answer was lost or a 5xx.
const UNCLEAR_DELETES: u32 = 4;
/// DELETEs that did not even reach Webex.
const UNREACHED_DELETES: u32 = 3;
/// The pause between finding a device still there after a lost answer and trying again; it doubles.
const SETTLING_PAUSE: SignedDuration = SignedDuration::from_secs(2);

/// Where a deletion stands. Stored: the names must not change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// The device is to be read.
    #[default]
    Reading,
    /// A DELETE is about to be sent, or was, or its answer was never seen.
    Deleting,
    /// A DELETE had no clear answer; a read will tell.
    Settling,
    /// Webex said yes; a read will prove it.
    Proving,
}

/// Everything that is known of a deletion under way. Stored with the command.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Progress {
    phase: Phase,
    /// The device as it was first read.
    device: Option<DeviceFacts>,
    /// Whether somebody was shown these facts and said yes to them.
    shown: bool,
    /// The good answer to the DELETE.
    accepted: Option<Evidence>,
    /// A DELETE that may have worked although no answer said so, with what its answer was.
    unclear: Option<Evidence>,
    /// A DELETE that was answered with 404 or 410. It proves nothing: a credential that may not see a device is
    /// told the same.
    denied: Option<Evidence>,
    deletes: u32,
    unclear_deletes: u32,
    unreached_deletes: u32,
    /// Reads in a row that had no answer.
    fruitless_reads: u32,
    /// Reads in a row that found the device although it should be gone.
    listed_reads: u32,
    waits: Waits,
}

/// What is kept of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
struct Evidence {
    status: Option<u16>,
    tracking_id: Option<String>,
}

impl Progress {
    /// A deletion of the device with these facts, as they were shown to somebody.
    #[must_use]
    pub fn of(device: DeviceFacts) -> Self {
        Self { device: Some(device), shown: true, ..Self::default() }
    }

    /// A deletion whose DELETE is about to be sent, because the device was read and is there.
    #[must_use]
    pub fn intended(device: &Device, now: Timestamp) -> Option<Self> {
        let mut progress = Self::default();
        let next = progress.found(device, now);
        (next == Next::Delete).then_some(progress)
    }

    /// Takes up a deletion, at its start or after a wait or a crash. The next thing is always to read.
    #[must_use]
    pub fn resumed(mut self) -> Self {
        if self.phase == Phase::Deleting {
            self.phase = Phase::Settling;
            self.unclear.get_or_insert_default();
            self.unclear_deletes += 1;
        }
        self
    }

    /// Takes back that a DELETE is about to be sent: it was not, and the device is to be read again.
    #[must_use]
    pub fn not_sent(mut self) -> Self {
        self.phase = Phase::Reading;
        self.deletes = self.deletes.saturating_sub(1);
        self
    }

    /// The device as it was first read.
    #[must_use]
    pub fn device(&self) -> Option<&DeviceFacts> {
        self.device.as_ref()
    }

    /// What the audit log says of the DELETE that is about to be sent.
    #[must_use]
    pub fn intent(&self) -> Option<AuditEvent> {
        Some(AuditEvent::DeleteIntended { device: self.device.clone()?, attempt: self.deletes })
    }

    /// Whether a DELETE may have been sent: from then on it is to be found out what became of it, whatever
    /// became of the right to ask for it.
    #[must_use]
    pub fn is_under_way(&self) -> bool {
        self.deletes > 0
    }

    /// Adds the names of workspace and owner, which are looked up apart.
    pub fn set_names(&mut self, workspace: Option<String>, owner: Option<String>) {
        if let Some(device) = &mut self.device {
            device.workspace_name = workspace;
            device.owner_name = owner;
        }
    }

    /// How a deletion ends that cannot go on for this reason of its own. Once a DELETE had no clear answer,
    /// nobody may say that nothing was deleted.
    #[must_use]
    pub fn stopped_by(&self, cause: Cause, now: Timestamp) -> Outcome {
        self.stopped(Evidence::default().outcome(cause, now), now)
    }

    fn stopped(&self, reason: Outcome, now: Timestamp) -> Outcome {
        match &self.unclear {
            Some(unclear) => unclear.clone().outcome(Cause::Unsettled, now),
            None => reason,
        }
    }

    /// How a deletion ends that was given up: by what is known, which may be little.
    #[must_use]
    pub fn given_up(&self, now: Timestamp) -> Outcome {
        match &self.accepted {
            Some(accepted) => accepted.clone().outcome(Cause::NotReadBack, now),
            None => self.stopped_by(Cause::NotRead, now),
        }
    }

    /// What a read means.
    #[must_use]
    pub fn after_read(mut self, answer: &Result<Device, WebexError>, now: Timestamp) -> (Self, Next) {
        if answer.is_ok() {
            self.fruitless_reads = 0;
        }
        let next = match answer {
            Ok(device) => self.found(device, now),
            Err(WebexError::NotFound(answer)) => Next::End(self.not_found(answer, now)),
            Err(error) => self.not_read(error, now),
        };
        (self, next)
    }

    /// What it means that the device could not even be read, because Webex did not tell what a read takes. That nothing
    /// was found by this error says nothing of the device.
    #[must_use]
    pub fn after_no_read(mut self, error: &WebexError, now: Timestamp) -> (Self, Next) {
        let next = self.not_read(error, now);
        (self, next)
    }

    fn found(&mut self, device: &Device, now: Timestamp) -> Next {
        match self.phase {
            Phase::Reading | Phase::Deleting => self.found_before(device, now),
            Phase::Settling if self.unclear_deletes < UNCLEAR_DELETES => {
                self.phase = Phase::Reading;
                let pause = SETTLING_PAUSE * (1 << self.unclear_deletes.saturating_sub(1));
                Next::Wait { until: now + pause, why: Why::Unclear }
            }
            Phase::Settling | Phase::Proving => self.still_listed(now),
        }
    }

    /// The device is there although a DELETE may have worked, or did: removal may take a moment to show.
    fn still_listed(&mut self, now: Timestamp) -> Next {
        self.listed_reads += 1;
        if self.listed_reads < PROVING_READS {
            let pause = SignedDuration::from_millis(250 << self.listed_reads);
            return Next::Wait { until: now + pause, why: Why::StillListed };
        }
        Next::End(match (&self.accepted, &self.unclear, &self.denied) {
            (Some(accepted), _, _) => accepted.clone().outcome(Cause::StillListed, now),
            (None, Some(unclear), _) => {
                let cause = match unclear.status {
                    None => Cause::NoAnswer,
                    Some(500..) => Cause::WebexError,
                    Some(_) => Cause::Unexpected,
                };
                unclear.clone().outcome(cause, now)
            }
            // Webex lets this credential see the device and not delete it.
            (None, None, denied) => denied.clone().unwrap_or_default().outcome(Cause::NotPermitted, now),
        })
    }

    fn found_before(&mut self, device: &Device, now: Timestamp) -> Next {
        let first = self.device.get_or_insert_with(|| DeviceFacts::of(device));
        let changed = if self.shown { first.changed_since_shown(device) } else { first.changed_in(device) };
        if !changed.is_empty() {
            let what = changed.into_iter().collect::<Vec<_>>().join(", ");
            return Next::End(self.stopped_by(Cause::Changed { what }, now));
        }
        self.phase = Phase::Deleting;
        self.deletes += 1;
        Next::Delete
    }

    fn not_found(&self, answer: &ResponseInfo, now: Timestamp) -> Outcome {
        match (&self.accepted, &self.unclear, &self.denied) {
            (Some(accepted), _, _) => accepted.clone().outcome(Cause::Deleted, now),
            (None, Some(unclear), _) => unclear.clone().outcome(Cause::SettledByReading, now),
            (None, None, Some(denied)) if denied.status == Some(410) => {
                denied.clone().outcome(Cause::RemovedForGood, now)
            }
            (None, None, Some(denied)) => denied.clone().outcome(Cause::Vanished, now),
            _ if answer.status == 410 => Evidence::of(answer).outcome(Cause::RemovedForGood, now),
            _ if self.device.is_some() => Evidence::of(answer).outcome(Cause::Vanished, now),
            _ => Evidence::of(answer).outcome(Cause::NeverFound, now),
        }
    }

    /// A read that neither found the device nor found it gone.
    fn not_read(&mut self, error: &WebexError, now: Timestamp) -> Next {
        if let Some(asked) = error.requested_wait() {
            if let Some(until) = self.waits.take(error, asked, now) {
                return Next::Wait { until, why: Why::Busy };
            }
        } else if error.is_transient() {
            self.fruitless_reads += 1;
            if self.fruitless_reads < FRUITLESS_READS {
                let pause = SignedDuration::from_millis(500 << self.fruitless_reads);
                return Next::Wait { until: now + pause, why: Why::NotRead };
            }
        }
        Next::End(self.never_read(error, now))
    }

    fn never_read(&self, error: &WebexError, now: Timestamp) -> Outcome {
        match (&self.accepted, &self.unclear, &self.denied) {
            (Some(accepted), _, _) => accepted.clone().outcome(Cause::NotReadBack, now),
            (None, Some(unclear), _) => unclear.clone().outcome(Cause::Unsettled, now),
            (None, None, Some(denied)) => denied.clone().outcome(Cause::Unsettled, now),
            (None, None, None) => Evidence::from(error).outcome(cause_of_failure(error, now), now),
        }
    }

    /// What the answer to a DELETE means. Only a read says what became of the device.
    #[must_use]
    pub fn after_delete(mut self, answer: &Result<ResponseInfo, WebexError>, now: Timestamp) -> (Self, Next) {
        let next = match answer {
            Ok(answer) => {
                self.accepted = Some(Evidence::of(answer));
                self.phase = Phase::Proving;
                Next::Read
            }
            Err(WebexError::NotFound(answer)) => {
                self.denied = Some(Evidence::of(answer));
                self.phase = Phase::Proving;
                Next::Read
            }
            Err(error) if is_certainly_not_carried_out(error) => self.not_deleted(error, now),
            Err(error) => {
                self.unclear = Some(Evidence::from(error));
                self.unclear_deletes += 1;
                self.phase = Phase::Settling;
                Next::Read
            }
        };
        (self, next)
    }

    /// A DELETE that was certainly not carried out.
    fn not_deleted(&mut self, error: &WebexError, now: Timestamp) -> Next {
        self.phase = Phase::Reading;
        if error.is_paused() {
            self.deletes = self.deletes.saturating_sub(1);
        }
        if let Some(asked) = error.requested_wait() {
            if let Some(until) = self.waits.take(error, asked, now) {
                return Next::Wait { until, why: Why::Busy };
            }
        } else if let WebexError::Unreachable(_) | WebexError::NoToken { is_refused: false, .. } = error {
            self.unreached_deletes += 1;
            if self.unreached_deletes < UNREACHED_DELETES {
                return Next::Wait { until: now + SETTLING_PAUSE, why: Why::NotReached };
            }
        }
        let refusal = Evidence::from(error).outcome(cause_of_refusal(error, now), now);
        Next::End(self.stopped(refusal, now))
    }
}

impl Evidence {
    fn of(answer: &ResponseInfo) -> Self {
        Self { status: Some(answer.status), tracking_id: answer.tracking_id.clone() }
    }

    fn from(error: &WebexError) -> Self {
        error.answer().map(Self::of).unwrap_or_default()
    }

    fn outcome(self, cause: Cause, at: Timestamp) -> Outcome {
        Outcome { cause, status: self.status, tracking_id: self.tracking_id, at }
    }
}

#[cfg(test)]
mod tests;
