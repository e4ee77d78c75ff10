//! The invariants of every story, at every moment.

use proptest::prelude::*;
use steward::domain::OutcomeKind;
use steward::domain::audit::{AuditEvent, ChangeResult};

use super::changes::{Change, tags_of};
use super::permission::{LIFETIME, Naming, Ordered};
use super::records::{ADDED, question_on};
use super::stage::{Stage, changes_sent, changes_sent_after};
use super::story::{Order, Trouble};
use crate::world::Answer;

type Holds = Result<(), TestCaseError>;

impl Stage {
    /// Checks everything that holds at any moment.
    pub async fn check(&self) -> Holds {
        // Looked at first, because a world insists that all answers are.
        let answers = self.world.all_answers();
        self.only_what_was_named_or_shown_has_changed()?;
        self.gone_is_said_only_of_devices_that_are_gone(&answers).await?;
        self.names_that_read_alike_lead_to_a_choice()?;
        for ordered in &self.orders {
            for answer in self.world.answers_to(&ordered.message) {
                self.the_answer_is_true(ordered, &answer)?;
            }
        }
        if let Some(before) = self.changes_when_ana_left {
            prop_assert_eq!(changes_sent(&self.world), before, "a change for someone who left");
        }
        let decided_at = self.orders.iter().map(|ordered| ordered.decided_at).max();
        let latest = decided_at.map(|decided_at| decided_at + LIFETIME);
        prop_assert_eq!(changes_sent_after(&self.world, latest), 0, "a late change");
        Ok(())
    }

    async fn gone_is_said_only_of_devices_that_are_gone(&self, answers: &[Answer]) -> Holds {
        let is_there = self.world.device_exists(&self.records.device);
        for answer in answers {
            let says_gone = answer.outcome() == "gone" || answer.text.contains("nothing left to do");
            prop_assert!(!says_gone || !is_there, "the device is there, but: {}", answer.text);
        }
        for entry in self.world.audit().await {
            if let AuditEvent::OutcomeKnown { outcome, .. } = entry.event {
                prop_assert!(
                    outcome.kind() != OutcomeKind::Gone || !is_there,
                    "the device is there: {outcome:?}"
                );
            }
        }
        Ok(())
    }

    fn only_what_was_named_or_shown_has_changed(&self) -> Holds {
        let changes = self.ledger.changes(&self.world.sim);
        for change in &changes {
            let is_permitted = self.orders.iter().any(|ordered| permits(ordered, change));
            prop_assert!(is_permitted || self.is_lost_by_others(change), "nobody asked for {change:?}");
        }
        let added = changes.iter().filter(|change| matches!(change, Change::Added { .. })).count();
        prop_assert!(added <= 1, "added twice");
        let codes = changes.iter().filter(|change| matches!(change, Change::CodeMade { .. })).count();
        let wanted = |ordered: &&Ordered| matches!(ordered.order, Order::Activate(_));
        prop_assert!(codes <= self.orders.iter().filter(wanted).count(), "{codes} codes");
        Ok(())
    }

    /// Whether others set a tag while Webex was replacing the whole list, which it cannot do in another way.
    fn is_lost_by_others(&self, change: &Change) -> bool {
        let is_removing = |ordered: &Ordered| ordered.order.tags().is_some_and(|tags| tags.remove.is_some());
        self.story.is_meddled
            && self.orders.iter().any(is_removing)
            && matches!(change, Change::Untagged { tag, .. } if tag == "by-others")
    }

    /// As long as Webex shows all records.
    fn names_that_read_alike_lead_to_a_choice(&self) -> Holds {
        if self.story.troubles.iter().any(|(_, trouble, ..)| *trouble == Trouble::ListLies) {
            return Ok(());
        }
        for ordered in self.orders.iter().filter(|ordered| ordered.naming != Naming::One) {
            let answers = self.world.answers_to(&ordered.message);
            let question = answers.iter().find(|answer| question_on(answer).is_some());
            prop_assert!(question.is_none(), "{:?} was picked: {question:#?}", ordered.naming);
        }
        Ok(())
    }

    /// Whether an answer in the thread of a command is true by now.
    fn the_answer_is_true(&self, ordered: &Ordered, answer: &Answer) -> Holds {
        let effects: Vec<Change> = self.effects_of(ordered);
        let text = answer.text.to_lowercase();
        let says_nothing = ["nothing was done", "nothing was changed", "✕ tags not changed"];
        // Of a deletion, only a read tells.
        if !matches!(ordered.order, Order::Delete(_)) && says_nothing.iter().any(|says| text.contains(says)) {
            prop_assert!(effects.is_empty(), "{effects:?}, but: {}", answer.text);
        }
        match (answer.headline(), ordered.order) {
            (
                "✓ Tags changed and verified" | "✓ Nothing to change: the tags are already like this",
                Order::Tag(_, tags) | Order::TagMany(tags),
            ) => {
                for device in ordered.targets.iter().filter_map(|id| self.world.sim.device(id)) {
                    let has = tags_of(&device);
                    let lacks = tags.add.filter(|tag| !has.iter().any(|had| had == tag));
                    let keeps = tags.remove.filter(|tag| has.iter().any(|had| had == tag));
                    prop_assert!(
                        lacks.is_none() && keeps.is_none(),
                        "{lacks:?} lost or {keeps:?} kept by {}: {}",
                        device["displayName"],
                        answer.text
                    );
                }
            }
            ("✓ Added" | "✓ Activation code created", Order::Add(_) | Order::Activate(_)) => {
                prop_assert!(!effects.is_empty(), "not done: {}", answer.text);
            }
            _ => {}
        }
        Ok(())
    }

