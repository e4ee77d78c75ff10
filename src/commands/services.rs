//! The services: what everybody who works on jobs has before them.

use std::sync::Arc;

use jiff::Timestamp;

use crate::cards::{Card, ControlHub};
use crate::commands::delete_device::prefetch::ReadAhead;
use crate::domain::clock::Clock;
use crate::domain::{Device, DeviceFacts, OrgScope, SpaceId, Thread};
use crate::filter::Surroundings;
use crate::policy::Policy;
use crate::store::{NewMessage, OutgoingId, Store};
use crate::telemetry::metrics::Metrics;
use crate::telemetry::readiness::{Part, Readiness};
use crate::webex::{AdminClient, BotClient, BotIdentity, NameCache, SenderCache, WebexError};

/// What jobs work with.
#[derive(Debug)]
pub struct Services {
    /// Where everything is kept.
    pub store: Store,
    /// The client that talks.
    pub bot_client: BotClient,
    /// The client that administers devices.
    pub admin: AdminClient,
    /// Who speaks to the bot.
    pub senders: SenderCache,
    /// The names of workspaces, locations and people.
    pub names: NameCache,
    /// Where admins find the same devices on the web.
    pub control_hub: ControlHub,
    /// One addition of a device after another: for Calling Professional they must never run side by side (Webex,
    /// *Devices*). This keeps those of one process apart.
    pub additions: tokio::sync::Mutex<()>,
    /// What was read for a command before it is carried out.
    pub read_ahead: ReadAhead,
    /// The bot itself.
    pub bot: BotIdentity,
    /// Who may do what.
    pub policy: Policy,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// What is ready and what is not.
    pub readiness: Arc<Readiness>,
}

impl Services {
    /// Notes for `GET /readyz` what an answer says of the bot token.
    pub fn note_bot_token<T>(&self, answer: &Result<T, WebexError>) {
        if let Some(part) = says_of_the_token(answer) {
            self.readiness.note(|parts| parts.bot_token = part);
        }
    }

    /// Notes for `GET /readyz` what an answer says of the admin credential.
    pub fn note_admin_credential<T>(&self, answer: &Result<T, WebexError>) {
        if let Some(part) = says_of_the_token(answer) {
            self.readiness.note(|parts| parts.admin_credential = part);
        }
    }

    /// The names around a device. Only for people to read: what cannot be looked up just now is left out.
    pub async fn surroundings(&self, scope: &OrgScope, device: &Device) -> Surroundings {
        let location = async {
            let name = self.names.location_name(scope, device.location_id.as_ref()?).await.ok()?;
            Some(name.to_string())
        };
        let facts = DeviceFacts::of(device);
        let ((workspace, person), location) = tokio::join!(self.names_around(&facts), location);
        Surroundings { workspace, location, person, email: None }
    }

    /// The names of a device's workspace and owner. Only for people to read: what cannot be looked up just
    /// now is left out.
    pub async fn names_around(&self, device: &DeviceFacts) -> (Option<String>, Option<String>) {
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

fn says_of_the_token<T>(answer: &Result<T, WebexError>) -> Option<Part> {
    match answer {
        Ok(_) => Some(Part::Well),
        Err(error) if error.is_token_rejected() => Some(Part::Unwell),
        Err(_) => None,
    }
}

/// A card as a message to be posted in a thread.
#[must_use]
pub fn message(id: OutgoingId, thread: &Thread, card: &Card, at: Timestamp) -> NewMessage {
    NewMessage { parent_id: Some(thread.root_id.clone()), ..message_in(id, &thread.space_id, card, at) }
}

/// A card as a message to be posted in a space, outside any thread.
pub fn message_in(id: OutgoingId, space_id: &SpaceId, card: &Card, at: Timestamp) -> NewMessage {
    if let Some(defect) = card.defect() {
        tracing::error!(defect, "a card could not be drawn as it should be; it shows the bare facts");
    }
    NewMessage {
        id,
        space_id: space_id.clone(),
        parent_id: None,
        text: card.text().to_owned(),
        card: Some(card.content().clone()),
        at,
    }
}
