//! The state machine, answer by answer.

use proptest::prelude::*;

use super::*;
use crate::domain::OutcomeKind;
use crate::domain::device::tests::a_device;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

fn answered(status: u16) -> Answered {
    Answered { status, tracking_id: Some(format!("T_{status}")), message: None }
}

fn not_found() -> Result<Device, WebexError> {
    Err(WebexError::NotFound(answered(404)))
}

fn troubled<T>(status: u16) -> Result<T, WebexError> {
    Err(WebexError::Troubled(answered(status)))
}

fn busy<T>(status: u16, seconds: i64) -> Result<T, WebexError> {
    let retry_after = SignedDuration::from_secs(seconds);
    Err(WebexError::Busy { answer: answered(status), retry_after })
}

fn refused<T>(status: u16) -> Result<T, WebexError> {
    Err(WebexError::Refused(answered(status)))
}

/// A deletion whose DELETE is about to be sent.
fn deleting() -> Progress {
    let (progress, next) = Progress::default().after_read(&Ok(a_device()), at(0));
    assert_eq!(next, Next::Delete);
    progress
}

/// The outcome that must have been reached.
fn outcome(next: Next) -> Outcome {
    match next {
        Next::End(outcome) => outcome,
        other => panic!("expected an outcome, found {other:?}"),
    }
}

/// The next moment to come back at.
fn waits_until(next: &Next) -> Timestamp {
    match next {
        Next::Wait { until, .. } => *until,
        other => panic!("expected a wait, found {other:?}"),
    }
}

#[test]
fn read_delete_read_is_gone_with_the_deletes_status_and_tracking_id() {
    for status in [200, 201, 202, 204] {
        let (progress, next) = deleting().after_delete(&Ok(answered(status)), at(1));
        assert_eq!(next, Next::Read);
        let (_, next) = progress.after_read(&not_found(), at(2));
        let outcome = outcome(next);
        assert_eq!((outcome.cause, outcome.status), (Cause::Deleted, Some(status)));
        assert_eq!(outcome.tracking_id, Some(format!("T_{status}")));
    }
}

#[test]
fn a_device_that_was_never_there_is_not_found() {
    let (_, next) = Progress::default().after_read(&not_found(), at(0));
    assert_eq!(outcome(next).cause, Cause::NeverFound);
}

#[test]
fn a_device_that_somebody_else_deleted_first_is_not_found() {
    let (_, next) = deleting().after_delete(&Err(WebexError::NotFound(answered(404))), at(1));
    assert_eq!(outcome(next).cause, Cause::Vanished);
    let (_, next) = deleting().after_delete(&Err(WebexError::NotFound(answered(410))), at(1));
    assert_eq!(outcome(next).cause, Cause::RemovedForGood);
}

#[test]
fn a_deleted_device_that_stays_listed_is_accepted_after_five_reads() {
    let (mut progress, _) = deleting().after_delete(&Ok(answered(204)), at(1));
    let mut waits = Vec::new();
    loop {
        let (later, next) = progress.resumed().after_read(&Ok(a_device()), at(1));
        progress = later;
        match next {
            Next::Wait { until, .. } => waits.push(until.duration_since(at(1)).as_millis()),
            end => break assert_eq!(outcome(end).cause, Cause::StillListed),
        }
    }
    assert_eq!(waits, [500, 1000, 2000, 4000]);
}

#[test]
fn a_lost_answer_is_settled_by_reading() {
    let (progress, next) = deleting().after_delete(&troubled(503), at(1));
    assert_eq!(next, Next::Read);
    let (_, next) = progress.after_read(&not_found(), at(2));
    let outcome = outcome(next);
    assert_eq!((outcome.cause, outcome.status), (Cause::SettledByReading, Some(503)));
}

