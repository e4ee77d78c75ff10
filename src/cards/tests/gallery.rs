//! All samples in one file, for `scripts/draw-cards`.

use std::collections::BTreeSet;

use serde_json::json;

use super::samples::every_card;

/// The variable with the path of the file; without it, no file is written.
const FILE: &str = "CARD_SAMPLES";

#[test]
fn every_sample_has_a_unique_name_and_is_written_for_drawing() {
    let cards = every_card();
    let names: BTreeSet<&str> = cards.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names.len(), cards.len());
    let samples: Vec<_> = cards
        .iter()
        .map(|(name, card)| json!({ "name": name, "card": card.content(), "text": card.text() }))
        .collect();
    #[expect(
        clippy::disallowed_methods,
        reason = "the file is for a script of the repo, not a setting of Steward"
    )]
    let file = std::env::var_os(FILE);
    if let Some(file) = file {
        std::fs::write(file, json!(samples).to_string()).unwrap();
    }
}
