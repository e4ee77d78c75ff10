//! The pause before a failed job runs again. Pure.

use jiff::SignedDuration;

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
