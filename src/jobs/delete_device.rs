//! Carrying out `delete device`: the calls around the state machine in [`crate::deletion`].
//!
//! Nothing is decided here. Before a DELETE leaves, the progress that says so has been committed.

use crate::audit::Event;
use crate::cards::{self, DeletionResult};
use crate::command::Reason;
use crate::deletion::{FIRST_LOOK, Next, Progress};
use crate::domain::{Cause, DeviceId, Outcome};
use crate::policy::{Deleting, Denied, Grant};
use crate::store::{Claimed, CommandRecord, End, JobKind, NewJob, NewMessage, OutgoingId, Step, StoreError};
use crate::webex::WebexError;

use super::{Desk, entry_of};

/// One deletion under way.
struct Run<'a> {
    desk: &'a Desk,
    claimed: &'a Claimed,
    record: &'a CommandRecord,
    device_id: &'a DeviceId,
    reason: Option<&'a Reason>,
    /// The right is asked for again each time it runs.
    grant: Result<Grant<Deleting>, Denied>,
}

pub(super) async fn run(
    desk: &Desk,
    claimed: &Claimed,
    record: &CommandRecord,
    device_id: &DeviceId,
    reason: Option<&Reason>,
) -> Result<(), StoreError> {
    if record.outcome.is_some() {
        return desk.store.record(claimed, Step::new(desk.clock.now(), End::Done)).await;
    }
    let grant = desk.policy.authorize::<Deleting>(&record.accepted.actor);
    let run = Run { desk, claimed, record, device_id, reason, grant };
    run.from(run.stored_progress()?).await
}

impl Run<'_> {
    fn stored_progress(&self) -> Result<Progress, StoreError> {
        let Some(stored) = &self.record.progress else { return Ok(Progress::default()) };
        let progress: Progress = serde_json::from_value(stored.clone()).map_err(|error| {
            StoreError::Corrupt { what: format!("the progress of {}: {error}", self.record.accepted.id) }
        })?;
        Ok(progress.resumed())
    }

    async fn from(&self, mut progress: Progress) -> Result<(), StoreError> {
        if self.grant.is_err() && !progress.is_under_way() {
            return self.end(&progress, self.right_withdrawn()).await;
        }
        let mut next = Next::Read;
        loop {
            (progress, next) = match (next, &self.grant) {
                (Next::Read, _) => self.read(progress).await,
                (Next::Delete, Ok(grant)) => self.delete(progress, grant).await?,
                (Next::Delete, Err(_)) => return self.end(&progress, self.right_withdrawn()).await,
                (Next::Wait { until, why }, _) => {
                    let end = End::Again { at: until, note: why.to_owned() };
                    return self.record(Step::new(self.desk.clock.now(), end), &progress).await;
                }
                (Next::End(outcome), _) => return self.end(&progress, outcome).await,
            };
        }
    }

    async fn read(&self, progress: Progress) -> (Progress, Next) {
        let answer = self.desk.admin.device(self.device_id).await;
        self.note_trouble("read", answer.as_ref().err());
        let is_first = progress.device().is_none();
        let (mut progress, next) = progress.after_read(&answer, self.desk.clock.now());
        if let (true, Ok(device)) = (is_first, &answer) {
            let (workspace, owner) = self.desk.names_around(device).await;
            progress.set_names(workspace, owner);
        }
        (progress, next)
    }

    async fn delete(
        &self,
        progress: Progress,
        grant: &Grant<Deleting>,
    ) -> Result<(Progress, Next), StoreError> {
        let now = self.desk.clock.now();
        let intent = progress.device().map(|device| {
            let event = Event::DeleteIntended { device: device.clone(), attempt: progress.deletes() };
            entry_of(self.record, event, now)
        });
        let step = intent.into_iter().fold(Step::new(now, End::Continues), Step::audit);
        self.record(step, &progress).await?;
        let answer = self.desk.admin.delete_device(grant, self.device_id).await;
        self.note_trouble("delete", answer.as_ref().err());
        Ok(progress.after_delete(&answer, self.desk.clock.now()))
    }

    fn note_trouble(&self, call: &str, error: Option<&WebexError>) {
        let Some(error) = error.filter(|error| !matches!(error, WebexError::NotFound(_))) else { return };
        let command = self.record.accepted.id.as_str();
        let tracking_id = error.answer().and_then(|answer| answer.tracking_id.as_deref());
        tracing::warn!(command, call, tracking_id, %error, "a call to the Devices API did not go as hoped");
        if error.rejects_the_token() {
            self.desk.admin_credential_was_rejected();
        }
    }

    async fn record(&self, step: Step, progress: &Progress) -> Result<(), StoreError> {
        let stored = serde_json::to_value(progress).map_err(|error| StoreError::Corrupt {
            what: format!("the progress of {}: {error}", self.record.accepted.id),
        })?;
        self.desk.store.record(self.claimed, step.progress(&self.record.accepted.id, stored)).await
    }

    /// The outcome, its card, its audit entry and, where something may still change, a later look: all in
    /// one transaction.
    async fn end(&self, progress: &Progress, outcome: Outcome) -> Result<(), StoreError> {
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
            .post(NewMessage {
                id: OutgoingId::answer_to(&accepted.id),
                space_id: accepted.space_id.clone(),
                parent_id: accepted.thread_root.clone(),
                text: card.text().to_owned(),
                card: Some(card.content().clone()),
                at: now,
            });
        if outcome.may_still_change() {
            step = step.then(NewJob {
                kind: JobKind::FollowUp,
                subject: accepted.id.as_str().to_owned(),
                due_at: now + FIRST_LOOK,
            });
        }
        self.record(step, progress).await?;
        self.desk.metrics.deletion(outcome.kind());
        let command = accepted.id.as_str();
        tracing::info!(command, outcome = %outcome.kind(), status = outcome.status, "a deletion has ended");
        Ok(())
    }

    fn right_withdrawn(&self) -> Outcome {
        Outcome { cause: Cause::RightWithdrawn, status: None, tracking_id: None, at: self.desk.clock.now() }
    }
}
