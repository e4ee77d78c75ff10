//! Posting a message. A job of its own, so that a failed post never hides or repeats a deletion.

use jiff::Timestamp;

use crate::commands::context::Ended;
use crate::commands::retry;
use crate::commands::services::Services;
use crate::domain::MessageId;
use crate::store::{End, LeasedJob, OutgoingId, OutgoingMessage, Step};
use crate::webex::{NewMessage, WebexError};

/// Posts whose answer was lost: the message may be there, so it is posted once more and not again.
const UNCLEAR_POSTS: i64 = 2;

pub(crate) async fn run(services: &Services, job: &LeasedJob) -> Ended {
    let id = OutgoingId::from_stored(&job.subject);
    let message = services.store.outgoing_of(job).await?;
    // Nobody is asked for patience after the answer.
    let is_overtaken = match id.overtaken_by() {
        Some(answer) => services.store.is_written(&answer).await?,
        None => false,
    };
    if message.posted_id.is_some() || is_overtaken {
        return services.store.record(job, Step::new(services.clock.now(), End::Done)).await;
    }
    let posted = post(services, &message).await;
    services.note_bot_token(&posted);
    let now = services.clock.now();
    let step = match posted {
        Ok(posted) => Step::new(now, End::Done).posted(&id, posted),
        // A good status whose body cannot be read: it is there, under an id that nobody knows.
        Err(WebexError::Unreadable { .. }) => Step::new(now, End::Done),
        Err(error) => not_posted(job, &id, &message, &error, now),
    };
    services.store.record(job, step).await
}

fn not_posted(
    job: &LeasedJob,
    id: &OutgoingId,
    message: &OutgoingMessage,
    error: &WebexError,
    now: Timestamp,
) -> Step {
    let note = format!("the message could not be posted: {error}");
    if error.is_paused() {
        tracing::debug!(message = id.as_str(), note, "a message waits");
    } else {
        tracing::warn!(message = id.as_str(), failures = job.failures + 1, note, "a message was not posted");
    }
    let is_unclear = match error {
        WebexError::NoAnswer(_) => true,
        // The gateway does not know what became of it; the other 5xx say that nothing did.
        WebexError::ServerError(answer) => matches!(answer.status, 502 | 504),
        _ => false,
    };
    let is_lost = is_unclear && message.unclear_posts + 1 >= UNCLEAR_POSTS;
    let is_transient = error.is_transient() || error.is_token_rejected();
    let end = if is_lost || !is_transient || retry::gives_up_post(job, error, now) {
        End::Parked { note }
    } else {
        retry::again(job, Some(error), now, note)
    };
    let step = Step::new(now, end);
    if is_unclear { step.posted_perhaps(id) } else { step }
}

/// Posts in the thread with the card; where Webex does not take that, what it may take: the text without the
/// card, outside the thread (whose root may have been deleted), or both.
async fn post(services: &Services, message: &OutgoingMessage) -> Result<MessageId, WebexError> {
    let (parent, card) = (message.parent_id.as_ref(), message.card.as_deref());
    let post = async |parent_id, card| {
        let posting = NewMessage { space_id: &message.space_id, parent_id, text: &message.text, card };
        services.bot_client.post(&posting).await
    };
    let mut answer = post(parent, card).await;
    for (parent, card) in [(parent, None), (None, card), (None, None)] {
        match answer {
            Err(error) if may_be_the_forms_fault(&error) => {
                tracing::warn!(%error, "Webex did not take a message in this form");
                answer = post(parent, card).await;
            }
            answer => return answer,
        }
    }
    answer
}

/// Whether another form of the same message might be taken. A parent that is gone may be a 404 as well.
fn may_be_the_forms_fault(error: &WebexError) -> bool {
    match error {
        WebexError::Refused(answer) => answer.status == 400,
        WebexError::NotFound(_) => true,
        _ => false,
    }
}
