//! The decision about a message. Pure: no clock, no I/O.

use jiff::{SignedDuration, Timestamp};

use crate::cards::Notice;
use crate::domain::Actor;
use crate::grammar::{self, Addressee, Command, ParseError, Permission, SpaceKind, Topic};
use crate::policy::{AS_THE_PLAN_ASKS, Denied, Policy};
use crate::store::AnswerLimit;
use crate::webex::{BotIdentity, ChatMessage};

/// How old a message may be when its command is accepted. A command from before an outage is not carried out
/// afterwards: its author may have found another way or changed their mind.
pub(super) const MAX_COMMAND_AGE: SignedDuration = SignedDuration::from_mins(5);

/// A message with its author, the way it arrived, and the moment of the decision.
#[derive(Debug, Clone, Copy)]
pub(super) struct IncomingMessage<'a> {
    pub(super) message: &'a ChatMessage,
    pub(super) actor: &'a Actor,
    pub(super) origin: Origin,
    pub(super) now: Timestamp,
}

/// How a message reached Steward.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    Delivered,
    /// Steward found it later, after a delivery gap.
    CaughtUp,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Decision {
    /// A bot wrote the message.
    Ignore,
    /// Answer at once, without a job.
    Answer(Reply),
    Refuse {
        command: Command,
        reason: Refusal,
    },
    /// Carry out the command, which this rule allows.
    Accept {
        command: Command,
        rule: &'static str,
    },
}

/// An answer that needs no call to Webex.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Reply {
    Help {
        /// `None` lists all commands.
        topic: Option<Topic>,
    },
    About,
    WhoAmI,
    NotUnderstood {
        line: String,
        error: ParseError,
    },
    /// Steward does not serve this person.
    NotServed(Denied),
}

/// Why a command is not carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    Denied(Denied),
    TooOld {
        written: Option<Timestamp>,
    },
    /// Written while Steward was down.
    WhileAway {
        written: Option<Timestamp>,
        earlier: EarlierAnswer,
    },
}

/// Whether the thread of a message holds an answer that Steward has no record of. A database that was restored from a
/// backup has lost the last answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EarlierAnswer {
    None,
    Found,
    /// The thread cannot be read.
    Unknown,
}

impl Reply {
    /// Whether the answer only explains the syntax to a person who did not write a command. Further hints soon after are
    /// one line; an error in a command is always explained.
    pub(super) fn is_a_hint(&self) -> bool {
        matches!(self, Self::NotUnderstood { error, .. } if error.is_chat())
    }
}

impl Refusal {
    /// The rule in the audit log. Stored: the words must not change.
    pub(super) fn rule(&self) -> &'static str {
        match self {
            Self::Denied(denied) => denied.as_str(),
            Self::TooOld { .. } => "too old",
            Self::WhileAway { .. } => "while away",
        }
    }

    /// Whether a wrong clock may be the reason.
    pub(super) fn is_about_time(&self) -> bool {
        matches!(self, Self::TooOld { .. })
    }

    pub(super) fn notice(&self, now: Timestamp) -> Notice {
        match self {
            Self::Denied(denied) => Notice::denied(*denied),
            Self::TooOld { written } => Notice::too_old(*written, now),
            Self::WhileAway { written, earlier: EarlierAnswer::None } => Notice::while_away(*written, now),
            Self::WhileAway { written, earlier: EarlierAnswer::Found } => {
                Notice::answered_before(*written, now)
            }
            Self::WhileAway { written, earlier: EarlierAnswer::Unknown } => {
                Notice::not_run_now(*written, now)
            }
        }
    }
}

