//! Proposes a plan: its card shows the intended change, and nothing happens until the requester confirms it.

use crate::cards::{Proposal, Provision, ProvisionProposal, TagProposal, TagQuestion};
use crate::commands::context::CommandContext;
use crate::commands::reply::{Answer, Buttons};
use crate::commands::resolve::{MatchedDevice, facts_shown, found_by, with_names};
use crate::domain::audit::AuditEvent;
use crate::domain::{OrgScope, PlaceFacts, PlanCode};
use crate::filter::{Filter, IdleExclusion};
use crate::grammar::{Reason, Tag, TagChange};
use crate::plan::{ButtonAction, ButtonRef, NamedDevice, Plan, Task};
use crate::policy::FreshDecision;

/// Proposes to delete this device.
pub(crate) async fn deletion(
    ctx: &CommandContext<'_>,
    decision: FreshDecision,
    scope: &OrgScope,
    candidate: &MatchedDevice,
    reason: Option<&Reason>,
) -> Answer {
    let related = ctx.services.related_names(scope, &candidate.device).await;
    let facts = facts_shown(ctx, scope, &candidate.device, &related);
    let task = Task::DeleteDevice { facts: Box::new(facts), reason: reason.cloned() };
    let draft = Draft::new(ctx, decision, scope, task);
    let answer = Answer::of(
        ctx,
        &Proposal {
            device: with_names(&candidate.device, &related),
            found_by: found_by(candidate.by),
            actor: ctx.actor(),
            reason: reason.map(Reason::as_str),
            code: &draft.plan.code.to_string(),
            until: draft.plan.expires_at,
            delete: draft.confirm.as_str(),
            cancel: draft.cancel.as_str(),
            now: draft.plan.created_at,
        },
    );
    draft.proposed_by(ctx, answer)
}

/// Proposes to add a device or to make its activation code, with everything that changes along with it.
pub(crate) fn provision(
    ctx: &CommandContext<'_>,
    decision: FreshDecision,
    scope: &OrgScope,
    place: &PlaceFacts,
    provision: Provision<'_>,
) -> Answer {
    let command = ctx.record.accepted.command.clone();
    let task = Task::Provision { place: Box::new(place.clone()), command };
    let draft = Draft::new(ctx, decision, scope, task);
    let answer = Answer::of(
        ctx,
        &ProvisionProposal {
            provision,
            code: &draft.plan.code.to_string(),
            until: draft.plan.expires_at,
            confirm: draft.confirm.as_str(),
            cancel: draft.cancel.as_str(),
            now: draft.plan.created_at,
        },
    );
    draft.proposed_by(ctx, answer)
}

/// Proposes to change the tags of one device that was found by its name.
pub(crate) async fn tags_of_one(
    ctx: &CommandContext<'_>,
    decision: FreshDecision,
    scope: &OrgScope,
    candidate: &MatchedDevice,
    change: &TagChange,
) -> Answer {
    let related = ctx.services.related_names(scope, &candidate.device).await;
    let (add, remove) = tags_of(change);
    let facts = facts_shown(ctx, scope, &candidate.device, &related);
    let task = Task::TagDevice { facts: Box::new(facts), change: change.clone() };
    let draft = Draft::new(ctx, decision, scope, task);
    let answer = Answer::of(
        ctx,
        &TagQuestion {
            device: with_names(&candidate.device, &related),
            found_by: found_by(candidate.by),
            add: &add,
            remove: &remove,
            actor: ctx.actor(),
            code: &draft.plan.code.to_string(),
            until: draft.plan.expires_at,
            confirm: draft.confirm.as_str(),
            cancel: draft.cancel.as_str(),
            now: draft.plan.created_at,
        },
    );
    draft.proposed_by(ctx, answer)
}

/// A change of the tags of many devices.
#[derive(Debug)]
pub(crate) struct ManyTags<'a> {
    pub(crate) filter: &'a Filter,
    pub(crate) devices: Vec<NamedDevice>,
    pub(crate) change: &'a TagChange,
    /// Webex records that could not be read.
    pub(crate) unreadable: usize,
    /// Excluding terms of the filter that excluded nothing.
    pub(crate) idle: Vec<IdleExclusion>,
}

/// Proposes to change the tags of many devices.
pub(crate) fn tags(
    ctx: &CommandContext<'_>,
    decision: FreshDecision,
    scope: &OrgScope,
    many: &ManyTags<'_>,
) -> Answer {
    let names: Vec<Option<&str>> = many.devices.iter().map(|device| device.name.as_deref()).collect();
    let (add, remove) = tags_of(many.change);
    let task = Task::TagDevices {
        filter: many.filter.clone(),
        devices: many.devices.clone(),
        change: many.change.clone(),
    };
    let draft = Draft::new(ctx, decision, scope, task);
    let answer = Answer::of(
        ctx,
        &TagProposal {
            filter: &many.filter.to_string(),
            add: &add,
            remove: &remove,
            names: &names,
            total: names.len() as u64,
            unreadable: many.unreadable as u64,
            idle: &many.idle,
            actor: ctx.actor(),
            code: &draft.plan.code.to_string(),
            until: draft.plan.expires_at,
            confirm: draft.confirm.as_str(),
            cancel: draft.cancel.as_str(),
            now: draft.plan.created_at,
        },
    );
    draft.proposed_by(ctx, answer)
}

/// The added and the removed tags, in the form that the cards take.
pub(crate) fn tags_of(change: &TagChange) -> (Vec<String>, Vec<String>) {
    let texts = |tags: &[Tag]| tags.iter().map(|tag| tag.as_str().to_owned()).collect();
    (texts(change.add()), texts(change.remove()))
}

/// A plan with the two buttons of its card.
struct Draft<'a> {
    plan: Plan,
    buttons: Buttons<'a>,
    confirm: ButtonRef,
    cancel: ButtonRef,
}

impl<'a> Draft<'a> {
    /// Only a recent command leads to a proposal.
    fn new(ctx: &CommandContext<'a>, _decision: FreshDecision, scope: &OrgScope, task: Task) -> Self {
        let accepted = &ctx.record.accepted;
        let org = match scope {
            OrgScope::Default | OrgScope::Own => None,
            OrgScope::Org(id) => Some(id.clone()),
        };
        let code = PlanCode::from_random(rand::random());
        let plan = Plan {
            credential: Some(ctx.services.admin.sends_as(scope).credential),
            ..Plan::proposed(code, accepted.actor.clone(), accepted.thread.clone(), org, task, ctx.now())
        };
        let mut buttons = Buttons::new(ctx);
        let until = Some(plan.expires_at);
        let confirm = buttons.for_the_requester(ButtonAction::Confirm { plan: code }, until);
        let cancel = buttons.for_the_requester(ButtonAction::Cancel { plan: code }, until);
        Self { plan, buttons, confirm, cancel }
    }

    fn proposed_by(self, ctx: &CommandContext<'_>, answer: Answer) -> Answer {
        let event = AuditEvent::PlanProposed {
            code: self.plan.code,
            hash: self.plan.hash.to_string(),
            device_id: self.plan.facts().map(|facts| facts.id.clone()),
        };
        answer.buttons(self.buttons).audit(ctx, event).propose(self.plan)
    }
}
