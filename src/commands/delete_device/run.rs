//! Makes the calls that the state machine in [`super::state`] asks for, and decides nothing itself. The intent to send
//! a DELETE is committed before the DELETE is sent.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use super::recheck::RECHECK_DELAYS;
use super::replacement::replacement;
use super::state::{DeletionProgress, NextStep, WaitReason};
use crate::cards::{self, Button, Card, DeletionResult, DeviceChanged};
use crate::commands::authority::{self, Authority, PersonRead, SentBefore};
use crate::commands::context::CommandContext;
use crate::commands::failure::{Failure, Misnamed, Wait};
use crate::commands::reply::{Answer, Buttons};
use crate::commands::resolve::{DeviceResolution, MatchedBy, find_device, misnamed};
use crate::domain::audit::AuditEvent;
use crate::domain::{Cause, Device, DeviceFacts, DeviceId, OrgScope, Outcome, Reference};
use crate::grammar::Reason;
use crate::plan::{ButtonRef, Plan};
use crate::policy::{DeleteRight, Right};
use crate::store::{JobKind, NewJob, StoreError};
use crate::webex::WebexError;

/// How old the recorded intent may be when the DELETE is sent, by the clock of the machine and by one that may stand
/// still while it is suspended. A process that was suspended for longer may have lost its lease.
const FRESH_INTENT: Duration = Duration::from_secs(10);

/// One deletion in progress.
pub(super) struct Deletion<'a> {
    ctx: &'a CommandContext<'a>,
    target: Target,
    reason: Option<&'a Reason>,
    /// Whether the requester still has the right: checked again in every run.
    has_right: bool,
    /// The most recent read of the device.
    latest: Option<DeviceFacts>,
}

/// The device to delete.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) id: DeviceId,
    pub(super) scope: OrgScope,
    /// The serial number or MAC address by which the device was found in a list: it must fit the device itself.
    pub(super) found_by: Option<Reference>,
    /// The confirmed plan, if the deletion needed one.
    pub(super) plan: Option<Plan>,
}

impl Target {
    /// The device of a deletion that has begun, when its organization can no longer be looked up.
    pub(super) fn without_scope(id: DeviceId) -> Self {
        Self { id, scope: OrgScope::Default, found_by: None, plan: None }
    }
}

impl<'a> Deletion<'a> {
    pub(super) fn new(ctx: &'a CommandContext<'a>, target: Target, reason: Option<&'a Reason>) -> Self {
        let has_right = ctx.authorize::<DeleteRight>().is_ok();
        Self { ctx, target, reason, has_right, latest: None }
    }

    /// The progress so far, with the first step of this run. Stored progress means that this is a later run, and that
    /// the DELETE may have been sent.
    pub(super) fn start(&self) -> Result<(DeletionProgress, NextStep), StoreError> {
        Ok(self.as_sent_before(self.stored_progress()?))
    }

    /// Freezes how the calls are sent, or checks that they can still be sent as before. After a restart with other
    /// settings they go to the organization of the first one; another credential would settle nothing.
    fn as_sent_before(&self, mut progress: DeletionProgress) -> (DeletionProgress, NextStep) {
        let (admin, now) = (&self.ctx.services.admin, self.ctx.now());
        let may_go_on = match progress.sent_as() {
            // From an earlier version.
            None if progress.is_under_way() => true,
            None => {
                progress.freeze(admin.sends_as(&self.target.scope));
                self.is_in_the_organization_shown() && self.has_the_credential_of_the_plan()
            }
            Some(sent) => match authority::sent_before(self.ctx, sent) {
                SentBefore::NotServed => {
                    let outcome = progress.stopped_by(Cause::SettingsChanged, now);
                    return (progress, NextStep::End(outcome));
                }
                SentBefore::OtherCredential => false,
                SentBefore::AsNow => {
                    let is_named = self.ctx.record.accepted.command.org().is_some();
                    let may_begin = is_named || admin.sends_as(&OrgScope::Default) == *sent;
                    admin.sends_as(&self.target.scope) == *sent && (progress.has_open_delete() || may_begin)
                }
            },
        };
        let next = if may_go_on { NextStep::Read } else { NextStep::End(progress.other_settings(now)) };
        (progress, next)
    }

    /// Whether a confirmed device belongs to the organization that the calls are about now.
    fn is_in_the_organization_shown(&self) -> bool {
        let shown = self.target.plan.as_ref().and_then(Plan::facts);
        shown.is_none_or(|shown| self.ctx.services.admin.is_of(&self.target.scope, shown.org_id.as_ref()))
    }