impl Decision {
    /// The limit of the answer. None for commands that the person may give, and none of a loop for messages that were
    /// missed.
    pub(super) fn answer_limit(&self, origin: Origin) -> Option<AnswerLimit> {
        let limit = match self {
            Self::Answer(Reply::NotServed(_)) => Some(AnswerLimit::Stranger),
            Self::Refuse { reason: Refusal::Denied(denied), .. } => Some(limit_of(*denied)),
            Self::Answer(Reply::NotUnderstood { .. }) => Some(AnswerLimit::Loop),
            Self::Refuse { reason: Refusal::TooOld { .. } | Refusal::WhileAway { .. }, .. }
            | Self::Answer(Reply::Help { .. } | Reply::About | Reply::WhoAmI)
            | Self::Accept { .. }
            | Self::Ignore => None,
        };
        limit.filter(|limit| origin == Origin::Delivered || *limit == AnswerLimit::Stranger)
    }

    /// The command as a metric label.
    pub(super) fn command_name(&self) -> &'static str {
        match self {
            Self::Accept { command, .. } | Self::Refuse { command, .. } => command.name(),
            Self::Answer(Reply::Help { .. }) => "help",
            Self::Answer(Reply::About) => "about",
            Self::Answer(Reply::WhoAmI) => "whoami",
            Self::Answer(Reply::NotUnderstood { .. } | Reply::NotServed(_)) | Self::Ignore => "none",
        }
    }

    /// The result as a metric label.
    pub(super) fn result(&self) -> &'static str {
        match self {
            Self::Accept { .. } => "accepted",
            Self::Refuse { .. } | Self::Answer(Reply::NotServed(_)) => "refused",
            Self::Answer(Reply::NotUnderstood { .. }) => "not understood",
            Self::Answer(_) => "answered",
            Self::Ignore => "ignored",
        }
    }
}

/// The limit of a refusal.
pub(super) fn limit_of(denied: Denied) -> AnswerLimit {
    if denied.is_stranger() { AnswerLimit::Stranger } else { AnswerLimit::Loop }
}

/// Decides on one message.
pub(super) fn decide(policy: &Policy, bot: &BotIdentity, incoming: &IncomingMessage<'_>) -> Decision {
    match policy.admits(incoming.actor) {
        Ok(()) => {}
        Err(Denied::NotAHuman) => return Decision::Ignore,
        Err(denied) => return not_served(bot, incoming, denied),
    }
    let line = command_line(bot, incoming.message);
    let command = match grammar::parse(&line) {
        Ok(command) => command,
        Err(error) => return Decision::Answer(Reply::NotUnderstood { line, error }),
    };
    let rule = match command.permission() {
        Permission::None => return Decision::Answer(reply_to(command)),
        Permission::Right(right) => policy.rule_for(incoming.actor, right),
        Permission::ByPlan => Ok(AS_THE_PLAN_ASKS),
    };
    match rule {
        Err(denied) => Decision::Refuse { command, reason: Refusal::Denied(denied) },
        Ok(rule) => match lateness(incoming) {
            None => Decision::Accept { command, rule },
            Some(reason) => Decision::Refuse { command, reason },
        },
    }
}

/// The reason why a command comes too late, if it does.
fn lateness(incoming: &IncomingMessage<'_>) -> Option<Refusal> {
    let written = incoming.message.created;
    match incoming.origin {
        Origin::CaughtUp => Some(Refusal::WhileAway { written, earlier: EarlierAnswer::Unknown }),
        Origin::Delivered => match written {
            Some(at) if incoming.now.duration_since(at) <= MAX_COMMAND_AGE => None,
            _ => Some(Refusal::TooOld { written }),
        },
    }
}

/// The answer to a command that needs no right.
fn reply_to(command: Command) -> Reply {
    match command {
        Command::About => Reply::About,
        Command::WhoAmI => Reply::WhoAmI,
        Command::Help { topic } => Reply::Help { topic },
        // All other commands need a right or a plan, and become jobs.
        _ => Reply::Help { topic: None },
    }
}

/// A person who is not served gets the same answer to everything; a command that needs a right counts as refused.
fn not_served(bot: &BotIdentity, incoming: &IncomingMessage<'_>, denied: Denied) -> Decision {
    match grammar::parse(&command_line(bot, incoming.message)) {
        Ok(command) if command.permission() != Permission::None => {
            Decision::Refuse { command, reason: Refusal::Denied(denied) }
        }
        _ => Decision::Answer(Reply::NotServed(denied)),
    }
}

