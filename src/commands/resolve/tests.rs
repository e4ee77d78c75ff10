//! Spellings and near misses in a fleet with confusing names.

mod filters;

use proptest::prelude::*;

use super::compare::Typed;
use super::device::{DeviceResolution, MatchedDevice};
use super::search::{MAX_CANDIDATES, Read, Resolution, Search};
use crate::domain::{Count, Device, DeviceId, Mac, Reference};

fn resolve(reference: &Reference, devices: &[Device]) -> DeviceResolution {
    let mut search = Search::new(&Typed::device(reference));
    search.check_all(devices);
    search.conclude(Read::Whole { unreadable: 0 }).map(MatchedDevice::from)
}

fn id(number: usize) -> DeviceId {
    DeviceId::parse(&format!("{number:08}-2222-3333-4444-555555555555")).unwrap()
}

fn device(number: usize, name: Option<&str>, serial: Option<&str>, mac: Option<&str>) -> Device {
    Device {
        id: id(number),
        display_name: name.map(str::to_owned),
        serial: serial.map(str::to_owned),
        mac: mac.map(str::to_owned),
        ..crate::domain::fixtures::a_device()
    }
}

fn fleet() -> Vec<Device> {
    [
        (Some("BER-4 Panorama"), Some("FOC2345ABCD"), Some("11:22:33:44:AA:FF")),
        (Some("Lobby"), Some("FOC0000AAAA"), Some("112233445566")),
        // The same name in another spelling.
        (Some("lobby "), Some("FOC0000AAAB"), None),
        // A name that is the serial number of another device.
        (Some("foc2345abcd"), Some("FOC0000AAAC"), None),
        (Some("Phone"), None, Some("aabb.ccdd.eeff")),
        // A name that is the MAC address of another device, and one that only looks like an address.
        (Some("11-22-33-44-55-66"), None, None),
        (Some("DEAD.BEEF.0001"), Some("FOC0000AAAD"), None),
        (Some("会议室 一"), Some("FOC0000AAAE"), None),
        (Some("Büro 🦀"), Some("FOC0000AAAF"), None),
        (Some("Ana's \"Services\"  Pro"), Some("FOC0000AAAG"), None),
        (None, Some("TBB1234"), Some("unknown")),
        (Some(" "), Some(""), Some("")),
        (Some("A-Long-Name-Without-Blanks-On-The-4th-Floor"), None, None),
        // One device that matches in two ways.
        (Some("FOC0000ZZZZ"), Some("foc0000zzzz"), Some("00:00:00:00:00:01")),
        (Some("*"), Some("%"), None),
    ]
    .into_iter()
    .enumerate()
    .map(|(index, (name, serial, mac))| device(index + 1, name, serial, mac))
    .collect()
}

