//! Fetches a message and its author, decides on it, and answers it or accepts its command.

use jiff::Timestamp;

use super::catch_up::earlier_answer;
use super::decide::{Decision, IncomingMessage, Origin, Refusal, Reply, decide};
use super::postpone::{FETCHES, nothing_to_do, postpone};
use crate::cards::{self, About, Card, FiltersHelp, Help, HelpEntry, Notice, Pointer, WhoAmI};
use crate::commands::reply::{self, Decided, JobOutcome};
use crate::commands::retry;
use crate::commands::services::Services;
use crate::domain::audit::{AuditEntry, AuditEvent};
use crate::domain::{Actor, MessageId, PersonId};
use crate::grammar::{ParseError, Topic, filter_help, help_for};
use crate::policy::{ReadRight, Right};
use crate::store::{AnswerLimit, CommandId, End, LeasedJob, LimitedAnswer, NewCommand, NewMessage};
use crate::store::{OutgoingId, Step};
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
            postpone(services, job, "could not read the message: Webex has not decrypted it yet", None)
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
                message_id = message_id.as_str(),
                "message not found: it was deleted, or is not visible"
            );
            nothing_to_do(services)
        }
        Err(error) => postpone(services, job, "could not fetch the message", Some(&error)),
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
            postpone(services, job, "could not look up the author", Some(&error))
        }
        Err(error) => {
            tracing::warn!(person = message.person_id.as_str(), %error, "could not look up a person");
            let refused = AuditEvent::PersonRefused { rule: "could not be looked up".to_owned() };
            let card = cards::render(&Notice::could_not_check());
            let step = Step::new(now, End::Done)
                .audit(entry(message, None, refused, now))
                .post_limited(limited(message, Some(AnswerLimit::Loop), &card, now));
            decided_on(message, "none", "could not check").with(step)
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
    let decided = decided_on(message, decision.command_name(), decision.result());
    let step = step_of(services, &incoming, decision);
    decided.with(step)
}

fn decided_on(message: &ChatMessage, command: &'static str, decision: &'static str) -> Decided {
    Decided {
        command,
        decision,
        person: message.person_id.clone(),
        space: message.space_id.clone(),
        message: message.id.clone(),
        command_id: CommandId::of_message(&message.id),
    }
}

/// The consequences of a decision: an answer or an accepted command, with the audit entry.
fn step_of(services: &Services, incoming: &IncomingMessage<'_>, decision: Decision) -> Step {
    let IncomingMessage { message, actor, origin, now } = *incoming;
    let step = Step::new(now, End::Done);
    let entry = |event| entry(message, Some(actor), event, now);
    let limit = decision.answer_limit(origin);
    let post = |step: Step, card: &Card, brief: Option<&Card>| {
        step.post_limited(LimitedAnswer {
            brief: brief.map(|brief| answer(message, brief, now)),
            ..limited(message, limit, card, now)
        })
    };
    match decision {
        Decision::Ignore => step,
        Decision::Answer(reply) => {
            let step = match &reply {
                Reply::NotServed(denied) => {
                    step.audit(entry(AuditEvent::PersonRefused { rule: denied.as_str().to_owned() }))
                }
                _ => step,
            };
            let brief = reply.is_a_hint().then(|| cards::render(&Notice::not_understood_again()));
            post(step, &reply_card(services, actor, &reply), brief.as_ref())
        }
        Decision::Refuse { command, reason } => {
            let event =
                AuditEvent::CommandRefused { command: command.to_string(), rule: reason.rule().to_owned() };
            let deviation = services.bot_client.clock_deviation().filter(|_| reason.is_about_time());
            let card = cards::render(&reason.notice(now).with_clock(deviation));
            post(step.audit(entry(event)), &card, None)
        }
        Decision::Accept { command, rule } => {
            let event = AuditEvent::CommandAccepted { command: command.to_string(), rule: rule.to_owned() };
            step.audit(entry(event)).accept(NewCommand {
                id: CommandId::of_message(&message.id),
                thread: message.thread(),
                message_id: message.id.clone(),
                actor: actor.clone(),
                command,
                shown: None,
                decided_at: message.created.unwrap_or(now),
                accepted_at: now,
            })
        }
    }
}

fn answer(message: &ChatMessage, card: &Card, now: Timestamp) -> NewMessage {
    let id = OutgoingId::answer_to(&CommandId::of_message(&message.id));
    reply::message(id, &message.thread(), card, now)
}

fn limited(message: &ChatMessage, limit: Option<AnswerLimit>, card: &Card, now: Timestamp) -> LimitedAnswer {
    let person = message.person_id.clone();
    LimitedAnswer { limit, person, message: answer(message, card, now), brief: None }
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
        Reply::NotUnderstood { line, error } => {
            let error = error.clone().within(|right| services.policy.allows(actor, right));
            cards::render(&not_understood(line, &error))
        }
        Reply::NotServed(denied) => cards::render(&Notice::denied(*denied)),
    }
}

fn help(services: &Services, actor: &Actor, topic: Option<&Topic>) -> Card {
    if topic.is_some_and(Topic::is_filters) && services.policy.allows(actor, Right::Read) {
        return filters();
    }
    let specs = help_for(topic, |right| services.policy.allows(actor, right));
    let entries: Vec<HelpEntry<'_>> = specs
        .iter()
        .map(|spec| HelpEntry { syntax: spec.syntax, summary: spec.summary, example: spec.example })
        .collect();
    let has_rights = services.policy.allows(actor, Right::Read);
    cards::render(&Help { entries: &entries, has_rights })
}

fn filters() -> Card {
    let filters = filter_help();
    let entries: Vec<HelpEntry<'_>> = filters
        .iter()
        .map(|help| HelpEntry { syntax: &help.syntax, summary: &help.summary, example: &help.example })
        .collect();
    cards::render(&FiltersHelp { entries: &entries })
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
    Notice::not_understood(pointer, &error.to_string(), error.advice().as_deref(), None)
}
