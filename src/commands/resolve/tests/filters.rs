//! The spellings of the parent module, against servers that apply filters in different ways.

use serde_json::{Value, json};

use super::super::search::SearchExtent;
use super::super::*;
use super::{SPELLINGS, device, fleet, id, reference, summary};
use crate::domain::{Count, Device, Mac, OrgScope};
use crate::webex::fake_server::{FakeAnswer, FakeServer, ReceivedCall};

/// How a server may apply a filter.
#[derive(Debug, Clone, Copy)]
enum FilterMode {
    Exact,
    Substring,
    /// Lists everything.
    Ignored,
    /// Never finds anything.
    Empty,
    /// Answers 400.
    Rejected,
}

fn wire(device: &Device) -> Value {
    json!({
        "id": device.id.as_str(), "displayName": device.display_name, "serial": device.serial,
        "mac": device.mac, "created": "2025-04-21T17:00:00.000Z",
    })
}

/// `GET /devices` and `GET /devices/{id}` over a fleet, four devices a page after an empty one.
fn serve(call: &ReceivedCall, fleet: &[Device], mode: FilterMode) -> FakeAnswer {
    if let Some(id) = call.path.strip_prefix("/devices/") {
        let found = fleet.iter().find(|device| device.id.as_str() == id);
        return found.map_or_else(|| FakeAnswer::status(404), |device| FakeAnswer::json(wire(device)));
    }
    let filter =
        call.query.iter().find(|(name, _)| ["serial", "displayName", "mac"].contains(&name.as_str()));
    if filter.is_some() && matches!(mode, FilterMode::Rejected) {
        return FakeAnswer::status(400);
    }
    let is_found = |device: &&Device| {
        let Some((field, wanted)) = filter else { return true };
        let value = wire(device)[field].as_str().unwrap_or_default().to_owned();
        match mode {
            FilterMode::Exact => value == *wanted,
            FilterMode::Substring => value.to_lowercase().contains(&wanted.to_lowercase()),
            FilterMode::Ignored => true,
            FilterMode::Empty | FilterMode::Rejected => false,
        }
    };
    let found: Vec<Value> = fleet.iter().filter(is_found).map(wire).collect();
    let rest = filter.map(|(name, value)| {
        url::form_urlencoded::Serializer::new(String::new()).append_pair(name, value).finish()
    });
    let rest = rest.unwrap_or_default();
    if found.len() > 4 && call.query_value("later").is_none() {
        return FakeAnswer::items(Vec::<Value>::new()).next(format!("/v1/devices?later=1&start=0&{rest}"));
    }
    let start = call.number("start").unwrap_or(0);
    let page = FakeAnswer::items(found.iter().skip(start).take(4).cloned().collect::<Vec<_>>());
    if start + 4 >= found.len() {
        return page;
    }
    page.next(format!("/v1/devices?later=1&start={}&{rest}", start + 4))
}

async fn server(fleet: Vec<Device>, mode: FilterMode) -> FakeServer {
    FakeServer::new(move |call| serve(call, &fleet, mode)).await
}

async fn found(server: &FakeServer, text: &str) -> DeviceResolution {
    find_device(&server.admin(None), &OrgScope::Default, &reference(text)).await.unwrap()
}

#[tokio::test]
async fn the_result_does_not_depend_on_how_the_server_filters() {
    use FilterMode::{Empty, Exact, Ignored, Rejected, Substring};
    for mode in [Exact, Substring, Ignored, Empty, Rejected] {
        let server = server(fleet(), mode).await;
        for (text, expected) in SPELLINGS {
            // The only match that is missed, because the whole list is not read. The name equals the serial number of
            // another device, but the filter by name does not find it in this case.
            let expected = match (mode, *text) {
                (Exact, "FOC2345ABCD") => "1 Serial",
                _ => expected,
            };
            assert_eq!(summary(&found(&server, text).await), expected, "{text} {mode:?}");
        }
    }
}

