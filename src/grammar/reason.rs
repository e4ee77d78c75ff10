//! Why somebody deletes a device: a sentence for the audit log and for the people in the space.
//!
//! Whatever it came through (a line, a field of a card, the database), it is one plain line of bounded
//! length, and it never holds a double quote: it is printed between two.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::text::normalize;

/// Longest reason, in characters: a few sentences, and a small part of what a message may hold.
pub const MAX_REASON_LENGTH: usize = 500;

/// A reason of 1 to [`MAX_REASON_LENGTH`] characters on one line.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Reason(String);

/// Why a text is no reason.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidReason {
    /// Nothing in it that could be read.
    #[error("expected a reason of 1 to {MAX_REASON_LENGTH} characters, found an empty one")]
    Empty,
    /// Longer than anybody reads.
    #[error("expected a reason of 1 to {MAX_REASON_LENGTH} characters, found {length} characters")]
    TooLong {
        /// Characters found.
        length: usize,
    },
    /// A line break, an escape or another character that is no text.
    #[error("expected a reason without control characters, found {character:?}")]
    ControlCharacter {
        /// The first such character.
        character: char,
    },
}

impl Reason {
    /// Takes what a person wrote. Blanks around it are dropped, runs of them become one, and double quotes
    /// become single ones.
    pub fn parse(text: &str) -> Result<Self, InvalidReason> {
        let text = text.trim();
        if let Some(character) = text.chars().find(|c| c.is_control()) {
            return Err(InvalidReason::ControlCharacter { character });
        }
        let reason = normalize(text).replace('"', "'");
        match reason.chars().count() {
            0 => Err(InvalidReason::Empty),
            length if length > MAX_REASON_LENGTH => Err(InvalidReason::TooLong { length }),
            _ => Ok(Self(reason)),
        }
    }

    /// The reason as text. Comes from outside: never markup.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Reason {
    type Error = InvalidReason;

    fn try_from(text: String) -> Result<Self, InvalidReason> {
        Self::parse(&text)
    }
}

impl From<Reason> for String {
    fn from(reason: Reason) -> Self {
        reason.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_reason_is_one_plain_line() {
        let longest = "ä".repeat(MAX_REASON_LENGTH);
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
    fn what_is_no_reason_is_refused() {
        let too_long = "ä".repeat(MAX_REASON_LENGTH + 1);
        for (text, error) in [
            ("", InvalidReason::Empty),
            (" \u{a0} ", InvalidReason::Empty),
            ("\n", InvalidReason::Empty),
            ("\u{200b}", InvalidReason::Empty),
            ("a\nb", InvalidReason::ControlCharacter { character: '\n' }),
            ("a\u{0}b", InvalidReason::ControlCharacter { character: '\0' }),
            ("a\u{1b}[31mb", InvalidReason::ControlCharacter { character: '\u{1b}' }),
            (&*too_long, InvalidReason::TooLong { length: MAX_REASON_LENGTH + 1 }),
        ] {
            assert_eq!(Reason::parse(text), Err(error), "{text:?}");
        }
    }

    #[test]
    fn the_database_holds_text_and_only_reasons_come_out_of_it() {
        let reason: Reason = serde_json::from_str("\"moved\"").unwrap();
        assert_eq!(serde_json::to_string(&reason).unwrap(), "\"moved\"");
        assert!(serde_json::from_str::<Reason>("\"\"").is_err());
    }

    proptest! {
        #[test]
        fn a_reason_read_again_is_the_same(text in any::<String>()) {
            if let Ok(reason) = Reason::parse(&text) {
                prop_assert!(!reason.as_str().contains('"'));
                prop_assert!(!reason.as_str().chars().any(char::is_control));
                prop_assert_eq!(Reason::parse(reason.as_str()), Ok(reason.clone()));
            }
        }
    }
}
