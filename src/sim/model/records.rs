//! Devices and workspaces as JSON records: by id, and page by page within an organization.
//!
//! A record is kept as the JSON text of the response, together with the few fields that lists are often filtered by. So
//! a page is assembled from finished text, even with 100,000 devices. Lists continue by offset (`start`), and a page
//! must not cost a walk over all skipped records. Without a filter, a page begins directly at its offset. With a
//! filter, it begins where the previous page ended, unless a record has changed in between.

use std::cell::LazyCell;
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::Arc;

use serde_json::Value;

use crate::sim::error::{ApiError, ApiResult};
use crate::sim::faults::Lingering;
use crate::sim::ids::unpadded;

/// How many filtered lists can be read concurrently without walking over skipped records again.
const CURSORS: usize = 8;

/// A filter parameter of a list, and the function that normalizes its value for comparison.
pub(crate) type FilterParameter = (&'static str, fn(&str) -> String);
/// The filter parameters of a request, with their values; empty matches everything.
pub(crate) type FieldFilter = Vec<(&'static str, String)>;

/// The fields of a record that lists are often filtered by.
pub(crate) trait SearchKeys {
    /// The keys of a record; a field that is missing or of another type matches nothing.
    fn read(fields: &Value, interner: &mut Interner) -> Self;

    /// Whether a parameter matches; none if that takes the whole record.
    fn fits(&self, parameter: &str, wanted: &str) -> Option<bool>;

    /// Whether a parameter matches that is not among the keys.
    fn record_fits(record: &Value, parameter: &str, wanted: &str) -> bool;
}

#[derive(Debug)]
pub(super) struct StoredRecord<K> {
    id: Arc<str>,
    org_id: Arc<str>,
    json: Box<str>,
    pub(super) keys: K,
    /// Set if the record was deleted but can still be read.
    lingering: Option<Lingering>,
}

impl<K: SearchKeys> StoredRecord<K> {
    pub(super) fn parsed(&self) -> Value {
        serde_json::from_str(&self.json).expect("it was written from a JSON value")
    }

    fn fits(&self, filter: &FieldFilter) -> bool {
        let record = LazyCell::new(|| self.parsed());
        filter.iter().all(|(parameter, wanted)| {
            self.keys.fits(parameter, wanted).unwrap_or_else(|| K::record_fits(&record, parameter, wanted))
        })
    }
}

/// A page of a list.
#[derive(Debug)]
pub(crate) struct RecordPage {
    /// The body of the answer.
    pub(crate) body: String,
    /// Whether there is a next page.
    pub(crate) more: bool,
}

/// The position of record number `start` in a filtered list.
#[derive(Debug)]
struct PageCursor {
    org_id: Arc<str>,
    filter: FieldFilter,
    start: usize,
    index: usize,
}

/// All records of one kind, of all organizations, in the order in which they were added.
#[derive(Debug)]
pub(crate) struct RecordStore<K> {
    slots: BTreeMap<u64, StoredRecord<K>>,
    by_id: HashMap<Arc<str>, u64>,
    /// The slots of each organization, in order.
    by_org: HashMap<Arc<str>, Vec<u64>>,
    last_slot: u64,
    cursors: VecDeque<PageCursor>,
    interner: Interner,
}

impl<K> Default for RecordStore<K> {
    fn default() -> Self {
        Self {
            slots: BTreeMap::new(),
            by_id: HashMap::new(),
            by_org: HashMap::new(),
            last_slot: 0,
            cursors: VecDeque::new(),
            interner: Interner::default(),
        }
    }
}

impl<K: SearchKeys> RecordStore<K> {
    /// The number of records, including deleted ones that can still be read.
    pub(crate) fn len(&self) -> usize {
        self.slots.len()
    }

    /// Adds a record, or replaces the one with the same id in its place. Returns its id.
    pub(crate) fn put(&mut self, fields: &Value) -> String {
        let text = |field: &str| fields[field].as_str().unwrap_or_default();
        let id: Arc<str> = text("id").into();
        let org_id = self.interner.shared(text("orgId"));
        let keys = K::read(fields, &mut self.interner);
        let json = fields.to_string().into();
        let record =
            StoredRecord { id: Arc::clone(&id), org_id: Arc::clone(&org_id), json, keys, lingering: None };
        let slot = self.by_id.get(&id).copied().unwrap_or_else(|| {
            self.last_slot += 1;
            self.last_slot
        });
        self.cursors.clear();
        let returned = id.to_string();
        let before = self.slots.insert(slot, record);
        if before.as_ref().is_some_and(|before| before.org_id == org_id) {
            return returned;
        }
        if let Some(before) = before {
            self.leave(&before.org_id, slot);
        }
        self.by_id.insert(id, slot);
        let slots = self.by_org.entry(org_id).or_default();
        if let Err(index) = slots.binary_search(&slot) {
            slots.insert(index, slot);
        }
        returned
    }

    /// Changes fields of a record; `null` removes a field. Returns the changed record, if it exists.
    pub(crate) fn change(&mut self, id: &str, fields: &Value) -> Option<Value> {
        let mut record = self.find(id)?;
        merge(&mut record, fields);
        self.put(&record);
        self.find(id)
    }

    /// Removes a record at once, without lingering. Returns whether it existed.
    pub(crate) fn remove(&mut self, id: &str) -> bool {
        let slot = self.by_id.get(unpadded(id)).copied();
        slot.is_some_and(|slot| self.remove_slot(slot))
    }

    fn remove_slot(&mut self, slot: u64) -> bool {
        let Some(record) = self.slots.remove(&slot) else { return false };
        self.cursors.clear();
        self.by_id.remove(&record.id);
        self.leave(&record.org_id, slot);
        true
    }

    /// Removes all records whose keys match.
    pub(super) fn remove_all(&mut self, matches: impl Fn(&K) -> bool) {
        let slots: Vec<u64> =
            self.slots.iter().filter(|(_, record)| matches(&record.keys)).map(|(slot, _)| *slot).collect();
        for slot in slots {
            self.remove_slot(slot);
        }
    }

    fn leave(&mut self, org_id: &Arc<str>, slot: u64) {
        if let Some(slots) = self.by_org.get_mut(org_id)
            && let Ok(index) = slots.binary_search(&slot)
        {
            slots.remove(index);
        }
    }

    /// The records that are not deleted.
    pub(super) fn present(&self) -> impl Iterator<Item = &StoredRecord<K>> {
        self.slots.values().filter(|record| record.lingering.is_none())
    }

    /// The records that are not deleted, as JSON.
    pub(crate) fn all(&self) -> impl Iterator<Item = Value> {
        self.present().map(StoredRecord::parsed)
    }

    /// The record with this id, unless it is deleted.
    pub(crate) fn find(&self, id: &str) -> Option<Value> {
        let record = self.slots.get(self.by_id.get(unpadded(id))?)?;
        record.lingering.is_none().then(|| record.parsed())
    }

    /// The record with this id within one organization, unless it is deleted.
    pub(crate) fn find_in(&self, org_id: &str, id: &str) -> ApiResult<Value> {
        self.find(id).filter(|record| record["orgId"] == org_id).ok_or_else(ApiError::not_found)
    }

    fn slot_in(&self, org_id: &str, id: &str) -> ApiResult<u64> {
        let slot = self.by_id.get(unpadded(id)).copied();
        let own = slot.filter(|slot| self.slots.get(slot).is_some_and(|record| *record.org_id == *org_id));
        own.ok_or_else(ApiError::not_found)
    }

    /// `GET` of one record within one organization: the body.
    pub(crate) fn show(&mut self, org_id: &str, id: &str) -> ApiResult<String> {
        let slot = self.slot_in(org_id, id)?;
        let json = self.slots.get(&slot).map(|record| record.json.to_string());
        self.count_reading(slot);
        json.ok_or_else(ApiError::not_found)
    }

    /// `DELETE` within one organization.
    pub(crate) fn delete(&mut self, org_id: &str, id: &str, lingering: Option<Lingering>) -> ApiResult<()> {
        let slot = self.slot_in(org_id, id)?;
        let record = self.slots.get_mut(&slot).filter(|record| record.lingering.is_none());
        let record = record.ok_or_else(ApiError::not_found)?;
        match lingering {
            None | Some(Lingering::Reads(0)) => {
                self.remove_slot(slot);
            }
            stays => record.lingering = stays,
        }
        Ok(())
    }

    /// Counts one response that shows a deleted record, and removes the record after the last one.
    fn count_reading(&mut self, slot: u64) {
        let record = self.slots.get_mut(&slot);
        if let Some(Lingering::Reads(left)) = record.and_then(|record| record.lingering.as_mut()) {
            *left = left.saturating_sub(1);
            if *left == 0 {
                self.remove_slot(slot);
            }
        }
    }

    /// The records `start` to `start + max` among those of an organization that match a filter.
    pub(crate) fn page(
        &mut self,
        org_id: &str,
        filter: &FieldFilter,
        start: usize,
        max: usize,
    ) -> RecordPage {
        let (slots, more) = self.slots_of_page(org_id, filter, start, max);
        let shown = slots.iter().filter_map(|slot| self.slots.get(slot)).map(|record| &*record.json);
        let body = format!(r#"{{"items":[{}]}}"#, shown.collect::<Vec<_>>().join(","));
        for slot in slots {
            self.count_reading(slot);
        }
        RecordPage { body, more }
    }

    fn slots_of_page(
        &mut self,
        org_id: &str,
        filter: &FieldFilter,
        start: usize,
        max: usize,
    ) -> (Vec<u64>, bool) {
        let Some((org_id, slots)) = self.by_org.get_key_value(org_id) else { return (Vec::new(), false) };
        let fits = |slot: &u64| self.slots.get(slot).is_some_and(|record| record.fits(filter));
        let (mut index, mut skip) = self.beginning_of_page(org_id, filter, start);
        let mut found = Vec::new();
        while let Some(slot) = slots.get(index).filter(|_| found.len() < max) {
            index += 1;
            if !fits(slot) {
                continue;
            }
            if skip > 0 {
                skip -= 1;
            } else {
                found.push(*slot);
            }
        }
        let Some(gap) = slots.get(index..).and_then(|rest| rest.iter().position(fits)) else {
            return (found, false);
        };
        let (org_id, filter) = (Arc::clone(org_id), filter.clone());
        let cursor = PageCursor { org_id, filter, start: start + found.len(), index: index + gap };
        self.cursors.truncate(CURSORS - 1);
        self.cursors.push_front(cursor);
        (found, true)
    }

    /// The index from which to look for record number `start`, and the number of matching records to skip from there.
    fn beginning_of_page(&self, org_id: &Arc<str>, filter: &FieldFilter, start: usize) -> (usize, usize) {
        if filter.is_empty() {
            return (start, 0);
        }
        let mut cursors = self.cursors.iter();
        let known =
            cursors.find(|known| known.start == start && known.org_id == *org_id && known.filter == *filter);
        known.map_or((0, start), |cursor| (cursor.index, 0))
    }
}

/// Strings that many records share, each kept once.
#[derive(Debug, Default)]
pub(crate) struct Interner(HashSet<Arc<str>>);

impl Interner {
    pub(super) fn shared(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.0.get(text) {
            return Arc::clone(known);
        }
        let text: Arc<str> = text.into();
        self.0.insert(Arc::clone(&text));
        text
    }
}

/// Overrides fields of a record; `null` removes a field.
pub(crate) fn merge(record: &mut Value, fields: &Value) {
    let (Value::Object(record), Value::Object(fields)) = (record, fields) else { return };
    for (field, value) in fields {
        if value.is_null() {
            record.remove(field);
        } else {
            record.insert(field.clone(), value.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[derive(Debug)]
    struct Number(u64);

    impl SearchKeys for Number {
        fn read(fields: &Value, _: &mut Interner) -> Self {
            Self(fields["value"].as_u64().unwrap())
        }

        fn fits(&self, parameter: &str, wanted: &str) -> Option<bool> {
            (parameter == "divisor").then(|| self.0.is_multiple_of(wanted.parse().unwrap()))
        }

        fn record_fits(record: &Value, _: &str, wanted: &str) -> bool {
            record["value"].as_u64().unwrap().is_multiple_of(wanted.parse().unwrap())
        }
    }

    fn number(value: u64) -> Value {
        let org_id = if value.is_multiple_of(7) { "other" } else { "own" };
        json!({ "id": value.to_string(), "orgId": org_id, "value": value })
    }

    fn values(page: &RecordPage) -> Vec<u64> {
        let body: Value = serde_json::from_str(&page.body).unwrap();
        body["items"].as_array().unwrap().iter().map(|record| record["value"].as_u64().unwrap()).collect()
    }

    proptest! {
        #[test]
        fn a_page_is_the_same_whether_its_cursor_is_known_or_not(
            count in 0_u64..120,
            gone in proptest::collection::vec(0_u64..120, 0..20),
            by in proptest::option::of((prop_oneof![Just("divisor"), Just("rare divisor")], 1_u64..5)),
            max in 1_usize..20,
            change_at in 0_usize..6,
        ) {
            let mut store = RecordStore::<Number>::default();
            for value in 0..count {
                store.put(&number(value));
            }
            let filter: FieldFilter =
                by.iter().map(|(parameter, divisor)| (*parameter, divisor.to_string())).collect();
            let fits = |value: u64| by.is_none_or(|(_, divisor)| value.is_multiple_of(divisor));
            for round in 0..10 {
                if round == change_at {
                    for value in &gone {
                        store.remove(&value.to_string());
                    }
                }
                let start = round * max;
                let expected: Vec<u64> = store.all()
                    .filter(|record| record["orgId"] == "own")
                    .map(|record| record["value"].as_u64().unwrap())
                    .filter(|value| fits(*value))
                    .collect();
                let page = store.page("own", &filter, start, max);
                let wanted: Vec<u64> = expected.iter().copied().skip(start).take(max).collect();
                prop_assert_eq!(values(&page), wanted);
                prop_assert_eq!(page.more, expected.len() > start + max);
            }
        }
    }

    #[test]
    fn a_record_that_moves_to_another_organization_leaves_the_first() {
        let mut store = RecordStore::<Number>::default();
        store.put(&number(1));
        store.put(&number(2));
        store.put(&json!({ "id": "1", "orgId": "other", "value": 1 }));
        let mut listed = |org_id: &str| values(&store.page(org_id, &Vec::new(), 0, 9));
        assert_eq!([listed("own"), listed("other"), listed("nobody")], [vec![2], vec![1], vec![]]);
    }
}
