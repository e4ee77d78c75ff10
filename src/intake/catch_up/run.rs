//! The calls of a catch-up: each job lists a page of the spaces, or a page of the messages in a space.

use super::{CatchUpStep, CatchUpTarget, SpaceSoFar, answers_left, may_have_missed, missed_messages};
use crate::cards::{self, Notice};
use crate::commands::reply::{JobOutcome, message_in};
use crate::commands::retry;
use crate::commands::services::Services;
use crate::domain::SpaceId;
use crate::store::{End, LeasedJob, OutgoingId, Step, StoreError};
use crate::webex::{Cursor, MessagePage, WebexError};

pub(crate) async fn run(services: &Services, job: &LeasedJob) -> Result<JobOutcome, StoreError> {
    let this = CatchUpStep::parse(&job.subject).ok_or_else(|| StoreError::Corrupt {
        what: format!("the catch-up step of job {}: {:?}", job.id(), job.subject),
    })?;
    // A cursor for another API address is no longer valid; the list is then read from its start.
    let cursor = |page: &Option<String>| page.as_deref().and_then(|page| services.bot_client.cursor(page));
    let step = match &this.target {
        CatchUpTarget::Spaces { page } => spaces(services, &this, cursor(page).as_ref()).await,
        CatchUpTarget::Space { id, in_group, so_far } => {
            match services.bot_client.messages_in(id, *in_group, so_far.before.as_ref()).await {
                Ok(page) => Ok(space(services, &this, id, so_far, &page).await?),
                Err(error) => Err(error),
            }
        }
    };
    Ok(step.unwrap_or_else(|error| failed(services, job, &error)).into())
}

/// One page of the spaces, with a job for each space that had messages, and one for the next page.
async fn spaces(services: &Services, this: &CatchUpStep, from: Option<&Cursor>) -> Result<Step, WebexError> {
    let page = services.bot_client.spaces(from).await?;
    let now = services.clock.now();
    let spaces = page.items.into_iter().filter(|space| may_have_missed(space, this.since));
    let spaces = spaces.map(|space| CatchUpTarget::Space {
        id: space.id,
        in_group: space.in_group,
        so_far: SpaceSoFar::default(),
    });
    let next = page.next.map(|next| CatchUpTarget::Spaces { page: Some(next.as_str().to_owned()) });
    let targets: Vec<CatchUpTarget> = spaces.chain(next).collect();
    tracing::info!(since = %this.since, jobs = targets.len(), "searching for undelivered messages");
    let step = Step::new(now, End::Done);
    Ok(targets.into_iter().fold(step, |step, target| step.then(this.then(target).job(now))))
}

/// One page of the messages to the bot in a space, with a job for the next page if that reaches into the gap, or else
/// one answer to all messages that got none of their own.
async fn space(
    services: &Services,
    this: &CatchUpStep,
    id: &SpaceId,
    so_far: &SpaceSoFar,
    page: &MessagePage,
) -> Result<Step, StoreError> {
    let now = services.clock.now();
    let messages = &page.messages;
    let (missed, reaches_further) = missed_messages(messages, this.since, &services.bot.person_id, now);
    let missed = services.store.never_delivered(missed.into_iter().cloned().collect()).await?;
    let answers = answers_left(missed.len(), so_far.answered);
    let left = so_far.left + (missed.len() - answers) as u64;
    let answered = so_far.answered + answers as u64;
    let (answers, others) = missed.split_at(answers);
    let step = Step::new(now, End::Done).found(answers.to_vec()).passed_over(others.to_vec());
    let before = messages.last().map(|message| message.id.clone());
    let before = before.filter(|_| reaches_further && !page.is_last);
    Ok(match before.filter(|before| so_far.before.as_ref() != Some(before)) {
        Some(before) => {
            let so_far = SpaceSoFar { before: Some(before), answered, left };
            let target = CatchUpTarget::Space { id: id.clone(), in_group: is_group(this), so_far };
            step.then(this.then(target).job(now))
        }
        None if left > 0 => {
            let card = cards::render(&Notice::more_missed(left));
            step.post(message_in(OutgoingId::missed_messages(id, this.asked_at), id, &card, now))
        }
        None => step,
    })
}

fn is_group(step: &CatchUpStep) -> bool {
    matches!(step.target, CatchUpTarget::Space { in_group: true, .. })
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
        End::Parked { note: format!("{note}; retry the job to answer messages that were missed") }
    };
    Step::new(now, end)
}
