//! What `help` answers with: rows of the table of commands, and only those a person may use here.
//!
//! It renders nothing and decides nothing: who may do what is asked of the caller.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::error::{ParseError, excerpt};
use super::suggest::command_like;
use super::table::{self, COMMANDS, CommandSpec};
use super::word::{Word, split};
use crate::policy::Right;

/// What somebody wants explained: a command, or several that begin with the same words.
///
/// It is the name of the command where only one fits (`help rm` asks for `delete device`), else the words
/// in lower case. Stored as that text.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Topic(String);

impl Topic {
    /// Takes the beginning of a command's name or alias, in whole words.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        match split(text) {
            (words, None) if !words.is_empty() => Self::from_words(text, &words),
            (words, _) => Err(unknown(text, 0..text.len(), &words)),
        }
    }

    /// The same for words of a line; there is at least one.
    pub(super) fn from_words(line: &str, words: &[Word<'_>]) -> Result<Self, ParseError> {
        let mut names: Vec<_> = table::begun_by(words).map(|(spec, _)| spec.name).collect();
        names.dedup();
        match names.as_slice() {
            [] => {
                let start = words.first().map_or(0, |word| word.span.start);
                let end = words.last().map_or(line.len(), |word| word.span.end);
                Err(unknown(line, start..end, words))
            }
            [name] => Ok(Self((*name).to_owned())),
            _ => Ok(Self(words.iter().map(|word| word.text.to_lowercase()).collect::<Vec<_>>().join(" "))),
        }
    }

    /// The words it stands for.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn covers(&self, spec: &CommandSpec) -> bool {
        spec.phrases().any(|phrase| {
            phrase.strip_prefix(self.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
        })
    }
}

fn unknown(line: &str, span: std::ops::Range<usize>, words: &[Word<'_>]) -> ParseError {
    ParseError::UnknownTopic { found: excerpt(&line[span.clone()]), suggestion: command_like(words), span }
}

/// The commands to explain, in the order of the table: those of the topic, or all, as far as they are
/// allowed. With a topic, nothing means that its commands are not allowed.
pub fn help_for(topic: Option<&Topic>, allowed: impl Fn(Right) -> bool) -> Vec<&'static CommandSpec> {
    COMMANDS
        .into_iter()
        .filter(|spec| topic.is_none_or(|topic| topic.covers(spec)))
        .filter(|spec| spec.permission.is_within(&allowed))
        .collect()
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Topic {
    type Error = ParseError;

    fn try_from(text: String) -> Result<Self, ParseError> {
        Self::parse(&text)
    }
}

impl From<Topic> for String {
    fn from(topic: Topic) -> Self {
        topic.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(topic: Option<&str>, allowed: impl Fn(Right) -> bool) -> Vec<&'static str> {
        let topic = topic.map(|text| Topic::parse(text).unwrap());
        help_for(topic.as_ref(), allowed).into_iter().map(|spec| spec.name).collect()
    }

    #[test]
    fn help_names_only_what_one_may_do() {
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
        ] {
            assert_eq!(names(Some(text), |_| true), [name], "{text}");
            assert_eq!(Topic::parse(text).unwrap().as_str(), name, "{text}");
        }
    }

    #[test]
    fn what_no_command_begins_with_is_no_topic() {
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
            let Err(ParseError::UnknownTopic { suggestion, .. }) = Topic::parse(text) else {
                panic!("{text} is a topic");
            };
            assert_eq!(suggestion, suggested, "{text}");
        }
    }

    #[test]
    fn the_database_holds_the_words() {
        let topic = Topic::parse("rm device").unwrap();
        assert_eq!(serde_json::to_string(&topic).unwrap(), "\"delete device\"");
        assert_eq!(serde_json::from_str::<Topic>("\"delete device\"").unwrap(), topic);
        assert!(serde_json::from_str::<Topic>("\"destroy\"").is_err());
    }
}
