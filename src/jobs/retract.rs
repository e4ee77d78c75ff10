//! Taking a card back whose question is settled: it cannot be changed in place, and its buttons are of no more use.

use super::Ended;
use crate::desk::Desk;
use crate::domain::MessageId;
use crate::retry;
use crate::store::{Claimed, End, Step, StoreError};

pub(super) async fn run(desk: &Desk, claimed: &Claimed) -> Ended {
    let message = MessageId::parse(&claimed.subject).map_err(|error| StoreError::Corrupt {
        what: format!("the subject of job {}: {error}", claimed.id()),
    })?;
    let deleted = desk.bot_client.delete_message(&message).await;
    desk.note_bot_token(&deleted);
    let now = desk.clock.now();
    let end = match deleted {
        Ok(()) => End::Done,
        Err(error) => {
            let note = format!("the card could not be taken back: {error}");
            let may_pass = error.may_pass() || error.rejects_the_token();
            if !may_pass || retry::gives_up_delivery(claimed, Some(&error), now) {
                End::Parked { note }
            } else {
                retry::again(claimed, Some(&error), now, note)
            }
        }
    };
    desk.store.record(claimed, Step::new(now, end)).await
}
