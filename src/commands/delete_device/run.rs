//! Makes the calls that the state machine in [`super::state`] asks for, and decides nothing itself. The intent to send
//! a DELETE is committed before the DELETE is sent.

use std::time::Duration;

use jiff::SignedDuration;
use tokio::time::Instant;

use super::recheck::RECHECK_DELAYS;
use super::replacement::replacement;
use super::state::{DeletionProgress, NextStep, WaitReason};
use crate::cards::{self, Button, Card, DeletionResult, DeviceChanged};
use crate::commands::context::CommandContext;
use crate::commands::failure::{Failure, Wait};
use crate::commands::prefetch::{PendingRead, Prefetched};
use crate::commands::reply::{Answer, Buttons};
use crate::commands::resolve::{DeviceResolution, MatchedBy, find_device};
use crate::domain::audit::AuditEvent;
use crate::domain::{Cause, DeviceFacts, DeviceId, OrgScope, Outcome, Reference};
use crate::grammar::Reason;
use crate::plan::{ButtonAction, ButtonRef, Plan};
use crate::policy::{DeleteRight, Denied, Grant, Right};
use crate::store::{JobKind, NewJob, StoreError};
use crate::webex::WebexError;

/// How old an accepted command may be when its first DELETE would be sent. After a longer outage or stop it is not
/// carried out.
const OLDEST_COMMAND: SignedDuration = SignedDuration::from_mins(15);
/// How old the recorded intent may be when the DELETE is sent. A process that was suspended for longer may have lost
/// its lease.
const FRESH_INTENT: Duration = Duration::from_secs(10);

/// One deletion in progress.
pub(super) struct Deletion<'a> {
    ctx: &'a CommandContext<'a>,
    target: Target,
    reason: Option<&'a Reason>,
    /// The right is checked again in every run.
    grant: Result<Grant<DeleteRight>, Denied>,
    /// The most recent read of the device.
    latest: Option<DeviceFacts>,
    /// The read that began when the command was accepted.
    prefetched: Option<PendingRead>,
    /// When the intent for the next DELETE was recorded, if it was recorded with the acceptance.
    intended: Option<Instant>,
}

/// The device to delete.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) id: DeviceId,
    pub(super) scope: OrgScope,
    /// The confirmed plan, if the deletion needed one.
    pub(super) plan: Option<Plan>,
}

impl Target {
    /// The device of a deletion that has begun, when its organization can no longer be looked up.
    pub(super) fn without_scope(id: DeviceId) -> Self {
        Self { id, scope: OrgScope::Default, plan: None }
    }
}

impl<'a> Deletion<'a> {
    pub(super) fn new(ctx: &'a CommandContext<'a>, target: Target, reason: Option<&'a Reason>) -> Self {
        let grant = ctx.authorize::<DeleteRight>();
        Self { ctx, target, reason, grant, latest: None, prefetched: None, intended: None }
    }

    /// The progress so far, with the first step of this run. Stored progress means that this is a later run, and that
    /// the DELETE may have been sent.
    pub(super) fn start(&mut self) -> Result<(DeletionProgress, NextStep), StoreError> {
        let stored = self.stored_progress()?;
        let prefetched = self.ctx.services.prefetch.take(&self.ctx.record.accepted.id);
        Ok(match prefetched.filter(|_| self.ctx.record.progress.is_none()) {
            Some(Prefetched::Intent(progress, at)) => {
                self.intended = Some(at);
                let progress = serde_json::from_str(&progress).map_err(|error| self.ctx.corrupt(&error))?;
                (progress, NextStep::Delete)
            }
            Some(Prefetched::Read(read)) => {
                self.prefetched = Some(*read);
                (stored, NextStep::Read)
            }
            None => (stored, NextStep::Read),
        })
    }

    /// Like [`Self::start`] when the device cannot be read, because its organization cannot be looked up.
    pub(super) fn start_unread(
        &self,
        error: &WebexError,
    ) -> Result<(DeletionProgress, NextStep), StoreError> {
        Ok(self.stored_progress()?.after_no_read(error, self.ctx.now()))
    }

