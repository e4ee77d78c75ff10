//! What a list shows of devices that stream by: how many there are, of what, and the rows of one page.
//!
//! Memory grows with what is shown, never with the fleet: without an order only the rows of the page are kept, with
//! one those before it too, because which rows those are is only known at the end.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BinaryHeap};

use super::RelatedNames;
use super::sort::{Sort, SortRank};
use crate::domain::Device;

/// Different states or products that are counted by name; those that come later are counted together. Webex knows a
/// few dozen.
pub const MAX_COUNTED: usize = 200;

/// How many devices, and of what.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ListSummary {
    /// All of them.
    pub total: usize,
    /// By their connection, the most frequent first; nothing for those that have none.
    pub by_status: Vec<(Option<String>, usize)>,
    /// By their product, in the same way.
    pub by_product: Vec<(Option<String>, usize)>,
}

/// A device of the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListRow {
    /// The device.
    pub device: Device,
    /// The names around it, as far as they were given.
    pub around: RelatedNames,
}

/// What a list shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListPage {
    /// The rows, in order.
    pub rows: Vec<ListRow>,
    /// What there is in all.
    pub summary: ListSummary,
}

/// Takes devices one by one and keeps what one page shows.
#[derive(Debug)]
pub struct PageCollector {
    sort: Option<Sort>,
    skip: usize,
    size: usize,
    total: usize,
    by_status: Counts,
    by_product: Counts,
    /// Without an order: the rows of the page, as they came.
    arrived: Vec<ListRow>,
    /// With one: the first `skip + size` so far, the last of them on top.
    first: BinaryHeap<Ranked>,
}

#[derive(Debug, Default)]
struct Counts(BTreeMap<Option<String>, usize>);

#[derive(Debug)]
struct Ranked {
    rank: SortRank,
    row: ListRow,
}

impl PageCollector {
    /// For the page of `size` rows after the first `skip` in this order; without an order, as they come.
    #[must_use]
    pub fn new(sort: Option<Sort>, skip: usize, size: usize) -> Self {
        Self {
            sort,
            skip,
            size,
            total: 0,
            by_status: Counts::default(),
            by_product: Counts::default(),
            arrived: Vec::new(),
            first: BinaryHeap::new(),
        }
    }

    /// Takes a device that is part of the list.
    pub fn take(&mut self, device: Device, around: RelatedNames) {
        self.by_status.count(device.connection_status.as_deref());
        self.by_product.count(device.product.as_deref());
        let position = self.total;
        self.total += 1;
        match self.sort {
            Some(sort) => {
                let rank = sort.rank(&device, &around);
                self.rank(Ranked { rank, row: ListRow { device, around } });
            }
            None if position >= self.skip && self.arrived.len() < self.size => {
                self.arrived.push(ListRow { device, around });
            }
            None => {}
        }
    }

    fn rank(&mut self, ranked: Ranked) {
        if self.first.len() < self.skip.saturating_add(self.size) {
            self.first.push(ranked);
        } else if let Some(mut last) = self.first.peek_mut()
            && ranked < *last
        {
            *last = ranked;
        }
    }

    /// How many rows it keeps.
    #[must_use]
    pub fn kept(&self) -> usize {
        self.arrived.len() + self.first.len()
    }

    /// The page, when all devices were taken.
    #[must_use]
    pub fn finish(self) -> ListPage {
        let ranked = self.first.into_sorted_vec().into_iter().skip(self.skip).map(|ranked| ranked.row);
        let summary = ListSummary {
            total: self.total,
            by_status: self.by_status.ordered(),
            by_product: self.by_product.ordered(),
        };
        ListPage { rows: self.arrived.into_iter().chain(ranked).collect(), summary }
    }
}

impl ListSummary {
    /// The devices that are counted by no name of their own: there were too many names.
    #[must_use]
    pub fn others(&self, counts: &[(Option<String>, usize)]) -> usize {
        self.total - counts.iter().map(|(_, count)| count).sum::<usize>()
    }
}

impl Counts {
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
        // Stable: names in their order where they are as frequent.
        counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        counts
    }
}

impl Ord for Ranked {
    fn cmp(&self, other: &Self) -> Ordering {
        self.rank.cmp(&other.rank)
    }
}

impl PartialOrd for Ranked {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Ranked {
    fn eq(&self, other: &Self) -> bool {
        self.rank == other.rank
    }
}

impl Eq for Ranked {}
