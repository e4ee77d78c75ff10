//! The keys of filters and of `sort:`, and the values that Webex documents for them.

use std::slice::from_ref;

use strum::VariantArray;

use super::suggest::{distance, nearest};

/// The property that a term compares. The words are stored with every filter and must not change.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, strum::EnumString, strum::IntoStaticStr, strum::VariantArray,
)]
#[strum(serialize_all = "kebab-case", ascii_case_insensitive)]
pub enum Key {
    /// The display name.
    Name,
    /// The serial number.
    Serial,
    /// The MAC address.
    Mac,
    /// The IP address.
    Ip,
    /// The device id.
    Id,
    /// The workspace of a shared device.
    Workspace,
    /// The location of the device or of its workspace.
    Location,
    /// The owner of a personal device.
    Person,
    /// The model.
    Product,
    /// The kind of device: room device, phone …
    Type,
    /// Cisco or Microsoft software.
    Platform,
    /// The connection status.
    Status,
    /// A tag.
    Tag,
    /// The software version.
    Software,
    /// The upgrade channel.
    Channel,
    /// An error that the device reports.
    Error,
    /// A capability, such as xapi.
    Capability,
    /// The party that manages the device.
    ManagedBy,
    /// Planned maintenance.
    Maintenance,
    /// The first report of its state.
    FirstSeen,
    /// The last report of its state.
    LastSeen,
    /// The time of its addition to the organization.
    Created,
}

/// A value that Webex documents, or several of them under one name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct KnownValue {
    pub(crate) name: &'static str,
    pub(crate) members: &'static [&'static str],
}

/// Groups of connection states (Webex, *Devices*: `connectionStatus`).
static STATUS_GROUPS: [KnownValue; 2] = [
    KnownValue { name: "offline", members: &["disconnected", "offline_expired", "offline_deep_sleep"] },
    KnownValue { name: "online", members: &["connected", "connected_with_issues"] },
];

/// Other words for keys, which are suggested but not accepted.
const SYNONYMS: [(&str, &str); 14] = [
    ("model", "product"),
    ("owner", "person"),
    ("user", "person"),
    ("email", "person"),
    ("room", "workspace"),
    ("place", "workspace"),
    ("site", "location"),
    ("building", "location"),
    ("kind", "type"),
    ("state", "status"),
    ("connection", "status"),
    ("version", "software"),
    ("seen", "last-seen"),
    ("age", "created"),
];

impl Key {
    /// The word in a filter.
    pub(crate) fn as_str(self) -> &'static str {
        self.into()
    }

    /// The key probably meant by a misspelled word. A sign before it may exclude: then there is no suggestion.
    pub(super) fn like(word: &str) -> Option<&'static str> {
        if !word.starts_with(char::is_alphabetic) {
            return None;
        }
        let synonym = SYNONYMS.iter().find(|(other, _)| other.eq_ignore_ascii_case(word));
        let keys = || Self::VARIANTS.iter().map(|key| key.as_str());
        // A typo changes a third of a word of three letters.
        let short = || keys().find(|key| key.len() == 3 && word.len() >= 3 && distance(word, key) == 1);
        synonym.map(|(_, key)| *key).or_else(|| nearest(word, keys())).or_else(short)
    }

    pub(crate) fn is_time(self) -> bool {
        matches!(self, Self::FirstSeen | Self::LastSeen | Self::Created)
    }

    /// The keys with at most one value per device, which are the sort keys.
    pub(crate) fn for_sorting() -> impl Iterator<Item = Self> {
        let has_many = |key: &Self| matches!(key, Self::Tag | Self::Error | Self::Capability);
        Self::VARIANTS.iter().copied().filter(move |key| !has_many(key))
    }

    /// The values that Webex documents, as Webex spells them; none if any text may follow the key.
    pub(crate) fn known(self) -> &'static [&'static str] {
        match self {
            Self::Status => &[
                "connected",
                "disconnected",
                "connected_with_issues",
                "offline_expired",
                "offline_deep_sleep",
                "activating",
                "pending",
                "unknown",
            ],
            Self::Type => &["roomdesk", "phone", "accessory", "webexgo", "unknown"],
            Self::Platform => &["cisco", "microsoftTeamsRoom"],
            Self::Capability => &["xapi"],
            Self::ManagedBy => &["CISCO", "CUSTOMER", "PARTNER"],
            Self::Maintenance => &["off", "on", "upcoming"],
            _ => &[],
        }
    }

    pub(crate) fn groups(self) -> &'static [KnownValue] {
        if self == Self::Status { &STATUS_GROUPS } else { &[] }
    }

    /// The names of the groups, then the known values.
    pub(super) fn known_names(self) -> impl Iterator<Item = &'static str> {
        self.groups().iter().map(|group| group.name).chain(self.known().iter().copied())
    }

    /// The known value or group with this name; `-` is as good as `_`, and `issues` is short for a long status.
    pub(super) fn known_value(self, word: &str) -> Option<KnownValue> {
        let is_issues = self == Self::Status && word.eq_ignore_ascii_case("issues");
        let word = if is_issues { "connected_with_issues".to_owned() } else { word.replace('-', "_") };
        let group = self.groups().iter().find(|group| group.name.eq_ignore_ascii_case(&word));
        let known = || self.known().iter().find(|known| known.eq_ignore_ascii_case(&word));
        group.copied().or_else(|| known().map(|name| KnownValue { name, members: from_ref(name) }))
    }
}
