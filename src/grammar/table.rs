//! The table of commands, for the parser, help and suggestions; and the commands about the bot itself.
//!
//! A command has a name and possibly aliases, each of one or more words.

use std::ops::Range;

use super::activate::{ACTIVATE_PERSON, ACTIVATE_WORKSPACE};
use super::add_device::ADD_DEVICE;
use super::command::{Command, Topic};
use super::confirm::{CANCEL, CONFIRM};
use super::delete_device::DELETE_DEVICE;
use super::error::{Correction, ErrorKind, ParseError};
use super::list_devices::LIST_DEVICES;
use super::show_device::SHOW_DEVICE;
use super::spec::CommandSpec;
use super::tag_device::{TAG_DEVICE, TAG_DEVICES};
use super::usage::Permission;
use super::word::{Word, split};
use crate::filter::{distance, is_like};
use crate::policy::Right;

/// The topic of `help filters`.
const FILTERS: &str = "filters";

/// Every command, in the order of `help`.
pub(super) static COMMANDS: [&CommandSpec; 13] = [
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
    summary: "Lists the commands you may use here, or explains one",
    example: "help delete device",
    permission: Permission::None,
    aliases: &["/help", "?", "help me"],
    read: |arguments| {
        let topic = match arguments.rest() {
            [] => None,
            words => Some(Topic::from_words(arguments.line(), words)?),
        };
        Ok(Command::Help { topic })
    },
};

pub(super) static ABOUT: CommandSpec = CommandSpec {
    name: "about",
    syntax: "about",
    summary: "Shows what this bot is and who to ask about it",
    example: "about",
    permission: Permission::None,
    aliases: &["version"],
    read: |_| Ok(Command::About),
};

pub(super) static WHOAMI: CommandSpec = CommandSpec {
    name: "whoami",
    syntax: "whoami",
    summary: "Shows who you are to this bot and what you may do",
    example: "whoami",
    permission: Permission::None,
    aliases: &["who am i"],
    read: |_| Ok(Command::WhoAmI),
};

/// Every name and alias with its command.
fn phrases() -> impl Iterator<Item = (&'static CommandSpec, &'static str)> {
    COMMANDS.iter().flat_map(|spec| spec.phrases().map(|phrase| (*spec, phrase)))
}

