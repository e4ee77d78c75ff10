//! Posts a message. Posting is a separate job, so that a failed post never hides or repeats a deletion.

use jiff::{SignedDuration, Timestamp};

use crate::cards::{self, Undeliverable};
use crate::commands::reply::JobOutcome;
use crate::commands::retry;
use crate::commands::services::Services;
use crate::domain::MessageId;
use crate::store::{CommandId, End, LeasedJob, NewMessage, OutgoingId, OutgoingMessage, Step, StoreError};
use crate::webex::{MessagePost, WebexError};

/// Posts without a clear answer before the message is given up. Each may have worked, so it is repeated only once.
const UNCLEAR_POSTS: i64 = 2;

/// The pause before an answer is posted whose notice is being posted.
const NOTICE_RETRY: SignedDuration = SignedDuration::from_secs(1);

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
    if let Some(at) = when_announced(services, job, &id).await? {
        let note = "the notice of the wait is being posted".to_owned();
        return Ok(Step::new(services.clock.now(), End::Again { at, note }).into());
    }
    let posted = match id.copied_from().and_then(|original| original.reports_on()) {
        Some(command) => post_to_requester(services, &command, &message).await?,
        None => post(services, &message).await,
    };
    services.note_bot_token(&posted);
    Ok(step_after(services, job, &message, posted).await?.into())
}

/// What an attempt to post leaves behind.
async fn step_after(
    services: &Services,
    job: &LeasedJob,
    message: &OutgoingMessage,
    posted: Result<MessageId, WebexError>,
) -> Result<Step, StoreError> {
    let (id, now) = (OutgoingId::from_stored(&job.subject), services.clock.now());
    let error = match posted {
        Ok(posted) => {
            let ms = u64::try_from(now.duration_since(job.arrived_at).as_millis()).unwrap_or_default();
            let space = message.space_id.as_str();
            tracing::info!(answer = id.as_str(), message_id = posted.as_str(), space, ms, "posted a message");
            return Ok(Step::new(now, End::Done).posted(&id, posted));
        }
        Err(error) => error,
    };
    let Some(why) = why_undeliverable(&error) else { return Ok(not_posted(job, &id, message, &error, now)) };
    if let Some(copy) = copy_for_requester(services, &id, message, why, now).await? {
        tracing::warn!(answer = id.as_str(), %error, "could not post an answer in its space; sending it 1:1");
        return Ok(Step::new(now, End::Done).post(copy));
    }
    // The answer that follows a notice finds the requester in another way.
    if id.overtaken_by().is_some() {
        tracing::warn!(answer = id.as_str(), %error, "could not post a notice in its space");
        return Ok(Step::new(now, End::Done));
    }
    Ok(not_posted(job, &id, message, &error, now))
}

async fn post_to_requester(
    services: &Services,
    command: &CommandId,
    message: &OutgoingMessage,
) -> Result<Result<MessageId, WebexError>, StoreError> {
    let requester = services.store.command(command).await?.accepted.actor.person_id;
    let posted = services.bot_client.post_to_person(&requester, &message.text, None).await;
    Ok(posted.map(|posted| posted.id))
}

/// When to try again, if the notice that this answer takes long is being posted right now: it must not end up below the
/// answer. Quick answers have no such notice.
async fn when_announced(
    services: &Services,
    job: &LeasedJob,
    id: &OutgoingId,
) -> Result<Option<Timestamp>, StoreError> {
    let now = services.clock.now();
    let Some(notice) = id.announced_by() else { return Ok(None) };
    let is_quick = now.duration_since(job.arrived_at) < retry::LONGEST_SILENCE;
    let is_in_order = is_quick || !services.store.is_being_posted(&notice, now).await?;
    Ok((!is_in_order).then(|| now + NOTICE_RETRY))
}

/// The copy of an answer that goes to its requester 1:1, if Webex rejects the answer in its space for good. The same
/// step ends the job of the original, so the answer is posted in one place only.
async fn copy_for_requester(
    services: &Services,
    id: &OutgoingId,
    message: &OutgoingMessage,
    why: Undeliverable,
    now: Timestamp,
) -> Result<Option<NewMessage>, StoreError> {
    let Some(command) = id.reports_on() else { return Ok(None) };
    // Answers to lines that are not commands can wait for the next line.
    let Some(record) = services.store.command_if_accepted(&command).await? else { return Ok(None) };
    let has_buttons = message.card.as_ref().is_some_and(|card| card.get().contains("Action.Submit"));
    Ok(Some(NewMessage {
        id: id.directly(),
        space_id: message.space_id.clone(),
        parent_id: None,
        text: cards::answered_directly(&record.accepted.command, why, &message.text, has_buttons),
        card: None,
        at: now,
    }))
}

/// Why a message will never be posted in its space; `None` if a later attempt may succeed.
fn why_undeliverable(error: &WebexError) -> Option<Undeliverable> {
    match error {
        WebexError::NotFound(answer) => Some(Undeliverable::NoSpace(answer.info().status)),
        WebexError::Refused(answer) => match answer.status {
            403 => Some(Undeliverable::NotAllowed),
            400 => Some(Undeliverable::Rejected(400)),
            _ => None,
        },
        _ => None,
    }
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
        // A success status without a message may be Webex's, or that of a login page on the way.
        WebexError::NoAnswer(_) | WebexError::Unreadable { .. } => true,
        // A gateway does not know whether it was posted; the other 5xx say that it was not.
        WebexError::ServerError(answer) => matches!(answer.status, 502 | 504),
        _ => false,
    };
    let is_lost = is_unclear && message.unclear_posts + 1 >= UNCLEAR_POSTS;
    // A redirect is not Webex's, and may end as the 5xx of a gateway does.
    let is_redirected = error.answer().is_some_and(|answer| (300..400).contains(&answer.status));
    let is_transient = error.is_transient() || error.is_token_rejected() || is_redirected;
    let end = if is_lost || !is_transient || retry::gives_up_post(job, error, now) {
        tracing::error!(answer = id.as_str(), note, "gave up on posting a message; its job is parked");
        End::Parked { note: format!("{note}; check that the bot may write there, then retry the job") }
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
