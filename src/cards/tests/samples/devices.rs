//! Samples of lists, choices, questions and their results, each with usual and with extreme facts.

use std::collections::BTreeMap;

use jiff::SignedDuration;

use super::parts::*;
use super::tags::{many_tagged, tags, tags_asked, tags_of, unclear_tags};
use crate::cards::*;
use crate::domain::{Actor, Cause, Count, Device, DeviceFacts, Mac, PersonId, Workspace, WorkspaceId};

/// The longest and oddest name from Webex: markup, mentions, emoji, another reading direction.
pub(in crate::cards::tests) const ODD: &str =
    "**Bold** <@all> [a](http://x) | 👩‍🔧 ‏חדר ישיבות 会議室 {{7*7}} \"\\ {{DATE(2026-11-24T09:12:05Z, SHORT)}}";

/// A personal phone.
pub(in crate::cards::tests) fn phone() -> Device {
    Device {
        display_name: Some("Ben's phone".to_owned()),
        workspace_id: None,
        person_id: Some(PersonId::parse("ben").unwrap()),
        product: Some("Cisco 9861".to_owned()),
        kind: Some("phone".to_owned()),
        serial: Some("FVH2711ABCD".to_owned()),
        connection_status: Some("disconnected".to_owned()),
        tags: Vec::new(),
        error_codes: Vec::new(),
        last_seen: None,
        ..device()
    }
}

fn fleet() -> Vec<Device> {
    let places = [
        "Panorama",
        "Alpha",
        "Lobby",
        "会議室",
        "Kreuzberg",
        "Lab 2",
        "War room",
        "Atrium",
        "Canteen",
        "Spree",
    ];
    let models = ["Cisco Room Bar Pro", "Cisco Desk Pro", "Cisco Board Pro 75"];
    let statuses = ["connected", "disconnected", "connected_with_issues", "connected"];
    let named = |(index, place): (usize, &&str)| Device {
        display_name: Some(format!("BER-{index} {place}")),
        product: Some(models[index % models.len()].to_owned()),
        serial: Some(format!("FOC2345AB{index:02}")),
        connection_status: Some(statuses[index % statuses.len()].to_owned()),
        last_seen: Some(now() - SignedDuration::from_hours(7) * (index * index).try_into().unwrap()),
        ..device()
    };
    places.iter().enumerate().map(named).collect()
}

pub(in crate::cards::tests) fn odd_device(text: &str) -> Device {
    let some = || Some(text.to_owned());
    Device {
        display_name: some(),
        product: some(),
        kind: some(),
        serial: some(),
        mac: some(),
        ip: some(),
        connection_status: some(),
        software: some(),
        upgrade_channel: some(),
        tags: vec![text.to_owned(); 20],
        error_codes: vec![text.to_owned(); 20],
        platform: some(),
        managed_by: some(),
        maintenance: some(),
        person_id: Some(actor().person_id),
        ..device()
    }
}

pub(in crate::cards::tests) fn counts(counts: &[(&str, u64)]) -> BTreeMap<String, u64> {
    counts.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()
}

pub(in crate::cards::tests) fn list() -> Card {
    let fleet = fleet();
    let rooms = ["Berlin 4.12", "Berlin 4.13", "Berlin 5.01", "Berlin 2.07"];
    let rows: Vec<_> = fleet
        .iter()
        .zip(rooms.iter().cycle())
        .map(|(device, room)| DeviceWithNames { workspace_name: Some(room), ..in_place(device) })
        .collect();
    render(&DeviceList {
        total: 237,
        by_status: &counts(&[("connected", 180), ("disconnected", 42), ("connected_with_issues", 15)]),
        by_product: &counts(&[
            ("Cisco Room Bar Pro", 96),
            ("Cisco Desk Pro", 81),
            ("Cisco Board Pro 75", 30),
            ("Cisco 9861", 21),
            ("Cisco Room Kit", 6),
            ("Cisco DX80", 3),
        ]),
        rows: &rows,
        page: 1,
        filter: Some("location:\"Berlin*\" -tag:keep"),
        sort: Some("-last-seen"),
        unreadable: 0,
        idle: &[],
        wider: None,
        previous_page: None,
        next_page: Some(Button::next_page(REFERENCE)),
        csv: Some(Button::csv(REFERENCE)),
        now: now(),
    })
}

