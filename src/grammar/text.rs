//! Short texts in commands (names, tags, reasons): one plain line of bounded length, and their notation in a command.

use std::convert::identity;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::text::Quoted;
use crate::domain::text::normalize;
use crate::filter::has_filter_key;

/// Words that have a meaning at or after a name, so a name that contains them needs quotes.
pub(super) const FIXED_WORDS: [&str; 5] = ["because", "in", "model", "to", "csv"];

/// Why a text is not valid here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidText {
    /// The text has no visible character.
    #[error("expected {what} of 1 to {longest} characters, found nothing")]
    Empty {
        /// The expected kind of text.
        what: &'static str,
        /// The most characters allowed.
        longest: usize,
    },
    /// The text has too many characters.
    #[error("expected {what} of 1 to {longest} characters, found {length} characters")]
    TooLong {
        /// The expected kind of text.
        what: &'static str,
        /// The most characters allowed.
        longest: usize,
        /// The number of characters found.
        length: usize,
    },
    /// The text has a forbidden character.
    #[error("expected {what} without {character:?}")]
    Character {
        /// The expected kind of text.
        what: &'static str,
        /// The first forbidden character.
        character: char,
    },
}

fn checked(
    text: &str,
    what: &'static str,
    longest: usize,
    forbidden: &[char],
) -> Result<String, InvalidText> {
    let wrong = |c: &char| c.is_control() || forbidden.contains(c);
    if let Some(character) = text.trim().chars().find(wrong) {
        return Err(InvalidText::Character { what, character });
    }
    let text = normalize(text);
    match text.chars().count() {
        0 => Err(InvalidText::Empty { what, longest }),
        length if length > longest => Err(InvalidText::TooLong { what, longest, length }),
        _ => Ok(text),
    }
}

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident: $what:literal, $longest:literal, $forbidden:expr, $finish:expr;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Parses a text as typed. Surrounding spaces are dropped and repeated ones become one.
            pub fn parse(text: &str) -> Result<Self, InvalidText> {
                checked(text, $what, $longest, $forbidden).map($finish).map(Self)
            }

            /// The text. Comes from outside: never markup.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidText;

            fn try_from(text: String) -> Result<Self, InvalidText> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(text: $name) -> Self {
                text.0
            }
        }
    )+};
}

texts! {
    /// The name or id of an organization; looked up when the command runs.
    OrgName: "the name of an organization", 256, &[], identity;
    /// The name or id of a workspace; looked up when the command runs.
    WorkspaceReference: "the name or id of a workspace", 512, &[], identity;
    /// A model as Webex spells it: `DMS Cisco 8865`, `Cisco 9861`.
    Model: "a model", 64, &[], identity;
    /// A tag of a device. Webex lists tags separated by commas, so a tag has none.
    Tag: "a tag", 128, &[','], identity;
    /// Why a device is deleted. Printed in double quotes, so double quotes in it become single ones.
    Reason: "a reason", 500, &[], |reason| reason.replace('"', "'");
}

/// A name in the notation of a command: in quotes unless it is a plain word without another meaning.
pub(super) struct NameWord<'a>(pub(super) &'a str);

/// A tag in the notation of a command, without its sign: in quotes unless it is a plain word.
pub(super) struct TagWord<'a>(pub(super) &'a str);

impl fmt::Display for NameWord<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain = |c: char| c.is_alphanumeric() || "-_.:=@".contains(c);
        let is_plain = self.0.starts_with(char::is_alphanumeric)
            && self.0.chars().all(plain)
            // A full stop at the end of a line is not part of a command.
            && !self.0.ends_with('.')
            && !FIXED_WORDS.iter().any(|word| word.eq_ignore_ascii_case(self.0))
            && !has_filter_key(self.0);
        write_text(f, self.0, is_plain)
    }
}

impl fmt::Display for TagWord<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain = |c: char| c.is_alphanumeric() || "-_.".contains(c);
        write_text(f, self.0, self.0.chars().all(plain) && !self.0.ends_with('.'))
    }
}

