//! What is done about a message. Pure: no clock, no I/O.

use jiff::{SignedDuration, Timestamp};

use crate::cards::Notice;
use crate::domain::Actor;
use crate::grammar::{self, Addressee, Command, ParseError, Permission, SpaceKind, Topic};
use crate::policy::{Denied, Policy};
use crate::webex::{BotIdentity, ChatMessage};

/// How old a message may be when it is decided on. An order from before an outage is not carried out after it:
/// who gave it may have found another way, or changed their mind.
pub const OLDEST_ORDER: SignedDuration = SignedDuration::from_mins(5);

/// The rule under which a word about a plan is taken: who may is decided by the plan, when it is looked at. Stored in
/// the audit log, so it must not change.
const AS_THE_PLAN_ASKS: &str = "as the plan asks";

/// A message with what is known about it.
#[derive(Debug, Clone, Copy)]
pub struct Heard<'a> {
    /// What was said.
    pub message: &'a ChatMessage,
    /// Who said it.
    pub actor: &'a Actor,
    /// How it came here.
    pub arrived: Arrived,
    /// When it is decided on.
    pub now: Timestamp,
}

/// How a message came to Steward.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrived {
    /// Webex delivered it.
    Delivered,
    /// Webex did not, and Steward found it afterwards.
    FoundAfterwards,
}

/// What is done about it.
#[derive(Debug, Clone, PartialEq)]
pub enum Decision {
    /// Nothing, in silence: another machine said it.
    Ignore,
    /// It is answered at once; nothing else happens.
    Answer(Reply),
    /// It is not allowed, and the person hears why.
    Refuse {
        /// What was asked for.
        command: Command,
        /// Why not.
        reason: Refusal,
    },
    /// It is carried out.
    Accept {
        /// What was asked for.
        command: Command,
        /// The rule that allows it.
        rule: &'static str,
    },
}

/// An answer for which nothing has to be looked up.
#[derive(Debug, Clone, PartialEq)]
pub enum Reply {
    /// What one may say here.
    Help {
        /// About one command only.
        topic: Option<Topic>,
    },
    /// What this bot is.
    About,
    /// Who the person is, as Steward sees it.
    WhoAmI,
    /// The line is no command.
    NotUnderstood {
        /// The line.
        line: String,
        /// What is wrong with it.
        error: ParseError,
    },
    /// The person is not answered here, whatever they say.
    NotServed(Denied),
}

/// Why a command is not carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The policy says no.
    Denied(Denied),
    /// It was written too long before it was seen.
    TooOld {
        /// When it was written, if Webex says so.
        written: Option<Timestamp>,
    },
    /// It was written while Steward was away.
    WhileAway {
        /// When it was written, if Webex says so.
        written: Option<Timestamp>,
    },
}

impl Reply {
    /// Whether it only tells how commands are written, to somebody who wrote none: that is not repeated again and
    /// again. What is wrong with a command is always said.
    #[must_use]
    pub fn is_a_hint(&self) -> bool {
        matches!(self, Self::NotUnderstood { error, .. } if error.is_about_no_command())
    }
}

impl Refusal {
    /// The rule, for the audit log. Stored: the words must not change.
    #[must_use]
    pub fn rule(&self) -> &'static str {
        match self {
            Self::Denied(denied) => denied.as_str(),
            Self::TooOld { .. } => "too old",
            Self::WhileAway { .. } => "while away",
        }
    }

    /// What the person reads.
    #[must_use]
    pub fn notice(&self, now: Timestamp) -> Notice {
        match self {
            Self::Denied(denied) => Notice::denied(*denied),
            Self::TooOld { written } => Notice::too_old(*written, now),
            Self::WhileAway { written } => Notice::while_away(*written, now),
        }
    }
}

impl Decision {
    /// The command it is about, as a label of a metric.
    #[must_use]
    pub fn command_name(&self) -> &'static str {
        match self {
            Self::Accept { command, .. } | Self::Refuse { command, .. } => command.name(),
            Self::Answer(Reply::Help { .. }) => "help",
            Self::Answer(Reply::About) => "about",
            Self::Answer(Reply::WhoAmI) => "whoami",
            Self::Answer(Reply::NotUnderstood { .. } | Reply::NotServed(_)) | Self::Ignore => "none",
        }
    }

    /// What was decided, as a label of a metric.
    #[must_use]
    pub fn result(&self) -> &'static str {
        match self {
            Self::Accept { .. } => "accepted",
            Self::Refuse { .. } | Self::Answer(Reply::NotServed(_)) => "refused",
            Self::Answer(Reply::NotUnderstood { .. }) => "not understood",
            Self::Answer(_) => "answered",
            Self::Ignore => "ignored",
        }
    }
}

