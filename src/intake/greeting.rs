//! The greeting when the bot is added to a space.

use super::postpone::{nothing_to_do, postpone};
use crate::cards::{self, Notice};
use crate::commands::reply::{AfterCommit, JobOutcome, message_in};
use crate::commands::retry;
use crate::commands::services::Services;
use crate::store::{End, LeasedJob, OutgoingId, Step};
use crate::webex::event::BotAdded;

/// Greets once if Steward serves the person who added the bot; otherwise it posts nothing.
pub(super) async fn run(services: &Services, job: &LeasedJob, arrival: &BotAdded) -> JobOutcome {
    let space = arrival.space_id.as_str();
    let Some(adder) = &arrival.actor_id else {
        tracing::info!(space, "added to a space by an unknown person: no greeting");
        return nothing_to_do(services);
    };
    let adder = match services.bot_client.person(adder).await {
        Ok(adder) => adder,
        Err(error) if error.is_transient() && !retry::is_last(job) => {
            return postpone(services, job, "cannot look up the person who added the bot", Some(&error));
        }
        Err(error) => {
            tracing::warn!(space, %error, "cannot look up the person who added the bot: no greeting");
            return nothing_to_do(services);
        }
    };
    if let Err(denied) = services.policy.admits(&adder) {
        let person = adder.person_id.as_str();
        tracing::info!(
            space,
            person,
            reason = denied.as_str(),
            "added to a space by a stranger: no greeting"
        );
        return JobOutcome { after_commit: Some(AfterCommit::StrangerIgnored), ..nothing_to_do(services) };
    }
    let now = services.clock.now();
    let card = cards::render(&Notice::welcome(&services.bot.display_name, arrival.in_group));
    let id = OutgoingId::welcome(&arrival.membership_id);
    Step::new(now, End::Done).post(message_in(id, &arrival.space_id, &card, now)).into()
}
