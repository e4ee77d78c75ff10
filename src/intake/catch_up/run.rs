//! The calls of a catch-up: each job lists a page of the spaces, or a page of the messages in a space.

use super::{CatchUpStep, CatchUpTarget, may_have_missed, missed_messages};
use crate::commands::reply::JobOutcome;
use crate::commands::retry;
use crate::commands::services::Services;
use crate::domain::SpaceId;
use crate::store::{End, LeasedJob, Step, StoreError};
use crate::webex::{Cursor, WebexError};

pub(crate) async fn run(services: &Services, job: &LeasedJob) -> Result<JobOutcome, StoreError> {
    let this = CatchUpStep::parse(&job.subject).ok_or_else(|| StoreError::Corrupt {
        what: format!("the catch-up step of job {}: {:?}", job.id(), job.subject),
    })?;
    // A cursor for another API address is no longer valid; the list is then read from its start.
    let cursor = |page: &Option<String>| page.as_deref().and_then(|page| services.bot_client.cursor(page));
    let step = match &this.target {
        CatchUpTarget::Spaces { page } => spaces(services, &this, cursor(page).as_ref()).await,
        CatchUpTarget::Space { id, in_group, page } => {
            space(services, &this, id, *in_group, cursor(page).as_ref()).await
        }
    };
    Ok(step.unwrap_or_else(|error| failed(services, job, &error)).into())
}

/// One page of the spaces, with a job for each space that had messages, and one for the next page.
async fn spaces(services: &Services, this: &CatchUpStep, from: Option<&Cursor>) -> Result<Step, WebexError> {
    let page = services.bot_client.spaces(from).await?;
    let now = services.clock.now();
    let spaces = page.items.into_iter().filter(|space| may_have_missed(space, this.since));
    let spaces =
        spaces.map(|space| CatchUpTarget::Space { id: space.id, in_group: space.in_group, page: None });
    let next = page.next.map(|next| CatchUpTarget::Spaces { page: Some(next.as_str().to_owned()) });
    let targets: Vec<CatchUpTarget> = spaces.chain(next).collect();
    tracing::info!(since = %this.since, jobs = targets.len(), "searching for undelivered messages");
    let step = Step::new(now, End::Done);
    Ok(targets.into_iter().fold(step, |step, target| step.then(this.then(target).job(now))))
}

/// One page of the messages to the bot in a space, with a job for the next page if that reaches into the gap.
async fn space(
    services: &Services,
    this: &CatchUpStep,
    id: &SpaceId,
    in_group: bool,
    from: Option<&Cursor>,
) -> Result<Step, WebexError> {
    let page = services.bot_client.messages_in(id, in_group, from).await?;
    let now = services.clock.now();
    let (missed, reaches_further) = missed_messages(&page.items, this.since, &services.bot.person_id, now);
    let step = Step::new(now, End::Done).found(missed.into_iter().cloned().collect());
    Ok(match page.next.filter(|_| reaches_further) {
        Some(next) => {
            let page = Some(next.as_str().to_owned());
            step.then(this.then(CatchUpTarget::Space { id: id.clone(), in_group, page }).job(now))
        }
        None => step,
    })
}

/// Tries again later, or parks the job with the reason. If Webex does not find the space, the bot has left it.
fn failed(services: &Services, job: &LeasedJob, error: &WebexError) -> Step {
    let now = services.clock.now();
    if let WebexError::NotFound(_) = error {
        return Step::new(now, End::Done);
    }
    let note = format!("could not list messages: {error}");
    tracing::warn!(note, failures = job.failures + 1, "could not search for undelivered messages yet");
    let is_transient = error.is_transient() || error.is_token_rejected();
    let end = if is_transient && !retry::is_last(job) {
        retry::again(job, Some(error), now, note)
    } else {
        End::Parked { note }
    };
    Step::new(now, end)
}
