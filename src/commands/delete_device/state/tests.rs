//! The state machine, answer by answer.

mod runs;

use super::*;
use crate::domain::OutcomeKind;
use crate::domain::fixtures::a_device;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

fn answered(status: u16) -> ResponseInfo {
    ResponseInfo { status, tracking_id: Some(format!("T_{status}")), message: None }
}

fn not_found() -> Result<Device, WebexError> {
    Err(WebexError::NotFound(answered(404)))
}

fn troubled<T>(status: u16) -> Result<T, WebexError> {
    Err(WebexError::ServerError(answered(status)))
}

fn busy<T>(status: u16, seconds: i64) -> Result<T, WebexError> {
    let retry_after = SignedDuration::from_secs(seconds);
    Err(WebexError::Busy { answer: answered(status), retry_after })
}

fn paused<T>(seconds: i64) -> Result<T, WebexError> {
    // When it ends is only for the log: the clocks of others may differ.
    Err(WebexError::Paused { until: at(seconds), remaining: SignedDuration::from_secs(seconds) })
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
    for (status, cause) in [(404, Cause::Vanished), (410, Cause::RemovedForGood)] {
        let (progress, next) = deleting().after_delete(&Err(WebexError::NotFound(answered(status))), at(1));
        assert_eq!(next, Next::Read);
        let (_, next) = progress.after_read(&not_found(), at(1));
        assert_eq!(outcome(next).cause, cause);
    }
}

/// Reads the device again and again, always with this answer, until it ends.
fn read_until_the_end(mut progress: Progress, answer: &dyn Fn() -> Result<Device, WebexError>) -> Outcome {
    loop {
        let (later, next) = progress.resumed().after_read(&answer(), at(1));
        progress = later;
        if let Next::End(outcome) = next {
            return outcome;
        }
    }
}

#[test]
fn a_404_to_the_delete_proves_nothing_while_the_device_can_be_read() {
    let (progress, _) = deleting().after_delete(&Err(WebexError::NotFound(answered(404))), at(1));
    let ended = read_until_the_end(progress, &|| Ok(a_device()));
    assert_eq!((ended.cause, ended.status), (Cause::NotPermitted, Some(404)));
}

#[test]
fn once_a_delete_had_no_clear_answer_nobody_says_that_nothing_was_deleted() {
    let again = || {
        let (progress, _) = deleting().after_delete(&troubled(503), at(0));
        let (progress, _) = progress.after_read(&Ok(a_device()), at(0));
        progress.resumed()
    };
    let deleting_again = || again().after_read(&Ok(a_device()), at(2)).0;
    for answer in [refused(409), refused(403), busy(429, 3600)] {
        let (_, next) = deleting_again().after_delete(&answer, at(2));
        assert_eq!(outcome(next).cause, Cause::Unsettled);
    }
    let moved = Device { workspace_id: None, ..a_device() };
    let (_, next) = again().after_read(&Ok(moved), at(2));
    assert_eq!(outcome(next).cause, Cause::Unsettled);
    assert_eq!(again().stopped_by(Cause::RightWithdrawn, at(2)).cause, Cause::Unsettled);
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
fn a_delete_is_repeated_only_after_reads_that_found_the_device_and_three_times_at_most() {
    let (mut progress, mut now) = (deleting(), 0);
    for (delete, pause) in [(1, 2), (2, 4), (3, 8)] {
        assert_eq!(progress.deletes, delete);
        let (settling, next) = progress.after_delete(&troubled(502), at(now));
        assert_eq!(next, Next::Read);
        let (waiting, next) = settling.after_read(&Ok(a_device()), at(now));
        now += pause;
        assert_eq!(waits_until(&next), at(now));
        let (again, next) = waiting.resumed().after_read(&Ok(a_device()), at(now));
        assert_eq!(next, Next::Delete);
        progress = again;
    }
    let (progress, _) = progress.after_delete(&troubled(504), at(now));
    let ended = read_until_the_end(progress, &|| Ok(a_device()));
    assert_eq!((ended.cause, ended.status), (Cause::WebexError, Some(504)));
}

#[test]
fn a_status_that_the_page_does_not_name_is_settled_by_reading() {
    for status in [302, 408, 418, 499] {
        let (progress, next) = deleting().after_delete(&refused(status), at(1));
        assert_eq!(next, Next::Read);
        let (_, next) = progress.after_read(&not_found(), at(1));
        assert_eq!(outcome(next).cause, Cause::SettledByReading);
    }
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
        (428, Cause::PreconditionRequired),
    ];
    for (status, cause) in cases {
        let (_, next) = deleting().after_delete(&refused(status), at(1));
        let ended = outcome(next);
        assert_eq!((ended.kind(), &ended.cause, ended.status), (OutcomeKind::Failed, &cause, Some(status)));
    }
}

#[test]
fn without_a_token_nothing_was_sent_and_it_is_tried_again_where_there_may_be_one_soon() {
    let no_token = |is_refused| WebexError::NoToken { is_refused, why: String::new() };
    let (progress, next) = deleting().after_delete(&Err(no_token(false)), at(1));
    assert_eq!(waits_until(&next), at(3));
    let (_, next) = progress.after_read(&Ok(a_device()), at(3));
    assert_eq!(next, Next::Delete);
    let (_, next) = Progress::default().after_read(&Err(no_token(false)), at(0));
    assert!(waits_until(&next) > at(0));
    for ended in [
        Progress::default().after_read(&Err(no_token(true)), at(0)),
        deleting().after_delete(&Err(no_token(true)), at(1)),
    ] {
        let outcome = outcome(ended.1);
        assert_eq!((outcome.cause, outcome.status), (Cause::CredentialRejected, None));
    }
}

