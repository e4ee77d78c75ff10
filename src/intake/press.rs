//! Button presses. Webex says who pressed and on which card; the command or plan behind the button comes from the
//! store.

use jiff::Timestamp;
use serde_json::Value;

use super::decide::{MAX_COMMAND_AGE, limit_of};
use super::postpone::{FETCHES, is_hopeless, nothing_to_do, postpone};
use crate::cards::{self, Card, Notice};
use crate::commands::plan::decide::{DecidedPlan, notice_of};
use crate::commands::reply::{self, Decided, JobOutcome};
use crate::commands::services::Services;
use crate::domain::audit::{AuditEntry, AuditEvent};
use crate::domain::{ActionId, Actor, Thread};
use crate::grammar::{Command, Permission};
use crate::plan::{
    ButtonAction, ButtonRecord, ButtonRef, Plan, PlanRefusal, PressVerdict, Presser, judge_press,
};
use crate::policy::{AS_THE_PLAN_ASKS, Denied};
use crate::store::{AnswerLimit, CommandId, End, JobKind, LeasedJob, LimitedAnswer, NewCommand, NewJob};
use crate::store::{OutgoingId, Step, StoreError};
use crate::webex::{AttachmentAction, WebexError};

/// Fetches a press and its presser, judges the press, and returns its consequences.
pub(super) async fn run(
    services: &Services,
    job: &LeasedJob,
    action_id: &ActionId,
) -> Result<JobOutcome, StoreError> {
    let press = services.bot_client.action(action_id).await;
    services.note_bot_token(&press);
    let press = match press {
        Ok(press) => press,
        Err(WebexError::NotFound(_)) if job.failures + 1 >= FETCHES => {
            tracing::info!(press = action_id.as_str(), "press not found: its card may have been deleted");
            return Ok(nothing_to_do(services));
        }
        Err(error) => return Ok(postpone(services, job, "could not fetch the press", Some(&error))),
    };
    // Not from the cache: a press may be the last decision before a change.
    let actor = match services.senders.person_now(&press.person_id).await {
        Ok(actor) => actor,
        // Removed from Webex.
        Err(WebexError::NotFound(_)) => {
            let denied = Denied::OtherOrganization;
            let answer = (&Notice::denied(denied), AnswerLimit::Stranger);
            return Ok(refuse_unknown(services, &press, denied.as_str(), answer, "refused"));
        }
        Err(error) if is_hopeless(services, job, Some(&error)) => {
            tracing::warn!(person = press.person_id.as_str(), %error, "could not look up a person");
            let answer = (&Notice::could_not_check(), AnswerLimit::Loop);
            return Ok(refuse_unknown(services, &press, "could not be looked up", answer, "could not check"));
        }
        Err(error) => return Ok(postpone(services, job, "could not look up the presser", Some(&error))),
    };
    JudgedPress::new(services, &press, &actor).await?.outcome(services, job).await
}

/// Refuses the press of a person that Webex does not know any more, or does not show now.
fn refuse_unknown(
    services: &Services,
    press: &AttachmentAction,
    rule: &str,
    (notice, limit): (&Notice, AnswerLimit),
    decision: &'static str,
) -> JobOutcome {
    let now = services.clock.now();
    let id = CommandId::of_press(&press.id);
    let event = AuditEvent::PersonRefused { rule: rule.to_owned() };
    let entry = AuditEntry::new(now, event).about(&press.space_id, &press.message_id, &id);
    let card = cards::render(notice);
    let message = reply::message_in(OutgoingId::answer_to(&id), &press.space_id, &card, now);
    let person = press.person_id.clone();
    let answer = LimitedAnswer { limit: Some(limit), person, message, brief: None };
    let step = Step::new(now, End::Done).audit(entry).post_limited(answer);
    let decided = Decided {
        command: "none",
        decision,
        person: press.person_id.clone(),
        space: press.space_id.clone(),
        message: press.message_id.clone(),
        command_id: id,
    };
    decided.with(step)
}

/// A press, the button and plan behind it, and the verdict on it at one moment.
struct JudgedPress<'a> {
    press: &'a AttachmentAction,
    actor: &'a Actor,
    button: Option<ButtonRecord>,
    plan: Option<Plan>,
    verdict: PressVerdict,
    now: Timestamp,
}

impl<'a> JudgedPress<'a> {
    async fn new(
        services: &Services,
        press: &'a AttachmentAction,
        actor: &'a Actor,
    ) -> Result<Self, StoreError> {
        let inputs = Value::Object(press.inputs.clone());
        let button = match ButtonRef::in_inputs(&inputs) {
            Ok(reference) => services.store.button(&reference).await?,
            Err(_) => None,
        };
        let plan = match button.as_ref().and_then(|button| button.action.plan()) {
            Some(code) => services.store.plan(code).await?,
            None => None,
        };
        let now = services.clock.now();
        let asked = crate::plan::ButtonPress {
            by: &actor.person_id,
            admitted: services.policy.admits(actor),
            space_id: &press.space_id,
            message_id: &press.message_id,
        };
        let verdict = judge_press(&asked, button.as_ref(), plan.as_ref(), now);
        Ok(Self { press, actor, button, plan, verdict, now })
    }

