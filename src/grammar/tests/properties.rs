//! Properties of every line and every command.

use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::domain::text::Quoted;
use crate::domain::text::normalize;

/// Texts that may occur in a line.
fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        select(vec![
            "lobby",
            "BER 4",
            "because",
            "in",
            "name:x",
            "-tag:keep",
            "+x",
            "-",
            "112233445566",
            "日本",
            "csv",
            "55\" display",
            "\""
        ])
        .prop_map(str::to_owned),
        any::<String>(),
    ]
    .prop_map(|text| normalize(&text))
}

fn references() -> impl Strategy<Value = Reference> {
    prop_oneof![
        "[A-Za-z0-9_-]{40,80}={0,2}"
            .prop_filter_map("an id", |text| DeviceId::parse(&text).ok().map(Into::into)),
        texts().prop_filter_map("a reference", |text| Reference::parse(&text).ok()),
    ]
}

fn filters() -> impl Strategy<Value = Filter> {
    let term = (select(vec!["name", "-tag", "workspace", "status"]), texts())
        .prop_filter_map("a term", |(key, text)| Filter::parse(&format!("{key}:{}", Quoted(&text))).ok());
    let fixed = select(vec!["", "status:offline", "last-seen:>90d -tag:none", "product:\"a b\",c"])
        .prop_map(|line| Filter::parse(line).unwrap());
    prop_oneof![term, fixed]
}

fn changes() -> impl Strategy<Value = TagChange> {
    let tags = || {
        let tag = texts().prop_filter_map("a tag", |text| Tag::parse(&text).ok());
        prop::collection::vec(tag, 0..3)
    };
    (tags(), tags()).prop_filter_map("a change", |(add, remove)| TagChange::new(add, remove).ok())
}

fn targets() -> impl Strategy<Value = ProvisionTarget> {
    prop_oneof![
        texts().prop_filter_map("a workspace", |text| WorkspaceReference::parse(&text)
            .ok()
            .map(ProvisionTarget::Workspace)),
        "[a-z+.-]{1,9}@[a-z.]{1,9}".prop_map(|text| person(&text)),
    ]
}

/// Any command.
fn commands() -> impl Strategy<Value = Command> {
    let reason = any::<String>().prop_filter_map("a reason", |text| Reason::parse(&text).ok());
    let topic = select(vec!["help", "about", "whoami", "show", "delete", "rm device", "tag"]);
    let org = || prop::option::of(texts().prop_filter_map("a name", |text| OrgName::parse(&text).ok()));
    let model = || texts().prop_filter_map("a model", |text| Model::parse(&text).ok());
    let sort =
        prop::option::of(select(vec!["name", "-last-seen"]).prop_map(|text| Sort::parse(text, 0).unwrap()));
    let code = any::<[u8; 6]>().prop_map(PlanCode::from_random);
    let mac = any::<[u8; 6]>().prop_map(|bytes| Mac::parse(&hex::encode(bytes)).unwrap());
    prop_oneof![
        prop::option::of(topic).prop_map(help),
        Just(Command::About),
        Just(Command::WhoAmI),
        (filters(), sort, any::<bool>(), prop::option::of(1_u32..=1000), org())
            .prop_map(|(filter, sort, csv, page, org)| Command::ListDevices { filter, sort, csv, page, org }),
        (references(), org()).prop_map(|(device, org)| Command::ShowDevice { device, org }),
        (references(), prop::option::of(reason), org())
            .prop_map(|(device, reason, org)| Command::DeleteDevice { device, reason, org }),
        (references(), changes(), org()).prop_map(|(device, change, org)| Command::TagDevice {
            device,
            change,
            org
        }),
        (filters().prop_filter("not all", |filter| !filter.is_empty()), changes(), org())
            .prop_map(|(filter, change, org)| Command::TagDevices { filter, change, org }),
        (targets(), prop::option::of(model()), org()).prop_map(|(place, model, org)| Command::Activate {
            place,
            model,
            org
        }),
        (mac, model(), targets(), org()).prop_map(|(mac, model, place, org)| Command::AddDevice {
            mac,
            model,
            place,
            org
        }),
        code.clone().prop_map(|code| Command::Confirm { code }),
        code.prop_map(|code| Command::Cancel { code }),
    ]
}