/// A list longer than a page, with this text in every field.
pub(in crate::cards::tests) fn odd_list(text: &str) -> Card {
    let device = odd_device(text);
    let row = odd_in_place(&device, text);
    let counts = counts(&[(text, 3)]);
    render(&DeviceList {
        total: u64::MAX,
        by_status: &counts,
        by_product: &counts,
        rows: &[row; 12],
        page: 2,
        filter: Some(text),
        sort: Some(text),
        unreadable: u64::MAX,
        idle: &idle_exclusions(text),
        wider: None,
        previous_page: Some(Button::previous_page(REFERENCE)),
        next_page: Some(Button::next_page(REFERENCE)),
        csv: Some(Button::csv(REFERENCE)),
        now: now(),
    })
}

pub(in crate::cards::tests) fn odd_in_place<'a>(device: &'a Device, text: &'a str) -> DeviceWithNames<'a> {
    let name = Some(text);
    DeviceWithNames { device, workspace_name: name, location_name: name, owner_name: name }
}

pub(in crate::cards::tests) fn empty_list(filter: Option<&str>, wider: Option<WiderList<'_>>) -> Card {
    empty_page(0, 1, filter, wider)
}

/// A page without rows of a list with this many devices.
pub(in crate::cards::tests) fn empty_page(
    total: u64,
    page: u64,
    filter: Option<&str>,
    wider: Option<WiderList<'_>>,
) -> Card {
    let none = BTreeMap::new();
    render(&DeviceList {
        total,
        by_status: &none,
        by_product: &none,
        rows: &[],
        page,
        filter,
        sort: None,
        unreadable: 1,
        idle: &[],
        wider,
        previous_page: (total > 0).then_some(Button::previous_page(REFERENCE)),
        next_page: None,
        csv: None,
        now: now(),
    })
}

/// An empty list, with this text as its filter.
pub(in crate::cards::tests) fn odd_empty_list(text: &str) -> Card {
    let wider = WiderList { filter: text, count: u64::MAX, list: Button::list_them(REFERENCE) };
    empty_list(Some(text), Some(wider))
}

/// A list of nothing, because the text is only a part of these names.
pub(in crate::cards::tests) fn list_of_parts(count: u64) -> Card {
    let list = Button::list_them(REFERENCE);
    empty_list(Some("name:lobby"), Some(WiderList { filter: "name:*lobby*", count, list }))
}

pub(in crate::cards::tests) fn choice(with_buttons: bool, count: Count) -> Card {
    let fleet: Vec<Device> = fleet()
        .into_iter()
        .map(|device| Device { display_name: Some("Panorama".to_owned()), ..device })
        .collect();
    let choose = with_buttons.then_some(REFERENCE);
    let candidates: Vec<_> =
        fleet.iter().take(3).map(|device| ChoiceRow { choose, ..row_of(device) }).collect();
    render(&Choice {
        sought: Sought::Device,
        reference: "Panorama",
        verb: "delete device",
        rest: " because \"replaced\"",
        candidates: &candidates,
        count,
        only_among: None,
        example: None,
        cancel: choose,
        now: now(),
    })
}

pub(in crate::cards::tests) fn odd_choice(text: &str) -> Card {
    let device = odd_device(text);
    render(&Choice {
        sought: Sought::Device,
        reference: text,
        verb: "tag device",
        rest: &format!(" {text}"),
        candidates: &[odd_row(&device, text); 6],
        count: Count::MoreThan(90),
        only_among: Some(u64::MAX),
        example: None,
        cancel: Some(REFERENCE),
        now: now(),
    })
}

fn row_of(device: &Device) -> ChoiceRow<'_> {
    ChoiceRow { candidate: Candidate::Device(in_place(device)), choose: Some(REFERENCE) }
}

fn odd_row<'a>(device: &'a Device, text: &'a str) -> ChoiceRow<'a> {
    ChoiceRow { candidate: Candidate::Device(odd_in_place(device, text)), choose: Some(REFERENCE) }
}

