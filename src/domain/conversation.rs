//! The person behind a command, and the thread it was given in.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{MessageId, OrgId, PersonId, SpaceId};

/// The person behind a command. Only the id identifies them; the address and the name are for people to read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// The identity that rights are attached to.
    pub person_id: PersonId,
    /// The person's organization, if Webex states it.
    pub org_id: Option<OrgId>,
    /// The current address.
    pub email: Option<EmailAddress>,
    /// Chosen by the person: never markup.
    pub display_name: String,
    /// A bot or a machine account rather than a person.
    pub is_machine: bool,
}

impl Actor {
    /// The address if there is one, else the name.
    pub(crate) fn label(&self) -> &str {
        self.email.as_ref().map_or(&self.display_name, EmailAddress::as_str)
    }
}

/// A space and the root message of a thread in it. Webex wants the root as the parent of every reply, never another
/// reply (Webex, *Messages*: `parentId`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thread {
    /// The space.
    pub space_id: SpaceId,
    /// The root message.
    pub root_id: MessageId,
}

/// An email address in lower case. Settings name people by it; it is never an identity.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EmailAddress(String);

/// The error for a text that is not an address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected an email address such as ana@example.com, found {found:?}")]
pub struct InvalidEmail {
    found: String,
}

impl EmailAddress {
    /// Parses an address; case and surrounding spaces do not matter.
    pub fn parse(text: &str) -> Result<Self, InvalidEmail> {
        let invalid = || InvalidEmail { found: text.chars().take(80).collect() };
        let address = text.trim().to_lowercase();
        // Every delivery names an address, so this does without a regex.
        let (name, domain) = address.split_once('@').ok_or_else(invalid)?;
        let is_odd = |c: char| c.is_whitespace() || c.is_control() || "@,;<>\"".contains(c);
        let is_part = |part: &str| !part.is_empty() && !part.contains(is_odd);
        if address.len() > 254 || !is_part(name) || !is_part(domain) {
            return Err(invalid());
        }
        Ok(Self(address))
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is the address of a bot: bots have their own domains (Webex, *Bots* guide).
    pub(crate) fn is_a_bot(&self) -> bool {
        self.0.ends_with("@webex.bot") || self.0.ends_with("@sparkbot.io")
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

stored_as_text!(EmailAddress, InvalidEmail);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_surrounding_spaces_do_not_matter() {
        assert_eq!(EmailAddress::parse(" Ana@Example.COM "), EmailAddress::parse("ana@example.com"));
    }

    #[test]
    fn other_texts_are_not_addresses() {
        for text in ["", "ana", "@example.com", "ana@", "a b@example.com", "a@b@c", "a,b@example.com"] {
            assert!(EmailAddress::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn bots_are_recognized_by_their_domain() {
        assert!(EmailAddress::parse("helper@webex.bot").unwrap().is_a_bot());
        assert!(!EmailAddress::parse("webex.bot@example.com").unwrap().is_a_bot());
    }
}
