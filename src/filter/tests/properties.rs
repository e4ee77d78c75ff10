//! Properties of every filter: it parses to itself, and the part that Webex applies does not change the result.

use jiff::SignedDuration;
use proptest::prelude::*;
use proptest::sample::select;
use strum::VariantArray as _;
use unicode_normalization::UnicodeNormalization as _;

use super::fleet::{bare, now};
use crate::domain::text::Quoted;
use crate::domain::{Device, WorkspaceId};
use crate::filter::{Filter, Key, RelatedNames, Sort};

/// Texts that devices and filters often have in common.
const TEXTS: [&str; 12] = [
    "Lobby",
    "lobby",
    "LOBBY 2",
    "BER-4",
    "ber-4 ",
    "none",
    "Cisco Board",
    "board",
    "日本",
    "a,b",
    "12",
    "ß",
];

/// States that contain each other, so that a server with partial comparison finds too many devices.
const STATES: [&str; 6] =
    ["connected", "disconnected", "connected_with_issues", "offline_expired", "activating", "hibernating"];

fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => select(&TEXTS[..]).prop_map(str::to_owned),
        1 => "[\\PC]{0,8}",
        1 => "[\"a, *]{1,6}",
    ]
}

/// Terms that Webex can apply, and similar ones.
fn nearly_pushed() -> impl Strategy<Value = String> {
    let values = |values: &[&'static str]| prop::collection::vec(select(values.to_vec()), 1..3);
    let keyed = |key: &'static str, known: &[&'static str]| {
        (any::<bool>(), values(known)).prop_map(move |(negated, values)| {
            format!("{}{key}:{}", if negated { "-" } else { "" }, values.join(","))
        })
    };
    prop_oneof![
        keyed(
            "status",
            &["connected", "disconnected", "offline", "issues", "\"hibernating\"", "none", "dis*"]
        ),
        keyed("type", &["phone", "roomdesk", "none", "\"doorbell\"", "*o*"]),
        keyed("platform", &["cisco", "microsoftTeamsRoom", "none", "c*"]),
        keyed("maintenance", &["off", "on", "upcoming", "any"]),
        keyed("capability", &["xapi", "\"other\"", "none"]),
        keyed("serial", &["FOC2345ABCD", "foc2345abcd", "foc2345", "00A289F31B2C", "00a289f31b2c", "none"]),
        keyed("tag", &["Lobby", "lobby", "\"lobby 2\"", "none"]),
        keyed("name", &["Lobby", "lobby", "lob*", "none"]),
    ]
}

/// A term that may be valid or not.
fn terms() -> impl Strategy<Value = String> {
    let value = prop_oneof![
        4 => texts().prop_map(|text| Quoted(&text).to_string()),
        2 => texts().prop_map(|text| Quoted(&format!("*{text}?")).to_string()),
        2 => select(&TEXTS[..]).prop_map(|text| text.replace([' ', ','], "")),
        3 => select(&STATES[..]).prop_map(str::to_owned),
        4 => select(vec![
            "offline", "online", "issues", "phone", "roomdesk", "cisco", "xapi", "off", "none", "any", "never",
            ">90d", "<=2h", "<2025-01-31", "2026-04-01", "11:22:33:44:AA:FF", "1122*",
            "11111111-2222-3333-4444-555555555555", "FOC2345ABCD", "foc2345abcd", "foc23*",
        ]).prop_map(str::to_owned),
    ];
    let values = prop::collection::vec(value, 1..3).prop_map(|values| values.join(","));
    let key = select(Key::VARIANTS.iter().map(|key| key.as_str()).collect::<Vec<_>>());
    (any::<bool>(), key, values)
        .prop_map(|(negated, key, values)| format!("{}{key}:{values}", if negated { "-" } else { "" }))
}

fn filters() -> impl Strategy<Value = Filter> {
    let term =
        prop_oneof![nearly_pushed(), terms()].prop_filter("a term", |term| Filter::parse(term).is_ok());
    prop::collection::vec(term, 0..4).prop_map(|terms| Filter::parse(&terms.join(" ")).unwrap())
}