pub(in crate::cards::tests) fn not_found(
    similar: &[ChoiceRow<'_>],
    reference: &str,
    all: Option<&str>,
) -> Card {
    let looked_up_by = &[LookedUpBy::Id, LookedUpBy::Serial, LookedUpBy::Mac, LookedUpBy::Name];
    let sought = Sought::Device;
    render(&NotFound { sought, reference, looked_up_by, similar, only_among: None, all, now: now() })
}

pub(in crate::cards::tests) fn similar_found() -> Card {
    let other = Device { display_name: Some("BER-44 Panorama".to_owned()), serial: None, ..device() };
    not_found(&[row_of(&device()), row_of(&other)], "panora", Some("list devices name:*panora*"))
}

pub(in crate::cards::tests) fn odd_not_found(text: &str) -> Card {
    let device = odd_device(text);
    not_found(&[odd_row(&device, text); 9], text, Some(text))
}

/// A workspace, with this text in every field.
fn workspace(text: &str, id: &str) -> Workspace {
    Workspace {
        org_id: None,
        id: WorkspaceId::parse(id).unwrap(),
        name: Some(text.to_owned()),
        location_id: None,
        kind: Some(if text == "Lobby" { "meetingRoom" } else { text }.to_owned()),
        supported_devices: Some("phones".to_owned()),
        calling_type: None,
    }
}

/// The names of the cards of [`destinations`].
const DESTINATIONS: [&str; 5] =
    ["workspaces", "similar workspaces", "people", "people who cannot be told apart", "similar people"];

/// Workspaces and people to choose from, and similar ones, with this text as their names.
pub(in crate::cards::tests) fn destinations(text: &str, location: &str) -> [Card; 5] {
    let workspaces = [workspace(text, WORKSPACE_ID), workspace(text, "workspace-5")];
    let people = [Actor { display_name: text.to_owned(), ..actor() }, Actor { email: None, ..actor() }];
    let location_name = Some(location);
    let workspaces = workspaces.each_ref().map(|workspace| ChoiceRow {
        candidate: Candidate::Workspace { workspace, location_name },
        choose: Some(REFERENCE),
    });
    let of = |choose: Option<&'static str>| {
        people.each_ref().map(|person| ChoiceRow { candidate: Candidate::Person(person), choose })
    };
    let choice = |sought, candidates: &[ChoiceRow<'_>], example| {
        let (count, now) = (Count::Exactly(2), now());
        let (verb, rest, cancel, only_among) = ("activate", "", None, None);
        let reference = text;
        let choice =
            Choice { sought, reference, verb, rest, candidates, count, only_among, example, cancel, now };
        render(&choice)
    };
    let not_found = |sought, similar: &[ChoiceRow<'_>], by| {
        let (looked_up_by, only_among) = (&[by], (sought == Sought::Person).then_some(10_000));
        render(&NotFound {
            sought,
            reference: text,
            looked_up_by,
            similar,
            only_among,
            all: None,
            now: now(),
        })
    };
    let line = format!("activate workspace {WORKSPACE_ID}");
    [
        choice(Sought::Workspace, &workspaces, Some(&line)),
        not_found(Sought::Workspace, &workspaces[..1], LookedUpBy::Name),
        choice(Sought::Person, &of(Some(REFERENCE)), Some("activate person ana@example.com")),
        choice(Sought::Person, &of(None), None),
        not_found(Sought::Person, &of(Some(REFERENCE))[..1], LookedUpBy::Email),
    ]
}

pub(in crate::cards::tests) fn no_destination(sought: Sought, by: LookedUpBy) -> Card {
    let (reference, looked_up_by) = ("Zzz", &[by]);
    let none =
        NotFound { sought, reference, looked_up_by, similar: &[], only_among: None, all: None, now: now() };
    render(&none)
}

pub(in crate::cards::tests) fn proposal(device: &Device, reason: Option<&str>) -> Card {
    proposal_of(in_place(device), &actor(), reason)
}

pub(in crate::cards::tests) fn proposal_of(
    device: DeviceWithNames<'_>,
    actor: &Actor,
    reason: Option<&str>,
) -> Card {
    render(&Proposal {
        device,
        found_by: LookedUpBy::Name,
        actor,
        reason,
        code: CODE,
        until: until(),
        delete: REFERENCE,
        cancel: REFERENCE,
        now: now(),
    })
}

