//! Whose devices are meant.

use super::OrgId;

/// The organization whose devices a call is about.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum OrgScope {
    /// The one that is set up, or else the admin credential's own.
    #[default]
    Default,
    /// Another one, for administrators of partners.
    Org(OrgId),
}

/// An organization that the admin credential can see. Its name was typed by somebody: it is not markup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organization {
    /// Its id.
    pub id: OrgId,
    /// Its name.
    pub name: String,
}
