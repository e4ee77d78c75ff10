//! A press of a button: who pressed it is certain, all else is looked up on this side.

use jiff::Timestamp;
use serde_json::Value;

use super::decide::OLDEST_ORDER;
use super::{nothing_to_do, put_off};
use crate::cards::{self, Card, Notice};
use crate::commands::context::Ended;
use crate::commands::plan::decide::{Decided, notice_of};
use crate::commands::services::{self, Services};
use crate::domain::audit::{Entry, Event};
use crate::domain::{ActionId, Actor, Thread};
use crate::grammar::Permission;
use crate::plan::{Button, ButtonRef, Plan, Presser, Refused, Verdict, judge};
use crate::policy::Denied;
use crate::store::{CommandId, End, JobKind, LeasedJob, NewCommand, NewJob, OutgoingId, Step, StoreError};
use crate::webex::{AttachmentAction, WebexError};

/// How often a press that is not there is looked for, and one whose card is not known to be posted yet.
const LOOKS: u32 = 5;
/// How often it is judged again when somebody else was faster.
const JUDGED_AGAIN: usize = 5;

/// Understands one press.
pub(super) async fn pressed(services: &Services, job: &LeasedJob, action_id: &ActionId) -> Ended {
    let press = services.bot_client.action(action_id).await;
    services.note_bot_token(&press);
    let press = match press {
        Ok(press) => press,
        Err(WebexError::NotFound(_)) if job.failures + 1 >= LOOKS => {
            tracing::info!("a press was gone, or its card, when it was fetched: nothing to do");
            return nothing_to_do(services, job).await;
        }
        Err(error) => return put_off(services, job, "the press could not be fetched", Some(&error)).await,
    };
    let actor = match services.senders.person(&press.person_id).await {
        Ok(actor) => actor,
        Err(error) => {
            return put_off(services, job, "the presser could not be looked up", Some(&error)).await;
        }
    };
    for _ in 0..JUDGED_AGAIN {
        match Judged::of(services, &press, &actor).await?.record(services, job).await {
            Err(error) if error.is_outrun() => {}
            ended => return ended,
        }
    }
    Err(StoreError::ButtonUsed)
}

/// A press with all that is known of it at one moment.
struct Judged<'a> {
    press: &'a AttachmentAction,
    actor: &'a Actor,
    button: Option<Button>,
    plan: Option<Plan>,
    verdict: Verdict,
    now: Timestamp,
}

impl<'a> Judged<'a> {
    async fn of(
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
        let asked = crate::plan::Press {
            by: &actor.person_id,
            admitted: services.policy.admits(actor),
            space_id: &press.space_id,
            message_id: &press.message_id,
        };
        let verdict = judge(&asked, button.as_ref(), plan.as_ref(), now);
        Ok(Self { press, actor, button, plan, verdict, now })
    }

    async fn record(self, services: &Services, job: &LeasedJob) -> Ended {
        let step = Step::new(self.now, End::Done);
        let step = match &self.verdict {
            Verdict::Refused(Refused::NotAdmitted(Denied::NotAHuman)) => {
                return nothing_to_do(services, job).await;
            }
            Verdict::NotYet if job.failures + 1 < LOOKS => {
                return put_off(services, job, "the card is not known to be posted yet", None).await;
            }
            Verdict::NotYet => self.refuse(step, &Refused::Elsewhere),
            Verdict::Refused(refused) => self.refuse(step, refused),
            _ if self.is_late() => self.answer(step, &Notice::too_old(self.press.created, self.now)),
            Verdict::Plan(transition) => {
                let (Some(button), Some(plan)) = (&self.button, &self.plan) else {
                    return nothing_to_do(services, job).await;
                };
                let decided = Decided {
                    plan,
                    transition: *transition,
                    by: self.actor,
                    message_id: &self.press.message_id,
                    now: self.now,
                };
                let step = step.use_button(&button.hash, &self.actor.person_id);
                match decided.follows(services, step.audit(self.entry(decided.event()))).await? {
                    Ok(step) => step,
                    // The plan stays: the right may come back before its time is over.
                    Err(denied) => self.refuse(Step::new(self.now, End::Done), &Refused::NotAdmitted(denied)),
                }
            }
            Verdict::Command(command) => self.accept(services, step, command.clone()),
        };
        services.store.record(job, step).await
    }

    /// As if the presser had written it.
    fn accept(&self, services: &Services, step: Step, command: crate::grammar::Command) -> Step {
        let Some(button) = &self.button else { return step };
        let rule = match command.permission() {
            Permission::Right(right) => services.policy.rule_for(self.actor, right),
            Permission::None | Permission::OfThePlan => Ok("as the plan asks"),
        };
        let line = command.to_string();
        let rule = match rule {
            Ok(rule) => rule,
            Err(denied) => {
                let event = Event::CommandRefused { command: line, rule: denied.as_str().to_owned() };
                return self.answer(step, &Notice::denied(denied)).audit(self.entry(event));
            }
        };
        let mut step = step
            .use_button(&button.hash, &self.actor.person_id)
            .audit(self.entry(Event::CommandAccepted { command: line, rule: rule.to_owned() }))
            .accept(NewCommand {
                id: CommandId::of_press(&self.press.id),
                thread: self.thread(),
                message_id: self.press.message_id.clone(),
                actor: self.actor.clone(),
                command,
                accepted_at: self.now,
            });
        if button.presser == Presser::Requester {
            // A choice that was made is of no more use.
            let subject = self.press.message_id.as_str().to_owned();
            step = step.then(NewJob { kind: JobKind::Retract, subject, due_at: self.now });
        }
        step
    }

    /// Whether it was pressed too long ago, as after an outage.
    fn is_late(&self) -> bool {
        self.press.created.is_none_or(|at| self.now.duration_since(at) > OLDEST_ORDER)
    }

    fn refuse(&self, step: Step, refused: &Refused) -> Step {
        let plan = self.button.as_ref().and_then(|button| button.action.plan());
        let event = Event::PressRefused { why: refused.as_str().to_owned(), plan };
        self.answer(step, &notice_of(refused)).audit(self.entry(event))
    }

    fn answer(&self, step: Step, notice: &Notice) -> Step {
        let card: Card = cards::render(notice);
        let id = OutgoingId::answer_to(&CommandId::of_press(&self.press.id));
        // The thread of a card that lies elsewhere is not this space's.
        let is_here = self.button.as_ref().is_some_and(|button| button.space_id == self.press.space_id);
        step.post(if is_here {
            services::message(id, &self.thread(), &card, self.now)
        } else {
            services::message_in(id, &self.press.space_id, &card, self.now)
        })
    }

    /// The thread that the card stands in.
    fn thread(&self) -> Thread {
        let root = self.button.as_ref().and_then(|button| button.parent_id.clone());
        Thread {
            space_id: self.press.space_id.clone(),
            root_id: root.unwrap_or_else(|| self.press.message_id.clone()),
        }
    }

    fn entry(&self, event: Event) -> Entry {
        Entry {
            at: self.now,
            actor: Some(self.actor.clone()),
            space_id: Some(self.press.space_id.as_str().to_owned()),
            message_id: Some(self.press.message_id.as_str().to_owned()),
            command_id: Some(CommandId::of_press(&self.press.id).to_string()),
            event,
        }
    }
}
