//! The person behind a command.

use serde::{Deserialize, Serialize};

use super::{EmailAddress, OrgId, PersonId};

/// Who acts: identified by the person id; the address and the name are for people to read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// The identity.
    pub person_id: PersonId,
    /// The organization the person belongs to, if Webex says it.
    pub org_id: Option<OrgId>,
    /// The address, as Webex has it now.
    pub email: Option<EmailAddress>,
    /// The name people know. Comes from outside: never markup.
    pub display_name: String,
    /// A bot or a machine account rather than a human being.
    pub is_machine: bool,
}

impl Actor {
    /// How people would name this person: the address if there is one, else the name.
    #[must_use]
    pub fn called(&self) -> &str {
        self.email.as_ref().map_or(&self.display_name, EmailAddress::as_str)
    }
}
