//! The state machine, answer by answer.

use proptest::prelude::*;

use super::*;
use crate::domain::OutcomeKind;
use crate::domain::fixtures::a_device;
use crate::webex::{SentAs, WebexNotFound};

pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

fn answered(status: u16) -> ResponseInfo {
    ResponseInfo { status, tracking_id: Some(format!("T_{status}")), message: None }
}

pub(crate) fn not_found() -> Result<Device, WebexError> {
    Err(WebexError::NotFound(WebexNotFound::answered(404)))
}

/// A 404 of something between Webex and Steward.
fn foreign_not_found<T>() -> Result<T, WebexError> {
    Err(WebexError::ForeignNotFound(answered(404)))
}

#[expect(clippy::unnecessary_wraps, reason = "the answer of a call")]
fn accepted(status: u16) -> Result<Accepted, WebexError> {
    Ok(Accepted::answered(status))
}

#[expect(clippy::unnecessary_wraps, reason = "the answer of a call")]
fn witness() -> Result<Option<Witness>, WebexError> {
    Ok(Some(Witness::for_tests()))
}

/// A deletion before its first call.
fn begun() -> DeletionProgress {
    let mut progress = DeletionProgress::default();
    progress.freeze(SentAs { org_id: None, credential: "token 1".to_owned() });
    progress
}

/// The outcome after this read found nothing, with a witness where one is needed.
fn missing(progress: DeletionProgress, answer: &Result<Device, WebexError>, now: i64) -> Outcome {
    match progress.after_read(answer, at(now)) {
        (progress, NextStep::Witness) => outcome(progress.after_witness(&witness(), at(now)).1),
        (_, next) => outcome(next),
    }
}

pub(crate) fn troubled<T>(status: u16) -> Result<T, WebexError> {
    Err(WebexError::ServerError(answered(status)))
}

pub(crate) fn busy<T>(status: u16, seconds: i64) -> Result<T, WebexError> {
    let retry_after = SignedDuration::from_secs(seconds);
    Err(WebexError::Busy { answer: answered(status), retry_after })
}

pub(crate) fn paused<T>(seconds: i64) -> Result<T, WebexError> {
    // The end is only for the log: clocks of other processes may differ.
    Err(WebexError::Paused { until: at(seconds), remaining: SignedDuration::from_secs(seconds) })
}

fn refused<T>(status: u16) -> Result<T, WebexError> {
    Err(WebexError::Refused(answered(status)))
}

/// A deletion that is about to send its DELETE.
pub(crate) fn deleting() -> DeletionProgress {
    let (progress, next) = begun().after_read(&Ok(a_device()), at(0));
    assert_eq!(next, NextStep::Delete);
    progress
}

fn outcome(next: NextStep) -> Outcome {
    match next {
        NextStep::End(outcome) => outcome,
        other => panic!("expected an outcome, found {other:?}"),
    }
}

fn waits_until(next: &NextStep) -> Timestamp {
    match next {
        NextStep::Wait { until, .. } => *until,
        other => panic!("expected a wait, found {other:?}"),
    }
}

#[test]
fn a_proved_deletion_has_status_and_tracking_id_of_the_delete() {
    for status in [200, 201, 202, 204] {
        let (progress, next) = deleting().after_delete(&accepted(status), at(1));
        assert_eq!(next, NextStep::Read);
        let (_, next) = progress.after_read(&not_found(), at(2));
        let outcome = outcome(next);
        assert_eq!((outcome.cause, outcome.status), (Cause::Deleted, Some(status)));
        assert_eq!(outcome.tracking_id, Some(format!("T_{status}")));
    }
}

#[test]
fn a_device_that_was_never_there_is_not_found() {
    let (_, next) = begun().after_read(&not_found(), at(0));
    assert_eq!(outcome(next).cause, Cause::NeverFound);
}

#[test]
fn a_device_that_vanishes_before_the_delete_is_not_found() {
    for (status, cause) in [(404, Cause::Vanished), (410, Cause::RemovedForGood)] {
        let (progress, next) =
            deleting().after_delete(&Err(WebexError::NotFound(WebexNotFound::answered(status))), at(1));
        assert_eq!(next, NextStep::Read);
        assert_eq!(missing(progress, &not_found(), 1).cause, cause);
    }
}

/// Reads the device, always with this answer, until the deletion ends.
fn read_until_the_end(
    mut progress: DeletionProgress,
    answer: &dyn Fn() -> Result<Device, WebexError>,
) -> Outcome {
    loop {
        let (later, next) = progress.resumed().after_read(&answer(), at(1));
        progress = later;
        if let NextStep::End(outcome) = next {
            return outcome;
        }
    }
}

