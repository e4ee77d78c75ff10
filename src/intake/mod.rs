//! From a stored delivery to a decision: fetch what was said, find out who said it, decide, and commit the
//! decision with everything that follows from it in one transaction.

pub mod catch_up;
pub mod decide;
mod greeting;
mod press;
mod reply;

use jiff::Timestamp;
use tokio::time::Instant;

use crate::cards::{self, Card, Notice};
use crate::commands::context::Ended;
use crate::commands::delete_device::prefetch::{Ahead, Reading};
use crate::commands::retry;
use crate::commands::services::{self, Services};
use crate::domain::audit::{Entry, Event};
use crate::domain::{Actor, MessageId, PersonId};
use crate::store::{CommandId, End, LeasedJob, NewCommand, NewMessage, OutgoingId, Step, StoreError};
use crate::webex::event::WebhookEvent;
use crate::webex::{ChatMessage, WebexError};
use decide::{Arrived, Decision, Heard, Reply, decide};

/// How often a message that is not there is looked for: it may not have come to every part of Webex yet.
const LOOKS_FOR_A_MESSAGE: u32 = 5;

/// Understands one delivery.
pub async fn understand(services: &Services, job: &LeasedJob) -> Ended {
    let envelope = job.body.as_deref().and_then(WebhookEvent::parse);
    if let Some(arrival) = envelope.as_ref().and_then(|envelope| envelope.bot_added(&services.bot.person_id))
    {
        return greeting::greet(services, job, &arrival).await;
    }
    let envelope = envelope.filter(|envelope| !envelope.is_by_a_bot(&services.bot.person_id));
    if let Some(action_id) = envelope.as_ref().and_then(WebhookEvent::created_action) {
        return Box::pin(press::pressed(services, job, &action_id)).await;
    }
    let Some((envelope, message_id)) =
        envelope.and_then(|envelope| envelope.created_message().map(|id| (envelope, id)))
    else {
        return nothing_to_do(services, job).await;
    };
    read(services, job, &message_id, envelope.person(), Arrived::Delivered).await
}

/// Answers a message that was never delivered and was found afterwards. Nothing it says is carried out.
pub async fn answer_found(services: &Services, job: &LeasedJob) -> Ended {
    match MessageId::parse(&job.subject) {
        Ok(message_id) => read(services, job, &message_id, None, Arrived::FoundAfterwards).await,
        Err(error) => Err(StoreError::Corrupt { what: format!("the subject of job {}: {error}", job.id()) }),
    }
}

/// Fetches what was said and who said it. Where the author is in the signed delivery, both are asked for at once.
async fn read(
    services: &Services,
    job: &LeasedJob,
    message_id: &MessageId,
    person: Option<PersonId>,
    arrived: Arrived,
) -> Ended {
    let (message, actor) = tokio::join!(services.bot_client.message(message_id), async {
        match &person {
            Some(person) => Some(services.senders.person(person).await),
            None => None,
        }
    });
    services.note_bot_token(&message);
    match message {
        Ok(message) if message.is_undecryptable => {
            put_off(services, job, "the message could not be decrypted yet", None).await
        }
        Ok(message) if !is_said_to_us(services, &message) => nothing_to_do(services, job).await,
        Ok(message) => {
            let actor = match actor.filter(|_| person.as_ref() == Some(&message.person_id)) {
                Some(actor) => actor,
                None => services.senders.person(&message.person_id).await,
            };
            heard(services, job, &message, actor, arrived).await
        }
        Err(WebexError::NotFound(_)) if job.failures + 1 >= LOOKS_FOR_A_MESSAGE => {
            tracing::info!("a message was gone, or not to be seen, when it was fetched: nothing to do");
            nothing_to_do(services, job).await
        }
        Err(error) => put_off(services, job, "the message could not be fetched", Some(&error)).await,
    }
}

async fn nothing_to_do(services: &Services, job: &LeasedJob) -> Ended {
    services.store.record(job, Step::new(services.clock.now(), End::Done)).await
}

/// In a group space only what mentions the bot is for it: `@all` is not.
fn is_said_to_us(services: &Services, message: &ChatMessage) -> bool {
    message.person_id != services.bot.person_id
        && (!message.in_group || message.mentions.contains(&services.bot.person_id))
}

/// Runs the job again later, or gives up and says why.
async fn put_off(services: &Services, job: &LeasedJob, what: &str, error: Option<&WebexError>) -> Ended {
    let note = error.map_or_else(|| what.to_owned(), |error| format!("{what}: {error}"));
    if error.is_some_and(WebexError::is_paused) {
        tracing::debug!(note, "a delivery waits");
    } else {
        tracing::warn!(note, failures = job.failures + 1, "a delivery could not be understood yet");
    }
    let is_transient = match error {
        Some(error @ WebexError::Refused(_)) => error.is_token_rejected(),
        _ => true,
    };
    let now = services.clock.now();
    let end = if !is_transient || retry::gives_up_delivery(job, error, now) {
        End::Parked { note }
    } else {
        retry::again(job, error, now, note)
    };
    services.store.record(job, Step::new(now, end)).await
}

