//! Lines of the language: what they match, and what is wrong with others.

use insta::assert_snapshot;

use super::fleet::matched;
use crate::filter::{Filter, MAX_TERMS, MAX_VALUE_LENGTH, MAX_VALUES, Needs};

fn each_names(lines: &[(&str, &str)]) {
    for (line, letters) in lines {
        let filter = Filter::parse(line).unwrap_or_else(|error| panic!("{line}: {error}"));
        assert_eq!(matched(&filter), *letters, "{line}");
    }
}

#[test]
fn lines_about_what_a_device_is() {
    each_names(&[
        ("", "abcdef"),
        ("   ", "abcdef"),
        // Names: whole, in any case, with stars.
        ("name:lobby", "a"),
        ("name:LOBBY", "a"),
        ("NAME:Lobby", "a"),
        ("name:lob", ""),
        ("name:lob*", "a"),
        ("name:BER-4", "c"),
        ("name:\"ber-4 panorama\"", "b"),
        ("name:\"BER-*\"", "bce"),
        ("name:BER-*", "bce"),
        ("name:*desk*", "d"),
        ("name:\"*日?\"", "d"),
        ("name:none", "f"),
        ("name:any", "abcde"),
        ("name:\"none\"", ""),
        ("-name:BER-4", "abdef"),
        ("-name:BER-*", "adf"),
        ("name:lobby,BER-4", "ac"),
        ("-name:lobby,BER-4", "bdef"),
        // Serial numbers, MAC and IP addresses, ids.
        ("serial:foc2345abcd", "a"),
        ("serial:FOC0000AAAA", "b"),
        ("serial:FOC*", "ab"),
        ("serial:FOC2345ABC", ""),
        ("serial:none", "cdef"),
        ("mac:11:22:33:44:aa:ff", "a"),
        ("mac:1122.3344.AAFF", "a"),
        ("mac:11-22-33-44-AA-BB", "b"),
        ("mac:\"11 22 33 44 aa bb\"", "b"),
        ("mac:11:22:33:*", "ab"),
        ("mac:1122.33??.aabb", "b"),
        ("-mac:11223344AAFF", "bcdef"),
        ("ip:10.4.7.21", "a"),
        ("ip:10.4.7.*", "a"),
        ("ip:10.4.*", "ab"),
        ("id:11111111-2222-3333-4444-55555555555a", "a"),
        ("-id:11111111-2222-3333-4444-55555555555A", "bcdef"),
    ]);
}

#[test]
fn lines_about_what_is_around_a_device_and_what_kind_it_is() {
    each_names(&[
        ("workspace:lobby", "a"),
        ("workspace:\"BER-4 Panorama\"", "bc"),
        ("workspace:\"BER-4*\"", "bc"),
        ("workspace:11111111-AAAA-2222-3333-444444444444", "bc"),
        ("workspace:none", "df"),
        ("workspace:any", "abce"),
        ("-workspace:lobby", "bcdf"),
        ("location:berlin", "ab"),
        ("location:none", "cdef"),
        ("person:\"ana alvarez\"", "d"),
        ("person:ana@example.com", "d"),
        ("person:*@example.com", "d"),
        ("person:ana-1", ""),
        ("person:none", "abcef"),
        ("-person:none", "d"),
        // Models, kinds and software.
        ("product:\"Room Bar\"", "b"),
        ("product:\"cisco room bar\"", "b"),
        ("product:\"Room Bar*\"", "bc"),
        ("product:\"Room Bar\",\"Room Bar Pro\"", "bc"),
        ("product:bar", ""),
        ("type:phone", "e"),
        ("type:roomdesk", "abcd"),
        ("-type:roomdesk", "ef"),
        ("type:\"doorbell\"", ""),
        ("platform:microsoftteamsroom", "c"),
        ("platform:cisco", "a"),
        ("software:\"RoomOS 11.20.1\"", "a"),
        ("software:\"RoomOS 11*\"", "a"),
        ("channel:Stable", "a"),
        ("capability:xapi", "a"),
        ("managed-by:partner", "d"),
        ("maintenance:upcoming", "c"),
        ("maintenance:any", "ac"),
    ]);
}

