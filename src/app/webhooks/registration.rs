//! Reads the webhooks at Webex and applies the planned repair.

use super::plan::{WebhookAction, is_ours, plan, wanted_at};
use crate::app::config::Settings;
use crate::webex::{BotClient, WebexError, Webhook, WebhookSpec};

/// The webhooks of one Steward.
#[derive(Debug, Clone)]
pub(crate) struct Webhooks {
    bot_client: BotClient,
    /// `None` without a public address: Steward then leaves all webhooks alone.
    wanted: Option<Vec<WebhookSpec>>,
}

impl Webhooks {
    pub(crate) fn new(settings: &Settings, bot_client: BotClient) -> Self {
        let previous = settings.previous_secret.as_ref();
        let wanted =
            settings.public_url.as_ref().map(|url| wanted_at(url, &settings.webhook_secret, previous));
        Self { bot_client, wanted }
    }

    pub(crate) fn are_managed(&self) -> bool {
        self.wanted.is_some()
    }

    /// All webhooks of the bot, including those that are not Steward's.
    pub(crate) async fn list(&self) -> Result<Vec<Webhook>, WebexError> {
        self.bot_client.webhooks().await
    }

    /// Reads the webhooks and plans their repair. Changes nothing.
    pub(crate) async fn plan_repair(&self) -> Result<Vec<WebhookAction>, WebexError> {
        match &self.wanted {
            Some(wanted) => Ok(plan(wanted, &self.list().await?)),
            None => Ok(Vec::new()),
        }
    }

    /// Applies these actions and returns them. After a failure the rest are still tried; the first error is returned.
    pub(crate) async fn apply(&self, actions: Vec<WebhookAction>) -> Result<Vec<WebhookAction>, WebexError> {
        let mut failure = None;
        for action in &actions {
            match self.apply_one(action).await {
                Ok(()) => tracing::info!(webhook = action.name(), "webhook {}", action.done()),
                Err(error) => {
                    tracing::error!(webhook = action.name(), %error, "webhook could not be {}", action.done());
                    failure.get_or_insert(error);
                }
            }
        }
        failure.map_or(Ok(actions), Err)
    }

    /// Removes Steward's webhooks, wherever they deliver to.
    pub(crate) async fn delete(&self) -> Result<Vec<WebhookAction>, WebexError> {
        let ours = self.list().await?.into_iter().filter(is_ours);
        self.apply(ours.map(|webhook| WebhookAction::Remove { id: webhook.id, name: webhook.name }).collect())
            .await
    }

    async fn apply_one(&self, action: &WebhookAction) -> Result<(), WebexError> {
        match action {
            WebhookAction::Register(wanted) => self.bot_client.create_webhook(wanted).await.map(|_| ()),
            WebhookAction::Repair { id, wanted, .. } => {
                self.bot_client.repair_webhook(id, wanted).await.map(|_| ())
            }
            WebhookAction::Remove { id, .. } => match self.bot_client.delete_webhook(id).await {
                // Another replica was faster.
                Err(WebexError::NotFound(_)) => Ok(()),
                result => result,
            },
        }
    }
}
