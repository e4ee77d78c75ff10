//! Webhooks as Webex keeps them (Webex, *Webhooks* guide). The answers repeat the secret: none of them is
//! ever logged.

use std::fmt;

use reqwest::Method;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::json;

use super::bot::BotClient;
use super::error::WebexError;
use super::transport::Call;
use crate::domain::WebhookId;

/// Pages of webhooks that are read: a bot may have thirty thousand.
const MOST_PAGES: usize = 300;

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
    filter: Option<String>,
    #[serde(default)]
    secret: Option<SecretString>,
}

/// Without the secret, and without the address, which may be one of somebody else's with a token in it.
impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, name, resource, event, status, .. } = self;
        write!(f, "Webhook({id} {name:?} {resource}/{event} {status})")
    }
}

/// A webhook as it should be.
#[derive(Debug, Clone)]
pub struct WebhookSpec {
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
    pub fn is_for(&self, wanted: &WebhookSpec) -> bool {
        self.name == wanted.name && self.resource == wanted.resource && self.event == wanted.event
    }

    /// Whether Webex delivers to it.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.status == "active"
    }

    /// Whether it tells only of some events.
    #[must_use]
    pub fn is_filtered(&self) -> bool {
        self.filter.as_deref().is_some_and(|filter| !filter.is_empty())
    }

    /// Whether it is just as wanted. A secret that Webex does not show is taken to be right.
    #[must_use]
    pub fn is_up_to_date(&self, wanted: &WebhookSpec) -> bool {
        let same_secret =
            self.secret.as_ref().is_none_or(|secret| secret.expose_secret() == wanted.secret.expose_secret());
        self.is_for(wanted)
            && self.target_url == wanted.target_url
            && self.is_active()
            && !self.is_filtered()
            && same_secret
    }
}

impl BotClient {
    /// The webhooks of this bot: `GET /webhooks`.
    pub async fn webhooks(&self) -> Result<Vec<Webhook>, WebexError> {
        self.fetch_all(Call::get(&["webhooks"]).query(&[("max", "100")]), MOST_PAGES).await
    }

    /// Registers a webhook: `POST /webhooks`.
    pub async fn create_webhook(&self, wanted: &WebhookSpec) -> Result<Webhook, WebexError> {
        let body = json!({
            "name": wanted.name,
            "targetUrl": wanted.target_url,
            "resource": wanted.resource,
            "event": wanted.event,
            "secret": wanted.secret.expose_secret(),
        });
        self.fetch(Call::new(Method::POST, &["webhooks"]).json(&body)).await
    }

    /// Sets a webhook right and active: `PUT /webhooks/{webhookId}`.
    pub async fn repair_webhook(&self, id: &WebhookId, wanted: &WebhookSpec) -> Result<Webhook, WebexError> {
        let body = json!({
            "name": wanted.name,
            "targetUrl": wanted.target_url,
            "secret": wanted.secret.expose_secret(),
            "status": "active",
        });
        let path = ["webhooks", id.as_str()];
        self.fetch(Call::new(Method::PUT, &path).json(&body)).await
    }

    /// Takes a webhook away: `DELETE /webhooks/{webhookId}`.
    pub async fn delete_webhook(&self, id: &WebhookId) -> Result<(), WebexError> {
        self.send(Call::new(Method::DELETE, &["webhooks", id.as_str()])).await
    }
}
