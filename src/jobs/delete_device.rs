//! Carrying out `delete device`: the calls around the state machine in [`crate::deletion`].
//!
//! Nothing is decided here. Before a DELETE leaves, the progress that says so has been committed.

use std::time::Duration;

use jiff::SignedDuration;
use tokio::time::Instant;

use super::{Ended, entry_of};
use crate::audit::Event;
use crate::cards::{self, DeletionResult};
use crate::command::Reason;
use crate::deletion::{LOOKS, Next, Progress};
use crate::desk::{Desk, message};
use crate::domain::{Cause, DeviceId, Outcome};
use crate::policy::{Deleting, Denied, Grant};
use crate::store::{Claimed, CommandRecord, End, JobKind, NewJob, OutgoingId, Step, StoreError};
use crate::webex::WebexError;

/// How old an accepted command may be when its first DELETE would be sent: what was held up for longer, by an
/// outage or a stop, is not carried out any more.
const OLDEST_COMMAND: SignedDuration = SignedDuration::from_mins(15);
/// How long ago the intent may have been recorded when the DELETE is sent. Who stood still for longer may have
/// lost the lease in the meantime.
const FRESH_INTENT: Duration = Duration::from_secs(10);

/// One deletion under way.
pub(super) struct Run<'a> {
    desk: &'a Desk,
    claimed: &'a Claimed,
    record: &'a CommandRecord,
    device_id: &'a DeviceId,
    reason: Option<&'a Reason>,
    /// The right is asked for again each time it runs.
    grant: Result<Grant<Deleting>, Denied>,
}

impl<'a> Run<'a> {
    pub(super) fn new(
        desk: &'a Desk,
        claimed: &'a Claimed,
        record: &'a CommandRecord,
        device_id: &'a DeviceId,
        reason: Option<&'a Reason>,
    ) -> Self {
        let grant = desk.policy.authorize::<Deleting>(&record.accepted.actor);
        Self { desk, claimed, record, device_id, reason, grant }
    }

    /// Carries it on from where it stands, until it has ended or must wait.
    pub(super) async fn carry_out(&self) -> Ended {
        if self.record.outcome.is_some() {
            return self.desk.store.record(self.claimed, Step::new(self.desk.clock.now(), End::Done)).await;
        }
        let mut progress = self.stored_progress()?;
        let mut next = Next::Read;
        loop {
            (progress, next) = match (next, self.obstacle(&progress)) {
                (Next::Read, Some(obstacle)) if !progress.is_under_way() => {
                    return self.end(&progress, progress.stopped_by(obstacle, self.desk.clock.now())).await;
                }
                (Next::Read, _) => self.read(progress).await,
                (Next::Delete, Some(obstacle)) => {
                    return self.end(&progress, progress.stopped_by(obstacle, self.desk.clock.now())).await;
                }
                (Next::Delete, None) => self.delete(progress).await?,
                (Next::Wait { until, why }, _) => {
                    let end = End::Again { at: until, note: why.to_owned() };
                    return self.record(Step::new(self.desk.clock.now(), end), &progress).await;
                }
                (Next::End(outcome), _) => return self.end(&progress, outcome).await,
            };
        }
    }

    /// Ends it by what is known, after it failed too often for reasons that are not Webex's.
    pub(super) async fn give_up(&self) -> Ended {
        let progress = self.stored_progress()?;
        let outcome = progress.given_up(self.desk.clock.now());
        self.end(&progress, outcome).await
    }

    /// What keeps a DELETE from being sent now.
    fn obstacle(&self, progress: &Progress) -> Option<Cause> {
        let age = self.desk.clock.now().duration_since(self.record.accepted.accepted_at);
        if self.grant.is_err() {
            Some(Cause::RightWithdrawn)
        } else if !progress.is_under_way() && age > OLDEST_COMMAND {
            Some(Cause::TooLate)
        } else {
            None
        }
    }

    fn stored_progress(&self) -> Result<Progress, StoreError> {
        let Some(stored) = &self.record.progress else { return Ok(Progress::default()) };
        let progress: Progress =
            serde_json::from_value(stored.clone()).map_err(|error| self.corrupt(&error))?;
        Ok(progress.resumed())
    }

