//! Lists of devices: pages, buttons, and reading Webex's own pages.

use jiff::SignedDuration;
use serde_json::{Value, json};
use steward::sim::{FaultRule, Person};

use crate::world::{Answer, World};

/// The number of devices on a page.
const ROWS: usize = 10;

/// Whether a device matches a filter.
type Matches = Box<dyn Fn(&Value) -> bool>;

/// The inputs of the button with this label, if the card has one.
pub(super) fn inputs(answer: &Answer, label: &str) -> Option<Value> {
    let actions = answer.card["actions"].as_array()?;
    actions.iter().find(|action| action["title"] == label).map(|action| action["data"].clone())
}

/// Presses the button with this label and settles.
pub(super) async fn press(world: &World, person: &Person, answer: &Answer, label: &str) {
    let inputs = inputs(answer, label).unwrap_or_else(|| panic!("no button {label} on {}", answer.text));
    world.sim.press(person, &answer.id, &inputs).unwrap();
    world.settle().await;
}

/// The devices of Example Corp in Webex's order.
pub(super) fn fleet(world: &World) -> Vec<Value> {
    let ours = |device: &Value| device["orgId"] == world.cast.example_org.as_str();
    world.sim.devices().into_iter().filter(ours).collect()
}

fn name(device: &Value) -> &str {
    device["displayName"].as_str().unwrap_or_default()
}

/// The device names on a card, in order.
fn listed(world: &World, answer: &Answer) -> Vec<String> {
    let fleet = fleet(world);
    // Places contain device names too, but only rows begin with a bold name.
    let mut names = Vec::new();
    bold(&answer.card["body"], &mut names);
    names.retain(|text| fleet.iter().any(|device| name(device) == text));
    names
}

fn bold(value: &Value, names: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            if fields.get("weight").is_some_and(|weight| weight == "Bolder") {
                names.extend(fields.get("text").and_then(Value::as_str).map(str::to_owned));
            }
            fields.values().for_each(|value| bold(value, names));
        }
        Value::Array(items) => items.iter().for_each(|item| bold(item, names)),
        _ => {}
    }
}

async fn list(world: &World, line: &str) -> Answer {
    world.ask(&world.cast.ana, line).await
}

