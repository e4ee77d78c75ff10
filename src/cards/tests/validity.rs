//! Every card is a valid Adaptive Card 1.3 of a few elements and of limited size. Its plain text has the same facts,
//! and only literals stand in elements that interpret markdown.

use regex::Regex;
use serde_json::Value;

use super::samples::{self, every_card};
use crate::cards::plain_text::TEXT_CUT;
use crate::cards::template::{TEMPLATES, assembled, compacted};
use crate::cards::*;
use crate::domain::{Cause, Outcome};

/// Largest card, in bytes: a quarter of the limit reported for Webex (80 KB with the whole message).
const LARGEST_CARD: usize = 20_000;

/// Most actions of a card (Webex, *Buttons and Cards* guide).
const MOST_ACTIONS: usize = 5;

/// Elements with their properties: required ones before the bar, optional ones after it.
const ELEMENTS: [(&str, &str); 7] = [
    ("AdaptiveCard", "$schema version body | actions"),
    ("TextBlock", "text | weight spacing separator wrap"),
    ("RichTextBlock", "inlines | spacing separator"),
    ("TextRun", "text | size weight color isSubtle fontType"),
    ("ColumnSet", "columns | spacing"),
    ("Column", "width items |"),
    ("Container", "items | spacing separator"),
];

/// Properties with a fixed set of values.
const CHOICES: [(&str, &str); 9] = [
    ("$schema", "http://adaptivecards.io/schemas/adaptive-card.json"),
    ("version", "1.3"),
    ("weight", "Bolder"),
    ("size", "Small Large"),
    ("color", "Default Accent Good Warning Attention"),
    ("spacing", "None Small Medium"),
    ("fontType", "Monospace"),
    ("width", "100px stretch"),
    ("style", "positive destructive"),
];

/// The children that an element may have.
const CHILDREN: [(&str, &str); 4] = [
    ("body", "TextBlock RichTextBlock ColumnSet Container"),
    ("items", "TextBlock RichTextBlock ColumnSet"),
    ("columns", "Column"),
    ("inlines", "TextRun"),
];

fn found<'a>(table: &[(&str, &'a str)], name: &str) -> Option<&'a str> {
    table.iter().find(|(entry, _)| *entry == name).map(|(_, value)| *value)
}

fn check_element(element: &Value) {
    let kind = element["type"].as_str().expect("an element has a type");
    let allowed = found(&ELEMENTS, kind).unwrap_or_else(|| panic!("unknown element {kind}"));
    let (required, optional) = allowed.split_once('|').unwrap();
    for name in required.split_whitespace() {
        assert!(!element[name].is_null(), "{kind} without {name}");
    }
    for (name, value) in element.as_object().unwrap().iter().filter(|(name, _)| *name != "type") {
        let mut known = required.split_whitespace().chain(optional.split_whitespace());
        assert!(known.any(|other| other == name), "{kind} with {name}");
        check_property(kind, name, value);
    }
}

fn check_property(kind: &str, name: &str, value: &Value) {
    if let Some(choices) = found(&CHOICES, name) {
        assert!(choices.split(' ').any(|choice| value == choice), "{kind}.{name} is {value}");
    } else if let Some(kinds) = found(&CHILDREN, name) {
        let children = value.as_array().unwrap_or_else(|| panic!("{kind}.{name} is no list"));
        assert!(!children.is_empty(), "{kind}.{name} is empty");
        for child in children {
            assert!(kinds.split(' ').any(|kind| child["type"] == kind), "{kind}.{name} has {child}");
            check_element(child);
        }
    } else if name == "actions" {
        let actions = value.as_array().expect("actions are a list");
        assert!((1..=MOST_ACTIONS).contains(&actions.len()), "{} actions", actions.len());
        actions.iter().for_each(check_action);
    } else if name == "text" {
        assert!(value.is_string(), "{kind}.{name} is {value}");
    } else {
        assert!(value.is_boolean(), "{kind}.{name} is {value}");
    }
}

