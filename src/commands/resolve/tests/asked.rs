//! The same spellings, asked of servers whose filters work in whichever way.

use serde_json::{Value, json};

use super::super::search::LookedUp;
use super::super::*;
use super::{SPELLINGS, device, fleet, id, reference, told};
use crate::domain::{Count, Device, Mac, OrgScope};
use crate::webex::fake_server::{FakeAnswer, FakeServer, ReceivedCall};

/// How a server may read a filter.
#[derive(Debug, Clone, Copy)]
enum Manner {
    Exactly,
    ByPart,
    /// As it likes: it answers everything.
    NotAtAll,
    /// It never finds anything.
    Blindly,
    /// It takes no such filter.
    Refusing,
}

fn wire(device: &Device) -> Value {
    json!({
        "id": device.id.as_str(), "displayName": device.display_name, "serial": device.serial,
        "mac": device.mac, "created": "2025-04-21T17:00:00.000Z",
    })
}

/// `GET /devices` and `GET /devices/{id}` over a fleet, four devices a page after an empty one.
fn serve(call: &ReceivedCall, fleet: &[Device], manner: Manner) -> FakeAnswer {
    if let Some(id) = call.path.strip_prefix("/devices/") {
        let found = fleet.iter().find(|device| device.id.as_str() == id);
        return found.map_or_else(|| FakeAnswer::status(404), |device| FakeAnswer::json(wire(device)));
    }
    let filter =
        call.query.iter().find(|(name, _)| ["serial", "displayName", "mac"].contains(&name.as_str()));
    if filter.is_some() && matches!(manner, Manner::Refusing) {
        return FakeAnswer::status(400);
    }
    let is_found = |device: &&Device| {
        let Some((field, wanted)) = filter else { return true };
        let value = wire(device)[field].as_str().unwrap_or_default().to_owned();
        match manner {
            Manner::Exactly => value == *wanted,
            Manner::ByPart => value.to_lowercase().contains(&wanted.to_lowercase()),
            Manner::NotAtAll => true,
            Manner::Blindly | Manner::Refusing => false,
        }
    };
    let found: Vec<Value> = fleet.iter().filter(is_found).map(wire).collect();
    let kept = filter.map(|(name, value)| {
        url::form_urlencoded::Serializer::new(String::new()).append_pair(name, value).finish()
    });
    let kept = kept.unwrap_or_default();
    if found.len() > 4 && call.query_value("later").is_none() {
        return FakeAnswer::items(Vec::<Value>::new()).next(format!("/v1/devices?later=1&start=0&{kept}"));
    }
    let start = call.number("start").unwrap_or(0);
    let said = FakeAnswer::items(found.iter().skip(start).take(4).cloned().collect::<Vec<_>>());
    if start + 4 >= found.len() {
        return said;
    }
    said.next(format!("/v1/devices?later=1&start={}&{kept}", start + 4))
}

async fn server(fleet: Vec<Device>, manner: Manner) -> FakeServer {
    FakeServer::new(move |call| serve(call, &fleet, manner)).await
}

async fn found(server: &FakeServer, text: &str) -> Resolution {
    find_device(&server.admin(None), &OrgScope::Default, &reference(text)).await.unwrap()
}

#[tokio::test]
async fn what_is_found_does_not_hang_on_how_the_server_reads_its_filters() {
    use Manner::{Blindly, ByPart, Exactly, NotAtAll, Refusing};
    for manner in [Exactly, ByPart, NotAtAll, Blindly, Refusing] {
        let server = server(fleet(), manner).await;
        for (text, expected) in SPELLINGS {
            // The one thing that is not looked for everywhere: who is called like the serial number of another, in
            // another case than the server's filter minds.
            let expected = match (manner, *text) {
                (Exactly, "FOC2345ABCD") => "1 Serial",
                _ => expected,
            };
            assert_eq!(told(&found(&server, text).await), expected, "{text} {manner:?}");
        }
    }
}

