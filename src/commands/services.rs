//! Services shared by all job handlers.

use std::sync::Arc;

use super::prefetch::Prefetch;
use crate::cards::ControlHub;
use crate::domain::clock::Clock;
use crate::domain::{Device, DeviceFacts, OrgScope};
use crate::filter::RelatedNames;
use crate::policy::Policy;
use crate::store::Store;
use crate::telemetry::metrics::Metrics;
use crate::telemetry::readiness::{Health, Readiness};
use crate::webex::{AdminClient, BotClient, BotIdentity, NameCache, SenderCache, WebexError};

/// Everything outside a job that its handler works with.
#[derive(Debug)]
pub(crate) struct Services {
    pub(crate) store: Store,
    pub(crate) bot_client: BotClient,
    pub(crate) admin: AdminClient,
    pub(crate) senders: SenderCache,
    pub(crate) names: NameCache,
    pub(crate) control_hub: ControlHub,
    /// Held while a device is added: for Calling Professional additions must never run side by side (Webex,
    /// *Devices*). Other processes are kept apart by a lock in the database.
    pub(crate) additions: tokio::sync::Mutex<()>,
    pub(crate) prefetch: Prefetch,
    pub(crate) bot: BotIdentity,
    pub(crate) policy: Policy,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) readiness: Arc<Readiness>,
}

impl Services {
    /// Updates `GET /readyz` by an answer to the bot token.
    pub(crate) fn note_bot_token<T>(&self, answer: &Result<T, WebexError>) {
        if let Some(part) = state_of_token(answer) {
            self.readiness.update(|parts| parts.bot_token = part);
        }
    }

    /// Updates `GET /readyz` by an answer to the admin credential.
    pub(crate) fn note_admin_credential<T>(&self, answer: &Result<T, WebexError>) {
        if let Some(part) = state_of_token(answer) {
            self.readiness.update(|parts| parts.admin_credential = part);
        }
    }

    /// The names around a device. They are only shown to people, so a name that cannot be looked up now is left out.
    pub(crate) async fn surroundings(&self, scope: &OrgScope, device: &Device) -> RelatedNames {
        let location = async {
            let name = self.names.location_name(scope, device.location_id.as_ref()?).await.ok()?;
            Some(name.to_string())
        };
        let facts = DeviceFacts::of(device);
        let ((workspace, person), location) = tokio::join!(self.names_around(&facts), location);
        RelatedNames { workspace, location, person, email: None }
    }

    /// The names of a device's workspace and owner, with the same gaps.
    pub(crate) async fn names_around(&self, device: &DeviceFacts) -> (Option<String>, Option<String>) {
        let workspace = async {
            let name = self.names.workspace_name(device.workspace_id.as_ref()?).await.ok().flatten()?;
            Some(name.to_string())
        };
        let owner = async {
            let owner = self.names.person(device.owner_id.as_ref()?).await.ok()?;
            Some(owner.display_name.clone())
        };
        tokio::join!(workspace, owner)
    }
}

fn state_of_token<T>(answer: &Result<T, WebexError>) -> Option<Health> {
    match answer {
        Ok(_) => Some(Health::Healthy),
        Err(error) if error.is_token_rejected() => Some(Health::Unhealthy),
        Err(_) => None,
    }
}