fn command_line(bot: &BotIdentity, message: &ChatMessage) -> String {
    let addressee = Addressee { person_id: &bot.person_id, display_name: &bot.display_name };
    let space = if message.in_group { SpaceKind::Group } else { SpaceKind::Direct };
    grammar::addressed_line(message.html.as_deref(), message.text.as_deref(), &addressee, space)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{MessageId, OrgId, PersonId, SpaceId};

    fn decision_on(line: &str, org: &str) -> Decision {
        let person = PersonId::parse("ben").unwrap();
        let actor = Actor {
            person_id: person.clone(),
            org_id: OrgId::parse(org).ok(),
            email: None,
            display_name: "Ben".to_owned(),
            is_machine: false,
        };
        let bot = BotIdentity {
            person_id: PersonId::parse("steward").unwrap(),
            display_name: "Steward".to_owned(),
        };
        let now = "2026-04-02T08:16:00Z".parse().unwrap();
        let message = ChatMessage {
            id: MessageId::parse("message").unwrap(),
            parent_id: None,
            space_id: SpaceId::parse("space").unwrap(),
            in_group: false,
            person_id: person,
            is_by_a_bot: false,
            mentions: Vec::new(),
            is_undecryptable: false,
            text: Some(line.to_owned()),
            html: None,
            created: Some(now),
        };
        let policy = Policy::new([PersonId::parse("ana").unwrap()], [OrgId::parse("acme").unwrap()]);
        decide(
            &policy,
            &bot,
            &IncomingMessage { message: &message, actor: &actor, origin: Origin::Delivered, now },
        )
    }

    #[test]
    fn only_answers_to_strangers_and_to_lines_that_are_no_permitted_command_are_limited() {
        for line in ["hello", "delete device", "delete device x"] {
            let (served, stranger) = (decision_on(line, "acme"), decision_on(line, "partner"));
            assert_eq!(served.answer_limit(Origin::Delivered), Some(AnswerLimit::Loop), "{line}");
            assert_eq!(served.answer_limit(Origin::CaughtUp), None, "{line}");
            for origin in [Origin::Delivered, Origin::CaughtUp] {
                assert_eq!(stranger.answer_limit(origin), Some(AnswerLimit::Stranger), "{line}");
            }
        }
        for line in ["help", "about", "whoami", "cancel K7Q2-M9"] {
            let (served, stranger) = (decision_on(line, "acme"), decision_on(line, "partner"));
            assert_eq!(served.answer_limit(Origin::Delivered), None, "{line}");
            assert_eq!(stranger.answer_limit(Origin::Delivered), Some(AnswerLimit::Stranger), "{line}");
        }
        let command = grammar::parse("delete device x").unwrap();
        let while_away = Refusal::WhileAway { written: None, earlier: EarlierAnswer::Found };
        for reason in [Refusal::TooOld { written: None }, while_away] {
            let refused = Decision::Refuse { command: command.clone(), reason };
            assert_eq!(refused.answer_limit(Origin::Delivered), None);
        }
    }

    #[test]
    fn anyone_served_may_confirm_and_cancel_but_no_stranger() {
        for line in ["confirm K7Q2-M9", "cancel K7Q2-M9"] {
            let served = decision_on(line, "acme");
            assert!(matches!(served, Decision::Accept { rule: AS_THE_PLAN_ASKS, .. }), "{served:?}");
            let stranger = decision_on(line, "partner");
            let reason = Refusal::Denied(Denied::OtherOrganization);
            assert!(
                matches!(stranger, Decision::Refuse { reason: actual, .. } if actual == reason),
                "{stranger:?}"
            );
        }
        for line in ["list devices", "tag device x +y", "activate workspace x", "delete device x"] {
            let refused = decision_on(line, "acme");
            let reason = Refusal::Denied(Denied::NotAnAdmin);
            assert!(
                matches!(refused, Decision::Refuse { reason: actual, .. } if actual == reason),
                "{refused:?}"
            );
        }
    }
}
