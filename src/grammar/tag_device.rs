//! The grammar of `tag device` and `tag devices`.

use super::arguments::Arguments;
use super::command::Command;
use super::error::ParseError;
use super::expected::Expected;
use super::spec::CommandSpec;
use super::tags::TagChange;
use super::text::Tag;
use super::usage::Permission;
use super::word::Word;
use crate::domain::text::unquote;
use crate::filter::{Filter, looks_like_filter};
use crate::policy::Right;

pub(super) static TAG_DEVICE: CommandSpec = CommandSpec {
    name: "tag device",
    syntax: "tag device REF +NEW -OLD… [in org NAME]",
    summary: "Adds tags to one device and removes others; put a tag with spaces in double quotes, such as +\"floor 12\"",
    example: "tag device FOC2345ABCD +floor-12 -pilot",
    permission: Permission::Right(Right::Tag),
    aliases: &[],
    read: one,
};

pub(super) static TAG_DEVICES: CommandSpec = CommandSpec {
    name: "tag devices",
    syntax: "tag devices FILTER… +NEW -OLD… [in org NAME]",
    summary: "Changes the tags of all devices that match the filter; -KEY:VALUE is a filter, -OLD is a tag",
    example: "tag devices status:offline -tag:keep +retire",
    permission: Permission::Right(Right::Tag),
    aliases: &[],
    read: many,
};

fn one(arguments: &mut Arguments<'_>) -> Result<Command, ParseError> {
    let device = arguments.device()?;
    let (mut tags, mut org) = (TagWords::default(), None);
    while arguments.peek().is_some() {
        if !arguments.org_if_next(&mut org)? {
            let word = arguments.next(Expected::Tags)?;
            let change = signed(word).ok_or_else(|| arguments.unexpected(Expected::Tags, None))?;
            tags.take(change, arguments, word)?;
        }
    }
    Ok(Command::TagDevice { device, change: tags.finish(arguments)?, org })
}

fn many(arguments: &mut Arguments<'_>) -> Result<Command, ParseError> {
    let (mut filter, mut tags, mut org) = (Filter::default(), TagWords::default(), None);
    while let Some(word) = arguments.peek() {
        if arguments.org_if_next(&mut org)? {
            continue;
        }
        if let Some(change) = signed(word) {
            arguments.next(Expected::Tags)?;
            tags.take(change, arguments, word)?;
        } else {
            arguments.filter_term(&mut filter)?;
        }
    }
    // To select all devices, people must write name:*; a missing filter is an error.
    if filter.is_empty() {
        return Err(arguments.incomplete(Expected::Filter));
    }
    Ok(Command::TagDevices { filter, change: tags.finish(arguments)?, org })
}

/// Whether a tag is added, and the text behind the sign. A word with a minus and a key is a filter, even if the key is
/// misspelled: read as a tag, it would no longer exclude devices.
fn signed<'a>(word: &Word<'a>) -> Option<(bool, &'a str)> {
    match word.raw.split_at_checked(1)? {
        ("+", tag) => Some((true, tag)),
        ("-", tag) if tag.starts_with('"') || !looks_like_filter(tag) => Some((false, tag)),
        _ => None,
    }
}

#[derive(Default)]
struct TagWords {
    add: Vec<Tag>,
    remove: Vec<Tag>,
}

impl TagWords {
    fn take(
        &mut self,
        (adds, text): (bool, &str),
        arguments: &Arguments<'_>,
        word: &Word<'_>,
    ) -> Result<(), ParseError> {
        let bare = unquote(text).unwrap_or(text.into());
        let tag = Tag::parse(&bare).map_err(|error| arguments.invalid(word, error))?;
        if adds {
            self.add.push(tag);
        } else {
            self.remove.push(tag);
        }
        // The error points at the word that contradicts an earlier one.
        if self.add.iter().any(|tag| self.remove.contains(tag)) {
            let both = TagChange::new(self.add.clone(), self.remove.clone());
            both.map_err(|error| arguments.invalid(word, error))?;
        }
        Ok(())
    }

    fn finish(self, arguments: &Arguments<'_>) -> Result<TagChange, ParseError> {
        TagChange::new(self.add, self.remove).map_err(|_| arguments.incomplete(Expected::Tags))
    }
}
