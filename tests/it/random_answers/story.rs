//! Random stories: a command of Ana's, how calls to Webex go wrong, and what else happens meanwhile.

use proptest::prelude::*;
use proptest::sample::select;

use super::written::{Hidden, LookAlike, Spelling, Written};

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
    /// The search for the person who gets a device.
    PeopleList,
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

/// Deletions.
pub fn any_deletion() -> impl Strategy<Value = Story> {
    let named = select(vec![Named::Id, Named::Serial, Named::Mac, Named::Name]);
    let at_once = prop::option::weighted(0.1, any_tagging_of_one(second_tags()));
    let orders = (named.prop_map(Order::Delete), at_once);
    // A deletion is settled by reading, also after an answer that denies it.
    let after_effect = vec![302, 418, 423, 429, 500, 502, 503, 504];
    any_story(orders, any_read_for_devices(), after_effect)
}

/// Changes of tags, of one device or many.
pub fn any_tagging() -> impl Strategy<Value = Story> {
    let order = prop_oneof![
        3 => any_tagging_of_one(first_tags()),
        2 => first_tags().prop_map(Order::TagMany),
    ];
    let other = prop_oneof![5 => any_tagging_of_one(second_tags()), 1 => Just(Order::Delete(Named::Id))];
    let at_once = prop::option::weighted(0.3, other);
    any_story((order, at_once), any_read_for_devices(), vec![500, 502, 503, 504])
}

/// Additions of devices and activation codes.
pub fn any_provision() -> impl Strategy<Value = Story> {
    let place = prop_oneof![
        2 => Just(Place::WorkspaceId),
        4 => Just(Place::WorkspaceName),
        1 => Just(Place::PersonEmail),
        1 => Just(Place::PersonName),
    ];
    let orders = (place, any::<bool>(), prop::bool::weighted(0.1)).prop_map(|(place, adds, are_two)| {
        let id = Place::WorkspaceId;
        let (order, other) = if adds {
            (Order::Add(place), Order::Activate(id))
        } else {
            (Order::Activate(place), Order::Add(id))
        };
        (order, are_two.then_some(other))
    });
    let read = prop_oneof![
        1 => Just(Call::Read),
        1 => Just(Call::List),
        2 => Just(Call::Workspace),
        3 => Just(Call::Workspaces),
        1 => Just(Call::People),
        1 => Just(Call::PeopleList),
    ];
    any_story(orders, read, vec![500, 502, 503, 504])
}

fn any_tagging_of_one(tags: impl Strategy<Value = Tags>) -> impl Strategy<Value = Order> {
    let named = select(vec![Named::Id, Named::Serial, Named::Mac, Named::Name]);
    (named, tags).prop_map(|(named, tags)| Order::Tag(named, tags))
}

fn first_tags() -> impl Strategy<Value = Tags> {
    any_tags("one", "lobby")
}

/// Others than those of [`first_tags`].
fn second_tags() -> impl Strategy<Value = Tags> {
    any_tags("two", "vip")
}

fn any_tags(add: &'static str, remove: &'static str) -> impl Strategy<Value = Tags> {
    let (add, remove) = (Some(add), Some(remove));
    select(vec![Tags { add, remove: None }, Tags { add: None, remove }, Tags { add, remove }])
}

fn any_read_for_devices() -> impl Strategy<Value = Call> {
    prop_oneof![
        5 => Just(Call::Read),
        3 => Just(Call::List),
        1 => Just(Call::Workspaces),
        1 => Just(Call::People),
    ]
}

/// A story of such a command, and perhaps of another one at once. `after_effect` are the statuses that a change may get although it was made.
fn any_story(
    orders: impl Strategy<Value = (Order, Option<Order>)>,
    read: impl Strategy<Value = Call>,
    after_effect: Vec<u16>,
) -> impl Strategy<Value = Story> {
    let twin = prop::option::weighted(0.3, any_spelling());
    let command = (orders, any_writing(), twin, prop::bool::weighted(0.6));
    let calls = (any_troubles(read, after_effect), any_crash());
    let before_the_press = prop::option::weighted(0.5, any_event_before_the_press());
    let events = (before_the_press, prop::collection::vec(any_event(), 1..5));
    let all = (command, prop::bool::weighted(0.35), calls, events);
    all.prop_map(|(command, is_meddled, (troubles, crash), (before_the_press, events))| {
        let ((mut order, at_once), written, twin, has_calling) = command;
        if let (Written::LookAlike(_), Order::Delete(named) | Order::Tag(named, _)) = (written, &mut order)
            && *named != Named::Name
        {
            // Ids and MAC addresses have nothing but ASCII, so only a serial number can be mistaken.
            *named = Named::Serial;
        }
        // Once the first command has changed the calling type, the second one needs no question.
        let is_provision = matches!(order, Order::Add(_) | Order::Activate(_));
        let at_once = at_once.filter(|_| has_calling || !is_provision);
        let is_meddled = is_meddled && at_once.is_none() && matches!(order, Order::Tag(..));
        let mut troubles = troubles;
        if let Order::Tag(_, tags) = &mut order
            && is_meddled
        {
            // Only where nothing is removed can Webex keep the tags of others, if it is reached at once.
            tags.remove = tags.remove.filter(|_| tags.add.is_none());
            troubles.retain(|(call, ..)| *call != Call::Change);
        }
        Story {
            order,
            written,
            twin: twin.filter(|_| order.is_by_name()),
            has_calling,
            at_once,
            is_meddled,
            troubles,
            crash: crash.filter(|_| at_once.is_none() && !is_meddled),
            before_the_press,
            events,
        }
    })
}

