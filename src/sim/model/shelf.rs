//! Records in the order in which they were added: by id, and page by page within an organization.
//!
//! The lists of the admin APIs go on by counting (`start`). Whoever follows the links to the end must not walk over
//! everything that was skipped for each page: a page without a filter begins where it is told to, and one with a
//! filter where the page before it ended, as long as nothing has changed in between.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use crate::sim::ids::unpadded;

/// How many lists can be paged through side by side without walking again.
const PLACES: usize = 8;

/// What stands on a shelf.
pub trait Record {
    /// What lists of it are filtered by; the default lets everything through.
    type Filter: Clone + Default + PartialEq;

    /// Its id, unpadded.
    fn id(&self) -> &Arc<str>;

    /// The organization that it belongs to.
    fn org_id(&self) -> &Arc<str>;

    /// Whether it is one of those asked for.
    fn fits(&self, filter: &Self::Filter) -> bool;
}

/// A page: where its records stand, and whether there are more behind them.
#[derive(Debug)]
pub struct Slice {
    /// The slots, in order.
    pub slots: Vec<u64>,
    /// Whether there is a next page.
    pub more: bool,
}

/// Where the record number `start` of a list is to be looked for.
#[derive(Debug)]
struct Place<F> {
    org_id: Arc<str>,
    filter: F,
    start: usize,
    index: usize,
}

/// All records of one kind.
#[derive(Debug)]
pub struct Shelf<T: Record> {
    slots: BTreeMap<u64, T>,
    by_id: HashMap<Arc<str>, u64>,
    /// The slots of each organization, in order.
    of_org: HashMap<Arc<str>, Vec<u64>>,
    next: u64,
    places: VecDeque<Place<T::Filter>>,
}

impl<T: Record> Default for Shelf<T> {
    fn default() -> Self {
        Self {
            slots: BTreeMap::new(),
            by_id: HashMap::new(),
            of_org: HashMap::new(),
            next: 0,
            places: VecDeque::new(),
        }
    }
}

impl<T: Record> Shelf<T> {
    /// How many records there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Adds a record, or replaces the one with the same id in its place.
    pub fn put(&mut self, record: T) {
        let known = self.by_id.get(record.id()).copied();
        let slot = known.unwrap_or_else(|| {
            self.next += 1;
            self.next
        });
        self.places.clear();
        let (id, org_id) = (Arc::clone(record.id()), Arc::clone(record.org_id()));
        let before = self.slots.insert(slot, record);
        if before.as_ref().is_some_and(|before| *before.org_id() == org_id) {
            return;
        }
        if let Some(before) = before {
            self.leave(before.org_id(), slot);
        }
        self.by_id.insert(id, slot);
        let slots = self.of_org.entry(org_id).or_default();
        if let Err(index) = slots.binary_search(&slot) {
            slots.insert(index, slot);
        }
    }

    /// The slot of the record with this id, padded or not.
    #[must_use]
    pub fn slot_of(&self, id: &str) -> Option<u64> {
        self.by_id.get(unpadded(id)).copied()
    }

    /// The record in a slot.
    #[must_use]
    pub fn at(&self, slot: u64) -> Option<&T> {
        self.slots.get(&slot)
    }

    /// The record in a slot, to change what neither its id nor a filter depends on.
    pub fn at_mut(&mut self, slot: u64) -> Option<&mut T> {
        self.slots.get_mut(&slot)
    }

