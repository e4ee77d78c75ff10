//! Rechecks: reads the device of an unsettled deletion again later, and reports the outcome in the thread.

use jiff::{SignedDuration, Timestamp};

use super::replacement::replacement;
use super::state::DeletionProgress;
use crate::cards::{self, Button, DeletionResult, FollowUp, Watch};
use crate::commands::authority::{self, SentBefore};
use crate::commands::context::CommandContext;
use crate::commands::reply::{AfterCommit, Buttons, CommandEnded, JobOutcome, message};
use crate::commands::services::Services;
use crate::domain::audit::AuditEvent;
use crate::domain::clock::is_believable;
use crate::domain::{DeviceFacts, DeviceId, Outcome};
use crate::grammar::{Command, Reason};
use crate::plan::ButtonRef;
use crate::policy::Right;
use crate::store::{CommandId, End, LeasedJob, OutgoingId, Step, StoreError};
use crate::webex::{ProvenAbsence, ResponseInfo, WebexError};

/// When a deletion is rechecked, counted from its result card. The last recheck always reports.
pub(super) const RECHECK_DELAYS: [SignedDuration; 3] =
    [SignedDuration::from_mins(1), SignedDuration::from_mins(11), SignedDuration::from_mins(71)];

/// A rate-limited recheck runs again when the wait is over, but not sooner than this.
const MIN_WAIT: SignedDuration = SignedDuration::from_mins(1);

/// What a recheck found.
#[derive(Debug)]
enum Found {
    Listed,
    Gone(ProvenAbsence, ResponseInfo),
    /// Neither the device nor anything else in its organization, which proves nothing.
    Nothing(ResponseInfo),
}

/// The result of a recheck.
#[derive(Debug, Clone, PartialEq)]
enum Recheck {
    Again(Timestamp),
    Report(Outcome),
}

pub(crate) async fn run(services: &Services, job: &LeasedJob) -> Result<JobOutcome, StoreError> {
    let record = services.store.command(&CommandId::from_stored(&job.subject)).await?;
    let ctx = &CommandContext { services, job, record: &record };
    let nothing = Step::new(ctx.now(), End::Done);
    let (Command::DeleteDevice { device, reason, .. }, Some(known)) =
        (&record.accepted.command, &record.outcome)
    else {
        return Ok(nothing.into());
    };
    let progress = ctx.progress::<DeletionProgress>().ok().flatten().unwrap_or_default();
    let facts = progress.device();
    // The device of the deletion, because the reference may resolve to another one now.
    let Some(device) = &facts.map(|facts| facts.id.clone()).or_else(|| device.as_certain_id()) else {
        return Ok(nothing.into());
    };
    let now = ctx.now();
    Ok(match recheck(ctx, device, &progress, known).await {
        Recheck::Again(at) => {
            Step::new(now, End::Again { at, note: "the deletion is not settled yet".to_owned() }).into()
        }
        Recheck::Report(outcome) => {
            let ended = CommandEnded::as_deletion(ctx, &outcome);
            JobOutcome {
                step: report(ctx, device, facts, reason.as_ref(), known, &outcome),
                after_commit: Some(AfterCommit::CommandEnded(Box::new(ended))),
            }
        }
    })
}

async fn recheck(
    ctx: &CommandContext<'_>,
    device: &DeviceId,
    progress: &DeletionProgress,
    known: &Outcome,
) -> Recheck {
    let (admin, now) = (&ctx.services.admin, ctx.now());
    let before = progress.sent_as().map(|sent| (sent, authority::sent_before(ctx, sent)));
    let sent = match before {
        Some((sent, SentBefore::AsNow)) => sent,
        Some((_, SentBefore::OtherCredential)) => {
            return judge_failed_recheck(known, None, progress.other_settings(now));
        }
        // An earlier version did not store how the DELETE was sent; or the devices may not be read any more.
        None | Some((_, SentBefore::NotServed)) => {
            return judge_failed_recheck(known, None, unread(progress, known, now));
        }
    };
    let scope = sent.scope();
    let answer = admin.device(&scope, device).await;
    note(ctx, &answer);
    let missing = match answer {
        Err(WebexError::NotFound(missing)) => missing,
        answer => return judge_recheck(progress, known, &answer.map(|_| Found::Listed), ctx.now()),
    };
    let witness = admin.witness(&scope, device).await;
    note(ctx, &witness);
    let found = witness.map(|witness| match witness {
        Some(witness) => Found::Gone(ProvenAbsence::witnessed(&missing, witness), missing.info().clone()),
        None => Found::Nothing(missing.info().clone()),
    });
    judge_recheck(progress, known, &found, ctx.now())
}

