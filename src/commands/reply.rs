//! The answer to a command that looks something up or changes something in a moment: its card with its buttons, and
//! what the audit log says of it. One way of giving it, whatever the command was.

use std::pin::Pin;

use jiff::{SignedDuration, Timestamp};

use crate::cards::{self, Card, Notice, View};
use crate::commands::context::{Ended, entry_of};
use crate::commands::delete_device::state::{LONGEST_SILENCE, LONGEST_WAIT, cause_before_deleting};
use crate::commands::retry;
use crate::commands::services::{Services, message};
use crate::domain::audit::Event;
use crate::grammar::Command;
use crate::plan::{self, BUTTON_LASTS, ButtonAction, ButtonRef, Plan, Presser};
use crate::policy::Denied;
use crate::store::{CommandRecord, End, LeasedJob, NewButton, OutgoingId, Step, StoreError};
use crate::webex::WebexError;

/// Runs before the person hears that it does not work now.
const RUNS: u32 = 4;

/// The pause before it is tried whether the turn of another process is over.
const NEXT_TURN: SignedDuration = SignedDuration::from_secs(1);

/// What a command is answered with.
pub(crate) struct Answer {
    card: Option<Card>,
    buttons: Vec<NewButton>,
    events: Vec<Event>,
    plan: Option<Plan>,
}

/// Why there is no answer yet, or another one than was looked for.
pub(crate) enum Failure {
    /// Webex did not answer as hoped.
    Webex(WebexError),
    /// The store did not.
    Store(StoreError),
    /// Another process is at something of which only one may be done at a time.
    NotYet,
    /// A file could not be written or read.
    Io(std::io::Error),
    /// This is the answer.
    Said(Box<Answer>),
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<WebexError> for Failure {
    fn from(error: WebexError) -> Self {
        Self::Webex(error)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Denied> for Failure {
    fn from(denied: Denied) -> Self {
        Answer::of(&Notice::denied(denied)).into()
    }
}

impl From<Answer> for Failure {
    fn from(answer: Answer) -> Self {
        Self::Said(Box::new(answer))
    }
}

impl Answer {
    /// This card.
    pub(crate) fn of(view: &impl View) -> Self {
        Self { card: Some(cards::render(view)), ..Self::given_elsewhere() }
    }

    /// None: it was given in another way.
    pub(crate) fn given_elsewhere() -> Self {
        Self { card: None, buttons: Vec::new(), events: Vec::new(), plan: None }
    }

    /// The card has these buttons.
    pub(crate) fn with(mut self, buttons: Buttons<'_>) -> Self {
        self.buttons = buttons.drawn;
        self
    }

    /// This has happened.
    pub(crate) fn audit(mut self, event: Event) -> Self {
        self.events.push(event);
        self
    }

    /// It proposes this plan.
    pub(crate) fn proposing(mut self, plan: Plan) -> Self {
        self.plan = Some(plan);
        self
    }

    async fn record(self, services: &Services, job: &LeasedJob, record: &CommandRecord) -> Ended {
        let now = services.clock.now();
        let id = &record.accepted.id;
        let mut step = Step::new(now, End::Done).ended(id, None).buttons(self.buttons);
        for event in self.events {
            step = step.audit(entry_of(record, event, now));
        }
        if let Some(card) = &self.card {
            step = step.post(message(OutgoingId::answer_to(id), &record.accepted.thread, card, now));
        }
        if let Some(plan) = self.plan {
            step = step.propose(plan);
        }
        if let Some(code) = id.plan()
            && let Some(ended) =
                services.store.plan(code).await?.and_then(|plan| plan.on(plan::Event::Ended, now))
        {
            step = step.move_plan(ended);
        }
        match services.store.record(job, step).await {
            // The next run draws another code.
            Err(error @ StoreError::CodeTaken { .. }) => {
                let end = End::Again { at: now, note: error.to_string() };
                services.store.record(job, Step::new(now, end)).await
            }
            ended => ended,
        }
    }
}

/// The buttons of the card that answers a command, drawn one by one.
pub(crate) struct Buttons<'a> {
    record: &'a CommandRecord,
    now: Timestamp,
    drawn: Vec<NewButton>,
}

impl<'a> Buttons<'a> {
    /// None yet.
    pub(crate) fn on_the_answer_to(record: &'a CommandRecord, now: Timestamp) -> Self {
        Self { record, now, drawn: Vec::new() }
    }

    /// A button that asks for a command, by whoever may give it.
    pub(crate) fn for_anybody(&mut self, action: ButtonAction) -> ButtonRef {
        self.draw(action, Presser::Anybody, self.now + BUTTON_LASTS)
    }

    /// A button that only who gave the command may press.
    pub(crate) fn for_the_requester(&mut self, action: ButtonAction, until: Option<Timestamp>) -> ButtonRef {
        self.draw(action, Presser::Requester, until.unwrap_or(self.now + BUTTON_LASTS))
    }

    fn draw(&mut self, action: ButtonAction, presser: Presser, expires_at: Timestamp) -> ButtonRef {
        let reference = ButtonRef::from_random(rand::random());
        self.drawn.push(NewButton {
            hash: reference.hash(),
            card: OutgoingId::answer_to(&self.record.accepted.id),
            action,
            presser,
            requester: self.record.accepted.actor.clone(),
            expires_at,
        });
        reference
    }

    /// All of them, for a step that is not an [`Answer`].
    pub(crate) fn into_drawn(self) -> Vec<NewButton> {
        self.drawn
    }
}

/// Works the answer out and gives it; where Webex asks to wait or has trouble, later, as long as somebody may still be
/// waiting for it.
///
/// Boxed: what works an answer out holds whole devices, and all commands together are one future.
pub(crate) fn give<'a>(
    services: &'a Services,
    job: &'a LeasedJob,
    record: &'a CommandRecord,
    work: impl Future<Output = Result<Answer, Failure>> + Send + 'a,
) -> Pin<Box<dyn Future<Output = Ended> + Send + 'a>> {
    Box::pin(given(services, job, record, work))
}