#[tokio::test]
async fn the_number_of_matches_is_a_lower_bound_only_if_something_was_left_out() {
    let count = async |named: usize, text: &str| {
        let fleet = (0..named).map(|number| device(number, Some("Services"), None, None)).collect();
        match found(&server(fleet, FilterMode::Exact).await, text).await {
            DeviceResolution::Several { count, .. } => count,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(count(2, "Services").await, Count::Exactly(2));
    // Not every page of the filtered list is read.
    assert_eq!(count(20, "Services").await, Count::AtLeast(12));
    // A case-sensitive filter shows none of them, so the whole list was read.
    assert_eq!(count(20, "services").await, Count::Exactly(20));
    assert_eq!(count(60, "services").await, Count::MoreThan(50));
}

#[tokio::test]
async fn only_names_and_misses_read_the_whole_list() {
    for (text, calls) in [
        ("00000001-2222-3333-4444-555555555555", &["/devices/00000001-2222-3333-4444-555555555555"][..]),
        (
            // A 404 proves nothing about a bare UUID, which is only a part of the id.
            "00000099-2222-3333-4444-555555555555",
            &[
                "/devices/00000099-2222-3333-4444-555555555555",
                "displayName=00000099-2222-3333-4444-555555555555",
                "serial=00000099-2222-3333-4444-555555555555",
                "all",
            ],
        ),
        ("Y2lzY29zcGFyazovL3VzL0RFVklDRS8x", &["/devices/Y2lzY29zcGFyazovL3VzL0RFVklDRS8x"]),
        ("foc0000aaaa", &["displayName=foc0000aaaa", "serial=FOC0000AAAA"]),
        ("1122.3344.AAFF", &["displayName=1122.3344.AAFF", "mac=11223344AAFF", "serial=1122.3344.AAFF"]),
        ("BER-4 Panorama", &["displayName=BER-4 Panorama", "all"]),
        ("BER-4", &["displayName=BER-4", "serial=BER-4", "all"]),
    ] {
        // The server compares MAC addresses in its own notation.
        let fleet =
            fleet().into_iter().map(|device| Device { mac: device.mac.as_deref().map(Mac::bare), ..device });
        let server = server(fleet.collect(), FilterMode::Exact).await;
        found(&server, text).await;
        let received = server.calls();
        let first = received.iter().filter(|call| call.query_value("later").is_none());
        let mut requests: Vec<_> = first
            .map(|call| {
                let filter = call.query.iter().find(|(name, _)| name != "max");
                match filter {
                    Some((name, value)) => format!("{name}={value}"),
                    None if call.path == "/devices" => "all".to_owned(),
                    None => call.path.clone(),
                }
            })
            .collect();
        // The lists are requested concurrently.
        let lists = requests.len() - usize::from(requests.last().is_some_and(|last| last == "all"));
        requests[..lists].sort();
        assert_eq!(requests, calls, "{text}");
    }
}

#[tokio::test]
async fn no_match_says_what_was_searched() {
    let server = FakeServer::new(|call| match call.path.as_str() {
        "/devices" => FakeAnswer::items([json!({ "id": id(1).as_str() }), json!({ "id": null }), json!({})]),
        _ => FakeAnswer::status(404),
    })
    .await;
    let searched = |resolution| match resolution {
        DeviceResolution::None { searched, .. } => searched,
        other => panic!("{other:?}"),
    };
    let whole_id = "Y2lzY29zcGFyazovL3VzL0RFVklDRS8x";
    assert_eq!(searched(found(&server, whole_id).await), SearchExtent::IdOnly);
    let whole_list = SearchExtent::WholeList { count: 1, unreadable: 2 };
    assert_eq!(searched(found(&server, id(9).as_str()).await), whole_list);
    assert_eq!(searched(found(&server, "Lobby").await), whole_list);
    assert_eq!(searched(found(&server, &"A".repeat(40)).await), whole_list);
}

#[tokio::test]
async fn a_failed_request_is_an_error_and_not_a_miss() {
    for status in [401, 403, 500, 503] {
        let server = FakeServer::new(move |_| FakeAnswer::status(status)).await;
        for text in ["Lobby", "FOC2345ABCD", "00000001-2222-3333-4444-555555555555"] {
            let answer = find_device(&server.admin(None), &OrgScope::Default, &reference(text)).await;
            assert!(answer.is_err(), "{text} {status}");
        }
    }
    // Only one page of the last list fails.
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
async fn a_workspace_matches_only_by_its_whole_name() {
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
        let result = match find_workspace(&server.admin(None), &OrgScope::Default, text).await.unwrap() {
            WorkspaceResolution::One(one) => one.id.to_string(),
            WorkspaceResolution::Several { workspaces, .. } => {
                workspaces.iter().map(|one| format!("{}?", one.id)).collect::<Vec<_>>().join(" ")
            }
            WorkspaceResolution::None { nearest, .. } => {
                let near: Vec<_> = nearest.into_iter().map(|near| near.text).collect();
                format!("no, but {}", near.join(" "))
            }
        };
        assert_eq!(result, expected, "{text}");
    }
}