    fn has_the_credential_of_the_plan(&self) -> bool {
        let plan = self.target.plan.as_ref();
        self.ctx.services.admin.may_carry_out(plan.and_then(|plan| plan.credential.as_deref()))
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
            (progress, next) = match next {
                NextStep::Read => match self.obstacle() {
                    Some(obstacle) if !progress.is_under_way() => {
                        return self.end(&progress, progress.stopped_by(obstacle, self.ctx.now()));
                    }
                    _ => self.read(progress).await,
                },
                NextStep::Witness => self.find_witness(progress).await,
                NextStep::Delete => self.delete(progress).await?,
                NextStep::Wait { until, why } => {
                    return Err(Failure::Wait(Wait {
                        until,
                        note: why.as_str().to_owned(),
                        progress: self.ctx.stored(&progress)?,
                        announced: why.asked_to_wait(),
                    }));
                }
                NextStep::End(outcome) => {
                    let outcome = self.compared(&progress, outcome).await;
                    return self.end(&progress, outcome);
                }
            };
        }
    }

    /// Ends a deletion that cannot continue for this reason; its card reports what is known.
    pub(super) fn give_up(&self, cause: Cause) -> Result<Answer, Failure> {
        let progress = self.stored_progress()?;
        self.end(&progress, progress.stopped_by(cause, self.ctx.now()))
    }

    /// The reason not to begin.
    fn obstacle(&self) -> Option<Cause> {
        if !self.has_right {
            Some(Cause::RightWithdrawn)
        } else if self.ctx.fresh_decision().is_err() {
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
        let answer = self.ctx.services.admin.device(&self.target.scope, &self.target.id).await;
        self.note("read", &answer);
        self.latest = answer.as_ref().ok().map(DeviceFacts::of);
        let now = self.ctx.now();
        if let Ok(device) = &answer
            && !progress.is_under_way()
            && let Some(other) = self.misnamed(device)
        {
            return progress.misnamed(device, other.asked, other.found, now);
        }
        progress.after_read(&answer, now)
    }

    /// The mismatch, if the device does not have the serial number or MAC address by which it was found.
    fn misnamed(&self, device: &Device) -> Option<Misnamed> {
        misnamed(self.target.found_by.as_ref()?, device)
    }

    /// Reads something else in the organization of the missing device.
    async fn find_witness(&mut self, progress: DeletionProgress) -> (DeletionProgress, NextStep) {
        let answer = self.ctx.services.admin.witness(&self.target.scope, &self.target.id).await;
        self.note("read another", &answer);
        progress.after_witness(&answer, self.ctx.now())
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
        let authority = authority::for_change::<DeleteRight>(self.ctx, PersonRead::Now).await;
        let Authority { grant, decision } = match authority {
            Ok(authority) => authority,
            Err(failure) => return self.not_authorized(progress, failure),
        };
        let (began, began_at) = self.intend(&progress).await?;
        let by_the_clock = self.ctx.now().duration_since(began_at);
        if began.elapsed().max(by_the_clock.unsigned_abs()) > FRESH_INTENT {
            return Ok((
                progress.not_sent(),
                NextStep::Wait { until: self.ctx.now(), why: WaitReason::Stale },
            ));
        }
        let Some(device) = progress.device().cloned() else {
            // The state machine deletes only a device that it has read.
            let outcome = progress.not_repeated(Cause::NotRead, self.ctx.now());
            return Ok((progress, NextStep::End(outcome)));
        };
        // The names are for the card only, so the DELETE does not wait for them.
        let (answer, names) = tokio::join!(
            self.ctx.services.admin.delete_device(&grant, decision, &self.target.scope, &self.target.id),
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

    /// The next step if the requester may not delete now, or that could not be found out.
    fn not_authorized(
        &self,
        progress: DeletionProgress,
        failure: Failure,
    ) -> Result<(DeletionProgress, NextStep), StoreError> {
        let now = self.ctx.now();
        let cause = match failure {
            Failure::Store(error) => return Err(error),
            Failure::Unchecked(error) => return Ok(progress.after_no_check(&error, now)),
            Failure::Late(_) => Cause::TooLate,
            _ => Cause::RightWithdrawn,
        };
        let outcome = progress.not_repeated(cause, now);
        Ok((progress.not_sent(), NextStep::End(outcome)))
    }

    /// Commits the intent to send a DELETE; returns the moment before that, by both clocks.
    async fn intend(&mut self, progress: &DeletionProgress) -> Result<(Instant, Timestamp), StoreError> {
        let began = (Instant::now(), self.ctx.now());
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
        let replace = replacement(self.ctx, progress.device(), outcome);
        let replace = replace.map(|action| buttons.for_anybody(action));
        let card = cards::render(&DeletionResult {
            facts: progress.device(),
            device_id: &self.target.id,
            outcome,
            actor,
            reason: self.reason.map(Reason::as_str),
            replace: replace.as_ref().map(ButtonRef::as_str).map(Button::activate_replacement),
            may_activate: self.ctx.may(Right::Provision),
            clock: self.ctx.services.bot_client.clock_deviation(),
        });
        (card, buttons)
    }
}