    /// Runs the deletion until it ends or must wait.
    pub(super) async fn run_from(
        mut self,
        (mut progress, mut next): (DeletionProgress, NextStep),
    ) -> Result<Answer, Failure> {
        loop {
            (progress, next) = match (next, self.obstacle(&progress)) {
                (NextStep::Read, Some(obstacle)) if !progress.is_under_way() => {
                    return self.end(&progress, progress.stopped_by(obstacle, self.ctx.now()));
                }
                (NextStep::Read, _) => self.read(progress).await,
                (NextStep::Delete, Some(obstacle)) => {
                    return self.end(&progress, progress.stopped_by(obstacle, self.ctx.now()));
                }
                (NextStep::Delete, None) => self.delete(progress).await?,
                (NextStep::Wait { until, why }, _) => {
                    return Err(Failure::Wait(Wait {
                        until,
                        note: why.as_str().to_owned(),
                        progress: self.ctx.stored(&progress)?,
                        announced: why == WaitReason::Busy,
                    }));
                }
                (NextStep::End(outcome), _) => {
                    let outcome = self.compared(&progress, outcome).await;
                    return self.end(&progress, outcome);
                }
            };
        }
    }

    /// Ends a deletion that failed too often; its card reports what is known.
    pub(super) fn give_up(&self) -> Result<Answer, Failure> {
        let progress = self.stored_progress()?;
        self.end(&progress, progress.given_up(self.ctx.now()))
    }

    /// The reason not to send a DELETE now.
    fn obstacle(&self, progress: &DeletionProgress) -> Option<Cause> {
        let age = self.ctx.now().duration_since(self.ctx.record.accepted.accepted_at);
        if self.grant.is_err() {
            Some(Cause::RightWithdrawn)
        } else if !progress.is_under_way() && age > OLDEST_COMMAND {
            Some(Cause::TooLate)
        } else {
            None
        }
    }

    fn stored_progress(&self) -> Result<DeletionProgress, StoreError> {
        if let Some(progress) = self.ctx.progress::<DeletionProgress>()? {
            return Ok(progress.resumed());
        }
        // The first read of a confirmed deletion is compared with the facts that were shown.
        let shown = self.target.plan.as_ref().and_then(Plan::facts);
        Ok(shown.cloned().map_or_else(DeletionProgress::default, DeletionProgress::confirmed))
    }

    async fn read(&mut self, progress: DeletionProgress) -> (DeletionProgress, NextStep) {
        let prefetched = match self.prefetched.take() {
            Some(read) => read.result().await,
            None => None,
        };
        let answer = match prefetched {
            Some(answer) => answer,
            None => self.ctx.services.admin.device(&self.target.scope, &self.target.id).await,
        };
        self.note("read", &answer);
        self.latest = answer.as_ref().ok().map(DeviceFacts::of);
        progress.after_read(&answer, self.ctx.now())
    }

    /// Looks up details for the card of a device that differs from the one shown: the names of its workspace and owner.
    /// If its id is gone, searches for the device under another id.
    async fn compared(&mut self, progress: &DeletionProgress, outcome: Outcome) -> Outcome {
        let Some(shown) = self.target.plan.as_ref().and_then(Plan::facts) else { return outcome };
        let outcome = match outcome.cause {
            Cause::Vanished if !progress.is_under_way() => match self.registered_again(shown).await {
                Some(device) => {
                    self.latest = Some(device);
                    Outcome { cause: Cause::Changed { what: "id".to_owned() }, ..outcome }
                }
                None => outcome,
            },
            _ => outcome,
        };
        if let (Cause::Changed { .. }, Some(latest)) = (&outcome.cause, &mut self.latest) {
            (latest.workspace_name, latest.owner_name) = self.ctx.services.workspace_and_owner(latest).await;
        }
        outcome
    }

    /// The same hardware under another id, for example after a factory reset; `None` if it is not found.
    async fn registered_again(&self, shown: &DeviceFacts) -> Option<DeviceFacts> {
        let reference = Reference::parse(shown.serial.as_deref().or(shown.mac.as_deref())?).ok()?;
        let found = find_device(&self.ctx.services.admin, &self.target.scope, &reference).await;
        self.note("find by serial or MAC", &found);
        match found.ok()? {
            DeviceResolution::One(candidate)
                if matches!(candidate.by, MatchedBy::Serial | MatchedBy::Mac) =>
            {
                Some(DeviceFacts::of(&candidate.device))
            }
            _ => None,
        }
    }