#[test]
fn lines_about_how_a_device_is() {
    each_names(&[
        ("status:connected", "a"),
        ("status:issues", "c"),
        ("status:connected-with-issues", "c"),
        ("status:online", "ac"),
        ("status:offline", "bd"),
        ("status:\"offline\"", "bd"),
        ("status:disconnected", "d"),
        ("status:\"hibernating\"", "e"),
        ("status:\"Hibernating\"", "e"),
        ("status:off*", "b"),
        ("status:none", "f"),
        ("-status:offline", "acef"),
        ("-status:offline -status:none", "ace"),
        ("status:offline,connected", "abd"),
        // Tags and errors.
        ("tag:retire", "bcd"),
        ("tag:retire -tag:keep", "bd"),
        ("-tag:keep", "abdef"),
        ("tag:pilot", "a"),
        ("tag:floor-*", "a"),
        ("tag:\"floor, north\"", "b"),
        ("tag:retire tag:keep", "c"),
        ("tag:none", "ef"),
        ("-tag:none", "abcd"),
        ("error:none", "adef"),
        ("error:any", "bc"),
        ("error:\"none\"", "c"),
        ("error:temperature", "c"),
        ("error:sip*", "b"),
    ]);
}

#[test]
fn lines_about_moments_and_devices_without_them() {
    each_names(&[
        ("last-seen:>90d", "bd"),
        ("last-seen:>=90d", "bcd"),
        ("last-seen:<90d", "a"),
        ("last-seen:<=90d", "ac"),
        ("last-seen:>12w", "bcd"),
        ("last-seen:<2h", "a"),
        ("last-seen:<5m", "a"),
        ("last-seen:<2m", ""),
        ("-last-seen:>90d", "ac"),
        ("-last-seen:<90d", "bcd"),
        ("last-seen:never", "ef"),
        ("last-seen:none", "ef"),
        ("-last-seen:never", "abcd"),
        ("last-seen:any", "abcd"),
        ("last-seen:>90D", "bd"),
        ("created:<2025-01-31", "b"),
        ("created:<=2025-01-31", "ab"),
        ("created:>2025-01-31", "d"),
        ("created:>=2025-01-31", "ad"),
        ("created:2025-01-31", "a"),
        ("-created:2025-01-31", "bd"),
        ("created:2025-01-31,2025-02-01", "ad"),
        ("created:never", "cef"),
        ("first-seen:2025-02-01", "a"),
        // All together.
        ("status:offline last-seen:>90d tag:retire -tag:keep", "bd"),
        ("  status:offline   person:none  ", "b"),
    ]);
}

#[test]
fn what_is_printed_is_what_one_would_type() {
    for (line, printed) in [
        ("STATUS:Offline", "status:offline"),
        ("status:connected-with-issues", "status:connected_with_issues"),
        ("status:issues", "status:connected_with_issues"),
        ("managed-by:cisco", "managed-by:CISCO"),
        ("mac:11223344aaff", "mac:11:22:33:44:AA:FF"),
        ("mac:11:22:33:*", "mac:112233*"),
        ("last-seen:none", "last-seen:never"),
        ("last-seen:>90D", "last-seen:>90d"),
        ("name:\"BER-*\"", "name:BER-*"),
        ("name:\"BER  4\"", "name:\"BER 4\""),
        ("name:\"none\",none", "name:\"none\",none"),
        ("name:\"a,b\",c", "name:\"a,b\",c"),
        ("status:\"sleeping\"", "status:\"sleeping\""),
        ("name:\">5\"", "name:\">5\""),
        (" tag:x   -tag:y ", "tag:x -tag:y"),
        ("", ""),
    ] {
        assert_eq!(Filter::parse(line).unwrap().to_string(), printed, "{line}");
    }
}

#[test]
fn the_names_that_must_be_known_are_those_that_are_compared() {
    let needs = |line: &str| Filter::parse(line).unwrap().needs();
    let nothing = Needs::default();
    assert_eq!(needs("status:offline tag:x last-seen:>1d name:x"), nothing);
    assert_eq!(needs("workspace:none person:any location:none"), nothing);
    assert_eq!(needs("workspace:11111111-aaaa-2222-3333-444444444444"), nothing);
    assert_eq!(needs("-workspace:lobby"), Needs { workspaces: true, ..nothing });
    assert_eq!(needs("location:none,berlin person:ana"), Needs { locations: true, people: true, ..nothing });
}

/// What is said of lines that are wrong.
fn answers(lines: &[&str]) -> String {
    let answer = |line: &&str| {
        let error = Filter::parse(line).expect_err(line);
        format!("> {line}\n  {error}\n  at [{}]\n", &line[error.span.clone()])
    };
    lines.iter().map(answer).collect()
}

