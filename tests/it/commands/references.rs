//! References to one device: every spelling finds the right device, and never a wrong one.

use serde_json::{Value, json};
use steward::sim::Sim;

use crate::world::World;

/// Confusing names, serial numbers and MAC addresses. The first is number 1, and the product of a device is its
/// number.
const FLEET: &[(Option<&str>, Option<&str>, Option<&str>)] = &[
    (Some("BER-4 Panorama"), Some("FOC2345ABCD"), Some("11:22:33:44:AA:FF")),
    (Some("Lobby"), Some("FOC0000AAAA"), Some("112233445566")),
    // The same name in another spelling.
    (Some("lobby "), Some("FOC0000AAAB"), None),
    // A name equal to another's serial number.
    (Some("foc2345abcd"), Some("FOC0000AAAC"), None),
    (Some("Phone"), None, Some("aabb.ccdd.eeff")),
    // A name equal to another's MAC address, and one that only looks like one.
    (Some("11-22-33-44-55-66"), None, None),
    (Some("DEAD.BEEF.0001"), Some("FOC0000AAAD"), None),
    (Some("会议室 一"), Some("FOC0000AAAE"), None),
    (Some("Büro 🦀"), Some("FOC0000AAAF"), None),
    (Some("Ben’s Desk"), Some("FOC0000AAAG"), None),
    (None, Some("TBB1234"), Some("unknown")),
    (Some(" "), Some(""), Some("")),
    (Some("A-Long-Name-Without-Blanks-On-The-4th-Floor"), None, None),
    // A device that matches in two ways.
    (Some("FOC0000ZZZZ"), Some("foc0000zzzz"), Some("00:00:00:00:00:01")),
    (Some("*"), Some("%"), None),
    // More namesakes than a card has buttons.
    (Some("Huddle"), Some("FOC0000HU01"), None),
    (Some("Huddle"), Some("FOC0000HU02"), None),
    (Some("Huddle"), Some("FOC0000HU03"), None),
    (Some("Huddle"), Some("FOC0000HU04"), None),
    (Some("Huddle"), Some("FOC0000HU05"), None),
    // Words of the grammar, and markup.
    (Some("device"), Some("FOC0000AAAH"), None),
    (Some("<b>Lobby</b> [x](http://evil.example)"), Some("FOC0000AAAI"), None),
    (Some("غرفة الاجتماعات"), Some("FOC0000AAAJ"), None),
    (Some("ΟΔΟΣ 7"), Some("FOC0000AAAK"), None),
    // Two serial numbers that differ only in case.
    (Some("Twin A"), Some("tbb-twin"), None),
    (Some("Twin B"), Some("TBB-TWIN"), None),
    (Some("name:x"), None, None),
    // With an invisible joiner, which chat clients drop.
    (Some("👩\u{200d}💻 Bar"), None, None),
    // Quotes of both kinds.
    (Some("The “big” 55\" room"), None, None),
    (Some("'t Hooft"), None, None),
];

