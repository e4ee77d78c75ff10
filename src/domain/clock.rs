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

    /// The time since some moment of this process, by a monotonic clock. It may stand still while the machine is
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

/// How far two good clocks may be apart.
pub(crate) const CLOCK_TOLERANCE: SignedDuration = SignedDuration::from_mins(1);

/// Whether a stored moment can have been meant when it was at most `longest` ahead. A later one was stored by a wrong
/// clock, and whoever believed it would wait until that clock is right.
pub(crate) fn is_believable(moment: Timestamp, now: Timestamp, longest: SignedDuration) -> bool {
    moment.duration_since(now) <= longest + CLOCK_TOLERANCE
}

/// How far the clock of this machine is ahead of Webex's or behind it: more than [`CLOCK_TOLERANCE`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockDeviation {
    /// Negative if the clock is behind.
    ahead: SignedDuration,
}

impl ClockDeviation {
    /// The deviation that a response of Webex shows, if there is one. Webex dates it in whole seconds, somewhere between
    /// the two times of this machine.
    pub(crate) fn between(webex: Timestamp, sent: Timestamp, answered: Timestamp) -> Option<Self> {
        let (ahead, behind) = (sent.duration_since(webex), webex.duration_since(answered));
        let ahead = if ahead.is_positive() { ahead } else { -behind.max(SignedDuration::ZERO) };
        (ahead.abs() > CLOCK_TOLERANCE).then_some(Self { ahead })
    }

    /// The seconds by which the clock is ahead; negative if it is behind.
    pub(crate) fn seconds(self) -> i64 {
        self.ahead.as_secs()
    }
}

/// Such as `7 minutes ahead of Webex's`.
impl fmt::Display for ClockDeviation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.ahead.as_secs().unsigned_abs();
        let (count, unit) = match seconds {
            0..120 => (seconds, "second"),
            120..7200 => (seconds / 60, "minute"),
            7200..172_800 => (seconds / 3600, "hour"),
            _ => (seconds / 86_400, "day"),
        };
        let plural = if count == 1 { "" } else { "s" };
        let side = if self.ahead.is_negative() { "behind" } else { "ahead of" };
        write!(f, "{count} {unit}{plural} {side} Webex's")
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
    fn a_moment_that_is_too_far_ahead_is_not_believed() {
        let hour = SignedDuration::from_hours(1);
        let now = Timestamp::UNIX_EPOCH;
        for (moment, is_believed) in [
            (now - hour * 1000, true),
            (now + hour, true),
            (now + hour + CLOCK_TOLERANCE, true),
            (now + hour + CLOCK_TOLERANCE + SignedDuration::from_millis(1), false),
            (Timestamp::MAX, false),
        ] {
            assert_eq!(is_believable(moment, now, hour), is_believed, "{moment}");
        }
    }

    #[test]
    fn a_deviation_counts_from_the_request_and_the_response() {
        let at = |second| Timestamp::from_second(second).unwrap();
        for (webex, sent, answered, expected) in [
            (0, 0, 0, None),
            (0, 60, 200, None),
            (0, 61, 200, Some("61 seconds ahead of Webex's")),
            (0, 3600, 3600, Some("60 minutes ahead of Webex's")),
            (100, 30, 40, None),
            (101, 30, 40, Some("61 seconds behind Webex's")),
            (100, 30, 300, None),
            (0, 86_400 * 3, 86_400 * 3, Some("3 days ahead of Webex's")),
            (3600 * 5, 0, 0, Some("5 hours behind Webex's")),
        ] {
            let deviation = ClockDeviation::between(at(webex), at(sent), at(answered));
            let words = deviation.map(|deviation| deviation.to_string());
            assert_eq!(words.as_deref(), expected, "{webex} {sent} {answered}");
        }
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
