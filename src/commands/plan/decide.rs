//! Confirms or cancels a plan, after a button press or a typed command, and builds the step for the decision.

use jiff::Timestamp;

use crate::cards::{self, Notice, PressRefusal};
use crate::commands::authority::{self, PersonRead};
use crate::commands::context::CommandContext;
use crate::commands::failure::Failure;
use crate::commands::reply::{Answer, message};
use crate::commands::services::Services;
use crate::domain::audit::AuditEvent;
use crate::domain::{Actor, MessageId, PlanCode, Thread};
use crate::grammar::{Command, OrgName};
use crate::plan::{
    Plan, PlanDecision, PlanRefusal, PlanState, PlanTransition, Task, WrittenDecision, judge_written,
};
use crate::policy::{AS_THE_PLAN_ASKS, Denied};
use crate::store::{CommandId, End, JobKind, NewCommand, NewJob, OutgoingId, Step, StoreError};

/// `confirm CODE` and `cancel CODE`.
pub(crate) async fn run(
    ctx: &CommandContext<'_>,
    decision: PlanDecision,
    code: PlanCode,
) -> Result<Answer, Failure> {
    let (services, accepted, now) = (ctx.services, &ctx.record.accepted, ctx.now());
    if decision == PlanDecision::Confirm {
        ctx.fresh_decision()?;
    }
    let by = authority::requester(ctx, PersonRead::Now).await?;
    let by = by.as_ref().unwrap_or(&accepted.actor);
    let plan = services.store.plan(code).await?;
    let decision = WrittenDecision {
        decision,
        by: &by.person_id,
        admitted: services.policy.admits(by),
        space_id: &accepted.thread.space_id,
    };
    let judged = judge_written(&decision, plan.as_ref(), now);
    let known = plan.as_ref().map(|plan| plan.code);
    let (plan, transition) = match (&plan, judged) {
        (Some(plan), Ok(transition)) => (plan, transition),
        (_, Err(refused)) => return Ok(refusal(ctx, &refused, known)),
        (None, Ok(_)) => return Ok(refusal(ctx, &PlanRefusal::Unknown, None)),
    };
    let decided = DecidedPlan {
        plan,
        transition,
        by,
        message_id: &accepted.message_id,
        written_in: Some(&accepted.thread),
        decided_at: accepted.decided_at,
        now,
    };
    let step = Step::new(now, End::Done).audit(ctx.entry(decided.event(), now));
    Ok(match decided.carried_out(services, step).await? {
        Ok(step) => Answer::from_step(decided.acknowledged_in(ctx, step)),
        Err(denied) => refusal(ctx, &PlanRefusal::NotAdmitted(denied), known),
    })
}

fn refusal(ctx: &CommandContext<'_>, refused: &PlanRefusal, plan: Option<PlanCode>) -> Answer {
    let event = AuditEvent::PressRefused { why: refused.as_str().to_owned(), plan };
    Answer::limited(ctx, &notice_of(refused)).audit(ctx, event)
}

/// A plan that was confirmed or canceled.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DecidedPlan<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) transition: PlanTransition,
    pub(crate) by: &'a Actor,
    /// The message with the typed command, or the card with the pressed button.
    pub(crate) message_id: &'a MessageId,
    /// When the person decided, by Webex's clock.
    pub(crate) decided_at: Timestamp,
    /// The thread of the typed command; none for a pressed button.
    pub(crate) written_in: Option<&'a Thread>,
    pub(crate) now: Timestamp,
}

