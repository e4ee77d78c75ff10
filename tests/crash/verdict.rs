//! The final check: commands, records and devices compared with each other.

use std::collections::HashMap;
use std::fmt;

use steward::domain::{MessageId, OutcomeKind};
use steward::sim::RequestRecord;
use steward::store::CommandId;

use crate::testbed::Testbed;

/// The result of a campaign.
#[derive(Debug, Default)]
pub struct Verdict {
    commands: usize,
    outcomes: HashMap<&'static str, usize>,
    cards: usize,
    cards_twice: usize,
    deleted: usize,
    calls: usize,
    spoiled: usize,
    duplicates: usize,
}

/// The command of a message.
pub fn command_of(order: &str) -> String {
    CommandId::of_message(&MessageId::parse(order).unwrap()).as_str().to_owned()
}

impl Verdict {
    /// Checks everything; a contradiction fails the test. `excused` counts the answers that a killed process may have
    /// posted without recording them; each may be posted once more.
    pub async fn of(testbed: &Testbed, excused: &HashMap<String, usize>) -> Self {
        let mut verdict = Self { commands: testbed.orders.len(), ..Self::default() };
        let mut records = testbed.records().await;
        let outcomes = records.outcomes().await;
        let answers = records.stored_answers().await;
        let (accepted, ended) =
            (records.audited("command_accepted").await, records.audited("outcome_known").await);
        assert_eq!(outcomes.len(), testbed.orders.len(), "each order is one command");
        let posted = testbed.answers();
        for (order, device) in &testbed.orders {
            let command = command_of(order);
            let outcome = outcomes[&command].as_ref().unwrap_or_else(|| panic!("{command} has no outcome"));
            let is_there = testbed.sim.device(device).is_some();
            let said = &posted[order];
            check_outcome(outcome.kind(), is_there, said);
            *verdict.outcomes.entry(outcome.kind().as_str()).or_default() += 1;
            assert_eq!(accepted.get(&command), Some(&1), "{command} was accepted once");
            assert!(ended.contains_key(&command), "the outcome of {command} is in the audit log");

            let stored = &answers[&command];
            // The card is in the thread, but if the answer to the post was lost twice, Steward cannot know.
            assert!(stored.is_posted || stored.unclear_posts >= 2, "{command} is not known to be answered");
            // A later report has another text; the same text twice needs a reason.
            let copies = said.iter().filter(|text| **text == said[0]).count();
            let lost_answers = usize::try_from(stored.unclear_posts).unwrap();
            let allowed = 1 + lost_answers + excused.get(order).copied().unwrap_or_default();
            assert!(copies <= allowed, "{copies} cards, and reasons for {allowed}: {said:#?}");
            verdict.cards += 1;
            verdict.cards_twice += usize::from(copies > 1);
            verdict.deleted += usize::from(!is_there);
        }
        verdict.count_calls(testbed);
        verdict
    }

    /// The number of devices proven gone.
    pub fn gone(&self) -> usize {
        self.outcomes.get(OutcomeKind::Gone.as_str()).copied().unwrap_or_default()
    }

    /// A device can be deleted only once; a DELETE that finds none was sent blindly.
    pub fn check_no_second_deletion(testbed: &Testbed) {
        let of_a_device = |call: &&RequestRecord| call.method == "DELETE" && call.path.contains("/devices/");
        for call in testbed.sim.requests().iter().filter(of_a_device) {
            assert_ne!(call.status, Some(404), "deleted again: {}", call.path);
        }
    }

    fn count_calls(&mut self, testbed: &Testbed) {
        Self::check_no_second_deletion(testbed);
        let of_ours = |call: &&RequestRecord| !call.path.contains("/webhooks");
        let calls: Vec<RequestRecord> = testbed.sim.requests().iter().filter(of_ours).cloned().collect();
        self.calls = calls.len();
        self.spoiled = calls.iter().filter(|call| call.faulted).count();
        self.duplicates = testbed.sim.deliveries().iter().filter(|delivery| delivery.repeated).count();
    }
}

/// Checks that the last outcome, in the store and in the thread, is true.
fn check_outcome(kind: OutcomeKind, is_there: bool, said: &[String]) {
    let last = said.last().unwrap();
    let line = format!("Outcome: {kind}");
    assert!(last.lines().any(|said| said == line), "the store says {kind}, the thread: {last}");
    match kind {
        OutcomeKind::Gone => assert!(!is_there, "reported gone, but exists: {last}"),
        OutcomeKind::Failed => assert!(is_there, "reported as not deleted, but gone: {last}"),
        // Nobody else deletes devices in this test.
        OutcomeKind::NotFound => panic!("it existed, and no one else deletes: {last}"),
        OutcomeKind::Accepted | OutcomeKind::Unknown => {}
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut outcomes: Vec<String> =
            self.outcomes.iter().map(|(outcome, count)| format!("{count} {outcome}")).collect();
        outcomes.sort();
        #[expect(clippy::cast_precision_loss, reason = "a percentage for people")]
        let percent = 100.0 * self.spoiled as f64 / self.calls as f64;
        write!(
            f,
            "{} commands accepted, {} outcomes ({}), {} cards ({} of them posted twice after a lost answer), {} \
             devices deleted once each; {} of {} calls spoiled ({percent:.1} %), {} deliveries repeated",
            self.commands,
            self.outcomes.values().sum::<usize>(),
            outcomes.join(", "),
            self.cards,
            self.cards_twice,
            self.deleted,
            self.spoiled,
            self.calls,
            self.duplicates,
        )
    }
}
