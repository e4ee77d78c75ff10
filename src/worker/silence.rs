//! The notice that a command takes long. After half a minute without an answer its requester gets one, whatever holds
//! the command up: its handler may hang in a call, wait for its next run, or not run at all.
//!
//! The search for such commands is a separate task, so that no handler can delay it. The store skips commands that are
//! answered or announced already, and [`super::post_message`] drops a notice that its answer has overtaken.

use crate::cards::{self, Notice};
use crate::commands::reply::message;
use crate::commands::retry::LONGEST_SILENCE;
use crate::commands::services::Services;
use crate::store::{OutgoingId, StoreError};

/// Notices written in one search; the next search finds the rest.
const MOST_AT_ONCE: u32 = 100;

/// Writes the notices that are due now, and returns their number.
pub(super) async fn announce(services: &Services) -> Result<usize, StoreError> {
    let now = services.clock.now();
    let mut written = 0;
    for command in services.store.unanswered_commands(now - LONGEST_SILENCE, MOST_AT_ONCE).await? {
        let card = cards::render(&Notice::still_working(&command.command));
        let notice = message(OutgoingId::waiting_for(&command.id), &command.thread, &card, now);
        if services.store.post(notice).await? {
            tracing::info!(command_id = command.id.as_str(), "no answer for half a minute: sent a notice");
            written += 1;
        }
    }
    Ok(written)
}