#[test]
fn a_read_that_is_refused_beforehand_deletes_nothing() {
    let cases = [
        (400, Cause::BadRequest),
        (401, Cause::CredentialRejected),
        (403, Cause::NotPermitted),
        (405, Cause::NotRead),
        (302, Cause::NotRead),
    ];
    for (status, cause) in cases {
        let (_, next) = Progress::default().after_read(&refused(status), at(1));
        assert_eq!(outcome(next).cause, cause);
    }
}

/// Takes up the deletion at this moment, finds the device and gets this answer to the DELETE.
fn deletes_again(
    progress: Progress,
    answer: &Result<ResponseInfo, WebexError>,
    now: i64,
) -> (Progress, Next) {
    let (progress, next) = progress.resumed().after_read(&Ok(a_device()), at(now));
    assert_eq!(next, Next::Delete);
    progress.after_delete(answer, at(now))
}

#[test]
fn a_busy_webex_is_waited_for_until_ten_minutes_have_passed_and_then_the_device_is_read_again() {
    let (progress, next) = deleting().after_delete(&busy(429, 400), at(0));
    assert_eq!(next, Next::Wait { until: at(400), why: Why::Busy });
    let (progress, next) = deletes_again(progress, &busy(429, 200), 400);
    assert_eq!(waits_until(&next), at(600));
    let (_, next) = deletes_again(progress, &busy(429, 1), 600);
    assert_eq!(outcome(next).cause, Cause::TooManyRequests { until: at(601) });
}

#[test]
fn a_lock_is_waited_out_for_30_seconds_in_all_however_long_webex_was_busy() {
    let (progress, _) = deleting().after_delete(&busy(429, 300), at(0));
    let (progress, next) = deletes_again(progress, &busy(423, 20), 300);
    assert_eq!(waits_until(&next), at(320));
    let (progress, next) = deletes_again(progress, &busy(423, 10), 320);
    assert_eq!(waits_until(&next), at(330));
    let (_, next) = deletes_again(progress, &busy(423, 1), 330);
    assert_eq!(outcome(next).cause, Cause::Locked { until: at(331) });
}

#[test]
fn longer_waits_are_reported_with_the_time_to_come_back() {
    for seconds in [31, 3600] {
        let (_, next) = deleting().after_delete(&busy(423, seconds), at(0));
        assert_eq!(outcome(next).cause, Cause::Locked { until: at(seconds) });
    }
    let (_, next) = Progress::default().after_read(&busy(429, 601), at(0));
    assert_eq!(outcome(next).cause, Cause::TooManyRequests { until: at(601) });
}

#[test]
fn a_pause_that_others_were_told_is_waited_out_like_a_wait_of_ones_own() {
    let (progress, next) = Progress::default().after_read(&paused(20), at(0));
    assert_eq!(next, Next::Wait { until: at(20), why: Why::Busy });
    let (progress, next) = deletes_again(progress, &paused(580), 20);
    assert_eq!(waits_until(&next), at(600));
    assert!(!progress.is_under_way(), "the DELETE was not sent");
    let (_, next) = progress.resumed().after_read(&paused(1), at(600));
    let ended = outcome(next);
    assert_eq!((ended.cause, ended.status), (Cause::TooManyRequests { until: at(601) }, None));
}

#[test]
fn a_proof_that_must_wait_too_long_claims_nothing() {
    let (progress, _) = deleting().after_delete(&Ok(answered(204)), at(1));
    let (_, next) = progress.after_read(&paused(601), at(1));
    assert_eq!(outcome(next).cause, Cause::NotReadBack);
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
    let minutes = |minutes: i64| at(minutes * 60);
    let told = |cause, minute| Look::Tell(Outcome { at: minutes(minute), ..said(cause) });
    let listed = said(Cause::StillListed);
    assert_eq!(look_again(&listed, &not_found(), minutes(1)), told(Cause::Deleted, 1));
    assert_eq!(look_again(&listed, &Ok(a_device()), minutes(1)), Look::Again(minutes(11)));
    assert_eq!(look_again(&listed, &troubled(500), minutes(12)), Look::Again(minutes(71)));
    assert_eq!(look_again(&listed, &paused(3600), minutes(12)), Look::Again(minutes(72)));
    assert_eq!(look_again(&listed, &busy(429, 1), minutes(12)), Look::Again(minutes(13)));
    assert_eq!(look_again(&listed, &paused(1), minutes(72)), told(Cause::NotReadBack, 72));
    assert_eq!(look_again(&listed, &Ok(a_device()), minutes(71)), told(Cause::StillListed, 71));
    assert_eq!(look_again(&said(Cause::Unsettled), &troubled(500), minutes(71)), told(Cause::Unsettled, 71));
    let failed = Outcome { status: Some(503), ..said(Cause::WebexError) };
    let told_503 = |cause, minute| Look::Tell(Outcome { cause, at: minutes(minute), ..failed.clone() });
    assert_eq!(look_again(&failed, &Ok(a_device()), minutes(71)), told_503(Cause::WebexError, 71));
    assert_eq!(look_again(&failed, &not_found(), minutes(11)), told_503(Cause::SettledByReading, 11));
}