/// A reference as people type it, and the number of the device it means with the property that matches; `2? 3?` is a
/// choice, `-` is no match.
const SPELLINGS: &[(&str, &str)] = &[
    ("00000001-2222-3333-4444-555555555555", "1 Id"),
    ("00000001-2222-3333-4444-55555555555", "-"),
    ("00000099-2222-3333-4444-555555555555", "-"),
    ("FOC0000AAAA", "2 Serial"),
    ("foc0000aaaa", "2 Serial"),
    (" Foc0000Aaaa ", "2 Serial"),
    ("FOC0000AAA", "-"),
    ("FOC0000AAAA1", "-"),
    ("FOC 0000AAAA", "-"),
    ("F0C0000AAAA", "-"),
    ("OC0000AAAA", "-"),
    ("TBB1234", "11 Serial"),
    ("TBB-1234", "-"),
    ("FOC2345ABCD", "1 Serial? 4 Name?"),
    ("foc2345abcd", "1 Serial? 4 Name?"),
    ("FOC2345ABCE", "-"),
    ("FOC0000ZZZZ", "14 Serial"),
    ("11:22:33:44:AA:FF", "1 Mac"),
    ("11-22-33-44-aa-ff", "1 Mac"),
    ("1122.3344.aaff", "1 Mac"),
    ("11223344AAFF", "1 Mac"),
    ("112233-44aaff", "1 Mac"),
    ("11 22 33 44 aa ff", "1 Mac"),
    ("11:22:33:44:AA", "-"),
    ("11:22:33:44:AA:FE", "-"),
    ("11:22:33:44:AA-FF", "-"),
    ("11:22:33:44:AA:FF:00", "-"),
    ("AA:BB:CC:DD:EE:FF", "5 Mac"),
    ("000000000001", "14 Mac"),
    ("00:00:00:00:00:00", "-"),
    // Another notation of that address is not the name of the other device.
    ("11:22:33:44:55:66", "2 Mac"),
    ("11-22-33-44-55-66", "2 Mac? 6 Name?"),
    ("DEAD.BEEF.0001", "7 Name"),
    ("DE:AD:BE:EF:00:01", "-"),
    ("unknown", "-"),
    ("BER-4 Panorama", "1 Name"),
    ("ber-4  PANORAMA", "1 Name"),
    ("BER-4\u{a0}Panorama", "1 Name"),
    ("BER-4", "-"),
    ("Panorama", "-"),
    ("BER-4 Panoram", "-"),
    ("BER-4 Panorama 2", "-"),
    ("BER-4Panorama", "-"),
    ("BER-4 Раnorama", "-"),
    ("Lobby", "2 Name? 3 Name?"),
    ("LOBBY", "2 Name? 3 Name?"),
    ("Lobb", "-"),
    ("phone", "5 Name"),
    ("会议室 一", "8 Name"),
    ("会议室\u{3000}一", "8 Name"),
    ("会议室 二", "-"),
    ("会议室一", "-"),
    ("büro 🦀", "9 Name"),
    ("BÜRO 🦀", "9 Name"),
    ("Buro 🦀", "-"),
    ("Büro", "-"),
    ("🦀", "-"),
    ("Ana's \"Services\" Pro", "10 Name"),
    ("ana's \"services\" pro", "10 Name"),
    ("Ana's Services Pro", "-"),
    ("A-Long-Name-Without-Blanks-On-The-4th-Floor", "13 Name"),
    ("A-Long-Name-Without-Blanks-On-The-4th-Floo", "-"),
    ("*", "15 Name"),
    ("%", "15 Serial"),
    ("?", "-"),
    ("null", "-"),
    ("None", "-"),
    ("FOC0000AAAA FOC0000AAAB", "-"),
    ("FOC0000AAAA,FOC0000AAAB", "-"),
    ("' OR 1=1 --", "-"),
    ("../people/me", "-"),
];

fn reference(text: &str) -> Reference {
    Reference::parse(text).unwrap()
}

/// A resolution in the notation of the table.
fn summary(resolution: &DeviceResolution) -> String {
    let number = |device: &Device| device.id.as_str()[..8].parse::<usize>().unwrap();
    match resolution {
        Resolution::One(one) => format!("{} {:?}", number(&one.device), one.by),
        Resolution::Several { candidates, .. } => {
            let mut matches: Vec<_> = candidates.iter().map(|one| (one.by, number(&one.device))).collect();
            matches.sort_unstable();
            let matches: Vec<_> = matches.iter().map(|(by, number)| format!("{number} {by:?}?")).collect();
            matches.join(" ")
        }
        Resolution::None { .. } => "-".to_owned(),
    }
}

#[test]
fn every_spelling_finds_its_device_and_a_near_miss_finds_none() {
    let fleet = fleet();
    for (text, expected) in SPELLINGS {
        assert_eq!(summary(&resolve(&reference(text), &fleet)), *expected, "{text}");
        let backwards: Vec<_> = fleet.iter().rev().cloned().collect();
        assert_eq!(summary(&resolve(&reference(text), &backwards)), *expected, "{text}");
    }
    assert!(SPELLINGS.len() >= 40);
}

#[test]
fn a_device_that_is_listed_twice_is_one_candidate() {
    let twice: Vec<_> = fleet().into_iter().flat_map(|device| [device.clone(), device]).collect();
    for (text, expected) in SPELLINGS {
        assert_eq!(summary(&resolve(&reference(text), &twice)), *expected, "{text}");
    }
    // It was renamed between two pages: the stronger of both matches counts.
    let renamed = [device(1, Some("TBB9"), Some("X"), None), device(1, Some("X"), Some("TBB9"), None)];
    assert_eq!(summary(&resolve(&reference("tbb9"), &renamed)), "1 Serial");
}