#[test]
fn a_404_to_the_delete_proves_nothing_while_the_device_can_be_read() {
    for (status, cause) in [(404, Cause::NotPermitted), (410, Cause::CallRetired)] {
        let denied = Err(WebexError::NotFound(WebexNotFound::answered(status)));
        let (progress, _) = deleting().after_delete(&denied, at(1));
        let ended = read_until_the_end(progress, &|| Ok(a_device()));
        assert_eq!((ended.kind(), ended.cause, ended.status), (OutcomeKind::Failed, cause, Some(status)));
    }
}

#[test]
fn a_deletion_that_cannot_continue_has_the_outcome_of_its_answers() {
    let after = |answer| deleting().after_delete(&answer, at(1)).0.resumed();
    let denied = || Err(WebexError::NotFound(WebexNotFound::answered(404)));
    for (progress, cause) in [
        (begun(), Cause::GivenUp),
        (begun().after_read(&Ok(a_device()), at(0)).0.not_sent(), Cause::GivenUp),
        (after(refused(403)), Cause::GivenUp),
        (after(accepted(204)), Cause::NotReadBack),
        (after(troubled(502)), Cause::Unsettled),
        (after(denied()), Cause::Unsettled),
        (deleting().resumed(), Cause::Unsettled),
    ] {
        assert_eq!(progress.stopped_by(Cause::GivenUp, at(2)).cause, cause, "{progress:?}");
    }
}

#[test]
fn after_an_unclear_delete_no_outcome_claims_that_nothing_was_deleted() {
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
    let (mut progress, _) = deleting().after_delete(&accepted(204), at(1));
    let mut waits = Vec::new();
    loop {
        let (later, next) = progress.resumed().after_read(&Ok(a_device()), at(1));
        progress = later;
        match next {
            NextStep::Wait { until, .. } => waits.push(until.duration_since(at(1)).as_millis()),
            end => break assert_eq!(outcome(end).cause, Cause::StillListed),
        }
    }
    assert_eq!(waits, [500, 1000, 2000, 4000]);
}

#[test]
fn a_lost_answer_is_settled_by_reading() {
    let (progress, next) = deleting().after_delete(&troubled(503), at(1));
    assert_eq!(next, NextStep::Read);
    let (progress, next) = progress.after_read(&not_found(), at(2));
    assert_eq!(next, NextStep::Witness);
    let (_, next) = progress.after_witness(&witness(), at(2));
    let outcome = outcome(next);
    assert_eq!((outcome.cause, outcome.status), (Cause::SettledByReading, Some(503)));
}

#[test]
fn a_404_without_a_witness_proves_nothing() {
    let (denied, _) =
        deleting().after_delete(&Err(WebexError::NotFound(WebexNotFound::answered(404))), at(1));
    let (unclear, _) = deleting().after_delete(&troubled(502), at(1));
    let (later, _) = deleting().after_delete(&accepted(204), at(1));
    let waited = deleting().not_sent().resumed();
    for (progress, cause) in [
        (denied, Cause::Unproven),
        (unclear, Cause::Unproven),
        (later.resumed(), Cause::NotReadBack),
        (waited, Cause::OutOfSight),
    ] {
        let (asking, next) = progress.after_read(&not_found(), at(2));
        assert_eq!(next, NextStep::Witness, "{cause:?}");
        let (_, next) = asking.clone().after_witness(&Ok(None), at(2));
        assert_eq!(outcome(next).cause, cause);
        let (_, next) = asking.clone().after_witness(&refused(403), at(2));
        assert_eq!(outcome(next).cause, cause);
        // After a wait, the device is read again first.
        let (waiting, next) = asking.after_witness(&troubled(503), at(2));
        assert!(waits_until(&next) > at(2));
        let (_, next) = waiting.after_witness(&witness(), at(3));
        assert_eq!(next, NextStep::Read);
    }
}

#[test]
fn a_404_that_is_not_webexs_own_is_a_failed_read() {
    let (unclear, _) = deleting().after_delete(&troubled(502), at(1));
    let ended = read_until_the_end(unclear, &foreign_not_found);
    assert_eq!((ended.cause, ended.status), (Cause::Unsettled, Some(502)));
    let (accepted, _) = deleting().after_delete(&accepted(204), at(1));
    assert_eq!(read_until_the_end(accepted, &foreign_not_found).cause, Cause::NotReadBack);
    assert_eq!(read_until_the_end(begun(), &foreign_not_found).cause, Cause::NotRead);
    // Nor does it answer a DELETE: it counts as none.
    let (progress, next) = deleting().after_delete(&foreign_not_found(), at(1));
    assert_eq!(next, NextStep::Read);
    let ended = read_until_the_end(progress, &|| Ok(a_device()));
    assert_eq!((ended.cause, ended.status), (Cause::NoAnswer, None));
}

