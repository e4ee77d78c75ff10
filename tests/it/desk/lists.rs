//! Lists: what one page shows, its buttons, and how Webex's own pages are read.

use jiff::SignedDuration;
use serde_json::{Value, json};
use steward::sim::{FaultRule, Person};

use crate::world::{Answer, World};

/// Rows on one page of the answer.
const ROWS: usize = 10;

/// Whether a device is one of those that a filter names.
type Matches = Box<dyn Fn(&Value) -> bool>;

/// What the button with this label sends back, if the card has it.
pub(super) fn inputs(answer: &Answer, label: &str) -> Option<Value> {
    let actions = answer.card["actions"].as_array()?;
    actions.iter().find(|action| action["title"] == label).map(|action| action["data"].clone())
}

/// Presses the button with this label, and lets all that follows happen.
pub(super) async fn press(world: &World, person: &Person, answer: &Answer, label: &str) {
    let inputs = inputs(answer, label).unwrap_or_else(|| panic!("no button {label} on {}", answer.text));
    world.sim.press(person, &answer.id, &inputs).unwrap();
    world.settle().await;
}

/// The devices of Example Corp as Webex lists them.
pub(super) fn fleet(world: &World) -> Vec<Value> {
    let ours = |device: &Value| device["orgId"] == world.cast.example_org.as_str();
    world.sim.devices().into_iter().filter(ours).collect()
}

fn name(device: &Value) -> &str {
    device["displayName"].as_str().unwrap_or_default()
}

