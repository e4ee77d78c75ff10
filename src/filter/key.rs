//! What a filter or an order looks at, and which values are known.

use super::likeness::{distance, nearest};

/// What a term of a filter looks at. The words are stored with every filter and must not change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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
    /// The workspace it stands in.
    Workspace,
    /// The location of that.
    Location,
    /// The person it belongs to.
    Person,
    /// The model.
    Product,
    /// The kind: room device, phone …
    Type,
    /// Cisco's own software, or Microsoft's.
    Platform,
    /// The connection.
    Status,
    /// A tag.
    Tag,
    /// The software it runs.
    Software,
    /// The channel its upgrades come from.
    Channel,
    /// What it complains about.
    Error,
    /// What it can be asked to do.
    Capability,
    /// Who looks after it.
    ManagedBy,
    /// Planned maintenance.
    Maintenance,
    /// The first report of its state.
    FirstSeen,
    /// The last report of its state.
    LastSeen,
    /// When it came into the organization.
    Created,
}

/// Several values under one name.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) name: &'static str,
    pub(super) members: &'static [&'static str],
}

/// The groups of connection states (Webex, *Devices*: `connectionStatus`).
pub(super) static GROUPS: [Group; 2] = [
    Group { name: "offline", members: &["disconnected", "offline_expired", "offline_deep_sleep"] },
    Group { name: "online", members: &["connected", "connected_with_issues"] },
];

/// Other words for a value, where people say them.
const OTHER_WORDS: [(&str, &str); 1] = [("issues", "connected_with_issues")];

/// What people call a key that has another name here.
const CALLED: [(&str, &str); 14] = [
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
    /// Every key, in the order in which they are told.
    pub const ALL: [Self; 22] = [
        Self::Name,
        Self::Serial,
        Self::Mac,
        Self::Ip,
        Self::Id,
        Self::Workspace,
        Self::Location,
        Self::Person,
        Self::Product,
        Self::Type,
        Self::Platform,
        Self::Status,
        Self::Tag,
        Self::Software,
        Self::Channel,
        Self::Error,
        Self::Capability,
        Self::ManagedBy,
        Self::Maintenance,
        Self::FirstSeen,
        Self::LastSeen,
        Self::Created,
    ];

    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Serial => "serial",
            Self::Mac => "mac",
            Self::Ip => "ip",
            Self::Id => "id",
            Self::Workspace => "workspace",
            Self::Location => "location",
            Self::Person => "person",
            Self::Product => "product",
            Self::Type => "type",
            Self::Platform => "platform",
            Self::Status => "status",
            Self::Tag => "tag",
            Self::Software => "software",
            Self::Channel => "channel",
            Self::Error => "error",
            Self::Capability => "capability",
            Self::ManagedBy => "managed-by",
            Self::Maintenance => "maintenance",
            Self::FirstSeen => "first-seen",
            Self::LastSeen => "last-seen",
            Self::Created => "created",
        }
    }

    /// The key of a word, in upper or lower case.
    #[must_use]
    pub fn called(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|key| key.as_str().eq_ignore_ascii_case(word))
    }

    /// The key that somebody probably meant by a word that is none.
    #[must_use]
    pub fn like(word: &str) -> Option<&'static str> {
        let called = CALLED.iter().find(|(other, _)| other.eq_ignore_ascii_case(word)).map(|(_, key)| *key);
        let keys = Self::ALL.map(Self::as_str);
        // A swap of two letters is much in a word of three.
        let short =
            || keys.into_iter().find(|key| key.len() == 3 && word.len() >= 3 && distance(word, key) == 1);
        called.or_else(|| nearest(word, keys)).or_else(short)
    }

    /// Whether its values are moments.
    #[must_use]
    pub fn is_a_time(self) -> bool {
        matches!(self, Self::FirstSeen | Self::LastSeen | Self::Created)
    }

    /// Whether a device has one value of it at most, so that devices can be put in its order.
    #[must_use]
    pub fn is_single(self) -> bool {
        !matches!(self, Self::Tag | Self::Error | Self::Capability)
    }

    /// The values that Webex documents, in its own writing; none where anything may stand.
    pub(super) fn known(self) -> &'static [&'static str] {
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

    pub(super) fn groups(self) -> &'static [Group] {
        if self == Self::Status { &GROUPS } else { &[] }
    }

    /// The known value that is written like this; `-` is as good as `_`.
    pub(super) fn known_value(self, word: &str) -> Option<&'static str> {
        let word = word.replace('-', "_");
        let other = if self == Self::Status { &OTHER_WORDS[..] } else { &[] };
        let meant = other.iter().find(|(said, _)| said.eq_ignore_ascii_case(&word)).map(|(_, meant)| *meant);
        meant.or_else(|| self.known().iter().find(|known| known.eq_ignore_ascii_case(&word)).copied())
    }
}
