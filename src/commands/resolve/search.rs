//! Collects the records that match a reference while their list streams by. Pure.
//!
//! One rule for devices, workspaces and people: a record is selected only if it is the only one that matches. Names
//! match if they read alike, so two names that differ in case or in spaces lead to a choice.

use super::compare::Typed;
use super::nearest::{Nearest, Similar};
use super::record::{MatchedBy, Record};
use crate::domain::Count;

/// The most candidates that are kept, because a longer list does not help to choose.
pub(crate) const MAX_CANDIDATES: usize = 50;

/// A record that matches a reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Match<R> {
    pub(crate) record: R,
    /// The strongest property, if several match.
    pub(crate) by: MatchedBy,
}

/// The result of a search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Resolution<M, R> {
    One(Box<M>),
    /// None is selected until the requester chooses.
    Several {
        /// At most [`MAX_CANDIDATES`]; a single one if another may have the same name in the part of a list that was
        /// not read.
        candidates: Vec<M>,
        count: Count,
        /// The records that were checked, if not all of them were.
        part: Option<usize>,
    },
    None {
        similar: Similar<R>,
        searched: SearchExtent,
    },
}

/// The extent of a search without a match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SearchExtent {
    /// Only the id, because the text is one.
    IdOnly,
    /// Everything that Webex lists.
    WholeList {
        count: usize,
        /// Records that could not be read, each of which may have been the one.
        unreadable: usize,
    },
    /// Not everything: the list is too long, or Webex does not show it.
    PartOfList {
        /// The records that were checked.
        count: usize,
    },
}

impl<M, R> Resolution<M, R> {
    /// No record has this id.
    pub(super) fn no_such_id() -> Self {
        let similar = Similar { records: Vec::new(), has_more: false };
        Self::None { similar, searched: SearchExtent::IdOnly }
    }

    pub(super) fn map<N>(self, mut each: impl FnMut(M) -> N) -> Resolution<N, R> {
        match self {
            Self::One(one) => Resolution::One(Box::new(each(*one))),
            Self::Several { candidates, count, part } => {
                Resolution::Several { candidates: candidates.into_iter().map(each).collect(), count, part }
            }
            Self::None { similar, searched } => Resolution::None { similar, searched },
        }
    }
}

/// A search in progress. It keeps the candidates and the nearest records, and does not grow with the number of records
/// checked.
#[derive(Debug, Clone)]
pub(super) struct Search<R> {
    typed: Typed,
    candidates: Vec<Match<R>>,
    has_more: bool,
    nearest: Nearest<R>,
    count: usize,
}

impl<R: Record> Search<R> {
    pub(super) fn new(typed: &Typed) -> Self {
        Self {
            typed: typed.clone(),
            candidates: Vec::new(),
            has_more: false,
            nearest: Nearest::default(),
            count: 0,
        }
    }

    /// Checks one record. Checking it twice changes nothing.
    pub(super) fn check(&mut self, record: &R) {
        self.count += 1;
        match record.matched_by(&self.typed) {
            Some(by) => self.add(record, by),
            // Similar records matter only while nothing matches.
            None if self.candidates.is_empty() => self.nearest.check(record, &self.typed),
            None => {}
        }
    }

    pub(super) fn check_all(&mut self, records: &[R]) {
        for record in records {
            self.check(record);
        }
    }

    fn add(&mut self, record: &R, by: MatchedBy) {
        if let Some(known) = self.candidates.iter_mut().find(|known| known.record.id() == record.id()) {
            // The record may have changed between two pages: a match on either counts.
            known.by = known.by.min(by);
        } else if self.candidates.len() < MAX_CANDIDATES {
            self.candidates.push(Match { record: record.clone(), by });
        } else {
            self.has_more = true;
        }
    }

    /// Adds the candidates of another search for the same reference.
    pub(super) fn merge(&mut self, other: &Self) {
        for Match { record, by } in &other.candidates {
            self.add(record, *by);
        }
        self.has_more |= other.has_more;
    }

    /// Whether exactly one record matches, and by more than its name.
    pub(super) fn is_decided(&self) -> bool {
        matches!(self.candidates.as_slice(), [only] if only.by < MatchedBy::Name)
    }

    /// Whether more records match than are kept.
    pub(super) fn has_more(&self) -> bool {
        self.has_more
    }

    /// Whether nothing matches so far.
    pub(super) fn is_empty(&self) -> bool {
        self.candidates.is_empty()
    }

    /// The result once everything was checked that `searched` says.
    pub(super) fn conclude(mut self, read: Read) -> Resolution<Match<R>, R> {
        let kept = self.candidates.len() as u64;
        let is_certain = read != Read::Part || self.is_decided();
        match self.candidates.len() {
            0 => Resolution::None {
                similar: self.nearest.finish(),
                searched: match read {
                    Read::Whole { unreadable } => SearchExtent::WholeList { count: self.count, unreadable },
                    Read::Part => SearchExtent::PartOfList { count: self.count },
                },
            },
            1 if is_certain => Resolution::One(Box::new(self.candidates.remove(0))),
            _ => {
                // Stable: equals keep the order of the list.
                self.candidates.sort_by_key(|candidate| candidate.by);
                let count = match (self.has_more, read) {
                    (true, _) => Count::MoreThan(kept),
                    (false, Read::Whole { unreadable: 0 }) => Count::Exactly(kept),
                    // A record that was not read may match as well.
                    (false, _) => Count::AtLeast(kept),
                };
                let part = (read == Read::Part).then_some(self.count);
                Resolution::Several { candidates: self.candidates, count, part }
            }
        }
    }
}

/// How much of a list was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Read {
    /// All of it, except for some records that could not be read.
    Whole { unreadable: usize },
    /// Not all of it.
    Part,
}
