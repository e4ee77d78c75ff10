//! Rechecks: reads the device of an unsettled deletion again later, and reports the outcome in the thread.

use jiff::{SignedDuration, Timestamp};

use super::replacement::replacement;
use super::state::DeletionProgress;
use crate::cards::{self, Button, DeletionResult, FollowUp, Watch};
use crate::commands::context::CommandContext;
use crate::commands::reply::{AfterCommit, Buttons, CommandEnded, JobOutcome, message};
use crate::commands::services::Services;
use crate::domain::audit::AuditEvent;
use crate::domain::clock::is_believable;
use crate::domain::{Cause, DeviceFacts, DeviceId, Outcome};
use crate::grammar::{Command, OrgName, Reason};
use crate::plan::ButtonRef;
use crate::policy::Right;
use crate::store::{CommandId, End, LeasedJob, OutgoingId, Step, StoreError};
use crate::webex::{ProvenAbsence, SentAs, WebexError};

/// When a deletion is rechecked, counted from its result card. The last recheck always reports.
pub(super) const RECHECK_DELAYS: [SignedDuration; 3] =
    [SignedDuration::from_mins(1), SignedDuration::from_mins(11), SignedDuration::from_mins(71)];

/// A rate-limited recheck runs again when the wait is over, but not sooner than this.
const MIN_WAIT: SignedDuration = SignedDuration::from_mins(1);

