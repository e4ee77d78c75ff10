//! Posts a message. Posting is a separate job, so that a failed post never hides or repeats a deletion.

use jiff::Timestamp;

use crate::commands::reply::JobOutcome;
use crate::commands::retry;
use crate::commands::services::Services;
use crate::domain::MessageId;
use crate::store::{End, LeasedJob, OutgoingId, OutgoingMessage, Step, StoreError};
use crate::webex::{MessagePost, WebexError};

/// Posts without a clear answer before the message is given up. Each may have worked, so it is repeated only once.
const UNCLEAR_POSTS: i64 = 2;

pub(super) async fn run(services: &Services, job: &LeasedJob) -> Result<JobOutcome, StoreError> {
    let id = OutgoingId::from_stored(&job.subject);
    let message = services.store.outgoing_of(job).await?;
    // A notice that a command waits is not posted after its answer.
    let is_overtaken = match id.overtaken_by() {
        Some(answer) => services.store.is_written(&answer).await?,
        None => false,
    };
    if message.posted_id.is_some() || is_overtaken {
        return Ok(Step::new(services.clock.now(), End::Done).into());
    }
    let posted = post(services, &message).await;
    services.note_bot_token(&posted);
    let now = services.clock.now();
    let step = match posted {
        Ok(posted) => {
            let ms = u64::try_from(now.duration_since(job.arrived_at).as_millis()).unwrap_or_default();
            let space = message.space_id.as_str();
            tracing::info!(answer = id.as_str(), message_id = posted.as_str(), space, ms, "posted a message");
            Step::new(now, End::Done).posted(&id, posted)
        }
        // A success status with an unreadable body: the message was posted, but its id is unknown.
        Err(WebexError::Unreadable { .. }) => Step::new(now, End::Done),
        Err(error) => not_posted(job, &id, &message, &error, now),
    };
    Ok(step.into())
}

fn not_posted(
    job: &LeasedJob,
    id: &OutgoingId,
    message: &OutgoingMessage,
    error: &WebexError,
    now: Timestamp,
) -> Step {
    let note = format!("could not post the message: {error}");
    if error.is_paused() {
        tracing::debug!(answer = id.as_str(), note, "message is rate limited");
    } else {
        tracing::warn!(answer = id.as_str(), failures = job.failures + 1, note, "could not post a message");
    }
    let is_unclear = match error {
        WebexError::NoAnswer(_) => true,
        // A gateway does not know whether it was posted; the other 5xx say that it was not.
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
    if is_unclear { step.maybe_posted(id) } else { step }
}

/// Posts the card in the thread. If Webex refuses that form, tries the text without the card, then outside the thread
/// (its root may have been deleted), then both.
async fn post(services: &Services, message: &OutgoingMessage) -> Result<MessageId, WebexError> {
    let (parent, card) = (message.parent_id.as_ref(), message.card.as_deref());
    let post = async |parent_id, card| {
        let posting = MessagePost { space_id: &message.space_id, parent_id, text: &message.text, card };
        services.bot_client.post(&posting).await
    };
    let mut answer = post(parent, card).await;
    for (parent, card) in [(parent, None), (None, card), (None, None)] {
        match answer {
            Err(error) if is_refused_form(&error) => {
                tracing::warn!(%error, "Webex refused this form of a message; trying another");
                answer = post(parent, card).await;
            }
            answer => return answer,
        }
    }
    answer
}

/// Whether Webex may accept another form of the same message. A missing parent may be a 404 as well.
fn is_refused_form(error: &WebexError) -> bool {
    match error {
        WebexError::Refused(answer) => answer.status == 400,
        WebexError::NotFound(_) => true,
        _ => false,
    }
}
