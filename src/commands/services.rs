//! Services shared by all job handlers.

use std::sync::Arc;

use super::lock_waits::LockWaits;
use crate::cards::ControlHub;
use crate::domain::clock::Clock;
use crate::domain::{Device, DeviceFacts, OrgScope};
use crate::filter::RelatedNames;
use crate::policy::Policy;
use crate::store::Store;
use crate::telemetry::metrics::Metrics;
use crate::telemetry::readiness::{Health, Readiness, WebexParts};
use crate::webex::{AdminClient, BotClient, BotIdentity, NameCache, SenderCache, WebexError};

/// Clients, store, policy, caches and telemetry. Built once, at startup.
#[derive(Debug)]
pub(crate) struct Services {
    pub(crate) store: Store,
    pub(crate) bot_client: BotClient,
    pub(crate) admin: AdminClient,
    pub(crate) senders: SenderCache,
    pub(crate) names: NameCache,
    pub(crate) control_hub: ControlHub,
    /// Held while a device is added: with Calling Professional, additions must never run concurrently (Webex,
    /// *Devices*). Against other processes there is a lock in the database.
    pub(crate) additions: tokio::sync::Mutex<()>,
    pub(crate) lock_waits: LockWaits,
    pub(crate) bot: BotIdentity,
    pub(crate) policy: Policy,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) readiness: Arc<Readiness>,
}

impl Services {
    /// Updates the readiness of the bot token from the answer to one of its calls.
    pub(crate) fn note_bot_token<T>(&self, answer: &Result<T, WebexError>) {
        self.note("bot token", answer, |parts| &mut parts.bot_token);
    }

    /// Updates the readiness of the admin credential from the answer to one of its calls.
    pub(crate) fn note_admin_credential<T>(&self, answer: &Result<T, WebexError>) {
        self.note("admin credential", answer, |parts| &mut parts.admin_credential);
    }

    /// A change for the worse is logged here, by the name of the credential: what the calls of the jobs log is about
    /// their own failure.
    fn note<T>(
        &self,
        credential: &str,
        answer: &Result<T, WebexError>,
        part: impl Fn(&mut WebexParts) -> &mut Health,
    ) {
        let Some(health) = state_of_token(answer) else { return };
        let mut before = Health::Unknown;
        self.readiness.update(|parts| before = std::mem::replace(part(parts), health));
        match (before, answer) {
            (Health::Unhealthy, Ok(_)) => tracing::info!(credential, "Webex accepts the credential again"),
            (Health::Unhealthy, Err(_)) | (_, Ok(_)) => {}
            (_, Err(error)) => tracing::error!(
                credential, %error,
                tracking_id = error.answer().and_then(|answer| answer.tracking_id.as_deref()),
                "Webex rejects the credential: it is expired or revoked; set a new one and restart"
            ),
        }
    }

    /// The names of a device's workspace, location and owner. They are for display only, so a name that cannot be
    /// looked up now is left out.
    pub(crate) async fn related_names(&self, scope: &OrgScope, device: &Device) -> RelatedNames {
        let location = async {
            let name = self.names.location_name(scope, device.location_id.as_ref()?).await.ok()?;
            Some(name.to_string())
        };
        let facts = DeviceFacts::of(device);
        let ((workspace, person), location) = tokio::join!(self.workspace_and_owner(&facts), location);
        RelatedNames { workspace, location, person, email: None }
    }

    /// The names of a device's workspace and owner, without those that cannot be looked up now.
    pub(crate) async fn workspace_and_owner(&self, device: &DeviceFacts) -> (Option<String>, Option<String>) {
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
