//! Who may do what: a pure function from an actor and a right to a [`Grant`] or a reason why not.
//!
//! A `Grant` is evidence. It has no public constructor, so a function that asks for one can only be called
//! after the policy said yes. The default is no: an empty list of admins means that nobody may.

use std::collections::HashSet;
use std::marker::PhantomData;

use crate::domain::{Actor, OrgId, PersonId};

/// What a person may be allowed to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Right {
    /// Look at devices.
    Read,
    /// Change the tags of devices.
    Tag,
    /// Bring devices into the organization: activation codes, and devices by MAC address.
    Provision,
    /// Delete one device.
    Delete,
}

impl Right {
    /// Every right, in the order in which they are told.
    pub const ALL: [Self; 4] = [Self::Read, Self::Tag, Self::Provision, Self::Delete];

    /// The word for it: stored in the audit log and shown to people, so it must not change.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Tag => "tag",
            Self::Provision => "provision",
            Self::Delete => "delete",
        }
    }
}

/// A right as a type, so that a grant for one cannot be passed where another is meant.
pub trait RightMarker {
    /// The right it stands for.
    const RIGHT: Right;
}

/// Marks a [`Grant`] to look at devices.
#[derive(Debug, Clone, Copy)]
pub enum ReadRight {}

/// Marks a [`Grant`] to change tags.
#[derive(Debug, Clone, Copy)]
pub enum TagRight {}

/// Marks a [`Grant`] to bring devices in.
#[derive(Debug, Clone, Copy)]
pub enum ProvisionRight {}

/// Marks a [`Grant`] to delete a device.
#[derive(Debug, Clone, Copy)]
pub enum DeleteRight {}

impl RightMarker for ReadRight {
    const RIGHT: Right = Right::Read;
}

impl RightMarker for TagRight {
    const RIGHT: Right = Right::Tag;
}

impl RightMarker for ProvisionRight {
    const RIGHT: Right = Right::Provision;
}

impl RightMarker for DeleteRight {
    const RIGHT: Right = Right::Delete;
}

/// Evidence that the policy lets a person do something.
#[derive(Debug)]
pub struct Grant<R: RightMarker> {
    rule: &'static str,
    right: PhantomData<R>,
}

impl<R: RightMarker> Grant<R> {
    /// The rule that gave it, for the audit log.
    pub fn rule(&self) -> &'static str {
        self.rule
    }
}

/// Why a person may not. The names are stored in the audit log and must not change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denied {
    /// The person belongs to another organization, or Webex does not say to which.
    OtherOrganization,
    /// A bot or a machine account.
    NotAHuman,
    /// Nobody is on the list of admins.
    NoAdmins,
    /// The person is not on the list of admins.
    NotAnAdmin,
}

impl Denied {
    /// The word for it in the audit log.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OtherOrganization => "other organization",
            Self::NotAHuman => "not a human",
            Self::NoAdmins => "no admins",
            Self::NotAnAdmin => "not an admin",
        }
    }
}

/// The rules in force: the organizations that are served and the people who may do everything.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    admins: HashSet<PersonId>,
    organizations: HashSet<OrgId>,
}

impl Policy {
    /// A policy under which `admins` of `organizations` may do everything, everywhere, and nobody else
    /// anything.
    pub fn new(
        admins: impl IntoIterator<Item = PersonId>,
        organizations: impl IntoIterator<Item = OrgId>,
    ) -> Self {
        Self { admins: admins.into_iter().collect(), organizations: organizations.into_iter().collect() }
    }

    /// Whether this person is answered at all: people of other organizations and machines hear one sentence,
    /// whatever they ask.
    pub fn admits(&self, actor: &Actor) -> Result<(), Denied> {
        if actor.is_machine {
            return Err(Denied::NotAHuman);
        }
        match &actor.org_id {
            Some(org) if self.organizations.contains(org) => Ok(()),
            _ => Err(Denied::OtherOrganization),
        }
    }