    /// The record with this id, padded or not.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&T> {
        self.slot_of(id).and_then(|slot| self.at(slot))
    }

    /// Takes a record away.
    pub fn remove(&mut self, slot: u64) -> Option<T> {
        let record = self.slots.remove(&slot)?;
        self.places.clear();
        self.by_id.remove(record.id());
        self.leave(record.org_id(), slot);
        Some(record)
    }

    fn leave(&mut self, org_id: &Arc<str>, slot: u64) {
        if let Some(slots) = self.of_org.get_mut(org_id)
            && let Ok(index) = slots.binary_search(&slot)
        {
            slots.remove(index);
        }
    }

    /// All records of all organizations.
    pub fn all(&self) -> impl Iterator<Item = &T> {
        self.slots.values()
    }

    /// The records number `start` to `start + max` of an organization that fit a filter.
    pub fn page(&mut self, org_id: &str, filter: &T::Filter, start: usize, max: usize) -> Slice {
        let Some((org_id, slots)) = self.of_org.get_key_value(org_id) else {
            return Slice { slots: Vec::new(), more: false };
        };
        let (mut index, mut skip) = self.entrance(org_id, filter, start);
        let mut found = Vec::new();
        while let Some(slot) = slots.get(index).filter(|_| found.len() < max) {
            index += 1;
            if !self.slots.get(slot).is_some_and(|record| record.fits(filter)) {
                continue;
            }
            if skip > 0 {
                skip -= 1;
            } else {
                found.push(*slot);
            }
        }
        let fits = |slot: &u64| self.slots.get(slot).is_some_and(|record| record.fits(filter));
        let more = slots.get(index..).and_then(|rest| rest.iter().position(fits));
        if let Some(gap) = more {
            let place = Place {
                org_id: Arc::clone(org_id),
                filter: filter.clone(),
                start: start + found.len(),
                index: index + gap,
            };
            self.remember(place);
        }
        Slice { slots: found, more: more.is_some() }
    }

    /// Where to begin looking for the record number `start`, and how many fitting ones to skip from there.
    fn entrance(&self, org_id: &Arc<str>, filter: &T::Filter, start: usize) -> (usize, usize) {
        if *filter == T::Filter::default() {
            return (start, 0);
        }
        let known = self
            .places
            .iter()
            .find(|place| place.start == start && place.org_id == *org_id && place.filter == *filter);
        known.map_or((0, start), |place| (place.index, 0))
    }

    fn remember(&mut self, place: Place<T::Filter>) {
        self.places.truncate(PLACES - 1);
        self.places.push_front(place);
    }
}

/// Strings that many records share, each kept once.
#[derive(Debug, Default)]
pub struct Words(std::collections::HashSet<Arc<str>>);

impl Words {
    /// The one copy of a string.
    pub fn shared(&mut self, word: &str) -> Arc<str> {
        if let Some(known) = self.0.get(word) {
            return Arc::clone(known);
        }
        let word: Arc<str> = word.into();
        self.0.insert(Arc::clone(&word));
        word
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Debug)]
    struct Number {
        id: Arc<str>,
        org_id: Arc<str>,
        value: u64,
    }

    impl Record for Number {
        /// Divisible by this, if by anything.
        type Filter = Option<u64>;

        fn id(&self) -> &Arc<str> {
            &self.id
        }

        fn org_id(&self) -> &Arc<str> {
            &self.org_id
        }

        fn fits(&self, filter: &Self::Filter) -> bool {
            filter.is_none_or(|by| self.value.is_multiple_of(by))
        }
    }

    fn number(value: u64) -> Number {
        let org_id = if value.is_multiple_of(7) { "other" } else { "own" };
        Number { id: value.to_string().into(), org_id: org_id.into(), value }
    }

    proptest! {
        #[test]
        fn a_page_is_the_same_whether_its_place_was_remembered_or_not(
            count in 0_u64..120,
            gone in proptest::collection::vec(0_u64..120, 0..20),
            by in proptest::option::of(1_u64..5),
            max in 1_usize..20,
            change_at in 0_usize..6,
        ) {
            let mut shelf = Shelf::default();
            for value in 0..count {
                shelf.put(number(value));
            }
            for round in 0..10 {
                if round == change_at {
                    for value in &gone {
                        if let Some(slot) = shelf.slot_of(&value.to_string()) {
                            shelf.remove(slot);
                        }
                    }
                }
                let start = round * max;
                let expected: Vec<u64> =
                    shelf.all().filter(|one| &*one.org_id == "own" && one.fits(&by)).map(|one| one.value).collect();
                let page = shelf.page("own", &by, start, max);
                let found: Vec<u64> =
                    page.slots.iter().map(|slot| shelf.at(*slot).unwrap().value).collect();
                let wanted: Vec<u64> = expected.iter().copied().skip(start).take(max).collect();
                prop_assert_eq!(found, wanted);
                prop_assert_eq!(page.more, expected.len() > start + max);
            }
        }
    }

    #[test]
    fn a_record_that_moves_to_another_organization_leaves_the_first() {
        let mut shelf = Shelf::default();
        shelf.put(number(1));
        shelf.put(number(2));
        shelf.put(Number { org_id: "other".into(), ..number(1) });
        assert_eq!(shelf.page("own", &None, 0, 9).slots, [2]);
        assert_eq!(shelf.page("other", &None, 0, 9).slots, [1]);
        assert!(shelf.page("nobody", &None, 0, 9).slots.is_empty());
    }
}
