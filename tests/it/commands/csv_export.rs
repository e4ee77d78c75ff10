//! Lists as CSV files, and the size limits of Webex.

use serde_json::{Value, json};
use steward::sim::FaultRule;

use super::list_devices::{fleet, inputs, press};
use crate::world::World;

/// Webex's limit for the text of a message, in bytes.
const MESSAGE_LIMIT: usize = 7439;
/// Webex's limit for actions on a card.
const MOST_ACTIONS: usize = 5;

/// The CSV files posted in the thread of a message: the text with each, and its lines.
fn tables(world: &World, message: &str) -> Vec<(String, Vec<csv::StringRecord>)> {
    let posted = world.sim.messages(&world.cast.operations);
    let files = posted.iter().filter(|posted| posted["parentId"] == message && posted["files"].is_array());
    files
        .map(|posted| {
            let file = world.sim.file(posted["files"][0].as_str().unwrap()).unwrap();
            assert_eq!((file.name.as_str(), file.content_type.as_str()), ("devices.csv", "text/csv"));
            let text = file.bytes.strip_prefix(b"\xEF\xBB\xBF".as_slice()).unwrap();
            let lines = csv::Reader::from_reader(text).into_records().map(Result::unwrap).collect();
            (posted["text"].as_str().unwrap().to_owned(), lines)
        })
        .collect()
}

/// The writing of MAC addresses in all answers.
fn with_colons(mac: &str) -> String {
    let digits: Vec<char> = mac.to_uppercase().chars().filter(|digit| *digit != ':').collect();
    digits.chunks(2).map(String::from_iter).collect::<Vec<_>>().join(":")
}

#[tokio::test]
async fn a_mac_address_is_written_in_one_way_in_every_answer() {
    for sent in ["AABBCC271901", "aa:bb:cc:27:19:01", "AA-BB-CC-27-19-01", "aabb.cc27.1901"] {
        let world = World::new().await;
        let device = world.sim.add_device(&json!({ "displayName": "Lone", "serial": null, "mac": sent }));
        let ana = &world.cast.ana;
        for line in ["show device Lone", "delete device Lone", "tag device Lone +x"] {
            let answer = world.ask(ana, line).await;
            assert_eq!(answer.fact("MAC").as_deref(), Some("AA:BB:CC:27:19:01"), "{line}: {}", answer.text);
        }
        let list = world.ask(ana, "list devices name:Lone").await;
        assert!(list.text.contains(" · AA:BB:CC:27:19:01 · "), "{}", list.text);
        let message = world.say(ana, "list devices csv name:Lone").await;
        world.answers_to(&message);
        let (_, lines) = tables(&world, &message).remove(0);
        assert_eq!(&lines[0][6], "AA:BB:CC:27:19:01");
        let gone = world.ask(ana, &format!("delete device {device}")).await;
        assert_eq!(gone.fact("MAC").as_deref(), Some("AA:BB:CC:27:19:01"));
    }
}

#[tokio::test]
async fn a_csv_file_has_a_line_for_every_device() {
    let world = World::new().await;
    let odd = "=HYPERLINK(\"http://evil.example\";\"会议室 🦀\")";
    let id = world.sim.add_device(&json!({ "displayName": odd, "tags": ["+1", "@x", "a,\"b\""] }));
    let message = world.say(&world.cast.ana, "list devices csv").await;
    assert_eq!(world.answers_to(&message).len(), 1, "the file alone");
    let (words, lines) = tables(&world, &message).remove(0);
    assert_eq!(words, "41 devices, with all fields.");
    let ids: Vec<&str> = lines.iter().map(|line| &line[22]).collect();
    let fleet = fleet(&world);
    assert_eq!(ids, fleet.iter().map(|device| device["id"].as_str().unwrap()).collect::<Vec<_>>());
    for (line, device) in lines.iter().zip(&fleet) {
        for (column, field) in [(1, "connectionStatus"), (5, "serial"), (7, "ip")] {
            assert_eq!(&line[column], device[field].as_str().unwrap_or_default());
        }
        assert_eq!(line[6], with_colons(device["mac"].as_str().unwrap_or_default()));
        assert_eq!(line[8].is_empty(), device["workspaceId"].is_null(), "{line:?}");
        assert!(line.iter().all(|cell| !cell.starts_with(['=', '+', '-', '@'])), "{line:?}");
    }
    let line = lines.iter().find(|line| line[22] == *id).unwrap();
    assert_eq!(&line[0], format!("'{odd}"));
    assert_eq!(&line[12], "'+1, @x, a,\"b\"");
    assert_eq!(world.audited().await, ["command_accepted", "devices_listed"]);
}

#[tokio::test]
async fn the_csv_button_of_a_filtered_list_exports_only_matches() {
    let world = World::new().await;
    let message = world.say(&world.cast.ana, "list devices type:phone sort:-name").await;
    let answer = world.the_answer_to(&message);
    press(&world, &world.cast.ana, &answer, "CSV").await;
    let phones = fleet(&world).iter().filter(|device| device["type"] == "phone").count();
    world.answers_to(&message);
    let (words, lines) = tables(&world, &message).remove(0);
    assert_eq!((lines.len(), lines.iter().all(|line| &line[3] == "phone")), (phones, true));
    assert_eq!(words, format!("{phones} devices that match type:phone, sorted by -name, with all fields."));
    let names: Vec<String> = lines.iter().map(|line| line[0].to_lowercase()).collect();
    assert!(names.is_sorted_by(|one, next| one >= next), "{names:?}");
}

