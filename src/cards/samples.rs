//! Samples of every view: what the tests of all cards look at.

pub(super) mod desk;
pub(super) mod tags;

use jiff::{SignedDuration, Timestamp};

use super::wording::Watch;
use super::*;
use crate::domain::{
    Actor, Cause, Device, DeviceFacts, DeviceId, EmailAddress, LocationId, OrgId, Outcome, PersonId,
    WorkspaceId,
};
use crate::grammar::{self, Command};
use crate::policy::{Denied, Right};

fn a_command() -> Command {
    grammar::parse("delete device \"Board *42*\" because \"moved <b>out</b>\"").unwrap()
}

pub(super) const ENTRIES: [HelpEntry<'static>; 3] = [
    HelpEntry {
        syntax: "show device <id>",
        summary: "Shows one device as Webex knows it now.",
        example: "show device Y2lzY29zcGFyazovL3VzL0RFVklDRS8x",
    },
    HelpEntry {
        syntax: "delete device <id> [because \"reason\"]",
        summary: "Deletes one device and proves that it is gone.",
        example: "delete device Y2lzY29zcGFyazovL3VzL0RFVklDRS8x because \"replaced\"",
    },
    HelpEntry { syntax: "help", summary: "Shows what you can ask.", example: "help" },
];

/// Says `ciscospark://us/PLACES/11111111-2222-3333-4444-555555555555`.
const WORKSPACE_ID: &str = "Y2lzY29zcGFyazovL3VzL1BMQUNFUy8xMTExMTExMS0yMjIyLTMzMzMtNDQ0NC01NTU1NTU1NTU1NTU";

pub(super) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(super) fn device() -> Device {
    Device {
        id: DeviceId::parse(
            "Y2lzY29zcGFyazovL3VzL0RFVklDRS8xMTExMTExMS0yMjIyLTMzMzMtNDQ0NC01NTU1NTU1NTU1NTU",
        )
        .unwrap(),
        display_name: Some("BER-4 Panorama".to_owned()),
        workspace_id: Some(WorkspaceId::parse(WORKSPACE_ID).unwrap()),
        person_id: None,
        org_id: None,
        product: Some("Cisco Room Bar Pro".to_owned()),
        kind: Some("roomdesk".to_owned()),
        serial: Some("FOC2345ABCD".to_owned()),
        mac: Some("11:22:33:44:AA:FF".to_owned()),
        ip: Some("10.4.7.21".to_owned()),
        connection_status: Some("connected_with_issues".to_owned()),
        software: Some("RoomOS 11.20.1".to_owned()),
        upgrade_channel: Some("stable".to_owned()),
        tags: vec!["floor-4".to_owned(), "pilot".to_owned()],
        error_codes: vec!["sipprofileregistration".to_owned()],
        location_id: Some(LocationId::parse("location-berlin").unwrap()),
        capabilities: vec!["xapi".to_owned()],
        platform: Some("cisco".to_owned()),
        managed_by: Some("CISCO".to_owned()),
        maintenance: Some("off".to_owned()),
        created: Some(at("2025-04-21T17:00:00Z")),
        first_seen: Some(at("2025-04-21T17:03:12Z")),
        last_seen: Some(at("2026-11-22T08:10:00Z")),
    }
}

pub(super) fn facts() -> DeviceFacts {
    DeviceFacts { workspace_name: Some("Berlin 4.12".to_owned()), ..DeviceFacts::of(&device()) }
}

pub(super) fn personal_facts() -> DeviceFacts {
    DeviceFacts {
        name: Some("Ben's Desk Pro".to_owned()),
        product: Some("Cisco Desk Pro".to_owned()),
        workspace_id: None,
        workspace_name: None,
        owner_id: Some(PersonId::parse("ben").unwrap()),
        owner_name: Some("Ben Okafor".to_owned()),
        ..facts()
    }
}

