//! Words that cannot be parsed as their position requires.

use insta::assert_snapshot;

use super::*;
use crate::domain::InvalidDeviceId;

#[test]
fn words_that_cannot_be_a_device() {
    assert_snapshot!(answers(&[
        "delete device \"\"",
        "delete device ROOM",
        "show device \"ROOM\"",
        "delete device because \"moved\"",
        "delete device name:lobby",
        "delete device status:offline last-seen:>90d",
        "show device -tag:keep",
        "tag device mac:112233445566 +x",
    ]), @r#"
    > delete device ""
      expected a device id, a serial number, a MAC address or a name, found nothing in `""`
      at [""]
      Name one device by its id, serial number, MAC address or name, for example: delete device FOC2345ABCD because "moved to Berlin"
    > delete device ROOM
      expected the id of a device, found the id of a space in "ROOM"
      at [ROOM]
      Name one device by its id, serial number, MAC address or name, for example: delete device FOC2345ABCD because "moved to Berlin"
    > show device "ROOM"
      expected the id of a device, found the id of a space in `"ROOM"`
      at ["ROOM"]
      Name one device by its id, serial number, MAC address or name, for example: show device "BER-4 Panorama"
    > delete device because "moved"
      expected one device (by its id, serial number, MAC address or name), found "because" (word 3)
      at [because]
      Write it like this: delete device FOC2345ABCD because "moved to Berlin"
    > delete device name:lobby
      expected one device (by its id, serial number, MAC address or name), found the filter "name:lobby"
      at [name:lobby]
      If that is what you meant, write: delete device lobby
    > delete device status:offline last-seen:>90d
      expected one device (by its id, serial number, MAC address or name), found the filter "status:offline"
      at [status:offline]
      To see the devices that match this filter, write: list devices status:offline last-seen:>90d
    > show device -tag:keep
      expected one device (by its id, serial number, MAC address or name), found the filter "-tag:keep"
      at [-tag:keep]
      To see the devices that match this filter, write: list devices -tag:keep
    > tag device mac:112233445566 +x
      expected one device (by its id, serial number, MAC address or name), found the filter "mac:112233445566"
      at [mac:112233445566]
      If that is what you meant, write: tag device 112233445566 +x
    "#);
    let long = format!("show device {}", "x".repeat(513));
    assert_snapshot!(parse(&long).unwrap_err(), @r#"expected a device id, serial number, MAC address or name of at most 512 characters, found 513 in "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…""#);
}

#[test]
fn names_with_spaces_need_quotes() {
    assert_snapshot!(answers(&[
        "delete device BER 4 Panorama",
        "delete device the lobby because \"moved\"",
        "delete device Panorama Berlin in org Acme",
        "delete device the lobby \"moved\"",
        "show device FOC2345ABCD FOC2345ABCE",
        "tag device BER 4 +x",
        "activate workspace BER 4 model X",
        "activate workspace BER-4 model DMS Cisco 8865",
        "add device mac 112233445566 model DMS Cisco 8865 to workspace Lobby",
        "show device lobby in org Acme Inc.",
    ]), @r#"
    > delete device BER 4 Panorama
      expected one device (by its id, serial number, MAC address or name), found several words, "BER 4 Panorama"
      at [BER 4 Panorama]
      If that is one name, put it in double quotes: delete device "BER 4 Panorama"
    > delete device the lobby because "moved"
      expected one device (by its id, serial number, MAC address or name), found several words, "the lobby"
      at [the lobby]
      If that is one name, put it in double quotes: delete device "the lobby" because "moved"
    > delete device Panorama Berlin in org Acme
      expected one device (by its id, serial number, MAC address or name), found several words, "Panorama Berlin"
      at [Panorama Berlin]
      If that is one name, put it in double quotes: delete device "Panorama Berlin" in org Acme
    > delete device the lobby "moved"
      expected one device (by its id, serial number, MAC address or name), found several words, "the lobby"
      at [the lobby]
      If that is one name, put it in double quotes: delete device "the lobby" because "moved"
    > show device FOC2345ABCD FOC2345ABCE
      this command takes one device, not several: "FOC2345ABCD FOC2345ABCE"
      at [FOC2345ABCD FOC2345ABCE]
      Name one device at a time, beginning with: show device FOC2345ABCD
    > tag device BER 4 +x
      expected one device (by its id, serial number, MAC address or name), found several words, "BER 4"
      at [BER 4]
      If that is one name, put it in double quotes: tag device "BER 4" +x
    > activate workspace BER 4 model X
      expected one workspace (by its name or id), found several words, "BER 4"
      at [BER 4]
      If that is one name, put it in double quotes: activate workspace "BER 4" model X
    > activate workspace BER-4 model DMS Cisco 8865
      expected one model (such as "DMS Cisco 8865"), found several words, "DMS Cisco 8865"
      at [DMS Cisco 8865]
      If that is one name, put it in double quotes: activate workspace BER-4 model "DMS Cisco 8865"
    > add device mac 112233445566 model DMS Cisco 8865 to workspace Lobby
      expected one model (such as "DMS Cisco 8865"), found several words, "DMS Cisco 8865"
      at [DMS Cisco 8865]
      If that is one name, put it in double quotes: add device mac 112233445566 model "DMS Cisco 8865" to workspace Lobby
    > show device lobby in org Acme Inc.
      expected the name of one organization, found several words, "Acme Inc."
      at [Acme Inc.]
      If that is one name, put it in double quotes: show device lobby in org "Acme Inc."
    "#);
}

#[test]
fn wrong_filters() {
    assert_snapshot!(answers(&[
        "list devices offline",
        "list devices all",
        "list devices nmae:lobby",
        "list devices status:conected",
        "list devices last-seen:90d",
        "list devices sort:tag",
        "list devices sort:nmae",
        "list devices \"lobby\"",
        "list devices in Berlin",
        "list devices name:\"BER 4",
        "list devices name:\"BER\"4",
        "tag devices lobby +x",
        "tag devices tag:retire -tga:keep +x",
        "tag devices tag:retire -site:berlin",
    ]), @r#"
    > list devices offline
      expected a filter such as status:offline, found "offline"
      at [offline]
      If that is what you meant, write: list devices status:offline
    > list devices all
      expected a filter such as status:offline, found "all"
      at [all]
      If that is what you meant, write: list devices
    > list devices nmae:lobby
      expected the key of a filter, found "nmae"
      at [nmae]
      If that is what you meant, write: list devices name:lobby
    > list devices status:conected
      expected a known value after "status:", found "conected"
      at [conected]
      If that is what you meant, write: list devices status:connected
    > list devices last-seen:90d
      expected < or > after "last-seen:", found "90d"
      at [90d]
      If that is what you meant, write: list devices last-seen:>90d
    > list devices sort:tag
      expected one of the sort keys name, serial, mac, ip, id, workspace, location, person, product, type, platform, status, software, channel, managed-by, maintenance, first-seen, last-seen, created, found "tag"
      at [tag]
      A filter is a key, a colon and a value, for example: list devices status:offline last-seen:>90d sort:-last-seen
    > list devices sort:nmae
      expected a sort key, found "nmae"
      at [nmae]
      If that is what you meant, write: list devices sort:name
    > list devices "lobby"
      expected a filter such as status:offline, found `"lobby"`
      at ["lobby"]
      If that is what you meant, write: list devices name:*lobby*
    > list devices in Berlin
      expected a filter such as status:offline, found "in"
      at [in]
      If that is what you meant, write: list devices location:Berlin
    > list devices name:"BER 4
      expected a closing quote, found the end of the line after `name:"BER 4`
      at [name:"BER 4]
      Put double quotes around the whole text, and two for each double quote inside it, for example: list devices status:offline last-seen:>90d sort:-last-seen
    > list devices name:"BER"4
      expected spaces around a text in quotes, found `name:"BER"4`
      at [name:"BER"4]
      Put double quotes around the whole text, and two for each double quote inside it, for example: list devices status:offline last-seen:>90d sort:-last-seen
    > tag devices lobby +x
      expected a filter such as status:offline, found "lobby"
      at [lobby]
      If that is what you meant, write: tag devices name:*lobby* +x
    > tag devices tag:retire -tga:keep +x
      expected the key of a filter, found "tga"
      at [tga]
      If that is what you meant, write: tag devices tag:retire -tag:keep +x
    > tag devices tag:retire -site:berlin
      expected the key of a filter, found "site"; did you mean "location"?
      at [site]
      A filter is a key, a colon and a value, for example: tag devices status:offline -tag:keep +retire
    "#);
}

#[test]
fn wrong_tags_targets_and_codes() {
    assert_snapshot!(answers(&[
        "tag device lobby +",
        "tag device lobby +\"\"",
        "tag device lobby +a,b",
        "tag device lobby +x -y -x",
        "activate person Ana",
        "activate workspace \"\"",
        "add device mac 11223344556 model X to workspace Lobby",
        "add device mac 112233445566 model \"\" to workspace Lobby",
        "confirm K7Q2",
        "confirm K7Q0-M9",
        "cancel everything",
        "show device lobby in org \"\"",
    ]), @r#"
    > tag device lobby +
      expected a tag of 1 to 128 characters, found nothing in "+"
      at [+]
      Write it like this: tag device FOC2345ABCD +floor-12 -pilot
    > tag device lobby +""
      expected a tag of 1 to 128 characters, found nothing in `+""`
      at [+""]
      Write it like this: tag device FOC2345ABCD +floor-12 -pilot
    > tag device lobby +a,b
      expected a tag without ',' in "+a,b"
      at [+a,b]
      Write it like this: tag device FOC2345ABCD +floor-12 -pilot
    > tag device lobby +x -y -x
      expected each tag only once, found "x" both added and removed
      at [-x]
      Write it like this: tag device FOC2345ABCD +floor-12 -pilot
    > activate person Ana
      expected an email address such as ana@example.com, found "Ana"
      at [Ana]
      Write it like this: activate person ana@example.com model "DMS Cisco 8865"
    > activate workspace ""
      expected the name or id of a workspace of 1 to 512 characters, found nothing in `""`
      at [""]
      Write it like this: activate workspace "BER-4 Panorama"
    > add device mac 11223344556 model X to workspace Lobby
      expected a MAC address of twelve hexadecimal digits, such as 11:22:33:44:AA:FF, found "11223344556"
      at [11223344556]
      Write it like this: add device mac 11:22:33:44:AA:FF model "DMS Cisco 8865" to workspace Lobby
    > add device mac 112233445566 model "" to workspace Lobby
      expected a model of 1 to 64 characters, found nothing in `""`
      at [""]
      Write it like this: add device mac 11:22:33:44:AA:FF model "DMS Cisco 8865" to workspace Lobby
    > confirm K7Q2
      expected the code of a plan, such as K7Q2-M9, found "K7Q2"
      at [K7Q2]
      Write it like this: confirm K7Q2-M9
    > confirm K7Q0-M9
      expected the code of a plan, such as K7Q2-M9, found "K7Q0-M9" (a code never has 0, 1, I, L, O or U)
      at [K7Q0-M9]
      Write it like this: confirm K7Q2-M9
    > cancel everything
      expected the code of a plan, such as K7Q2-M9, found "everything"
      at [everything]
      Write it like this: cancel K7Q2-M9
    > show device lobby in org ""
      expected the name of an organization of 1 to 256 characters, found nothing in `""`
      at [""]
      Write it like this: show device "BER-4 Panorama"
    "#);
}

#[test]
fn an_error_carries_what_an_answer_needs() {
    let wrong = |line: &str, kind: ErrorKind, found: &str, span: std::ops::Range<usize>| {
        let error = parse(line).unwrap_err();
        assert_eq!((*error.kind, error.found, error.span), (kind, found.to_owned(), span), "{line}");
        assert_eq!(error.usage.example, "delete device FOC2345ABCD because \"moved to Berlin\"");
    };
    let space = InvalidDeviceId::WrongKind { found: "a space".to_owned() };
    let kind = ErrorKind::InvalidValue(InvalidValue::DeviceId(space));
    wrong(&filled("delete device ROOM"), kind, ROOM, 14..45);
    let kind = ErrorKind::NameWithoutQuotes { expected: Expected::Device };
    wrong("rm device BER 4 because \"x\"", kind, "BER 4", 10..15);
    let kind = ErrorKind::UnexpectedWord {
        position: 4,
        expected: Expected::EndOr(Clauses { because: true, model: false, org: true }),
        suggestion: Some("because"),
    };
    wrong(&format!("rm device {ID} becuase \"x\""), kind, "becuase", 43..50);
    let control = InvalidText::Character { what: "a reason", character: '\u{7}' };
    let kind = ErrorKind::InvalidValue(InvalidValue::Text(control));
    wrong(&format!("delete device {ID} because \"a\u{7}b\""), kind, "\"a b\"", 55..60);
}