/// The names on a card that are those of devices, in order.
fn listed(world: &World, answer: &Answer) -> Vec<String> {
    let fleet = fleet(world);
    // Places have the names of devices too: a row begins with the name in bold.
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
async fn a_list_shows_its_first_rows_its_counts_and_the_way_to_the_rest() {
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
async fn the_next_page_is_one_press_away_until_there_is_none() {
    let world = World::with().devices(25).world().await;
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
async fn a_page_can_be_asked_for_by_its_number() {
    let world = World::with().devices(25).world().await;
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
async fn an_order_holds_over_all_pages_and_what_lacks_the_key_comes_last() {
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
async fn a_filter_is_matched_here_whatever_webex_made_of_it() {
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
async fn what_is_wrong_with_a_filter_is_pointed_at() {
    let world = World::new().await;
    let mut told = Vec::new();
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
        told.push(answer.text.lines().skip(2).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n"));
        world.advance(SignedDuration::from_mins(1)).await;
    }
    insta::assert_snapshot!(told.join("\n\n"), @r#"
    list devices ▸stauts◂:offline
    Expected the key of a filter, found "stauts"; did you mean "status"?
    A filter is a key, a colon and a value, for example: list devices status:offline last-seen:>90d sort:-last-seen
    Nothing was done. Write "help" for what you can ask.

    list devices status:▸ofline◂
    Expected one of offline, online, connected, disconnected, connected_with_issues, offline_expired, offline_deep_sleep, activating, pending, unknown (put any other value in double quotes), found "ofline"; did you mean "offline"?
    A filter is a key, a colon and a value, for example: list devices status:offline last-seen:>90d sort:-last-seen
    Nothing was done. Write "help" for what you can ask.

    list devices last-seen:▸>90◂
    Expected an age or a date after "last-seen:", such as last-seen:>90d (more than 90 days ago), last-seen:<2h, last-seen:<2025-01-31 or last-seen:never, found ">90".
    A filter is a key, a colon and a value, for example: list devices status:offline last-seen:>90d sort:-last-seen
    Nothing was done. Write "help" for what you can ask.

    list devices ▸lobby◂
    Expected a filter such as status:offline, found "lobby"; did you mean "name:*lobby*"?
    A filter is a key, a colon and a value, for example: list devices status:offline last-seen:>90d sort:-last-seen
    Nothing was done. Write "help" for what you can ask.

    list devices sort:▸size◂
    Expected one of the sort keys name, serial, mac, ip, id, workspace, location, person, product, type, platform, status, software, channel, managed-by, maintenance, first-seen, last-seen, created, found "size".
    A filter is a key, a colon and a value, for example: list devices status:offline last-seen:>90d sort:-last-seen
    Nothing was done. Write "help" for what you can ask.

    list devices type:phone type:▸◂
    Expected a value after "type:", or type:none, found nothing.
    A filter is a key, a colon and a value, for example: list devices status:offline last-seen:>90d sort:-last-seen
    Nothing was done. Write "help" for what you can ask.

    list devices csv ▸csv◂
    Expected "csv" only once, found "csv" (word 4).
    Write it like this: list devices status:offline last-seen:>90d sort:-last-seen
    Nothing was done. Write "help" for what you can ask.

    list devices sort:name ▸sort:name◂
    Expected "sort:" only once, found "sort:name" (word 4).
    Write it like this: list devices status:offline last-seen:>90d sort:-last-seen
    Nothing was done. Write "help" for what you can ask.
    "#);
    assert!(world.device_calls().is_empty());
}

#[tokio::test]
async fn nothing_to_list_is_said_and_offers_no_file() {
    let world = World::with().devices(0).world().await;
    let none = list(&world, "list devices").await;
    insta::assert_snapshot!(none.drawn(), @r#"
    ╭──────────────────────────────────────────────────────────────────────────────╮
    │ No devices                                                                   │
    │ Webex lists no device that Steward's admin credential can see.               │
    ╰──────────────────────────────────────────────────────────────────────────────╯
    "#);
    assert!(none.card["actions"].is_null());
    let none = list(&world, "list devices tag:retire").await;
    insta::assert_snapshot!(none.drawn(), @r#"
    ╭──────────────────────────────────────────────────────────────────────────────╮
    │ No devices                                                                   │
    │ No device matches all of this filter. A device that lacks a fact never       │
    │ matches a comparison with it.                                                │
    │                                                                              │
    │ Filter  tag:retire                                                           │
    ╰──────────────────────────────────────────────────────────────────────────────╯
    "#);
}

#[tokio::test]
async fn records_that_cannot_be_read_are_counted_and_hide_no_other() {
    let world = World::with().devices(5).world().await;
    world.sim.add_device(&json!({ "id": "no/id", "webexDeviceId": null, "displayName": "Odd one" }));
    let answer = list(&world, "list devices").await;
    assert_eq!(answer.headline(), "5 devices");
    assert_eq!(
        answer.fact("Unreadable").as_deref(),
        Some("1 record of Webex's could not be read and is not among them.")
    );
}

#[tokio::test]
async fn short_pages_and_empty_ones_in_between_lose_nothing() {
    for (limit, gaps) in [(7, false), (7, true), (1, true), (40, true), (39, false)] {
        let world = World::with().world().await;
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
async fn a_limit_that_falls_in_the_middle_of_a_list_loses_nothing() {
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
async fn a_list_that_is_told_to_wait_begins_again_when_it_may() {
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
async fn a_person_who_cannot_be_looked_up_just_now_is_not_left_out() {
    let world = World::new().await;
    let ana = world.cast.ana.id.as_str();
    let hers = fleet(&world).iter().filter(|device| device["personId"] == ana).count();
    // The first to be looked up is who speaks.
    world.sim.fault(FaultRule::on("GET", "/people/*").status(429).retry_after("5").skipping(1).once());
    let message = world.say(&world.cast.ana, "list devices person:ana@example.com").await;
    assert!(world.answers_to(&message).is_empty());
    world.advance(SignedDuration::from_secs(6)).await;
    assert_eq!(world.the_answer_to(&message).headline(), format!("{hers} devices"));
}

#[tokio::test]
async fn a_wait_that_is_too_long_for_somebody_who_waits_is_told() {
    let world = World::new().await;
    world.sim.fault(FaultRule::on("GET", "/devices").status(429).retry_after("3000").once());
    let answer = list(&world, "list devices").await;
    assert_eq!(answer.headline(), "… Busy");
    assert!(answer.text.contains("asks to come back at"), "{}", answer.text);
}

#[tokio::test]
async fn a_page_that_takes_webex_too_long_is_asked_for_in_smaller_pieces() {
    let world = World::new().await;
    world.sim.fault(FaultRule::on("GET", "/devices").status(504).times(2));
    let answer = list(&world, "list devices").await;
    assert_eq!(answer.headline(), "40 devices");
    let asked: Vec<String> = world.device_calls().into_iter().filter_map(|call| call.query).collect();
    assert_eq!(asked, ["max=500", "max=250", "max=125"]);
}

#[tokio::test]
async fn an_error_of_ten_megabytes_is_an_error_like_any_other() {
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
async fn ten_good_megabytes_of_nonsense_are_no_list() {
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
    assert!(came.is_err(), "somebody followed the link");
}

#[tokio::test]
async fn who_may_not_read_sees_no_device() {
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
async fn a_button_of_a_list_gives_nobody_a_right() {
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
