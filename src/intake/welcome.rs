//! A greeting where the bot was added to a space.

use super::envelope::Arrival;
use super::{nothing_to_do, put_off};
use crate::cards::{self, Notice};
use crate::desk::{self, Desk};
use crate::jobs::Ended;
use crate::retry;
use crate::store::{Claimed, End, OutgoingId, Step};

/// Greets once, where somebody who is served has added the bot; else it stays silent.
pub(super) async fn greet(desk: &Desk, claimed: &Claimed, arrival: &Arrival) -> Ended {
    let Some(adder) = &arrival.actor_id else {
        tracing::info!("added to a space, and Webex does not say by whom: no greeting");
        return nothing_to_do(desk, claimed).await;
    };
    let adder = match desk.bot_client.person(adder).await {
        Ok(adder) => adder,
        Err(error) if error.may_pass() && !retry::is_last(claimed) => {
            return put_off(desk, claimed, "who added the bot could not be looked up", Some(&error)).await;
        }
        Err(error) => {
            tracing::warn!(%error, "who added the bot to a space could not be looked up: no greeting");
            return nothing_to_do(desk, claimed).await;
        }
    };
    if let Err(denied) = desk.policy.admits(&adder) {
        let space = arrival.space_id.as_str();
        tracing::info!(
            space,
            reason = denied.as_str(),
            "added to a space by somebody who is not served: no greeting"
        );
        return nothing_to_do(desk, claimed).await;
    }
    let now = desk.clock.now();
    let card = cards::render(&Notice::welcome(&desk.bot.display_name, arrival.in_group));
    let id = OutgoingId::welcome(&arrival.membership_id);
    let message = desk::message_in(id, &arrival.space_id, &card, now);
    desk.store.record(claimed, Step::new(now, End::Done).post(message)).await
}
