//! All samples in one file, for `scripts/draw-cards`, which draws them as the clients of Webex do.

use std::collections::BTreeSet;

use serde_json::json;

use super::samples::every_card;

/// Where the file goes; nowhere unless somebody asks for it.
const FILE: &str = "CARD_SAMPLES";

#[test]
fn every_sample_has_a_name_of_its_own_under_which_it_can_be_drawn() {
    let cards = every_card();
    let names: BTreeSet<&str> = cards.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names.len(), cards.len());
    let samples: Vec<_> = cards
        .iter()
        .map(|(name, card)| json!({ "name": name, "card": card.content(), "text": card.text() }))
        .collect();
    #[expect(
        clippy::disallowed_methods,
        reason = "the file is for a script of the repo, no setting of Steward's"
    )]
    let file = std::env::var_os(FILE);
    if let Some(file) = file {
        std::fs::write(file, json!(samples).to_string()).unwrap();
    }
}
