//! When a job that did not succeed runs again. Pure.

use jiff::{SignedDuration, Timestamp};

use crate::store::{Claimed, End};
use crate::webex::WebexError;

/// Failures in a row after which a job is given up: with the pauses below, after about nine minutes.
pub const FAILURES: u32 = 10;
/// The same for messages, which are kept trying for about a day: an answer must not get lost in an outage.
pub const FAILURES_OF_POSTS: u32 = 300;
/// How long after it came in a delivery is still fetched when Webex asks to wait. Who wrote it has long sent it again.
const LONGEST_WAIT_OF_DELIVERIES: SignedDuration = SignedDuration::from_hours(1);
/// The same for messages: as long as they are kept trying anyway.
const LONGEST_WAIT_OF_POSTS: SignedDuration = SignedDuration::from_hours(24);
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_mins(5);

/// The pause after a number of failures: 1 s, 2 s, 4 s … up to 5 minutes, each shortened by up to a fifth so
/// that jobs that failed together do not all come back together. The spread comes from the job, so the same
/// run is the same run again.
#[must_use]
pub fn pause_after(failures: u32, job: &str) -> SignedDuration {
    let doubled = SignedDuration::from_secs(1i64 << failures.saturating_sub(1).min(20));
    let pause = doubled.min(LONGEST_PAUSE);
    let spread =
        job.bytes().fold(failures, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte))) % 200;
    SignedDuration::from_millis(
        i64::try_from(pause.as_millis()).unwrap_or(i64::MAX) / 1000 * i64::from(1000 - spread),
    )
}

/// Whether a job has failed so often that it is not tried again.
#[must_use]
pub fn is_given_up(claimed: &Claimed) -> bool {
    claimed.failures >= FAILURES
}

/// Whether a failure of this run is the last one.
#[must_use]
pub fn is_last(claimed: &Claimed) -> bool {
    claimed.failures + 1 >= FAILURES
}

/// Again when Webex has asked to, which is no failure, or else after a pause.
#[must_use]
pub fn again(claimed: &Claimed, error: Option<&WebexError>, now: Timestamp, note: String) -> End {
    match error.and_then(WebexError::asked_to_wait) {
        Some(asked) => End::Again { at: now + asked, note },
        None => End::Failed { at: now + pause_after(claimed.failures + 1, &claimed.subject), note },
    }
}

/// Whether a delivery that could not be understood for this reason is given up now. Failures are counted; waits that
/// Webex asks for are not, but they must end some time.
#[must_use]
pub fn gives_up_delivery(claimed: &Claimed, error: Option<&WebexError>, now: Timestamp) -> bool {
    gives_up(claimed, error, now, FAILURES, LONGEST_WAIT_OF_DELIVERIES)
}

/// Whether a message that could not be posted for this reason is given up now.
#[must_use]
pub fn gives_up_post(claimed: &Claimed, error: &WebexError, now: Timestamp) -> bool {
    gives_up(claimed, Some(error), now, FAILURES_OF_POSTS, LONGEST_WAIT_OF_POSTS)
}

fn gives_up(
    claimed: &Claimed,
    error: Option<&WebexError>,
    now: Timestamp,
    failures: u32,
    longest_wait: SignedDuration,
) -> bool {
    match error.and_then(WebexError::asked_to_wait) {
        Some(_) => now.duration_since(claimed.arrived_at) >= longest_wait,
        None => claimed.failures + 1 >= failures,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_five_minutes_and_are_spread_by_a_fifth_at_most() {
        for (failures, longest) in [(1, 1), (2, 2), (3, 4), (6, 32), (9, 256), (10, 300), (u32::MAX, 300)] {
            for job in ["messages/created/a", "messages/created/b", ""] {
                let pause = pause_after(failures, job).as_secs_f64();
                let longest = f64::from(longest);
                assert!((longest * 0.8..=longest).contains(&pause), "{failures} {job}: {pause}");
            }
        }
    }

    #[test]
    fn jobs_that_failed_together_do_not_come_back_together() {
        let pauses: std::collections::HashSet<_> =
            (0..50).map(|job| pause_after(5, &format!("message:{job}"))).collect();
        assert!(pauses.len() > 25, "{}", pauses.len());
    }
}