/// What a recheck found.
#[derive(Debug)]
enum Found {
    Listed,
    Gone(ProvenAbsence),
    /// Neither the device nor anything else in its organization, which proves nothing.
    Nothing,
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
    let (Command::DeleteDevice { device, reason, org }, Some(known)) =
        (&record.accepted.command, &record.outcome)
    else {
        return Ok(nothing.into());
    };
    let progress = ctx.progress::<DeletionProgress>().ok().flatten();
    let facts = progress.as_ref().and_then(DeletionProgress::device);
    // The device of the deletion, because the reference may resolve to another one now.
    let Some(device) = &facts.map(|facts| facts.id.clone()).or_else(|| device.as_certain_id()) else {
        return Ok(nothing.into());
    };
    let now = ctx.now();
    let sent = progress.as_ref().and_then(DeletionProgress::sent_as);
    Ok(match recheck(ctx, device, org.as_ref(), sent, known).await {
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
    org: Option<&OrgName>,
    sent: Option<&SentAs>,
    known: &Outcome,
) -> Recheck {
    let (admin, policy) = (&ctx.services.admin, &ctx.services.policy);
    let is_served =
        |sent: &&SentAs| org.is_none() || sent.org_id.as_ref().is_none_or(|named| policy.serves(named));
    // An earlier version did not store how the DELETE was sent; or the organization is no longer served, so its devices
    // may not be read.
    let Some(sent) = sent.filter(is_served) else {
        return judge_failed_recheck(known, None, unsettled(known), ctx.now());
    };
    if !admin.is_credential_of(sent) {
        return judge_failed_recheck(known, None, Cause::OtherCredential, ctx.now());
    }
    let scope = sent.scope();
    let answer = admin.device(&scope, device).await;
    note(ctx, &answer);
    let missing = match answer {
        Err(WebexError::NotFound(missing)) => missing,
        answer => return judge_recheck(known, &answer.map(|_| Found::Listed), ctx.now()),
    };
    let witness = admin.witness(&scope, device).await;
    note(ctx, &witness);
    let found = witness.map(|witness| match witness {
        Some(witness) => Found::Gone(ProvenAbsence::witnessed(&missing, witness)),
        None => Found::Nothing,
    });
    judge_recheck(known, &found, ctx.now())
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
fn judge_recheck(known: &Outcome, answer: &Result<Found, WebexError>, now: Timestamp) -> Recheck {
    match answer {
        Ok(Found::Gone(proof)) => report_gone(known, proof, now),
        Ok(Found::Listed) => {
            next_recheck(known, now).unwrap_or_else(|| report_as(known, now, cause_if_listed(known)))
        }
        Ok(Found::Nothing) => {
            let cause = if is_accepted(known) { Cause::NotReadBack } else { Cause::Unproven };
            judge_failed_recheck(known, None, cause, now)
        }
        Err(error) => judge_failed_recheck(known, error.requested_wait(), unsettled(known), now),
    }
}

/// Judges a recheck that could not read the device, perhaps because of a rate limit with this wait.
fn judge_failed_recheck(
    known: &Outcome,
    wait: Option<SignedDuration>,
    cause: Cause,
    now: Timestamp,
) -> Recheck {
    let is_last = next_recheck(known, now).is_none();
    if let Some(wait) = wait.filter(|_| !is_last) {
        return Recheck::Again(now + wait.max(MIN_WAIT));
    }
    next_recheck(known, now).unwrap_or_else(|| report_as(known, now, cause))
}

/// The cause that is reported if the last recheck cannot read the device.
fn unsettled(known: &Outcome) -> Cause {
    if is_accepted(known) { Cause::NotReadBack } else { Cause::Unsettled }
}

fn report_gone(known: &Outcome, _proof: &ProvenAbsence, now: Timestamp) -> Recheck {
    report_as(known, now, if is_accepted(known) { Cause::Deleted } else { Cause::SettledByReading })
}

/// The cause that is reported if the last recheck still finds the device.
fn cause_if_listed(known: &Outcome) -> Cause {
    match known.status {
        _ if is_accepted(known) => Cause::StillListed,
        None => Cause::NoAnswer,
        Some(500..) => Cause::WebexError,
        Some(_) => Cause::Unexpected,
    }
}

/// Whether Webex accepted the DELETE.
fn is_accepted(known: &Outcome) -> bool {
    matches!(known.cause, Cause::StillListed | Cause::NotReadBack)
}

fn report_as(known: &Outcome, now: Timestamp, cause: Cause) -> Recheck {
    Recheck::Report(Outcome { cause, at: now, ..known.clone() })
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
    use crate::commands::delete_device::state::tests::{at, busy, paused, troubled};
    use crate::webex::{WebexNotFound, Witness};

    #[test]
    fn rechecks_report_what_the_card_promised() {
        let known = |cause| Outcome { cause, status: Some(204), tracking_id: None, at: at(0) };
        let minutes = |minutes: i64| at(minutes * 60);
        let report = |cause, minute| Recheck::Report(Outcome { at: minutes(minute), ..known(cause) });
        let gone = || {
            let missing = WebexNotFound::answered(404);
            Ok(Found::Gone(ProvenAbsence::witnessed(&missing, Witness::for_tests())))
        };
        let listed = known(Cause::StillListed);
        assert_eq!(judge_recheck(&listed, &gone(), minutes(1)), report(Cause::Deleted, 1));
        assert_eq!(judge_recheck(&listed, &Ok(Found::Listed), minutes(1)), Recheck::Again(minutes(11)));
        assert_eq!(judge_recheck(&listed, &Ok(Found::Nothing), minutes(1)), Recheck::Again(minutes(11)));
        assert_eq!(judge_recheck(&listed, &troubled(500), minutes(12)), Recheck::Again(minutes(71)));
        assert_eq!(judge_recheck(&listed, &paused(3600), minutes(12)), Recheck::Again(minutes(72)));
        assert_eq!(judge_recheck(&listed, &busy(429, 1), minutes(12)), Recheck::Again(minutes(13)));
        assert_eq!(judge_recheck(&listed, &paused(1), minutes(72)), report(Cause::NotReadBack, 72));
        assert_eq!(judge_recheck(&listed, &Ok(Found::Nothing), minutes(71)), report(Cause::NotReadBack, 71));
        assert_eq!(judge_recheck(&listed, &Ok(Found::Listed), minutes(71)), report(Cause::StillListed, 71));
        let unsettled = known(Cause::Unsettled);
        assert_eq!(judge_recheck(&unsettled, &troubled(500), minutes(71)), report(Cause::Unsettled, 71));
        assert_eq!(judge_recheck(&unsettled, &Ok(Found::Nothing), minutes(71)), report(Cause::Unproven, 71));
        let failed = Outcome { status: Some(503), ..known(Cause::WebexError) };
        let report_503 =
            |cause, minute| Recheck::Report(Outcome { cause, at: minutes(minute), ..failed.clone() });
        assert_eq!(
            judge_recheck(&failed, &Ok(Found::Listed), minutes(71)),
            report_503(Cause::WebexError, 71)
        );
        assert_eq!(judge_recheck(&failed, &gone(), minutes(11)), report_503(Cause::SettledByReading, 11));
    }
}