/// Checks that a button carries only its reference, and that a link leads to Control Hub.
fn check_action(action: &Value) {
    let kind = action["type"].as_str().unwrap_or_default();
    let title = action["title"].as_str().unwrap_or_default();
    assert!(!title.is_empty() && title.len() < 40, "{kind} with the title {title:?}");
    let names: Vec<&String> = action.as_object().unwrap().keys().collect();
    match kind {
        "Action.Submit" => {
            let data = action["data"].as_object().unwrap();
            assert!(data.len() == 1 && data["ref"].as_str().is_some_and(|text| !text.is_empty()), "{data:?}");
            if let Some(style) = action.get("style") {
                check_property(kind, "style", style);
            }
            assert_eq!(names.len(), 3 + usize::from(action.get("style").is_some()), "{names:?}");
        }
        "Action.OpenUrl" => {
            let url = action["url"].as_str().unwrap_or_default();
            let hubs = ["https://admin.webex.com/", "https://admin-usgov.webex.com/"];
            assert!(hubs.iter().any(|hub| url.starts_with(hub)), "{url}");
            assert_eq!(names.len(), 3, "{names:?}");
        }
        other => panic!("an action of type {other:?}"),
    }
}

/// All texts of one kind of element, in order.
pub(super) fn texts(value: &Value, kind: &str) -> Vec<String> {
    let own = (value["type"] == kind).then(|| value["text"].as_str().unwrap().to_owned());
    let children: Box<dyn Iterator<Item = &Value>> = match value {
        Value::Array(values) => Box::new(values.iter()),
        Value::Object(values) => Box::new(values.values()),
        _ => Box::new(std::iter::empty()),
    };
    own.into_iter().chain(children.flat_map(|child| texts(child, kind))).collect()
}

/// The card as a tree.
pub(super) fn content(card: &Card) -> Value {
    serde_json::from_str(card.content().get()).unwrap()
}

/// Finds a text that may be shortened on a card, with anything for each `…`.
pub(super) fn long_forms(short: &str) -> Regex {
    Regex::new(&short.split('…').map(regex::escape).collect::<Vec<_>>().join("[^\n]*")).unwrap()
}