fn note<T>(ctx: &CommandContext<'_>, answer: &Result<T, WebexError>) {
    ctx.services.note_admin_credential(answer);
    if let Err(error) = answer
        && !error.is_paused()
        && !matches!(error, WebexError::NotFound(_))
    {
        let command_id = ctx.job.subject.as_str();
        tracing::warn!(command_id, %error, "could not read the device of an unsettled deletion");
    }
}

fn report(
    ctx: &CommandContext<'_>,
    device_id: &DeviceId,
    facts: Option<&DeviceFacts>,
    reason: Option<&Reason>,
    known: &Outcome,
    outcome: &Outcome,
) -> Step {
    let accepted = &ctx.record.accepted;
    let id = OutgoingId::follow_up_to(&accepted.id);
    let mut buttons = Buttons::on(ctx, id.clone());
    let replace = replacement(ctx, facts, outcome).map(|action| buttons.for_anybody(action));
    let card = cards::render(&FollowUp {
        result: DeletionResult {
            facts,
            device_id,
            outcome,
            actor: &accepted.actor,
            reason: reason.map(Reason::as_str),
            replace: replace.as_ref().map(ButtonRef::as_str).map(Button::activate_replacement),
            may_activate: ctx.may(Right::Provision),
            clock: ctx.services.bot_client.clock_deviation(),
        },
        earlier: known.kind(),
        watch: Watch::Ended,
    });
    let event = AuditEvent::OutcomeKnown {
        device_id: device_id.clone(),
        device: facts.cloned(),
        outcome: outcome.clone(),
    };
    Step::new(outcome.at, End::Done)
        .ended(&accepted.id, Some(outcome.clone()))
        .audit(ctx.entry(event, outcome.at))
        .post(message(id, &accepted.thread, &card, outcome.at))
        .buttons(buttons.into_drawn())
}

/// Judges the answer to a recheck. The card promised a report, so the last recheck reports even if nothing has changed.
fn judge_recheck(
    progress: &DeletionProgress,
    known: &Outcome,
    answer: &Result<Found, WebexError>,
    now: Timestamp,
) -> Recheck {
    match answer {
        Ok(Found::Gone(proof, answer)) => Recheck::Report(progress.absent(proof, answer, now)),
        Ok(Found::Listed) => judge_failed_recheck(known, None, progress.listed(now)),
        Ok(Found::Nothing(answer)) => judge_failed_recheck(known, None, progress.unproven(answer, now)),
        Err(error) => judge_failed_recheck(known, error.requested_wait(), unread(progress, known, now)),
    }
}

/// Judges a recheck that has not settled the deletion, perhaps because of a rate limit with this wait. The last one
/// reports this outcome.
fn judge_failed_recheck(known: &Outcome, wait: Option<SignedDuration>, outcome: Outcome) -> Recheck {
    let now = outcome.at;
    match (next_recheck(known, now), wait) {
        (Some(_), Some(wait)) => Recheck::Again(now + wait.max(MIN_WAIT)),
        (Some(next), None) => next,
        (None, _) => Recheck::Report(outcome),
    }
}

/// The outcome if the last recheck cannot read the device.
fn unread(progress: &DeletionProgress, known: &Outcome, now: Timestamp) -> Outcome {
    match progress.stopped_by(known.cause.clone(), now) {
        // Nothing is known about its DELETE.
        outcome if outcome.cause == known.cause => Outcome { at: now, ..known.clone() },
        outcome => outcome,
    }
}

