//! Lines of the language, and what they match.

use super::fleet::matched;
use crate::filter::{Filter, NeededNames};

fn assert_matches(lines: &[(&str, &str)]) {
    for (line, letters) in lines {
        let filter = Filter::parse(line).unwrap_or_else(|error| panic!("{line}: {error}"));
        assert_eq!(matched(&filter), *letters, "{line}");
    }
}

#[test]
fn filters_by_names_and_numbers() {
    assert_matches(&[
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
fn filters_by_workspace_person_and_product() {
    assert_matches(&[
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
fn filters_by_status_tags_and_errors() {
    assert_matches(&[
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
fn filters_by_time_and_devices_without_times() {
    assert_matches(&[
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
fn a_filter_prints_as_one_would_type_it() {
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
fn only_names_that_are_compared_are_needed() {
    let needs = |line: &str| Filter::parse(line).unwrap().needs();
    let nothing = NeededNames::default();
    assert_eq!(needs("status:offline tag:x last-seen:>1d name:x"), nothing);
    assert_eq!(needs("workspace:none person:any location:none"), nothing);
    assert_eq!(needs("workspace:11111111-aaaa-2222-3333-444444444444"), nothing);
    assert_eq!(needs("-workspace:lobby"), NeededNames { workspaces: true, ..nothing });
    assert_eq!(
        needs("location:none,berlin person:ana"),
        NeededNames { locations: true, people: true, ..nothing }
    );
}

#[test]
fn a_filter_is_stored_as_text_and_checked_when_read() {
    let filter: Filter = serde_json::from_str("\"status:offline -tag:\\\"to keep\\\"\"").unwrap();
    assert_eq!(serde_json::to_string(&filter).unwrap(), "\"status:offline -tag:\\\"to keep\\\"\"");
    assert!(serde_json::from_str::<Filter>("\"status:broken\"").is_err());
}

#[test]
fn plain_texts_become_parts() {
    let longest = format!("name:{}", "x".repeat(255));
    for (filter, widened) in [
        ("name:lobby", Some("name:*lobby*")),
        ("name:\"BER 4\" type:phone", Some("name:\"*BER 4*\" type:phone")),
        ("product:\"Room Bar\",DX80", Some("product:\"*Room Bar*\",*DX80*")),
        ("tag:retire -tag:keep", Some("tag:*retire* -tag:keep")),
        (
            "workspace:lobby location:berlin person:ana",
            Some("workspace:*lobby* location:*berlin* person:*ana*"),
        ),
        ("status:\"frozen\"", Some("status:*frozen*")),
        ("serial:FOC2345", Some("serial:*FOC2345*")),
        // Webex's list is narrowed to this serial number.
        ("serial:FOC2345ABCD", None),
        ("serial:FOC2345ABCD name:x", Some("serial:FOC2345ABCD name:*x*")),
        ("-name:lobby", None),
        ("name:*lobby*", None),
        ("name:none", None),
        ("status:offline last-seen:>90d mac:11:22:*", None),
        ("workspace:11111111-2222-3333-4444-555555555555", None),
        (&longest, None),
        ("", None),
    ] {
        let found = Filter::parse(filter).unwrap().widened();
        assert_eq!(found.as_ref().map(ToString::to_string).as_deref(), widened, "{filter}");
        // It is sent again when its button is pressed.
        if let Some(found) = found {
            assert_eq!(Filter::parse(&found.to_string()), Ok(found));
        }
    }
}
