//! What a message says to the bot: its html without the bot's mention, or its text without the bot's name.
//!
//! In a group space the bot hears only what mentions it, and the mention is no part of the command. The html
//! marks it with an element, which is exact ([`super::markup`]). The text has only the label, which is the
//! whole display name or its first word; there it is taken from the front of the line and nowhere else. In a
//! direct space people type just the command, so from a text nothing is taken: a bot called *Delete Bot*
//! must not lose the verb.
//!
//! It never decides whether the bot is meant: that is known from the list of people a message mentions.

use super::markup::text_without_mentions_of;
use crate::domain::PersonId;
use crate::domain::text::normalize;

/// The one who is spoken to: the bot.
#[derive(Debug, Clone, Copy)]
pub struct Addressee<'a> {
    /// By which mentions in html are known.
    pub person_id: &'a PersonId,
    /// By which mentions in a text are known.
    pub display_name: &'a str,
}

/// Where something is said, and so whether a mention is expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpaceKind {
    /// Between one person and the bot: no mention is needed.
    Direct,
    /// With several people: a message gets here only by a mention.
    Group,
}

/// The line that is said to the bot, fit for [`super::parse`]; empty when there is nothing but the mention.
///
/// The html counts; the text only when there is none. Every blank in the line is a plain one, every double
/// quote is `"`, and there is no control character in it.
#[must_use]
pub fn addressed_line(
    html: Option<&str>,
    text: Option<&str>,
    bot: &Addressee<'_>,
    space: SpaceKind,
) -> String {
    if let Some(html) = html.filter(|html| !html.trim().is_empty()) {
        return normalize(&text_without_mentions_of(bot.person_id, html));
    }
    let line = normalize(text.unwrap_or_default());
    match space {
        SpaceKind::Direct => line,
        SpaceKind::Group => without_name(&line, bot.display_name).to_owned(),
    }
}

/// The line without the label of a mention at its front: the whole name if it stands there, else its first
/// word.
fn without_name<'a>(line: &'a str, name: &str) -> &'a str {
    let name = normalize(name);
    let first = name.split(' ').next().unwrap_or_default();
    let said = line.strip_prefix('@').unwrap_or(line);
    [name.as_str(), first].into_iter().find_map(|label| after_label(said, label)).unwrap_or(line)
}

/// What follows a label, if the line begins with it word for word.
fn after_label<'a>(said: &'a str, label: &str) -> Option<&'a str> {
    let mut rest = said;
    for word in label.split(' ') {
        let (found, after) = rest.split_once(' ').unwrap_or((rest, ""));
        if found.is_empty() || found.to_lowercase() != word.to_lowercase() {
            return None;
        }
        rest = after;
    }
    Some(rest)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn line(html: Option<&str>, text: Option<&str>, name: &str, space: SpaceKind) -> String {
        let bot = PersonId::parse("bot").unwrap();
        addressed_line(html, text, &Addressee { person_id: &bot, display_name: name }, space)
    }

    #[test]
    fn in_a_group_the_name_is_taken_from_the_front_of_a_text() {
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
            ("Steward Desk", "Steward: delete device X", "Steward: delete device X"),
            ("Steward Desk", "Stew delete device X", "Stew delete device X"),
            ("Steward Desk", "@ Steward help", "@ Steward help"),
            ("Steward Desk", "@", "@"),
            ("", "delete device X", "delete device X"),
            ("", "@", "@"),
            ("Steward Desk", "", ""),
        ] {
            assert_eq!(line(None, Some(text), name, SpaceKind::Group), expected, "{name}: {text}");
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
            assert_eq!(line(None, Some(text), name, SpaceKind::Direct), text, "{name}");
        }
    }

    #[test]
    fn the_html_counts_and_the_text_only_without_it() {
        let html = "<p><spark-mention data-object-type=\"person\" data-object-id=\"bot\">Delete</spark-mention> \
                    delete device X because &ldquo;moved&rdquo;</p>";
        for space in [SpaceKind::Direct, SpaceKind::Group] {
            let said = line(Some(html), Some("something else"), "Delete Bot", space);
            assert_eq!(said, "delete device X because \"moved\"");
            assert_eq!(line(Some("<p>delete it</p>"), None, "Delete Bot", space), "delete it");
            assert_eq!(line(Some(" "), Some("help"), "Steward", space), "help");
            assert_eq!(line(None, None, "Steward", space), "");
        }
    }

    proptest! {
        #[test]
        fn no_message_is_too_odd(
            html in prop::option::of(any::<String>()),
            text in prop::option::of(any::<String>()),
            name in any::<String>(),
            group in any::<bool>(),
        ) {
            let space = if group { SpaceKind::Group } else { SpaceKind::Direct };
            let said = line(html.as_deref(), text.as_deref(), &name, space);
            prop_assert!(!said.chars().any(char::is_control));
            prop_assert_eq!(said.trim(), &said);
        }
    }
}