    async fn outcome(self, services: &Services, job: &LeasedJob) -> Result<JobOutcome, StoreError> {
        let step = Step::new(self.now, End::Done);
        let (step, decision) = match &self.verdict {
            PressVerdict::Refused(PlanRefusal::NotAdmitted(Denied::NotAHuman)) => (step, "ignored"),
            PressVerdict::NotYet if job.failures + 1 < FETCHES => {
                return Ok(postpone(
                    services,
                    job,
                    "could not tell which card was pressed: it is not known to be posted yet",
                    None,
                ));
            }
            PressVerdict::NotYet => (self.refuse(step, &PlanRefusal::Elsewhere), "refused"),
            PressVerdict::Refused(refused) => (self.refuse(step, refused), "refused"),
            _ if self.is_late() => {
                let notice = Notice::too_old(self.press.created, self.now);
                let notice = notice.with_clock(services.bot_client.clock_deviation());
                (self.answer(step, &notice, AnswerLimit::Loop), "refused")
            }
            PressVerdict::Plan(transition) => {
                let (Some(button), Some(plan)) = (&self.button, &self.plan) else {
                    return Ok(nothing_to_do(services));
                };
                let decided = DecidedPlan {
                    plan,
                    transition: *transition,
                    by: self.actor,
                    message_id: &self.press.message_id,
                    decided_at: self.decided_at(),
                    written_in: None,
                    now: self.now,
                };
                let step = step.use_button(&button.hash, &self.actor.person_id);
                match decided.carried_out(services, step.audit(self.entry(decided.event()))).await? {
                    Ok(step) => (step, "accepted"),
                    // The plan stays: the right may come back before the plan expires.
                    Err(denied) => {
                        let step = Step::new(self.now, End::Done);
                        (self.refuse(step, &PlanRefusal::NotAdmitted(denied)), "refused")
                    }
                }
            }
            PressVerdict::Command(command) => self.accept(services, step, command.clone()),
        };
        Ok(self.decided(decision).with(step))
    }

    fn decided(&self, decision: &'static str) -> Decided {
        Decided {
            command: match self.button.as_ref().map(|button| &button.action) {
                Some(ButtonAction::Confirm { .. }) => "confirm",
                Some(ButtonAction::Cancel { .. }) => "cancel",
                Some(ButtonAction::Command { command, .. }) => command.name(),
                None => "none",
            },
            decision,
            person: self.actor.person_id.clone(),
            space: self.press.space_id.clone(),
            message: self.press.message_id.clone(),
            command_id: CommandId::of_press(&self.press.id),
        }
    }

    /// Accepts the command behind the button as if the presser had written it.
    fn accept(&self, services: &Services, step: Step, command: Command) -> (Step, &'static str) {
        let Some(button) = &self.button else { return (step, "ignored") };
        let rule = match command.permission() {
            Permission::Right(right) => services.policy.rule_for(self.actor, right),
            Permission::None | Permission::ByPlan => Ok(AS_THE_PLAN_ASKS),
        };
        let line = command.to_string();
        let rule = match rule {
            Ok(rule) => rule,
            Err(denied) => {
                let event = AuditEvent::CommandRefused { command: line, rule: denied.as_str().to_owned() };
                let answered = self.answer(step, &Notice::denied(denied), limit_of(denied));
                return (answered.audit(self.entry(event)), "refused");
            }
        };
        let mut step = step
            .use_button(&button.hash, &self.actor.person_id)
            .audit(self.entry(AuditEvent::CommandAccepted { command: line, rule: rule.to_owned() }))
            .accept(NewCommand {
                id: CommandId::of_press(&self.press.id),
                thread: self.thread(),
                message_id: self.press.message_id.clone(),
                actor: self.actor.clone(),
                command,
                shown: button.action.shown().cloned(),
                decided_at: self.decided_at(),
                accepted_at: self.now,
            });
        if button.presser == Presser::Requester {
            // The choice is made, so its card is deleted.
            let subject = self.press.message_id.as_str().to_owned();
            step = step.then(NewJob { kind: JobKind::Retract, subject, due_at: self.now });
        }
        (step, "accepted")
    }

    fn decided_at(&self) -> Timestamp {
        self.press.created.unwrap_or(self.now)
    }

    /// Whether the button was pressed too long ago, for example before an outage.
    fn is_late(&self) -> bool {
        self.press.created.is_none_or(|at| self.now.duration_since(at) > MAX_COMMAND_AGE)
    }

    fn refuse(&self, step: Step, refused: &PlanRefusal) -> Step {
        let plan = self.button.as_ref().and_then(|button| button.action.plan());
        let event = AuditEvent::PressRefused { why: refused.as_str().to_owned(), plan };
        let limit = match refused {
            PlanRefusal::NotAdmitted(denied) => limit_of(*denied),
            _ => AnswerLimit::Loop,
        };
        self.answer(step, &notice_of(refused), limit).audit(self.entry(event))
    }

    fn answer(&self, step: Step, notice: &Notice, limit: AnswerLimit) -> Step {
        let card: Card = cards::render(notice);
        let id = OutgoingId::answer_to(&CommandId::of_press(&self.press.id));
        // A card from another space has its thread there.
        let is_here = self.button.as_ref().is_some_and(|button| button.space_id == self.press.space_id);
        let message = if is_here {
            reply::message(id, &self.thread(), &card, self.now)
        } else {
            reply::message_in(id, &self.press.space_id, &card, self.now)
        };
        let person = self.actor.person_id.clone();
        step.post_limited(LimitedAnswer { limit: Some(limit), person, message, brief: None })
    }

    /// The thread of the card.
    fn thread(&self) -> Thread {
        let root = self.button.as_ref().and_then(|button| button.parent_id.clone());
        Thread {
            space_id: self.press.space_id.clone(),
            root_id: root.unwrap_or_else(|| self.press.message_id.clone()),
        }
    }

    fn entry(&self, event: AuditEvent) -> AuditEntry {
        let command_id = CommandId::of_press(&self.press.id);
        AuditEntry::new(self.now, event).by(self.actor).about(
            &self.press.space_id,
            &self.press.message_id,
            &command_id,
        )
    }
}
