//! The registered webhooks (Webex, *Webhooks* guide). Responses repeat the secret, so none of them is logged.

use std::fmt;

use reqwest::Method;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::json;

use super::bot::BotClient;
use super::error::WebexError;
use super::transport::Call;
use crate::domain::WebhookId;

/// Most pages of webhooks: a bot may have thirty thousand.
const MOST_PAGES: usize = 300;

/// A registered webhook.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Webhook {
    /// Its id.
    pub id: WebhookId,
    /// Its name.
    #[serde(default)]
    pub name: String,
    /// The address it delivers to.
    #[serde(default)]
    pub target_url: String,
    /// The resource it reports: `messages` …
    #[serde(default)]
    pub resource: String,
    /// The event it reports: `created` …
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

/// Without the secret, and without the address: it may belong to another service and contain a token.
impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, name, resource, event, status, .. } = self;
        write!(f, "Webhook({id} {name:?} {resource}/{event} {status})")
    }
}

/// A webhook as it should be registered.
#[derive(Debug, Clone)]
pub struct WebhookSpec {
    /// Its name.
    pub name: String,
    /// The address it must deliver to.
    pub target_url: String,
    /// The resource it must report.
    pub resource: &'static str,
    /// The event it must report.
    pub event: &'static str,
    /// The secret that signs its deliveries.
    pub secret: SecretString,
    /// The secret before a rotation: deliveries that it signs are still accepted.
    pub previous_secret: Option<SecretString>,
}

impl Webhook {
    /// Whether this is the webhook of the spec, in any state.
    pub(crate) fn is_for(&self, spec: &WebhookSpec) -> bool {
        self.name == spec.name && self.resource == spec.resource && self.event == spec.event
    }

    /// Whether Webex delivers events to it.
    pub(crate) fn is_active(&self) -> bool {
        self.status == "active"
    }

    /// Whether a filter limits it to some events.
    pub(crate) fn is_filtered(&self) -> bool {
        self.filter.as_deref().is_some_and(|filter| !filter.is_empty())
    }

    /// Whether deliveries arrive and are accepted. A secret that Webex does not show is assumed to be right.
    pub(crate) fn delivers(&self, spec: &WebhookSpec) -> bool {
        let accepted = [Some(&spec.secret), spec.previous_secret.as_ref()];
        let is_accepted = |secret: &SecretString| {
            accepted.into_iter().flatten().any(|accepted| accepted.expose_secret() == secret.expose_secret())
        };
        self.is_active() && self.target_url == spec.target_url && self.secret.as_ref().is_none_or(is_accepted)
    }

    /// Whether the webhook needs no change. A secret that Webex does not show is assumed to be right.
    pub(crate) fn is_up_to_date(&self, spec: &WebhookSpec) -> bool {
        let has_secret =
            self.secret.as_ref().is_none_or(|secret| secret.expose_secret() == spec.secret.expose_secret());
        self.is_for(spec)
            && self.target_url == spec.target_url
            && self.is_active()
            && !self.is_filtered()
            && has_secret
    }
}

impl BotClient {
    /// The webhooks of this bot: `GET /webhooks`.
    pub(crate) async fn webhooks(&self) -> Result<Vec<Webhook>, WebexError> {
        let first = Call::get(&["webhooks"]).query(&[("max", "100")]);
        self.transport().fetch_all(self.bearer(), first, MOST_PAGES).await
    }

    /// Registers a webhook: `POST /webhooks`.
    pub(crate) async fn create_webhook(&self, spec: &WebhookSpec) -> Result<Webhook, WebexError> {
        let body = json!({
            "name": spec.name,
            "targetUrl": spec.target_url,
            "resource": spec.resource,
            "event": spec.event,
            "secret": spec.secret.expose_secret(),
        });
        self.fetch(Call::new(Method::POST, &["webhooks"]).json(&body)).await
    }

    /// Corrects and activates a webhook: `PUT /webhooks/{webhookId}`.
    pub(crate) async fn repair_webhook(
        &self,
        id: &WebhookId,
        spec: &WebhookSpec,
    ) -> Result<Webhook, WebexError> {
        let body = json!({
            "name": spec.name,
            "targetUrl": spec.target_url,
            "secret": spec.secret.expose_secret(),
            "status": "active",
        });
        let path = ["webhooks", id.as_str()];
        self.fetch(Call::new(Method::PUT, &path).json(&body)).await
    }

    /// Deletes a webhook: `DELETE /webhooks/{webhookId}`.
    pub(crate) async fn delete_webhook(&self, id: &WebhookId) -> Result<(), WebexError> {
        self.send(Call::new(Method::DELETE, &["webhooks", id.as_str()])).await.map(drop)
    }
}
