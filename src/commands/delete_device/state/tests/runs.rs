//! Whole runs over whatever Webex may answer.

use proptest::prelude::*;

use super::*;

/// Stands for a call that is not made.
const PAUSED: u16 = 0;

/// Anything that Webex may answer.
fn any_error() -> impl Strategy<Value = u16> {
    prop::sample::select(vec![PAUSED, 302, 400, 401, 403, 404, 409, 410, 418, 423, 429, 500, 502, 503, 504])
}

fn error_of<T>(status: u16) -> Result<T, WebexError> {
    match status {
        404 | 410 => Err(WebexError::NotFound(answered(status))),
        423 | 429 => busy(status, 3),
        PAUSED => paused(3),
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
        let (mut just_found, mut last_read_was_404, mut unclear) = (false, false, false);
        let mut answers = answers.into_iter().chain(std::iter::repeat((true, 404, false)));
        for _ in 0..400 {
            let (good, status, crash) = answers.next().expect("the answers never end");
            if crash && !matches!(next, Next::End(_)) {
                unclear |= next == Next::Delete;
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
                    unclear |= !good && matches!(status, 302 | 418 | 500..);
                    progress.after_delete(&answer, now)
                }
                Next::Wait { .. } => (progress.resumed(), Next::Read),
                Next::End(outcome) => {
                    let says_absent = matches!(outcome.kind(), OutcomeKind::Gone | OutcomeKind::NotFound);
                    prop_assert!(!says_absent || last_read_was_404);
                    let says_there = outcome.kind() == OutcomeKind::Failed;
                    prop_assert!(!(unclear && says_there) || outcome.may_still_change());
                    return Ok(());
                }
            };
        }
        prop_assert!(false, "it did not end");
    }
}
