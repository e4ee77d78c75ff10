//! When a job that did not succeed runs again. Pure.

use jiff::{SignedDuration, Timestamp};

use crate::domain::backoff::pause_after;
use crate::store::{End, LeasedJob};
use crate::webex::WebexError;

/// Failures in a row after which a job is given up: with the pauses below, after about nine minutes.
pub const FAILURES: u32 = 10;
/// The same for messages, which are kept trying for about a day: an answer must not get lost in an outage.
pub const FAILURES_OF_POSTS: u32 = 300;
/// How long after it came in a delivery is still fetched when Webex asks to wait. Who wrote it has long sent it again.
const LONGEST_WAIT_OF_DELIVERIES: SignedDuration = SignedDuration::from_hours(1);
/// The same for messages: as long as they are kept trying anyway.
const LONGEST_WAIT_OF_POSTS: SignedDuration = SignedDuration::from_hours(24);

/// Whether a job has failed so often that it is not tried again.
#[must_use]
pub fn is_given_up(job: &LeasedJob) -> bool {
    job.failures >= FAILURES
}

/// Whether a failure of this run is the last one.
#[must_use]
pub fn is_last(job: &LeasedJob) -> bool {
    job.failures + 1 >= FAILURES
}

/// Again when Webex has asked to, which is no failure, or else after a pause.
#[must_use]
pub fn again(job: &LeasedJob, error: Option<&WebexError>, now: Timestamp, note: String) -> End {
    match error.and_then(WebexError::requested_wait) {
        Some(asked) => End::Again { at: now + asked, note },
        None => End::Failed { at: now + pause_after(job.failures + 1, &job.subject), note },
    }
}

/// Whether a delivery that could not be understood for this reason is given up now. Failures are counted; waits that
/// Webex asks for are not, but they must end some time.
#[must_use]
pub fn gives_up_delivery(job: &LeasedJob, error: Option<&WebexError>, now: Timestamp) -> bool {
    gives_up(job, error, now, FAILURES, LONGEST_WAIT_OF_DELIVERIES)
}

/// Whether a message that could not be posted for this reason is given up now.
#[must_use]
pub fn gives_up_post(job: &LeasedJob, error: &WebexError, now: Timestamp) -> bool {
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
        Some(_) => now.duration_since(job.arrived_at) >= longest_wait,
        None => job.failures + 1 >= failures,
    }
}
