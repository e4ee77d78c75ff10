//! Sixty lines that people type, mistakes included, and what they read as the answer.

use serde_json::json;
use steward::sim::RawMessage;

use crate::world::{Answer, World};

/// A world with a device named BER-1.
async fn world() -> World {
    let world = World::with().devices(0).start().await;
    world.sim.add_device(&json!({
        "displayName": "BER-1", "serial": "FOC2345ABCD", "mac": "00:11:22:33:44:55", "tags": ["pilot"],
    }));
    world
}

/// The sentences of an answer about a line that was not understood, or else its headline.
fn read(answer: &Answer) -> String {
    let mut lines = answer.text.lines().filter(|line| !line.trim().is_empty());
    let headline = lines.next().unwrap_or_default();
    if headline != "? Not understood" {
        return format!("  {headline}\n");
    }
    let sentences = lines.filter(|line| !line.starts_with("Nothing was done.")).skip(1);
    sentences.flat_map(|line| ["  ", line, "\n"]).collect()
}

/// The line with its invisible characters written out.
fn printable(line: &str) -> String {
    let is_invisible = |c: char| matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{feff}');
    line.chars()
        .map(|c| if is_invisible(c) { format!("<U+{:04X}>", u32::from(c)) } else { c.to_string() })
        .collect()
}

/// For each line: the line, and the answer.
async fn answers(world: &World, lines: &[&str]) -> String {
    let mut read_aloud = String::new();
    for line in lines {
        let answer = world.ask(&world.cast.ana, line).await;
        read_aloud.extend(["> ", &printable(line), "\n", &read(&answer)]);
        // Hints about invalid lines come once a minute.
        world.advance(jiff::SignedDuration::from_mins(1)).await;
    }
    read_aloud
}

