//! Short texts that a command carries on: names and tags as people wrote them.
//!
//! Each is one plain line of bounded length.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::text::normalize;

/// Why a text is no such name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidText {
    /// Nothing in it that could be read.
    #[error("expected {what} of 1 to {longest} characters, found nothing")]
    Empty {
        /// What it was to be.
        what: &'static str,
        /// Characters at most.
        longest: usize,
    },
    /// Longer than any.
    #[error("expected {what} of 1 to {longest} characters, found {length} characters")]
    TooLong {
        /// What it was to be.
        what: &'static str,
        /// Characters at most.
        longest: usize,
        /// Characters found.
        length: usize,
    },
    /// A character that it cannot have.
    #[error("expected {what} without {character:?}")]
    Character {
        /// What it was to be.
        what: &'static str,
        /// The first such character.
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
    ($($(#[$doc:meta])* $name:ident: $what:literal, $longest:literal, $forbidden:expr;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Takes what a person wrote. Blanks around it are dropped, and runs of them become one.
            pub fn parse(text: &str) -> Result<Self, InvalidText> {
                checked(text, $what, $longest, $forbidden).map(Self)
            }

            /// The text. Comes from outside: never markup.
            #[must_use]
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
    /// The name of an organization, or its id: which one it is, is found out when the command runs.
    OrgName: "the name of an organization", 256, &[];
    /// The name of a workspace, or its id: which one it is, is found out when the command runs.
    WorkspaceReference: "the name or id of a workspace", 512, &[];
    /// A model as Webex calls it: `DMS Cisco 8865`, `Cisco 9861`.
    Model: "a model", 64, &[];
    /// A tag of a device. Webex lists tags with commas between them, so none has one in it.
    Tag: "a tag", 128, &[','];
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
    fn what_is_no_tag_or_model_is_refused() {
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

    proptest! {
        #[test]
        fn a_text_read_again_is_the_same(text in any::<String>()) {
            if let Ok(name) = WorkspaceReference::parse(&text) {
                prop_assert!(!name.as_str().chars().any(char::is_control));
                prop_assert_eq!(WorkspaceReference::parse(name.as_str()), Ok(name.clone()));
            }
        }
    }
}