pub(super) fn actor() -> Actor {
    Actor {
        person_id: PersonId::parse("person-ana").unwrap(),
        org_id: Some(OrgId::parse("organization-acme").unwrap()),
        email: Some(EmailAddress::parse("ana@example.com").unwrap()),
        display_name: "Ana Ito".to_owned(),
        is_machine: false,
    }
}

pub(super) fn outcome(cause: Cause, status: Option<u16>) -> Outcome {
    Outcome {
        cause,
        status,
        tracking_id: status.map(|_| "ROUTERGW_6f1c9a52".to_owned()),
        at: at("2026-11-24T09:12:05Z"),
    }
}

/// Every cause with the status that brings it about.
pub(super) fn causes() -> Vec<(Cause, Option<u16>)> {
    let until = at("2026-11-24T09:12:05Z") + SignedDuration::from_mins(12);
    vec![
        (Cause::Deleted, Some(204)),
        (Cause::SettledByReading, Some(404)),
        (Cause::StillListed, Some(204)),
        (Cause::NotReadBack, Some(503)),
        (Cause::Unsettled, None),
        (Cause::NeverFound, Some(404)),
        (Cause::Vanished, Some(404)),
        (Cause::RemovedForGood, Some(410)),
        (Cause::BadRequest, Some(400)),
        (Cause::CredentialRejected, Some(401)),
        (Cause::NotPermitted, Some(403)),
        (Cause::MethodRefused, Some(405)),
        (Cause::Conflict, Some(409)),
        (Cause::MediaTypeRefused, Some(415)),
        (Cause::Locked { until }, Some(423)),
        (Cause::PreconditionRequired, Some(428)),
        (Cause::TooManyRequests { until }, Some(429)),
        (Cause::WebexError, Some(503)),
        (Cause::NoAnswer, None),
        (Cause::Unexpected, Some(418)),
        (Cause::NotRead, Some(500)),
        (Cause::Unreachable, None),
        (Cause::Changed { what: "owner, serial".to_owned() }, Some(200)),
        (Cause::RightWithdrawn, None),
        (Cause::TooLate, None),
    ]
}

/// What a button sends back.
pub(super) const REFERENCE: &str = "q3Vd9PZs1mJ0yK7cT4uXbA";

/// A device in a workspace of Berlin, or Ben's.
pub(super) fn in_place(device: &Device) -> DeviceWithNames<'_> {
    DeviceWithNames {
        device,
        workspace_name: Some("Berlin 4.12"),
        location_name: Some("Berlin, Torstraße"),
        owner_name: Some("Ben Okafor"),
    }
}

/// The card of a deletion.
pub(super) fn deletion(facts: Option<&DeviceFacts>, outcome: &Outcome) -> Card {
    let (id, actor) = (device().id, actor());
    render(&DeletionResult {
        facts,
        device_id: &id,
        outcome,
        actor: &actor,
        reason: Some("replaced in the refresh"),
        replace: None,
    })
}

pub(super) fn follow_up(outcome: &Outcome, watch: Watch) -> Card {
    let (id, actor, facts) = (device().id, actor(), facts());
    let result = DeletionResult {
        facts: Some(&facts),
        device_id: &id,
        outcome,
        actor: &actor,
        reason: None,
        replace: None,
    };
    render(&FollowUp { result, earlier: crate::domain::OutcomeKind::Accepted, watch })
}

pub(super) fn shown(device: &Device, may_delete: bool) -> Card {
    let hub = ControlHub::Commercial;
    render(&ShownDevice {
        device: in_place(device),
        may_delete,
        buttons: [may_delete.then(|| Button::delete(REFERENCE)), None, None],
        links: [hub.devices(), device.workspace_id.as_ref().and_then(|id| hub.workspace(id))],
        now: at("2026-11-24T09:12:05Z"),
    })
}

pub(super) fn misspelled() -> Card {
    let pointer = Pointer { line: "delete device lobby".to_owned(), span: 14..19 };
    render(&Notice::not_understood(
        pointer,
        "expected a device id (about 80 characters, as `Y2lzY29…`), found 5 characters",
        Some("Give the id of one device, as Control Hub shows it."),
        Some("delete device Y2lzY29zcGFyazovL3VzL0RFVklDRS8x"),
    ))
}

