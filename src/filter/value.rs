//! What a term compares with.

use std::fmt;

use super::glob::Pattern;
use super::key::{Group, Key};
use super::when::When;
use crate::domain::id::{WebexId, decode};
use crate::domain::text::Quoted;
use crate::domain::{DeviceId, Mac};

/// One value of a term.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    /// The device has nothing of the kind.
    Nothing,
    /// The device has something of the kind.
    Anything,
    /// A text.
    Text(Pattern),
    /// A value that Webex documents, in its own writing.
    Known(&'static str),
    /// Several of those.
    Group(&'static Group),
    /// A MAC address.
    Mac(Mac),
    /// Part of a MAC address: capital digits without separators, with stars and question marks.
    MacLike(Pattern),
    /// The id of a device.
    Id(DeviceId),
    /// The id of a workspace, a location or a person.
    IdOf(IdOf),
    /// An age or a day.
    When(When),
}

/// The id of something around a device, of whatever kind the key says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct IdOf {
    text: String,
    key: String,
}

impl IdOf {
    /// Takes what is clearly an id; other texts are names.
    pub(super) fn new(text: &str) -> Option<Self> {
        let is_an_id = decode(text).is_some() || uuid::Uuid::try_parse(text).is_ok();
        let id = WebexId::parse(text).ok().filter(|_| is_an_id)?;
        Some(Self { text: text.to_owned(), key: id.key().to_owned() })
    }

    /// What it is compared by.
    pub(super) fn key(&self) -> &str {
        &self.key
    }
}

/// Words that mean something in every key, so that they need quotes to be a text.
const RESERVED: [&str; 3] = ["none", "any", "never"];

impl Value {
    /// Whether it compares texts.
    pub(super) fn is_a_text(&self) -> bool {
        matches!(self, Self::Text(_))
    }

    /// Writes it as one would type it after the key.
    pub(super) fn print(&self, key: Key, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing if key.is_a_time() => f.write_str("never"),
            Self::Nothing => f.write_str("none"),
            Self::Anything => f.write_str("any"),
            Self::Text(pattern) if needs_quotes(pattern, key) => write!(f, "{}", Quoted(pattern.as_str())),
            Self::Text(pattern) | Self::MacLike(pattern) => f.write_str(pattern.as_str()),
            Self::Known(known) => f.write_str(known),
            Self::Group(group) => f.write_str(group.name),
            Self::Mac(mac) => write!(f, "{mac}"),
            Self::Id(id) => write!(f, "{id}"),
            Self::IdOf(id) => f.write_str(&id.text),
            Self::When(when) => write!(f, "{when}"),
        }
    }
}

fn needs_quotes(pattern: &Pattern, key: Key) -> bool {
    let text = pattern.as_str();
    let plain = |c: char| c.is_alphanumeric() || "-_.:*?@/+=#&".contains(c);
    !text.chars().all(plain)
        || RESERVED.iter().any(|word| word.eq_ignore_ascii_case(text))
        // A value that is not known is taken as it is only in quotes.
        || (!key.known().is_empty() && !pattern.is_glob())
}
