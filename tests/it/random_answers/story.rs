//! A story: a command of Ana's, how calls to Webex go wrong, and what else happens meanwhile.

use super::written::{Spelling, Written};

/// A command. Each changes something else, so that its effect can be told from that of another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    Delete(Named),
    Tag(Named, Tags),
    /// All devices with one tag.
    TagMany(Tags),
    Add(Place),
    Activate(Place),
}

/// How Ana names the device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    Id,
    Serial,
    Mac,
    Name,
}

/// How Ana names the workspace or person that gets a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    WorkspaceId,
    WorkspaceName,
    PersonEmail,
    PersonName,
}

/// A change of tags: at most one is added, and at most one is removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tags {
    pub add: Option<&'static str>,
    pub remove: Option<&'static str>,
}

/// A call that goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    Read,
    List,
    Workspace,
    Workspaces,
    /// The lookup of Ana.
    People,
    /// The change that the command makes.
    Change,
}

/// How a call goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    Status(u16),
    StatusAfterEffect(u16),
    Lost,
    LostAfterEffect,
    /// A 404 that is not Webex's own.
    Html404,
    Empty404,
    Untracked404,
    NoStaticResource,
    /// The record names another organization.
    OtherOrganization,
    /// The list shows the device that is not meant, with the serial number, MAC address and name of the one that is.
    ListLies,
}

/// Something that happens between two runs of the jobs, or between a card and the press on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    Crash,
    OtherTarget,
    OwnTarget,
    OtherCredential,
    FirstCredential,
    LoseAccess,
    Recover,
    /// Device, workspace and person get other names.
    Renamed,
    /// As `Renamed`, and others get the names that they had.
    NamesMoveOn,
    /// The device gets another serial number.
    Replaced,
    /// The workspace gets another calling type.
    CallingChanged,
    DeletedByOthers,
    /// The device gets another tag, and a device that Ana does not mean gets the one that she filters by.
    TaggedByOthers,
    AnaLeaves,
    RightWithdrawn,
    Wait(i64),
}

/// The call in which the process crashes, counted from 0, and whether the call takes effect.
#[derive(Debug, Clone, Copy)]
pub struct Crash {
    pub call: Call,
    pub skip: u32,
    pub takes_effect: bool,
}

#[derive(Debug, Clone)]
pub struct Story {
    pub order: Order,
    pub written: Written,
    /// How the name of another record is spelled that reads like that of the one that Ana means.
    pub twin: Option<Spelling>,
    /// Whether the workspace can place calls. If not, a new device changes that, and Steward asks first.
    pub has_calling: bool,
    /// A second command that is sent at the same time.
    pub at_once: Option<Order>,
    /// Whether others tag the device while Webex is setting its tags.
    pub is_meddled: bool,
    /// The call, its trouble, how many such calls pass before it, and how many go wrong.
    pub troubles: Vec<(Call, Trouble, u32, u32)>,
    pub crash: Option<Crash>,
    /// Between the card and the press that confirms it.
    pub before_the_press: Option<Event>,
    pub events: Vec<Event>,
}

impl Order {
    /// The method and path of the call that makes the change.
    pub fn change(self) -> (&'static str, &'static str) {
        match self {
            Self::Delete(_) => ("DELETE", "/devices/*"),
            Self::Tag(..) | Self::TagMany(_) => ("PATCH", "/devices/*"),
            Self::Add(_) => ("POST", "/devices"),
            Self::Activate(_) => ("POST", "/devices/activationCode"),
        }
    }

    /// The tags that it changes.
    pub fn tags(self) -> Option<Tags> {
        match self {
            Self::Tag(_, tags) | Self::TagMany(tags) => Some(tags),
            Self::Delete(_) | Self::Add(_) | Self::Activate(_) => None,
        }
    }

    /// Whether it names its record by the id.
    pub fn is_by_id(self) -> bool {
        match self {
            Self::Delete(named) | Self::Tag(named, _) => named == Named::Id,
            Self::Add(place) | Self::Activate(place) => place == Place::WorkspaceId,
            Self::TagMany(_) => false,
        }
    }

    /// Whether it names its record by something that another record may have as well.
    pub fn is_by_name(self) -> bool {
        match self {
            Self::Delete(named) | Self::Tag(named, _) => named == Named::Name,
            Self::Add(place) | Self::Activate(place) => {
                matches!(place, Place::WorkspaceName | Place::PersonName)
            }
            Self::TagMany(_) => false,
        }
    }

    /// Whether Steward asks before it makes the change: after a choice among several, or without one.
    pub fn is_asked_about(self, is_chosen: bool, has_calling: bool) -> bool {
        match self {
            Self::Delete(named) => is_chosen || named == Named::Name,
            Self::Tag(named, _) => !is_chosen && named == Named::Name,
            Self::TagMany(_) => true,
            Self::Add(place) | Self::Activate(place) => place.is_person() || !has_calling,
        }
    }
}

impl Place {
    pub fn is_person(self) -> bool {
        matches!(self, Self::PersonEmail | Self::PersonName)
    }
}
