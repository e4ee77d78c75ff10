//! Fetches a message and its author, decides on it, and answers it or accepts its command.

use jiff::Timestamp;
use tokio::time::Instant;

use super::catch_up::earlier_answer;
use super::decide::{Decision, IncomingMessage, Origin, Refusal, Reply, decide};
use super::postpone::{FETCHES, nothing_to_do, postpone};
use crate::cards::{self, About, Card, Help, HelpEntry, Notice, Pointer, WhoAmI};
use crate::commands::delete_device;
use crate::commands::prefetch::{PendingRead, Prefetched};
use crate::commands::reply::{self, AfterCommit, JobOutcome};
use crate::commands::retry;
use crate::commands::services::Services;
use crate::domain::audit::{AuditEntry, AuditEvent};
use crate::domain::{Actor, MessageId, PersonId};
use crate::grammar::{ParseError, Topic, help_for};
use crate::policy::{ReadRight, Right};
use crate::store::{CommandId, End, LeasedJob, NewCommand, NewMessage, OutgoingId, Step};
use crate::webex::{ChatMessage, WebexError};

/// Fetches a message and its author. If the signed delivery names the author, both are fetched at the same time.
pub(super) async fn run(
    services: &Services,
    job: &LeasedJob,
    message_id: &MessageId,
    person: Option<PersonId>,
    origin: Origin,
) -> JobOutcome {
    let (message, actor) = tokio::join!(services.bot_client.message(message_id), async {
        match &person {
            Some(person) => Some(services.senders.person(person).await),
            None => None,
        }
    });
    services.note_bot_token(&message);
    match message {
        Ok(message) if message.is_undecryptable => {
            postpone(services, job, "Webex has not decrypted the message yet", None)
        }
        Ok(message) if !is_addressed_to_bot(services, &message) => nothing_to_do(services),
        Ok(message) => {
            let actor = match actor.filter(|_| person.as_ref() == Some(&message.person_id)) {
                Some(actor) => actor,
                None => services.senders.person(&message.person_id).await,
            };
            with_author(services, job, &message, actor, origin).await
        }
        Err(WebexError::NotFound(_)) if job.failures + 1 >= FETCHES => {
            tracing::info!(
                message = message_id.as_str(),
                "message not found: it was deleted, or is not visible"
            );
            nothing_to_do(services)
        }
        Err(error) => postpone(services, job, "cannot fetch the message", Some(&error)),
    }
}

/// In a group space the bot must be mentioned by name; `@all` does not count.
fn is_addressed_to_bot(services: &Services, message: &ChatMessage) -> bool {
    message.person_id != services.bot.person_id
        && (!message.in_group || message.mentions.contains(&services.bot.person_id))
}

async fn with_author(
    services: &Services,
    job: &LeasedJob,
    message: &ChatMessage,
    actor: Result<Actor, WebexError>,
    origin: Origin,
) -> JobOutcome {
    let now = services.clock.now();
    match actor {
        Ok(actor) => decided(services, job, message, &actor, origin, now).await,
        Err(error) if error.is_transient() && !retry::gives_up_delivery(job, Some(&error), now) => {
            postpone(services, job, "cannot look up the author", Some(&error))
        }
        Err(error) => {
            tracing::warn!(person = message.person_id.as_str(), %error, "cannot look up a person");
            let refused = AuditEvent::PersonRefused { rule: "could not be looked up".to_owned() };
            let card = cards::render(&Notice::could_not_check());
            let step = Step::new(now, End::Done)
                .audit(entry(message, None, refused, now))
                .post(answer(message, &card, now));
            let after_commit =
                AfterCommit::MessageDecided { command: "none", result: "could not check", prefetched: None };
            JobOutcome { step, after_commit: Some(after_commit) }
        }
    }
}