/// The command at the front of the words, and the number of words in its name. The longest name wins.
pub(super) fn command_at_front(words: &[Word<'_>]) -> Option<(&'static CommandSpec, usize)> {
    phrases()
        .map(|(spec, phrase)| (spec, phrase, phrase.split(' ').count()))
        .filter(|(_, phrase, length)| words.get(..*length).is_some_and(|front| begins(phrase, front)))
        .max_by_key(|(_, _, length)| *length)
        .map(|(spec, _, length)| (spec, length))
}

/// Names and aliases that begin with all these words.
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

/// The command probably meant by the first words, and its name or alias. Finds `delte` and `dleete`, but
/// does not suggest `remove` for `move`.
pub(super) fn command_like(words: &[Word<'_>]) -> Option<(&'static CommandSpec, &'static str)> {
    let first = words.first().filter(|word| !word.quoted)?;
    let is_near = |phrase: &str| {
        let verb = phrase.split(' ').next().unwrap_or_default();
        is_like(&first.text, verb) || is_like(&first.text, phrase)
    };
    let difference = |phrase: &str| -> usize {
        words.iter().zip(phrase.split(' ')).map(|(word, meant)| distance(&word.text, meant)).sum()
    };
    phrases().filter(|(_, phrase)| is_near(phrase)).min_by_key(|(_, phrase)| difference(phrase))
}

/// The permitted commands of the topic, or all permitted commands. Empty if no command of the topic is permitted.
pub fn help_for(topic: Option<&Topic>, allowed: impl Fn(Right) -> bool) -> Vec<&'static CommandSpec> {
    COMMANDS
        .into_iter()
        .filter(|spec| topic.is_none_or(|topic| topic.covers(spec)))
        .filter(|spec| spec.permission.is_within(&allowed))
        .collect()
}

impl Topic {
    /// Parses the first words of a command's name or alias.
    fn parse(text: &str) -> Result<Self, ParseError> {
        match split(text) {
            (words, None) if !words.is_empty() => Self::from_words(text, &words),
            (words, _) => Err(unknown_topic(text, 0..text.len(), &words)),
        }
    }

    /// As [`Self::parse`], from at least one word of a line.
    fn from_words(line: &str, words: &[Word<'_>]) -> Result<Self, ParseError> {
        if let [word] = words
            && (word.is(FILTERS) || word.is("filter"))
        {
            return Ok(Self(FILTERS.to_owned()));
        }
        let mut names: Vec<_> = begun_by(words).map(|(spec, _)| spec.name).collect();
        names.dedup();
        match names.as_slice() {
            [] => {
                let start = words.first().map_or(0, |word| word.span.start);
                let end = words.last().map_or(line.len(), |word| word.span.end);
                Err(unknown_topic(line, start..end, words))
            }
            [name] => Ok(Self((*name).to_owned())),
            _ => Ok(Self(words.iter().map(|word| word.text.to_lowercase()).collect::<Vec<_>>().join(" "))),
        }
    }

    /// Whether it is the filters of lists rather than a command.
    pub fn is_filters(&self) -> bool {
        self.0 == FILTERS
    }

    fn covers(&self, spec: &CommandSpec) -> bool {
        spec.phrases().any(|phrase| {
            phrase.strip_prefix(&*self.0).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
        })
    }
}

fn unknown_topic(line: &str, span: Range<usize>, words: &[Word<'_>]) -> ParseError {
    let meant = command_like(words);
    let kind = ErrorKind::UnknownTopic { suggestion: meant.map(|(_, phrase)| phrase) };
    let mut error = ParseError::new(kind, line, span, HELP.usage());
    error.correction = meant.map(|(spec, phrase)| {
        Box::new(Correction { line: format!("help {phrase}"), permission: spec.permission })
    });
    error
}

impl TryFrom<String> for Topic {
    type Error = ParseError;

    fn try_from(text: String) -> Result<Self, ParseError> {
        Self::parse(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_commands_share_a_phrase() {
        let mut known: Vec<_> = phrases().map(|(_, phrase)| phrase).collect();
        let count = known.len();
        known.sort_unstable();
        known.dedup();
        assert_eq!(known.len(), count);
        assert!(known.iter().all(|phrase| *phrase == phrase.to_lowercase()));
    }

    fn names(topic: Option<&str>, allowed: impl Fn(Right) -> bool) -> Vec<&'static str> {
        let topic = topic.map(|text| Topic::parse(text).unwrap());
        help_for(topic.as_ref(), allowed).into_iter().map(|spec| spec.name).collect()
    }

    #[test]
    fn help_lists_only_permitted_commands() {
        let anybody = ["help", "about", "whoami"];
        let plans = ["confirm", "cancel"];
        assert_eq!(names(None, |_| false), anybody);
        for (right, its_own) in [
            (Right::Read, vec!["list devices", "show device"]),
            (Right::Delete, vec!["delete device"]),
            (Right::Tag, vec!["tag device", "tag devices"]),
            (Right::Provision, vec!["activate workspace", "activate person", "add device"]),
        ] {
            let expected = [&anybody[..], &its_own, &plans].concat();
            assert_eq!(names(None, |asked| asked == right), expected, "{right:?}");
        }
        assert_eq!(names(None, |_| true), COMMANDS.map(|spec| spec.name));
        assert_eq!(names(Some("delete"), |right| right == Right::Read), [] as [&str; 0]);
    }

    #[test]
    fn a_topic_is_the_beginning_of_a_command() {
        for (text, name) in [
            ("delete", "delete device"),
            ("delete device", "delete device"),
            (" DELETE  Device ", "delete device"),
            ("rm", "delete device"),
            ("rm device", "delete device"),
            ("remove device", "delete device"),
            ("show", "show device"),
            ("list", "list devices"),
            ("tag devices", "tag devices"),
            ("help", "help"),
            ("who am", "whoami"),
            ("version", "about"),
            ("?", "help"),
        ] {
            assert_eq!(names(Some(text), |_| true), [name], "{text}");
            assert_eq!(Topic::parse(text).unwrap().0, name, "{text}");
        }
    }

    #[test]
    fn other_words_are_not_topics() {
        for (text, suggested) in [
            ("delte", Some("delete device")),
            ("delete devices", Some("delete device")),
            ("delete device X", Some("delete device")),
            ("del", None),
            ("device", None),
            ("\"delete\"", None),
            ("delete \"", Some("delete device")),
            ("", None),
        ] {
            let error = Topic::parse(text).unwrap_err();
            assert_eq!(*error.kind, ErrorKind::UnknownTopic { suggestion: suggested }, "{text}");
        }
    }

    #[test]
    fn a_topic_is_stored_as_its_words() {
        let topic = Topic::parse("rm device").unwrap();
        assert_eq!(serde_json::to_string(&topic).unwrap(), "\"delete device\"");
        assert_eq!(serde_json::from_str::<Topic>("\"delete device\"").unwrap(), topic);
        assert!(serde_json::from_str::<Topic>("\"destroy\"").is_err());
    }

    #[test]
    fn typos_are_recognized() {
        for (line, meant) in [
            ("delte device X", Some("delete device")),
            ("delte", Some("delete device")),
            ("Dleete Device X", Some("delete device")),
            ("delete devices A B", Some("delete device")),
            ("deletedevice X", Some("delete device")),
            ("delete-device X", Some("delete device")),
            ("remoev device X", Some("remove device")),
            ("rm -rf", Some("rm device")),
            ("shwo device X", Some("show device")),
            ("hlep", Some("help")),
            ("abuot", Some("about")),
            ("who are you", Some("who am i")),
            ("whomi", Some("whoami")),
            ("move device X", None),
            ("lits devices", Some("list devices")),
            ("destroy device X", None),
            ("deactivate workspace X", None),
            ("unconfirm K7Q2-M9", None),
            ("please do NOT delete device X", None),
            ("\"delete\" device X", None),
            ("hi", None),
            ("日本", None),
            ("", None),
        ] {
            assert_eq!(command_like(&split(line).0).map(|(_, phrase)| phrase), meant, "{line}");
        }
    }

    #[test]
    fn a_very_long_word_is_like_nothing() {
        assert_eq!(command_like(&split(&"delete".repeat(2_000)).0).map(|(_, phrase)| phrase), None);
    }
}