#[tokio::test]
async fn a_list_shows_its_first_page_counts_and_buttons() {
    let world = World::new().await;
    let answer = list(&world, "list devices").await;
    insta::assert_snapshot!(answer.drawn(), @r#"
    ╭──────────────────────────────────────────────────────────────────────────────╮
    │ 40 devices                                                                   │
    │ Page 1 of 4                                                                  │
    │                                                                              │
    │ By status   15 connected, 6 disconnected, 4 offline (expired), 4 unknown, 11 │
    │             others                                                           │
    │ By product  6 Cisco Board Pro 55, 5 Cisco 8865, 4 Cisco Desk Pro, 4 Cisco    │
    │             Room 70 G2, 21 others                                            │
    ├──────────────────────────────────────────────────────────────────────────────┤
    │ BER-1 Panorama · connected                                                   │
    │ Cisco Room Bar Pro · BER-1 Panorama · FOC21000000 · seen 3 minutes ago       │
    │                                                                              │
    │ SFO-1 Galileo · connected                                                    │
    │ Cisco Board Pro 55 · SFO-1 Galileo · FOC21000001 · seen just now             │
    │                                                                              │
    │ OSL-1 Nordic · connected                                                     │
    │ Cisco Room Kit · OSL-1 Nordic · FOC21000002 · seen just now                  │
    │                                                                              │
    │ LON-1 Phone Umbra · disconnected                                             │
    │ Cisco 8865 · LON-1 Phone Umbra · FCH21000003                                 │
    │                                                                              │
    │ Ana Alvarez Desk SIN-1 · connected                                           │
    │ Cisco Desk Pro · Ana Alvarez · FOC21000004 · seen 4 minutes ago              │
    │                                                                              │
    │ NYC-1 Kepler · connected with issues                                         │
    │ Cisco Room 70 G2 · NYC-1 Kepler · FOC21000005 · seen 4 minutes ago           │
    │                                                                              │
    │ MUC-1 Desk Rhine · connected                                                 │
    │ Cisco Desk Pro · MUC-1 Desk Rhine · FOC21000006 · seen 3 minutes ago         │
    │                                                                              │
    │ TYO-1 Atlas · offline (expired)                                              │
    │ Cisco Board Pro 55 · TYO-1 Atlas · FOC21000007 · seen 13 days ago            │
    │                                                                              │
    │ Ana Alvarez Phone BER-2 · activating                                         │
    │ Cisco 8865 · Ana Alvarez · FCH21000008                                       │
    │                                                                              │
    │ SFO-2 Phone Orion · unknown                                                  │
    │ Cisco 8865 · SFO-2 Phone Orion · FCH21000009                                 │
    │                                                                              │
    │ and 30 more                                                                  │
    ├──────────────────────────────────────────────────────────────────────────────┤
    │ To get all of them as a file: list devices csv                               │
    │                                                                              │
    │ [ Next page ] [ CSV ]                                                        │
    ╰──────────────────────────────────────────────────────────────────────────────╯
    "#);
    assert_eq!(listed(&world, &answer), fleet(&world)[..ROWS].iter().map(name).collect::<Vec<_>>());
    assert_eq!(world.audited().await, ["command_accepted", "devices_listed"]);
}

#[tokio::test]
async fn the_next_page_button_leads_to_the_last_page() {
    let world = World::with().devices(25).start().await;
    let message = world.say(&world.cast.ana, "list devices").await;
    let mut seen = Vec::new();
    for page in 1..=3 {
        let answers = world.answers_to(&message);
        assert_eq!(answers.len(), page, "{answers:#?}");
        let answer = &answers[page - 1];
        assert!(answer.text.contains(&format!("Page {page} of 3")), "{}", answer.text);
        seen.extend(listed(&world, answer));
        if page < 3 {
            press(&world, &world.cast.ana, answer, "Next page").await;
        } else {
            assert!(inputs(answer, "Next page").is_none());
            assert!(inputs(answer, "CSV").is_some());
        }
    }
    assert_eq!(seen, fleet(&world).iter().map(name).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_page_can_be_requested_by_number() {
    let world = World::with().devices(25).start().await;
    let third = list(&world, "list devices page:3").await;
    assert_eq!(listed(&world, &third), fleet(&world)[20..].iter().map(name).collect::<Vec<_>>());
    let beyond = list(&world, "list devices page:9").await;
    assert_eq!(listed(&world, &beyond), Vec::<String>::new());
    assert!(beyond.headline().contains("25 devices"), "{}", beyond.text);
    assert!(inputs(&beyond, "Next page").is_none());
    for line in ["list devices page:0", "list devices page:x", "list devices page:1 page:2"] {
        let answer = list(&world, line).await;
        assert_eq!(answer.headline(), "? Not understood", "{line}");
        world.advance(SignedDuration::from_mins(1)).await;
    }
}

#[tokio::test]
async fn sorting_spans_all_pages_and_puts_missing_values_last() {
    let world = World::new().await;
    let mut expected = fleet(&world);
    let key = |device: &Value| device["lastSeen"].as_str().map(str::to_owned);
    expected.sort_by(|one, two| {
        let by = match (key(one), key(two)) {
            (Some(one), Some(two)) => two.cmp(&one),
            (one, two) => one.is_none().cmp(&two.is_none()),
        };
        by.then_with(|| name(one).to_lowercase().cmp(&name(two).to_lowercase()))
    });
    let expected: Vec<&str> = expected.iter().map(name).collect();
    let mut seen = Vec::new();
    for page in 1..=4 {
        let answer = list(&world, &format!("list devices sort:-last-seen page:{page}")).await;
        seen.extend(listed(&world, &answer));
    }
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn filters_are_applied_by_steward_even_if_webex_ignores_them() {
    let world = World::new().await;
    let is = |device: &Value, field: &str, value: &str| device[field] == value;
    let cases: Vec<(&str, Matches)> = vec![
        ("type:phone", Box::new(move |device| is(device, "type", "phone"))),
        (
            "status:offline",
            Box::new(|device| {
                let status = device["connectionStatus"].as_str().unwrap_or_default();
                ["disconnected", "offline_expired", "offline_deep_sleep"].contains(&status)
            }),
        ),
        (
            "status:connected -type:phone",
            Box::new(move |device| {
                is(device, "connectionStatus", "connected") && !is(device, "type", "phone")
            }),
        ),
        ("name:\"BER-*\"", Box::new(|device| name(device).starts_with("BER-"))),
        ("tag:pilot", Box::new(|device| device["tags"].to_string().contains("pilot"))),
        (
            "workspace:\"BER-*\"",
            Box::new(|device| device["workspaceId"].is_string() && name(device).starts_with("BER-")),
        ),
        (
            "person:ana@example.com",
            Box::new({
                let ana = world.cast.ana.id.clone();
                move |device| device["personId"] == ana.as_str()
            }),
        ),
        (
            "last-seen:>5d",
            Box::new(|device| device["lastSeen"].as_str().is_some_and(|at| at < "2026-03-28T08:15:30Z")),
        ),
    ];
    for (filter, matches) in cases {
        let expected = fleet(&world).iter().filter(|device| matches(device)).count();
        assert!(expected > 0, "{filter} should match something");
        let answer = list(&world, &format!("list devices {filter}")).await;
        let total = answer.headline().split_whitespace().next().unwrap().to_owned();
        assert_eq!(total, expected.to_string(), "{filter}: {}", answer.text);
    }
}

#[tokio::test]
async fn mistakes_in_a_filter_are_pointed_out() {
    let world = World::new().await;
    let mut answers = Vec::new();
    for line in [
        "list devices stauts:offline",
        "list devices status:ofline",
        "list devices last-seen:>90",
        "list devices lobby",
        "list devices sort:size",
        "list devices type:phone type:",
        "list devices csv csv",
        "list devices sort:name sort:name",
    ] {
        let answer = list(&world, line).await;
        assert_eq!(answer.headline(), "? Not understood", "{line}");
        let lines: Vec<_> = answer.text.lines().skip(2).filter(|line| !line.is_empty()).collect();
        answers.push(lines.join("\n"));
        world.advance(SignedDuration::from_mins(1)).await;
    }
    insta::assert_snapshot!(answers.join("\n\n"), @r#"
    list devices ▸stauts◂:offline
    Expected the key of a filter, found "stauts".
    If that is what you meant, write: list devices status:offline
    Nothing was done. Write "help" to see what you can ask.

    list devices status:▸ofline◂
    Expected a known value after "status:", found "ofline".
    If that is what you meant, write: list devices status:offline
    Nothing was done. Write "help" to see what you can ask.

    list devices last-seen:▸>90◂
    Expected an age or a date after "last-seen:", such as last-seen:>90d (more than 90 days ago), last-seen:<2h, last-seen:<2025-01-31 or last-seen:never, found ">90".
    A filter is a key, a colon and a value, for example: list devices status:offline last-seen:>90d sort:-last-seen
    Nothing was done. Write "help" to see what you can ask.

    list devices ▸lobby◂
    Expected a filter such as status:offline, found "lobby".
    If that is what you meant, write: list devices name:*lobby*
    Nothing was done. Write "help" to see what you can ask.

    list devices sort:▸size◂
    Expected one of the sort keys name, serial, mac, ip, id, workspace, location, person, product, type, platform, status, software, channel, managed-by, maintenance, first-seen, last-seen, created, found "size".
    A filter is a key, a colon and a value, for example: list devices status:offline last-seen:>90d sort:-last-seen
    Nothing was done. Write "help" to see what you can ask.

    list devices type:phone type:▸◂
    Expected a value after "type:", or type:none, found nothing.
    A filter is a key, a colon and a value, for example: list devices status:offline last-seen:>90d sort:-last-seen
    Nothing was done. Write "help" to see what you can ask.

    list devices csv ▸csv◂
    Expected "csv" only once, found "csv" (word 4).
    Write it like this: list devices status:offline last-seen:>90d sort:-last-seen
    Nothing was done. Write "help" to see what you can ask.

    list devices sort:name ▸sort:name◂
    Expected "sort:" only once, found "sort:name" (word 4).
    Write it like this: list devices status:offline last-seen:>90d sort:-last-seen
    Nothing was done. Write "help" to see what you can ask.
    "#);
    assert!(world.device_calls().is_empty());
}

#[tokio::test]
async fn an_empty_list_says_so_and_offers_no_file() {
    let world = World::with().devices(0).start().await;
    let none = list(&world, "list devices").await;
    insta::assert_snapshot!(none.drawn(), @r"
    ╭──────────────────────────────────────────────────────────────────────────────╮
    │ No devices                                                                   │
    │ Webex lists no device that Steward can see.                                  │
    ╰──────────────────────────────────────────────────────────────────────────────╯
    ");
    assert!(none.card["actions"].is_null());
    let none = list(&world, "list devices tag:retire").await;
    insta::assert_snapshot!(none.drawn(), @r"
    ╭──────────────────────────────────────────────────────────────────────────────╮
    │ No devices                                                                   │
    │ No device matches the whole filter. A comparison never matches a device      │
    │ without that value.                                                          │
    │                                                                              │
    │ Filter  tag:retire                                                           │
    ╰──────────────────────────────────────────────────────────────────────────────╯
    ");
}

#[tokio::test]
async fn unreadable_records_are_counted_and_hide_no_others() {
    let world = World::with().devices(5).start().await;
    world.sim.add_device(&json!({ "id": "no/id", "webexDeviceId": null, "displayName": "Odd one" }));
    let answer = list(&world, "list devices").await;
    assert_eq!(answer.headline(), "5 devices");
    assert_eq!(
        answer.fact("Unreadable").as_deref(),
        Some("1 record from Webex could not be read and is not included.")
    );
}

#[tokio::test]
async fn short_and_empty_pages_lose_nothing() {
    for (limit, gaps) in [(7, false), (7, true), (1, true), (40, true), (39, false)] {
        let world = World::with().start().await;
        world.sim.limit_pages(limit);
        world.sim.leave_gaps_between_pages(gaps);
        let answer = list(&world, "list devices").await;
        assert_eq!(answer.headline(), "40 devices", "pages of {limit}, gaps: {gaps}");
        let filtered = list(&world, "list devices type:phone").await;
        let phones = fleet(&world).iter().filter(|device| device["type"] == "phone").count();
        assert_eq!(filtered.headline(), format!("{phones} devices"));
    }
}

#[tokio::test]
async fn a_rate_limit_in_the_middle_of_a_list_loses_nothing() {
    let world = World::new().await;
    world.sim.limit_pages(10);
    world.sim.fault(FaultRule::on("GET", "/devices").delayed_ms(300).skipping(1).once());
    let lowered = async {
        world.until(|world| world.calls("GET", "/devices") >= 2).await;
        world.sim.limit_pages(3);
    };
    let (answer, ()) = tokio::join!(list(&world, "list devices"), lowered);
    assert_eq!(answer.headline(), "40 devices");
    assert!(world.calls("GET", "/devices") > 10);
}

#[tokio::test]
async fn a_rate_limited_list_starts_again_after_the_wait() {
    let world = World::new().await;
    world.sim.limit_pages(10);
    world.sim.fault(FaultRule::on("GET", "/devices").status(429).retry_after("7").skipping(2).once());
    let message = world.say(&world.cast.ana, "list devices").await;
    assert!(world.answers_to(&message).is_empty());
    let calls = world.device_calls().len();
    world.advance(SignedDuration::from_secs(6)).await;
    assert_eq!((world.answers_to(&message).len(), world.device_calls().len()), (0, calls));
    world.advance(SignedDuration::from_secs(2)).await;
    let answer = world.the_answer_to(&message);
    assert_eq!(answer.headline(), "40 devices");
    assert_eq!(world.audited().await, ["command_accepted", "devices_listed"]);
}

#[tokio::test]
async fn a_temporarily_unknown_person_is_not_left_out() {
    let world = World::new().await;
    let ana = world.cast.ana.id.as_str();
    let hers = fleet(&world).iter().filter(|device| device["personId"] == ana).count();
    // The first lookup is about the requester.
    world.sim.fault(FaultRule::on("GET", "/people/*").status(429).retry_after("5").skipping(1).once());
    let message = world.say(&world.cast.ana, "list devices person:ana@example.com").await;
    assert!(world.answers_to(&message).is_empty());
    world.advance(SignedDuration::from_secs(6)).await;
    assert_eq!(world.the_answer_to(&message).headline(), format!("{hers} devices"));
}

#[tokio::test]
async fn a_wait_that_is_too_long_for_a_list_is_reported() {
    let world = World::new().await;
    world.sim.fault(FaultRule::on("GET", "/devices").status(429).retry_after("3000").once());
    let answer = list(&world, "list devices").await;
    assert_eq!(answer.headline(), "… Busy");
    assert!(answer.text.contains("rate limiting Steward until"), "{}", answer.text);
}

#[tokio::test]
async fn a_page_that_times_out_is_requested_in_smaller_pieces() {
    let world = World::new().await;
    world.sim.fault(FaultRule::on("GET", "/devices").status(504).times(2));
    let answer = list(&world, "list devices").await;
    assert_eq!(answer.headline(), "40 devices");
    let asked: Vec<String> = world.device_calls().into_iter().filter_map(|call| call.query).collect();
    assert_eq!(asked, ["max=500", "max=250", "max=125"]);
}

#[tokio::test]
async fn an_error_body_of_ten_megabytes_is_handled_like_any_error() {
    for status in [403, 500] {
        let world = World::new().await;
        world.sim.fault(FaultRule::on("GET", "/devices").status(status).huge_body());
        let message = world.say(&world.cast.ana, "list devices").await;
        world.advance_through_waits(SignedDuration::from_mins(10)).await;
        let answer = world.the_answer_to(&message);
        assert_eq!(answer.headline(), "✕ Not done", "{}", answer.text);
        assert!(answer.text.len() < 1000);
    }
}

#[tokio::test]
async fn ten_megabytes_of_nonsense_are_not_a_list() {
    let world = World::new().await;
    world.sim.fault(FaultRule::on("GET", "/devices").status(200).huge_body());
    let message = world.say(&world.cast.ana, "list devices").await;
    world.advance_through_waits(SignedDuration::from_mins(10)).await;
    assert_eq!(world.the_answer_to(&message).headline(), "✕ Not done");
}

#[tokio::test]
async fn a_link_to_another_host_is_not_followed() {
    let world = World::new().await;
    world.sim.limit_pages(10);
    let elsewhere = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    world.sim.lead_next_pages_to(&elsewhere.local_addr().unwrap().to_string());
    let message = world.say(&world.cast.ana, "list devices").await;
    world.advance_through_waits(SignedDuration::from_mins(10)).await;
    assert_eq!(world.the_answer_to(&message).headline(), "✕ Not done");
    let came = tokio::time::timeout(std::time::Duration::from_millis(50), elsewhere.accept()).await;
    assert!(came.is_err(), "the link was followed");
}

#[tokio::test]
async fn people_without_the_right_to_read_see_no_devices() {
    let world = World::new().await;
    for person in [&world.cast.ben, &world.cast.oskar] {
        for line in ["list devices", "list devices csv", "list devices type:phone sort:name"] {
            let message = world.say(person, line).await;
            let text: String = world.answers_to(&message).iter().map(|answer| answer.text.clone()).collect();
            assert!(!fleet(&world).iter().any(|device| text.contains(name(device))), "{text}");
        }
    }
    assert!(world.device_calls().is_empty());
    assert!(!world.audited().await.contains(&"devices_listed"));
}

#[tokio::test]
async fn a_button_of_a_list_grants_no_right() {
    let world = World::new().await;
    let message = world.say(&world.cast.ana, "list devices").await;
    let answer = world.the_answer_to(&message);
    let calls = world.device_calls().len();
    for label in ["Next page", "CSV"] {
        press(&world, &world.cast.ben, &answer, label).await;
    }
    assert_eq!(world.device_calls().len(), calls);
    for refused in &world.answers_to(&message)[1..] {
        assert!(!fleet(&world).iter().any(|device| refused.text.contains(name(device))), "{}", refused.text);
    }
    // Her own press still counts.
    press(&world, &world.cast.ana, &answer, "Next page").await;
    assert!(world.answers_to(&message).last().unwrap().text.contains("Page 2 of 4"));
}
