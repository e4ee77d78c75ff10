//! Carrying out `delete device`: the calls around the state machine in [`crate::commands::delete_device::state`].
//!
//! Nothing is decided here. Before a DELETE leaves, the progress that says so has been committed.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use crate::cards::{self, Button, Card, DeletionResult, DeviceChanged};
use crate::commands::context::{Ended, entry_of};
use crate::commands::delete_device::prefetch::{Ahead, Reading};
use crate::commands::delete_device::state::{LOOKS, Next, Progress, Why};
use crate::commands::reply::{self, Buttons};
use crate::commands::resolve::{By, Resolution, find_device};
use crate::commands::services::{Services, message};
use crate::domain::audit::Event;
use crate::domain::{Cause, DeviceFacts, DeviceId, OrgScope, Outcome, OutcomeKind, Reference};
use crate::grammar::{Command, Place, Reason, WorkspaceReference};
use crate::plan::{self, ButtonAction, ButtonRef, Plan};
use crate::policy::{Deleting, Denied, Grant, Right};
use crate::store::{CommandRecord, End, JobKind, LeasedJob, NewJob, OutgoingId, Step, StoreError};
use crate::webex::WebexError;

/// How old an accepted command may be when its first DELETE would be sent: what was held up for longer, by an
/// outage or a stop, is not carried out any more.
const OLDEST_COMMAND: SignedDuration = SignedDuration::from_mins(15);
/// How long ago the intent may have been recorded when the DELETE is sent. Who stood still for longer may have
/// lost the lease in the meantime.
const FRESH_INTENT: Duration = Duration::from_secs(10);

/// One deletion under way.
pub(crate) struct Run<'a> {
    services: &'a Services,
    job: &'a LeasedJob,
    record: &'a CommandRecord,
    target: Target,
    reason: Option<&'a Reason>,
    /// The right is asked for again each time it runs.
    grant: Result<Grant<Deleting>, Denied>,
    /// The device as it was read last.
    latest: Option<DeviceFacts>,
    /// The read that was begun with the decision.
    reading: Option<Reading>,
    /// When the intent for the next DELETE was recorded, if it was with the decision.
    intended: Option<Instant>,
}

/// The device that is to be deleted.
#[derive(Debug)]
pub(crate) struct Target {
    /// Its id.
    pub(crate) id: DeviceId,
    /// Its organization.
    pub(crate) scope: OrgScope,
    /// The plan that was confirmed, where it took one.
    pub(crate) plan: Option<Plan>,
}

impl<'a> Run<'a> {
    pub(crate) fn new(
        services: &'a Services,
        job: &'a LeasedJob,
        record: &'a CommandRecord,
        target: Target,
        reason: Option<&'a Reason>,
    ) -> Self {
        let grant = services.policy.authorize::<Deleting>(&record.accepted.actor);
        Self { services, job, record, target, reason, grant, latest: None, reading: None, intended: None }
    }

    /// Carries it on from where it stands, until it has ended or must wait.
    pub(crate) async fn carry_out(mut self) -> Ended {
        if self.record.outcome.is_some() {
            return self
                .services
                .store
                .record(self.job, Step::new(self.services.clock.now(), End::Done))
                .await;
        }
        let stored = self.stored_progress()?;
        let (progress, next) = match self.services.read_ahead.take(&self.record.accepted.id) {
            // Where it is stored already, this is a later run, and the DELETE may have been sent.
            _ if self.record.progress.is_some() => (stored, Next::Read),
            Some(Ahead::Intended(progress, at)) => {
                self.intended = Some(at);
                (progress, Next::Delete)
            }
            Some(Ahead::Reading(reading)) => {
                self.reading = Some(reading);
                (stored, Next::Read)
            }
            None => (stored, Next::Read),
        };
        Box::pin(self.go_on(progress, next)).await
    }

    /// The same where the device cannot even be read, because what that takes was not to be had from Webex.
    pub(crate) async fn unread(self, error: &WebexError) -> Ended {
        let (progress, next) = self.stored_progress()?.after_no_read(error, self.services.clock.now());
        Box::pin(self.go_on(progress, next)).await
    }

    /// In a box where it is called: the usual way up to here is short, and this one large.
    async fn go_on(mut self, mut progress: Progress, mut next: Next) -> Ended {
        loop {
            (progress, next) = match (next, self.obstacle(&progress)) {
                (Next::Read, Some(obstacle)) if !progress.is_under_way() => {
                    return self
                        .end(&progress, progress.stopped_by(obstacle, self.services.clock.now()))
                        .await;
                }
                (Next::Read, _) => self.read(progress).await,
                (Next::Delete, Some(obstacle)) => {
                    return self
                        .end(&progress, progress.stopped_by(obstacle, self.services.clock.now()))
                        .await;
                }
                (Next::Delete, None) => self.delete(progress).await?,
                (Next::Wait { until, why }, _) => {
                    let step = self.waiting(until, why);
                    return self.record(step, &progress).await;
                }
                (Next::End(outcome), _) => {
                    let outcome = self.compared(&progress, outcome).await;
                    return self.end(&progress, outcome).await;
                }
            };
        }
    }

