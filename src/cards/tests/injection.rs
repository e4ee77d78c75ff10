//! Outside text stays text: with any name of a device, a workspace or a person, the card differs from one with a
//! harmless name only in that text.

use proptest::prelude::*;
use serde_json::Value;

use super::samples::{actor, device, devices, facts, outcome};
use super::{samples, validity};
use crate::cards::*;
use crate::domain::hidden::visible;
use crate::domain::{Actor, Cause, Device, DeviceFacts, Outcome};

const HARMLESS: &str = "HARMLESS";

const NASTY: [&str; 14] = [
    r#""], "x": [{{7*7}} <@all> **bold** [a](http://x)"#,
    r#"" } ], "actions": [ { "type": "Action.OpenUrl" "#,
    r"\",
    r#"\" \u0022 \n"#,
    "{% for x in range(9) %}{{ x }}{% endfor %}{# comment #}",
    "one\ntwo\r\nthree\0four",
    "one\u{2028}two\u{2029}three",
    "</script><script>alert(1)</script>",
    "<@personEmail:ana@example.com|Ana> <@all>",
    "# heading\u{20}*italic* `code` | table | [link](javascript:alert(1)) ![image](http://x)",
    "\u{202e}txt.exe\u{2066}",
    "👩‍🔧🇩🇪 Größe 会議室",
    "{{DATE(2026-11-24T09:12:05Z, SHORT)}} ${name} $(name) %s",
    "null",
];

/// Cards with this text in every field for outside text.
fn cards_with(text: &str) -> Vec<Card> {
    let some = || Some(text.to_owned());
    let seen = devices::odd_device(text);
    let facts = DeviceFacts { workspace_name: some(), owner_name: some(), ..DeviceFacts::of(&seen) };
    let outcome =
        Outcome { tracking_id: some(), ..outcome(Cause::Changed { what: text.to_owned() }, Some(200)) };
    let person = Actor { email: None, display_name: text.to_owned(), ..actor() };
    let line = format!("delete {text} now");
    let pointer = Pointer { span: 7..7 + text.len(), line };
    let expected = format!("expected a device id, found {text} instead");
    let mut cards = vec![
        render(&DeletionResult {
            facts: Some(&facts),
            device_id: &device().id,
            outcome: &outcome,
            actor: &person,
            reason: Some(text),
            replace: Some(Button::activate_replacement(samples::REFERENCE)),
            may_activate: true,
            clock: None,
        }),
        render(&Help {
            entries: &[HelpEntry { syntax: text, summary: text, example: text }],
            has_rights: false,
        }),
        render(&About { version: text }),
        render(&WhoAmI { actor: &person, rights: Ok(&[]) }),
        render(&Notice::not_understood(pointer, &expected, Some(text), Some(text))),
        render(&Notice::welcome(text, true)),
    ];
    cards.extend(device_cards_with(text, &seen, &facts, &person));
    cards
}

fn device_cards_with(text: &str, seen: &Device, facts: &DeviceFacts, person: &Actor) -> Vec<Card> {
    let place = devices::odd_in_place(seen, text);
    let tags = [text.to_owned()];
    let moved = DeviceFacts { serial: None, mac: None, workspace_id: None, owner_id: None, ..facts.clone() };
    let mut cards = vec![
        devices::odd_shown(text),
        devices::odd_list(text),
        devices::odd_empty_list(text),
        devices::odd_choice(text),
        devices::odd_not_found(text),
        devices::proposal_of(place, person, Some(text)),
        samples::tags::tags_asked(place, &tags, person),
        samples::tags::tags_of(facts, &tags, &[], Some(&tags), person),
        samples::tags::tags_of(facts, &[], &tags, Some(&[]), person),
        devices::changed_of(facts, &moved),
        render(&Notice::plan_confirmed(text)),
        render(&Notice::plan_cancelled(text)),
    ];
    cards.extend(devices::destinations(text, text));
    cards.extend(samples::tags::many_tagged(text, text, &tags, person));
    cards.push(render(&Notice::no_device_to_tag(text, Some((1, text)))));
    cards.push(render(&Notice::too_many_to_tag(237, 200, text)));
    let side_effects = [SideEffect::CallingTypeReset { from: text }];
    for target in [AssignedTo::Workspace(text), AssignedTo::Person(text)] {
        cards.extend(devices::provisioned(target, Some(text), &side_effects, place, person));
    }
    cards
}

/// Checks that the JSON is the same except for the texts that contained the harmless name.
fn assert_same_but_for(text: &str, harmless: &Value, other: &Value) {
    match (harmless, other) {
        (Value::Array(left), Value::Array(right)) => {
            assert_eq!(left.len(), right.len(), "{text:?}");
            left.iter().zip(right).for_each(|(left, right)| assert_same_but_for(text, left, right));
        }
        (Value::Object(left), Value::Object(right)) => {
            assert!(left.keys().eq(right.keys()), "{text:?}");
            left.values()
                .zip(right.values())
                .for_each(|(left, right)| assert_same_but_for(text, left, right));
        }
        (Value::String(left), Value::String(right)) if left.contains(HARMLESS) => {
            let full = left.replace(HARMLESS, text);
            let is_shown = |full: &str| {
                let whole = safe_text::cleaned(full);
                // A text that is too long loses only its end, and a word that is too wide only its middle.
                let ends = |found: regex::Match<'_>| {
                    found.start() == 0 && (right.ends_with('…') || found.end() == whole.len())
                };
                let is_short = || validity::long_forms(right).find(&whole).is_some_and(ends);
                whole == *right || right.contains('…') && is_short()
            };
            // A typed line shows its hidden characters.
            assert!(is_shown(&full) || is_shown(&visible(&full)), "{right:?} is not {full:?}");
        }
        _ => assert_eq!(harmless, other, "{text:?}"),
    }
}

fn check(text: &str) {
    for (harmless, card) in cards_with(HARMLESS).iter().zip(cards_with(text)) {
        assert_eq!(card.defect(), None);
        assert_same_but_for(text, &validity::content(harmless), &validity::content(&card));
        validity::check(&card);
        assert!(!card.text().contains(['\r', '\u{2028}', '\u{202e}', '\0']), "{text:?}");
        assert!(!draw(&card, 60, Ink::Plain).contains('\u{1b}'), "{text:?}");
    }
}

#[test]
fn nasty_names_change_only_their_own_text() {
    NASTY.into_iter().for_each(check);
}

#[test]
fn endless_names_do_not_make_endless_cards() {
    for character in ["a", "\"", "\\", "ä", "😀", "**"] {
        check(&character.repeat(10_000));
    }
}

#[test]
fn an_odd_name_is_on_the_card_exactly_and_once() {
    let mut facts = facts();
    facts.name = Some(NASTY[0].to_owned());
    let card = samples::deletion(Some(&facts), &outcome(Cause::Deleted, Some(204)));
    let texts = validity::texts(&validity::content(&card), "TextRun");
    assert_eq!(texts.iter().filter(|text| *text == NASTY[0]).count(), 1);
    assert!(card.text().contains(&format!("Name: {}\n", NASTY[0])));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_text_ever_becomes_markup(text in any::<String>().prop_filter("a text of spaces is a missing fact", |text| {
        !text.trim().is_empty()
    })) {
        check(&text);
    }
}