/// Lines that resemble commands, most of them invalid.
fn almost_commands() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "delete",
        "Device",
        "rm",
        "show",
        "help",
        "because",
        "\"",
        "\"x\"",
        "\"\"",
        ID,
        " ",
        " ",
        " ",
        "\u{a0}",
        "ß",
        "list devices ",
        "tag device ",
        "tag devices ",
        "activate workspace ",
        "add device mac ",
        "in org ",
        "model ",
        "name:",
        "tag:",
        "-",
        "+",
        "x",
        ",",
        "sort:",
        "csv",
        "112233445566",
        "to ",
        "person ",
        "a@b",
        "confirm ",
    ]);
    prop::collection::vec(pieces, 0..12).prop_map(|pieces| pieces.concat())
}

/// The text with the case of each letter selected by a bit.
fn in_mixed_case(text: &str, bits: u64) -> String {
    let case = |(at, c): (usize, char)| {
        if bits >> (at % 64) & 1 == 1 { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() }
    };
    text.chars().enumerate().map(case).collect()
}

proptest! {
    #[test]
    fn no_line_breaks_the_parser(line in prop_oneof![any::<String>(), almost_commands()]) {
        match parse(&line) {
            Ok(command) => prop_assert_eq!(parse(&command.to_string()), Ok(command)),
            Err(error) => {
                prop_assert!(line.get(error.span()).is_some());
                prop_assert!(!error.to_string().chars().any(char::is_control));
                prop_assert!(!error.to_string().ends_with('.'));
                prop_assert!(error.advice().is_none_or(|advice| !advice.is_empty()));
            }
        }
    }

    #[test]
    fn a_printed_command_parses_to_itself(command in commands()) {
        let line = command.to_string();
        prop_assert_eq!(parse(&line), Ok(command.clone()));
        prop_assert_eq!(parse(&normalize(&line)), Ok(command.clone()));
        let stored = serde_json::to_string(&command).unwrap();
        prop_assert_eq!(serde_json::from_str::<Command>(&stored).unwrap(), command);
    }

    #[test]
    fn nothing_may_follow_a_complete_delete(junk in "\\PC{0,20}[^\\s\\pC]\\PC{0,20}") {
        let bare = parse(&format!("delete device {ID} {junk}"));
        prop_assert!(bare.is_err() || junk.trim().to_lowercase().starts_with("because"));
        let apart = format!("delete device {ID} because \"moved\" {junk}");
        prop_assert!(parse(&apart).is_err(), "{}", apart);
        // A second quote right after the first is a quote inside the reason, which may be closed later.
        let close = format!("delete device {ID} because \"moved\"{junk}");
        if let Ok(command) = parse(&close) {
            let is_reason = matches!(command, Command::DeleteDevice { reason: Some(_), org: None, .. });
            prop_assert!(is_reason && junk.starts_with('"'), "{}", close);
        }
    }

    #[test]
    fn nothing_may_precede_a_delete(junk in "\\PC{0,20}[^\\s\\pC]\\PC{0,20}") {
        let line = format!("{junk} delete device {ID}");
        prop_assert!(!matches!(parse(&line), Ok(Command::DeleteDevice { .. })), "{}", line);
    }

    #[test]
    fn case_does_not_matter(bits in any::<u64>()) {
        for (words, command) in [
            ("delete device", delete(Some("x"))),
            ("remove device", delete(Some("x"))),
            ("rm device", delete(Some("x"))),
        ] {
            let line = format!("{} {ID} {} \"x\"", in_mixed_case(words, bits), in_mixed_case("because", bits));
            prop_assert_eq!(parse(&line), Ok(command));
        }
        prop_assert_eq!(parse(&in_mixed_case("help delete device", bits)), Ok(help(Some("delete"))));
        prop_assert_eq!(parse(&in_mixed_case("whoami", bits)), Ok(Command::WhoAmI));
    }
}