/// Everything that will be done about one message.
#[must_use]
pub fn decide(policy: &Policy, bot: &BotIdentity, heard: &Heard<'_>) -> Decision {
    match policy.admits(heard.actor) {
        Ok(()) => {}
        Err(Denied::NotAHuman) => return Decision::Ignore,
        Err(denied) => return turned_away(bot, heard, denied),
    }
    let line = line_said(bot, heard.message);
    let command = match grammar::parse(&line) {
        Ok(command) => command,
        Err(error) => return Decision::Answer(Reply::NotUnderstood { line, error }),
    };
    let rule = match command.permission() {
        Permission::None => return Decision::Answer(reply_to(command)),
        Permission::Right(right) => policy.rule_for(heard.actor, right),
        Permission::OfThePlan => Ok(AS_THE_PLAN_ASKS),
    };
    match rule {
        Err(denied) => Decision::Refuse { command, reason: Refusal::Denied(denied) },
        Ok(rule) => match lateness(heard) {
            None => Decision::Accept { command, rule },
            Some(reason) => Decision::Refuse { command, reason },
        },
    }
}

/// Why a command comes too late, if it does.
fn lateness(heard: &Heard<'_>) -> Option<Refusal> {
    let written = heard.message.created;
    match heard.arrived {
        Arrived::FoundAfterwards => Some(Refusal::WhileAway { written }),
        Arrived::Delivered => match written {
            Some(at) if heard.now.duration_since(at) <= OLDEST_ORDER => None,
            _ => Some(Refusal::TooOld { written }),
        },
    }
}

/// What takes no right is answered at once.
fn reply_to(command: Command) -> Reply {
    match command {
        Command::About => Reply::About,
        Command::WhoAmI => Reply::WhoAmI,
        Command::Help { topic } => Reply::Help { topic },
        // These take a right, or what a plan asks, and are carried out instead.
        _ => Reply::Help { topic: None },
    }
}

/// Whoever is not served hears the same, whatever they say; a command that takes a right is a refused one.
fn turned_away(bot: &BotIdentity, heard: &Heard<'_>, denied: Denied) -> Decision {
    match grammar::parse(&line_said(bot, heard.message)) {
        Ok(command) if command.permission() != Permission::None => {
            Decision::Refuse { command, reason: Refusal::Denied(denied) }
        }
        _ => Decision::Answer(Reply::NotServed(denied)),
    }
}

fn line_said(bot: &BotIdentity, message: &ChatMessage) -> String {
    let addressee = Addressee { person_id: &bot.person_id, display_name: &bot.display_name };
    let space = if message.in_group { SpaceKind::Group } else { SpaceKind::Direct };
    grammar::addressed_line(message.html.as_deref(), message.text.as_deref(), &addressee, space)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{MessageId, OrgId, PersonId, SpaceId};

    fn said(line: &str, org: &str) -> Decision {
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
        decide(&policy, &bot, &Heard { message: &message, actor: &actor, arrived: Arrived::Delivered, now })
    }

    #[test]
    fn a_word_about_a_plan_is_taken_from_everybody_who_is_served_and_from_nobody_else() {
        for line in ["confirm K7Q2-M9", "cancel K7Q2-M9"] {
            let served = said(line, "acme");
            assert!(matches!(served, Decision::Accept { rule: AS_THE_PLAN_ASKS, .. }), "{served:?}");
            let stranger = said(line, "partner");
            let reason = Refusal::Denied(Denied::OtherOrganization);
            assert!(
                matches!(stranger, Decision::Refuse { reason: said, .. } if said == reason),
                "{stranger:?}"
            );
        }
        for line in ["list devices", "tag device x +y", "activate workspace x", "delete device x"] {
            let refused = said(line, "acme");
            let reason = Refusal::Denied(Denied::NotAnAdmin);
            assert!(
                matches!(refused, Decision::Refuse { reason: said, .. } if said == reason),
                "{refused:?}"
            );
        }
    }
}