    /// Whether an organization is named: only the devices of such a one may be asked for by its name.
    pub fn serves(&self, org: &OrgId) -> bool {
        self.organizations.contains(org)
    }

    /// The one place where a [`Grant`] comes from.
    pub fn authorize<R: RightMarker>(&self, actor: &Actor) -> Result<Grant<R>, Denied> {
        self.admits(actor)?;
        if self.admins.is_empty() {
            return Err(Denied::NoAdmins);
        }
        if !self.admins.contains(&actor.person_id) {
            return Err(Denied::NotAnAdmin);
        }
        Ok(Grant { rule: "STEWARD_ADMINS", right: PhantomData })
    }

    /// Whether the person has a right: for help that names only what one may do.
    pub fn allows(&self, actor: &Actor, right: Right) -> bool {
        self.rule_for(actor, right).is_ok()
    }

    /// The rule that gives a person a right, where the right is known only as a value.
    pub fn rule_for(&self, actor: &Actor, right: Right) -> Result<&'static str, Denied> {
        match right {
            Right::Read => self.authorize::<ReadRight>(actor).map(|grant| grant.rule()),
            Right::Tag => self.authorize::<TagRight>(actor).map(|grant| grant.rule()),
            Right::Provision => self.authorize::<ProvisionRight>(actor).map(|grant| grant.rule()),
            Right::Delete => self.authorize::<DeleteRight>(actor).map(|grant| grant.rule()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn actor(person: &str, org: Option<&str>) -> Actor {
        Actor {
            person_id: PersonId::parse(person).unwrap(),
            org_id: org.map(|org| OrgId::parse(org).unwrap()),
            email: None,
            display_name: person.to_owned(),
            is_machine: false,
        }
    }

    fn policy(admins: &[&str]) -> Policy {
        Policy::new(admins.iter().map(|id| PersonId::parse(id).unwrap()), [OrgId::parse("acme").unwrap()])
    }

    fn denied(policy: &Policy, actor: &Actor) -> Option<Denied> {
        let delete = policy.authorize::<DeleteRight>(actor).err();
        assert_eq!(delete, policy.authorize::<ReadRight>(actor).err());
        for right in Right::ALL {
            assert_eq!(policy.rule_for(actor, right).err(), delete);
            assert_eq!(policy.allows(actor, right), delete.is_none());
        }
        delete
    }

    #[test]
    fn an_admin_of_the_organization_may() {
        assert_eq!(denied(&policy(&["ana"]), &actor("ana", Some("acme"))), None);
    }

    #[test]
    fn nobody_may_when_the_list_is_empty() {
        assert_eq!(denied(&policy(&[]), &actor("ana", Some("acme"))), Some(Denied::NoAdmins));
    }

    #[test]
    fn a_colleague_who_is_not_on_the_list_may_not() {
        assert_eq!(denied(&policy(&["ana"]), &actor("ben", Some("acme"))), Some(Denied::NotAnAdmin));
    }

    #[test]
    fn people_of_other_organizations_may_not_whatever_the_list_says() {
        for org in [Some("partner"), None] {
            assert_eq!(denied(&policy(&["oskar"]), &actor("oskar", org)), Some(Denied::OtherOrganization));
        }
    }

    #[test]
    fn machines_may_not_whatever_the_list_says() {
        let robot = Actor { is_machine: true, ..actor("robot", Some("acme")) };
        assert_eq!(denied(&policy(&["robot"]), &robot), Some(Denied::NotAHuman));
    }

    #[test]
    fn spellings_of_one_person_are_one_person() {
        use base64::Engine as _;
        let uuid = "1f2e3d4c-aaaa-bbbb-cccc-0123456789ab";
        let id = base64::engine::general_purpose::STANDARD.encode(format!("ciscospark://us/PEOPLE/{uuid}"));
        assert_eq!(denied(&policy(&[&id]), &actor(uuid, Some("acme"))), None);
    }
}
