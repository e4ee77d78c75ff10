//! The line addressed to the bot: a message's html without the bot's mention, or its text without the bot's name.
//!
//! In a group space the bot gets only messages that mention it. The html marks the mention with an element, which is
//! exact ([`super::markup`]). The text has only a label, the whole display name or its first word, which is removed
//! only from the front of the line. In a direct space people type just the command, so nothing is removed from a text:
//! if the bot is called *Delete Bot*, the verb must stay.
//!
//! A sign right behind a mention (`@Steward, help`) and a full stop at the end of the line are not part of a command.
//!
//! This module does not decide whether the bot is mentioned; the message has a list of mentioned people.

use super::line::{plain_line, without_sign};
use super::markup::text_without_mentions_of;
use crate::domain::PersonId;
use crate::domain::text::{comparison_key, normalize};

/// The bot as the addressee of a message.
#[derive(Debug, Clone, Copy)]
pub struct Addressee<'a> {
    /// The id of the bot, which identifies mentions in html.
    pub person_id: &'a PersonId,
    /// The name of the bot, which identifies mentions in a text.
    pub display_name: &'a str,
}

/// The kind of a space, which decides whether a mention is expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpaceKind {
    /// One person and the bot: no mention is needed.
    Direct,
    /// Several people: every message for the bot mentions it.
    Group,
}

/// The line for [`super::parse()`]; empty if the message is only the mention.
///
/// Taken from the html, or from the text if there is no html. Plain: spaces, quotes and dashes as on a keyboard, no
/// control characters. Hidden characters inside a word stay for the parser to report.
pub fn addressed_line(
    html: Option<&str>,
    text: Option<&str>,
    bot: &Addressee<'_>,
    space: SpaceKind,
) -> String {
    let line = if let Some(html) = html.filter(|html| !html.trim().is_empty()) {
        plain_line(&text_without_mentions_of(bot.person_id, html))
    } else {
        let line = plain_line(text.unwrap_or_default());
        match space {
            SpaceKind::Direct => line,
            SpaceKind::Group => without_name(&line, bot.display_name).to_owned(),
        }
    };
    without_full_stop(&line).to_owned()
}

/// The line without a full stop at its end. Two full stops may be a part of a path, and stay.
fn without_full_stop(line: &str) -> &str {
    match line.strip_suffix('.') {
        Some(rest) if !rest.ends_with(['.', ' ']) => rest,
        _ => line,
    }
}

/// The line without the label of a mention at its front: the whole name, or only its first word.
fn without_name<'a>(line: &'a str, name: &str) -> &'a str {
    let name = normalize(name);
    let first = name.split(' ').next().unwrap_or_default();
    let rest = line.strip_prefix('@').unwrap_or(line);
    [name.as_str(), first].into_iter().find_map(|label| after_label(rest, label)).unwrap_or(line)
}

/// The text after a label, if the line begins with it word for word, and without the sign behind it.
fn after_label<'a>(line: &'a str, label: &str) -> Option<&'a str> {
    let mut rest = line;
    for (at, word) in label.split(' ').enumerate() {
        if at > 0 {
            rest = rest.strip_prefix(' ')?;
        }
        let end = rest.find([' ', ',', ':', ';', '.', '!']).unwrap_or(rest.len());
        if end == 0 || comparison_key(&rest[..end]) != comparison_key(word) {
            return None;
        }
        rest = &rest[end..];
    }
    let is_whole = rest.is_empty() || rest.starts_with(' ') || without_sign(rest) != rest;
    is_whole.then(|| without_sign(rest).trim_start())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn line_of(html: Option<&str>, text: Option<&str>, name: &str, space: SpaceKind) -> String {
        let bot = PersonId::parse("bot").unwrap();
        addressed_line(html, text, &Addressee { person_id: &bot, display_name: name }, space)
    }

    #[test]
    fn in_a_group_the_name_is_removed_from_the_front_of_a_text() {
        for (name, text, expected) in [
            ("Steward Desk", "Steward Desk delete device X", "delete device X"),
            ("Steward Desk", "Steward delete device X", "delete device X"),
            ("Steward Desk", "steward DESK delete device X", "delete device X"),
            ("Steward Desk", "@Steward Desk delete device X", "delete device X"),
            ("Steward Desk", "@Steward delete device X", "delete device X"),
            ("Steward Desk", "Steward\u{a0}Desk\u{2003}delete device X", "delete device X"),
            ("Steward\u{a0} Desk", "Steward Desk delete device X", "delete device X"),
            ("Steward Desk", "Steward Desk", ""),
            ("Steward Desk", "Steward", ""),
            ("Steward Desk", "Steward Steward Desk help", "Steward Desk help"),
            ("Gerät ÄÖ", "gerät äö help", "help"),
            ("Delete Bot", "Delete delete device X", "delete device X"),
            ("Steward Desk", "delete device X", "delete device X"),
            ("Steward Desk", "delete device X Steward", "delete device X Steward"),
            ("Steward Desk", "Stewardship delete device X", "Stewardship delete device X"),
            ("Steward Desk", "Steward: delete device X", "delete device X"),
            ("Steward Desk", "Steward, delete device X.", "delete device X"),
            ("Steward Desk", "@Steward Desk - help", "help"),
            ("Steward Desk", "Steward -tag:x", "-tag:x"),
            ("Steward Desk", "Steward ..", ".."),
            ("Steward Desk", "Steward.X help", "Steward.X help"),
            ("Steward Desk", "Stew delete device X", "Stew delete device X"),
            ("Steward Desk", "@ Steward help", "@ Steward help"),
            ("Steward Desk", "@", "@"),
            ("", "delete device X", "delete device X"),
            ("", "@", "@"),
            ("Steward Desk", "", ""),
        ] {
            assert_eq!(line_of(None, Some(text), name, SpaceKind::Group), expected, "{name}: {text}");
        }
    }

    #[test]
    fn in_a_direct_space_a_text_stays_whole() {
        for (name, text) in [
            ("Steward Desk", "delete device X"),
            ("Delete Bot", "delete device X"),
            ("Help", "help"),
            ("Steward Desk", "Steward delete device X"),
        ] {
            assert_eq!(line_of(None, Some(text), name, SpaceKind::Direct), text, "{name}");
        }
    }

    #[test]
    fn the_text_is_used_only_without_html() {
        let html = "<p><spark-mention data-object-type=\"person\" data-object-id=\"bot\">Delete</spark-mention> \
                    delete device X because &ldquo;moved&rdquo;</p>";
        for space in [SpaceKind::Direct, SpaceKind::Group] {
            let line = line_of(Some(html), Some("something else"), "Delete Bot", space);
            assert_eq!(line, "delete device X because \"moved\"");
            assert_eq!(line_of(Some("<p>delete it</p>"), None, "Delete Bot", space), "delete it");
            assert_eq!(line_of(Some(" "), Some("help"), "Steward", space), "help");
            assert_eq!(line_of(None, None, "Steward", space), "");
        }
    }

    proptest! {
        #[test]
        fn no_message_breaks_it(
            html in prop::option::of(any::<String>()),
            text in prop::option::of(any::<String>()),
            name in any::<String>(),
            group in any::<bool>(),
        ) {
            let space = if group { SpaceKind::Group } else { SpaceKind::Direct };
            let line = line_of(html.as_deref(), text.as_deref(), &name, space);
            prop_assert!(!line.chars().any(char::is_control));
            prop_assert_eq!(line.trim(), &line);
        }
    }
}
