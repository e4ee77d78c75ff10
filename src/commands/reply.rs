//! Answers: the card of a command with its buttons, and everything else that is committed together with it.

use jiff::Timestamp;

use super::context::CommandContext;
use super::prefetch::Prefetched;
use crate::cards::{self, Card, View};
use crate::domain::audit::AuditEvent;
use crate::domain::{Outcome, OutcomeKind, SpaceId, Thread};
use crate::plan::{self, BUTTON_LIFETIME, ButtonAction, ButtonRef, Plan, Presser};
use crate::store::{AnswerLimit, CommandId, End, LimitedAnswer, NewButton, NewMessage};
use crate::store::{OutgoingId, Step, StoreError};

/// The end of a command: its card, and the step that is committed with it. Only the worker records it.
#[derive(Debug)]
pub(crate) struct Answer {
    step: Box<Step>,
    outcome: Option<Outcome>,
}

impl Answer {
    /// An answer without a card, for a command that was answered in another way.
    pub(crate) fn without_card(ctx: &CommandContext<'_>) -> Self {
        Self::from_step(Step::new(ctx.now(), End::Done))
    }

    pub(crate) fn of(ctx: &CommandContext<'_>, view: &impl View) -> Self {
        Self::with_card(ctx, &cards::render(view))
    }

    pub(crate) fn with_card(ctx: &CommandContext<'_>, card: &Card) -> Self {
        let accepted = &ctx.record.accepted;
        let message = message(OutgoingId::answer_to(&accepted.id), &accepted.thread, card, ctx.now());
        Self::without_card(ctx).extended(|step| step.post(message))
    }

    /// A refusal, which is withheld if its reader has had too many.
    pub(crate) fn limited(ctx: &CommandContext<'_>, view: &impl View) -> Self {
        let accepted = &ctx.record.accepted;
        let card = cards::render(view);
        let message = message(OutgoingId::answer_to(&accepted.id), &accepted.thread, &card, ctx.now());
        let person = accepted.actor.person_id.clone();
        let answer = LimitedAnswer { limit: Some(AnswerLimit::Loop), person, message, brief: None };
        Self::without_card(ctx).extended(|step| step.post_limited(answer))
    }

    /// An answer that is committed with this step.
    pub(crate) fn from_step(step: Step) -> Self {
        Self { step: Box::new(step), outcome: None }
    }

    /// Adds the buttons of the card.
    pub(crate) fn buttons(self, buttons: Buttons<'_>) -> Self {
        self.extended(|step| step.buttons(buttons.into_drawn()))
    }

    /// Adds an entry to the audit log.
    pub(crate) fn audit(self, ctx: &CommandContext<'_>, event: AuditEvent) -> Self {
        let entry = ctx.entry(event, ctx.now());
        self.extended(|step| step.audit(entry))
    }

    /// Stores the plan that the card proposes.
    pub(crate) fn propose(self, plan: Plan) -> Self {
        self.extended(|step| step.propose(plan))
    }

    /// Stores the outcome of a deletion.
    pub(crate) fn outcome(mut self, outcome: Outcome) -> Self {
        self.outcome = Some(outcome);
        self
    }

    /// Changes the step that is committed with this answer.
    pub(crate) fn extended(mut self, extend: impl FnOnce(Step) -> Step) -> Self {
        *self.step = extend(*self.step);
        self
    }

    /// Ends the command, and its plan if it had one.
    pub(crate) async fn into_job_outcome(self, ctx: &CommandContext<'_>) -> Result<JobOutcome, StoreError> {
        let id = &ctx.record.accepted.id;
        let deletion = self.outcome.as_ref().map(|outcome| {
            let (kind, status) = (outcome.kind(), outcome.status);
            AfterCommit::DeletionEnded { command: id.clone(), kind, status }
        });
        let mut step = self.step.ended(id, self.outcome);
        if let Some(code) = id.plan()
            && let Some(plan) = ctx.services.store.plan(code).await?
            && let Some(ended) = plan.on(plan::PlanEvent::Ended, ctx.now())
        {
            step = step.move_plan(ended);
        }
        Ok(JobOutcome { step, after_commit: deletion })
    }
}

/// The result of one run of a job: the step that the worker commits, and its work after the commit.
#[derive(Debug)]
pub(crate) struct JobOutcome {
    pub(crate) step: Step,
    pub(crate) after_commit: Option<AfterCommit>,
}

/// Metrics, log lines and prefetched devices that must wait until the step is committed.
#[derive(Debug)]
pub(crate) enum AfterCommit {
    /// A message was decided on. The prefetched device is kept for the run of the command.
    MessageDecided {
        command: &'static str,
        result: &'static str,
        prefetched: Option<(CommandId, Prefetched)>,
    },
    DeletionEnded {
        command: CommandId,
        kind: OutcomeKind,
        status: Option<u16>,
    },
    /// A stranger did something that gets no answer.
    StrangerIgnored,
}

impl From<Step> for JobOutcome {
    fn from(step: Step) -> Self {
        Self { step, after_commit: None }
    }
}

/// The buttons of the card that answers a command.
#[derive(Debug)]
pub(crate) struct Buttons<'a> {
    ctx: CommandContext<'a>,
    card: OutgoingId,
    now: Timestamp,
    drawn: Vec<NewButton>,
}

impl<'a> Buttons<'a> {
    pub(crate) fn new(ctx: &CommandContext<'a>) -> Self {
        Self::on(ctx, OutgoingId::answer_to(&ctx.record.accepted.id))
    }

    /// The buttons of another card, such as a later answer.
    pub(crate) fn on(ctx: &CommandContext<'a>, card: OutgoingId) -> Self {
        Self { ctx: *ctx, card, now: ctx.now(), drawn: Vec::new() }
    }

    pub(crate) fn into_drawn(self) -> Vec<NewButton> {
        self.drawn
    }

    /// A button for everyone with the right to the command behind it.
    pub(crate) fn for_anybody(&mut self, action: ButtonAction) -> ButtonRef {
        self.draw(action, Presser::Anybody, self.now + BUTTON_LIFETIME)
    }

    /// A button that only the requester may press.
    pub(crate) fn for_the_requester(&mut self, action: ButtonAction, until: Option<Timestamp>) -> ButtonRef {
        self.draw(action, Presser::Requester, until.unwrap_or(self.now + BUTTON_LIFETIME))
    }

    fn draw(&mut self, action: ButtonAction, presser: Presser, expires_at: Timestamp) -> ButtonRef {
        let reference = ButtonRef::from_random(rand::random());
        self.drawn.push(NewButton {
            hash: reference.hash(),
            card: self.card.clone(),
            action,
            presser,
            requester: self.ctx.actor().clone(),
            expires_at,
        });
        reference
    }
}

/// A card as a message to be posted in a thread.
pub(crate) fn message(id: OutgoingId, thread: &Thread, card: &Card, at: Timestamp) -> NewMessage {
    NewMessage { parent_id: Some(thread.root_id.clone()), ..message_in(id, &thread.space_id, card, at) }
}

/// A card as a message to be posted in a space, outside any thread.
pub(crate) fn message_in(id: OutgoingId, space_id: &SpaceId, card: &Card, at: Timestamp) -> NewMessage {
    if let Some(defect) = card.defect() {
        tracing::error!(defect, "a card template is broken; the card shows the bare facts");
    }
    NewMessage {
        id,
        space_id: space_id.clone(),
        parent_id: None,
        text: card.text().to_owned(),
        card: Some(card.content().clone()),
        at,
    }
}