#[tokio::test]
async fn those_that_a_filter_has_shown_are_so_many_at_least() {
    let count = async |named: usize, text: &str| {
        let fleet = (0..named).map(|number| device(number, Some("Services"), None, None)).collect();
        match found(&server(fleet, Manner::Exactly).await, text).await {
            Resolution::Several { count, .. } => count,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(count(2, "Services").await, Count::AtLeast(2));
    // The list breaks off.
    assert_eq!(count(20, "Services").await, Count::AtLeast(12));
    // A filter that minds the case shows none of them, so all devices were looked at.
    assert_eq!(count(20, "services").await, Count::Exactly(20));
    assert_eq!(count(60, "services").await, Count::MoreThan(50));
}

#[tokio::test]
async fn ids_and_serial_numbers_are_quick_and_names_and_a_no_are_thorough() {
    for (text, calls) in [
        ("00000001-2222-3333-4444-555555555555", &["/devices/00000001-2222-3333-4444-555555555555"][..]),
        ("00000099-2222-3333-4444-555555555555", &["/devices/00000099-2222-3333-4444-555555555555"]),
        ("foc0000aaaa", &["displayName=foc0000aaaa", "serial=FOC0000AAAA"]),
        ("1122.3344.AAFF", &["displayName=1122.3344.AAFF", "mac=11223344AAFF", "serial=1122.3344.AAFF"]),
        ("BER-4 Panorama", &["displayName=BER-4 Panorama", "all"]),
        ("BER-4", &["displayName=BER-4", "serial=BER-4", "all"]),
    ] {
        // An address is compared in the writing of the server's own.
        let fleet =
            fleet().into_iter().map(|device| Device { mac: device.mac.as_deref().map(Mac::bare), ..device });
        let server = server(fleet.collect(), Manner::Exactly).await;
        found(&server, text).await;
        let received = server.calls();
        let first = received.iter().filter(|call| call.query_value("later").is_none());
        let mut told: Vec<_> = first
            .map(|call| {
                let filter = call.query.iter().find(|(name, _)| name != "max");
                match filter {
                    Some((name, value)) => format!("{name}={value}"),
                    None if call.path == "/devices" => "all".to_owned(),
                    None => call.path.clone(),
                }
            })
            .collect();
        // The lists are asked for at the same time.
        let lists = told.len() - usize::from(told.last().is_some_and(|last| last == "all"));
        told[..lists].sort();
        assert_eq!(told, calls, "{text}");
    }
}

#[tokio::test]
async fn a_no_says_where_it_was_looked_for() {
    let server = FakeServer::new(|call| match call.path.as_str() {
        "/devices" => FakeAnswer::items([json!({ "id": id(1).as_str() }), json!({ "id": null }), json!({})]),
        _ => FakeAnswer::status(404),
    })
    .await;
    let looked_up = |resolution| match resolution {
        Resolution::None { looked_up, .. } => looked_up,
        other => panic!("{other:?}"),
    };
    assert_eq!(looked_up(found(&server, id(9).as_str()).await), LookedUp::ById);
    let everywhere = LookedUp::Everywhere { count: 1, unreadable: 2 };
    assert_eq!(looked_up(found(&server, "Lobby").await), everywhere);
    assert_eq!(looked_up(found(&server, &"A".repeat(40)).await), everywhere);
}

#[tokio::test]
async fn what_could_not_be_asked_is_an_error_and_no_no() {
    for status in [401, 403, 500, 503] {
        let server = FakeServer::new(move |_| FakeAnswer::status(status)).await;
        for text in ["Lobby", "FOC2345ABCD", "00000001-2222-3333-4444-555555555555"] {
            let answer = find_device(&server.admin(None), &OrgScope::Default, &reference(text)).await;
            assert!(answer.is_err(), "{text} {status}");
        }
    }
    // All went well but for one page of the last list.
    let server = FakeServer::new(|call| match call.query_value("start") {
        Some(_) => FakeAnswer::status(503),
        None if call.query_value("displayName").is_some() => FakeAnswer::items([wire(&fleet()[0])]),
        None => FakeAnswer::items([wire(&fleet()[0])]).next("/v1/devices?start=1"),
    })
    .await;
    let answer = find_device(&server.admin(None), &OrgScope::Default, &reference("BER-4 Panorama")).await;
    assert!(answer.is_err());
}

fn workspaces(call: &ReceivedCall) -> FakeAnswer {
    let all = [("w-1", "Lobby"), ("w-2", "Büro 4"), ("w-3", "büro  4"), ("w-4", "Lobby 2")];
    if call.path != "/workspaces" {
        return if call.path.ends_with("workspace-id") {
            FakeAnswer::json(json!({ "id": "w" }))
        } else {
            FakeAnswer::status(404)
        };
    }
    let wanted = call.query_value("displayName").unwrap_or_default();
    let found = all.iter().filter(|(_, name)| name.contains(wanted)).skip(call.number("start").unwrap_or(0));
    FakeAnswer::items(found.map(|(id, name)| json!({ "id": id, "displayName": name })).collect::<Vec<_>>())
}

#[tokio::test]
async fn a_workspace_is_found_by_its_whole_name_or_not_at_all() {
    let server = FakeServer::new(workspaces).await;
    for (text, expected) in [
        ("Lobby", "w-1"),
        ("lobby", "w-1"),
        ("Lobby 2", "w-4"),
        ("Büro 4", "w-2"),
        ("BÜRO 4", "w-2? w-3?"),
        ("Lobb", "no, but Lobby"),
        ("Atrium", "no, but "),
        ("Büro", "no, but "),
        ("00000099-2222-3333-4444-555555555555", "no, but "),
    ] {
        let told = match find_workspace(&server.admin(None), &OrgScope::Default, text).await.unwrap() {
            WorkspaceResolution::One(one) => one.id.to_string(),
            WorkspaceResolution::Several { workspaces, .. } => {
                workspaces.iter().map(|one| format!("{}?", one.id)).collect::<Vec<_>>().join(" ")
            }
            WorkspaceResolution::None { nearest, .. } => {
                let near: Vec<_> = nearest.into_iter().map(|near| near.text).collect();
                format!("no, but {}", near.join(" "))
            }
        };
        assert_eq!(told, expected, "{text}");
    }
}