/// Checks the rules for any card.
pub(super) fn check(card: &Card) {
    let content = &content(card);
    assert_eq!(content["type"], "AdaptiveCard");
    check_element(content);
    let compact = compacted(card.content().get());
    assert_eq!(card.content().get(), compact, "whitespace between its parts");
    let size = card.content().get().len();
    assert!(size < LARGEST_CARD, "{size} bytes: {}", card.text());
    assert!(card.text().len() <= LONGEST_TEXT_BYTES, "text of {} bytes", card.text().len());
    for text in texts(content, "TextBlock") {
        let literal = format!(r#"{{ "type": "TextBlock", "text": "{text}""#);
        assert!(TEMPLATES.iter().any(|(_, source)| source.contains(&literal)), "TextBlock: {text}");
    }
    let whole = !card.text().ends_with(TEXT_CUT);
    for text in texts(content, "TextBlock").into_iter().chain(texts(content, "TextRun")) {
        assert!(!text.contains(char::is_control), "{text:?}");
        let in_text = card.text().contains(&text) || long_forms(&text).is_match(card.text());
        assert!(!whole || in_text, "not in the text: {text}");
    }
}

#[test]
fn every_sample_is_a_sound_card_with_the_same_facts_in_its_text() {
    for (name, card) in every_card() {
        println!("{name}");
        assert_eq!(card.defect(), None);
        check(&card);
        let whole = !card.text().ends_with(TEXT_CUT);
        assert!(whole, "a sample has a text that had to be cut");
    }
}

#[test]
fn every_device_of_a_page_is_in_the_text_with_any_name() {
    for character in ["a", "\"", "\\", "ä", "会", "👩‍🔧", "\u{202e}"] {
        let card = samples::devices::odd_list(&character.repeat(500));
        check(&card);
        assert!(card.text().contains("more\n"), "{}", card.text());
        assert!(!card.text().ends_with(TEXT_CUT), "{} bytes", card.text().len());
        let content = content(&card);
        let rows = content["body"].as_array().unwrap();
        let rows = rows.iter().filter(|element| element["type"] == "Container").count();
        assert_eq!(rows, ROWS_PER_PAGE);
    }
}

#[test]
fn a_text_block_holds_nothing_but_a_literal() {
    let mut seen = 0;
    for (name, source) in TEMPLATES {
        for line in source.lines().filter(|line| line.contains("\"TextBlock\"")) {
            seen += 1;
            assert!(line.trim_start().starts_with(r#"{ "type": "TextBlock", "text": ""#), "{name}: {line}");
            assert!(line.ends_with(" }") || line.ends_with(" },"), "{name}: {line}");
            for mark in ["{{", "{%", "{#", "<<", "<%"] {
                assert!(!line.contains(mark), "{name}: {line}");
            }
        }
        assert!(!source.contains("FactSet"), "{name}: the values of a FactSet are markdown");
        assert!(!source.contains("safe"), "{name}: nothing is passed by the escaping");
    }
    assert!(seen > 0, "no TextBlock was looked at");
}

#[test]
fn values_stand_for_themselves_and_never_inside_quotes() {
    for (name, source) in assembled().unwrap() {
        for line in source.lines() {
            for (at, _) in line.match_indices("{{") {
                let quotes = line[..at].matches('"').count();
                assert_eq!(quotes % 2, 0, "{name}: {line}");
            }
        }
    }
}

fn what_next(outcome: &Outcome, watch: Watch) -> String {
    text::what_next(outcome, None, watch, text::Replacing::Elsewhere).join(" ")
}

#[test]
fn every_cause_has_a_sentence_and_a_next_step_of_its_own() {
    let mut sentences = std::collections::HashSet::new();
    for (cause, status) in samples::causes() {
        let outcome = samples::outcome(cause.clone(), status);
        let what = text::what_happened(&outcome).into_owned();
        let next = what_next(&outcome, Watch::Continues);
        for sentence in [&what, &next] {
            assert!(sentence.len() > 20 && sentence.ends_with('.') && !sentence.contains("  "), "{sentence}");
            assert!(sentence.chars().count() <= 600 && !sentence.contains(['!', '\n']), "{sentence}");
            for secret in ["Bearer", "Authorization", "ROUTERGW", "client_secret"] {
                assert!(!sentence.contains(secret), "{sentence}");
            }
        }
        assert!(sentences.insert(what), "the sentence of {cause:?} is not its own");
        // The next steps after a deletion are the same, however it was proven.
        let same = cause == Cause::SettledByReading;
        assert!(sentences.insert(next) != same, "the next step of {cause:?} is not its own");
    }
}

#[test]
fn an_error_of_webex_shows_its_status() {
    for status in [500, 502, 503, 504, 599] {
        let sentence = text::what_happened(&samples::outcome(Cause::WebexError, Some(status)));
        assert!(sentence.contains(&format!("({status})")), "{sentence}");
    }
}

#[test]
fn a_sentence_names_only_a_status_that_was_seen() {
    let named = |sentence: &str| {
        let digits = |part: &str| part.len() == 3 && part.bytes().all(|byte| byte.is_ascii_digit());
        sentence.split(['(', ')']).filter(|part| digits(part)).map(str::to_owned).collect::<Vec<_>>()
    };
    for (cause, _) in samples::causes() {
        let unseen = samples::outcome(cause.clone(), None);
        assert_eq!(named(&text::what_happened(&unseen)), Vec::<String>::new(), "{cause:?}");
        let seen = text::what_happened(&samples::outcome(cause.clone(), Some(499))).into_owned();
        assert!(named(&seen).iter().all(|status| status == "499"), "{seen}");
        assert_eq!(named(&what_next(&unseen, Watch::Continues)), Vec::<String>::new(), "{cause:?}");
    }
}

#[test]
fn the_time_to_try_again_is_shown() {
    for (cause, status) in samples::causes() {
        let next = what_next(&samples::outcome(cause.clone(), status), Watch::Continues);
        let timed = matches!(cause, Cause::Locked { .. } | Cause::TooManyRequests { .. });
        assert_eq!(next.contains("at 09:25 UTC (in 13 minutes)"), timed, "{next}");
    }
}

#[test]
fn steward_promises_to_look_again_only_where_it_does() {
    for (cause, status) in samples::causes() {
        let outcome = samples::outcome(cause, status);
        let promised = |watch| what_next(&outcome, watch).contains("looks again and reports");
        assert_eq!(promised(Watch::Continues), outcome.may_still_change(), "{outcome:?}");
        assert!(!promised(Watch::Ended), "{outcome:?}");
    }
}

#[test]
fn the_headline_of_a_deletion_says_the_outcome() {
    for (cause, status) in samples::causes() {
        let outcome = samples::outcome(cause, status);
        let card = samples::deletion(None, &outcome);
        let headline = card.text().lines().next().unwrap().to_lowercase();
        assert!(headline.contains(outcome.kind().as_str()), "{headline}");
    }
}