#[test]
fn an_id_that_is_also_the_name_of_another_device_is_a_choice() {
    let id = "00000001-2222-3333-4444-555555555555";
    let fleet = [device(1, None, None, None), device(2, Some(id), None, None)];
    assert_eq!(summary(&resolve(&reference(id), &fleet)), "1 Id? 2 Name?");
}

#[test]
fn a_choice_is_limited_even_if_a_whole_fleet_has_the_name() {
    let fleet: Vec<_> = (0..500).map(|number| device(number, Some("Services"), None, None)).collect();
    let Resolution::Several { candidates, count, .. } = resolve(&reference("services"), &fleet) else {
        panic!("one of five hundred was chosen")
    };
    assert_eq!((candidates.len(), count), (MAX_CANDIDATES, Count::MoreThan(50)));
}

#[test]
fn no_match_names_similar_devices() {
    for (text, near) in [
        ("BER-4 Panorma", &["BER-4 Panorama"][..]),
        ("panorama", &["BER-4 Panorama"]),
        ("4th floor", &["A-Long-Name-Without-Blanks-On-The-4th-Floor"]),
        ("FOC2345ABCE", &["BER-4 Panorama", "foc2345abcd"]),
        ("FOC2345", &["BER-4 Panorama", "foc2345abcd"]),
        ("F0C0000AAAA", &["Lobby", "lobby ", "foc2345abcd", "DEAD.BEEF.0001"]),
        ("会議室 二", &[]),
        ("会议室 二", &["会议室 一"]),
        ("Atrium", &[]),
    ] {
        let Resolution::None { similar, .. } = resolve(&reference(text), &fleet()) else {
            panic!("{text} matches a device")
        };
        let names: Vec<_> =
            similar.records.iter().map(|device| device.display_name.as_deref().unwrap()).collect();
        assert_eq!(names, near, "{text}");
        // Only five serial numbers are one typing error away.
        assert_eq!(similar.has_more, text == "F0C0000AAAA", "{text}");
    }
}

/// A second, simple implementation of the rules.
fn should_match(device: &Device, text: &str) -> bool {
    let text = text.trim();
    let same = |value: &Option<String>| {
        let words =
            |text: &str| text.to_lowercase().split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        value.as_deref().is_some_and(|value| !words(value).is_empty() && words(value) == words(text))
    };
    let serial = device
        .serial
        .as_deref()
        .is_some_and(|serial| !serial.trim().is_empty() && serial.trim().eq_ignore_ascii_case(text));
    let digits = |text: &str| Mac::parse(text).ok().map(Mac::digits);
    let mac = device.mac.as_deref().and_then(digits);
    device.id.as_str().eq_ignore_ascii_case(text)
        || serial
        || (mac.is_some() && mac == digits(text))
        || same(&device.display_name)
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[aAbB ]{0,3}",
        "[01]{12}",
        "([01]{2}:){5}[01]{2}",
        "0000000[0-4]-2222-3333-4444-555555555555",
        "\\PC{0,6}",
    ]
}

fn any_device() -> impl Strategy<Value = Device> {
    (0..4_usize, prop::option::of(text()), prop::option::of(text()), prop::option::of(text())).prop_map(
        |(number, name, serial, mac)| device(number, name.as_deref(), serial.as_deref(), mac.as_deref()),
    )
}

proptest! {
    #[test]
    fn exactly_the_matching_devices_are_found(
        fleet in prop::collection::vec(any_device(), 0..6),
        text in text(),
    ) {
        let Ok(reference) = Reference::parse(&text) else { return Ok(()) };
        let mut expected: Vec<_> =
            fleet.iter().filter(|device| should_match(device, &text)).map(|device| device.id.as_str()).collect();
        expected.sort_unstable();
        expected.dedup();
        let resolution = resolve(&reference, &fleet);
        let mut found: Vec<_> = match &resolution {
            Resolution::One(one) => vec![one.device.id.as_str()],
            Resolution::Several { candidates, .. } => {
                candidates.iter().map(|one| one.device.id.as_str()).collect()
            }
            Resolution::None { .. } => Vec::new(),
        };
        found.sort_unstable();
        prop_assert_eq!(&found, &expected);
        prop_assert_eq!(matches!(resolution, Resolution::One(_)), expected.len() == 1);
    }
}
