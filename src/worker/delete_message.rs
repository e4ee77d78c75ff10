//! Deletes a card whose question is settled: its buttons are no longer valid, and it cannot be edited in place.

use crate::commands::reply::JobOutcome;
use crate::commands::retry;
use crate::commands::services::Services;
use crate::domain::MessageId;
use crate::store::{End, LeasedJob, Step, StoreError};

pub(super) async fn run(services: &Services, job: &LeasedJob) -> Result<JobOutcome, StoreError> {
    let message = MessageId::parse(&job.subject)
        .map_err(|error| StoreError::Corrupt { what: format!("the subject of job {}: {error}", job.id()) })?;
    let deleted = services.bot_client.delete_message(&message).await;
    services.note_bot_token(&deleted);
    let now = services.clock.now();
    let end = match deleted {
        Ok(()) => End::Done,
        Err(error) => {
            let note = format!("could not delete the card: {error}");
            let is_transient = error.is_transient() || error.is_token_rejected();
            if !is_transient || retry::gives_up_delivery(job, Some(&error), now) {
                End::Parked {
                    note: format!("{note}; its buttons are no longer valid, so the job can be dropped"),
                }
            } else {
                retry::again(job, Some(&error), now, note)
            }
        }
    };
    Ok(Step::new(now, end).into())
}
