//! Looking for messages that were not delivered: the calls around [`crate::intake::catch_up`].

use crate::commands::context::Ended;
use crate::commands::retry;
use crate::commands::services::Services;
use crate::domain::SpaceId;
use crate::intake::catch_up::{Errand, Stage, is_worth_a_look, said_since};
use crate::store::{End, LeasedJob, Step, StoreError};
use crate::webex::{Cursor, WebexError};

pub(crate) async fn run(services: &Services, job: &LeasedJob) -> Ended {
    let errand = Errand::parse(&job.subject).ok_or_else(|| StoreError::Corrupt {
        what: format!("the errand of job {}: {:?}", job.id(), job.subject),
    })?;
    // A page that was kept under another address of the API is of no use: the list is read anew.
    let cursor = |page: &Option<String>| page.as_deref().and_then(|page| services.bot_client.cursor(page));
    let step = match &errand.stage {
        Stage::Spaces { page } => spaces(services, &errand, cursor(page).as_ref()).await,
        Stage::Space { id, in_group, page } => {
            space(services, &errand, id, *in_group, cursor(page).as_ref()).await
        }
    };
    let step = step.unwrap_or_else(|error| not_looked(services, job, &error));
    services.store.record(job, step).await
}

/// One page of the spaces, with a job for each in which something was said, and one for the next page.
async fn spaces(services: &Services, errand: &Errand, from: Option<&Cursor>) -> Result<Step, WebexError> {
    let page = services.bot_client.spaces(from).await?;
    let now = services.clock.now();
    let spaces = page.items.into_iter().filter(|space| is_worth_a_look(space, errand.since));
    let looks = spaces.map(|space| Stage::Space { id: space.id, in_group: space.in_group, page: None });
    let next = page.next.map(|next| Stage::Spaces { page: Some(next.as_str().to_owned()) });
    let stages: Vec<Stage> = looks.chain(next).collect();
    tracing::info!(since = %errand.since, jobs = stages.len(), "looking for messages that were not delivered");
    let step = Step::new(now, End::Done);
    Ok(stages.into_iter().fold(step, |step, stage| step.then(errand.then(stage).job(now))))
}

/// One page of what was said to the bot in a space, with a job for the next page if that is of interest.
async fn space(
    services: &Services,
    errand: &Errand,
    id: &SpaceId,
    in_group: bool,
    from: Option<&Cursor>,
) -> Result<Step, WebexError> {
    let page = services.bot_client.messages_in(id, in_group, from).await?;
    let now = services.clock.now();
    let (said, reaches_further) = said_since(&page.items, errand.since, &services.bot.person_id, now);
    let step = Step::new(now, End::Done).found(said.into_iter().cloned().collect());
    Ok(match page.next.filter(|_| reaches_further) {
        Some(next) => {
            let page = Some(next.as_str().to_owned());
            step.then(errand.then(Stage::Space { id: id.clone(), in_group, page }).job(now))
        }
        None => step,
    })
}

/// Later again, or given up with the reason. A space that is not to be seen any more is none of the bot's.
fn not_looked(services: &Services, job: &LeasedJob, error: &WebexError) -> Step {
    let now = services.clock.now();
    if let WebexError::NotFound(_) = error {
        return Step::new(now, End::Done);
    }
    let note = format!("what was said could not be listed: {error}");
    tracing::warn!(note, failures = job.failures + 1, "messages that were not delivered are not found yet");
    let is_transient = error.is_transient() || error.is_token_rejected();
    let end = if is_transient && !retry::is_last(job) {
        retry::again(job, Some(error), now, note)
    } else {
        End::Parked { note }
    };
    Step::new(now, end)
}