#[test]
fn a_delete_is_repeated_once_and_only_after_reads_that_found_the_device() {
    let (progress, _) = deleting().after_delete(&troubled(502), at(1));
    let (progress, next) = progress.after_read(&Ok(a_device()), at(1));
    assert_eq!(waits_until(&next), at(3));
    let (progress, next) = progress.resumed().after_read(&Ok(a_device()), at(3));
    assert_eq!((next, progress.deletes()), (Next::Delete, 2));
    let (progress, _) = progress.after_delete(&troubled(504), at(4));
    let (_, next) = progress.after_read(&Ok(a_device()), at(4));
    let outcome = outcome(next);
    assert_eq!((outcome.cause, outcome.status), (Cause::WebexError, Some(504)));
}

#[test]
fn after_a_crash_before_the_answer_it_is_read_before_anything_else() {
    let stored = serde_json::to_value(deleting()).unwrap();
    let resumed = |stored: &serde_json::Value| -> Progress {
        serde_json::from_value::<Progress>(stored.clone()).unwrap().resumed()
    };
    let (_, next) = resumed(&stored).after_read(&not_found(), at(9));
    assert_eq!(outcome(next).cause, Cause::SettledByReading);
    let (progress, next) = resumed(&stored).after_read(&Ok(a_device()), at(9));
    assert_eq!(waits_until(&next), at(11));
    let (_, next) = progress.resumed().after_read(&Ok(a_device()), at(11));
    assert_eq!(next, Next::Delete);
}

#[test]
fn a_delete_that_webex_did_not_carry_out_is_named_by_its_status() {
    let cases = [
        (400, Cause::BadRequest),
        (401, Cause::CredentialRejected),
        (403, Cause::NotPermitted),
        (405, Cause::MethodRefused),
        (409, Cause::Conflict),
        (415, Cause::MediaTypeRefused),
        (418, Cause::Unexpected),
        (428, Cause::PreconditionRequired),
        (302, Cause::Unexpected),
    ];
    for (status, cause) in cases {
        let (_, next) = deleting().after_delete(&refused(status), at(1));
        let ended = outcome(next);
        assert_eq!((ended.kind(), &ended.cause, ended.status), (OutcomeKind::Failed, &cause, Some(status)));
        let (_, next) = Progress::default().after_read(&refused(status), at(1));
        assert_eq!(outcome(next).cause, cause);
    }
}

#[test]
fn waits_of_30_seconds_in_all_are_waited_out_and_then_the_device_is_read_again() {
    let (progress, next) = deleting().after_delete(&busy(429, 20), at(0));
    assert_eq!(waits_until(&next), at(20));
    let (progress, next) = progress.resumed().after_read(&Ok(a_device()), at(20));
    assert_eq!(next, Next::Delete);
    let (progress, next) = progress.after_delete(&busy(423, 10), at(20));
    assert_eq!(waits_until(&next), at(30));
    let (progress, _) = progress.resumed().after_read(&Ok(a_device()), at(30));
    let (_, next) = progress.after_delete(&busy(429, 1), at(30));
    assert_eq!(outcome(next).cause, Cause::TooManyRequests { until: at(31) });
}

#[test]
fn longer_waits_are_reported_with_the_time_to_come_back() {
    let (_, next) = deleting().after_delete(&busy(423, 3600), at(0));
    assert_eq!(outcome(next).cause, Cause::Locked { until: at(3600) });
    let (_, next) = Progress::default().after_read(&busy(429, 31), at(0));
    assert_eq!(outcome(next).cause, Cause::TooManyRequests { until: at(31) });
}

#[test]
fn a_device_that_became_another_one_during_a_wait_is_not_deleted() {
    let (progress, _) = deleting().after_delete(&busy(429, 5), at(0));
    let other = Device { serial: Some("FOC9999ZZZZ".to_owned()), ..a_device() };
    let (_, next) = progress.resumed().after_read(&Ok(other), at(5));
    assert_eq!(outcome(next).cause, Cause::Changed { what: "serial".to_owned() });
}

