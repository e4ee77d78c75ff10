//! From a stored delivery to a decision: fetches the message or button press and its author, and decides. Returns the
//! decision and its consequences as one step, which the worker commits.
//!
//! [`decide`] is pure. `message`, `press` and `greeting` handle the three kinds of delivery that Steward acts on;
//! [`catch_up`] finds the messages that were never delivered. No command is carried out here.

pub mod catch_up;
mod decide;
mod greeting;
mod message;
mod postpone;
mod press;

use crate::commands::reply::JobOutcome;
use crate::commands::services::Services;
use crate::domain::MessageId;
use crate::store::{LeasedJob, StoreError};
use crate::webex::event::WebhookEvent;
use decide::Origin;

/// Dispatches a delivery by its event. Events of other kinds, and those that a bot caused, need no action.
pub(crate) async fn handle_delivery(services: &Services, job: &LeasedJob) -> Result<JobOutcome, StoreError> {
    let bot = &services.bot.person_id;
    let Some(envelope) = job.body.as_deref().and_then(WebhookEvent::parse) else {
        return Ok(postpone::unreadable(services, job));
    };
    if let Some(added) = envelope.bot_added(bot) {
        return Ok(greeting::run(services, job, &added).await);
    }
    if envelope.is_by_a_bot(bot) {
        return Ok(postpone::nothing_to_do(services));
    }
    if let Some(action_id) = envelope.created_action() {
        return press::run(services, job, &action_id).await;
    }
    match envelope.created_message() {
        Some(id) => Ok(message::run(services, job, &id, envelope.person(), Origin::Delivered).await),
        None => Ok(postpone::nothing_to_do(services)),
    }
}

/// Answers a message that was never delivered and was found later. Its command is not carried out.
pub(crate) async fn handle_found_message(
    services: &Services,
    job: &LeasedJob,
) -> Result<JobOutcome, StoreError> {
    let id = MessageId::parse(&job.subject)
        .map_err(|error| StoreError::Corrupt { what: format!("the subject of job {}: {error}", job.id()) })?;
    Ok(message::run(services, job, &id, None, Origin::CaughtUp).await)
}
