//! The code by which people refer to a plan.

use std::fmt::{self, Write as _};
use std::sync::LazyLock;

use regex::Regex;
use serde::{Deserialize, Serialize};

use super::text::is_dash;

/// Without `0`, `1`, `I`, `L`, `O` and `U`, which are easily misread or misheard.
const ALPHABET: &[u8; 30] = b"23456789ABCDEFGHJKMNPQRSTVWXYZ";
const LENGTH: usize = 6;

/// Six characters, displayed as `K7Q2-M9`. A code identifies a plan and grants no right to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PlanCode([u8; LENGTH]);

/// The error for a text that is not a code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected the code of a plan, such as K7Q2-M9")]
pub struct InvalidPlanCode;

impl PlanCode {
    /// Parses a code; case, the kind of the dash and a full stop behind it do not matter.
    pub fn parse(text: &str) -> Result<Self, InvalidPlanCode> {
        static CODE: LazyLock<Regex> = LazyLock::new(|| {
            let code = r"(?i-u)^([2-9A-HJKMNP-TV-Z]{4})-?([2-9A-HJKMNP-TV-Z]{2})$";
            Regex::new(code).expect("a valid pattern")
        });
        let text = text.strip_suffix('.').unwrap_or(text).replace(is_dash, "-");
        let (_, [four, two]) = CODE.captures(&text).ok_or(InvalidPlanCode)?.extract();
        let code = format!("{four}{two}").to_ascii_uppercase().into_bytes();
        code.try_into().map(Self).map_err(|_| InvalidPlanCode)
    }

    /// Makes a code from random bytes.
    pub(crate) fn from_random(bytes: [u8; LENGTH]) -> Self {
        Self(bytes.map(|byte| ALPHABET[usize::from(byte) % ALPHABET.len()]))
    }
}

impl fmt::Display for PlanCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (four, two) = self.0.split_at(4);
        four.iter().chain(b"-").chain(two).try_for_each(|byte| f.write_char(char::from(*byte)))
    }
}

stored_as_text!(PlanCode, InvalidPlanCode);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn case_and_the_dash_do_not_matter() {
        for text in [
            "K7Q2-M9",
            "k7q2-m9",
            "K7Q2M9",
            "k7q2m9",
            "K7Q2–M9",
            "K7Q2\u{2011}M9",
            "K7Q2\u{2212}M9",
            "K7Q2—M9.",
        ] {
            assert_eq!(PlanCode::parse(text).unwrap().to_string(), "K7Q2-M9", "{text}");
        }
    }

    #[test]
    fn other_texts_are_not_codes() {
        for text in [
            "",
            "-",
            "K7Q2",
            "K7Q2-M",
            "K7Q2-M99",
            "K7Q-2M9",
            "K7Q2--M9",
            "K7Q2 M9",
            "K7O2-M9",
            "K7Ü2-M",
            "é",
            ".",
            "K7Q2-M9..",
            "К7Q2-M9",
            "K7Q2-Μ9",
            "K7Q2-M９",
        ] {
            assert_eq!(PlanCode::parse(text), Err(InvalidPlanCode), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_generated_code_is_parsed_unchanged(bytes: [u8; 6]) {
            let code = PlanCode::from_random(bytes);
            prop_assert_eq!(PlanCode::parse(&code.to_string()), Ok(code));
        }
    }
}
