//! Failures of a command, each with its verdict: wait, run again, or give up with a card.

use jiff::Timestamp;

use super::context::{CommandContext, NotServed};
use super::reply::{Answer, JobOutcome, message};
use super::retry::{LOCK_RETRY, LONGEST_SILENCE, LONGEST_WAIT_OF_DELETIONS, RUNS};
use crate::cards::{self, Notice};
use crate::domain::audit::AuditEvent;
use crate::domain::clock::retry_delay;
use crate::domain::{Cause, ChangeTarget};
use crate::grammar::{Command, ProvisionTarget};
use crate::policy::{Denied, StaleDecision};
use crate::store::{CommandId, End, OutgoingId, Step, StoreError};
use crate::webex::WebexError;

/// Why a run of a command has no answer yet.
#[derive(Debug)]
pub(crate) enum Failure {
    Webex(WebexError),
    Store(StoreError),
    /// Another command holds the lock that this command needs.
    Locked {
        /// The device, workspace or person that it is changing; none for the lock of additions.
        target: Option<ChangeTarget>,
        /// The other command, unless it has just ended.
        holder: Option<CommandId>,
    },
    Io(std::io::Error),
    Denied(Denied),
    /// The requester could not be looked up again before a change. Nothing was sent: a handler that has begun a change
    /// answers itself.
    Unchecked(WebexError),
    /// The decision is too old for a change. Nothing was sent, as with `Unchecked`.
    Late(StaleDecision),
    /// The device itself is another one than its list entry, by which it was chosen.
    Misnamed(Box<Misnamed>),
    /// The plan is about an organization that Steward no longer serves.
    NotServed,
    /// The handler has decided when the command runs again.
    Wait(Wait),
}

/// A device that does not have the serial number or MAC address by which it was found.
#[derive(Debug)]
pub(crate) struct Misnamed {
    /// The reference as written.
    pub(crate) asked: String,
    /// The serial number and MAC address of the device.
    pub(crate) found: String,
}

/// When a command runs again.
#[derive(Debug)]
pub(crate) struct Wait {
    pub(crate) until: Timestamp,
    /// The reason, for operators.
    pub(crate) note: String,
    /// The progress that is saved with it.
    pub(crate) progress: String,
    /// Why Webex asked to wait, if it did: the requester gets a notice if the wait is long.
    pub(crate) announced: Option<AskedToWait>,
}

/// Why Webex asked to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AskedToWait {
    /// It rate limits the credential (429).
    RateLimit,
    /// Something else holds the device or place (423).
    Lock,
}

