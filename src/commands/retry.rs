//! Retry budgets: how long and how often each kind of job is tried, and the next run after a failure. Pure.

use jiff::{SignedDuration, Timestamp};

use crate::domain::clock::retry_delay;
use crate::store::{End, LeasedJob};
use crate::webex::WebexError;

/// How long a requester waits for an answer before a notice says that the command takes longer.
pub(crate) const LONGEST_SILENCE: SignedDuration = SignedDuration::from_secs(30);
/// How long a deletion waits for a rate limit to end. A requester who deletes many devices waits for all of them;
/// anything that is only read is quickly requested again.
pub(crate) const LONGEST_WAIT_OF_DELETIONS: SignedDuration = SignedDuration::from_mins(10);
/// Runs of a command before it ends with an error card.
pub(crate) const RUNS: u32 = 4;
/// The pause before a lock that another process holds is tried again.
pub(crate) const LOCK_RETRY: SignedDuration = SignedDuration::from_secs(1);
/// Failures in a row after which a job is given up: with the pauses below, after about nine minutes.
pub(crate) const FAILURES: u32 = 10;
/// Failures in a row after which a post is given up, after about a day: an answer must not get lost in an outage.
pub(crate) const FAILURES_OF_POSTS: u32 = 300;
/// How long a rate-limited delivery is retried. After that, its author has long sent the message again.
const LONGEST_WAIT_OF_DELIVERIES: SignedDuration = SignedDuration::from_hours(1);
/// How long a rate-limited post is retried: as long as a failing one.
const LONGEST_WAIT_OF_POSTS: SignedDuration = SignedDuration::from_hours(24);

/// Whether a job has failed too often to be tried again.
pub(crate) fn is_given_up(job: &LeasedJob) -> bool {
    job.failures >= FAILURES
}

/// Whether a failure of this run is the last one.
pub(crate) fn is_last(job: &LeasedJob) -> bool {
    job.failures + 1 >= FAILURES
}

/// The next run: when Webex's wait is over, which does not count as a failure, or after a pause.
pub(crate) fn again(job: &LeasedJob, error: Option<&WebexError>, now: Timestamp, note: String) -> End {
    match error.and_then(WebexError::requested_wait) {
        Some(asked) => End::Again { at: now + asked, note },
        None => End::Failed { at: now + retry_delay(job.failures + 1, &job.subject), note },
    }
}

/// Whether a delivery that failed with this error is given up. Failures are counted; waits that Webex asks for are
/// bounded by time.
pub(crate) fn gives_up_delivery(job: &LeasedJob, error: Option<&WebexError>, now: Timestamp) -> bool {
    gives_up(job, error, now, FAILURES, LONGEST_WAIT_OF_DELIVERIES)
}

/// Whether a post that failed with this error is given up.
pub(crate) fn gives_up_post(job: &LeasedJob, error: &WebexError, now: Timestamp) -> bool {
    gives_up(job, Some(error), now, FAILURES_OF_POSTS, LONGEST_WAIT_OF_POSTS)
}

fn gives_up(
    job: &LeasedJob,
    error: Option<&WebexError>,
    now: Timestamp,
    failures: u32,
    longest_wait: SignedDuration,
) -> bool {
    match error.and_then(WebexError::requested_wait) {
        // A job that has not arrived yet was stored by a wrong clock.
        Some(_) => now.duration_since(job.arrived_at).abs() >= longest_wait,
        None => job.failures + 1 >= failures,
    }
}