#[tokio::test]
async fn words_that_are_nearly_a_command() {
    let world = world().await;
    insta::assert_snapshot!(answers(&world, &[
        "please delete device BER-1",
        "delete BER-1",
        "delte device BER-1",
        "list offline devices",
        "tag device BER-1 retire",
        "show device 'BER-1'",
        "list devices in Berlin",
        "list devices sort by name",
        "list devices page 2",
        "delete device BER-1; list devices",
        "delete device FOC2345ABCD and FOC2345ABCE",
        "delete device BER 1 because it moved",
        "show device BER-1.",
        "list devices –status:offline",
        "list devices !status:offline",
        "list devices status:conected",
        "list devices -last-seen:90d",
        "list devices ip:10.4.7",
        "list devices -ip:berlin",
        "list devices ip:10.4.7.0/24",
    ]).await, @r#"
    > please delete device BER-1
      No command starts with "please".
      If that is what you meant, write: delete device BER-1
    > delete BER-1
      No command starts with "delete BER-1".
      If that is what you meant, write: delete device BER-1
    > delte device BER-1
      No command starts with "delte".
      If that is what you meant, write: delete device BER-1
    > list offline devices
      No command starts with "list offline".
      If that is what you meant, write: list devices status:offline
    > tag device BER-1 retire
      Expected one device (by its id, serial number, MAC address or name), found several words, "BER-1 retire".
      If that is what you meant, write: tag device BER-1 +retire
    > show device 'BER-1'
      Device
    > list devices in Berlin
      Expected a filter such as status:offline, found "in".
      If that is what you meant, write: list devices location:Berlin
    > list devices sort by name
      Expected a filter such as status:offline, found "sort".
      If that is what you meant, write: list devices sort:name
    > list devices page 2
      Expected a filter such as status:offline, found "page".
      If that is what you meant, write: list devices page:2
    > delete device BER-1; list devices
      A message can hold only one command; the second one here is "list devices".
      Send each command in a message of its own, beginning with: delete device BER-1
    > delete device FOC2345ABCD and FOC2345ABCE
      This command takes one device, not several: "FOC2345ABCD and FOC2345ABCE".
      Name one device at a time, beginning with: delete device FOC2345ABCD
    > delete device BER 1 because it moved
      Expected one device (by its id, serial number, MAC address or name), found several words, "BER 1".
      If that is one name, put it in double quotes: delete device "BER 1" because "it moved"
    > show device BER-1.
      Device
    > list devices –status:offline
      1 device
    > list devices !status:offline
      Expected a filter such as status:offline, found "!status:offline".
      If that is what you meant, write: list devices -status:offline
    > list devices status:conected
      Expected a known value after "status:", found "conected".
      If that is what you meant, write: list devices status:connected
    > list devices -last-seen:90d
      Expected < or > after "last-seen:", found "90d".
      If that is what you meant, write: list devices -last-seen:>90d
    > list devices ip:10.4.7
      Expected a whole IP address, or * for the rest of it, found "10.4.7".
      If that is what you meant, write: list devices ip:10.4.7.*
    > list devices -ip:berlin
      Expected an IP address such as 10.4.7.21, a subnet such as 10.4.7.0/24, a range such as 10.4.7.10-20, or a part such as 10.4.7.*, found "berlin".
      A filter is a key, a colon and a value, for example: list devices status:offline last-seen:>90d sort:-last-seen
    > list devices ip:10.4.7.0/24
      No devices
    "#);
}

#[tokio::test]
async fn things_that_people_ask_for() {
    let world = world().await;
    insta::assert_snapshot!(answers(&world, &[
        "/help",
        "?",
        "help me",
        "version",
        "help filters",
        "undo",
        "reboot device BER-1",
        "rename device BER-1 to BER-2",
        "move BER-1 to Lobby",
        "yes",
        "no",
        "deactivate workspace Lobby",
    ]).await, @r#"
    > /help
      The commands you may use
    > ?
      The commands you may use
    > help me
      The commands you may use
    > version
      Steward
    > help filters
      Filters
    > undo
      Steward cannot undo a change, and a deleted device does not come back by itself: it must be activated again.
    > reboot device BER-1
      Steward cannot restart devices; restart the device in Control Hub or at the device itself.
    > rename device BER-1 to BER-2
      Steward cannot rename devices; change the name in Control Hub.
    > move BER-1 to Lobby
      Steward cannot move a device to another workspace or person; use Control Hub for that.
    > yes
      To confirm, press the button on the card, or write "confirm" with the code on the card.
    > no
      To cancel, press the button on the card, or write "cancel" with the code on the card; a deletion that has started cannot be stopped.
    > deactivate workspace Lobby
      Steward cannot turn devices off or on; use Control Hub for that.
    "#);
}

#[tokio::test]
async fn references_as_people_have_them() {
    let world = world().await;
    insta::assert_snapshot!(answers(&world, &[
        "show device SEP001122334455",
        "show device 00 11 22 33 44 55",
        "show device \"0011.2233.4455\"",
        "show device 'foc2345abcd'",
        "show device serial:FOC2345ABCD",
        "show device https://admin.webex.com/workspaces/11111111-2222-3333-4444-555555555555/overview",
        "delete device FOC2345\u{202e}DCBA\u{202c}",
        "show device FOC2345\u{200b}ABCD",
        "show device \u{200b}FOC2345ABCD\u{feff}",
        // The A is Cyrillic.
        "show device FOC2345АBCD",
    ]).await, @r#"
    > show device SEP001122334455
      Device
    > show device 00 11 22 33 44 55
      Device
    > show device "0011.2233.4455"
      Device
    > show device 'foc2345abcd'
      Device
    > show device serial:FOC2345ABCD
      Expected one device (by its id, serial number, MAC address or name), found the filter "serial:FOC2345ABCD".
      If that is what you meant, write: show device FOC2345ABCD
    > show device https://admin.webex.com/workspaces/11111111-2222-3333-4444-555555555555/overview
      Expected the address of a device's page in Control Hub, found another address in "https://admin.webex.com/workspaces/11111111-2222-3333-4444-…".
      Name one device by its id, serial number, MAC address or name, for example: show device "BER-4 Panorama"
    > delete device FOC2345<U+202E>DCBA<U+202C>
      There is an invisible character here (U+202E), so the line may not be what it looks like.
      Type that word by hand instead of pasting it.
    > show device FOC2345<U+200B>ABCD
      There is an invisible character here (U+200B), so the line may not be what it looks like.
      Type that word by hand instead of pasting it.
    > show device <U+200B>FOC2345ABCD<U+FEFF>
      Device
    > show device FOC2345АBCD
      ✕ Not found
    "#);
}

#[tokio::test]
async fn somebody_who_does_not_know_the_grammar() {
    let world = world().await;
    insta::assert_snapshot!(answers(&world, &[
        "Hi Steward!",
        "what can you do?",
        "who are you",
        "I need help",
        "How do I delete a device?",
        "can you show me all devices please",
        "show me the offline phones",
        "which devices are offline?",
        "devices",
        "find BER-1",
        "where is BER-1",
        "get rid of BER-1",
        "Please remove the old device BER-1",
        "please do NOT delete device BER-1",
        "delete all devices except BER-1",
        "delete everything in Berlin",
        "add the tag retire to BER-1",
        "untag BER-1 pilot",
        "BER-1 is broken",
        "export all devices",
        "status",
        "activate Lobby",
        "list device named ber",
        "thanks!",
    ]).await, @r#"
    > Hi Steward!
      No command starts with "Hi".
      A message must be one command and nothing else.
    > what can you do?
      No command starts with "what".
      If that is what you meant, write: help
    > who are you
      No command starts with "who are".
      If that is what you meant, write: about
    > I need help
      No command starts with "I".
      If that is what you meant, write: help
    > How do I delete a device?
      No command starts with "How".
      If that is what you meant, write: help delete
    > can you show me all devices please
      No command starts with "can".
      If that is what you meant, write: list devices
    > show me the offline phones
      No command starts with "show me".
      If that is what you meant, write: list devices status:offline type:phone
    > which devices are offline?
      No command starts with "which".
      If that is what you meant, write: list devices status:offline
    > devices
      No command starts with "devices".
      If that is what you meant, write: list devices
    > find BER-1
      No command starts with "find".
      If that is what you meant, write: show device BER-1
    > where is BER-1
      No command starts with "where".
      If that is what you meant, write: show device BER-1
    > get rid of BER-1
      No command starts with "get".
      If that is what you meant, write: delete device BER-1
    > Please remove the old device BER-1
      No command starts with "Please".
      If that is what you meant, write: remove device BER-1
    > please do NOT delete device BER-1
      No command starts with "please".
      A message must be one command and nothing else.
    > delete all devices except BER-1
      This command takes one device, not several: "all devices except BER-1".
      Name one device at a time, for example: delete device FOC2345ABCD because "moved to Berlin"
    > delete everything in Berlin
      This command takes one device, not several: "everything in Berlin".
      Name one device at a time, for example: delete device FOC2345ABCD because "moved to Berlin"
    > add the tag retire to BER-1
      No command starts with "add the".
      If that is what you meant, write: tag device BER-1 +retire
    > untag BER-1 pilot
      No command starts with "untag".
      If that is what you meant, write: tag device BER-1 -pilot
    > BER-1 is broken
      No command starts with "BER-1".
      A message must be one command and nothing else.
    > export all devices
      For a file of all devices, list them with "csv" at the end.
      You can write: list devices csv
    > status
      To see the state of your devices, list them, or show one.
    > activate Lobby
      No command starts with "activate Lobby".
      If that is what you meant, write: activate workspace Lobby
    > list device named ber
      No command starts with "list device".
      If that is what you meant, write: list devices name:*ber*
    > thanks!
      No command starts with "thanks!".
      A message must be one command and nothing else.
    "#);
}

#[tokio::test]
async fn a_person_without_rights_reads_nothing_about_commands_they_may_not_use() {
    let world = world().await;
    let mut read_aloud = String::new();
    for line in ["delete BER-1", "delete device", "list offline devices", "help filters"] {
        let answer = world.ask(&world.cast.ben, line).await;
        read_aloud.extend(["> ", line, "\n", &read(&answer)]);
        world.advance(jiff::SignedDuration::from_mins(1)).await;
    }
    insta::assert_snapshot!(read_aloud, @r#"
    > delete BER-1
      No command starts with "delete BER-1".
      A message must be one command and nothing else.
    > delete device
      Expected one device (by its id, serial number, MAC address or name) after "device", found the end of the line.
      You may not use "delete device" here.
    > list offline devices
      No command starts with "list offline".
      A message must be one command and nothing else.
    > help filters
      The commands you may use
    "#);
}

/// A message with this html, in which BOT becomes the mention of the bot.
fn html(world: &World, html: &str) -> RawMessage {
    let mention = format!(
        "<spark-mention data-object-type=\"person\" data-object-id=\"{}\">Steward</spark-mention>",
        world.cast.bot.id
    );
    RawMessage {
        html: Some(html.replace("BOT", &mention)),
        text: Some("not read when there is html".to_owned()),
        mentioned_people: vec![world.cast.bot.id.clone()],
        ..RawMessage::default()
    }
}

#[tokio::test]
async fn asterisks_that_a_client_turned_into_italics_still_exclude() {
    let world = World::with().devices(0).start().await;
    for (name, serial) in [("BER-4 Panorama 1", "FOC0000AAAA"), ("Lobby", "FOC0000AAAB")] {
        world.sim.add_device(&json!({ "displayName": name, "serial": serial }));
    }
    for (line, found) in [
        ("BOT list devices -name:<em>Panorama</em>", "Lobby"),
        ("BOT list devices name:<em>Panorama</em>", "BER-4 Panorama 1"),
        ("BOT, list devices -name:&quot;<em>Panorama</em>&quot;.", "Lobby"),
        ("BOT: list devices –name:*Panorama*", "Lobby"),
        ("<strong>BOT list devices</strong> name:lobby", "Lobby"),
    ] {
        let answer = world.the_answer_to(&world.say_raw(&world.cast.ana, html(&world, line)).await);
        assert_eq!(answer.headline(), "1 device", "{line}: {}", answer.text);
        assert!(answer.text.contains(found), "{line}: {}", answer.text);
    }
}

#[tokio::test]
async fn names_and_tags_are_found_however_their_letters_are_composed() {
    let world = World::with().devices(0).start().await;
    let decomposed = "Bu\u{308}ro – 4";
    world
        .sim
        .add_device(&json!({ "displayName": decomposed, "serial": "FOC0000AAAA", "tags": ["Gera\u{308}t"] }));
    world.sim.add_device(&json!({ "displayName": "Lobby", "serial": "FOC0000AAAB", "tags": [] }));
    for line in [
        "show device \"Büro - 4\"",
        "show device \"BU\u{308}RO – 4\"",
        "show device \"Büro\u{a0}\u{2212} 4\"",
    ] {
        let answer = world.ask(&world.cast.ana, line).await;
        assert_eq!(answer.fact("Serial").as_deref(), Some("FOC0000AAAA"), "{line}: {}", answer.text);
    }
    for (line, serial) in [
        ("list devices name:büro*", "FOC0000AAAA"),
        ("list devices tag:gerät", "FOC0000AAAA"),
        ("list devices -tag:gera\u{308}t", "FOC0000AAAB"),
        ("list devices -name:\"BÜRO - 4\"", "FOC0000AAAB"),
    ] {
        let answer = world.ask(&world.cast.ana, line).await;
        assert_eq!(answer.headline(), "1 device", "{line}: {}", answer.text);
        assert!(answer.text.contains(serial), "{line}: {}", answer.text);
    }
}

#[tokio::test]
async fn a_line_that_reads_differently_deletes_nothing_and_shows_every_character() {
    let world = World::with().devices(0).start().await;
    let device = world.sim.add_device(&json!({ "displayName": "BER-1", "serial": "FOC2501A021" }));
    for (line, shown) in [
        ("delete device FOC2501A0\u{202e}21\u{202c}", "FOC2501A0[U+202E]21[U+202C]"),
        ("delete device \u{2067}FOC2501A021\u{2069}", "[U+2067]FOC2501A021[U+2069]"),
        ("delete device FOC2501\u{200b}A021", "FOC2501[U+200B]A021"),
        ("delete device FOC2501A021 because \"\u{202e}dlo\u{202c}\"", "\"[U+202E]dlo[U+202C]\""),
    ] {
        let answer = world.ask(&world.cast.ana, line).await;
        assert_eq!(answer.headline(), "? Not understood", "{line:?}");
        let line = answer.text.replace(['▸', '◂'], "");
        assert!(line.contains(shown), "{line}");
        let turns = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        assert!(!answer.card.to_string().contains(turns) && !answer.text.contains(turns));
    }
    assert!(world.device_exists(&device) && world.device_calls().is_empty());
}

#[tokio::test]
async fn a_uuid_or_a_page_of_control_hub_names_the_device_of_that_record() {
    let world = World::with().devices(3).start().await;
    let device = world.a_device();
    let id = device["id"].as_str().unwrap().to_owned();
    let uuid = steward::domain::id::WebexId::parse(&id).unwrap().key().to_owned();
    let page = format!("https://admin.webex.com/devices/details/{uuid}/overview");
    for reference in
        [uuid.clone(), uuid.to_uppercase(), page.clone(), format!("<{page}>").replace(['<', '>'], "'")]
    {
        let answer = world.ask(&world.cast.ana, &format!("show device {reference}")).await;
        assert_eq!(
            answer.fact("Serial").as_deref(),
            device["serial"].as_str(),
            "{reference}: {}",
            answer.text
        );
    }
    let none = world.ask(&world.cast.ana, "show device 99999999-2222-3333-4444-555555555555").await;
    assert_eq!(none.headline(), "✕ Not found");
    // A deletion sends the id of the record, never the UUID.
    let answer = world.ask(&world.cast.ana, &format!("delete device {page}")).await;
    assert_eq!(answer.outcome(), "gone", "{}", answer.text);
    assert!(!world.device_exists(&id));
    assert_eq!(world.deletes_of(&id), 1);
}
