//! The one table of commands: the parser, the help and the suggestions all read it.
//!
//! A command is known by its name or an alias, each of one or more words. A new command is a row here, a
//! variant of [`super::Command`] and a function that reads what follows the name.

use super::Command;
use super::arguments::Arguments;
use super::error::ParseError;
use super::readers;
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
    /// What it takes to ask for it.
    pub permission: Permission,
    /// Other words for the name.
    pub aliases: &'static [&'static str],
    /// Reads what follows the name.
    pub(super) read: fn(&mut Arguments<'_>) -> Result<Command, ParseError>,
}

/// What it takes to ask for something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// Nothing: everybody who is answered at all may.
    None,
    /// This right.
    Right(Right),
    /// What the plan asks that it is about: the plan says who may confirm it.
    ByPlan,
}

impl Permission {
    /// The right, where it is one that is known before anything is looked up.
    #[must_use]
    pub fn right(self) -> Option<Right> {
        match self {
            Self::Right(right) => Some(right),
            Self::None | Self::ByPlan => None,
        }
    }

    /// Whether it is given to somebody who has these rights. Plans are made by people who have some right.
    pub fn is_within(self, allowed: impl Fn(Right) -> bool) -> bool {
        match self {
            Self::None => true,
            Self::Right(right) => allowed(right),
            Self::ByPlan => Right::ALL.into_iter().any(allowed),
        }
    }
}

impl CommandSpec {
    /// The name and then the aliases.
    pub(super) fn phrases(&self) -> impl Iterator<Item = &'static str> + use<> {
        std::iter::once(self.name).chain(self.aliases.iter().copied())
    }
}

/// Every command, in the order of the help.
pub static COMMANDS: [&CommandSpec; 13] = [
    &HELP,
    &ABOUT,
    &WHOAMI,
    &LIST_DEVICES,
    &SHOW_DEVICE,
    &DELETE_DEVICE,
    &TAG_DEVICE,
    &TAG_DEVICES,
    &ACTIVATE_WORKSPACE,
    &ACTIVATE_PERSON,
    &ADD_DEVICE,
    &CONFIRM,
    &CANCEL,
];

pub(super) static HELP: CommandSpec = CommandSpec {
    name: "help",
    syntax: "help [COMMAND]",
    summary: "Shows what you may do here, or how to write one command",
    example: "help delete device",
    permission: Permission::None,
    aliases: &[],
    read: readers::help,
};

pub(super) static ABOUT: CommandSpec = CommandSpec {
    name: "about",
    syntax: "about",
    summary: "Shows what this bot is and whom to ask",
    example: "about",
    permission: Permission::None,
    aliases: &[],
    read: readers::about,
};

pub(super) static WHOAMI: CommandSpec = CommandSpec {
    name: "whoami",
    syntax: "whoami",
    summary: "Shows who you are to this bot and what you may do",
    example: "whoami",
    permission: Permission::None,
    aliases: &["who am i"],
    read: readers::whoami,
};

pub(super) static LIST_DEVICES: CommandSpec = CommandSpec {
    name: "list devices",
    syntax: "list devices [FILTER…] [sort:KEY] [page:N] [csv] [in org NAME]",
    summary: "Lists devices; FILTER is as status:offline, name:BER-*, -tag:keep or last-seen:>90d; csv sends all of them as a file",
    example: "list devices status:offline last-seen:>90d sort:-last-seen",
    permission: Permission::Right(Right::Read),
    aliases: &[],
    read: readers::list_devices,
};

pub(super) static SHOW_DEVICE: CommandSpec = CommandSpec {
    name: "show device",
    syntax: "show device REF [in org NAME]",
    summary: "Shows one device; REF is its id, serial number, MAC address or name, in quotes where it has blanks; a quote in it is written twice",
    example: "show device \"BER-4 Panorama\"",
    permission: Permission::Right(Right::Read),
    aliases: &[],
    read: readers::show_device,
};

pub(super) static DELETE_DEVICE: CommandSpec = CommandSpec {
    name: "delete device",
    syntax: "delete device REF [because \"reason\"] [in org NAME]",
    summary: "Deletes one device for good; REF is its id, serial number, MAC address or name",
    example: "delete device FOC2345ABCD because \"moved to Berlin\"",
    permission: Permission::Right(Right::Delete),
    aliases: &["remove device", "rm device"],
    read: readers::delete_device,
};

pub(super) static TAG_DEVICE: CommandSpec = CommandSpec {
    name: "tag device",
    syntax: "tag device REF +NEW -OLD… [in org NAME]",
    summary: "Adds tags to one device and removes others; quotes hold blanks, as +\"floor 12\"",
    example: "tag device FOC2345ABCD +floor-12 -pilot",
    permission: Permission::Right(Right::Tag),
    aliases: &[],
    read: readers::tag_device,
};

pub(super) static TAG_DEVICES: CommandSpec = CommandSpec {
    name: "tag devices",
    syntax: "tag devices FILTER… +NEW -OLD… [in org NAME]",
    summary: "Does the same with all devices of a filter; -KEY:VALUE is a filter and -OLD a tag",
    example: "tag devices status:offline -tag:keep +retire",
    permission: Permission::Right(Right::Tag),
    aliases: &[],
    read: readers::tag_devices,
};

pub(super) static ACTIVATE_WORKSPACE: CommandSpec = CommandSpec {
    name: "activate workspace",
    syntax: "activate workspace REF [model M] [in org NAME]",
    summary: "Sends you a code that activates a device in a workspace; REF is its name or id",
    example: "activate workspace \"BER-4 Panorama\"",
    permission: Permission::Right(Right::Provision),
    aliases: &[],
    read: readers::activate_workspace,
};

pub(super) static ACTIVATE_PERSON: CommandSpec = CommandSpec {
    name: "activate person",
    syntax: "activate person EMAIL [model M] [in org NAME]",
    summary: "Sends you a code that activates a device of a person",
    example: "activate person ana@example.com model \"DMS Cisco 8865\"",
    permission: Permission::Right(Right::Provision),
    aliases: &[],
    read: readers::activate_person,
};

pub(super) static ADD_DEVICE: CommandSpec = CommandSpec {
    name: "add device",
    syntax: "add device mac MAC model M to workspace REF [in org NAME], or to person EMAIL",
    summary: "Adds a phone by its MAC address",
    example: "add device mac 11:22:33:44:AA:FF model \"DMS Cisco 8865\" to workspace Lobby",
    permission: Permission::Right(Right::Provision),
    aliases: &[],
    read: readers::add_device,
};

pub(super) static CONFIRM: CommandSpec = CommandSpec {
    name: "confirm",
    syntax: "confirm CODE",
    summary: "Does what a card asked you about; CODE stands on the card",
    example: "confirm K7Q2-M9",
    permission: Permission::ByPlan,
    aliases: &[],
    read: readers::confirm,
};

pub(super) static CANCEL: CommandSpec = CommandSpec {
    name: "cancel",
    syntax: "cancel CODE",
    summary: "Drops what a card asked you about; CODE stands on the card",
    example: "cancel K7Q2-M9",
    permission: Permission::ByPlan,
    aliases: &[],
    read: readers::cancel,
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
    use crate::grammar::parse;

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