pub(in crate::cards::tests) const OF_A_WORKSPACE: [SideEffect<'static>; 2] =
    [SideEffect::CallingTypeReset { from: "thirdPartySipCalling" }, SideEffect::FactoryReset];

pub(in crate::cards::tests) const OF_A_PERSON: [SideEffect<'static>; 1] = [SideEffect::CallingStandard];

/// The cards of one addition: the question, both answers to an activation, and the device.
pub(in crate::cards::tests) fn provisioned(
    place: AssignedTo<'_>,
    model: Option<&str>,
    side_effects: &[SideEffect<'_>],
    device: DeviceWithNames<'_>,
    actor: &Actor,
) -> [Card; 5] {
    let mac = Mac::parse("112233445566").ok();
    let activation = Provision { place, model, mac: None, side_effects, actor };
    let (confirm, cancel, until, now) = (REFERENCE, REFERENCE, until(), now());
    let question =
        |provision| render(&ProvisionProposal { provision, code: CODE, until, confirm, cancel, now });
    let expires = Some(now + SignedDuration::from_hours(7 * 24));
    [
        question(activation),
        question(Provision { mac, ..activation }),
        render(&Activation { provision: activation, expires, now }),
        render(&ActivationCodeCard { code: "5414011256173816", provision: activation, expires, now }),
        render(&DeviceAdded { device, side_effects, actor, now }),
    ]
}

pub(in crate::cards::tests) fn changed() -> Card {
    let now = DeviceFacts {
        serial: Some("FOC2345WXYZ".to_owned()),
        mac: None,
        workspace_id: Some(WorkspaceId::parse("workspace-5").unwrap()),
        workspace_name: Some("Berlin 5.01".to_owned()),
        owner_id: Some(PersonId::parse("ben").unwrap()),
        owner_name: Some("Ben Okafor".to_owned()),
        ..facts()
    };
    changed_of(&facts(), &now)
}

pub(in crate::cards::tests) fn changed_of(shown: &DeviceFacts, now: &DeviceFacts) -> Card {
    render(&DeviceChanged { shown, now, actor: &actor(), code: Some(CODE) })
}

pub(in crate::cards::tests) fn replaceable() -> Card {
    let (id, actor, facts) = (device().id, actor(), facts());
    render(&DeletionResult {
        facts: Some(&facts),
        device_id: &id,
        outcome: &outcome(Cause::Deleted, Some(204)),
        actor: &actor,
        reason: Some("replaced in the refresh"),
        replace: Some(Button::activate_replacement(REFERENCE)),
        may_activate: true,
        clock: None,
    })
}

pub(in crate::cards::tests) fn odd_shown(text: &str) -> Card {
    let device = odd_device(text);
    let hub = ControlHub::Government;
    let button = Some(Button::delete(REFERENCE));
    render(&ShownDevice {
        device: odd_in_place(&device, text),
        may_delete: true,
        buttons: [button; 3],
        links: [hub.devices(), hub.workspace(&WorkspaceId::parse(WORKSPACE_ID).unwrap())],
        now: now(),
    })
}

/// All cards with this text in every field.
fn full_of(text: &str) -> Vec<(&'static str, Card)> {
    let device = odd_device(text);
    let person = Actor { email: None, display_name: text.to_owned(), ..actor() };
    let tags = vec![text.to_owned(); 30];
    let odd_facts = DeviceFacts { workspace_name: Some(text.to_owned()), ..DeviceFacts::of(&device) };
    let place = odd_in_place(&device, text);
    let many = many_tagged(text, text, &tags, &person);
    let unread = Cause::NotRead;
    let mut cards = vec![
        ("list", odd_list(text)),
        ("empty list", odd_empty_list(text)),
        ("choice", odd_choice(text)),
        ("device", odd_shown(text)),
        ("not found", odd_not_found(text)),
        ("proposal", proposal_of(place, &person, Some(text))),
        ("deletion", deletion(Some(&odd_facts), &outcome(Cause::Deleted, Some(204)))),
        ("tags", tags_of(&odd_facts, &tags, &tags[..1], Some(&tags[..0]), &person)),
        ("tags asked", tags_asked(place, &tags, &person)),
        ("tags of many asked", many[0].clone()),
        ("tags of many", many[2].clone()),
        ("changed", changed_of(&odd_facts, &facts())),
        ("filter that matches nothing", render(&Notice::no_device_to_tag(text, None))),
        ("filter of parts", render(&Notice::no_device_to_tag(text, Some((12, text))))),
        ("error", render(&Notice::not_shown(&unread, Some(503), Some(TRACKING_ID), now()))),
    ];
    let side_effects = [SideEffect::CallingTypeReset { from: text }; 3];
    cards.extend(DESTINATIONS.into_iter().zip(destinations(text, text)));
    let names = ["activation asked", "addition asked", "activated", "activation code", "added"];
    let worst = provisioned(AssignedTo::Person(text), Some(text), &side_effects, place, &person);
    cards.extend(names.into_iter().zip(worst));
    cards
}

/// Cards full of long texts, of odd names, and of long words.
fn at_their_worst() -> Vec<(String, Card)> {
    let texts = [
        ("at its worst", ODD.repeat(10)),
        ("of odd names", ODD.to_owned()),
        ("in one word", "BER_4_Panorama_Konferenzraum_Nordflügel_mit_Bildschirm".to_owned()),
        ("in one wide word", "WM@".repeat(50)),
        ("in one Cyrillic word", "ПЕРЕГОВОРНАЯщёШ".repeat(4)),
        ("in one Japanese word", "会議室の端末".repeat(9)),
    ];
    let cards = texts.iter().flat_map(|(kind, text)| {
        full_of(text).into_iter().map(move |(name, card)| (format!("{name} {kind}"), card))
    });
    cards.collect()
}

/// All samples of this file, each with a name.
pub(super) fn cards() -> Vec<(String, Card)> {
    let mut cards = vec![
        ("device list", list()),
        ("empty list", empty_list(None, None)),
        ("empty list with a filter", empty_list(Some("status:offline"), None)),
        ("empty list of parts", list_of_parts(12)),
        ("empty page", empty_page(25, 9, None, None)),
        ("choice", choice(true, Count::Exactly(3))),
        ("choice of many", choice(true, Count::Exactly(17))),
        ("choice of more than were counted", choice(true, Count::MoreThan(50))),
        ("choice of at least 3", choice(true, Count::AtLeast(3))),
        ("choice without buttons", choice(false, Count::Exactly(3))),
        ("not found, something near", similar_found()),
        ("not found, nothing near", not_found(&[], "Zzz", None)),
        ("no workspace", no_destination(Sought::Workspace, LookedUpBy::WorkspaceId)),
        ("no person", no_destination(Sought::Person, LookedUpBy::Email)),
        ("proposal", proposal(&device(), Some("replaced in the refresh"))),
        ("proposal for a phone", proposal(&phone(), None)),
        ("proposal for a bare device", proposal(&bare_device(), None)),
        ("device that is a phone", shown(&phone(), true)),
        ("tags verified", tags("floor-4", "floor-4 pilot", Some("pilot floor-4"))),
        ("tags removed", tags("floor-4", "", Some(""))),
        ("tags as they were", tags("pilot", "pilot", Some("pilot"))),
        ("tags that somebody else changed", tags("floor-4", "floor-4 pilot", Some("floor-4 keep"))),
        ("tags not read", tags("floor-4", "pilot", None)),
        ("tags possibly set", unclear_tags(None, None)),
        ("tags not set", unclear_tags(Some("vip lobby"), Some(&Cause::RightWithdrawn))),
        ("tags not set: too late", unclear_tags(Some("vip lobby"), Some(&Cause::TooLate))),
        ("tags not set: not checked", unclear_tags(Some("vip lobby"), Some(&Cause::NotChecked))),
        ("tags not set: settings changed", unclear_tags(Some("vip lobby"), Some(&Cause::SettingsChanged))),
        ("changed", changed()),
        ("result of a deletion", replaceable()),
    ];
    let (device, actor) = (device(), actor());
    let names = ["tags of many asked", "tags of many", "tags of some", "tags of none"];
    let tags = ["retire".to_owned(), "floor 12".to_owned()];
    cards.push(("tags asked", tags_asked(in_place(&device), &tags, &actor)));
    cards.extend(names.into_iter().zip(many_tagged("BER-4 Panorama", "status:offline", &tags, &actor)));
    cards.extend(DESTINATIONS.into_iter().zip(destinations("Lobby", "Berlin, Torstraße")));
    let workspace = AssignedTo::Workspace("Berlin 4.12");
    let names = ["activation question", "addition question", "activation", "activation code 1:1", "addition"];
    cards.extend(names.into_iter().zip(provisioned(
        workspace,
        Some("Cisco 9861"),
        &OF_A_WORKSPACE,
        in_place(&device),
        &actor,
    )));
    let names = [
        "activation question for a person",
        "addition question for a person",
        "activation for a person",
        "activation code for a person",
        "addition for a person",
    ];
    cards.extend(names.into_iter().zip(provisioned(
        AssignedTo::Person("Ben Okafor"),
        None,
        &OF_A_PERSON,
        in_place(&device),
        &actor,
    )));
    let cards = cards.into_iter().map(|(name, card)| (name.to_owned(), card));
    cards.chain(at_their_worst()).collect()
}
