//! Looking again at a deletion whose effect was not yet to be seen, and saying so in its thread.

use crate::cards::{self, DeletionResult, FollowUp, Watch};
use crate::commands::context::{Ended, entry_of};
use crate::commands::delete_device as delete;
use crate::commands::delete_device::state::{Look, Progress, look_again, look_in_vain};
use crate::commands::reply::Failure;
use crate::commands::resolve::organization::scope_of;
use crate::commands::services::{Services, message};
use crate::domain::audit::Event;
use crate::domain::{DeviceId, Outcome};
use crate::grammar::{Command, Reason};
use crate::store::{CommandId, CommandRecord, End, LeasedJob, OutgoingId, Step};
use crate::webex::WebexError;

pub(crate) async fn run(services: &Services, job: &LeasedJob) -> Ended {
    let record = services.store.command(&CommandId::from_stored(&job.subject)).await?;
    let (Command::DeleteDevice { device, reason, org }, Some(said)) =
        (&record.accepted.command, &record.outcome)
    else {
        return services.store.record(job, Step::new(services.clock.now(), End::Done)).await;
    };
    // The device of the deletion, whatever the reference was.
    let Some(device) = &delete::begun(&record).or_else(|| device.as_id()) else {
        return services.store.record(job, Step::new(services.clock.now(), End::Done)).await;
    };
    let look = match scope_of(services, org.as_ref()).await {
        Ok(scope) => {
            let answer = services.admin.device(&scope, device).await;
            services.note_admin_credential(&answer);
            let is_odd =
                |error: &&WebexError| !error.is_paused() && !matches!(error, WebexError::NotFound(_));
            if let Some(error) = answer.as_ref().err().filter(is_odd) {
                tracing::warn!(command = job.subject, %error, "a device could not be looked at again");
            }
            look_again(said, &answer, services.clock.now())
        }
        Err(Failure::Store(error)) => return Err(error),
        Err(Failure::Webex(error)) => {
            tracing::warn!(command = job.subject, %error, "an organization could not be looked up again");
            look_in_vain(said, error.requested_wait(), services.clock.now())
        }
        // The organization is not named any more: nobody may look there.
        Err(Failure::Said(_) | Failure::Io(_) | Failure::NotYet) => {
            look_in_vain(said, None, services.clock.now())
        }
    };
    let now = services.clock.now();
    let step = match look {
        Look::Again(at) => {
            Step::new(now, End::Again { at, note: "the deletion is not settled yet".to_owned() })
        }
        Look::Tell(outcome) => told(&record, device, reason.as_ref(), said, &outcome),
    };
    services.store.record(job, step).await
}

fn told(
    record: &CommandRecord,
    device_id: &DeviceId,
    reason: Option<&Reason>,
    said: &Outcome,
    outcome: &Outcome,
) -> Step {
    let accepted = &record.accepted;
    let progress: Option<Progress> =
        record.progress.as_ref().and_then(|stored| serde_json::from_value(stored.clone()).ok());
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
        earlier: said.kind(),
        watch: Watch::Ended,
    });
    let event = Event::OutcomeKnown {
        device_id: device_id.clone(),
        device: facts.cloned(),
        outcome: outcome.clone(),
    };
    Step::new(outcome.at, End::Done)
        .ended(&accepted.id, Some(outcome.clone()))
        .audit(entry_of(record, event, outcome.at))
        .post(message(OutgoingId::follow_up_to(&accepted.id), &accepted.thread, &card, outcome.at))
}
