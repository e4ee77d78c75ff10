//! A plan is confirmed or cancelled: what follows, whether it was said by a button or in words.

use jiff::Timestamp;

use crate::cards::{self, Notice, PressRefusal};
use crate::commands::context::{Ended, entry_of};
use crate::commands::reply as answer;
use crate::commands::reply::{Answer, Failure};
use crate::commands::services::{Services, message};
use crate::domain::audit::{AuditEntry, AuditEvent};
use crate::domain::{Actor, MessageId, PlanCode};
use crate::grammar::{Command, OrgName};
use crate::plan::{
    Plan, PlanDecision, PlanRefusal, PlanState, PlanTransition, Task, WrittenDecision, judge_written,
};
use crate::policy::{AS_THE_PLAN_ASKS, Denied};
use crate::store::{
    CommandId, CommandRecord, End, JobKind, LeasedJob, NewCommand, NewJob, OutgoingId, Step, StoreError,
};

/// How often it is judged again when somebody else was faster.
const JUDGED_AGAIN: usize = 5;

/// `confirm CODE` and `cancel CODE`.
pub(crate) async fn in_words(
    services: &Services,
    job: &LeasedJob,
    record: &CommandRecord,
    decision: PlanDecision,
    code: PlanCode,
) -> Ended {
    let accepted = &record.accepted;
    for _ in 0..JUDGED_AGAIN {
        let now = services.clock.now();
        let plan = services.store.plan(code).await?;
        let decision = WrittenDecision {
            decision,
            by: &accepted.actor.person_id,
            admitted: services.policy.admits(&accepted.actor),
            space_id: &accepted.thread.space_id,
        };
        let step = match (judge_written(&decision, plan.as_ref(), now), &plan) {
            (Ok(transition), Some(plan)) => {
                let step = Step::new(now, End::Done).ended(&accepted.id, None);
                let decided =
                    Decided { plan, transition, by: &accepted.actor, message_id: &accepted.message_id, now };
                let step = step.audit(entry_of(record, decided.event(), now));
                match decided.follows(services, step).await? {
                    Ok(step) => decided.told_in(record, step),
                    Err(denied) => {
                        let failure = refusal(&PlanRefusal::NotAdmitted(denied), Some(plan.code));
                        return answer::give(services, job, record, async { Err(failure) }).await;
                    }
                }
            }
            (Err(refused), _) => {
                let failure = refusal(&refused, plan.as_ref().map(|plan| plan.code));
                return answer::give(services, job, record, async { Err(failure) }).await;
            }
            (Ok(_), None) => {
                let failure = refusal(&PlanRefusal::Unknown, None);
                return answer::give(services, job, record, async { Err(failure) }).await;
            }
        };
        match services.store.record(job, step).await {
            Err(error) if error.is_outrun() => {}
            ended => return ended,
        }
    }
    Err(StoreError::PlanMoved { code })
}

fn refusal(refused: &PlanRefusal, plan: Option<PlanCode>) -> Failure {
    let event = AuditEvent::PressRefused { why: refused.as_str().to_owned(), plan };
    Answer::of(&notice_of(refused)).audit(event).into()
}

/// A plan that somebody has confirmed or cancelled.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Decided<'a> {
    /// Which.
    pub(crate) plan: &'a Plan,
    /// Where it goes by that.
    pub(crate) transition: PlanTransition,
    /// Who has.
    pub(crate) by: &'a Actor,
    /// The message that said so, or whose card was pressed.
    pub(crate) message_id: &'a MessageId,
    /// When.
    pub(crate) now: Timestamp,
}

impl Decided<'_> {
    /// The step in which the plan goes on: what is said, what is done, and its cards are taken back; or why not, where
    /// its requester has lost the right that it takes.
    pub(crate) async fn follows(
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

    /// The step with a short answer to the words that decided, where they do not stand in the thread of the plan.
    fn told_in(&self, record: &CommandRecord, step: Step) -> Step {
        let accepted = &record.accepted;
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
        let Self { plan, by, message_id, now, .. } = *self;
        let (id, command) = (CommandId::of_plan(plan.code), command_of(plan));
        let entry = AuditEntry {
            at: now,
            actor: Some(by.clone()),
            space_id: Some(plan.thread.space_id.as_str().to_owned()),
            message_id: Some(message_id.as_str().to_owned()),
            command_id: Some(id.to_string()),
            event: AuditEvent::CommandAccepted { command: command.to_string(), rule: rule.to_owned() },
        };
        step.audit(entry).accept(NewCommand {
            id,
            thread: plan.thread.clone(),
            message_id: message_id.clone(),
            actor: by.clone(),
            command,
            accepted_at: now,
        })
    }

    /// What the audit log says of it.
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
    match &plan.task {
        Task::DeleteDevice { facts, reason } => Command::DeleteDevice {
            device: facts.id.clone().into(),
            reason: reason.clone(),
            org: org_of(plan),
        },
        Task::TagDevices { filter, change, .. } => {
            Command::TagDevices { filter: filter.clone(), change: change.clone(), org: org_of(plan) }
        }
        Task::Run { command } => command.clone(),
    }
}

/// The organization of a plan by its id: what was frozen is not looked for by name again.
fn org_of(plan: &Plan) -> Option<OrgName> {
    plan.org.as_ref().and_then(|org| OrgName::parse(org.as_str()).ok())
}

/// The short answer to what changes nothing.
pub(crate) fn notice_of(refused: &PlanRefusal) -> Notice {
    Notice::press_refused(match refused {
        PlanRefusal::NotYours => PressRefusal::NotYours,
        PlanRefusal::AlreadyConfirmed => PressRefusal::AlreadyConfirmed,
        PlanRefusal::AlreadyPressed => PressRefusal::AlreadyPressed,
        PlanRefusal::Cancelled => PressRefusal::Cancelled,
        PlanRefusal::Expired => PressRefusal::Expired,
        PlanRefusal::Elsewhere => PressRefusal::Copy,
        PlanRefusal::Unknown => PressRefusal::Unknown,
        PlanRefusal::NotAdmitted(denied) => return Notice::denied(*denied),
    })
}
