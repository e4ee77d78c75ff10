//! Webhooks as Webex keeps them (Webex, *Webhooks* guide). The answers repeat the secret: none of them is
//! ever logged.

use reqwest::Method;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::json;

use super::bot::BotClient;
use super::error::WebexError;
use super::transport::Call;
use super::wire::Items;
use crate::domain::WebhookId;

/// A webhook that Webex has.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Webhook {
    /// Its id.
    pub id: WebhookId,
    /// The name it was registered under.
    #[serde(default)]
    pub name: String,
    /// Where it delivers to.
    #[serde(default)]
    pub target_url: String,
    /// What it tells of: `messages` …
    #[serde(default)]
    pub resource: String,
    /// What must happen to it: `created` …
    #[serde(default)]
    pub event: String,
    /// `active`, or `inactive` after too many failures.
    #[serde(default)]
    pub status: String,
    #[serde(default)]
    secret: Option<SecretString>,
}

/// A webhook as it should be.
#[derive(Debug, Clone)]
pub struct WebhookWanted {
    /// The name to register it under.
    pub name: String,
    /// Where it must deliver to.
    pub target_url: String,
    /// What it must tell of.
    pub resource: &'static str,
    /// What must happen to it.
    pub event: &'static str,
    /// What its deliveries are signed with.
    pub secret: SecretString,
}

impl Webhook {
    /// Whether this is the wanted webhook, in whatever state it is.
    #[must_use]
    pub fn is_for(&self, wanted: &WebhookWanted) -> bool {
        self.name == wanted.name && self.resource == wanted.resource && self.event == wanted.event
    }

    /// Whether it is just as wanted. A secret that Webex does not show is taken to be right.
    #[must_use]
    pub fn is_as_wanted(&self, wanted: &WebhookWanted) -> bool {
        let same_secret =
            self.secret.as_ref().is_none_or(|secret| secret.expose_secret() == wanted.secret.expose_secret());
        self.is_for(wanted) && self.target_url == wanted.target_url && self.status == "active" && same_secret
    }
}

impl BotClient {
    /// The webhooks of this bot: `GET /webhooks`.
    pub async fn webhooks(&self) -> Result<Vec<Webhook>, WebexError> {
        let list: Items<Webhook> = self.fetch(Call::get(&["webhooks"])).await?;
        Ok(list.items)
    }

    /// Registers a webhook: `POST /webhooks`.
    pub async fn create_webhook(&self, wanted: &WebhookWanted) -> Result<Webhook, WebexError> {
        let body = json!({
            "name": wanted.name,
            "targetUrl": wanted.target_url,
            "resource": wanted.resource,
            "event": wanted.event,
            "secret": wanted.secret.expose_secret(),
        });
        self.fetch(Call::new(Method::POST, &["webhooks"]).json(body)).await
    }

    /// Sets a webhook right and active: `PUT /webhooks/{webhookId}`.
    pub async fn repair_webhook(
        &self,
        id: &WebhookId,
        wanted: &WebhookWanted,
    ) -> Result<Webhook, WebexError> {
        let body = json!({
            "name": wanted.name,
            "targetUrl": wanted.target_url,
            "secret": wanted.secret.expose_secret(),
            "status": "active",
        });
        let path = ["webhooks", id.as_str()];
        self.fetch(Call::new(Method::PUT, &path).json(body)).await
    }
}
