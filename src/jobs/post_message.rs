//! Posting a message. A job of its own, so that a failed post never hides or repeats a deletion.

use crate::domain::MessageId;
use crate::store::{Claimed, End, OutgoingId, OutgoingMessage, Step, StoreError};
use crate::webex::{Posting, WebexError};

use super::{Desk, retry};

/// Posts whose answer was lost: the message may be there, so it is posted once more and not again.
const POSTS_WITHOUT_ANSWER: u32 = 2;

pub(super) async fn run(desk: &Desk, claimed: &Claimed) -> Result<(), StoreError> {
    let id = OutgoingId::from_stored(&claimed.subject);
    let message = desk.store.outgoing(&id).await?;
    if message.posted_id.is_some() {
        return desk.store.record(claimed, Step::new(desk.clock.now(), End::Done)).await;
    }
    let posted = post(desk, &message).await;
    let now = desk.clock.now();
    let step = match posted {
        Ok(posted) => Step::new(now, End::Done).posted(&id, posted),
        Err(error) => {
            if error.rejects_the_token() {
                desk.bot_token_was_rejected();
            }
            let note = format!("the message could not be posted: {error}");
            tracing::warn!(
                message = id.as_str(),
                attempt = claimed.attempt,
                note,
                "a message was not posted"
            );
            let lost = matches!(error, WebexError::NoAnswer(_)) && claimed.attempt >= POSTS_WITHOUT_ANSWER;
            let may_pass = (error.may_pass() || error.rejects_the_token()) && !lost;
            Step::new(now, retry::again_or_park(claimed, Some(&error), may_pass, now, note))
        }
    };
    desk.store.record(claimed, step).await
}

/// Posts in the thread with the card; where Webex does not take that, what it may take: the text without the
/// card, and then outside the thread, whose root may have been deleted.
async fn post(desk: &Desk, message: &OutgoingMessage) -> Result<MessageId, WebexError> {
    let whole = Posting {
        space_id: &message.space_id,
        parent_id: Some(&message.parent_id),
        text: &message.text,
        card: message.card.as_ref(),
    };
    let mut answer = desk.bot_client.post(&whole).await;
    for less in [Posting { card: None, ..whole }, Posting { parent_id: None, ..whole }] {
        match answer {
            Err(WebexError::Refused(refusal)) if refusal.status == 400 => {
                tracing::warn!(
                    tracking_id = refusal.tracking_id,
                    message = refusal.message,
                    "Webex did not take a message as it was"
                );
                answer = desk.bot_client.post(&less).await;
            }
            answer => return answer,
        }
    }
    answer
}