impl DecidedPlan<'_> {
    /// Adds the consequences of the decision to the step: the plan changes its state, its cards are deleted, and its
    /// command is accepted or its cancellation answered. Denied if the requester has lost the right.
    pub(crate) async fn carried_out(
        &self,
        services: &Services,
        step: Step,
    ) -> Result<Result<Step, Denied>, StoreError> {
        let Self { plan, now, .. } = *self;
        let mut step = step.move_plan(self.transition);
        for card in services.store.cards_of(plan.code).await? {
            let subject = card.as_str().to_owned();
            step = step.then(NewJob { kind: JobKind::Retract, subject, due_at: now });
        }
        if self.transition.to() == PlanState::Cancelled {
            if self.is_answered_nearby() {
                return Ok(Ok(step));
            }
            let card = cards::render(&Notice::plan_cancelled(&plan.code.to_string()));
            let id = OutgoingId::answer_to(&CommandId::of_plan(plan.code));
            return Ok(Ok(step.post(message(id, &plan.thread, &card, now))));
        }
        let rule = match plan.right().map(|right| services.policy.rule_for(self.by, right)) {
            Some(Ok(rule)) => rule,
            Some(Err(denied)) => return Ok(Err(denied)),
            None => AS_THE_PLAN_ASKS,
        };
        Ok(Ok(self.accepted(step, rule)))
    }

    /// Whether the decision was typed in the space of the plan, but not in its thread. The people there read the answer
    /// to it, so the thread needs none.
    fn is_answered_nearby(&self) -> bool {
        let thread = &self.plan.thread;
        self.written_in.is_some_and(|written| written.space_id == thread.space_id && written != thread)
    }

    /// Adds a short answer to the typed command, unless it was sent in the thread of the plan.
    fn acknowledged_in(&self, ctx: &CommandContext<'_>, step: Step) -> Step {
        let accepted = &ctx.record.accepted;
        if accepted.thread == self.plan.thread {
            return step;
        }
        let code = self.plan.code.to_string();
        let card = cards::render(&if self.transition.to() == PlanState::Cancelled {
            Notice::plan_cancelled(&code)
        } else {
            Notice::plan_confirmed(&code)
        });
        step.post(message(OutgoingId::answer_to(&accepted.id), &accepted.thread, &card, self.now))
    }

    fn accepted(&self, step: Step, rule: &str) -> Step {
        let Self { plan, by, message_id, decided_at, now, .. } = *self;
        let command = NewCommand {
            id: CommandId::of_plan(plan.code),
            thread: plan.thread.clone(),
            message_id: message_id.clone(),
            actor: by.clone(),
            command: command_of(plan),
            shown: None,
            decided_at,
            accepted_at: now,
        };
        let line = command.command.to_string();
        let event = AuditEvent::CommandAccepted { command: line, rule: rule.to_owned() };
        step.audit(command.entry(event, now)).accept(command)
    }

    /// The decision for the audit log.
    pub(crate) fn event(&self) -> AuditEvent {
        let (code, device_id) = (self.plan.code, self.plan.facts().map(|facts| facts.id.clone()));
        if self.transition.to() == PlanState::Cancelled {
            AuditEvent::PlanCancelled { code, device_id }
        } else {
            AuditEvent::PlanConfirmed { code, hash: self.plan.hash.to_string(), device_id }
        }
    }
}

/// The command that carries a plan out.
fn command_of(plan: &Plan) -> Command {
    // A frozen plan is not resolved again, so the organization is given by its id.
    let org = plan.org.as_ref().and_then(|org| OrgName::parse(org.as_str()).ok());
    match &plan.task {
        Task::DeleteDevice { facts, reason } => {
            Command::DeleteDevice { device: facts.id.clone().into(), reason: reason.clone(), org }
        }
        Task::TagDevice { facts, change } => {
            Command::TagDevice { device: facts.id.clone().into(), change: change.clone(), org }
        }
        Task::TagDevices { filter, change, .. } => {
            Command::TagDevices { filter: filter.clone(), change: change.clone(), org }
        }
        Task::Provision { command, .. } | Task::Run { command } => command.clone(),
    }
}

/// The short answer to a decision that changes nothing.
pub(crate) fn notice_of(refused: &PlanRefusal) -> Notice {
    Notice::press_refused(match refused {
        PlanRefusal::NotYours => PressRefusal::NotYours,
        PlanRefusal::AlreadyConfirmed => PressRefusal::AlreadyConfirmed,
        PlanRefusal::AlreadyPressed => PressRefusal::AlreadyPressed,
        PlanRefusal::Cancelled => PressRefusal::Cancelled,
        PlanRefusal::Expired => PressRefusal::Expired,
        PlanRefusal::Outdated => PressRefusal::Outdated,
        PlanRefusal::Elsewhere => PressRefusal::Copy,
        PlanRefusal::Unknown => PressRefusal::Unknown,
        PlanRefusal::NotAdmitted(denied) => return Notice::denied(*denied),
    })
}