fn write_text(f: &mut fmt::Formatter<'_>, text: &str, is_plain: bool) -> fmt::Result {
    if is_plain { f.write_str(text) } else { write!(f, "{}", Quoted(text)) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_text_is_one_plain_line() {
        for (text, tag) in [("pilot", "pilot"), (" floor  12 ", "floor 12"), ("Größe 日本", "Größe 日本")]
        {
            assert_eq!(Tag::parse(text).unwrap().as_str(), tag);
        }
        assert_eq!(WorkspaceReference::parse("The “big” room").unwrap().as_str(), "The \"big\" room");
        assert_eq!(OrgName::parse("Acme, Inc.").unwrap().to_string(), "Acme, Inc.");
    }

    #[test]
    fn other_texts_are_not_tags_or_models() {
        let long = "ä".repeat(129);
        for (text, error) in [
            ("", "expected a tag of 1 to 128 characters, found nothing"),
            (" \u{200b}", "expected a tag of 1 to 128 characters, found nothing"),
            ("a,b", "expected a tag without ','"),
            ("a\nb", "expected a tag without '\\n'"),
            (&*long, "expected a tag of 1 to 128 characters, found 129 characters"),
        ] {
            assert_eq!(Tag::parse(text).unwrap_err().to_string(), error, "{text:?}");
        }
        assert!(Model::parse(&"x".repeat(64)).is_ok() && Model::parse(&"x".repeat(65)).is_err());
        assert!(serde_json::from_str::<WorkspaceReference>("\"\"").is_err());
    }

    #[test]
    fn a_reason_has_no_double_quotes() {
        let longest = "ä".repeat(500);
        for (text, reason) in [
            ("moved to Berlin", "moved to Berlin"),
            ("  moved  to Berlin ", "moved to Berlin"),
            ("the \"old\" one", "the 'old' one"),
            ("the “old” one’s", "the 'old' one's"),
            ("x", "x"),
            (&*longest, &*longest),
        ] {
            assert_eq!(Reason::parse(text).map(String::from), Ok(reason.to_owned()), "{text}");
        }
    }

    #[test]
    fn other_texts_are_not_reasons() {
        let too_long = "ä".repeat(501);
        for (text, error) in [
            ("", "expected a reason of 1 to 500 characters, found nothing"),
            (" \u{a0} ", "expected a reason of 1 to 500 characters, found nothing"),
            ("\n", "expected a reason of 1 to 500 characters, found nothing"),
            ("\u{200b}", "expected a reason of 1 to 500 characters, found nothing"),
            ("a\nb", "expected a reason without '\\n'"),
            ("a\u{0}b", "expected a reason without '\\0'"),
            ("a\u{1b}[31mb", "expected a reason without '\\u{1b}'"),
            (&*too_long, "expected a reason of 1 to 500 characters, found 501 characters"),
        ] {
            assert_eq!(Reason::parse(text).unwrap_err().to_string(), error, "{text:?}");
        }
    }

    #[test]
    fn a_reason_is_stored_as_text_and_checked_when_read() {
        let reason: Reason = serde_json::from_str("\"moved\"").unwrap();
        assert_eq!(serde_json::to_string(&reason).unwrap(), "\"moved\"");
        assert!(serde_json::from_str::<Reason>("\"\"").is_err());
    }

    proptest! {
        #[test]
        fn a_text_parses_to_itself(text in any::<String>()) {
            if let Ok(name) = WorkspaceReference::parse(&text) {
                prop_assert!(!name.as_str().chars().any(char::is_control));
                prop_assert_eq!(WorkspaceReference::parse(name.as_str()), Ok(name.clone()));
            }
            if let Ok(reason) = Reason::parse(&text) {
                prop_assert!(!reason.as_str().contains('"'));
                prop_assert!(!reason.as_str().chars().any(char::is_control));
                prop_assert_eq!(Reason::parse(reason.as_str()), Ok(reason.clone()));
            }
        }
    }
}
