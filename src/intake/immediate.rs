//! Answers that need nothing from Webex: help, about, whoami, and what was wrong with a line.

use super::decide::Reply;
use crate::cards::{self, About, Card, Help, HelpEntry, Notice, Pointer, WhoAmI};
use crate::commands::services::Services;
use crate::domain::Actor;
use crate::grammar::{ParseError, Topic, help_for};
use crate::policy::{ReadRight, Right};

pub(super) fn card(services: &Services, actor: &Actor, reply: &Reply) -> Card {
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
