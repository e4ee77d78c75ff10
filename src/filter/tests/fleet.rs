//! A small fleet of odd devices, each identified by a letter.

use jiff::{SignedDuration, Timestamp};

use crate::domain::fixtures::bare_device;
use crate::domain::{Device, LocationId, PersonId, WorkspaceId};
use crate::filter::{Filter, RelatedNames};

/// The current time of the tests: Monday noon.
pub(super) fn now() -> Timestamp {
    "2026-04-06T12:00:00Z".parse().unwrap()
}

/// A device with only an id.
pub(super) fn bare(letter: char) -> Device {
    bare_device(&format!("11111111-2222-3333-4444-55555555555{letter}"))
}

fn text(text: &str) -> String {
    text.to_owned()
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|&text| text.to_owned()).collect()
}

fn days_ago(days: i64) -> Timestamp {
    now() - SignedDuration::from_hours(24 * days)
}

/// `a` is a board in the lobby, `b` a bar not seen for long, `c` the bar pro next to it, `d` a personal desk device,
/// `e` a phone that never reports, and `f` has only an id.
pub(super) fn fleet() -> Vec<(Device, RelatedNames)> {
    let nothing = RelatedNames::default;
    let workspace = |name: &str| RelatedNames { workspace: Some(text(name)), ..nothing() };
    let in_berlin = |name: &str| RelatedNames { location: Some(text("Berlin")), ..workspace(name) };
    let ana =
        RelatedNames { person: Some(text("Ana Alvarez")), email: Some(text("ana@example.com")), ..nothing() };
    vec![
        (board(), in_berlin("Lobby")),
        (bar(), in_berlin("BER-4 Panorama")),
        (bar_pro(), workspace("BER-4 Panorama")),
        (desk(), ana),
        (phone(), nothing()),
        (bare('f'), nothing()),
    ]
}

/// The letter of a device.
pub(super) fn letter(device: &Device) -> char {
    device.id.as_str().chars().next_back().unwrap()
}

/// The letters of the devices that match a filter.
pub(super) fn matched(filter: &Filter) -> String {
    let fleet = fleet();
    let matching = fleet.iter().filter(|(device, around)| filter.matches(device, around, now()));
    matching.map(|(device, _)| letter(device)).collect()
}

fn board() -> Device {
    Device {
        display_name: Some(text("Lobby")),
        workspace_id: WorkspaceId::parse("lobby-1").ok(),
        location_id: LocationId::parse("berlin-1").ok(),
        product: Some(text("Cisco Board Pro 55")),
        kind: Some(text("roomdesk")),
        serial: Some(text("FOC2345ABCD")),
        mac: Some(text("11:22:33:44:AA:FF")),
        ip: Some(text("10.4.7.21")),
        connection_status: Some(text("connected")),
        software: Some(text("RoomOS 11.20.1")),
        upgrade_channel: Some(text("stable")),
        tags: texts(&["floor-12", "Pilot"]),
        capabilities: texts(&["xapi"]),
        platform: Some(text("cisco")),
        managed_by: Some(text("CISCO")),
        maintenance: Some(text("off")),
        created: "2025-01-31T23:59:59Z".parse().ok(),
        first_seen: "2025-02-01T00:00:00Z".parse().ok(),
        last_seen: Some(now() - SignedDuration::from_mins(3)),
        ..bare('a')
    }
}

fn bar() -> Device {
    Device {
        display_name: Some(text("BER-4  Panorama")),
        workspace_id: WorkspaceId::parse("11111111-aaaa-2222-3333-444444444444").ok(),
        location_id: LocationId::parse("berlin-1").ok(),
        product: Some(text("Cisco Room Bar")),
        kind: Some(text("roomdesk")),
        serial: Some(text("foc0000aaaa")),
        mac: Some(text("11223344aabb")),
        ip: Some(text("10.4.70.2")),
        connection_status: Some(text("offline_expired")),
        tags: texts(&["retire", "floor, north"]),
        error_codes: texts(&["sipprofileregistration"]),
        created: "2024-12-31T12:00:00Z".parse().ok(),
        last_seen: Some(days_ago(100)),
        ..bare('b')
    }
}

fn bar_pro() -> Device {
    Device {
        display_name: Some(text("BER-4")),
        workspace_id: WorkspaceId::parse("11111111-aaaa-2222-3333-444444444444").ok(),
        product: Some(text("Cisco Room Bar Pro")),
        kind: Some(text("roomdesk")),
        connection_status: Some(text("connected_with_issues")),
        tags: texts(&["retire", "KEEP"]),
        error_codes: texts(&["temperature", "none"]),
        platform: Some(text("microsoftTeamsRoom")),
        maintenance: Some(text("upcoming")),
        last_seen: Some(days_ago(90)),
        ..bare('c')
    }
}

fn desk() -> Device {
    Device {
        display_name: Some(text("Ana's desk 日本")),
        person_id: PersonId::parse("ana-1").ok(),
        product: Some(text("Webex Desk Mini")),
        kind: Some(text("roomdesk")),
        connection_status: Some(text("disconnected")),
        tags: texts(&["retire"]),
        managed_by: Some(text("PARTNER")),
        created: "2025-02-01T00:00:00Z".parse().ok(),
        last_seen: Some(days_ago(91)),
        ..bare('d')
    }
}

fn phone() -> Device {
    Device {
        display_name: Some(text("BER-4 phone")),
        workspace_id: WorkspaceId::parse("nameless-1").ok(),
        product: Some(text("Cisco 8865")),
        kind: Some(text("phone")),
        connection_status: Some(text("hibernating")),
        ..bare('e')
    }
}