async fn heard(
    services: &Services,
    job: &LeasedJob,
    message: &ChatMessage,
    actor: Result<Actor, WebexError>,
    arrived: Arrived,
) -> Ended {
    let now = services.clock.now();
    let actor = match actor {
        Ok(actor) => actor,
        Err(error) if error.is_transient() && !retry::gives_up_delivery(job, Some(&error), now) => {
            return put_off(services, job, "the person could not be looked up", Some(&error)).await;
        }
        Err(error) => {
            tracing::warn!(%error, "a person could not be looked up");
            services.metrics.command("none", "could not check");
            let refused = Event::PersonRefused { rule: "could not be looked up".to_owned() };
            let step = Step::new(now, End::Done).audit(entry(message, None, refused, now)).post(answer(
                message,
                &cards::render(&Notice::could_not_check()),
                now,
            ));
            return services.store.record(job, step).await;
        }
    };
    let decision = decide(&services.policy, &services.bot, &Heard { message, actor: &actor, arrived, now });
    let (name, result) = (decision.command_name(), decision.result());
    let reading = match &decision {
        Decision::Accept { command, .. } => Reading::begin(&services.admin, command),
        _ => None,
    };
    let mut step = step_of(services, message, &actor, decision, now);
    let mut ahead = None;
    if let Some(reading) = reading {
        let (with_intent, what) = intend(services, step, message, &actor, reading).await;
        (step, ahead) = (with_intent, Some(what));
    }
    let follows = services.store.record(job, step).await?;
    if let (Some(ahead), Some(_)) = (ahead, &follows) {
        services.read_ahead.keep(CommandId::of_message(&message.id), ahead);
    }
    services.metrics.command(name, result);
    Ok(follows)
}

/// Writes down with the decision that the DELETE is about to be sent, if the device has been read by then.
async fn intend(
    services: &Services,
    step: Step,
    message: &ChatMessage,
    actor: &Actor,
    mut reading: Reading,
) -> (Step, Ahead) {
    let began = Instant::now();
    let now = services.clock.now();
    let progress = reading.intent(now).await;
    if let Some(progress) = progress
        && let (Some(event), Ok(stored)) = (progress.intent(), serde_json::to_string(&progress))
    {
        let id = CommandId::of_message(&message.id);
        let step = step.audit(entry(message, Some(actor), event, now)).progress(&id, stored);
        return (step, Ahead::Intended(progress, began));
    }
    (step, Ahead::Reading(reading))
}

/// Everything that follows from a decision.
fn step_of(
    services: &Services,
    message: &ChatMessage,
    actor: &Actor,
    decision: Decision,
    now: Timestamp,
) -> Step {
    let step = Step::new(now, End::Done);
    let entry = |event| entry(message, Some(actor), event, now);
    match decision {
        Decision::Ignore => step,
        Decision::Answer(reply) => {
            let step = match &reply {
                Reply::NotServed(denied) => {
                    step.audit(entry(Event::PersonRefused { rule: denied.as_str().to_owned() }))
                }
                _ => step,
            };
            let answer = answer(message, &reply::card(services, actor, &reply), now);
            if reply.is_a_hint() { step.hint(&actor.person_id, answer) } else { step.post(answer) }
        }
        Decision::Refuse { command, reason } => {
            let event =
                Event::CommandRefused { command: command.to_string(), rule: reason.rule().to_owned() };
            let card = cards::render(&reason.notice(now));
            step.audit(entry(event)).post(answer(message, &card, now))
        }
        Decision::Accept { command, rule } => {
            let event = Event::CommandAccepted { command: command.to_string(), rule: rule.to_owned() };
            step.audit(entry(event)).accept(NewCommand {
                id: CommandId::of_message(&message.id),
                thread: message.thread(),
                message_id: message.id.clone(),
                actor: actor.clone(),
                command,
                accepted_at: now,
            })
        }
    }
}

fn answer(message: &ChatMessage, card: &Card, now: Timestamp) -> NewMessage {
    let id = OutgoingId::answer_to(&CommandId::of_message(&message.id));
    services::message(id, &message.thread(), card, now)
}

fn entry(message: &ChatMessage, actor: Option<&Actor>, event: Event, now: Timestamp) -> Entry {
    Entry {
        at: now,
        actor: actor.cloned(),
        space_id: Some(message.space_id.as_str().to_owned()),
        message_id: Some(message.id.as_str().to_owned()),
        command_id: Some(CommandId::of_message(&message.id).to_string()),
        event,
    }
}
