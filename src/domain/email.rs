//! E-mail addresses: how settings name a person, and what people read. Never an identity.

use std::fmt;
use std::sync::LazyLock;

use regex::Regex;
use serde::{Deserialize, Serialize};

/// An address in lower case.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EmailAddress(String);

/// A text that is no address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected an e-mail address such as ana@example.com, found {found:?}")]
pub struct InvalidEmail {
    found: String,
}

impl EmailAddress {
    /// Takes an address; case does not matter, and blanks around it are dropped.
    pub fn parse(text: &str) -> Result<Self, InvalidEmail> {
        // Two parts without spaces, control characters and the punctuation between addresses.
        static ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
            let part = r#"[^\s\x00-\x1f\x7f-\u{9f}@,;<>"]+"#;
            Regex::new(&format!("^{part}@{part}$")).expect("a valid pattern")
        });
        let invalid = || InvalidEmail { found: text.chars().take(80).collect() };
        let address = text.trim().to_lowercase();
        if address.len() > 254 || !ADDRESS.is_match(&address) {
            return Err(invalid());
        }
        Ok(Self(address))
    }

    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Bots live in a domain of their own (Webex, *Bots* guide).
    #[must_use]
    pub fn is_a_bot(&self) -> bool {
        self.0.ends_with("@webex.bot") || self.0.ends_with("@sparkbot.io")
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for EmailAddress {
    type Error = InvalidEmail;

    fn try_from(text: String) -> Result<Self, InvalidEmail> {
        Self::parse(&text)
    }
}

impl From<EmailAddress> for String {
    fn from(address: EmailAddress) -> Self {
        address.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_blanks_around_do_not_matter() {
        assert_eq!(EmailAddress::parse(" Ana@Example.COM "), EmailAddress::parse("ana@example.com"));
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in ["", "ana", "@example.com", "ana@", "a b@example.com", "a@b@c", "a,b@example.com"] {
            assert!(EmailAddress::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn bots_are_told_by_their_domain() {
        assert!(EmailAddress::parse("helper@webex.bot").unwrap().is_a_bot());
        assert!(!EmailAddress::parse("webex.bot@example.com").unwrap().is_a_bot());
    }
}