async fn decided(
    services: &Services,
    job: &LeasedJob,
    message: &ChatMessage,
    actor: &Actor,
    origin: Origin,
    now: Timestamp,
) -> JobOutcome {
    let incoming = IncomingMessage { message, actor, origin, now };
    let mut decision = decide(&services.policy, &services.bot, &incoming);
    if let Decision::Refuse { reason: Refusal::WhileAway { earlier, .. }, .. } = &mut decision {
        match earlier_answer(services, job, message).await {
            Ok(found) => *earlier = found,
            Err(later) => return *later,
        }
    }
    let (command, result) = (decision.command_name(), decision.result());
    let read = match &decision {
        Decision::Accept { command, .. }
            if !services.prefetch.is_declined(&CommandId::of_message(&message.id)) =>
        {
            PendingRead::begin(&services.admin, command)
        }
        _ => None,
    };
    let mut step = step_of(services, message, actor, decision, now);
    let mut prefetched = None;
    if let Some(read) = read {
        let (with_intent, kept) = with_intent(services, step, message, actor, read).await;
        (step, prefetched) = (with_intent, Some((CommandId::of_message(&message.id), kept)));
    }
    let after_commit = AfterCommit::MessageDecided { command, result, prefetched };
    JobOutcome { step, after_commit: Some(after_commit) }
}

/// Adds the intent to send the DELETE to the decision, if the device was read in time.
async fn with_intent(
    services: &Services,
    step: Step,
    message: &ChatMessage,
    actor: &Actor,
    mut read: PendingRead,
) -> (Step, Prefetched) {
    let began = Instant::now();
    let now = services.clock.now();
    let progress = delete_device::intent(&mut read, now).await;
    if let Some(progress) = progress
        && let (Some(event), Ok(stored)) = (progress.intent(), serde_json::to_string(&progress))
    {
        let id = CommandId::of_message(&message.id);
        let step = step.audit(entry(message, Some(actor), event, now)).progress(&id, stored.clone());
        return (step, Prefetched::Intent(stored, began));
    }
    (step, Prefetched::Read(Box::new(read)))
}

/// The consequences of a decision: an answer or an accepted command, with the audit entry.
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
                    step.audit(entry(AuditEvent::PersonRefused { rule: denied.as_str().to_owned() }))
                }
                _ => step,
            };
            let answer = answer(message, &reply_card(services, actor, &reply), now);
            if reply.is_a_hint() { step.hint(&actor.person_id, answer) } else { step.post(answer) }
        }
        Decision::Refuse { command, reason } => {
            let event =
                AuditEvent::CommandRefused { command: command.to_string(), rule: reason.rule().to_owned() };
            let card = cards::render(&reason.notice(now));
            step.audit(entry(event)).post(answer(message, &card, now))
        }
        Decision::Accept { command, rule } => {
            let event = AuditEvent::CommandAccepted { command: command.to_string(), rule: rule.to_owned() };
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
    reply::message(id, &message.thread(), card, now)
}

fn entry(message: &ChatMessage, actor: Option<&Actor>, event: AuditEvent, now: Timestamp) -> AuditEntry {
    let command_id = CommandId::of_message(&message.id);
    AuditEntry::new(now, event).by(actor).about(&message.space_id, &message.id, &command_id)
}

/// The card of an answer that needs no call to Webex.
fn reply_card(services: &Services, actor: &Actor, reply: &Reply) -> Card {
    match reply {
        Reply::Help { topic } => help(services, actor, topic.as_ref()),
        Reply::About => cards::render(&About { version: env!("CARGO_PKG_VERSION") }),
        Reply::WhoAmI => who_am_i(services, actor),
        Reply::NotUnderstood { line, error } => cards::render(&not_understood(line, error)),
        Reply::NotServed(denied) => cards::render(&Notice::denied(*denied)),
    }
}

fn help(services: &Services, actor: &Actor, topic: Option<&Topic>) -> Card {
    let specs = help_for(topic, |right| services.policy.allows(actor, right));
    let entries: Vec<HelpEntry<'_>> = specs
        .iter()
        .map(|spec| HelpEntry { syntax: spec.syntax, summary: spec.summary, example: spec.example })
        .collect();
    let has_rights = services.policy.allows(actor, Right::Read);
    cards::render(&Help { entries: &entries, has_rights })
}

fn who_am_i(services: &Services, actor: &Actor) -> Card {
    let rights: Vec<Right> =
        Right::ALL.into_iter().filter(|right| services.policy.allows(actor, *right)).collect();
    let rights = match services.policy.authorize::<ReadRight>(actor) {
        Ok(_) => Ok(rights.as_slice()),
        Err(denied) => Err(denied),
    };
    cards::render(&WhoAmI { actor, rights })
}

fn not_understood(line: &str, error: &ParseError) -> Notice {
    let pointer = Pointer { line: line.to_owned(), span: error.span() };
    Notice::not_understood(pointer, &error.to_string(), Some(&error.advice()), None)
}
