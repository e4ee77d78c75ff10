//! Answers: the card of a command with its buttons, and everything else that is committed together with it.

use jiff::Timestamp;

use super::context::CommandContext;
use crate::cards::{self, Card, View};
use crate::domain::audit::AuditEvent;
use crate::domain::{MessageId, Outcome, OutcomeKind, PersonId, SpaceId, Thread};
use crate::grammar::Command;
use crate::plan::{self, BUTTON_LIFETIME, ButtonAction, ButtonRef, Plan, Presser};
use crate::store::{AnswerLimit, CommandId, End, LimitedAnswer, NewButton, NewMessage};
use crate::store::{OutgoingId, Step, StoreError};

/// The end of a command: its card, and the step that is committed with it. Only the worker records it.
#[derive(Debug)]
pub(crate) struct Answer {
    step: Box<Step>,
    outcome: Option<Outcome>,
    /// Of the response that ended the command, if it failed.
    tracking_id: Option<String>,
    /// Whether no device fits the reference.
    found_nothing: bool,
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
        Self { step: Box::new(step), outcome: None, tracking_id: None, found_nothing: false }
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

    /// Adds the tracking id of the response that ended the command, for the log.
    pub(crate) fn tracking_id(self, tracking_id: Option<&str>) -> Self {
        Self { tracking_id: tracking_id.map(str::to_owned), ..self }
    }

    /// No device fits the reference of the command: a deletion counts as `not found`.
    pub(crate) fn without_a_device(self) -> Self {
        Self { found_nothing: true, ..self }
    }

    /// Changes the step that is committed with this answer.
    pub(crate) fn extended(mut self, extend: impl FnOnce(Step) -> Step) -> Self {
        *self.step = extend(*self.step);
        self
    }

    /// Ends the command, and its plan if it had one.
    pub(crate) async fn into_job_outcome(self, ctx: &CommandContext<'_>) -> Result<JobOutcome, StoreError> {
        let id = &ctx.record.accepted.id;
        let ended = if let Some(outcome) = &self.outcome {
            CommandEnded::as_deletion(ctx, outcome)
        } else {
            let outcome = self.step.last_event().unwrap_or("answered");
            let is_deletion = matches!(ctx.record.accepted.command, Command::DeleteDevice { .. });
            CommandEnded {
                deletion: (self.found_nothing && is_deletion).then_some(OutcomeKind::NotFound),
                ..CommandEnded::new(ctx, outcome, self.tracking_id)
            }
        };
        let mut step = self.step.ended(id, self.outcome);
        if let Some(code) = id.plan()
            && let Some(plan) = ctx.services.store.plan(code).await?
            && let Some(ended) = plan.on(plan::PlanEvent::Ended, ctx.now())
        {
            step = step.move_plan(ended);
        }
        Ok(JobOutcome { step, after_commit: Some(AfterCommit::CommandEnded(Box::new(ended))) })
    }
}

/// The result of one run of a job: the step that the worker commits, and its work after the commit.
#[derive(Debug)]
pub(crate) struct JobOutcome {
    pub(crate) step: Step,
    pub(crate) after_commit: Option<AfterCommit>,
}

/// Metrics and log lines that must wait until the step is committed.
#[derive(Debug)]
pub(crate) enum AfterCommit {
    /// A message or press was decided on.
    Decided(Box<Decided>),
    /// A command has ended, or the recheck of a deletion.
    CommandEnded(Box<CommandEnded>),
    /// A stranger did something that gets no answer.
    StrangerIgnored,
}

/// A decision on a message or press.
#[derive(Debug)]
pub(crate) struct Decided {
    /// The command as a metric label, `none` for a line that is not a command.
    pub(crate) command: &'static str,
    /// The decision as a metric label.
    pub(crate) decision: &'static str,
    pub(crate) person: PersonId,
    pub(crate) space: SpaceId,
    /// The message, or the card that was pressed.
    pub(crate) message: MessageId,
    pub(crate) command_id: CommandId,
}

/// The end of a command, for its log line and metric.
#[derive(Debug)]
pub(crate) struct CommandEnded {
    pub(crate) command: &'static str,
    pub(crate) command_id: CommandId,
    pub(crate) person: PersonId,
    pub(crate) space: SpaceId,
    pub(crate) message: MessageId,
    /// The outcome of a deletion; otherwise the name of the audit entry, or `answered`.
    pub(crate) outcome: &'static str,
    pub(crate) deletion: Option<OutcomeKind>,
    pub(crate) status: Option<u16>,
    pub(crate) tracking_id: Option<String>,
}

impl Decided {
    pub(crate) fn with(self, step: Step) -> JobOutcome {
        JobOutcome { step, after_commit: Some(AfterCommit::Decided(Box::new(self))) }
    }
}

impl CommandEnded {
    fn new(ctx: &CommandContext<'_>, outcome: &'static str, tracking_id: Option<String>) -> Self {
        let accepted = &ctx.record.accepted;
        Self {
            command: accepted.command.name(),
            command_id: accepted.id.clone(),
            person: accepted.actor.person_id.clone(),
            space: accepted.thread.space_id.clone(),
            message: accepted.message_id.clone(),
            outcome,
            deletion: None,
            status: None,
            tracking_id,
        }
    }

    /// The end of a deletion or of its recheck.
    pub(crate) fn as_deletion(ctx: &CommandContext<'_>, outcome: &Outcome) -> Self {
        let kind = outcome.kind();
        Self {
            deletion: Some(kind),
            status: outcome.status,
            ..Self::new(ctx, kind.as_str(), outcome.tracking_id.clone())
        }
    }
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