    async fn delete(
        &mut self,
        mut progress: DeletionProgress,
    ) -> Result<(DeletionProgress, NextStep), StoreError> {
        let intended = match self.intended.take() {
            Some(at) => at,
            None => self.intend(&progress).await?,
        };
        if intended.elapsed() > FRESH_INTENT {
            return Ok((
                progress.not_sent(),
                NextStep::Wait { until: self.ctx.now(), why: WaitReason::Stale },
            ));
        }
        let (Ok(grant), Some(device)) = (&self.grant, progress.device().cloned()) else {
            // The state machine deletes only a device that it has read, and the caller has checked the grant.
            let outcome = progress.stopped_by(Cause::RightWithdrawn, self.ctx.now());
            return Ok((progress, NextStep::End(outcome)));
        };
        // The names are for the card only, so the DELETE does not wait for them.
        let (answer, names) = tokio::join!(
            self.ctx.services.admin.delete_device(grant, &self.target.scope, &self.target.id),
            async {
                let unnamed = device.workspace_name.is_none() && device.owner_name.is_none();
                if unnamed { Some(self.ctx.services.workspace_and_owner(&device).await) } else { None }
            }
        );
        if let Some((workspace, owner)) = names {
            progress.set_names(workspace, owner);
        }
        self.note("delete", &answer);
        Ok(progress.after_delete(&answer, self.ctx.now()))
    }

    /// Commits the intent to send a DELETE; returns the moment before that.
    async fn intend(&mut self, progress: &DeletionProgress) -> Result<Instant, StoreError> {
        let began = Instant::now();
        self.ctx.save_progress(progress, progress.intent(), self.target.plan.as_mut()).await?;
        Ok(began)
    }

    fn note<T>(&self, call: &str, answer: &Result<T, WebexError>) {
        self.ctx.services.note_admin_credential(answer);
        let Err(error) = answer else { return };
        let command_id = self.ctx.record.accepted.id.as_str();
        let tracking_id = error.answer().and_then(|answer| answer.tracking_id.as_deref());
        match error {
            WebexError::NotFound(_) => {
                tracing::debug!(command_id, call, tracking_id, %error, "device not found");
            }
            WebexError::Paused { .. } => {
                tracing::debug!(command_id, call, %error, "deletion is rate limited");
            }
            _ => tracing::warn!(command_id, call, tracking_id, %error, "call to the Devices API failed"),
        }
    }

    /// The answer with the outcome and, if that may still change, a job that rechecks the device later.
    fn end(&self, progress: &DeletionProgress, outcome: Outcome) -> Result<Answer, Failure> {
        let (card, buttons) = self.card(progress, &outcome);
        let event = AuditEvent::OutcomeKnown {
            device_id: self.target.id.clone(),
            device: progress.device().cloned(),
            outcome: outcome.clone(),
        };
        let mut answer = Answer::with_card(self.ctx, &card).buttons(buttons).audit(self.ctx, event);
        if outcome.may_still_change() {
            let id = &self.ctx.record.accepted.id;
            let subject = id.as_str().to_owned();
            let again =
                NewJob { kind: JobKind::FollowUp, subject, due_at: self.ctx.now() + RECHECK_DELAYS[0] };
            let stored = self.ctx.stored(progress)?;
            answer = answer.extended(|step| step.then(again).progress(id, stored));
        }
        Ok(answer.outcome(outcome))
    }

    /// The result card with the button for the next step. If the device is not the one that was shown, the card shows
    /// both.
    fn card(&self, progress: &DeletionProgress, outcome: &Outcome) -> (Card, Buttons<'_>) {
        let actor = self.ctx.actor();
        let mut buttons = Buttons::new(self.ctx);
        if let (Cause::Changed { .. }, Some(plan), Some(now)) =
            (&outcome.cause, &self.target.plan, &self.latest)
            && let Some(shown) = plan.facts()
        {
            let code = plan.code.to_string();
            return (cards::render(&DeviceChanged { shown, now, actor, code: Some(&code) }), buttons);
        }
        let replace = replacement(self.ctx, progress.device(), outcome)
            .map(|command| buttons.for_anybody(ButtonAction::Command { command }));
        let card = cards::render(&DeletionResult {
            facts: progress.device(),
            device_id: &self.target.id,
            outcome,
            actor,
            reason: self.reason.map(Reason::as_str),
            replace: replace.as_ref().map(ButtonRef::as_str).map(Button::activate_replacement),
            may_activate: self.ctx.may(Right::Provision),
        });
        (card, buttons)
    }
}