/// The next recheck; none after the last one, or if a wrong clock wrote the moment from which they are counted.
fn next_recheck(known: &Outcome, now: Timestamp) -> Option<Recheck> {
    if !is_believable(known.at, now, SignedDuration::ZERO) {
        return None;
    }
    RECHECK_DELAYS.iter().map(|delay| known.at + *delay).find(|at| *at > now).map(Recheck::Again)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::delete_device::state::tests::{at, busy, deleting, paused, troubled};
    use crate::domain::Cause;
    use crate::webex::{Accepted, WebexNotFound, Witness};

    /// A deletion with this answer to its DELETE, and its outcome at that time.
    fn deletion(answer: &Result<Accepted, WebexError>, cause: Cause) -> (DeletionProgress, Outcome) {
        let (progress, _) = deleting().after_delete(answer, at(0));
        let known = Outcome { cause, ..progress.listed(at(0)) };
        (progress, known)
    }

    fn missing() -> WebexNotFound {
        WebexNotFound::answered(404)
    }

    fn gone() -> Found {
        let proof = ProvenAbsence::witnessed(&missing(), Witness::for_tests());
        Found::Gone(proof, missing().info().clone())
    }

    fn nothing() -> Found {
        Found::Nothing(missing().info().clone())
    }

    fn minutes(minutes: i64) -> Timestamp {
        at(minutes * 60)
    }

    #[test]
    fn rechecks_are_repeated_until_the_last_one() {
        let (progress, known) = deletion(&Ok(Accepted::answered(204)), Cause::StillListed);
        let judged = |answer, minute| judge_recheck(&progress, &known, &answer, minutes(minute));
        assert_eq!(judged(Ok(Found::Listed), 1), Recheck::Again(minutes(11)));
        assert_eq!(judged(Ok(nothing()), 1), Recheck::Again(minutes(11)));
        assert_eq!(judged(troubled(500), 12), Recheck::Again(minutes(71)));
        assert_eq!(judged(paused(3600), 12), Recheck::Again(minutes(72)));
        assert_eq!(judged(busy(429, 1), 12), Recheck::Again(minutes(13)));
        assert!(matches!(judged(Ok(gone()), 1), Recheck::Report(_)));
        assert!(matches!(judged(paused(1), 72), Recheck::Report(_)));
    }

    #[test]
    fn the_last_recheck_reports_by_the_answer_to_the_delete() {
        let denied = |status| Err(WebexError::NotFound(WebexNotFound::answered(status)));
        let accepted = || Ok(Accepted::answered(204));
        for (answer, cause, [if_gone, if_listed, if_nothing, if_unread]) in [
            (
                accepted(),
                Cause::StillListed,
                [Cause::Deleted, Cause::StillListed, Cause::NotReadBack, Cause::NotReadBack],
            ),
            // Its credential was replaced, and is back.
            (
                accepted(),
                Cause::OtherCredential,
                [Cause::Deleted, Cause::StillListed, Cause::NotReadBack, Cause::NotReadBack],
            ),
            (
                troubled(503),
                Cause::WebexError,
                [Cause::SettledByReading, Cause::WebexError, Cause::Unproven, Cause::Unsettled],
            ),
            (
                denied(404),
                Cause::Unproven,
                [Cause::Vanished, Cause::NotPermitted, Cause::Unproven, Cause::Unsettled],
            ),
            (
                denied(410),
                Cause::Unproven,
                [Cause::RemovedForGood, Cause::CallRetired, Cause::Unproven, Cause::Unsettled],
            ),
        ] {
            let (progress, known) = deletion(&answer, cause);
            let report = |found| match judge_recheck(&progress, &known, &found, minutes(71)) {
                Recheck::Report(outcome) => {
                    let same = (outcome.status, &outcome.tracking_id) == (known.status, &known.tracking_id);
                    assert!(same && outcome.at == minutes(71), "{outcome:?}");
                    outcome.cause
                }
                Recheck::Again(at) => panic!("again at {at}"),
            };
            let reported =
                [report(Ok(gone())), report(Ok(Found::Listed)), report(Ok(nothing())), report(troubled(500))];
            assert_eq!(reported, [if_gone, if_listed, if_nothing, if_unread], "{answer:?}");
        }
    }

    #[test]
    fn a_deletion_without_stored_answers_keeps_its_outcome() {
        let known = Outcome { cause: Cause::Unsettled, status: Some(502), tracking_id: None, at: minutes(0) };
        let unread = unread(&DeletionProgress::default(), &known, minutes(71));
        assert_eq!(unread, Outcome { at: minutes(71), ..known });
    }
}