async fn given(
    services: &Services,
    job: &LeasedJob,
    record: &CommandRecord,
    work: impl Future<Output = Result<Answer, Failure>> + Send,
) -> Ended {
    // A command never just disappears among the parked jobs: it ends with its card.
    if retry::is_given_up(job) {
        return Answer::of(&Notice::given_up()).record(services, job, record).await;
    }
    let error = match work.await {
        Ok(answer) => return answer.record(services, job, record).await,
        Err(Failure::Said(answer)) => return answer.record(services, job, record).await,
        Err(Failure::Store(error)) => return Err(error),
        Err(Failure::NotYet) => {
            let now = services.clock.now();
            let end = End::Again { at: now + NEXT_TURN, note: "another process has its turn".to_owned() };
            return services.store.record(job, Step::new(now, end)).await;
        }
        Err(Failure::Io(error)) => {
            tracing::error!(%error, "a file could not be written");
            return Answer::of(&Notice::given_up()).record(services, job, record).await;
        }
        Err(Failure::Webex(error)) => error,
    };
    let now = services.clock.now();
    match again(&error, job, record, now) {
        Some(end) => {
            let step = Step::new(now, end.clone());
            let step = match end {
                End::Again { at, .. } => told_to_wait(record, step, at, now),
                _ => step,
            };
            services.store.record(job, step).await
        }
        None => not_done(services, record, &error).record(services, job, record).await,
    }
}

/// That it is tried again, if that is soon enough for somebody who waits.
fn again(error: &WebexError, job: &LeasedJob, record: &CommandRecord, now: Timestamp) -> Option<End> {
    let asked = error.requested_wait();
    // Runs that only waited as they were told are bounded by the time.
    if !error.is_transient() || (asked.is_none() && job.failures + 1 >= RUNS) {
        return None;
    }
    // Who wants to delete many devices has said so for each of them, and waits for all; what is only looked at is soon
    // asked for again.
    let patience = match record.accepted.command {
        Command::DeleteDevice { .. } => LONGEST_WAIT,
        _ => LONGEST_SILENCE,
    };
    let at =
        now + asked.unwrap_or_else(|| crate::domain::backoff::pause_after(job.failures + 1, &job.subject));
    let note = error.to_string();
    (at <= record.accepted.accepted_at + patience).then_some(match asked {
        Some(_) => End::Again { at, note },
        None => End::Failed { at, note },
    })
}

/// With this step the command waits until then. Its requester hears of that where no answer will have come for long,
/// and once only: the message has its own id, and adding it again is nothing.
pub(crate) fn told_to_wait(record: &CommandRecord, step: Step, until: Timestamp, now: Timestamp) -> Step {
    let accepted = &record.accepted;
    if until <= accepted.accepted_at + LONGEST_SILENCE {
        return step;
    }
    let card = cards::render(&Notice::waiting(&accepted.command, until, now));
    step.post(message(OutgoingId::waiting_for(&accepted.id), &accepted.thread, &card, now))
}

/// What somebody hears when Webex did not do what a command needs.
pub(crate) fn not_done(services: &Services, record: &CommandRecord, error: &WebexError) -> Answer {
    if !error.is_paused() && !matches!(error, WebexError::NotFound(_)) {
        tracing::warn!(%error, command = record.accepted.command.name(), "a command was not carried out");
    }
    let now = services.clock.now();
    let answer = error.answer();
    let tracking_id = answer.and_then(|answer| answer.tracking_id.as_deref());
    let cause = cause_before_deleting(error, now);
    let status = answer.map(|answer| answer.status);
    Answer::of(&match record.accepted.command {
        Command::ShowDevice { .. } => Notice::not_shown(&cause, status, tracking_id, now),
        _ => Notice::not_done(&cause, status, tracking_id, now),
    })
}
