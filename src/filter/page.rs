//! One page of a list, and the counts of the whole list, collected while devices stream by.
//!
//! Memory grows with the page, not with the fleet. An unsorted list keeps only the rows of the page; a sorted list
//! keeps the rows of earlier pages too, because a later device may still displace them.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::field::RelatedNames;
use super::sort::{Sort, SortRank};
use crate::domain::Device;

/// Most states or products counted by name; further ones are counted together. Webex has a few dozen.
pub(super) const MAX_COUNTED: usize = 200;

/// Counts over a whole list.
#[derive(Debug)]
pub(crate) struct ListSummary {
    pub(crate) total: usize,
    /// The most frequent status first; no name for devices without a status.
    pub(crate) by_status: Vec<(Option<String>, usize)>,
    /// The most frequent product first; no name for devices without a product.
    pub(crate) by_product: Vec<(Option<String>, usize)>,
}

#[derive(Debug)]
pub(crate) struct DevicePage {
    pub(crate) devices: Vec<Device>,
    pub(crate) summary: ListSummary,
}

/// Takes devices one by one and keeps the rows of one page.
#[derive(Debug)]
pub(crate) struct PageCollector {
    sort: Option<Sort>,
    skip: usize,
    size: usize,
    total: usize,
    by_status: NameCounts,
    by_product: NameCounts,
    /// The first devices so far, by rank in a sorted list and then by arrival.
    kept: BTreeMap<(Option<SortRank>, usize), Device>,
}

#[derive(Debug, Default)]
struct NameCounts(BTreeMap<Option<String>, usize>);

impl PageCollector {
    /// Collects the page of `size` devices after the first `skip`.
    pub(crate) fn new(sort: Option<Sort>, skip: usize, size: usize) -> Self {
        let (by_status, by_product) = Default::default();
        Self { sort, skip, size, total: 0, by_status, by_product, kept: BTreeMap::new() }
    }

    pub(crate) fn take(&mut self, device: Device, related: &RelatedNames) {
        self.by_status.count(device.connection_status.as_deref());
        self.by_product.count(device.product.as_deref());
        let position = (self.sort.map(|sort| sort.rank(&device, related)), self.total);
        self.total += 1;
        let most = match self.sort {
            Some(_) => self.skip.saturating_add(self.size),
            None if position.1 < self.skip => 0,
            None => self.size,
        };
        if self.kept.len() < most {
            self.kept.insert(position, device);
        } else if most > 0 && self.kept.last_key_value().is_some_and(|(last, _)| position < *last) {
            self.kept.pop_last();
            self.kept.insert(position, device);
        }
    }

    #[cfg(test)]
    pub(super) fn kept(&self) -> usize {
        self.kept.len()
    }

    pub(crate) fn finish(self) -> DevicePage {
        let before = if self.sort.is_some() { self.skip } else { 0 };
        let summary = ListSummary {
            total: self.total,
            by_status: self.by_status.ordered(),
            by_product: self.by_product.ordered(),
        };
        DevicePage { devices: self.kept.into_values().skip(before).collect(), summary }
    }
}

impl NameCounts {
    fn count(&mut self, name: Option<&str>) {
        let name = name.map(str::to_owned);
        if let Some(count) = self.0.get_mut(&name) {
            *count += 1;
        } else if self.0.len() < MAX_COUNTED {
            self.0.insert(name, 1);
        }
    }

    fn ordered(self) -> Vec<(Option<String>, usize)> {
        let mut counts: Vec<_> = self.0.into_iter().collect();
        // Stable: equal counts stay in the order of their names.
        counts.sort_by_key(|(_, count)| Reverse(*count));
        counts
    }
}