fn any_writing() -> impl Strategy<Value = Written> {
    prop_oneof![
        10 => Just(Written::AsIs),
        2 => any_spelling().prop_map(Written::ReadsAlike),
        1 => Just(Written::ZeroWidthAround),
        2 => select(vec![Hidden::Override, Hidden::Isolate, Hidden::ZeroWidthSpace, Hidden::SoftHyphen])
            .prop_map(Written::Hidden),
        1 => select(vec![LookAlike::Cyrillic, LookAlike::FullWidth]).prop_map(Written::LookAlike),
        2 => Just(Written::LookAlike(LookAlike::LongSOrDotlessI)),
    ]
}

fn any_spelling() -> impl Strategy<Value = Spelling> {
    select(vec![Spelling::OtherCase, Spelling::TwoSpaces, Spelling::Decomposed])
}

fn any_troubles(
    read: impl Strategy<Value = Call>,
    after_effect: Vec<u16>,
) -> impl Strategy<Value = Vec<(Call, Trouble, u32, u32)>> {
    let later = (any_trouble(read), 0_u32..3, 1_u32..4);
    let first = prop::option::weighted(0.5, (trouble_with_the_change(after_effect), Just(0), 1_u32..3));
    (first, prop::collection::vec(later, 0..3)).prop_map(|(first, later)| {
        let all = first.into_iter().chain(later);
        all.map(|((call, trouble), skip, times)| (call, trouble, skip, times)).collect()
    })
}

/// A trouble with any call.
fn any_trouble(read: impl Strategy<Value = Call>) -> impl Strategy<Value = (Call, Trouble)> {
    let call = prop_oneof![8 => read, 1 => Just(Call::Change)];
    let status = select(vec![302, 400, 403, 409, 418, 423, 429, 500, 502, 503, 504]);
    let trouble = prop_oneof![
        4 => status.prop_map(Trouble::Status),
        1 => Just(Trouble::Lost),
        2 => Just(Trouble::Html404),
        1 => Just(Trouble::Empty404),
        2 => Just(Trouble::Untracked404),
        1 => Just(Trouble::NoStaticResource),
        1 => Just(Trouble::OtherOrganization),
    ];
    prop_oneof![
        4 => (call, trouble),
        1 => Just((Call::List, Trouble::ListLies)),
    ]
}

/// A change that has no clear answer, or must be repeated.
fn trouble_with_the_change(after_effect: Vec<u16>) -> impl Strategy<Value = (Call, Trouble)> {
    let trouble = prop_oneof![
        4 => select(vec![302, 418, 423, 429, 500, 502, 503, 504]).prop_map(Trouble::Status),
        1 => select(after_effect).prop_map(Trouble::StatusAfterEffect),
        2 => Just(Trouble::Lost),
        1 => Just(Trouble::LostAfterEffect),
        1 => Just(Trouble::Html404),
    ];
    trouble.prop_map(|trouble| (Call::Change, trouble))
}

fn any_crash() -> impl Strategy<Value = Option<Crash>> {
    let call = prop_oneof![1 => Just(Call::Read), 6 => Just(Call::Change), 1 => Just(Call::List)];
    let crash = (call, prop_oneof![3 => Just(0_u32), 1 => 1_u32..3], any::<bool>());
    let crash = crash.prop_map(|(call, skip, takes_effect)| Crash { call, skip, takes_effect });
    prop::option::weighted(0.4, crash)
}

fn any_event_before_the_press() -> impl Strategy<Value = Event> {
    prop_oneof![
        3 => Just(Event::Renamed),
        4 => Just(Event::NamesMoveOn),
        2 => Just(Event::Replaced),
        2 => Just(Event::CallingChanged),
        2 => Just(Event::TaggedByOthers),
        1 => any_event(),
    ]
}

fn any_event() -> impl Strategy<Value = Event> {
    prop_oneof![
        2 => Just(Event::Crash),
        3 => Just(Event::OtherTarget),
        1 => Just(Event::OwnTarget),
        3 => Just(Event::OtherCredential),
        1 => Just(Event::FirstCredential),
        3 => Just(Event::LoseAccess),
        1 => Just(Event::Recover),
        2 => Just(Event::Renamed),
        1 => Just(Event::Replaced),
        1 => Just(Event::DeletedByOthers),
        1 => Just(Event::TaggedByOthers),
        3 => Just(Event::AnaLeaves),
        2 => Just(Event::RightWithdrawn),
        4 => select(vec![1, 3, 20, 60, 20 * 60, 3 * 24 * 3600]).prop_map(Event::Wait),
    ]
}
