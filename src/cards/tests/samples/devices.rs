//! Samples of lists, choices, questions and their results, each with usual and with extreme facts.

use std::collections::BTreeMap;

use jiff::SignedDuration;

use super::parts::*;
use super::tags::{many_tagged, tags, tags_asked, tags_of, unclear_tags};
use crate::cards::*;
use crate::domain::{Actor, Cause, Count, Device, DeviceFacts, Mac, PersonId, WorkspaceId};

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
        next_page: Some(Button::next_page(REFERENCE)),
        csv: Some(Button::csv(REFERENCE)),
        now: now(),
    })
}

pub(in crate::cards::tests) fn odd_in_place<'a>(device: &'a Device, text: &'a str) -> DeviceWithNames<'a> {
    let name = Some(text);
    DeviceWithNames { device, workspace_name: name, location_name: name, owner_name: name }
}

pub(in crate::cards::tests) fn empty_list(filter: Option<&str>) -> Card {
    let none = BTreeMap::new();
    render(&DeviceList {
        total: 0,
        by_status: &none,
        by_product: &none,
        rows: &[],
        page: 1,
        filter,
        sort: None,
        unreadable: 1,
        next_page: None,
        csv: None,
        now: now(),
    })
}

pub(in crate::cards::tests) fn choice(with_buttons: bool, count: Count) -> Card {
    let fleet: Vec<Device> = fleet()
        .into_iter()
        .map(|device| Device { display_name: Some("Panorama".to_owned()), ..device })
        .collect();
    let choose = with_buttons.then_some(REFERENCE);
    let candidates: Vec<_> =
        fleet.iter().take(3).map(|device| ChoiceRow { device: in_place(device), choose }).collect();
    render(&Choice {
        reference: "Panorama",
        verb: "delete device",
        rest: " because \"replaced\"",
        candidates: &candidates,
        count,
        cancel: choose,
        now: now(),
    })
}

pub(in crate::cards::tests) fn odd_choice(text: &str) -> Card {
    let device = odd_device(text);
    let candidate = ChoiceRow { device: odd_in_place(&device, text), choose: Some(REFERENCE) };
    render(&Choice {
        reference: text,
        verb: "tag device",
        rest: &format!(" {text}"),
        candidates: &[candidate; 6],
        count: Count::MoreThan(90),
        cancel: Some(REFERENCE),
        now: now(),
    })
}

pub(in crate::cards::tests) fn not_found(near: &[SimilarDevice<'_>], reference: &str) -> Card {
    let looked_up_by = &[LookedUpBy::Id, LookedUpBy::Serial, LookedUpBy::Mac, LookedUpBy::Name];
    render(&NotFoundDevice { reference, looked_up_by, near })
}

pub(in crate::cards::tests) fn near() -> [SimilarDevice<'static>; 2] {
    [
        SimilarDevice { name: Some("BER-4 Panorama"), serial: Some("FOC2345ABCD") },
        SimilarDevice { name: Some("BER-44 Panorama"), serial: None },
    ]
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
    let similar = SimilarDevice { name: Some(text), serial: Some(text) };
    let unread = Cause::NotRead;
    let mut cards = vec![
        ("list", odd_list(text)),
        ("choice", odd_choice(text)),
        ("device", odd_shown(text)),
        ("not found", not_found(&[similar; 9], text)),
        ("proposal", proposal_of(place, &person, Some(text))),
        ("deletion", deletion(Some(&odd_facts), &outcome(Cause::Deleted, Some(204)))),
        ("tags", tags_of(&odd_facts, &tags, &tags[..1], Some(&tags[..0]), &person)),
        ("tags asked", tags_asked(place, &tags, &person)),
        ("tags of many asked", many[0].clone()),
        ("tags of many", many[2].clone()),
        ("changed", changed_of(&odd_facts, &facts())),
        ("filter that matches nothing", render(&Notice::no_device_to_tag(text))),
        ("workspace not found", render(&Notice::workspace_not_found(text, &[text, text]))),
        ("error", render(&Notice::not_shown(&unread, Some(503), Some(TRACKING_ID), now()))),
    ];
    let side_effects = [SideEffect::CallingTypeReset { from: text }; 3];
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
        ("empty list", empty_list(None)),
        ("empty list with a filter", empty_list(Some("status:offline"))),
        ("choice", choice(true, Count::Exactly(3))),
        ("choice of many", choice(true, Count::Exactly(17))),
        ("choice of more than were counted", choice(true, Count::MoreThan(50))),
        ("choice of at least 3", choice(true, Count::AtLeast(3))),
        ("choice without buttons", choice(false, Count::Exactly(3))),
        ("not found, something near", not_found(&near(), "BER-4 Panoramma")),
        ("not found, nothing near", not_found(&[], "Zzz")),
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
