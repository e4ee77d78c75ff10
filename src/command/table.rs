//! The one table of commands: the parser, the help and the suggestions all read it.
//!
//! A command is known by its name or an alias, each of one or more words. A new command is a row here, a
//! variant of [`super::Command`] and a function that reads what follows the name.

use super::Command;
use super::error::ParseError;
use super::parse::{Arguments, about, delete_device, help, show_device, whoami};
use super::word::Word;
use crate::policy::Right;

/// One command as people see it.
#[derive(Debug)]
pub struct CommandSpec {
    /// The words it begins with. Stored in the audit log, so it must not change.
    pub name: &'static str,
    /// How to write it: capitals stand for what one fills in, brackets for what may be left out.
    pub syntax: &'static str,
    /// What it does, in one sentence without a final stop.
    pub summary: &'static str,
    /// A line that parses.
    pub example: &'static str,
    /// The right it takes; none for what everybody who is answered may ask.
    pub right: Option<Right>,
    /// Other words for the name.
    pub aliases: &'static [&'static str],
    /// Reads what follows the name.
    pub(super) read: fn(&mut Arguments<'_>) -> Result<Command, ParseError>,
}

impl CommandSpec {
    /// The name and then the aliases.
    pub(super) fn phrases(&self) -> impl Iterator<Item = &'static str> + use<> {
        std::iter::once(self.name).chain(self.aliases.iter().copied())
    }
}

/// Every command, in the order of the help.
pub static COMMANDS: [&CommandSpec; 5] = [&HELP, &ABOUT, &WHOAMI, &SHOW_DEVICE, &DELETE_DEVICE];

pub(super) static HELP: CommandSpec = CommandSpec {
    name: "help",
    syntax: "help [COMMAND]",
    summary: "Shows what you may do here, or how to write one command",
    example: "help delete device",
    right: None,
    aliases: &[],
    read: help,
};

pub(super) static ABOUT: CommandSpec = CommandSpec {
    name: "about",
    syntax: "about",
    summary: "Shows what this bot is and whom to ask",
    example: "about",
    right: None,
    aliases: &[],
    read: about,
};

pub(super) static WHOAMI: CommandSpec = CommandSpec {
    name: "whoami",
    syntax: "whoami",
    summary: "Shows who you are to this bot and what you may do",
    example: "whoami",
    right: None,
    aliases: &["who am i"],
    read: whoami,
};

pub(super) static SHOW_DEVICE: CommandSpec = CommandSpec {
    name: "show device",
    syntax: "show device REF",
    summary: "Shows one device; REF is its id",
    example: "show device Y2lzY29zcGFyazovL3VzL0RFVklDRS8x",
    right: Some(Right::Read),
    aliases: &[],
    read: show_device,
};

pub(super) static DELETE_DEVICE: CommandSpec = CommandSpec {
    name: "delete device",
    syntax: "delete device REF [because \"reason\"]",
    summary: "Deletes one device for good; REF is its id",
    example: "delete device Y2lzY29zcGFyazovL3VzL0RFVklDRS8x because \"moved to Berlin\"",
    right: Some(Right::Delete),
    aliases: &["remove device", "rm device"],
    read: delete_device,
};

/// Every name and alias with its command.
pub(super) fn phrases() -> impl Iterator<Item = (&'static CommandSpec, &'static str)> {
    COMMANDS.iter().flat_map(|spec| spec.phrases().map(|phrase| (*spec, phrase)))
}

/// The command of a name or an alias.
pub(super) fn spec_called(phrase: &str) -> Option<&'static CommandSpec> {
    phrases().find(|(_, known)| *known == phrase).map(|(spec, _)| spec)
}

/// The command that the words begin with, and how many of them are its name. The longest name wins.
pub(super) fn command_at_front(words: &[Word<'_>]) -> Option<(&'static CommandSpec, usize)> {
    phrases()
        .map(|(spec, phrase)| (spec, phrase, phrase.split(' ').count()))
        .filter(|(_, phrase, length)| words.get(..*length).is_some_and(|front| begins(phrase, front)))
        .max_by_key(|(_, _, length)| *length)
        .map(|(spec, _, length)| (spec, length))
}

/// Names and aliases whose beginning is all of the words.
pub(super) fn begun_by(words: &[Word<'_>]) -> impl Iterator<Item = (&'static CommandSpec, &'static str)> {
    phrases().filter(|(_, phrase)| begins(phrase, words))
}

/// Whether a command begins with this word.
pub(super) fn is_verb(word: &Word<'_>) -> bool {
    begun_by(std::slice::from_ref(word)).next().is_some()
}

/// Whether a phrase begins with the words, each of them whole.
fn begins(phrase: &str, words: &[Word<'_>]) -> bool {
    let mut fixed = phrase.split(' ');
    words.iter().all(|word| fixed.next().is_some_and(|fixed| word.is(fixed)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::parse;

    #[test]
    fn every_example_is_a_command_of_its_row() {
        for spec in COMMANDS {
            let command = parse(spec.example).unwrap();
            assert_eq!(command.name(), spec.name);
            assert_eq!(command.to_string(), spec.example);
            assert!(spec.syntax.starts_with(spec.name), "{}", spec.name);
            assert!(!spec.summary.ends_with('.'), "{}", spec.name);
        }
    }

    #[test]
    fn no_two_commands_share_a_phrase() {
        let mut known: Vec<_> = phrases().map(|(_, phrase)| phrase).collect();
        let count = known.len();
        known.sort_unstable();
        known.dedup();
        assert_eq!(known.len(), count);
        assert!(known.iter().all(|phrase| *phrase == phrase.to_lowercase()));
    }
}