#[test]
fn a_deletion_of_an_earlier_version_never_proves_an_absence() {
    let mut stored = serde_json::to_value(deleting()).unwrap();
    stored.as_object_mut().unwrap().remove("sent_as");
    let progress = serde_json::from_value::<DeletionProgress>(stored).unwrap().resumed();
    assert_eq!(progress.sent_as(), None);
    assert_eq!(outcome(progress.after_read(&not_found(), at(9)).1).cause, Cause::Unproven);
}

#[test]
fn other_settings_end_a_deletion_with_what_is_known() {
    assert_eq!(begun().other_settings(at(1)).cause, Cause::SettingsChanged);
    let (refused, _) = deleting().after_delete(&busy(429, 5), at(1));
    assert_eq!(refused.other_settings(at(1)).cause, Cause::SettingsChanged, "certainly not deleted");
    let (unclear, _) = deleting().after_delete(&troubled(502), at(1));
    let ended = unclear.other_settings(at(1));
    assert_eq!((ended.cause, ended.status), (Cause::OtherCredential, Some(502)));
    assert_eq!(deleting().resumed().other_settings(at(1)).cause, Cause::OtherCredential);
}

#[test]
fn a_delete_that_is_not_repeated_leaves_the_device_where_it_was_read() {
    assert_eq!(deleting().not_repeated(Cause::TooLate, at(1)).cause, Cause::TooLate);
    let (unclear, _) = deleting().after_delete(&troubled(502), at(1));
    assert_eq!(unclear.not_repeated(Cause::TooLate, at(1)).cause, Cause::WebexError);
    let crashed = deleting().resumed();
    assert_eq!(crashed.not_repeated(Cause::RightWithdrawn, at(1)).cause, Cause::NoAnswer);
}

#[test]
fn a_requester_who_cannot_be_looked_up_is_waited_for_a_few_times() {
    let mut progress = deleting();
    let mut waits = 0;
    let ended = loop {
        let (later, next) = progress.after_no_check(&troubled::<()>(503).unwrap_err(), at(1));
        match next {
            NextStep::Wait { .. } => waits += 1,
            next => break outcome(next),
        }
        let (deleting, next) = later.after_read(&Ok(a_device()), at(1));
        assert_eq!(next, NextStep::Delete);
        progress = deleting;
    };
    assert_eq!((ended.cause, waits), (Cause::NotChecked, 4));
    let (_, next) = deleting().after_no_check(&refused::<()>(401).unwrap_err(), at(1));
    assert_eq!(outcome(next).cause, Cause::NotChecked);
}

#[test]
fn a_delete_is_repeated_three_times_at_most_each_after_a_read_that_found_the_device() {
    let (mut progress, mut now) = (deleting(), 0);
    for (delete, pause) in [(1, 2), (2, 4), (3, 8)] {
        assert_eq!(progress.deletes, delete);
        let (settling, next) = progress.after_delete(&troubled(502), at(now));
        assert_eq!(next, NextStep::Read);
        let (waiting, next) = settling.after_read(&Ok(a_device()), at(now));
        now += pause;
        assert_eq!(waits_until(&next), at(now));
        let (again, next) = waiting.resumed().after_read(&Ok(a_device()), at(now));
        assert_eq!(next, NextStep::Delete);
        progress = again;
    }
    let (progress, _) = progress.after_delete(&troubled(504), at(now));
    let ended = read_until_the_end(progress, &|| Ok(a_device()));
    assert_eq!((ended.cause, ended.status), (Cause::WebexError, Some(504)));
}

#[test]
fn an_undocumented_status_is_settled_by_reading() {
    for status in [302, 408, 418, 499] {
        let (progress, next) = deleting().after_delete(&refused(status), at(1));
        assert_eq!(next, NextStep::Read);
        assert_eq!(missing(progress, &not_found(), 1).cause, Cause::SettledByReading);
    }
}