#[test]
fn words_that_are_no_filters() {
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
fn values_that_are_none() {
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
      expected offline, online, connected, disconnected, connected_with_issues, offline_expired, offline_deep_sleep, activating, pending, unknown (or another value in double quotes), found "conected"; did you mean "connected"?
      at [conected]
    > status:broken
      expected offline, online, connected, disconnected, connected_with_issues, offline_expired, offline_deep_sleep, activating, pending, unknown (or another value in double quotes), found "broken"
      at [broken]
    > type:phones
      expected roomdesk, phone, accessory, webexgo, unknown (or another value in double quotes), found "phones"; did you mean "phone"?
      at [phones]
    > platform:teams
      expected cisco, microsoftTeamsRoom (or another value in double quotes), found "teams"
      at [teams]
    > software:<11
      expected a text after "software:" (only first-seen, last-seen and created are compared), found "<11"
      at [<11]
    > mac:11:22:33
      expected a MAC address such as 11:22:33:44:AA:FF, or its beginning as 11:22:33:*, found "11:22:33"
      at [11:22:33]
    > mac:1122334455gg*
      expected a MAC address such as 11:22:33:44:AA:FF, or its beginning as 11:22:33:*, found "1122334455gg*"
      at [1122334455gg*]
    > id:lobby
      expected the id of a device, found "lobby"
      at [lobby]
    > name:BER"4"
      expected one pair of double quotes around a whole value, with a quote inside it written twice, found `BER"4"`
      at [BER"4"]
    > name:"BER"4
      expected one pair of double quotes around a whole value, with a quote inside it written twice, found `"BER"4`
      at ["BER"4]
    > name:"BER
      expected one pair of double quotes around a whole value, with a quote inside it written twice, found `"BER`
      at ["BER]
    "#);
}

#[test]
fn moments_that_are_none() {
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
      expected an age or a day after "last-seen:", as last-seen:>90d (longer ago), last-seen:<2h, last-seen:<2025-01-31 or last-seen:never, found nothing
      at []
    > last-seen:90d
      expected an age or a day after "last-seen:", as last-seen:>90d (longer ago), last-seen:<2h, last-seen:<2025-01-31 or last-seen:never, found "90d"; did you mean "last-seen:>90d"?
      at [90d]
    > last-seen:>90
      expected an age or a day after "last-seen:", as last-seen:>90d (longer ago), last-seen:<2h, last-seen:<2025-01-31 or last-seen:never, found ">90"
      at [>90]
    > last-seen:>d
      expected an age or a day after "last-seen:", as last-seen:>90d (longer ago), last-seen:<2h, last-seen:<2025-01-31 or last-seen:never, found ">d"
      at [>d]
    > last-seen:>90y
      expected an age or a day after "last-seen:", as last-seen:>90d (longer ago), last-seen:<2h, last-seen:<2025-01-31 or last-seen:never, found ">90y"
      at [>90y]
    > last-seen:>123456d
      expected an age or a day after "last-seen:", as last-seen:>90d (longer ago), last-seen:<2h, last-seen:<2025-01-31 or last-seen:never, found ">123456d"
      at [>123456d]
    > last-seen:>-5d
      expected an age or a day after "last-seen:", as last-seen:>90d (longer ago), last-seen:<2h, last-seen:<2025-01-31 or last-seen:never, found ">-5d"
      at [>-5d]
    > last-seen:yesterday
      expected an age or a day after "last-seen:", as last-seen:>90d (longer ago), last-seen:<2h, last-seen:<2025-01-31 or last-seen:never, found "yesterday"
      at [yesterday]
    > created:<2025-02-30
      expected an age or a day after "created:", as created:>90d (longer ago), created:<2h, created:<2025-01-31 or created:never, found "<2025-02-30"
      at [<2025-02-30]
    > created:<31.01.2025
      expected an age or a day after "created:", as created:>90d (longer ago), created:<2h, created:<2025-01-31 or created:never, found "<31.01.2025"
      at [<31.01.2025]
    > created:2025-1-31
      expected an age or a day after "created:", as created:>90d (longer ago), created:<2h, created:<2025-01-31 or created:never, found "2025-1-31"
      at [2025-1-31]
    > created:>
      expected an age or a day after "created:", as created:>90d (longer ago), created:<2h, created:<2025-01-31 or created:never, found ">"
      at [>]
    "#);
}

#[test]
fn a_filter_has_its_bounds() {
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
    assert_snapshot!(Filter::parse("name:\"a\u{7}b\"").unwrap_err(), @r#"expected a text without control characters, found `"a b"`"#);
}

#[test]
fn the_database_holds_the_words_and_only_filters_come_out_of_it() {
    let filter: Filter = serde_json::from_str("\"status:offline -tag:\\\"to keep\\\"\"").unwrap();
    assert_eq!(serde_json::to_string(&filter).unwrap(), "\"status:offline -tag:\\\"to keep\\\"\"");
    assert!(serde_json::from_str::<Filter>("\"status:broken\"").is_err());
}
