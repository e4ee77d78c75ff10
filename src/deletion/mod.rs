//! What a deletion does, step by step: a pure state machine.
//!
//! The shell around it (`jobs::delete_device`) makes the calls; this says which call is next and what the
//! answers mean. The rules:
//!
//! 1. The device is read just before each DELETE, and compared with what was read first. If serial, MAC,
//!    workspace or owner differ, it is not the device that was meant, and nothing is deleted.
//! 2. That a DELETE is about to be sent is written down before it is sent ([`Phase::Deleting`]). Who finds
//!    it written down after a crash does not know whether it was sent, and reads before anything else.
//! 3. A good answer is proved by reading until Webex says 404. A lost answer or a 5xx is settled by reading.
//!    A DELETE is only repeated when a read has shown that the device is still there, and at most once.
//! 4. 429 and 423 are waited out, 30 seconds in all; beyond that the person hears when to come back. After a
//!    wait, rule 1 holds again.
//!
//! Every wait is a moment to be called again at, never a sleeping task: a crash in a wait loses nothing.

mod answer;
mod follow_up;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

pub use answer::cause_before_deleting;
pub use follow_up::{FIRST_LOOK, Look, look_again};

use crate::domain::{Cause, Device, DeviceFacts, Outcome};
use crate::webex::{Answered, WebexError};

/// How long 429 and 423 are waited out, all waits of one deletion together.
pub const LONGEST_WAIT: SignedDuration = SignedDuration::from_secs(30);
/// Reads without an answer that are made in a row.
const FRUITLESS_READS: u32 = 4;
/// Reads that still find the device before the deletion counts as accepted only.
const PROVING_READS: u32 = 5;
/// DELETEs whose answer was lost or a 5xx.
const UNCLEAR_DELETES: u32 = 2;
/// DELETEs that did not even reach Webex.
const UNREACHED_DELETES: u32 = 3;
/// The pause between finding a device still there after a lost answer and trying again.
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
    /// The good answer to the DELETE.
    accepted: Option<Evidence>,
    /// A DELETE that may have worked although no answer said so, with what its answer was.
    unclear: Option<Evidence>,
    deletes: u32,
    unclear_deletes: u32,
    unreached_deletes: u32,
    reads: u32,
    waited_ms: i64,
}

/// What is kept of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
struct Evidence {
    status: Option<u16>,
    tracking_id: Option<String>,
}

/// What is to be done next.
#[derive(Debug, Clone, PartialEq)]
pub enum Next {
    /// Read the device.
    Read,
    /// Write down the progress, then send the DELETE.
    Delete,
    /// Come back at this moment.
    Wait {
        /// When.
        until: Timestamp,
        /// What for.
        why: &'static str,
    },
    /// It is known what became of it.
    End(Outcome),
}

impl Progress {
    /// Takes up a deletion, at its start or after a wait or a crash. The next thing is always to read.
    #[must_use]
    pub fn resumed(mut self) -> Self {
        if self.phase == Phase::Deleting {
            self.phase = Phase::Settling;
            self.unclear.get_or_insert_default();
        }
        self
    }

    /// The device as it was first read.
    #[must_use]
    pub fn device(&self) -> Option<&DeviceFacts> {
        self.device.as_ref()
    }

