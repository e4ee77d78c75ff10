//! The people, devices and facts of the samples.

use jiff::{SignedDuration, Timestamp};

use crate::cards::*;
use crate::domain::clock::ClockDeviation;
use crate::domain::{
    Actor, Cause, Device, DeviceFacts, DeviceId, EmailAddress, LocationId, OrgId, Outcome, PersonId,
    WorkspaceId,
};
use crate::filter::IdleExclusion;

pub(in crate::cards::tests) const CODE: &str = "K7Q2-M9";

pub(in crate::cards::tests) fn now() -> Timestamp {
    at("2026-11-24T09:12:05Z")
}

pub(in crate::cards::tests) fn until() -> Timestamp {
    now() + SignedDuration::from_mins(15)
}

/// Decodes to `ciscospark://us/PLACES/11111111-2222-3333-4444-555555555555`.
pub(in crate::cards::tests) const WORKSPACE_ID: &str =
    "Y2lzY29zcGFyazovL3VzL1BMQUNFUy8xMTExMTExMS0yMjIyLTMzMzMtNDQ0NC01NTU1NTU1NTU1NTU";

pub(in crate::cards::tests) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(in crate::cards::tests) fn device() -> Device {
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

pub(in crate::cards::tests) fn facts() -> DeviceFacts {
    DeviceFacts { workspace_name: Some("Berlin 4.12".to_owned()), ..DeviceFacts::of(&device()) }
}

pub(in crate::cards::tests) fn personal_facts() -> DeviceFacts {
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

pub(in crate::cards::tests) fn actor() -> Actor {
    Actor {
        person_id: PersonId::parse("person-ana").unwrap(),
        org_id: Some(OrgId::parse("organization-acme").unwrap()),
        email: Some(EmailAddress::parse("ana@example.com").unwrap()),
        display_name: "Ana Ito".to_owned(),
        is_machine: false,
    }
}

/// As Webex writes them.
pub(in crate::cards::tests) const TRACKING_ID: &str = "ROUTERGW_6f1c9a52-0d34-4f5e-8a3b-2c1d0e9f8a7b";

pub(in crate::cards::tests) fn outcome(cause: Cause, status: Option<u16>) -> Outcome {
    Outcome { cause, status, tracking_id: status.map(|_| TRACKING_ID.to_owned()), at: now() }
}

/// Every cause with its status.
pub(in crate::cards::tests) fn causes() -> Vec<(Cause, Option<u16>)> {
    let until = now() + SignedDuration::from_mins(12);
    vec![
        (Cause::Deleted, Some(204)),
        (Cause::SettledByReading, Some(404)),
        (Cause::StillListed, Some(204)),
        (Cause::NotReadBack, Some(503)),
        (Cause::Unsettled, None),
        (Cause::NeverFound, Some(404)),
        (Cause::Vanished, Some(404)),
        (Cause::RemovedForGood, Some(410)),
        (Cause::CallRetired, Some(410)),
        (Cause::Unproven, Some(502)),
        (Cause::OtherCredential, None),
        (Cause::OutOfSight, Some(404)),
        (Cause::OtherOrganization, Some(200)),
        (
            Cause::OtherThanNamed {
                asked: "FOC2345ABCD".to_owned(),
                found: "serial number FOC2345ABCE and no MAC address".to_owned(),
            },
            None,
        ),
        (Cause::SettingsChanged, None),
        (Cause::NotChecked, None),
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
        (Cause::GivenUp, None),
        (Cause::Unreachable, None),
        (Cause::Changed { what: "owner, serial".to_owned() }, Some(200)),
        (Cause::RightWithdrawn, None),
        (Cause::TooLate, None),
    ]
}

/// The reference of a button.
pub(in crate::cards::tests) const REFERENCE: &str = "q3Vd9PZs1mJ0yK7cT4uXbA";

/// A device in a workspace in Berlin, or a personal device of Ben.
pub(in crate::cards::tests) fn in_place(device: &Device) -> DeviceWithNames<'_> {
    DeviceWithNames {
        device,
        workspace_name: Some("Berlin 4.12"),
        location_name: Some("Berlin, Torstraße"),
        owner_name: Some("Ben Okafor"),
    }
}

/// The card of a deletion.
pub(in crate::cards::tests) fn deletion(facts: Option<&DeviceFacts>, outcome: &Outcome) -> Card {
    let (id, actor) = (device().id, actor());
    render(&DeletionResult {
        facts,
        device_id: &id,
        outcome,
        actor: &actor,
        reason: Some("replaced in the refresh"),
        replace: None,
        may_activate: false,
        clock: wrong_clock(),
    })
}

pub(in crate::cards::tests) fn follow_up(outcome: &Outcome, watch: Watch) -> Card {
    let (id, actor, facts) = (device().id, actor(), facts());
    let result = DeletionResult {
        facts: Some(&facts),
        device_id: &id,
        outcome,
        actor: &actor,
        reason: None,
        replace: None,
        may_activate: false,
        clock: None,
    };
    render(&FollowUp { result, earlier: crate::domain::OutcomeKind::Accepted, watch })
}

pub(in crate::cards::tests) fn shown(device: &Device, may_delete: bool) -> Card {
    let hub = ControlHub::Commercial;
    render(&ShownDevice {
        device: in_place(device),
        may_delete,
        buttons: [may_delete.then(|| Button::delete(REFERENCE)), None, None],
        links: [hub.devices(), device.workspace_id.as_ref().and_then(|id| hub.workspace(id))],
        now: now(),
    })
}

pub(in crate::cards::tests) fn bare_device() -> Device {
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

/// A clock that is days ahead.
pub(in crate::cards::tests) fn wrong_clock() -> Option<ClockDeviation> {
    ClockDeviation::between(at("2026-11-21T09:12:05Z"), now(), now())
}

/// More excluding terms than a card names, with this text.
pub(in crate::cards::tests) fn idle_exclusions(text: &str) -> Vec<IdleExclusion> {
    let with_parts = IdleExclusion { term: text.to_owned(), wider: Some((text.to_owned(), 12)) };
    let without = IdleExclusion { term: text.to_owned(), wider: None };
    vec![with_parts, without.clone(), without.clone(), without]
}
