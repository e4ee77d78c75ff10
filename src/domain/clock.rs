//! Time as a parameter, and the delay before a failed job runs again.
//!
//! Code that needs the time takes a [`Clock`]; nothing else in the crate reads the system clock. Tests advance a
//! [`ManualClock`] by hand.

use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use jiff::{SignedDuration, Timestamp};

/// A source of the current time.
pub trait Clock: Send + Sync + fmt::Debug {
    /// The current time in whole milliseconds, as the store keeps it.
    fn now(&self) -> Timestamp;

    /// The time since some moment of this process, by a clock that nobody sets. It may stand still while the machine is
    /// suspended.
    fn steady(&self) -> SignedDuration;
}

/// The current time by every clock that Steward can ask. They disagree if one of them is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Readings {
    /// By the clock of this machine, which someone may have set.
    pub wall: Timestamp,
    /// By Webex: the date of its last response, and the time that has passed since then. `None` before the first one.
    pub webex: Option<Timestamp>,
}

impl Readings {
    /// Each reading.
    pub(crate) fn all(&self) -> impl Iterator<Item = Timestamp> {
        std::iter::once(self.wall).chain(self.webex)
    }
}

/// The system's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        #[expect(clippy::disallowed_methods, reason = "the one place that asks the system for the time")]
        let now = Timestamp::now();
        Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
    }

    fn steady(&self) -> SignedDuration {
        static START: OnceLock<Instant> = OnceLock::new();
        let elapsed = START.get_or_init(Instant::now).elapsed();
        SignedDuration::try_from(elapsed).unwrap_or(SignedDuration::MAX)
    }
}

/// A clock that stands still until it is advanced.
#[derive(Debug, Clone)]
pub struct ManualClock {
    millisecond: Arc<AtomicI64>,
    steady: Arc<AtomicI64>,
}

impl ManualClock {
    /// A clock that shows `start`, truncated to milliseconds.
    pub fn starting_at(start: Timestamp) -> Self {
        Self { millisecond: Arc::new(AtomicI64::new(start.as_millisecond())), steady: Arc::default() }
    }

    /// Lets time pass.
    pub fn advance(&self, by: SignedDuration) {
        self.set_forward(by);
        self.steady.fetch_add(milliseconds(by), Ordering::SeqCst);
    }

    /// Sets the clock to a later time, as after a suspension of the machine.
    pub fn set_forward(&self, by: SignedDuration) {
        self.millisecond.fetch_add(milliseconds(by), Ordering::SeqCst);
    }

    /// Sets the clock to an earlier time.
    pub fn set_back(&self, by: SignedDuration) {
        self.millisecond.fetch_sub(milliseconds(by), Ordering::SeqCst);
    }
}

fn milliseconds(duration: SignedDuration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.millisecond.load(Ordering::SeqCst)).unwrap_or(Timestamp::MAX)
    }

    fn steady(&self) -> SignedDuration {
        SignedDuration::from_millis(self.steady.load(Ordering::SeqCst))
    }
}

const LONGEST_DELAY: SignedDuration = SignedDuration::from_mins(5);

/// The delay after a number of failures: 1 s, 2 s, 4 s … up to 5 minutes. Each is shortened by up to a fifth, so that
/// jobs that failed together do not retry together. The spread is derived from the job instead of random, so that a
/// test run can be repeated.
pub(crate) fn retry_delay(failures: u32, job: &str) -> SignedDuration {
    let doubled = SignedDuration::from_secs(1i64 << failures.saturating_sub(1).min(20));
    let delay = doubled.min(LONGEST_DELAY);
    let spread =
        job.bytes().fold(failures, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte))) % 200;
    SignedDuration::from_millis(
        i64::try_from(delay.as_millis()).unwrap_or(i64::MAX) / 1000 * i64::from(1000 - spread),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manual_clock_moves_only_when_it_is_advanced() {
        let clock = ManualClock::starting_at(Timestamp::UNIX_EPOCH);
        assert_eq!(clock.now(), clock.now());
        clock.advance(SignedDuration::from_secs(90));
        assert_eq!(clock.now().as_second(), 90);
    }

    #[test]
    fn delays_double_up_to_five_minutes_and_are_spread_by_at_most_a_fifth() {
        for (failures, longest) in [(1, 1), (2, 2), (3, 4), (6, 32), (9, 256), (10, 300), (u32::MAX, 300)] {
            for job in ["messages/created/a", "messages/created/b", ""] {
                let delay = retry_delay(failures, job).as_secs_f64();
                let longest = f64::from(longest);
                assert!((longest * 0.8..=longest).contains(&delay), "{failures} {job}: {delay}");
            }
        }
    }

    #[test]
    fn jobs_that_failed_together_do_not_retry_together() {
        let delays: std::collections::HashSet<_> =
            (0..50).map(|job| retry_delay(5, &format!("message:{job}"))).collect();
        assert!(delays.len() > 25, "{}", delays.len());
    }
}
