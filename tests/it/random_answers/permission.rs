//! The changes that a command of Ana's permits: of the records that she named or chose, once she has confirmed whatever
//! must be confirmed, and only as the card showed them.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::story::Order;

/// The longest age of a decision on which a change may be sent, and of a card that can be confirmed.
pub const LIFETIME: SignedDuration = SignedDuration::from_mins(15);

/// The record that a reference names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Naming {
    /// No record: it does not read as it is meant, or only looks like the name of one.
    Nothing,
    One,
    /// Records whose names read alike, until Ana has chosen one.
    Several,
}

/// A card that asks Ana to confirm, as it was when she first saw it.
#[derive(Debug, Clone)]
pub struct Shown {
    pub card: String,
    pub at: Timestamp,
    /// The ids of the records on it, each with the facts by which people know it.
    pub records: Vec<(String, Value)>,
}

/// A command that Ana has sent.
#[derive(Debug, Clone)]
pub struct Ordered {
    pub order: Order,
    pub naming: Naming,
    pub message: String,
    /// When Ana decided last: with the command, or with a press.
    pub decided_at: Timestamp,
    /// The ids of the records that it may change by now.
    pub targets: Vec<String>,
    /// Whether Ana has confirmed what else changes.
    pub is_confirmed: bool,
    /// Whether there is an answer.
    pub is_seen: bool,
    /// The last card that asked her to confirm.
    pub shown: Option<Shown>,
    has_calling: bool,
}

impl Ordered {
    pub fn new(order: Order, naming: Naming, message: String, now: Timestamp, has_calling: bool) -> Self {
        Self {
            order,
            naming,
            message,
            decided_at: now,
            targets: Vec::new(),
            is_confirmed: false,
            is_seen: false,
            shown: None,
            has_calling,
        }
    }

    /// Whether the command needs no press.
    pub fn acts_at_once(&self) -> bool {
        self.naming == Naming::One && !self.order.is_asked_about(false, self.has_calling)
    }

    /// Ana chooses one of several. `meant` are the records that she means.
    pub fn choose(&mut self, meant: Vec<String>, now: Timestamp) {
        self.decided_at = now;
        self.naming = Naming::One;
        if !self.order.is_asked_about(true, self.has_calling) {
            self.targets = meant;
        }
    }

    /// Ana confirms the last card. `facts` are those of a record by now: one that has changed is not the one on the card.
    pub fn confirm(&mut self, now: Timestamp, facts: impl Fn(&str) -> Value) {
        self.decided_at = now;
        if let Some(shown) = self.shown.as_ref().filter(|shown| now < shown.at + LIFETIME) {
            let unchanged = shown.records.iter().filter(|(id, before)| facts(id) == *before);
            self.targets = unchanged.map(|(id, _)| id.clone()).collect();
            self.is_confirmed = true;
        }
    }
}