    /// It waits; who would wait in silence for too long hears that it does.
    fn waiting(&self, until: Timestamp, why: Why) -> Step {
        let now = self.services.clock.now();
        let step = Step::new(now, End::Again { at: until, note: why.as_str().to_owned() });
        match why {
            Why::Busy => reply::told_to_wait(self.record, step, until, now),
            _ => step,
        }
    }

    /// Ends it by what is known, after it failed too often for reasons that are not Webex's.
    pub(crate) async fn give_up(&self) -> Ended {
        let progress = self.stored_progress()?;
        let outcome = progress.given_up(self.services.clock.now());
        self.end(&progress, outcome).await
    }

    /// What keeps a DELETE from being sent now.
    fn obstacle(&self, progress: &Progress) -> Option<Cause> {
        let age = self.services.clock.now().duration_since(self.record.accepted.accepted_at);
        if self.grant.is_err() {
            Some(Cause::RightWithdrawn)
        } else if !progress.is_under_way() && age > OLDEST_COMMAND {
            Some(Cause::TooLate)
        } else {
            None
        }
    }

    fn stored_progress(&self) -> Result<Progress, StoreError> {
        let Some(stored) = &self.record.progress else {
            // What was confirmed is what was shown: the first read is compared with that already.
            let shown = self.target.plan.as_ref().and_then(Plan::facts);
            return Ok(shown.cloned().map_or_else(Progress::default, Progress::of));
        };
        let progress: Progress =
            serde_json::from_value(stored.clone()).map_err(|error| self.corrupt(&error))?;
        Ok(progress.resumed())
    }

    fn corrupt(&self, error: &serde_json::Error) -> StoreError {
        StoreError::Corrupt { what: format!("the progress of {}: {error}", self.record.accepted.id) }
    }

    async fn read(&mut self, progress: Progress) -> (Progress, Next) {
        let read_ahead = match self.reading.take() {
            Some(reading) => reading.answer().await,
            None => None,
        };
        let answer = match read_ahead {
            Some(answer) => answer,
            None => self.services.admin.device(&self.target.scope, &self.target.id).await,
        };
        self.note("read", &answer);
        self.latest = answer.as_ref().ok().map(DeviceFacts::of);
        progress.after_read(&answer, self.services.clock.now())
    }

    /// Finds out what the card is to say of a device that is not the one that was shown: the names around it, and
    /// where there is none under its id any more, whether it goes on under another.
    async fn compared(&mut self, progress: &Progress, outcome: Outcome) -> Outcome {
        let Some(shown) = self.target.plan.as_ref().and_then(Plan::facts) else { return outcome };
        let outcome = match outcome.cause {
            Cause::Vanished if !progress.is_under_way() => match self.registered_anew(shown).await {
                Some(anew) => {
                    self.latest = Some(anew);
                    Outcome { cause: Cause::Changed { what: "id".to_owned() }, ..outcome }
                }
                None => outcome,
            },
            _ => outcome,
        };
        if let (Cause::Changed { .. }, Some(latest)) = (&outcome.cause, &mut self.latest) {
            (latest.workspace_name, latest.owner_name) = self.services.names_around(latest).await;
        }
        outcome
    }

    /// The same piece of hardware under another id, as after a factory reset; nothing when Webex does not tell.
    async fn registered_anew(&self, shown: &DeviceFacts) -> Option<DeviceFacts> {
        let reference = Reference::parse(shown.serial.as_deref().or(shown.mac.as_deref())?).ok()?;
        let found = find_device(&self.services.admin, &self.target.scope, &reference).await;
        self.note("look for under another id", &found);
        match found.ok()? {
            Resolution::One(candidate) if matches!(candidate.by, By::Serial | By::Mac) => {
                Some(DeviceFacts::of(&candidate.device))
            }
            _ => None,
        }
    }

