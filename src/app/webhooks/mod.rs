//! Steward's webhooks: one for each kind of event, registered at the public address, and repaired if Webex has disabled
//! one or a person has changed it. Other webhooks of the bot are never touched.
//!
//! `plan` decides on the repair; `registration` calls Webex.

mod plan;
mod registration;

pub(crate) use plan::{WebhookAction, is_ours, loses_messages, target_at};
pub(crate) use registration::Webhooks;
