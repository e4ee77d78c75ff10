//! The spellings of the parent module, against servers that apply filters in different ways.

use serde_json::{Value, json};

use super::super::device::{DeviceResolution, find_device};
use super::super::person::find_person;
use super::super::search::{Resolution, SearchExtent};
use super::super::workspace::{WorkspaceResolution, find_workspace};
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
async fn several_matches_are_counted_in_the_whole_list() {
    let count = async |named: usize, text: &str| {
        let fleet = (0..named).map(|number| device(number, Some("Services"), None, None)).collect();
        match found(&server(fleet, FilterMode::Exact).await, text).await {
            Resolution::Several { count, .. } => count,
            other => panic!("{other:?}"),
        }
    };
    for text in ["Services", "services"] {
        assert_eq!(count(2, text).await, Count::Exactly(2));
        assert_eq!(count(20, text).await, Count::Exactly(20));
        assert_eq!(count(60, text).await, Count::MoreThan(50));
    }
}

#[tokio::test]
async fn a_namesake_that_the_filter_does_not_show_is_a_candidate_too() {
    for twin in ["lobby", "LOBBY", "Lobby ", "  lobby"] {
        let fleet = vec![
            device(1, Some("Lobby"), None, None),
            device(2, Some(twin), None, None),
            device(3, Some("Lobby"), None, None),
        ];
        let server = server(fleet, FilterMode::Exact).await;
        assert_eq!(summary(&found(&server, "Lobby").await), "1 Name? 2 Name? 3 Name?", "{twin}");
    }
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
        Resolution::None { searched, .. } => searched,
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

const WORKSPACES: [(&str, &str); 9] = [
    ("w-1", "Lobby"),
    ("w-2", "Büro 4"),
    ("w-3", "büro  4"),
    ("w-4", "Lobby 2"),
    // The same name to everyone who reads it, with an accent of its own.
    ("w-5", "Cafe\u{301}"),
    ("w-6", "Café"),
    ("w-7", "Café Nord"),
    ("w-8", " "),
    // Found by its UUID only in the list.
    ("00000009-2222-3333-4444-55555555555a", "Attic"),
];

/// Workspaces behind a filter by name that is applied in this way.
fn workspaces(call: &ReceivedCall, mode: FilterMode) -> FakeAnswer {
    if call.path != "/workspaces" {
        return if call.path.ends_with("workspace-id") {
            FakeAnswer::json(json!({ "id": "w" }))
        } else {
            FakeAnswer::status(404)
        };
    }
    let wanted = call.query_value("displayName");
    if wanted.is_some() && matches!(mode, FilterMode::Rejected) {
        return FakeAnswer::status(400);
    }
    let is_found = |name: &str| match (wanted, mode) {
        (None, _) | (_, FilterMode::Ignored) => true,
        (Some(wanted), FilterMode::Exact) => name == wanted,
        (Some(wanted), FilterMode::Substring) => name.contains(wanted),
        (Some(_), FilterMode::Empty | FilterMode::Rejected) => false,
    };
    let found = WORKSPACES.iter().filter(|(_, name)| is_found(name)).skip(call.number("start").unwrap_or(0));
    FakeAnswer::items(found.map(|(id, name)| json!({ "id": id, "displayName": name })).collect::<Vec<_>>())
}

#[tokio::test]
async fn a_workspace_is_selected_only_if_no_other_reads_alike() {
    use FilterMode::{Empty, Exact, Ignored, Rejected, Substring};
    for mode in [Exact, Substring, Ignored, Empty, Rejected] {
        let server = FakeServer::new(move |call| workspaces(call, mode)).await;
        for (text, expected) in [
            ("Lobby", "w-1"),
            ("lobby", "w-1"),
            (" LOBBY  ", "w-1"),
            ("Lobby 2", "w-4"),
            ("Büro 4", "w-2? w-3? of 2"),
            ("BÜRO  4", "w-2? w-3? of 2"),
            ("Bu\u{308}ro 4", "w-2? w-3? of 2"),
            ("Café", "w-5? w-6? of 2"),
            ("Cafe\u{301}", "w-5? w-6? of 2"),
            ("café nord", "w-7"),
            ("Cafe", "no, but Cafe\u{301}, Café, Café Nord"),
            ("Lobb", "no, but Lobby, Lobby 2"),
            ("Lobyb", "no, but Lobby, Lobby 2"),
            ("nord", "no, but Café Nord"),
            ("Atrium", "no, but "),
            ("Büro", "no, but Büro 4, büro  4"),
            ("00000099-2222-3333-4444-555555555555", "no, but "),
            ("00000009-2222-3333-4444-55555555555A", "00000009-2222-3333-4444-55555555555a"),
        ] {
            let result: WorkspaceResolution =
                find_workspace(&server.admin(None), &OrgScope::Default, text).await.unwrap();
            let result = match result {
                Resolution::One(one) => one.id.to_string(),
                Resolution::Several { candidates, count: Count::Exactly(count), part: None } => {
                    let ids: Vec<_> = candidates.iter().map(|one| format!("{}?", one.id)).collect();
                    format!("{} of {count}", ids.join(" "))
                }
                Resolution::Several { count, .. } => format!("{count:?}"),
                Resolution::None { similar, .. } => {
                    let near: Vec<_> = similar.records.into_iter().filter_map(|near| near.name).collect();
                    format!("no, but {}", near.join(", "))
                }
            };
            assert_eq!(result, expected, "{text} {mode:?}");
        }
    }
}

/// Two people with the same address, one with another, namesakes, and a bot.
fn people(call: &ReceivedCall, mode: FilterMode, lists_all: bool) -> FakeAnswer {
    let all = [
        ("p-1", "Ana Alvarez", "ana@example.com"),
        ("p-2", "Ana  alvarez", "ana.alvarez@example.com"),
        ("p-3", "Ben Bauer", "Ben@Example.com"),
        ("p-4", "Zoe", "twin@example.com"),
        ("p-5", "Zoë", "TWIN@example.com"),
        ("p-6", "Helper", "helper@webex.bot"),
    ];
    let filter = call.query.iter().find(|(name, _)| ["email", "displayName"].contains(&name.as_str()));
    let is_rejected = if filter.is_none() { !lists_all } else { matches!(mode, FilterMode::Rejected) };
    if is_rejected {
        return FakeAnswer::status(400);
    }
    let is_found = |name: &str, email: &str| match (filter, mode) {
        (None, _) | (_, FilterMode::Ignored) => true,
        (Some((field, wanted)), FilterMode::Exact) => {
            if field == "email" {
                email.eq_ignore_ascii_case(wanted)
            } else {
                name.starts_with(wanted.as_str())
            }
        }
        _ => false,
    };
    let found = all.iter().filter(|(_, name, email)| is_found(name, email));
    let wire =
        |(id, name, email): &(&str, &str, &str)| json!({ "id": id, "displayName": name, "emails": [email] });
    FakeAnswer::items(found.map(wire).collect::<Vec<_>>())
}

#[tokio::test]
async fn a_person_is_selected_only_by_exactly_their_address() {
    for (mode, lists_all) in [
        (FilterMode::Exact, true),
        (FilterMode::Exact, false),
        (FilterMode::Ignored, true),
        (FilterMode::Ignored, false),
    ] {
        let server = FakeServer::new(move |call| people(call, mode, lists_all)).await;
        for (text, expected) in [
            ("ana@example.com", "p-1"),
            ("ANA@example.com", "p-1"),
            ("ben@example.com", "p-3"),
            ("twin@example.com", "p-4? p-5?"),
            ("ana@example.org", "-"),
            ("helper@webex.bot", "-"),
            ("an@example.com", "-"),
        ] {
            let found = find_person(&server.admin(None), &OrgScope::Default, text).await.unwrap();
            let found = match found {
                Resolution::One(one) => one.record.person_id.to_string(),
                Resolution::Several { candidates, .. } => {
                    let ids: Vec<_> =
                        candidates.iter().map(|one| format!("{}?", one.record.person_id)).collect();
                    ids.join(" ")
                }
                Resolution::None { .. } => "-".to_owned(),
            };
            assert_eq!(found, expected, "{text} {mode:?} {lists_all}");
        }
    }
}

#[tokio::test]
async fn a_person_is_selected_by_name_only_if_no_other_reads_alike() {
    for mode in [FilterMode::Exact, FilterMode::Ignored, FilterMode::Empty, FilterMode::Rejected] {
        let server = FakeServer::new(move |call| people(call, mode, true)).await;
        for (text, expected) in [
            ("ben bauer", "p-3"),
            ("Ana Alvarez", "p-1? p-2?"),
            ("ana  ALVAREZ", "p-1? p-2?"),
            ("Zoe", "p-4"),
            ("Zoe\u{308}", "p-5"),
            ("Ana", "no, but Ana  alvarez, Ana Alvarez"),
            ("bauer ben", "no, but Ben Bauer"),
            ("Helper", "no, but "),
        ] {
            let found = find_person(&server.admin(None), &OrgScope::Default, text).await.unwrap();
            let found = match found {
                Resolution::One(one) => one.record.person_id.to_string(),
                Resolution::Several { candidates, .. } => {
                    let ids: Vec<_> =
                        candidates.iter().map(|one| format!("{}?", one.record.person_id)).collect();
                    ids.join(" ")
                }
                Resolution::None { similar, .. } => {
                    let names: Vec<_> =
                        similar.records.into_iter().map(|person| person.display_name).collect();
                    format!("no, but {}", names.join(", "))
                }
            };
            assert_eq!(found, expected, "{text} {mode:?}");
        }
    }
}

#[tokio::test]
async fn a_namesake_may_be_among_the_people_who_were_not_read() {
    // A list of a hundred thousand people, in which nobody but Ben fits.
    let server = FakeServer::new(|call| {
        let start = call.number("start").unwrap_or(0);
        match call.query_value("displayName") {
            Some("Ben Bauer") => FakeAnswer::items([json!({ "id": "p-1", "displayName": "Ben Bauer" })]),
            Some(_) => FakeAnswer::items(Vec::<Value>::new()),
            None => {
                let person =
                    |number| json!({ "id": format!("q-{number}"), "displayName": format!("Q {number}") });
                FakeAnswer::items((start..start + 500).map(person).collect::<Vec<_>>())
                    .next(format!("/v1/people?start={}", start + 500))
            }
        }
    })
    .await;
    let find = async |text: &str| find_person(&server.admin(None), &OrgScope::Default, text).await.unwrap();
    let Resolution::Several { candidates, count, part } = find("Ben Bauer").await else {
        panic!("not a choice")
    };
    assert_eq!((candidates.len(), count, part), (1, Count::AtLeast(1), Some(10_000)));
    assert_eq!(server.calls().len(), 21, "one page by the name, and twenty of all");
    let Resolution::None { searched, .. } = find("Ana").await else { panic!("found") };
    assert_eq!(searched, SearchExtent::PartOfList { count: 10_000 });
}

#[tokio::test]
async fn people_with_similar_addresses_are_offered() {
    let server = FakeServer::new(|call| people(call, FilterMode::Exact, true)).await;
    for (text, expected) in [
        ("ben@example.org", &["Ben Bauer"][..]),
        ("alvarez@example.com", &["Ana  alvarez"]),
        ("ana.alvraez@example.com", &["Ana  alvarez"]),
        ("helper@webex.bott", &[]),
        ("nobody@other.example", &[]),
    ] {
        let found = find_person(&server.admin(None), &OrgScope::Default, text).await.unwrap();
        let Resolution::None { similar, .. } = found else { panic!("{text}: {found:?}") };
        let names: Vec<_> = similar.records.iter().map(|person| person.display_name.as_str()).collect();
        assert_eq!(names, expected, "{text}");
    }
}
