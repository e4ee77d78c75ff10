//! Time as a parameter.
//!
//! Everything that needs to know the time is handed a [`Clock`]; nothing else in the crate asks the system.
//! The tests hand in a [`ManualClock`] and turn it by hand.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};

/// Something that knows what time it is.
pub trait Clock: Send + Sync + fmt::Debug {
    /// The present moment, in whole milliseconds: what the store keeps is what was decided on.
    fn now(&self) -> Timestamp;
}

/// The clock of the machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        #[expect(clippy::disallowed_methods, reason = "the one place that asks the system for the time")]
        let now = Timestamp::now();
        Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
    }
}

/// A clock that stands still until it is turned.
#[derive(Debug, Clone)]
pub struct ManualClock {
    millisecond: Arc<AtomicI64>,
}

impl ManualClock {
    /// A clock that shows `start` (whole milliseconds; the rest is cut off).
    #[must_use]
    pub fn starting_at(start: Timestamp) -> Self {
        Self { millisecond: Arc::new(AtomicI64::new(start.as_millisecond())) }
    }

    /// Turns the clock forward; a duration too long for 64 bits of milliseconds turns it as far as it goes.
    pub fn advance(&self, by: SignedDuration) {
        let by = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        self.millisecond.fetch_add(by, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.millisecond.load(Ordering::SeqCst)).unwrap_or(Timestamp::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manual_clock_moves_only_when_it_is_turned() {
        let clock = ManualClock::starting_at(Timestamp::UNIX_EPOCH);
        assert_eq!(clock.now(), clock.now());
        clock.advance(SignedDuration::from_secs(90));
        assert_eq!(clock.now().as_second(), 90);
    }
}