#[test]
fn after_a_crash_before_the_answer_the_device_is_read_first() {
    let stored = serde_json::to_value(deleting()).unwrap();
    let resumed = |stored: &serde_json::Value| -> DeletionProgress {
        serde_json::from_value::<DeletionProgress>(stored.clone()).unwrap().resumed()
    };
    assert_eq!(missing(resumed(&stored), &not_found(), 9).cause, Cause::SettledByReading);
    let (progress, next) = resumed(&stored).after_read(&Ok(a_device()), at(9));
    assert_eq!(waits_until(&next), at(11));
    let (_, next) = progress.resumed().after_read(&Ok(a_device()), at(11));
    assert_eq!(next, NextStep::Delete);
}

#[test]
fn a_refused_delete_has_the_cause_of_its_status() {
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
fn a_missing_token_is_waited_for_unless_webex_refused_it() {
    let no_token = |is_refused| WebexError::NoToken { is_refused, why: String::new() };
    let (progress, next) = deleting().after_delete(&Err(no_token(false)), at(1));
    assert_eq!(waits_until(&next), at(3));
    let (_, next) = progress.after_read(&Ok(a_device()), at(3));
    assert_eq!(next, NextStep::Delete);
    let (_, next) = begun().after_read(&Err(no_token(false)), at(0));
    assert!(waits_until(&next) > at(0));
    for ended in [
        begun().after_read(&Err(no_token(true)), at(0)),
        deleting().after_delete(&Err(no_token(true)), at(1)),
    ] {
        let outcome = outcome(ended.1);
        assert_eq!((outcome.cause, outcome.status), (Cause::CredentialRejected, None));
    }
}

#[test]
fn a_refused_first_read_deletes_nothing() {
    let cases = [
        (400, Cause::BadRequest),
        (401, Cause::CredentialRejected),
        (403, Cause::NotPermitted),
        (405, Cause::NotRead),
        (302, Cause::NotRead),
    ];
    for (status, cause) in cases {
        let (_, next) = begun().after_read(&refused(status), at(1));
        assert_eq!(outcome(next).cause, cause);
    }
}

/// Continues the deletion at this time, finds the device and gets this answer to the DELETE.
fn deletes_again(
    progress: DeletionProgress,
    answer: &Result<Accepted, WebexError>,
    now: i64,
) -> (DeletionProgress, NextStep) {
    let (progress, next) = progress.resumed().after_read(&Ok(a_device()), at(now));
    assert_eq!(next, NextStep::Delete);
    progress.after_delete(answer, at(now))
}

#[test]
fn rate_limits_are_waited_out_for_ten_minutes_and_then_the_device_is_read_again() {
    let (progress, next) = deleting().after_delete(&busy(429, 400), at(0));
    assert_eq!(next, NextStep::Wait { until: at(400), why: WaitReason::Busy });
    let (progress, next) = deletes_again(progress, &busy(429, 200), 400);
    assert_eq!(waits_until(&next), at(600));
    let (_, next) = deletes_again(progress, &busy(429, 1), 600);
    assert_eq!(outcome(next).cause, Cause::TooManyRequests { until: at(601) });
}

#[test]
fn locks_are_waited_out_for_30_seconds_in_total_apart_from_rate_limits() {
    let (progress, _) = deleting().after_delete(&busy(429, 300), at(0));
    let (progress, next) = deletes_again(progress, &busy(423, 20), 300);
    assert_eq!(next, NextStep::Wait { until: at(320), why: WaitReason::Locked });
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
    let (_, next) = begun().after_read(&busy(429, 601), at(0));
    assert_eq!(outcome(next).cause, Cause::TooManyRequests { until: at(601) });
}

#[test]
fn a_rate_limit_hit_by_another_call_is_waited_out_as_well() {
    let (progress, next) = begun().after_read(&paused(20), at(0));
    assert_eq!(next, NextStep::Wait { until: at(20), why: WaitReason::Busy });
    let (progress, next) = deletes_again(progress, &paused(580), 20);
    assert_eq!(waits_until(&next), at(600));
    assert!(!progress.is_under_way(), "the DELETE was not sent");
    let (_, next) = progress.resumed().after_read(&paused(1), at(600));
    let ended = outcome(next);
    assert_eq!((ended.cause, ended.status), (Cause::TooManyRequests { until: at(601) }, None));
}

#[test]
fn a_proof_that_must_wait_too_long_claims_nothing() {
    let (progress, _) = deleting().after_delete(&accepted(204), at(1));
    let (_, next) = progress.after_read(&paused(601), at(1));
    assert_eq!(outcome(next).cause, Cause::NotReadBack);
}

#[test]
fn a_device_that_changed_during_a_wait_is_not_deleted() {
    let (progress, _) = deleting().after_delete(&busy(429, 5), at(0));
    let other = Device { serial: Some("FOC9999ZZZZ".to_owned()), ..a_device() };
    let (_, next) = progress.resumed().after_read(&Ok(other), at(5));
    assert_eq!(outcome(next).cause, Cause::Changed { what: "serial".to_owned() });
}

#[test]
fn a_failed_read_is_unknown_after_a_delete_and_failed_before() {
    let fails_to_read = |mut progress: DeletionProgress| loop {
        let (later, next) = progress.resumed().after_read(&troubled(500), at(0));
        progress = later;
        if let NextStep::End(outcome) = next {
            break outcome.cause;
        }
    };
    let (proving, _) = deleting().after_delete(&accepted(204), at(0));
    let (settling, _) = deleting().after_delete(&troubled(500), at(0));
    assert_eq!(fails_to_read(proving.clone()), Cause::NotReadBack);
    assert_eq!(fails_to_read(settling), Cause::Unsettled);
    assert_eq!(fails_to_read(begun()), Cause::NotRead);
    let (_, next) = proving.after_read(&refused(401), at(0));
    assert_eq!(outcome(next).cause, Cause::NotReadBack);
}

/// A call that is not made because of a rate limit.
const PAUSED: u16 = 0;
/// A 404 that is not Webex's own.
const FOREIGN: u16 = 1;

fn any_error() -> impl Strategy<Value = u16> {
    prop::sample::select(vec![
        PAUSED, FOREIGN, 302, 400, 401, 403, 404, 409, 410, 418, 423, 429, 500, 502, 503, 504,
    ])
}

fn error_of<T>(status: u16) -> Result<T, WebexError> {
    match status {
        404 | 410 => Err(WebexError::NotFound(WebexNotFound::answered(status))),
        FOREIGN => foreign_not_found(),
        423 | 429 => busy(status, 3),
        PAUSED => paused(3),
        500..=599 => troubled(status),
        _ => refused(status),
    }
}

proptest! {
    /// For any order of answers and crashes: the deletion ends; `gone` was read, with a witness or right after a 2xx;
    /// and no DELETE follows an unclear one before a read has found the device.
    #[test]
    fn every_deletion_ends_and_every_delete_follows_a_read_that_found_the_device(
        answers in prop::collection::vec((any::<bool>(), any_error(), any::<bool>()), 60)
    ) {
        let (mut progress, mut next) = (begun(), NextStep::Read);
        let (mut just_found, mut last_read_was_404, mut unclear) = (false, false, false);
        let (mut has_witness, mut just_accepted) = (false, false);
        let mut answers = answers.into_iter().chain(std::iter::repeat((true, 404, false)));
        for _ in 0..400 {
            let (good, status, crash) = answers.next().expect("the answers never end");
            if crash && !matches!(next, NextStep::End(_)) {
                unclear |= next == NextStep::Delete;
                just_accepted = false;
                progress = progress.resumed();
                next = NextStep::Read;
            }
            let now = at(0);
            (progress, next) = match next {
                NextStep::Read => {
                    let answer = if good { Ok(a_device()) } else { error_of(status) };
                    (just_found, last_read_was_404) = (good, !good && matches!(status, 404 | 410));
                    has_witness = false;
                    progress.after_read(&answer, now)
                }
                NextStep::Witness => {
                    let answer = if good { witness() } else { error_of(status) };
                    has_witness = good;
                    progress.after_witness(&answer, now)
                }
                NextStep::Delete => {
                    prop_assert!(std::mem::take(&mut just_found));
                    let answer = if good { accepted(204) } else { error_of(status) };
                    unclear |= !good && matches!(status, FOREIGN | 302 | 418 | 500..);
                    just_accepted = good;
                    progress.after_delete(&answer, now)
                }
                NextStep::Wait { .. } => {
                    just_accepted = false;
                    (progress.resumed(), NextStep::Read)
                }
                NextStep::End(outcome) => {
                    let says_absent = matches!(
                        outcome.cause,
                        Cause::Deleted | Cause::SettledByReading | Cause::Vanished
                    );
                    prop_assert!(!says_absent || last_read_was_404 && (has_witness || just_accepted));
                    prop_assert!(outcome.kind() != OutcomeKind::NotFound || last_read_was_404);
                    let says_there = outcome.kind() == OutcomeKind::Failed;
                    prop_assert!(!(unclear && says_there) || outcome.may_still_change());
                    return Ok(());
                }
            };
        }
        prop_assert!(false, "it did not end");
    }
}