pub(super) fn bare_device() -> Device {
    Device {
        display_name: Some("  ".to_owned()),
        workspace_id: None,
        person_id: Some(PersonId::parse("ben").unwrap()),
        product: None,
        kind: None,
        serial: None,
        mac: None,
        ip: None,
        connection_status: None,
        software: None,
        upgrade_channel: None,
        tags: Vec::new(),
        error_codes: Vec::new(),
        location_id: None,
        platform: None,
        managed_by: None,
        maintenance: None,
        created: None,
        first_seen: None,
        last_seen: None,
        ..device()
    }
}

/// Samples of all views, each with a name for the test that fails.
pub(super) fn every_card() -> Vec<(String, Card)> {
    let mut cards = Vec::new();
    for (cause, status) in causes() {
        let outcome = outcome(cause.clone(), status);
        for (name, facts) in
            [("shared", Some(facts())), ("personal", Some(personal_facts())), ("unread", None)]
        {
            cards.push((format!("{name} {cause:?}"), deletion(facts.as_ref(), &outcome)));
        }
        for watch in [Watch::Continues, Watch::Ended] {
            cards.push((format!("{watch:?} {cause:?}"), follow_up(&outcome, watch)));
        }
    }
    for reason in [Denied::OtherOrganization, Denied::NotAHuman, Denied::NoAdmins, Denied::NotAnAdmin] {
        cards.push((format!("{reason:?}"), render(&Notice::denied(reason))));
        cards.push((format!("whoami {reason:?}"), render(&WhoAmI { actor: &actor(), rights: Err(reason) })));
    }
    let stranger = Actor { email: None, org_id: None, ..actor() };
    let many = [ENTRIES[1]; 24];
    let long_ago = at("2026-11-21T09:12:05Z");
    let others = [
        ("device", shown(&device(), true)),
        ("device for readers", shown(&device(), false)),
        ("bare device", shown(&bare_device(), true)),
        ("help", render(&Help { entries: &ENTRIES, has_rights: true })),
        ("help without rights", render(&Help { entries: &ENTRIES[2..], has_rights: false })),
        ("long help", render(&Help { entries: &many, has_rights: true })),
        ("about", render(&About { version: "0.1.0" })),
        ("whoami", render(&WhoAmI { actor: &actor(), rights: Ok(&[Right::Read, Right::Delete]) })),
        ("whoami without rights", render(&WhoAmI { actor: &stranger, rights: Ok(&[]) })),
        ("not understood", misspelled()),
        ("could not check", render(&Notice::could_not_check())),
        (
            "not shown",
            render(&Notice::not_shown(&Cause::NotRead, Some(503), Some("T_1"), at("2026-11-24T09:12:05Z"))),
        ),
        (
            "not found",
            render(&Notice::not_shown(&Cause::NeverFound, Some(404), None, at("2026-11-24T09:12:05Z"))),
        ),
        (
            "waiting",
            render(&Notice::waiting(&a_command(), at("2026-11-24T09:14:00Z"), at("2026-11-24T09:12:05Z"))),
        ),
        ("while away", render(&Notice::while_away(Some(long_ago), at("2026-11-24T09:12:05Z")))),
        ("while away, nobody knows when", render(&Notice::while_away(None, at("2026-11-24T09:12:05Z")))),
        ("welcome", render(&Notice::welcome("Steward", true))),
        ("welcome to one person", render(&Notice::welcome("Steward", false))),
        (
            "credential ends",
            render(&Notice::credential_ends(at("2026-12-07T09:12:05Z"), at("2026-11-24T09:12:05Z"))),
        ),
        ("credential has ended", render(&Notice::credential_ends(long_ago, at("2026-11-24T09:12:05Z")))),
        ("too old", render(&Notice::too_old(Some(long_ago), at("2026-11-24T09:12:05Z")))),
    ];
    cards.extend(others.map(|(name, card)| (name.to_owned(), card)));
    cards.extend(desk::cards());
    cards
}