    fn corrupt(&self, error: &serde_json::Error) -> StoreError {
        StoreError::Corrupt { what: format!("the progress of {}: {error}", self.record.accepted.id) }
    }

    async fn read(&self, progress: Progress) -> (Progress, Next) {
        let answer = self.desk.admin.device(self.device_id).await;
        self.note("read", &answer);
        progress.after_read(&answer, self.desk.clock.now())
    }

    async fn delete(&self, mut progress: Progress) -> Result<(Progress, Next), StoreError> {
        let (Ok(grant), Some(device)) = (&self.grant, progress.device().cloned()) else {
            // The state machine deletes only what it has read, and the caller has looked at the grant.
            let outcome = progress.stopped_by(Cause::RightWithdrawn, self.desk.clock.now());
            return Ok((progress, Next::End(outcome)));
        };
        let started = Instant::now();
        let now = self.desk.clock.now();
        let intended = Event::DeleteIntended { device: device.clone(), attempt: progress.deletes() };
        let step = Step::new(now, End::Continues).audit(entry_of(self.record, intended, now));
        self.record(step, &progress).await?;
        if started.elapsed() > FRESH_INTENT {
            let why = "the intent was recorded too long ago";
            return Ok((progress.not_sent(), Next::Wait { until: now, why }));
        }
        // The names are for the card only, so nobody waits for them before the device is deleted.
        let (answer, names) = tokio::join!(self.desk.admin.delete_device(grant, self.device_id), async {
            let unnamed = device.workspace_name.is_none() && device.owner_name.is_none();
            if unnamed { Some(self.desk.names_around(&device).await) } else { None }
        });
        if let Some((workspace, owner)) = names {
            progress.set_names(workspace, owner);
        }
        self.note("delete", &answer);
        Ok(progress.after_delete(&answer, self.desk.clock.now()))
    }

    fn note<T>(&self, call: &str, answer: &Result<T, WebexError>) {
        self.desk.note_admin_credential(answer);
        let Err(error) = answer else { return };
        let command = self.record.accepted.id.as_str();
        let tracking_id = error.answer().and_then(|answer| answer.tracking_id.as_deref());
        match error {
            WebexError::NotFound(_) => tracing::debug!(command, call, tracking_id, %error, "not there"),
            WebexError::Paused { .. } => tracing::debug!(command, call, %error, "a deletion waits"),
            _ => {
                tracing::warn!(command, call, tracking_id, %error, "a call to the Devices API did not go as hoped");
            }
        }
    }

    async fn record(&self, step: Step, progress: &Progress) -> Ended {
        let stored = serde_json::to_string(progress).map_err(|error| self.corrupt(&error))?;
        self.desk.store.record(self.claimed, step.progress(&self.record.accepted.id, stored)).await
    }

    /// The outcome, its card, its audit entry and, where something may still change, a later look: all in
    /// one transaction.
    async fn end(&self, progress: &Progress, outcome: Outcome) -> Ended {
        let now = self.desk.clock.now();
        let accepted = &self.record.accepted;
        let card = cards::render(&DeletionResult {
            facts: progress.device(),
            device_id: self.device_id,
            outcome: &outcome,
            actor: &accepted.actor,
            reason: self.reason.map(Reason::as_str),
        });
        let event = Event::OutcomeKnown {
            device_id: self.device_id.clone(),
            device: progress.device().cloned(),
            outcome: outcome.clone(),
        };
        let mut step = Step::new(now, End::Done)
            .ended(&accepted.id, Some(outcome.clone()))
            .audit(entry_of(self.record, event, now))
            .post(message(OutgoingId::answer_to(&accepted.id), &accepted.thread, &card, now));
        if outcome.may_still_change() {
            step = step.then(NewJob {
                kind: JobKind::FollowUp,
                subject: accepted.id.as_str().to_owned(),
                due_at: now + LOOKS[0],
            });
        }
        // Who looks again reads how far it got; otherwise nobody does.
        let follows = if outcome.may_still_change() {
            self.record(step, progress).await?
        } else {
            self.desk.store.record(self.claimed, step).await?
        };
        self.desk.metrics.deletion(outcome.kind());
        let command = accepted.id.as_str();
        tracing::info!(command, outcome = %outcome.kind(), status = outcome.status, "a deletion has ended");
        Ok(follows)
    }
}