impl AskedToWait {
    fn of(error: &WebexError) -> Self {
        if error.is_locked() { Self::Lock } else { Self::RateLimit }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<WebexError> for Failure {
    fn from(error: WebexError) -> Self {
        Self::Webex(error)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::TargetLocked { target, holder, .. } => {
                let holder = holder.map(|id| CommandId::from_stored(&id));
                Self::Locked { target: Some(target), holder }
            }
            error => Self::Store(error),
        }
    }
}

impl From<StaleDecision> for Failure {
    fn from(stale: StaleDecision) -> Self {
        Self::Late(stale)
    }
}

impl From<NotServed> for Failure {
    fn from(NotServed: NotServed) -> Self {
        Self::NotServed
    }
}

impl From<Denied> for Failure {
    fn from(denied: Denied) -> Self {
        Self::Denied(denied)
    }
}

impl Failure {
    /// Turns the verdict into a step: another run later, or the end of the command with a card. A store failure records
    /// nothing.
    pub(crate) async fn into_job_outcome(self, ctx: &CommandContext<'_>) -> Result<JobOutcome, StoreError> {
        let now = ctx.now();
        let again = |at, note| Step::new(now, End::Again { at, note });
        let error = match self {
            Self::Store(error) => return Err(error),
            Self::Locked { holder, .. } => {
                let name = holder.as_ref().map_or("another command", CommandId::as_str);
                let (at, note) = (now + LOCK_RETRY, format!("waiting for {name} to end its change"));
                let other = match &holder {
                    Some(id) => ctx.services.store.command(id).await.ok(),
                    None => None,
                };
                let other = other.as_ref().map(|record| &record.accepted);
                let other = other.map(|other| (&other.command, &other.actor, other.accepted_at));
                let notice = || Notice::waiting_for_another(&ctx.record.accepted.command, other);
                return Ok(with_notice(ctx, again(at, note), at, notice).into());
            }
            Self::Wait(wait) => {
                let step = again(wait.until, wait.note).progress(&ctx.record.accepted.id, wait.progress);
                return Ok(match wait.announced {
                    Some(why) => with_wait_notice(ctx, step, wait.until, why),
                    None => step,
                }
                .into());
            }
            Self::Denied(denied) => {
                let answer = Answer::of(ctx, &Notice::denied_later(denied));
                return answer.audit(ctx, refused(ctx, denied.as_str())).into_job_outcome(ctx).await;
            }
            Self::Io(error) => {
                tracing::error!(%error, "could not write or read a temporary file");
                return Answer::of(ctx, &Notice::given_up()).into_job_outcome(ctx).await;
            }
            Self::Late(stale) => {
                let deviation = ctx.services.bot_client.clock_deviation();
                let notice = Notice::too_late(stale.made_at, now).with_clock(deviation);
                let answer = Answer::of(ctx, &notice).audit(ctx, refused(ctx, "too old"));
                return answer.into_job_outcome(ctx).await;
            }
            Self::Misnamed(device) => {
                let answer = Answer::of(ctx, &Notice::misnamed(&device.asked, &device.found));
                return answer.audit(ctx, refused(ctx, "another device")).into_job_outcome(ctx).await;
            }
            Self::NotServed => {
                let answer = Answer::of(ctx, &Notice::no_longer_served());
                return answer.audit(ctx, refused(ctx, "no longer served")).into_job_outcome(ctx).await;
            }
            Self::Unchecked(error) => {
                if let Some(end) = next_run(ctx, &error) {
                    return Ok(Step::new(now, end).into());
                }
                let answer = Answer::of(ctx, &Notice::could_not_check());
                return answer.audit(ctx, refused(ctx, "could not be looked up")).into_job_outcome(ctx).await;
            }
            Self::Webex(error) => error,
        };
        match next_run(ctx, &error) {
            Some(end @ End::Again { at, .. }) => {
                Ok(with_wait_notice(ctx, Step::new(now, end), at, AskedToWait::of(&error)).into())
            }
            Some(end) => Ok(Step::new(now, end).into()),
            None => not_done(ctx, &error).into_job_outcome(ctx).await,
        }
    }
}

/// The audit event of an accepted command that was refused when it ran. Stored: the rules must not change.
fn refused(ctx: &CommandContext<'_>, rule: &str) -> AuditEvent {
    let command = ctx.record.accepted.command.to_string();
    AuditEvent::CommandRefused { command, rule: rule.to_owned() }
}

/// Whether a command runs again after this error.
pub(crate) fn runs_again(ctx: &CommandContext<'_>, error: &WebexError) -> bool {
    next_run(ctx, error).is_some()
}

/// The next run after a Webex error, if it comes soon enough for the waiting requester.
fn next_run(ctx: &CommandContext<'_>, error: &WebexError) -> Option<End> {
    let (job, accepted) = (ctx.job, &ctx.record.accepted);
    let asked = error.requested_wait();
    // Runs that only waited for a rate limit are bounded by time, not by number.
    if !error.is_transient() || (asked.is_none() && job.failures + 1 >= RUNS) {
        return None;
    }
    let patience = match accepted.command {
        Command::DeleteDevice { .. } => LONGEST_WAIT_OF_DELETIONS,
        _ => LONGEST_SILENCE,
    };
    let at = ctx.now() + asked.unwrap_or_else(|| retry_delay(job.failures + 1, &job.subject));
    let note = error.to_string();
    (at <= accepted.accepted_at + patience).then_some(match asked {
        Some(_) => End::Again { at, note },
        None => End::Failed { at, note },
    })
}

/// Adds the notice that Webex makes the command wait, if its requester would wait long without an answer.
fn with_wait_notice(ctx: &CommandContext<'_>, step: Step, until: Timestamp, why: AskedToWait) -> Step {
    let (command, now) = (&ctx.record.accepted.command, ctx.now());
    with_notice(ctx, step, until, || match why {
        AskedToWait::RateLimit => Notice::waiting(command, until, now),
        AskedToWait::Lock => Notice::waiting_for_unlock(command, until, now),
    })
}

/// Adds a notice if the requester would otherwise wait long without an answer. Its id depends only on the command, so a
/// command has one notice, the first.
fn with_notice(
    ctx: &CommandContext<'_>,
    step: Step,
    until: Timestamp,
    notice: impl FnOnce() -> Notice,
) -> Step {
    let accepted = &ctx.record.accepted;
    if until <= accepted.accepted_at + LONGEST_SILENCE {
        return step;
    }
    let now = ctx.now();
    let card = cards::render(&notice());
    step.post(message(OutgoingId::waiting_for(&accepted.id), &accepted.thread, &card, now))
}

/// The answer after a Webex error that ends the command.
pub(crate) fn not_done(ctx: &CommandContext<'_>, error: &WebexError) -> Answer {
    let command = &ctx.record.accepted.command;
    if !error.is_paused() && !matches!(error, WebexError::NotFound(_)) {
        let id = ctx.record.accepted.id.as_str();
        tracing::warn!(command_id = id, command = command.name(), %error, "a command failed");
    }
    if matches!(error, WebexError::NoToken { is_refused: false, .. }) {
        return Answer::of(ctx, &Notice::no_token_yet());
    }
    let now = ctx.now();
    // An answer that is not Webex's own counts as none.
    let answer = error.own_answer();
    let tracking_id = answer.and_then(|answer| answer.tracking_id.as_deref());
    let cause = cause_of_failure(error, now);
    let status = answer.map(|answer| answer.status);
    let notice = match command {
        Command::Activate { place, .. } | Command::AddDevice { place, .. }
            if cause == Cause::OtherOrganization =>
        {
            Notice::place_elsewhere(matches!(place, ProvisionTarget::Workspace(_)))
        }
        Command::ShowDevice { .. } => Notice::not_shown(&cause, status, tracking_id, now),
        _ => Notice::not_done(&cause, status, tracking_id, now),
    };
    Answer::of(ctx, &notice).tracking_id(tracking_id)
}

/// The cause when a read failed, or found no device, before anything was changed.
pub(crate) fn cause_of_failure(error: &WebexError, now: Timestamp) -> Cause {
    match error {
        WebexError::Busy { .. } | WebexError::Paused { .. } => cause_of_refusal(error, now),
        WebexError::Refused(answer) => match answer.status {
            400 => Cause::BadRequest,
            401 => Cause::CredentialRejected,
            403 => Cause::NotPermitted,
            _ => Cause::NotRead,
        },
        WebexError::NoToken { is_refused: true, .. } => Cause::CredentialRejected,
        WebexError::NoToken { is_refused: false, .. } | WebexError::Unreachable(_) => Cause::Unreachable,
        WebexError::NotFound(answer) if answer.info().status == 410 => Cause::RemovedForGood,
        WebexError::NotFound(_) => Cause::NeverFound,
        WebexError::OtherOrganization(_) => Cause::OtherOrganization,
        WebexError::NoAnswer(_)
        | WebexError::Unreadable { .. }
        | WebexError::ForeignNotFound(_)
        | WebexError::ForeignAnswer(_)
        | WebexError::ServerError(_) => Cause::NotRead,
    }
}

/// The cause when Webex certainly did not carry out a change: it refused, or was never reached. Follows the status
/// codes on Webex's page *Delete a Device*.
pub(crate) fn cause_of_refusal(error: &WebexError, now: Timestamp) -> Cause {
    let until = error.requested_wait().map_or(now, |wait| now + wait);
    match error.answer().map(|answer| answer.status) {
        None if error.is_paused() => Cause::TooManyRequests { until },
        None if error.is_token_rejected() => Cause::CredentialRejected,
        None => Cause::Unreachable,
        Some(400) => Cause::BadRequest,
        Some(401) => Cause::CredentialRejected,
        Some(403) => Cause::NotPermitted,
        Some(405) => Cause::MethodRefused,
        Some(409) => Cause::Conflict,
        Some(415) => Cause::MediaTypeRefused,
        Some(423) => Cause::Locked { until },
        Some(428) => Cause::PreconditionRequired,
        Some(429) => Cause::TooManyRequests { until },
        Some(_) => Cause::Unexpected,
    }
}

/// Whether a change with this error was certainly not carried out. It was never sent, or Webex asked to wait, or Webex
/// refused it with a status on the page *Delete a Device*. After anything else only a read shows.
pub(crate) fn is_certainly_not_carried_out(error: &WebexError) -> bool {
    match error {
        WebexError::Unreachable(_)
        | WebexError::NoToken { .. }
        | WebexError::Busy { .. }
        | WebexError::Paused { .. } => true,
        WebexError::Refused(answer) => matches!(answer.status, 400 | 401 | 403 | 405 | 409 | 415 | 428),
        WebexError::NoAnswer(_)
        | WebexError::Unreadable { .. }
        | WebexError::NotFound(_)
        | WebexError::ForeignNotFound(_)
        | WebexError::ForeignAnswer(_)
        | WebexError::OtherOrganization(_)
        | WebexError::ServerError(_) => false,
    }
}
