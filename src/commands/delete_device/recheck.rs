//! Looking again at a deletion that was not settled when its card was posted, and reporting it in the thread.

use super::state::{Look, Progress, look_again, look_in_vain};
use crate::cards::{self, DeletionResult, FollowUp, Watch};
use crate::commands::context::CommandContext;
use crate::commands::failure::Failure;
use crate::commands::reply::{JobOutcome, message};
use crate::commands::resolve;
use crate::commands::services::Services;
use crate::domain::audit::AuditEvent;
use crate::domain::{DeviceId, Outcome};
use crate::grammar::{Command, OrgName, Reason};
use crate::store::{CommandId, End, LeasedJob, OutgoingId, Step, StoreError};
use crate::webex::WebexError;

/// Runs the job that looks again.
pub(crate) async fn run(services: &Services, job: &LeasedJob) -> Result<JobOutcome, StoreError> {
    let record = services.store.command(&CommandId::from_stored(&job.subject)).await?;
    let ctx = &CommandContext { services, job, record: &record };
    let nothing = Step::new(ctx.now(), End::Done);
    let (Command::DeleteDevice { device, reason, org }, Some(known)) =
        (&record.accepted.command, &record.outcome)
    else {
        return Ok(nothing.into());
    };
    // The device of the deletion, whatever the reference resolves to now.
    let Some(device) = &super::begun(&record).or_else(|| device.as_id()) else { return Ok(nothing.into()) };
    let now = ctx.now();
    let step = match look(ctx, device, org.as_ref(), known).await? {
        Look::Again(at) => {
            Step::new(now, End::Again { at, note: "the deletion is not settled yet".to_owned() })
        }
        Look::Tell(outcome) => report(ctx, device, reason.as_ref(), known, &outcome),
    };
    Ok(step.into())
}

async fn look(
    ctx: &CommandContext<'_>,
    device: &DeviceId,
    org: Option<&OrgName>,
    known: &Outcome,
) -> Result<Look, StoreError> {
    let command_id = ctx.job.subject.as_str();
    let requested_wait = match resolve::organization(ctx, org).await {
        Ok(Ok(scope)) => {
            let answer = ctx.services.admin.device(&scope, device).await;
            ctx.services.note_admin_credential(&answer);
            if let Err(error) = &answer
                && !error.is_paused()
                && !matches!(error, WebexError::NotFound(_))
            {
                tracing::warn!(command_id, %error, "cannot read the device of an unsettled deletion");
            }
            return Ok(look_again(known, &answer, ctx.now()));
        }
        Err(Failure::Store(error)) => return Err(error),
        Err(Failure::Webex(error)) => {
            tracing::warn!(command_id, %error, "cannot look up the organization of an unsettled deletion");
            error.requested_wait()
        }
        // The organization is not served any more, so its devices may not be read.
        Ok(Err(_)) | Err(_) => None,
    };
    Ok(look_in_vain(known, requested_wait, ctx.now()))
}

fn report(
    ctx: &CommandContext<'_>,
    device_id: &DeviceId,
    reason: Option<&Reason>,
    known: &Outcome,
    outcome: &Outcome,
) -> Step {
    let accepted = &ctx.record.accepted;
    let progress = ctx.progress::<Progress>().ok().flatten();
    let facts = progress.as_ref().and_then(Progress::device);
    let card = cards::render(&FollowUp {
        result: DeletionResult {
            facts,
            device_id,
            outcome,
            actor: &accepted.actor,
            reason: reason.map(Reason::as_str),
            replace: None,
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
        .post(message(OutgoingId::follow_up_to(&accepted.id), &accepted.thread, &card, outcome.at))
}
