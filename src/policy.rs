//! Who may do what: a pure function from an actor and a right to a [`Grant`] or the reason for a denial.
//!
//! A `Grant` is evidence: only [`Policy::authorize`] creates one, so a function that takes it can only be called after
//! the policy allowed the action. A change also takes a [`FreshDecision`]. The default is denial: an empty list of admins means that no one may do anything.

use std::collections::HashSet;
use std::marker::PhantomData;

use crate::domain::{Actor, OrgId, PersonId};

mod decision;

pub(crate) use decision::{FreshDecision, StaleDecision};

/// The rule in the audit log when the plan itself, not the policy, decides who may act. Stored: it must not change.
pub(crate) const AS_THE_PLAN_ASKS: &str = "as the plan asks";

/// A right of a person. The words are stored in the audit log and shown to people, so they must not change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, strum::IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum Right {
    /// Read devices.
    Read,
    /// Change the tags of devices.
    Tag,
    /// Bring devices into the organization: activation codes, and devices by MAC address.
    Provision,
    /// Delete devices.
    Delete,
}

impl Right {
    /// All rights, in the order in which they are shown.
    pub(crate) const ALL: [Self; 4] = [Self::Read, Self::Tag, Self::Provision, Self::Delete];

    /// The stored word.
    pub(crate) fn as_str(self) -> &'static str {
        self.into()
    }
}

/// A right as a type, so that a grant of one right cannot be passed for another.
pub trait RightMarker {
    /// The right as a value.
    const RIGHT: Right;
}

macro_rules! right_markers {
    ($($name:ident: $right:ident;)+) => {$(
        #[doc = concat!("Marks a [`Grant`] of [`Right::", stringify!($right), "`].")]
        #[derive(Debug, Clone, Copy)]
        pub enum $name {}

        impl RightMarker for $name {
            const RIGHT: Right = Right::$right;
        }
    )+};
}

right_markers! {
    ReadRight: Read;
    TagRight: Tag;
    ProvisionRight: Provision;
    DeleteRight: Delete;
}

/// Evidence that the policy granted a person a right.
#[derive(Debug)]
pub struct Grant<R: RightMarker> {
    rule: &'static str,
    right: PhantomData<R>,
}

impl<R: RightMarker> Grant<R> {
    /// The rule that granted it, for the audit log.
    pub(crate) fn rule(&self) -> &'static str {
        self.rule
    }
}

/// The reason for a denial. The words are stored in the audit log and must not change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::IntoStaticStr)]
pub enum Denied {
    /// The person belongs to another organization, or Webex does not state one.
    #[strum(serialize = "other organization")]
    OtherOrganization,
    /// A bot or a machine account.
    #[strum(serialize = "not a human")]
    NotAHuman,
    /// The list of admins is empty.
    #[strum(serialize = "no admins")]
    NoAdmins,
    /// The person is not on the list of admins.
    #[strum(serialize = "not an admin")]
    NotAnAdmin,
}

impl Denied {
    /// Whether Steward does not serve this person at all.
    pub(crate) fn is_stranger(self) -> bool {
        match self {
            Self::OtherOrganization | Self::NotAHuman => true,
            Self::NoAdmins | Self::NotAnAdmin => false,
        }
    }

    /// The word in the audit log.
    pub(crate) fn as_str(self) -> &'static str {
        self.into()
    }
}

/// The current rules: the organizations served, and the admins, who may do everything.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    admins: HashSet<PersonId>,
    organizations: HashSet<OrgId>,
}

impl Policy {
    /// Allows everything to `admins` who belong to `organizations`, and nothing to anyone else.
    pub(crate) fn new(
        admins: impl IntoIterator<Item = PersonId>,
        organizations: impl IntoIterator<Item = OrgId>,
    ) -> Self {
        Self { admins: admins.into_iter().collect(), organizations: organizations.into_iter().collect() }
    }

    /// Whether this person is served at all. Machines and people of other organizations are not, whatever they ask.
    pub(crate) fn admits(&self, actor: &Actor) -> Result<(), Denied> {
        if actor.is_machine {
            return Err(Denied::NotAHuman);
        }
        match &actor.org_id {
            Some(org) if self.organizations.contains(org) => Ok(()),
            _ => Err(Denied::OtherOrganization),
        }
    }

    /// Whether an organization is served. Only its devices can be requested by its name.
    pub(crate) fn serves(&self, org: &OrgId) -> bool {
        self.organizations.contains(org)
    }

    /// Grants a right; the only source of a [`Grant`].
    pub(crate) fn authorize<R: RightMarker>(&self, actor: &Actor) -> Result<Grant<R>, Denied> {
        self.admits(actor)?;
        if self.admins.is_empty() {
            return Err(Denied::NoAdmins);
        }
        if !self.admins.contains(&actor.person_id) {
            return Err(Denied::NotAnAdmin);
        }
        Ok(Grant { rule: "STEWARD_ADMINS", right: PhantomData })
    }

    /// Whether the person has a right.
    pub(crate) fn allows(&self, actor: &Actor, right: Right) -> bool {
        self.rule_for(actor, right).is_ok()
    }

    /// The rule that grants a right that is known only as a value.
    pub(crate) fn rule_for(&self, actor: &Actor, right: Right) -> Result<&'static str, Denied> {
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
    fn rights_and_denials_keep_their_stored_words() {
        assert_eq!(Right::ALL.map(Right::as_str), ["read", "tag", "provision", "delete"]);
        let denied = [Denied::OtherOrganization, Denied::NotAHuman, Denied::NoAdmins, Denied::NotAnAdmin];
        let words = ["other organization", "not a human", "no admins", "not an admin"];
        assert_eq!(denied.map(Denied::as_str), words);
        assert_eq!(AS_THE_PLAN_ASKS, "as the plan asks");
    }

    #[test]
    fn an_admin_of_the_organization_is_allowed() {
        assert_eq!(denied(&policy(&["ana"]), &actor("ana", Some("acme"))), None);
    }

    #[test]
    fn an_empty_list_of_admins_denies_everyone() {
        assert_eq!(denied(&policy(&[]), &actor("ana", Some("acme"))), Some(Denied::NoAdmins));
    }

    #[test]
    fn a_colleague_not_on_the_list_is_denied() {
        assert_eq!(denied(&policy(&["ana"]), &actor("ben", Some("acme"))), Some(Denied::NotAnAdmin));
    }

    #[test]
    fn people_of_other_organizations_are_denied_even_on_the_list() {
        for org in [Some("partner"), None] {
            assert_eq!(denied(&policy(&["oskar"]), &actor("oskar", org)), Some(Denied::OtherOrganization));
        }
    }

    #[test]
    fn machines_are_denied_even_on_the_list() {
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