fn devices() -> impl Strategy<Value = Device> {
    let maybe = |texts: &[&'static str]| prop::option::of(select(texts.to_vec()).prop_map(str::to_owned));
    let around = (maybe(&TEXTS), maybe(&TEXTS), prop::option::of(Just(WorkspaceId::parse("lobby").unwrap())));
    let model =
        (maybe(&["phone", "roomdesk", "webexgo"]), maybe(&["cisco", "microsoftTeamsRoom"]), maybe(&STATES));
    let numbers = (
        maybe(&["FOC2345ABCD", "FOC2345ABCE", "foc2345", "00a289f31b2c", "12"]),
        maybe(&["11:22:33:44:AA:FF", "11223344aaff", "1122.3344.aabb"]),
    );
    let lists = (
        prop::collection::vec(select(&TEXTS[..]).prop_map(str::to_owned), 0..3),
        prop::collection::vec(select(vec!["xapi", "other"]).prop_map(str::to_owned), 0..2),
        maybe(&["off", "on", "upcoming"]),
        prop::option::of(0_i64..200),
    );
    (around, model, numbers, lists).prop_map(|((name, product, workspace), model, numbers, lists)| Device {
        display_name: name,
        product,
        workspace_id: workspace,
        kind: model.0,
        platform: model.1,
        connection_status: model.2,
        serial: numbers.0,
        mac: numbers.1,
        tags: lists.0.clone(),
        error_codes: lists.0,
        capabilities: lists.1,
        maintenance: lists.2,
        last_seen: lists.3.map(|days| now() - SignedDuration::from_hours(24 * days)),
        ..bare('a')
    })
}

/// The possible ways in which a server compares.
#[derive(Debug, Clone, Copy)]
struct Semantics {
    by_part: bool,
    in_any_case: bool,
}

impl Semantics {
    fn finds(self, held: &str, asked: &str) -> bool {
        let (held, asked) = if self.in_any_case {
            (held.to_lowercase(), asked.to_lowercase())
        } else {
            (held.into(), asked.into())
        };
        if self.by_part { held.contains(&asked) } else { held == asked }
    }

    /// Whether a server that compares like this lists the device.
    fn lists(self, device: &Device, query: &[(&'static str, String)]) -> bool {
        query.iter().all(|(parameter, asked)| {
            let held: Vec<&String> = match *parameter {
                "connectionStatus" => device.connection_status.iter().collect(),
                "type" => device.kind.iter().collect(),
                "devicePlatform" => device.platform.iter().collect(),
                "capability" => device.capabilities.iter().collect(),
                "plannedMaintenance" => device.maintenance.iter().collect(),
                "serial" => device.serial.iter().collect(),
                other => panic!("the server knows no parameter {other}"),
            };
            held.into_iter().any(|held| self.finds(held, asked))
        })
    }
}

#[test]
fn only_terms_that_webex_applies_become_parameters() {
    for (line, query) in [
        ("status:connected", "connectionStatus=connected"),
        ("status:issues", "connectionStatus=connected_with_issues"),
        ("type:Phone tag:x", "type=phone"),
        ("platform:microsoftteamsroom", "devicePlatform=microsoftTeamsRoom"),
        ("capability:xapi maintenance:on", "capability=xapi plannedMaintenance=on"),
        ("serial:foc2345abcd", "serial=FOC2345ABCD"),
        ("status:connected status:disconnected", "connectionStatus=connected"),
        ("status:offline", ""),
        ("status:connected,disconnected", ""),
        ("-status:connected", ""),
        ("status:\"hibernating\"", ""),
        ("status:none", ""),
        ("serial:00a289f31b2c", ""),
        ("serial:FOC*", ""),
        ("name:Lobby", ""),
        ("tag:retire", ""),
        ("product:\"Room Bar\"", ""),
        ("mac:11:22:33:44:AA:FF", ""),
        ("", ""),
    ] {
        let parameters = Filter::parse(line).unwrap().webex_query();
        let parameters: Vec<_> =
            parameters.into_iter().map(|(parameter, value)| format!("{parameter}={value}")).collect();
        assert_eq!(parameters.join(" "), query, "{line}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn the_part_that_webex_applies_does_not_change_the_result(
        filter in filters(),
        fleet in prop::collection::vec(devices(), 0..12),
        by_part: bool,
        in_any_case: bool,
    ) {
        let server = Semantics { by_part, in_any_case };
        let query = filter.webex_query();
        let related = RelatedNames::default();
        let matching = |device: &&Device| filter.matches(device, &related, now());
        let all: Vec<&Device> = fleet.iter().filter(matching).collect();
        let listed: Vec<&Device> =
            fleet.iter().filter(|device| server.lists(device, &query)).filter(matching).collect();
        prop_assert_eq!(all, listed, "{} {:?}", filter, query);
    }

    #[test]
    fn a_name_is_found_however_its_letters_were_typed(name in "[a-zA-ZäöüÄé\u{301}한글 –.]{1,10}", negated: bool) {
        let sign = if negated { "-" } else { "" };
        let typed = |name: &str| Filter::parse(&format!("{sign}name:{}", Quoted(name)));
        let device = |name: String| Device { display_name: Some(name), ..bare('a') };
        let (nfd, nfc) = (name.nfd().collect::<String>(), name.nfc().collect::<String>());
        prop_assume!(!name.trim().is_empty());
        for (typed, found) in [(typed(&nfd), device(nfc.clone())), (typed(&nfc), device(nfd.clone()))] {
            // An exclusion that excludes nothing would be the worst.
            prop_assert_eq!(typed.unwrap().matches(&found, &RelatedNames::default(), now()), !negated);
        }
    }

    #[test]
    fn a_printed_filter_parses_to_itself(filter in filters()) {
        let printed = filter.to_string();
        prop_assert_eq!(Filter::parse(&printed), Ok(filter.clone()), "{}", printed);
        let stored = serde_json::to_string(&filter).unwrap();
        prop_assert_eq!(serde_json::from_str::<Filter>(&stored).unwrap(), filter);
    }

    #[test]
    fn no_line_breaks_the_parser(line in prop_oneof![
        any::<String>(),
        "[-a-z:\"*,<> ß0-9]{0,40}",
        prop::collection::vec(terms(), 0..4).prop_map(|terms| terms.join(" ")),
    ]) {
        match Filter::parse(&line) {
            Ok(filter) => prop_assert_eq!(Filter::parse(&filter.to_string()), Ok(filter)),
            Err(error) => {
                prop_assert!(line.get(error.span.clone()).is_some());
                prop_assert!(!error.to_string().chars().any(char::is_control));
            }
        }
    }

    #[test]
    fn no_device_matches_a_term_and_its_negation(term in terms(), device in devices()) {
        let positive = term.trim_start_matches('-');
        if let Ok(filter) = Filter::parse(positive) {
            let negated = Filter::parse(&format!("-{positive}")).unwrap();
            let related = RelatedNames::default();
            let both = (filter.matches(&device, &related, now()), negated.matches(&device, &related, now()));
            prop_assert_ne!(both, (true, true));
        }
    }

    #[test]
    fn an_order_is_total(key in select(Key::VARIANTS.to_vec()), descending: bool, mut fleet in prop::collection::vec(devices(), 0..8)) {
        let sign = if descending { "-" } else { "" };
        if let Ok(sort) = Sort::parse(&format!("{sign}{}", key.as_str()), 0) {
            let related = RelatedNames::default();
            fleet.sort_by_key(|device| sort.rank(device, &related));
            for (at, one) in fleet.iter().enumerate() {
                for other in &fleet[at..] {
                    prop_assert!(sort.rank(one, &related) <= sort.rank(other, &related));
                }
            }
        }
    }
}
