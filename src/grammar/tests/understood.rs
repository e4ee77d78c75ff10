//! Lines that are commands.

use super::*;

#[test]
fn every_example_is_a_command_of_its_row() {
    for spec in COMMANDS {
        let command = parse(spec.example).unwrap();
        assert_eq!(command.name(), spec.name);
        assert_eq!(command.to_string(), spec.example);
        assert!(spec.syntax.starts_with(spec.name), "{}", spec.name);
        assert!(!spec.summary.ends_with('.'), "{}", spec.name);
    }
}

#[test]
fn lines_that_are_understood() {
    for (line, command) in [
        ("help", help(None)),
        ("HELP", help(None)),
        ("help delete", help(Some("delete device"))),
        ("help Delete Device", help(Some("delete device"))),
        ("help rm device", help(Some("delete device"))),
        ("help tag", help(Some("tag"))),
        ("help help", help(Some("help"))),
        ("/help", help(None)),
        ("?", help(None)),
        ("help me", help(None)),
        ("/help delete", help(Some("delete device"))),
        ("help filters", help(Some("filters"))),
        ("Help Filter", help(Some("filters"))),
        ("version", Command::About),
        ("about", Command::About),
        ("whoami", Command::WhoAmI),
        ("Who Am I", Command::WhoAmI),
        ("show device ID", show(id())),
        ("Show DEVICE \"ID\"", show(id())),
        ("delete device ID", delete(None)),
        ("  delete   device ID  ", delete(None)),
        ("Remove Device ID", delete(None)),
        ("rm device ID", delete(None)),
        ("delete device ID because \"moved to Berlin\"", delete(Some("moved to Berlin"))),
        ("rm device ID BECAUSE \" because \"", delete(Some("because"))),
        ("delete device \"ID\" because \"Ana's\"", delete(Some("Ana's"))),
        ("confirm K7Q2-M9", Command::Confirm { code: code() }),
        ("Confirm k7q2m9", Command::Confirm { code: code() }),
        ("cancel \"K7Q2-M9\"", Command::Cancel { code: code() }),
    ] {
        assert_eq!(parse(&filled(line)), Ok(command), "{line}");
    }
}

#[test]
fn a_device_is_named_by_id_serial_mac_or_name() {
    for (word, reference) in [
        ("FOC2345ABCD", "FOC2345ABCD"),
        ("11:22:33:44:AA:FF", "11:22:33:44:AA:FF"),
        ("1122.3344.aaff", "1122.3344.aaff"),
        ("ac:de:48:00:11:22", "ac:de:48:00:11:22"),
        ("lobby", "lobby"),
        ("\"BER 4 Panorama\"", "BER 4 Panorama"),
        ("\" BER 4 \"", "BER 4"),
        ("\"name:lobby\"", "name:lobby"),
        ("\"the 55\"\" display\"", "the 55\" display"),
        ("\"\"\"old\"\"\"", "\"old\""),
        ("it's", "it's"),
        ("\"because\"", "because"),
        ("../people/me", "../people/me"),
        ("ID?x=1", "ID?x=1"),
        ("日本室", "日本室"),
        ("in", "in"),
        ("device", "device"),
        ("-5", "-5"),
        ("00 11 22 33 44 55", "00 11 22 33 44 55"),
        ("0011 2233 4455", "0011 2233 4455"),
        ("\"0011.2233.4455\"", "0011.2233.4455"),
        ("'001122334455", "'001122334455"),
        ("SEP001122334455", "SEP001122334455"),
        ("11111111-2222-3333-4444-555555555555", "11111111-2222-3333-4444-555555555555"),
        (
            "https://admin.webex.com/devices/details/11111111-2222-3333-4444-555555555555/overview",
            "11111111-2222-3333-4444-555555555555",
        ),
    ] {
        let (word, reference) = (filled(word), filled(reference));
        for (line, command) in [
            (format!("show device {word}"), show(named(&reference))),
            (
                format!("delete device {word}"),
                Command::DeleteDevice { device: named(&reference), reason: None, org: None },
            ),
            (
                format!("tag device {word} +x"),
                Command::TagDevice { device: named(&reference), change: change(&["x"], &[]), org: None },
            ),
        ] {
            assert_eq!(parse(&line), Ok(command), "{line}");
        }
    }
}

#[test]
fn an_organization_may_come_before_or_after_the_reason() {
    let delete = Command::DeleteDevice {
        device: named("lobby"),
        reason: Some(Reason::parse("moved").unwrap()),
        org: org("Acme Inc."),
    };
    for line in [
        "delete device lobby because \"moved\" in org \"Acme Inc.\"",
        "delete device lobby IN ORG \"Acme Inc.\" because \"moved\"",
    ] {
        assert_eq!(parse(line), Ok(delete.clone()), "{line}");
    }
    let show = Command::ShowDevice { device: named("lobby"), org: org("Acme") };
    assert_eq!(parse("show device lobby in org Acme"), Ok(show));
}

