//! A TTL cache: entries expire, and the oldest entries make room for new ones.
//!
//! Not a dependency, because the expiry follows Steward's [`Clock`], which tests advance.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

use crate::domain::clock::Clock;

/// Most entries.
const CAPACITY: usize = 1_000;

/// A cache with a time to live, counted from the request for a value.
#[derive(Debug)]
pub(super) struct TtlCache<K, V> {
    ttl: SignedDuration,
    clock: Arc<dyn Clock>,
    entries: Mutex<Entries<K, V>>,
}

#[derive(Debug)]
struct Entries<K, V> {
    by_key: HashMap<K, CachedValue<V>>,
    /// All insertions, oldest first. An entry that was inserted again occurs more than once; only the last one counts.
    insertions: VecDeque<(K, Timestamp, u64)>,
    /// The number of insertions so far.
    count: u64,
}

#[derive(Debug)]
struct CachedValue<V> {
    value: V,
    since: Timestamp,
    number: u64,
}

impl<K: Hash + Eq + Clone, V: Clone> TtlCache<K, V> {
    pub(super) fn new(ttl: SignedDuration, clock: Arc<dyn Clock>) -> Self {
        let entries = Entries { by_key: HashMap::new(), insertions: VecDeque::new(), count: 0 };
        Self { ttl, clock, entries: Mutex::new(entries) }
    }

    /// The cached value, unless it has expired.
    pub(super) fn get(&self, key: &K) -> Option<V> {
        let now = self.clock.now();
        // Ignoring the poison is safe, here and below: a panic with the lock held leaves only whole entries.
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = entries.by_key.get(key)?;
        (!self.is_expired(entry.since, now)).then(|| entry.value.clone())
    }

    /// The cached value, or else the one that `load` fetches. Errors are not cached.
    pub(super) async fn get_or_load<E>(
        &self,
        key: &K,
        load: impl AsyncFnOnce() -> Result<V, E>,
    ) -> Result<V, E> {
        if let Some(value) = self.get(key) {
            return Ok(value);
        }
        let requested_at = self.clock.now();
        let value = load().await?;
        self.insert(key.clone(), value.clone(), requested_at);
        Ok(value)
    }

    pub(super) fn insert(&self, key: K, value: V, since: Timestamp) {
        let now = self.clock.now();
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let Entries { by_key, insertions, count } = &mut *entries;
        *count += 1;
        insertions.push_back((key.clone(), since, *count));
        by_key.insert(key, CachedValue { value, since, number: *count });
        // The insertions are bounded too: an entry that is inserted again and again drops its own older ones.
        while insertions.len() > CAPACITY
            || insertions.front().is_some_and(|(_, since, _)| self.is_expired(*since, now))
        {
            let Some((oldest, _, number)) = insertions.pop_front() else { break };
            if by_key.get(&oldest).is_some_and(|entry| entry.number == number) {
                by_key.remove(&oldest);
            }
        }
    }

    /// An entry from the future has expired too: the clock was set back, so its age is unknown.
    fn is_expired(&self, since: Timestamp, now: Timestamp) -> bool {
        since > now || now.duration_since(since) >= self.ttl
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::clock::ManualClock;

    fn cache<V: Clone>() -> (TtlCache<usize, V>, ManualClock) {
        let clock = ManualClock::starting_at(Timestamp::UNIX_EPOCH);
        (TtlCache::new(SignedDuration::from_secs(600), Arc::new(clock.clone())), clock)
    }

    fn sizes<V>(cache: &TtlCache<usize, V>) -> (usize, usize) {
        let entries = cache.entries.lock().unwrap();
        (entries.by_key.len(), entries.insertions.len())
    }

    #[test]
    fn an_entry_expires_after_its_last_insertion() {
        const LOBBY: usize = 1;
        const ATTIC: usize = 2;
        let (cache, clock) = cache();
        let insert = |key, value| cache.insert(key, value, clock.now());
        insert(LOBBY, 1);
        assert_eq!((cache.get(&LOBBY), cache.get(&ATTIC)), (Some(1), None));
        clock.advance(SignedDuration::from_secs(599));
        assert_eq!(cache.get(&LOBBY), Some(1));
        insert(LOBBY, 2);
        clock.advance(SignedDuration::from_secs(1));
        assert_eq!(cache.get(&LOBBY), Some(2));
        clock.advance(SignedDuration::from_secs(1));
        insert(ATTIC, 3);
        clock.advance(SignedDuration::from_secs(597));
        assert_eq!(cache.get(&LOBBY), Some(2));
        clock.advance(SignedDuration::from_secs(1));
        assert_eq!((cache.get(&LOBBY), cache.get(&ATTIC)), (None, Some(3)));
    }

    #[test]
    fn the_oldest_entries_make_room_and_expired_ones_take_none() {
        let (cache, clock) = cache();
        for key in 0..CAPACITY + 5 {
            cache.insert(key, key, clock.now());
        }
        assert_eq!(sizes(&cache), (CAPACITY, CAPACITY));
        assert_eq!((cache.get(&4), cache.get(&5)), (None, Some(5)));
        clock.advance(SignedDuration::from_secs(600));
        cache.insert(0, 0, clock.now());
        assert_eq!(sizes(&cache), (1, 1));
    }

    #[test]
    fn one_entry_inserted_again_and_again_stays_one() {
        let (cache, clock) = cache();
        for _ in 0..3 * CAPACITY {
            cache.insert(1, 1, clock.now());
        }
        assert_eq!(sizes(&cache), (1, CAPACITY));
        assert_eq!(cache.get(&1), Some(1));
    }
}
