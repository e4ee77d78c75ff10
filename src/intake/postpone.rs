//! The outcomes of a delivery without a decision: nothing to do, another attempt later, or parked.

use crate::commands::reply::JobOutcome;
use crate::commands::retry;
use crate::commands::services::Services;
use crate::store::{End, LeasedJob, Step, UNREADABLE};
use crate::webex::WebexError;

/// How often a message or press that Webex does not find is fetched: it may not have reached every part of Webex yet.
pub(super) const FETCHES: u32 = 5;

pub(super) fn nothing_to_do(services: &Services) -> JobOutcome {
    Step::new(services.clock.now(), End::Done).into()
}

/// Parks a delivery that an operator has retried, although no version of Steward could read it yet.
pub(super) fn unreadable(services: &Services, job: &LeasedJob) -> JobOutcome {
    tracing::warn!(delivery = job.subject, "parked an unreadable delivery again");
    Step::new(services.clock.now(), End::Parked { note: UNREADABLE.to_owned() }).into()
}

/// Runs the job again later, or parks it with the reason.
pub(super) fn postpone(
    services: &Services,
    job: &LeasedJob,
    what: &str,
    error: Option<&WebexError>,
) -> JobOutcome {
    let note = error.map_or_else(|| what.to_owned(), |error| format!("{what}: {error}"));
    if error.is_some_and(WebexError::is_paused) {
        tracing::debug!(delivery = job.subject, note, "delivery is rate limited");
    } else {
        let failures = job.failures + 1;
        tracing::warn!(delivery = job.subject, note, failures, "could not handle a delivery yet");
    }
    let now = services.clock.now();
    let end = if is_hopeless(services, job, error) {
        End::Parked { note: format!("{note}; retry the job, or ask its author to write or press again") }
    } else {
        retry::again(job, error, now, note)
    };
    Step::new(now, end).into()
}

/// Whether a delivery with this error is not tried again.
pub(super) fn is_hopeless(services: &Services, job: &LeasedJob, error: Option<&WebexError>) -> bool {
    let is_transient = match error {
        Some(error @ WebexError::Refused(_)) => error.is_token_rejected(),
        _ => true,
    };
    !is_transient || retry::gives_up_delivery(job, error, services.clock.now())
}