#[test]
fn lists_take_filters_order_and_csv_in_any_order() {
    let sorted = |filter: &str, sort: &str, csv: bool, org: Option<OrgName>| Command::ListDevices {
        filter: Filter::parse(filter).unwrap(),
        sort: Some(Sort::parse(sort, 0).unwrap()),
        csv,
        page: None,
        org,
    };
    for (line, command) in [
        ("list devices", list("")),
        ("list devices status:offline", list("status:offline")),
        ("List Devices name:\"BER 4*\" -tag:keep", list("name:\"BER 4*\" -tag:keep")),
        ("list devices product:\"Room Bar\",\"Room Kit\"", list("product:\"Room Bar\",\"Room Kit\"")),
        ("list devices -name:\"in org\"", list("-name:\"in org\"")),
        ("list devices sort:name", sorted("", "name", false, None)),
        ("list devices SORT:-last-seen tag:x CSV", sorted("tag:x", "-last-seen", true, None)),
        (
            "list devices csv tag:x sort:name in org \"A B\" tag:y",
            sorted("tag:x tag:y", "name", true, org("A B")),
        ),
    ] {
        assert_eq!(parse(line), Ok(command), "{line}");
    }
}

#[test]
fn a_minus_with_a_key_is_a_filter_and_otherwise_a_tag() {
    let one = |change, org| Command::TagDevice { device: named("lobby"), change, org };
    let many = |filter: &str, change| Command::TagDevices {
        filter: Filter::parse(filter).unwrap(),
        change,
        org: None,
    };
    for (line, command) in [
        ("tag device lobby +floor-12 -pilot", one(change(&["floor-12"], &["pilot"]), None)),
        (
            "tag device lobby -pilot +floor-12 in org Acme",
            one(change(&["floor-12"], &["pilot"]), org("Acme")),
        ),
        ("tag device lobby +\"floor 12\" +x +x", one(change(&["floor 12", "x"], &[]), None)),
        ("tag device lobby -\"tag:keep\"", one(change(&[], &["tag:keep"]), None)),
        ("tag device lobby +tag:keep", one(change(&["tag:keep"], &[]), None)),
        ("tag device lobby -colour:red", one(change(&[], &["colour:red"]), None)),
        ("tag devices status:offline +retire", many("status:offline", change(&["retire"], &[]))),
        (
            "tag devices +retire status:offline -tag:keep -pilot",
            many("status:offline -tag:keep", change(&["retire"], &["pilot"])),
        ),
        ("tag devices name:* -\"tag:keep\"", many("name:*", change(&[], &["tag:keep"]))),
    ] {
        assert_eq!(parse(line), Ok(command), "{line}");
    }
}

#[test]
fn devices_are_activated_and_added_for_workspaces_and_people() {
    let add = |place, org| Command::AddDevice {
        mac: Mac::parse("112233445566").unwrap(),
        model: Model::parse("DMS Cisco 8865").unwrap(),
        place,
        org,
    };
    for (line, command) in [
        ("activate workspace Lobby", activate(workspace("Lobby"), None)),
        (
            "activate workspace \"BER 4\" model \"Cisco 9861\"",
            activate(workspace("BER 4"), Some("Cisco 9861")),
        ),
        ("Activate Person Ana@example.com MODEL 8865", activate(person("ana@example.com"), Some("8865"))),
        (
            "activate person ana@example.com in org Acme model X",
            Command::Activate {
                place: person("ana@example.com"),
                model: Model::parse("X").ok(),
                org: org("Acme"),
            },
        ),
        (
            "add device mac 11:22:33:44:55:66 model \"DMS Cisco 8865\" to workspace Lobby",
            add(workspace("Lobby"), None),
        ),
        (
            "add device MAC \"11 22 33 44 55 66\" model \"DMS Cisco 8865\" TO person ana@example.com in org Acme",
            add(person("ana@example.com"), org("Acme")),
        ),
    ] {
        assert_eq!(parse(line), Ok(command), "{line}");
    }
}

#[test]
fn a_command_knows_its_name_and_permission() {
    let add = parse("add device mac 112233445566 model X to person ana@example.com").unwrap();
    for (command, name, permission) in [
        (help(None), "help", Permission::None),
        (Command::About, "about", Permission::None),
        (Command::WhoAmI, "whoami", Permission::None),
        (list(""), "list devices", Permission::Right(Right::Read)),
        (show(id()), "show device", Permission::Right(Right::Read)),
        (delete(None), "delete device", Permission::Right(Right::Delete)),
        (parse("tag device x +y").unwrap(), "tag device", Permission::Right(Right::Tag)),
        (parse("tag devices tag:x +y").unwrap(), "tag devices", Permission::Right(Right::Tag)),
        (activate(workspace("x"), None), "activate workspace", Permission::Right(Right::Provision)),
        (activate(person("a@b"), None), "activate person", Permission::Right(Right::Provision)),
        (add, "add device", Permission::Right(Right::Provision)),
        (Command::Confirm { code: code() }, "confirm", Permission::ByPlan),
        (Command::Cancel { code: code() }, "cancel", Permission::ByPlan),
    ] {
        assert_eq!((command.name(), command.permission()), (name, permission));
        let right = if let Permission::Right(right) = permission { Some(right) } else { None };
        assert_eq!(command.right(), right);
    }
}