#[tokio::test]
async fn a_csv_file_keeps_the_requested_order() {
    let world = World::new().await;
    world.sim.add_device(&json!({ "serial": null }));
    for (line, descending) in
        [("list devices csv sort:serial", false), ("list devices sort:-serial csv", true)]
    {
        let message = world.say(&world.cast.ana, line).await;
        world.answers_to(&message);
        let (_, lines) = tables(&world, &message).remove(0);
        let serials: Vec<&str> = lines.iter().map(|line| &line[5]).collect();
        let (some, none) = serials.split_at(serials.iter().position(|serial| serial.is_empty()).unwrap());
        assert_eq!((serials.len(), none.iter().all(|serial| serial.is_empty())), (41, true), "{serials:?}");
        let in_order = |one: &&str, next: &&str| if descending { one >= next } else { one <= next };
        assert!(some.is_sorted_by(in_order), "{serials:?}");
    }
}

#[tokio::test]
async fn a_rejected_csv_file_is_reported() {
    let world = World::new().await;
    world.sim.limit_files(100);
    let answer = world.ask(&world.cast.ana, "list devices csv").await;
    assert_eq!(answer.headline(), "✕ File not posted", "{}", answer.text);
    assert!(tables(&world, &answer.parent.clone().unwrap()).is_empty());
}

#[tokio::test]
async fn a_rejected_file_is_not_blamed_on_the_admin_credential() {
    let world = World::new().await;
    for (status, times, said) in [
        (401, 1, "bot token"),
        (403, 1, "Your organization may forbid files from bots"),
        (404, 2, "no longer finds this space"),
        (413, 1, "too large"),
        (400, 2, "did not accept the file (400)"),
    ] {
        world.sim.fault(FaultRule::on("POST", "/messages").status(status).times(times));
        let answer = world.ask(&world.cast.ana, "list devices csv").await;
        assert_eq!(answer.headline(), "✕ File not posted", "{status}: {}", answer.text);
        assert!(answer.text.contains(said), "{status}: {}", answer.text);
        assert!(!answer.text.contains("admin"), "{status}: {}", answer.text);
        assert!(tables(&world, &answer.parent.clone().unwrap()).is_empty());
    }
}

#[tokio::test]
async fn a_file_whose_thread_is_gone_is_posted_outside_it() {
    let world = World::new().await;
    world.sim.fault(FaultRule::on("GET", "/devices").status(503).once());
    let message = world.say(&world.cast.ana, "list devices csv").await;
    world.webex(&world.cast.ana.token, "DELETE", &format!("/messages/{message}"), None).await;
    world.advance_through_waits(jiff::SignedDuration::from_secs(20)).await;
    let files = world.answers_outside_threads();
    assert_eq!(files.len(), 1, "{files:#?}");
    assert_eq!(files[0].text, "40 devices, with all fields.");
}

#[tokio::test]
async fn no_message_exceeds_the_limit_of_webex() {
    let world = World::with().devices(0).start().await;
    for index in 0..60 {
        let worst = ["\"\\\u{1}<&>*_[]", "🦀", "会议室", "a"][index % 4];
        let long = |length: usize| format!("{index} {}", worst.repeat(length));
        world.sim.add_device(&json!({
            "displayName": long(300), "product": long(200), "serial": long(100), "mac": long(50),
            "connectionStatus": long(40), "tags": vec![long(60); 100], "errorCodes": vec![long(60); 100],
            "software": long(200), "ip": long(80), "lastSeen": "2026-01-01T00:00:00Z",
        }));
    }
    // Two devices that differ only in their ids, and more than a card has buttons.
    for _ in 0..9 {
        world.sim.add_device(&json!({ "displayName": "\"".repeat(200), "serial": null, "mac": null }));
    }
    let filter = format!("-name:\"{}\"", "🦀".repeat(60));
    for line in [
        "list devices".to_owned(),
        "list devices page:2 sort:name".to_owned(),
        format!("list devices {filter} {filter} {filter}"),
        format!("list devices csv {filter} {filter} {filter}"),
        format!("show device {}", world.sim.devices().last().unwrap()["id"].as_str().unwrap()),
        format!("show device “{}”", "x".repeat(500)),
        format!("list devices {}", "x".repeat(5000)),
        format!("list devices in org \"{}\"", "x".repeat(200)),
    ] {
        let message = world.say(&world.cast.ana, &line).await;
        for answer in world.answers_to(&message) {
            for label in ["Next page", "CSV"] {
                if inputs(&answer, label).is_some() {
                    press(&world, &world.cast.ana, &answer, label).await;
                }
            }
        }
        assert!(!world.answers_to(&message).is_empty(), "{line}");
        world.advance(jiff::SignedDuration::from_mins(1)).await;
    }
    let posts =
        world.sim.requests().into_iter().filter(|call| call.method == "POST" && call.path == "/v1/messages");
    for post in posts {
        assert_eq!(post.status, Some(200), "Webex refused a message of {} bytes", post.body_bytes);
    }
    for posted in world.sim.messages(&world.cast.operations) {
        if posted["personId"] != world.cast.bot.id.as_str() {
            continue;
        }
        let text = posted["text"].as_str().unwrap_or_default();
        assert!(text.len() <= MESSAGE_LIMIT, "{} bytes", text.len());
        let card = &posted["attachments"][0]["content"];
        let actions = card["actions"].as_array().map_or(0, Vec::len);
        assert!(actions <= MOST_ACTIONS && card.to_string().len() < 20_000, "{}", card.to_string().len());
        assert_eq!(count(card, "ActionSet"), 0, "all buttons stand in one place");
    }
}

fn count(value: &Value, kind: &str) -> usize {
    match value {
        Value::Object(fields) => {
            let here = usize::from(fields.get("type").is_some_and(|found| found == kind));
            here + fields.values().map(|value| count(value, kind)).sum::<usize>()
        }
        Value::Array(items) => items.iter().map(|item| count(item, kind)).sum(),
        _ => 0,
    }
}