#[test]
fn what_cannot_be_read_back_is_unknown_and_what_was_never_sent_failed() {
    let read_in_vain = |mut progress: Progress| loop {
        let (later, next) = progress.resumed().after_read(&troubled(500), at(0));
        progress = later;
        if let Next::End(outcome) = next {
            break outcome.cause;
        }
    };
    let (proving, _) = deleting().after_delete(&Ok(answered(204)), at(0));
    let (settling, _) = deleting().after_delete(&troubled(500), at(0));
    assert_eq!(read_in_vain(proving.clone()), Cause::NotReadBack);
    assert_eq!(read_in_vain(settling), Cause::Unsettled);
    assert_eq!(read_in_vain(Progress::default()), Cause::NotRead);
    let (_, next) = proving.after_read(&refused(401), at(0));
    assert_eq!(outcome(next).cause, Cause::NotReadBack);
}

#[test]
fn later_looks_tell_what_was_promised() {
    let said = |cause| Outcome { cause, status: Some(204), tracking_id: None, at: at(0) };
    let listed = said(Cause::StillListed);
    let told = |cause| Look::Tell(Outcome { cause, status: Some(204), tracking_id: None, at: at(1) });
    assert_eq!(look_again(&listed, 1, &not_found(), at(1)), told(Cause::Deleted));
    assert_eq!(look_again(&listed, 1, &Ok(a_device()), at(1)), Look::Again(at(601)));
    assert_eq!(look_again(&listed, 2, &troubled(500), at(1)), Look::Again(at(3601)));
    assert_eq!(look_again(&listed, 3, &Ok(a_device()), at(1)), told(Cause::StillListed));
    assert_eq!(look_again(&said(Cause::Unsettled), 3, &troubled(500), at(1)), told(Cause::Unsettled));
    let failed = said(Cause::WebexError);
    assert_eq!(look_again(&failed, 3, &Ok(a_device()), at(1)), told(Cause::WebexError));
    assert_eq!(look_again(&failed, 2, &not_found(), at(1)), told(Cause::SettledByReading));
}

/// Anything that Webex may answer.
fn any_error() -> impl Strategy<Value = u16> {
    prop::sample::select(vec![400, 401, 403, 404, 409, 410, 423, 429, 500, 502, 503, 504])
}

fn error_of<T>(status: u16) -> Result<T, WebexError> {
    match status {
        404 | 410 => Err(WebexError::NotFound(answered(status))),
        423 | 429 => busy(status, 3),
        500..=599 => troubled(status),
        _ => refused(status),
    }
}

proptest! {
    /// Whatever Webex answers, in whatever order, and wherever the process dies: it ends, `gone` was read,
    /// and no DELETE follows one without a clear answer before a read has found the device.
    #[test]
    fn every_run_ends_and_every_delete_follows_a_read_that_found_the_device(
        answers in prop::collection::vec((any::<bool>(), any_error(), any::<bool>()), 60)
    ) {
        let (mut progress, mut next) = (Progress::default(), Next::Read);
        let (mut just_found, mut last_read_was_404) = (false, false);
        let mut answers = answers.into_iter().chain(std::iter::repeat((true, 404, false)));
        for _ in 0..200 {
            let (good, status, crash) = answers.next().expect("the answers never end");
            if crash && !matches!(next, Next::End(_)) {
                progress = progress.resumed();
                next = Next::Read;
            }
            let now = at(0);
            (progress, next) = match next {
                Next::Read => {
                    let answer = if good { Ok(a_device()) } else { error_of(status) };
                    (just_found, last_read_was_404) = (good, !good && matches!(status, 404 | 410));
                    progress.after_read(&answer, now)
                }
                Next::Delete => {
                    prop_assert!(std::mem::take(&mut just_found));
                    let answer = if good { Ok(answered(204)) } else { error_of(status) };
                    last_read_was_404 = !good && matches!(status, 404 | 410);
                    progress.after_delete(&answer, now)
                }
                Next::Wait { .. } => (progress.resumed(), Next::Read),
                Next::End(outcome) => {
                    prop_assert!(outcome.kind() != OutcomeKind::Gone || last_read_was_404);
                    return Ok(());
                }
            };
        }
        prop_assert!(false, "it did not end");
    }
}