    /// How many DELETEs were about to be sent so far.
    #[must_use]
    pub fn deletes(&self) -> u32 {
        self.deletes
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

    /// What a read means.
    #[must_use]
    pub fn after_read(mut self, answer: &Result<Device, WebexError>, now: Timestamp) -> (Self, Next) {
        let next = match answer {
            Ok(device) => self.found(device, now),
            Err(WebexError::NotFound(answer)) => Next::End(self.not_found(answer, now)),
            Err(error) => self.not_read(error, now),
        };
        (self, next)
    }

    fn found(&mut self, device: &Device, now: Timestamp) -> Next {
        match self.phase {
            Phase::Reading | Phase::Deleting => self.found_before(device, now),
            Phase::Settling if self.unclear_deletes >= UNCLEAR_DELETES => {
                let unclear = self.unclear.clone().unwrap_or_default();
                let cause = if unclear.status.is_some() { Cause::WebexError } else { Cause::NoAnswer };
                Next::End(unclear.outcome(cause, now))
            }
            Phase::Settling => {
                self.phase = Phase::Reading;
                Next::Wait { until: now + SETTLING_PAUSE, why: "the DELETE had no clear answer" }
            }
            Phase::Proving => {
                self.reads += 1;
                if self.reads >= PROVING_READS {
                    return Next::End(self.accepted().outcome(Cause::StillListed, now));
                }
                let pause = SignedDuration::from_millis(250 << self.reads);
                Next::Wait { until: now + pause, why: "the deleted device is still listed" }
            }
        }
    }

    fn found_before(&mut self, device: &Device, now: Timestamp) -> Next {
        let first = self.device.get_or_insert_with(|| DeviceFacts::of(device));
        let changed = first.changed_in(device);
        if !changed.is_empty() {
            let what = changed.into_iter().collect::<Vec<_>>().join(", ");
            return Next::End(Evidence::default().outcome(Cause::Changed { what }, now));
        }
        self.phase = Phase::Deleting;
        self.reads = 0;
        self.deletes += 1;
        Next::Delete
    }

    fn not_found(&self, answer: &Answered, now: Timestamp) -> Outcome {
        match (self.phase, &self.accepted, &self.unclear) {
            (Phase::Proving, Some(accepted), _) => accepted.clone().outcome(Cause::Deleted, now),
            (_, _, Some(unclear)) => unclear.clone().outcome(Cause::SettledByReading, now),
            _ if answer.status == 410 => Evidence::of(answer).outcome(Cause::RemovedForGood, now),
            _ if self.device.is_some() => Evidence::of(answer).outcome(Cause::Vanished, now),
            _ => Evidence::of(answer).outcome(Cause::NeverFound, now),
        }
    }

    /// A read that neither found the device nor found it gone.
    fn not_read(&mut self, error: &WebexError, now: Timestamp) -> Next {
        if let WebexError::Busy { retry_after, .. } = error {
            if let Some(wait) = self.wait_out(*retry_after, now) {
                return wait;
            }
        } else if !matches!(error, WebexError::Refused(_)) {
            self.reads += 1;
            if self.reads < FRUITLESS_READS {
                let pause = SignedDuration::from_millis(500 << self.reads);
                return Next::Wait { until: now + pause, why: "the device could not be read" };
            }
        }
        Next::End(self.never_read(error, now))
    }

    fn never_read(&self, error: &WebexError, now: Timestamp) -> Outcome {
        match (&self.accepted, &self.unclear) {
            (Some(accepted), _) => accepted.clone().outcome(Cause::NotReadBack, now),
            (None, Some(unclear)) => unclear.clone().outcome(Cause::Unsettled, now),
            (None, None) => Evidence::from(error).outcome(answer::cause_before_deleting(error, now), now),
        }
    }

    /// What the answer to a DELETE means.
    #[must_use]
    pub fn after_delete(mut self, answer: &Result<Answered, WebexError>, now: Timestamp) -> (Self, Next) {
        let next = match answer {
            Ok(answer) => {
                self.accepted = Some(Evidence::of(answer));
                self.phase = Phase::Proving;
                Next::Read
            }
            Err(WebexError::NotFound(answer)) => Next::End(self.not_found(answer, now)),
            Err(error @ (WebexError::NoAnswer(_) | WebexError::Troubled(_))) => {
                self.unclear = Some(Evidence::from(error));
                self.unclear_deletes += 1;
                self.phase = Phase::Settling;
                Next::Read
            }
            Err(error) => self.not_deleted(error, now),
        };
        (self, next)
    }

    /// A DELETE that was certainly not carried out.
    fn not_deleted(&mut self, error: &WebexError, now: Timestamp) -> Next {
        self.phase = Phase::Reading;
        if let WebexError::Busy { retry_after, .. } = error {
            if let Some(wait) = self.wait_out(*retry_after, now) {
                return wait;
            }
        } else if let WebexError::Unreachable(_) = error {
            self.unreached_deletes += 1;
            if self.unreached_deletes < UNREACHED_DELETES {
                return Next::Wait { until: now + SETTLING_PAUSE, why: "Webex could not be reached" };
            }
        }
        Next::End(Evidence::from(error).outcome(answer::cause_of_refusal(error, now), now))
    }

    /// The wait that Webex asks for, as long as it fits into what is waited in all.
    fn wait_out(&mut self, retry_after: SignedDuration, now: Timestamp) -> Option<Next> {
        let waited = SignedDuration::from_millis(self.waited_ms) + retry_after;
        if waited > LONGEST_WAIT {
            return None;
        }
        self.waited_ms = i64::try_from(waited.as_millis()).unwrap_or(i64::MAX);
        Some(Next::Wait { until: now + retry_after, why: "Webex asked to wait" })
    }

    fn accepted(&self) -> Evidence {
        self.accepted.clone().unwrap_or_default()
    }
}

impl Evidence {
    fn of(answer: &Answered) -> Self {
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
