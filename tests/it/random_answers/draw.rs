//! Draws random stories, the rare and dangerous ones more often than they are.

use proptest::prelude::*;
use proptest::sample::select;

use super::story::{Call, Crash, Event, Named, Order, Place, Story, Tags, Trouble};
use super::written::{Hidden, LookAlike, Spelling, Written};

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
    let at_once = prop::option::weighted(0.25, other);
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
    let all = (command, prop::bool::weighted(0.2), calls, events);
    all.prop_map(|(command, is_meddled, (troubles, crash), (before_the_press, events))| {
        let ((order, at_once), written, twin, has_calling) = command;
        let is_tag = matches!(order, Order::Tag(..));
        let mut story = Story {
            order,
            written,
            twin,
            has_calling,
            at_once,
            is_meddled: is_meddled && at_once.is_none() && is_tag,
            troubles,
            crash: crash.filter(|_| at_once.is_none() && !(is_meddled && is_tag)),
            before_the_press,
            events,
        };
        make_likely(&mut story);
        story
    })
}

/// Takes away what would keep a story from becoming dangerous.
fn make_likely(story: &mut Story) {
    let Story { order, written, twin, has_calling, at_once, is_meddled, troubles, crash, .. } = story;
    if let Order::Delete(named) | Order::Tag(named, _) = order {
        let is_look_alike = matches!(written, Written::LookAlike(_));
        // Ids and MAC addresses have nothing but ASCII, so only a serial number or name can be mistaken.
        let is_safe = is_look_alike && *named != Named::Name;
        // A command that waits for a confirmation does not meet the other one.
        if is_safe || at_once.is_some() && *named == Named::Name {
            *named = Named::Serial;
        }
    }
    // Once the first command has changed the calling type, the second one needs no question.
    let is_provision = matches!(order, Order::Add(_) | Order::Activate(_));
    *at_once = at_once.filter(|_| (*has_calling || !is_provision) && !matches!(order, Order::TagMany(_)));
    *twin = twin.filter(|_| order.is_by_name());
    if let Order::Tag(_, tags) = order
        && *is_meddled
    {
        // Only where nothing is removed can Webex keep the tags of others.
        tags.remove = tags.remove.filter(|_| tags.add.is_none());
    }
    if at_once.is_some() || *is_meddled || crash.is_some_and(|crash| crash.call == Call::Change) {
        troubles.retain(|(call, ..)| *call != Call::Change);
    }
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
    let first = prop::option::weighted(0.6, (trouble_with_the_change(after_effect), Just(0), 1_u32..3));
    (first, prop::collection::vec(later, 0..3)).prop_map(|(first, later)| {
        let all = first.into_iter().chain(later);
        all.map(|((call, trouble), skip, times)| match trouble {
            // A device is searched for in three lists at once.
            Trouble::ListLies => (call, trouble, 0, 3),
            _ => (call, trouble, skip, times),
        })
        .collect()
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
        3 => (call, trouble),
        1 => Just((Call::List, Trouble::ListLies)),
    ]
}

/// A change that has no clear answer, or must be repeated.
fn trouble_with_the_change(after_effect: Vec<u16>) -> impl Strategy<Value = (Call, Trouble)> {
    let trouble = prop_oneof![
        2 => Just(Trouble::Status(429)),
        4 => select(vec![302, 418, 423, 500, 502, 503, 504]).prop_map(Trouble::Status),
        1 => select(after_effect).prop_map(Trouble::StatusAfterEffect),
        2 => Just(Trouble::Lost),
        1 => Just(Trouble::LostAfterEffect),
        1 => Just(Trouble::Html404),
    ];
    trouble.prop_map(|trouble| (Call::Change, trouble))
}

fn any_crash() -> impl Strategy<Value = Option<Crash>> {
    let call = prop_oneof![1 => Just(Call::Read), 6 => Just(Call::Change), 1 => Just(Call::List)];
    let crash = (call, prop_oneof![3 => Just(0_u32), 1 => 1_u32..3], prop::bool::weighted(0.6));
    let crash = crash.prop_map(|(call, skip, takes_effect)| Crash { call, skip, takes_effect });
    prop::option::weighted(0.5, crash)
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
        1 => Just(Event::Crash),
        2 => Just(Event::OtherTarget),
        1 => Just(Event::OwnTarget),
        3 => Just(Event::OtherCredential),
        1 => Just(Event::FirstCredential),
        2 => Just(Event::LoseAccess),
        1 => Just(Event::Recover),
        1 => Just(Event::Renamed),
        1 => Just(Event::Replaced),
        1 => Just(Event::DeletedByOthers),
        1 => Just(Event::TaggedByOthers),
        3 => Just(Event::AnaLeaves),
        2 => Just(Event::RightWithdrawn),
        6 => select(vec![1, 20, 60, 20 * 60, 20 * 60, 3 * 24 * 3600]).prop_map(Event::Wait),
    ]
}