    async fn delete(&mut self, mut progress: Progress) -> Result<(Progress, Next), StoreError> {
        let intended = match self.intended.take() {
            Some(at) => at,
            None => self.intend(&progress).await?,
        };
        if intended.elapsed() > FRESH_INTENT {
            return Ok((
                progress.not_sent(),
                Next::Wait { until: self.services.clock.now(), why: Why::Stale },
            ));
        }
        let (Ok(grant), Some(device)) = (&self.grant, progress.device().cloned()) else {
            // The state machine deletes only what it has read, and the caller has looked at the grant.
            let outcome = progress.stopped_by(Cause::RightWithdrawn, self.services.clock.now());
            return Ok((progress, Next::End(outcome)));
        };
        // The names are for the card only, so nobody waits for them before the device is deleted.
        let (answer, names) = tokio::join!(
            self.services.admin.delete_device(grant, &self.target.scope, &self.target.id),
            async {
                let unnamed = device.workspace_name.is_none() && device.owner_name.is_none();
                if unnamed { Some(self.services.names_around(&device).await) } else { None }
            }
        );
        if let Some((workspace, owner)) = names {
            progress.set_names(workspace, owner);
        }
        self.note("delete", &answer);
        Ok(progress.after_delete(&answer, self.services.clock.now()))
    }

    /// Records that a DELETE is about to be sent; answers when that was begun.
    async fn intend(&mut self, progress: &Progress) -> Result<Instant, StoreError> {
        let (began, now) = (Instant::now(), self.services.clock.now());
        let mut step = Step::new(now, End::Continues);
        if let Some(event) = progress.intent() {
            step = step.audit(entry_of(self.record, event, now));
        }
        let started = self.target.plan.as_ref().and_then(|plan| plan.on(plan::Event::Started, now));
        if let Some(transition) = started {
            step = step.move_plan(transition);
        }
        self.record(step, progress).await?;
        if let (Some(plan), Some(transition)) = (&mut self.target.plan, started) {
            plan.state = transition.to();
        }
        Ok(began)
    }

    fn note<T>(&self, call: &str, answer: &Result<T, WebexError>) {
        self.services.note_admin_credential(answer);
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
        self.services.store.record(self.job, step.progress(&self.record.accepted.id, stored)).await
    }

    /// The outcome, its card, its audit entry and, where something may still change, a later look: all in
    /// one transaction.
    async fn end(&self, progress: &Progress, outcome: Outcome) -> Ended {
        let now = self.services.clock.now();
        let accepted = &self.record.accepted;
        let (card, buttons) = self.card(progress, &outcome);
        let event = Event::OutcomeKnown {
            device_id: self.target.id.clone(),
            device: progress.device().cloned(),
            outcome: outcome.clone(),
        };
        let mut step = Step::new(now, End::Done)
            .ended(&accepted.id, Some(outcome.clone()))
            .audit(entry_of(self.record, event, now))
            .post(message(OutgoingId::answer_to(&accepted.id), &accepted.thread, &card, now))
            .buttons(buttons.into_drawn());
        if let Some(ended) = self.target.plan.as_ref().and_then(|plan| plan.on(plan::Event::Ended, now)) {
            step = step.move_plan(ended);
        }
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
            self.services.store.record(self.job, step).await?
        };
        self.services.metrics.deletion(outcome.kind());
        let command = accepted.id.as_str();
        tracing::info!(command, outcome = %outcome.kind(), status = outcome.status, "a deletion has ended");
        Ok(follows)
    }

    /// The result card, with the button that helps to go on; where the device is not the one that was shown, both are.
    fn card(&self, progress: &Progress, outcome: &Outcome) -> (Card, Buttons<'_>) {
        let accepted = &self.record.accepted;
        let mut buttons = Buttons::on_the_answer_to(self.record, outcome.at);
        if let (Cause::Changed { .. }, Some(plan), Some(now)) =
            (&outcome.cause, &self.target.plan, &self.latest)
            && let Some(shown) = plan.facts()
        {
            let code = plan.code.to_string();
            let view = DeviceChanged { shown, now, actor: &accepted.actor, code: Some(&code) };
            return (cards::render(&view), buttons);
        }
        let replace = self
            .replacement(progress, outcome)
            .map(|command| buttons.for_anybody(ButtonAction::Command { command }));
        let card = cards::render(&DeletionResult {
            facts: progress.device(),
            device_id: &self.target.id,
            outcome,
            actor: &accepted.actor,
            reason: self.reason.map(Reason::as_str),
            replace: replace.as_ref().map(ButtonRef::as_str).map(Button::activate_replacement),
        });
        (card, buttons)
    }

    /// What brings another device to the place of one that is gone.
    fn replacement(&self, progress: &Progress, outcome: &Outcome) -> Option<Command> {
        let accepted = &self.record.accepted;
        let may = self.services.policy.allows(&accepted.actor, Right::Provision);
        let workspace = progress.device().and_then(|device| device.workspace_id.as_ref());
        let workspace = workspace.filter(|_| may && outcome.kind() == OutcomeKind::Gone)?;
        let place = Place::Workspace(WorkspaceReference::parse(workspace.as_str()).ok()?);
        Some(Command::Activate { place, model: None, org: accepted.command.org().cloned() })
    }
}