/// References after `show device`, and the number of the device shown; `2? 3?` is a choice, `-` not found, `!` not
/// understood.
const SPELLINGS: &[(&str, &str)] = &[
    ("FOC0000AAAA", "2"),
    ("foc0000aaaa", "2"),
    ("Foc0000Aaaa", "2"),
    ("\" foc0000aaaa \"", "2"),
    ("FOC0000AAA", "-"),
    ("FOC0000AAAA1", "-"),
    ("F0C0000AAAA", "-"),
    ("OC0000AAAA", "-"),
    ("\"FOC 0000AAAA\"", "-"),
    ("TBB1234", "11"),
    ("TBB-1234", "-"),
    ("tbb-Twin", "25? 26?"),
    ("FOC2345ABCD", "1? 4?"),
    ("foc2345abcd", "1? 4?"),
    ("FOC2345ABCE", "-"),
    ("FOC0000ZZZZ", "14"),
    ("11:22:33:44:AA:FF", "1"),
    ("11-22-33-44-aa-ff", "1"),
    ("1122.3344.aaff", "1"),
    ("11223344AAFF", "1"),
    ("112233-44aaff", "1"),
    ("\"11 22 33 44 aa ff\"", "1"),
    ("11:22:33:44:AA", "-"),
    ("11:22:33:44:AA:FE", "-"),
    ("11:22:33:44:AA-FF", "-"),
    ("11:22:33:44:AA:FF:00", "-"),
    ("AA:BB:CC:DD:EE:FF", "5"),
    ("aabbccddeeff", "5"),
    ("000000000001", "14"),
    ("00:00:00:00:00:00", "-"),
    ("11:22:33:44:55:66", "2"),
    ("11-22-33-44-55-66", "2? 6?"),
    ("DEAD.BEEF.0001", "7"),
    ("DE:AD:BE:EF:00:01", "-"),
    ("unknown", "-"),
    ("\"BER-4 Panorama\"", "1"),
    ("“ber-4  PANORAMA”", "1"),
    ("\"BER-4\u{a0}Panorama\"", "1"),
    ("BER-4", "-"),
    ("Panorama", "-"),
    ("\"BER-4 Panoram\"", "-"),
    ("\"BER-4 Panorama 2\"", "-"),
    ("BER-4Panorama", "-"),
    // With a Cyrillic letter.
    ("\"BER-4 Раnorama\"", "-"),
    ("BER-4 Panorama", "!"),
    ("Lobby", "2? 3?"),
    ("LOBBY", "2? 3?"),
    ("Lobb", "-"),
    ("phone", "5"),
    ("\"会议室 一\"", "8"),
    ("\"会议室\u{3000}一\"", "8"),
    ("\"会议室 二\"", "-"),
    ("会议室一", "-"),
    ("\"büro 🦀\"", "9"),
    ("\"BÜRO 🦀\"", "9"),
    ("\"Buro 🦀\"", "-"),
    ("Büro", "-"),
    ("🦀", "-"),
    ("\"ben’s desk\"", "10"),
    ("\"Ben's Desk\"", "10"),
    ("\"Bens Desk\"", "-"),
    ("A-Long-Name-Without-Blanks-On-The-4th-Floor", "13"),
    ("A-Long-Name-Without-Blanks-On-The-4th-Floo", "-"),
    ("\"*\"", "15"),
    ("%", "15"),
    ("?", "-"),
    ("Huddle", "16? 17? 18? 19? of 5"),
    ("FOC0000HU05", "20"),
    ("\"device\"", "21"),
    ("\"<b>Lobby</b> [x](http://evil.example)\"", "22"),
    ("\"غرفة الاجتماعات\"", "23"),
    ("\"غرفة\"", "-"),
    ("\"οδος 7\"", "24"),
    ("\"name:x\"", "27"),
    ("name:x", "!"),
    ("\"👩\u{200d}💻 bar\"", "28"),
    ("\"👩💻 Bar\"", "28"),
    ("\"👨\u{200d}💻 Bar\"", "-"),
    ("\"The \"\"big\"\" 55\"\" room\"", "29"),
    ("“the ““BIG”” 55”” room”", "29"),
    ("\"The \"big\" 55\" room\"", "!"),
    ("\"The big 55 room\"", "-"),
    ("55\"", "!"),
    ("\"'t Hooft\"", "30"),
    ("‘t Hooft", "!"),
    ("null", "-"),
    ("\"\"", "!"),
    ("\" \"", "!"),
    ("FOC0000AAAA FOC0000AAAB", "!"),
    ("FOC0000AAAA,FOC0000AAAB", "-"),
    ("\"' OR 1=1 --\"", "-"),
    ("../people/me", "-"),
    ("11111111-2222-3333-4444-555555555555", "-"),
];

fn product(number: usize) -> String {
    format!("P{number:02}")
}

fn add_fleet(sim: &Sim) {
    for (index, (name, serial, mac)) in FLEET.iter().enumerate() {
        sim.add_device(&json!({
            "displayName": name, "serial": serial, "mac": mac, "product": product(index + 1),
        }));
    }
}

