//! Lines that are not filters, and the errors about them.

use insta::assert_snapshot;

use crate::filter::Filter;
use crate::filter::error::{MAX_TERMS, MAX_VALUE_LENGTH, MAX_VALUES};

/// For each line: the line, the error, and the position of the error.
fn answers(lines: &[&str]) -> String {
    let answer = |line: &&str| {
        let error = Filter::parse(line).expect_err(line);
        format!("> {line}\n  {error}\n  at [{}]\n", &line[error.span.clone()])
    };
    lines.iter().map(answer).collect()
}

#[test]
fn words_that_are_not_filters() {
    assert_snapshot!(answers(&[
        "offline",
        "issues",
        "lobby",
        "ber-*",
        "tag:x \"lobby\"",
        "-",
        "-offline",
        "nmae:lobby",
        "tag:x -tga:keep",
        "model:55",
        "lastseen:>90d",
        "colour:red",
        ":x",
        "\"name\":x",
    ]), @r#"
    > offline
      expected a filter such as status:offline, found "offline"; did you mean "status:offline"?
      at [offline]
    > issues
      expected a filter such as status:offline, found "issues"; did you mean "status:connected_with_issues"?
      at [issues]
    > lobby
      expected a filter such as status:offline, found "lobby"; did you mean "name:*lobby*"?
      at [lobby]
    > ber-*
      expected a filter such as status:offline, found "ber-*"; did you mean "name:ber-*"?
      at [ber-*]
    > tag:x "lobby"
      expected a filter such as status:offline, found `"lobby"`
      at ["lobby"]
    > -
      expected a filter such as status:offline, found "-"
      at [-]
    > -offline
      expected a filter such as status:offline, found "-offline"; did you mean "-status:offline"?
      at [-offline]
    > nmae:lobby
      expected the key of a filter, found "nmae"; did you mean "name"?
      at [nmae]
    > tag:x -tga:keep
      expected the key of a filter, found "tga"; did you mean "tag"?
      at [tga]
    > model:55
      expected the key of a filter, found "model"; did you mean "product"?
      at [model]
    > lastseen:>90d
      expected the key of a filter, found "lastseen"; did you mean "last-seen"?
      at [lastseen]
    > colour:red
      expected one of the keys name, serial, mac, ip, id, workspace, location, person, product, type, platform, status, tag, software, channel, error, capability, managed-by, maintenance, first-seen, last-seen, created, found "colour"
      at [colour]
    > :x
      expected one of the keys name, serial, mac, ip, id, workspace, location, person, product, type, platform, status, tag, software, channel, error, capability, managed-by, maintenance, first-seen, last-seen, created, found nothing
      at []
    > "name":x
      expected a filter such as status:offline, found `"name":x`
      at ["name":x]
    "#);
}

#[test]
fn wrong_values() {
    assert_snapshot!(answers(&[
        "name:",
        "name:\"\"",
        "name:a,,b",
        "product:\"Room Bar\", \"Room Kit\"",
        "status:conected",
        "status:broken",
        "type:phones",
        "platform:teams",
        "software:<11",
        "mac:11:22:33",
        "mac:1122334455gg*",
        "id:lobby",
        "name:BER\"4\"",
        "name:\"BER\"4",
        "name:\"BER",
    ]), @r#"
    > name:
      expected a value after "name:", or name:none, found nothing
      at []
    > name:""
      expected a value after "name:", or name:none, found `""`
      at [""]
    > name:a,,b
      expected a value after "name:", or name:none, found nothing
      at []
    > product:"Room Bar", "Room Kit"
      expected a value after "product:", or product:none, found nothing
      at []
    > status:conected
      expected a known value after "status:", found "conected"; did you mean "connected"?
      at [conected]
    > status:broken
      expected one of offline, online, connected, disconnected, connected_with_issues, offline_expired, offline_deep_sleep, activating, pending, unknown (put any other value in double quotes), found "broken"
      at [broken]
    > type:phones
      expected a known value after "type:", found "phones"; did you mean "phone"?
      at [phones]
    > platform:teams
      expected one of cisco, microsoftTeamsRoom (put any other value in double quotes), found "teams"
      at [teams]
    > software:<11
      expected a text after "software:" (only first-seen, last-seen and created can be compared with < and >), found "<11"
      at [<11]
    > mac:11:22:33
      expected a MAC address such as 11:22:33:44:AA:FF, or its beginning, such as 11:22:33:*, found "11:22:33"
      at [11:22:33]
    > mac:1122334455gg*
      expected a MAC address such as 11:22:33:44:AA:FF, or its beginning, such as 11:22:33:*, found "1122334455gg*"
      at [1122334455gg*]
    > id:lobby
      expected a device id, found "lobby"
      at [lobby]
    > name:BER"4"
      expected double quotes around the whole value, and two for each double quote inside it, found `BER"4"`
      at [BER"4"]
    > name:"BER"4
      expected double quotes around the whole value, and two for each double quote inside it, found `"BER"4`
      at ["BER"4]
    > name:"BER
      expected double quotes around the whole value, and two for each double quote inside it, found `"BER`
      at ["BER]
    "#);
}

#[test]
fn wrong_times() {
    assert_snapshot!(answers(&[
        "last-seen:",
        "last-seen:90d",
        "last-seen:>90",
        "last-seen:>d",
        "last-seen:>90y",
        "last-seen:>123456d",
        "last-seen:>-5d",
        "last-seen:yesterday",
        "created:<2025-02-30",
        "created:<31.01.2025",
        "created:2025-1-31",
        "created:>",
    ]), @r#"
    > last-seen:
      expected an age or a date after "last-seen:", such as last-seen:>90d (more than 90 days ago), last-seen:<2h, last-seen:<2025-01-31 or last-seen:never, found nothing
      at []
    > last-seen:90d
      expected < or > after "last-seen:", found "90d"; did you mean ">90d"?
      at [90d]
    > last-seen:>90
      expected an age or a date after "last-seen:", such as last-seen:>90d (more than 90 days ago), last-seen:<2h, last-seen:<2025-01-31 or last-seen:never, found ">90"
      at [>90]
    > last-seen:>d
      expected an age or a date after "last-seen:", such as last-seen:>90d (more than 90 days ago), last-seen:<2h, last-seen:<2025-01-31 or last-seen:never, found ">d"
      at [>d]
    > last-seen:>90y
      expected an age or a date after "last-seen:", such as last-seen:>90d (more than 90 days ago), last-seen:<2h, last-seen:<2025-01-31 or last-seen:never, found ">90y"
      at [>90y]
    > last-seen:>123456d
      expected an age or a date after "last-seen:", such as last-seen:>90d (more than 90 days ago), last-seen:<2h, last-seen:<2025-01-31 or last-seen:never, found ">123456d"
      at [>123456d]
    > last-seen:>-5d
      expected an age or a date after "last-seen:", such as last-seen:>90d (more than 90 days ago), last-seen:<2h, last-seen:<2025-01-31 or last-seen:never, found ">-5d"
      at [>-5d]
    > last-seen:yesterday
      expected an age or a date after "last-seen:", such as last-seen:>90d (more than 90 days ago), last-seen:<2h, last-seen:<2025-01-31 or last-seen:never, found "yesterday"
      at [yesterday]
    > created:<2025-02-30
      expected an age or a date after "created:", such as created:>90d (more than 90 days ago), created:<2h, created:<2025-01-31 or created:never, found "<2025-02-30"
      at [<2025-02-30]
    > created:<31.01.2025
      expected an age or a date after "created:", such as created:>90d (more than 90 days ago), created:<2h, created:<2025-01-31 or created:never, found "<31.01.2025"
      at [<31.01.2025]
    > created:2025-1-31
      expected an age or a date after "created:", such as created:>90d (more than 90 days ago), created:<2h, created:<2025-01-31 or created:never, found "2025-1-31"
      at [2025-1-31]
    > created:>
      expected an age or a date after "created:", such as created:>90d (more than 90 days ago), created:<2h, created:<2025-01-31 or created:never, found ">"
      at [>]
    "#);
}

#[test]
fn a_filter_has_limits() {
    let many = "tag:x ".repeat(MAX_TERMS);
    assert!(Filter::parse(&many).is_ok());
    let values = "x,".repeat(MAX_VALUES - 1) + "x";
    assert!(Filter::parse(&format!("tag:{values}")).is_ok());
    let long = "ä".repeat(MAX_VALUE_LENGTH);
    assert!(Filter::parse(&format!("name:{long}")).is_ok());
    let too_many = format!("{many}tag:y");
    assert_snapshot!(Filter::parse(&too_many).unwrap_err(), @r#"expected at most 32 filters, found "tag:y""#);
    assert_snapshot!(Filter::parse(&format!("tag:{values},y")).unwrap_err(), @r#"expected at most 32 values, found "x,x,x,x,x,x,x,x,x,x,x,x,x,x,x,x,x,x,x,x,x,x,x,x,x,x,x,x,x,x…""#);
    assert_snapshot!(Filter::parse(&format!("name:{long}ä")).unwrap_err(), @r#"expected a value of at most 256 characters, found "äääääääääääääääääääääääääääääääääääääääääääääääääääääääääää…""#);
    assert_snapshot!(Filter::parse("name:\"a\u{7}b\"").unwrap_err(), @r#"expected a value without control characters, found `"a b"`"#);
}

#[test]
fn a_stored_address_that_cannot_be_read_matches_nothing() {
    for text in ["ip:lobby", "-ip:lobby", "ip:\"10.4.7\"", "-ip:10.4.7"] {
        assert!(Filter::parse(text).is_err(), "{text}");
        let filter: Filter = serde_json::from_str(&serde_json::to_string(text).unwrap()).unwrap();
        assert_eq!(super::fleet::matched(&filter), "", "{text}");
        let stored = serde_json::to_string(&filter).unwrap();
        assert_eq!(serde_json::from_str::<Filter>(&stored).unwrap(), filter, "{text}");
    }
}
