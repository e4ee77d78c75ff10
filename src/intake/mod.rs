//! From a stored delivery to a decision: fetch what was said, find out who said it, decide, and commit the
//! decision with everything that follows from it in one transaction.

pub mod decide;
pub mod envelope;
mod reply;

use jiff::Timestamp;

use crate::audit::{Entry, Event};
use crate::cards::{self, Notice};
use crate::domain::{Actor, MessageId};
use crate::jobs::{Desk, retry};
use crate::store::{Claimed, CommandId, End, NewCommand, NewMessage, OutgoingId, Step, StoreError};
use crate::webex::{ChatMessage, WebexError};
use decide::{Decision, Heard, decide};
use envelope::Envelope;

/// Understands one delivery.
pub async fn understand(desk: &Desk, claimed: &Claimed) -> Result<(), StoreError> {
    let envelope = claimed.body.as_deref().and_then(Envelope::parse);
    let message = envelope.as_ref().filter(|envelope| !envelope.is_by_a_bot(&desk.bot.person_id));
    let Some(message_id) = message.and_then(Envelope::new_message) else {
        return desk.store.record(claimed, Step::new(desk.clock.now(), End::Done)).await;
    };
    // The person is in the signed delivery, so both can be asked for at once.
    let person = message.and_then(Envelope::person);
    let (message, actor) = tokio::join!(desk.bot_client.message(&message_id), async {
        match &person {
            Some(person) => Some(desk.bot_client.person(person).await),
            None => None,
        }
    });
    match message {
        Ok(message) if message.is_sealed => {
            put_off(desk, claimed, "the message could not be decrypted yet", None).await
        }
        Ok(message) if !is_said_to_us(desk, &message) => {
            desk.store.record(claimed, Step::new(desk.clock.now(), End::Done)).await
        }
        Ok(message) => {
            let actor = match actor.filter(|_| person.as_ref() == Some(&message.person_id)) {
                Some(actor) => actor,
                None => desk.bot_client.person(&message.person_id).await,
            };
            heard(desk, claimed, &message, actor).await
        }
        Err(WebexError::NotFound(_)) => {
            tracing::info!("a message was gone, or not to be seen, when it was fetched: nothing to do");
            desk.store.record(claimed, Step::new(desk.clock.now(), End::Done)).await
        }
        Err(error) => put_off(desk, claimed, "the message could not be fetched", Some(&error)).await,
    }
}

/// In a group space only what mentions the bot is for it: `@all` is not.
fn is_said_to_us(desk: &Desk, message: &ChatMessage) -> bool {
    message.person_id != desk.bot.person_id
        && (!message.in_group || message.mentions.contains(&desk.bot.person_id))
}

/// Runs the job again later, or gives up and says why.
async fn put_off(
    desk: &Desk,
    claimed: &Claimed,
    what: &str,
    error: Option<&WebexError>,
) -> Result<(), StoreError> {
    let note = error.map_or_else(|| what.to_owned(), |error| format!("{what}: {error}"));
    if error.is_some_and(WebexError::rejects_the_token) {
        desk.bot_token_was_rejected();
    }
    tracing::warn!(note, attempt = claimed.attempt, "a delivery could not be understood yet");
    let may_pass = error.is_none_or(|error| error.may_pass() || error.rejects_the_token());
    let end = retry::again_or_park(claimed, error, may_pass, desk.clock.now(), note);
    desk.store.record(claimed, Step::new(desk.clock.now(), end)).await
}

async fn heard(
    desk: &Desk,
    claimed: &Claimed,
    message: &ChatMessage,
    actor: Result<Actor, WebexError>,
) -> Result<(), StoreError> {
    let now = desk.clock.now();
    let actor = match actor {
        Ok(actor) => actor,
        Err(error) if error.may_pass() && !retry::is_last(claimed) => {
            return put_off(desk, claimed, "the person could not be looked up", Some(&error)).await;
        }
        Err(error) => {
            tracing::warn!(%error, "a person could not be looked up");
            desk.metrics.command("unknown", "could not check");
            let step = Step::new(now, End::Done).post(answer(
                message,
                &cards::render(&Notice::could_not_check()),
                now,
            ));
            return desk.store.record(claimed, step).await;
        }
    };
    let heard = Heard { message, actor: &actor, first_seen: claimed.arrived_at };
    let decision = decide(&desk.policy, &desk.bot, &heard);
    desk.metrics.command(decision.command_name(), decision.result());
    let step = step_of(desk, message, &actor, decision, now);
    desk.store.record(claimed, step).await
}

/// Everything that follows from a decision.
fn step_of(desk: &Desk, message: &ChatMessage, actor: &Actor, decision: Decision, now: Timestamp) -> Step {
    let step = Step::new(now, End::Done);
    let entry = |event| entry(message, actor, event, now);
    match decision {
        Decision::Ignore => step,
        Decision::Answer(reply) => step.post(answer(message, &reply::card(desk, actor, &reply, now), now)),
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
                space_id: message.space_id.clone(),
                thread_root: message.thread_root().clone(),
                message_id: message.id.clone(),
                actor: actor.clone(),
                command,
                accepted_at: now,
            })
        }
    }
}

fn answer(message: &ChatMessage, card: &cards::Card, now: Timestamp) -> NewMessage {
    answer_to(&message.id, message, card, now)
}

fn answer_to(id: &MessageId, message: &ChatMessage, card: &cards::Card, now: Timestamp) -> NewMessage {
    NewMessage {
        id: OutgoingId::answer_to(&CommandId::of_message(id)),
        space_id: message.space_id.clone(),
        parent_id: message.thread_root().clone(),
        text: card.text().to_owned(),
        card: Some(card.content().clone()),
        at: now,
    }
}

fn entry(message: &ChatMessage, actor: &Actor, event: Event, now: Timestamp) -> Entry {
    Entry {
        at: now,
        actor: Some(actor.clone()),
        space_id: Some(message.space_id.as_str().to_owned()),
        message_id: Some(message.id.as_str().to_owned()),
        command_id: Some(CommandId::of_message(&message.id).to_string()),
        event,
    }
}