/// The result of a line in the table's notation; the numbers are the products on the card.
fn result_of(text: &str) -> String {
    let mut numbers: Vec<&str> = text
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter_map(|word| word.strip_prefix('P'))
        .filter(|number| number.len() == 2 && number.bytes().all(|digit| digit.is_ascii_digit()))
        .map(|number| number.trim_start_matches('0'))
        .collect();
    numbers.sort_unstable_by_key(|number| number.parse::<usize>().unwrap());
    let is_number = |word: &&str| word.bytes().all(|digit| digit.is_ascii_digit());
    let choice =
        text.strip_prefix("Which of these devices?\n").map(|rest| rest.split(' ').find(is_number).unwrap());
    match choice {
        Some(total) => {
            let shown = numbers.iter().map(|number| format!("{number}?")).collect::<Vec<_>>().join(" ");
            if total == numbers.len().to_string() { shown } else { format!("{shown} of {total}") }
        }
        None if text.starts_with("? Not understood") => "!".to_owned(),
        None if numbers.is_empty() && text.starts_with("✕ Not found") => "-".to_owned(),
        None => numbers.join(" "),
    }
}

#[tokio::test]
async fn all_spellings_find_their_device_and_near_misses_find_none() {
    let world = World::with().devices(0).start().await;
    add_fleet(&world.sim);
    let mut wrong = Vec::new();
    for (written, expected) in SPELLINGS {
        let answer = world.ask(&world.cast.ana, &format!("show device {written}")).await;
        let result_of = result_of(&answer.text);
        if result_of != *expected {
            wrong.push(format!("{written}: expected {expected}, found {result_of}: {}", answer.text));
        }
        // Hints about invalid lines come once a minute.
        world.advance(jiff::SignedDuration::from_mins(1)).await;
    }
    assert!(SPELLINGS.len() >= 40);
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[tokio::test]
async fn filters_quote_names_the_same_way() {
    let world = World::with().devices(0).start().await;
    add_fleet(&world.sim);
    for filter in ["name:\"*\"\"big\"\"*\"", "name:\"x\",\"the \"\"big\"\" 55\"\" room\""] {
        let answer = world.ask(&world.cast.ana, &format!("list devices {filter}")).await;
        assert!(answer.headline() == "1 device" && answer.text.contains("55\" room"), "{}", answer.text);
    }
}

#[tokio::test]
async fn an_id_in_either_spelling_shows_its_device() {
    let world = World::with().devices(0).start().await;
    add_fleet(&world.sim);
    let fleet: Vec<Value> = world
        .sim
        .devices()
        .into_iter()
        .filter(|device| device["product"].to_string().starts_with("\"P"))
        .collect();
    assert_eq!(fleet.len(), FLEET.len());
    for (index, device) in fleet.iter().enumerate() {
        let id = device["id"].as_str().unwrap();
        let answer = world.ask(&world.cast.ana, &format!("show device {id}")).await;
        assert_eq!(result_of(&answer.text), (index + 1).to_string());
        let short = world.ask(&world.cast.ana, &format!("show device {}", &id[..id.len() - 1])).await;
        assert!(["-", "!"].contains(&result_of(&short.text).as_str()), "{}", short.text);
        world.advance(jiff::SignedDuration::from_mins(1)).await;
    }
}

#[tokio::test]
async fn choices_and_failures_help_to_name_the_device() {
    let world = World::with().devices(0).start().await;
    add_fleet(&world.sim);
    let choice = world.ask(&world.cast.ana, "show device FOC2345ABCD").await;
    insta::assert_snapshot!(choice.drawn(), @r"
    ╭──────────────────────────────────────────────────────────────────────────────╮
    │ Which of these devices?                                                      │
    │ 2 devices found. Nothing has been done yet.                                  │
    │                                                                              │
    │ Searched for  FOC2345ABCD                                                    │
    ├──────────────────────────────────────────────────────────────────────────────┤
    │ 1  BER-4 Panorama · connected                                                │
    │ P01 · New Room · FOC2345ABCD · seen just now                                 │
    │                                                                              │
    │ 2  foc2345abcd · connected                                                   │
    │ P04 · New Room · FOC0000AAAC · seen just now                                 │
    ├──────────────────────────────────────────────────────────────────────────────┤
    │ What next                                                                    │
    │ Press a button, or send the command again with the serial number, the MAC    │
    │ address or the id of the device.                                             │
    │                                                                              │
    │ For example: show device 11:22:33:44:AA:FF                                   │
    │                                                                              │
    │ [ Choose 1 ] [ Choose 2 ]                                                    │
    ╰──────────────────────────────────────────────────────────────────────────────╯
    ");
    let no = world.ask(&world.cast.ana, "show device FOC0000AAAX").await;
    insta::assert_snapshot!(no.drawn(), @r#"
    ╭──────────────────────────────────────────────────────────────────────────────╮
    │ ✕ Not found                                                                  │
    │ No device that Steward can see matches this exactly. Nothing was done.       │
    │                                                                              │
    │ Searched for  FOC0000AAAX                                                    │
    │ Searched by   serial number, name                                            │
    ├──────────────────────────────────────────────────────────────────────────────┤
    │ Similar devices                                                              │
    │ Lobby · FOC0000AAAA                                                          │
    │ lobby  · FOC0000AAAB                                                         │
    │ foc2345abcd · FOC0000AAAC                                                    │
    │ DEAD.BEEF.0001 · FOC0000AAAD                                                 │
    │ 会议室 一 · FOC0000AAAE                                                      │
    ├──────────────────────────────────────────────────────────────────────────────┤
    │ What next                                                                    │
    │ If it is one of these, send the command again with its serial number.        │
    │ Otherwise, "list devices" shows all devices.                                 │
    ╰──────────────────────────────────────────────────────────────────────────────╯
    "#);
    let none = world.ask(&world.cast.ana, "show device 99:99:99:99:99:99").await;
    insta::assert_snapshot!(none.drawn(), @r#"
    ╭──────────────────────────────────────────────────────────────────────────────╮
    │ ✕ Not found                                                                  │
    │ No device that Steward can see matches this exactly. Nothing was done.       │
    │                                                                              │
    │ Searched for  99:99:99:99:99:99                                              │
    │ Searched by   serial number, MAC address, name                               │
    ├──────────────────────────────────────────────────────────────────────────────┤
    │ What next                                                                    │
    │ "list devices" shows all devices. A factory reset gives a device a new id,   │
    │ but its serial number and MAC address stay the same.                         │
    ╰──────────────────────────────────────────────────────────────────────────────╯
    "#);
}

#[tokio::test]
async fn choosing_a_row_shows_its_device() {
    let world = World::with().devices(0).start().await;
    add_fleet(&world.sim);
    for (label, row) in [("1", 0), ("2", 1)] {
        let message = world.say(&world.cast.ana, "show device Lobby").await;
        let choice = world.the_answer_to(&message);
        let labels: Vec<&str> = choice.card["actions"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|action| action["title"].as_str())
            .collect();
        let chosen = *labels.iter().find(|title| title.contains(label)).unwrap();
        super::list_devices::press(&world, &world.cast.ana, &choice, chosen).await;
        let shown = world.answers_to(&message).pop().unwrap();
        let rows = ["FOC0000AAAA", "FOC0000AAAB"];
        assert_eq!(shown.fact("Serial").as_deref(), Some(rows[row]), "{}", shown.text);
    }
}

#[tokio::test]
async fn a_serial_number_needs_few_calls_and_a_name_the_whole_list() {
    let world = World::with().devices(0).start().await;
    add_fleet(&world.sim);
    world.sim.limit_pages(5);
    let asked = async |line: &str| {
        let before = world.calls("GET", "/devices");
        let answer = world.ask(&world.cast.ana, line).await;
        (result_of(&answer.text), world.calls("GET", "/devices") - before)
    };
    assert_eq!(asked("show device FOC0000HU05").await, ("20".to_owned(), 2));
    let (found, calls) = asked("show device phone").await;
    assert_eq!(found, "5");
    assert!(calls > FLEET.len() / 5, "{calls}");
}