    /// The changes that a command has made.
    fn effects_of(&self, ordered: &Ordered) -> Vec<Change> {
        let changes = self.ledger.changes(&self.world.sim).into_iter();
        changes.filter(|change| is_of(ordered.order, change)).collect()
    }

    /// Checks that every change has its intent and its end in the audit log, once nothing more will happen.
    pub async fn check_end(&self) -> Holds {
        let audit: Vec<AuditEvent> = self.world.audit().await.into_iter().map(|entry| entry.event).collect();
        let changes = self.ledger.changes(&self.world.sim);
        let codes = changes.iter().filter(|change| matches!(change, Change::CodeMade { .. })).count();
        for change in &changes {
            let at_least = if matches!(change, Change::CodeMade { .. }) { codes } else { 1 };
            let intents = audit.iter().filter(|event| intends(event, change)).count();
            let ends = audit.iter().filter(|event| ends_with(event, change)).count();
            prop_assert!(
                intents >= at_least && ends >= at_least,
                "{change:?} has {intents} intents and {ends} ends in the audit log: {:#?}",
                self.world.all_answers().iter().map(|answer| answer.text.clone()).collect::<Vec<_>>()
            );
        }
        Ok(())
    }
}

/// Whether a command may have made this change by now.
fn permits(ordered: &Ordered, change: &Change) -> bool {
    let is_target = |id: &String| ordered.targets.contains(id);
    match change {
        Change::Deleted { device } | Change::Tagged { device, .. } | Change::Untagged { device, .. } => {
            is_of(ordered.order, change) && is_target(device)
        }
        Change::Added { place, .. } | Change::CodeMade { place } => {
            is_of(ordered.order, change) && is_target(place)
        }
        Change::CallingReset { workspace } => {
            matches!(ordered.order, Order::Add(_) | Order::Activate(_))
                && ordered.is_confirmed
                && is_target(workspace)
        }
        Change::Other { .. } => false,
    }
}

/// Whether such a command makes such a change.
fn is_of(order: Order, change: &Change) -> bool {
    match change {
        Change::Deleted { .. } => matches!(order, Order::Delete(_)),
        Change::Tagged { tag, .. } => order.tags().is_some_and(|tags| tags.add == Some(tag.as_str())),
        Change::Untagged { tag, .. } => order.tags().is_some_and(|tags| tags.remove == Some(tag.as_str())),
        Change::Added { mac, .. } => matches!(order, Order::Add(_)) && mac == ADDED,
        Change::CodeMade { .. } => matches!(order, Order::Activate(_)),
        Change::CallingReset { .. } | Change::Other { .. } => false,
    }
}

fn intends(event: &AuditEvent, change: &Change) -> bool {
    match (change, event) {
        (Change::Deleted { device }, AuditEvent::DeleteIntended { device: facts, .. }) => {
            facts.id.as_str() == device
        }
        (Change::Tagged { device, tag }, AuditEvent::TagsIntended { device_id, after, .. }) => {
            device_id.as_str() == device && after.contains(tag)
        }
        (Change::Untagged { device, tag }, AuditEvent::TagsIntended { device_id, after, .. }) => {
            device_id.as_str() == device && !after.contains(tag)
        }
        (Change::Added { place, .. }, AuditEvent::AdditionIntended { place: to, .. })
        | (Change::CodeMade { place }, AuditEvent::ActivationIntended { place: to }) => to.ends_with(place),
        (Change::CallingReset { .. } | Change::Other { .. }, _) => true,
        _ => false,
    }
}

/// Whether an entry tells how the intent of a change ended, and does not deny the change.
fn ends_with(event: &AuditEvent, change: &Change) -> bool {
    let is_unknown = |result: &ChangeResult| *result == ChangeResult::Unknown;
    match (change, event) {
        (Change::Deleted { device }, AuditEvent::OutcomeKnown { device_id, .. }) => {
            device_id.as_str() == device
        }
        (Change::Tagged { device, tag }, AuditEvent::TagsChanged { device_id, after, .. }) => {
            device_id.as_str() == device && after.contains(tag)
        }
        (Change::Untagged { device, tag }, AuditEvent::TagsChanged { device_id, after, .. }) => {
            device_id.as_str() == device && !after.contains(tag)
        }
        (
            Change::Tagged { device, .. } | Change::Untagged { device, .. },
            AuditEvent::ChangeEnded { device_id: Some(id), result, .. },
        ) => id.as_str() == device && is_unknown(result),
        (Change::Added { place, .. }, AuditEvent::DeviceAdded { place: to, .. })
        | (Change::CodeMade { place }, AuditEvent::ActivationCodeMade { place: to }) => to.ends_with(place),
        (
            Change::Added { place, .. } | Change::CodeMade { place },
            AuditEvent::ChangeEnded { place: Some(to), result, .. },
        ) => to.ends_with(place) && is_unknown(result),
        (Change::CallingReset { .. } | Change::Other { .. }, _) => true,
        _ => false,
    }
}
