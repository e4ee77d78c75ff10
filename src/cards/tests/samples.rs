//! Samples of every view, shared by all tests of cards.

pub(super) mod devices;
pub(super) mod notices;
mod parts;
pub(super) mod tags;

pub(super) use parts::*;

use crate::cards::*;
use crate::domain::Actor;
use crate::policy::{Denied, Right};

pub(super) const ENTRIES: [HelpEntry<'static>; 3] = [
    HelpEntry {
        syntax: "show device <id>",
        summary: "Shows one device as Webex knows it now.",
        example: "show device Y2lzY29zcGFyazovL3VzL0RFVklDRS8x",
    },
    HelpEntry {
        syntax: "delete device <id> [because \"reason\"]",
        summary: "Deletes one device and proves that it is gone.",
        example: "delete device Y2lzY29zcGFyazovL3VzL0RFVklDRS8x because \"replaced\"",
    },
    HelpEntry { syntax: "help", summary: "Shows what you can ask.", example: "help" },
];

/// Samples of all views, each with a name for the test that fails.
pub(super) fn every_card() -> Vec<(String, Card)> {
    let mut cards = Vec::new();
    for (cause, status) in causes() {
        let outcome = outcome(cause.clone(), status);
        for (name, facts) in
            [("shared", Some(facts())), ("personal", Some(personal_facts())), ("unread", None)]
        {
            cards.push((format!("{name} {cause:?}"), deletion(facts.as_ref(), &outcome)));
        }
        for watch in [Watch::Continues, Watch::Ended] {
            cards.push((format!("{watch:?} {cause:?}"), follow_up(&outcome, watch)));
        }
    }
    for reason in [Denied::OtherOrganization, Denied::NotAHuman, Denied::NoAdmins, Denied::NotAnAdmin] {
        cards.push((format!("whoami {reason:?}"), render(&WhoAmI { actor: &actor(), rights: Err(reason) })));
    }
    cards.extend(notices::notices().into_iter().map(|(name, notice)| (name.to_owned(), render(&notice))));
    let stranger = Actor { email: None, org_id: None, ..actor() };
    let many = [ENTRIES[1]; 24];
    let others = [
        ("device", shown(&device(), true)),
        ("device for readers", shown(&device(), false)),
        ("bare device", shown(&bare_device(), true)),
        ("help", render(&Help { entries: &ENTRIES, has_rights: true })),
        ("help without rights", render(&Help { entries: &ENTRIES[2..], has_rights: false })),
        ("long help", render(&Help { entries: &many, has_rights: true })),
        ("help filters", render(&FiltersHelp { entries: &many })),
        ("about", render(&About { version: "0.1.0" })),
        ("whoami", render(&WhoAmI { actor: &actor(), rights: Ok(&[Right::Read, Right::Delete]) })),
        ("whoami without rights", render(&WhoAmI { actor: &stranger, rights: Ok(&[]) })),
    ];
    cards.extend(others.map(|(name, card)| (name.to_owned(), card)));
    cards.extend(devices::cards());
    cards
}
