//! A map that forgets: each entry after some minutes, the oldest when there are too many. Pure.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

use jiff::{SignedDuration, Timestamp};

/// Entries that are kept at most.
const MOST: usize = 1_000;
/// How long an entry is kept: long enough for somebody to look through a list, short enough that a new name is soon
/// seen.
const KEPT_FOR: SignedDuration = SignedDuration::from_mins(10);

/// What was looked up, for some minutes.
#[derive(Debug)]
pub(in crate::webex) struct TtlCache<K, V> {
    lasts: SignedDuration,
    entries: HashMap<K, Entry<V>>,
    /// Every time something was put in, oldest first. An entry that was put in again stands here more than once; only
    /// the last time counts.
    order: VecDeque<(K, Timestamp, u64)>,
    /// How often something was put in.
    count: u64,
}

#[derive(Debug)]
struct Entry<V> {
    value: V,
    since: Timestamp,
    number: u64,
}

impl<K, V> Default for TtlCache<K, V> {
    fn default() -> Self {
        Self::lasting(KEPT_FOR)
    }
}

impl<K, V> TtlCache<K, V> {
    /// For what is kept so long.
    pub(in crate::webex) fn lasting(lasts: SignedDuration) -> Self {
        Self { lasts, entries: HashMap::new(), order: VecDeque::new(), count: 0 }
    }

    fn is_old(&self, since: Timestamp, now: Timestamp) -> bool {
        now.duration_since(since) >= self.lasts
    }
}

impl<K: Hash + Eq + Clone, V: Clone> TtlCache<K, V> {
    /// What is kept under this key and not too old.
    pub(in crate::webex) fn get(&self, key: &K, now: Timestamp) -> Option<V> {
        let entry = self.entries.get(key)?;
        (!self.is_old(entry.since, now)).then(|| entry.value.clone())
    }

    /// Keeps something under this key from now on.
    pub(in crate::webex) fn put(&mut self, key: K, value: V, now: Timestamp) {
        self.count += 1;
        self.order.push_back((key.clone(), now, self.count));
        self.entries.insert(key, Entry { value, since: now, number: self.count });
        // The order is held to the same bound: an entry that is put in again and again pushes out its own past.
        while self.order.len() > MOST
            || self.order.front().is_some_and(|(_, since, _)| self.is_old(*since, now))
        {
            let Some((oldest, _, number)) = self.order.pop_front() else { break };
            if self.entries.get(&oldest).is_some_and(|entry| entry.number == number) {
                self.entries.remove(&oldest);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    #[test]
    fn an_entry_is_kept_for_ten_minutes_from_when_it_was_put_in_last() {
        let mut kept = TtlCache::default();
        kept.put("lobby", 1, at(0));
        assert_eq!(kept.get(&"lobby", at(599)), Some(1));
        assert_eq!(kept.get(&"lobby", at(600)), None);
        assert_eq!(kept.get(&"attic", at(0)), None);
        kept.put("lobby", 2, at(599));
        kept.put("attic", 3, at(601));
        assert_eq!(kept.get(&"lobby", at(1198)), Some(2));
        assert_eq!(kept.get(&"lobby", at(1199)), None);
    }

    #[test]
    fn the_oldest_goes_when_there_are_too_many_and_what_is_old_takes_no_room() {
        let mut kept = TtlCache::default();
        for key in 0..MOST + 5 {
            kept.put(key, key, at(0));
        }
        assert_eq!((kept.entries.len(), kept.order.len()), (MOST, MOST));
        assert_eq!((kept.get(&4, at(0)), kept.get(&5, at(0))), (None, Some(5)));
        kept.put(0, 0, at(600));
        assert_eq!((kept.entries.len(), kept.order.len()), (1, 1));
    }

    #[test]
    fn one_entry_that_is_put_in_for_ever_stays_one() {
        let mut kept = TtlCache::default();
        for _ in 0..3 * MOST {
            kept.put("lobby", 1, at(7));
        }
        assert_eq!(kept.order.len(), MOST);
        assert_eq!(kept.get(&"lobby", at(7)), Some(1));
    }
}
