//! Looking again at a deletion whose effect was not yet to be seen, and saying so in its thread.

use super::answer::Failure;
use super::scope::scope_of;
use super::{Ended, delete, entry_of};
use crate::audit::Event;
use crate::cards::{self, DeletionResult, FollowUp, Watch};
use crate::command::{Command, Reason};
use crate::deletion::{Look, Progress, look_again, look_in_vain};
use crate::desk::{Desk, message};
use crate::domain::{DeviceId, Outcome};
use crate::store::{Claimed, CommandId, CommandRecord, End, OutgoingId, Step};
use crate::webex::WebexError;

pub(super) async fn run(desk: &Desk, claimed: &Claimed) -> Ended {
    let record = desk.store.command(&CommandId::from_stored(&claimed.subject)).await?;
    let (Command::DeleteDevice { device, reason, org }, Some(said)) =
        (&record.accepted.command, &record.outcome)
    else {
        return desk.store.record(claimed, Step::new(desk.clock.now(), End::Done)).await;
    };
    // The device of the deletion, whatever the reference was.
    let Some(device) = &delete::begun(&record).or_else(|| device.as_id()) else {
        return desk.store.record(claimed, Step::new(desk.clock.now(), End::Done)).await;
    };
    let look = match scope_of(desk, org.as_ref()).await {
        Ok(scope) => {
            let answer = desk.admin.device(&scope, device).await;
            desk.note_admin_credential(&answer);
            let is_odd =
                |error: &&WebexError| !error.is_paused() && !matches!(error, WebexError::NotFound(_));
            if let Some(error) = answer.as_ref().err().filter(is_odd) {
                tracing::warn!(command = claimed.subject, %error, "a device could not be looked at again");
            }
            look_again(said, &answer, desk.clock.now())
        }
        Err(Failure::Store(error)) => return Err(error),
        Err(Failure::Webex(error)) => {
            tracing::warn!(command = claimed.subject, %error, "an organization could not be looked up again");
            look_in_vain(said, error.asked_to_wait(), desk.clock.now())
        }
        // The organization is not named any more: nobody may look there.
        Err(Failure::Said(_) | Failure::Io(_) | Failure::NotYet) => {
            look_in_vain(said, None, desk.clock.now())
        }
    };
    let now = desk.clock.now();
    let step = match look {
        Look::Again(at) => {
            Step::new(now, End::Again { at, note: "the deletion is not settled yet".to_owned() })
        }
        Look::Tell(outcome) => told(&record, device, reason.as_ref(), said, &outcome),
    };
    desk.store.record(claimed, step).await
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
