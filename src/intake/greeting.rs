//! A greeting where the bot was added to a space.

use super::{nothing_to_do, put_off};
use crate::cards::{self, Notice};
use crate::commands::context::Ended;
use crate::commands::retry;
use crate::commands::services::{self, Services};
use crate::store::{End, LeasedJob, OutgoingId, Step};
use crate::webex::event::BotAdded;

/// Greets once, where somebody who is served has added the bot; else it stays silent.
pub(super) async fn greet(services: &Services, job: &LeasedJob, arrival: &BotAdded) -> Ended {
    let Some(adder) = &arrival.actor_id else {
        tracing::info!("added to a space, and Webex does not say by whom: no greeting");
        return nothing_to_do(services, job).await;
    };
    let adder = match services.bot_client.person(adder).await {
        Ok(adder) => adder,
        Err(error) if error.is_transient() && !retry::is_last(job) => {
            return put_off(services, job, "who added the bot could not be looked up", Some(&error)).await;
        }
        Err(error) => {
            tracing::warn!(%error, "who added the bot to a space could not be looked up: no greeting");
            return nothing_to_do(services, job).await;
        }
    };
    if let Err(denied) = services.policy.admits(&adder) {
        let space = arrival.space_id.as_str();
        tracing::info!(
            space,
            reason = denied.as_str(),
            "added to a space by somebody who is not served: no greeting"
        );
        return nothing_to_do(services, job).await;
    }
    let now = services.clock.now();
    let card = cards::render(&Notice::welcome(&services.bot.display_name, arrival.in_group));
    let id = OutgoingId::welcome(&arrival.membership_id);
    let message = services::message_in(id, &arrival.space_id, &card, now);
    services.store.record(job, Step::new(now, End::Done).post(message)).await
}
