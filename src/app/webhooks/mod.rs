//! Steward's webhooks: one for each kind of event, registered at the public address, and repaired if Webex has switched
//! one off or somebody has changed it. Webhooks of others are never touched.
//!
//! `plan` decides, `registration` calls Webex.

mod plan;
mod registration;

pub(crate) use plan::{WebhookAction, is_ours, loses_messages};
pub(crate) use registration::Webhooks;
