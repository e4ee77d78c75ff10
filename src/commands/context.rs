//! One run of a command: the services, the leased job and the stored command that every handler works with.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::services::Services;
use crate::domain::audit::{AuditEntry, AuditEvent};
use crate::domain::{Actor, ChangeTarget, OrgScope};
use crate::plan::{self, Plan};
use crate::policy::{Denied, FreshDecision, Grant, Right, RightMarker, StaleDecision};
use crate::store::{CommandRecord, End, LeasedJob, Step, StoreError};

/// How soon after its acceptance a command counts as carried out at once.
const AT_ONCE: SignedDuration = SignedDuration::from_secs(5);

/// The error for a plan in an organization that Steward no longer serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotServed;

/// The input of every command handler. Handlers read from it and save progress through it; only the worker records the
/// result.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CommandContext<'a> {
    pub(crate) services: &'a Services,
    pub(crate) job: &'a LeasedJob,
    pub(crate) record: &'a CommandRecord,
}

impl<'a> CommandContext<'a> {
    pub(crate) fn now(&self) -> Timestamp {
        self.services.clock.now()
    }

    pub(crate) fn actor(&self) -> &'a Actor {
        &self.record.accepted.actor
    }

    /// Whether this run carries out a confirmed plan. Without one, a command that needs confirmation is only proposed.
    pub(crate) fn is_confirmed(&self) -> bool {
        self.record.accepted.id.plan().is_some()
    }

    /// The right is checked again in every run: it may have been withdrawn since the command was accepted.
    pub(crate) fn authorize<R: RightMarker>(&self) -> Result<Grant<R>, Denied> {
        self.services.policy.authorize::<R>(self.actor())
    }

    /// The decision behind the command, if it is recent enough for a change now.
    pub(crate) fn fresh_decision(&self) -> Result<FreshDecision, StaleDecision> {
        FreshDecision::judge(self.record.accepted.decided_at, self.services.admin.readings())
    }

    /// The organization of a plan that has not begun, while Steward still serves it.
    pub(crate) fn scope_of(&self, plan: &Plan) -> Result<OrgScope, NotServed> {
        match &plan.org {
            Some(org) if !self.services.policy.serves(org) => Err(NotServed),
            Some(org) => Ok(OrgScope::Org(org.clone())),
            None => Ok(OrgScope::Default),
        }
    }

    /// Whether time has passed since the requester was looked up: the command waited, or its process was restarted.
    pub(crate) fn has_waited(&self) -> bool {
        let age = self.now().duration_since(self.record.accepted.accepted_at);
        !self.job.follows_at_once() || age > AT_ONCE
    }

    pub(crate) fn may(&self, right: Right) -> bool {
        self.services.policy.allows(self.actor(), right)
    }

    /// The progress that an earlier run saved.
    pub(crate) fn progress<T: DeserializeOwned>(&self) -> Result<Option<T>, StoreError> {
        let stored = self.record.progress.clone();
        stored.map(serde_json::from_value).transpose().map_err(|error| self.corrupt(&error))
    }

    /// Commits progress under the same lease, with the audit entry that belongs to it, so that the next run continues
    /// from here. Marks a confirmed plan as started.
    pub(crate) async fn save_progress(
        &self,
        progress: &impl Serialize,
        event: Option<AuditEvent>,
        plan: Option<&mut Plan>,
    ) -> Result<(), StoreError> {
        let now = self.now();
        let step = Step::new(now, End::Continues).progress(&self.record.accepted.id, self.stored(progress)?);
        self.commit(step, event, plan).await
    }

    /// As [`save_progress`](Self::save_progress) when the change of a device is settled: releases the device.
    pub(crate) async fn settle_progress(
        &self,
        progress: &impl Serialize,
        event: Option<AuditEvent>,
        plan: Option<&mut Plan>,
    ) -> Result<(), StoreError> {
        let id = &self.record.accepted.id;
        let step = Step::new(self.now(), End::Continues).progress(id, self.stored(progress)?).settled(id);
        self.commit(step, event, plan).await
    }

    /// Locks a device, workspace or person, so that no other command changes it until this change is settled. Fails with
    /// [`StoreError::TargetLocked`] while another command is changing it.
    pub(crate) async fn lock(&self, target: ChangeTarget) -> Result<(), StoreError> {
        let step = Step::new(self.now(), End::Continues).lock(target, &self.record.accepted.id);
        self.commit(step, None, None).await
    }

    /// Releases everything that this command has locked: its change is settled.
    pub(crate) async fn settled(&self) -> Result<(), StoreError> {
        let step = Step::new(self.now(), End::Continues).settled(&self.record.accepted.id);
        self.commit(step, None, None).await
    }

    async fn commit(
        &self,
        mut step: Step,
        event: Option<AuditEvent>,
        plan: Option<&mut Plan>,
    ) -> Result<(), StoreError> {
        let now = self.now();
        if let Some(event) = event {
            step = step.audit(self.entry(event, now));
        }
        let started = plan.as_ref().and_then(|plan| plan.on(plan::PlanEvent::Started, now));
        if let Some(transition) = started {
            step = step.move_plan(transition);
        }
        self.services.store.record(self.job, step).await?;
        if let (Some(plan), Some(transition)) = (plan, started) {
            plan.state = transition.to();
        }
        Ok(())
    }

    /// Progress in the form in which it is stored.
    pub(crate) fn stored(&self, progress: &impl Serialize) -> Result<String, StoreError> {
        serde_json::to_string(progress).map_err(|error| self.corrupt(&error))
    }

    /// The audit entry of an event of this command.
    pub(crate) fn entry(&self, event: AuditEvent, at: Timestamp) -> AuditEntry {
        self.record.accepted.entry(event, at)
    }

    pub(crate) fn corrupt(&self, what: &dyn std::fmt::Display) -> StoreError {
        StoreError::Corrupt { what: format!("command {}: {what}", self.record.accepted.id) }
    }
}
