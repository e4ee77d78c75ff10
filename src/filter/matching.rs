//! Whether a device is meant.

use jiff::Timestamp;

use super::glob::{Pattern, folded};
use super::key::Key;
use super::value::Value;
use super::{Filter, Term};
use crate::domain::{Device, LocationId, Mac, PersonId, WorkspaceId};

/// The names around one device, as far as they are known: Webex's record has only ids.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RelatedNames {
    /// The name of its workspace.
    pub workspace: Option<String>,
    /// The name of its location: its own, or that of its workspace.
    pub location: Option<String>,
    /// The name of the person it belongs to.
    pub person: Option<String>,
    /// The address of that person.
    pub email: Option<String>,
}

/// What a device has of a kind.
enum Held<'a> {
    /// Texts; none of them is empty.
    Texts(Vec<&'a str>),
    /// Something with an id, here by what ids are compared by, and its names, which may not be known.
    Named { id: Option<&'a str>, names: Vec<Option<&'a str>> },
    /// A moment.
    Moment(Option<Timestamp>),
}

impl Filter {
    /// Whether a device satisfies every term.
    #[must_use]
    pub fn matches(&self, device: &Device, around: &RelatedNames, now: Timestamp) -> bool {
        self.terms.iter().all(|term| term.holds(device, around, now) == Some(true))
    }
}

impl Term {
    /// Nothing if it cannot be told, which is neither yes nor no.
    fn holds(&self, device: &Device, around: &RelatedNames, now: Timestamp) -> Option<bool> {
        let held = Held::by(device, around, self.key);
        let mut verdict = Some(false);
        for value in &self.values {
            match value.holds(device, &held, self.key, now) {
                Some(true) => return Some(!self.negated),
                Some(false) => {}
                None => verdict = None,
            }
        }
        verdict.map(|holds| holds != self.negated)
    }
}

impl Value {
    fn holds(&self, device: &Device, held: &Held<'_>, key: Key, now: Timestamp) -> Option<bool> {
        match self {
            Self::Nothing => Some(held.is_nothing()),
            Self::Anything => Some(!held.is_nothing()),
            Self::Text(pattern) => held.has(|text| pattern.matches_of(key, text)),
            Self::Known(known) => held.has(|text| folded(text) == folded(known)),
            Self::Group(group) => {
                held.has(|text| group.members.iter().any(|member| folded(text) == folded(member)))
            }
            Self::Mac(mac) => held.has(|text| Mac::parse(text) == Ok(*mac)),
            Self::MacLike(pattern) => held.has(|text| pattern.matches(&Mac::bare(text))),
            Self::Id(id) => Some(device.id == *id),
            Self::IdOf(asked) => match held {
                Held::Named { id, .. } => Some(*id == Some(asked.key())),
                Held::Texts(_) | Held::Moment(_) => None,
            },
            Self::When(when) => match held {
                Held::Moment(at) => at.map(|at| when.holds(at, now)),
                Held::Texts(_) | Held::Named { .. } => None,
            },
        }
    }
}

impl Pattern {
    /// The maker in front of a product may be left out.
    fn matches_of(&self, key: Key, text: &str) -> bool {
        let without_maker = |text: &str| folded(text).strip_prefix("cisco ").map(str::to_owned);
        self.matches(text)
            || (key == Key::Product && without_maker(text).is_some_and(|product| self.matches(&product)))
    }
}

impl<'a> Held<'a> {
    fn by(device: &'a Device, around: &'a RelatedNames, key: Key) -> Self {
        match key {
            Key::Name => Self::text(device.display_name.as_ref()),
            Key::Serial => Self::text(device.serial.as_ref()),
            Key::Mac => Self::text(device.mac.as_ref()),
            Key::Ip => Self::text(device.ip.as_ref()),
            Key::Id => Self::Texts(vec![device.id.as_str()]),
            Key::Workspace => {
                Self::named(device.workspace_id.as_ref().map(WorkspaceId::key), &[&around.workspace])
            }
            Key::Location => {
                Self::named(device.location_id.as_ref().map(LocationId::key), &[&around.location])
            }
            Key::Person => {
                let names = [&around.person, &around.email];
                Self::named(device.person_id.as_ref().map(PersonId::key), &names)
            }
            Key::Product => Self::text(device.product.as_ref()),
            Key::Type => Self::text(device.kind.as_ref()),
            Key::Platform => Self::text(device.platform.as_ref()),
            Key::Status => Self::text(device.connection_status.as_ref()),
            Key::Tag => Self::texts(&device.tags),
            Key::Software => Self::text(device.software.as_ref()),
            Key::Channel => Self::text(device.upgrade_channel.as_ref()),
            Key::Error => Self::texts(&device.error_codes),
            Key::Capability => Self::texts(&device.capabilities),
            Key::ManagedBy => Self::text(device.managed_by.as_ref()),
            Key::Maintenance => Self::text(device.maintenance.as_ref()),
            Key::FirstSeen => Self::Moment(device.first_seen),
            Key::LastSeen => Self::Moment(device.last_seen),
            Key::Created => Self::Moment(device.created),
        }
    }

    fn text(text: Option<&'a String>) -> Self {
        Self::texts(text)
    }

    fn texts(texts: impl IntoIterator<Item = &'a String>) -> Self {
        Self::Texts(texts.into_iter().map(String::as_str).filter(|text| !text.trim().is_empty()).collect())
    }

    fn named(id: Option<&'a str>, names: &[&'a Option<String>]) -> Self {
        Self::Named { id, names: names.iter().map(|name| name.as_deref()).collect() }
    }

    fn is_nothing(&self) -> bool {
        match self {
            Self::Texts(texts) => texts.is_empty(),
            Self::Named { id, names } => id.is_none() && names.iter().all(Option::is_none),
            Self::Moment(at) => at.is_none(),
        }
    }

    /// Whether one of its texts is as asked.
    fn has(&self, is_meant: impl Fn(&str) -> bool) -> Option<bool> {
        match self {
            Self::Texts(texts) => Some(texts.iter().any(|text| is_meant(text))),
            Self::Named { names, .. } => {
                if names.iter().flatten().any(|text| is_meant(text)) {
                    return Some(true);
                }
                // What is not known may be what is meant.
                if self.is_nothing() || names.iter().all(Option::is_some) { Some(false) } else { None }
            }
            Self::Moment(_) => None,
        }
    }
}
