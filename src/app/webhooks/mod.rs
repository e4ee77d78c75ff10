//! The webhooks, which are Steward's to look after: one for each kind of event, registered at the public address,
//! set right when Webex has switched one off or somebody has altered it. The webhooks of others are never touched.
//!
//! What must be done is decided by [`plan()`], which is pure; here it is asked and done.

mod plan;

use secrecy::SecretString;
use url::Url;

pub use plan::{Action, is_ours, plan};

use crate::app::config::Settings;
use crate::http::WEBHOOK_PATH;
use crate::webex::{BotClient, WebexError, Webhook, WebhookSpec};

/// What Webex tells of, in the order in which it is registered: without the first nothing works.
const RESOURCES: [&str; 3] = ["messages", "attachmentActions", "memberships"];
/// What must happen to it.
const EVENT: &str = "created";

/// The webhooks of one Steward.
#[derive(Debug, Clone)]
pub struct Webhooks {
    bot_client: BotClient,
    wanted: Option<Vec<WebhookSpec>>,
}

/// The webhooks as they are now, and what must be done about them.
#[derive(Debug)]
pub struct Findings {
    actions: Vec<Action>,
}

/// A webhook of the bot.
#[derive(Debug)]
pub struct Listed {
    /// The webhook.
    pub webhook: Webhook,
    /// Whether it is one of Steward's.
    pub is_ours: bool,
}

/// Something that was done, for the log and for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// What: `registered` …
    pub what: &'static str,
    /// The name of the webhook.
    pub name: String,
}

impl Findings {
    /// Whether messages were written that Webex did not deliver here: nobody was to be told of them, or somebody
    /// else was.
    #[must_use]
    pub fn were_deaf_to_messages(&self) -> bool {
        self.actions.iter().any(|action| match action {
            Action::Create(wanted) | Action::Repair { wanted, .. } => wanted.resource == RESOURCES[0],
            Action::Remove { .. } => false,
        })
    }
}

impl Webhooks {
    /// The webhooks that these settings ask for. Without a public address none is looked after.
    #[must_use]
    pub fn of(settings: &Settings, bot_client: BotClient) -> Self {
        let wanted = settings.public_url.as_ref().map(|url| all_at(url, &settings.webhook_secret));
        Self { bot_client, wanted }
    }

    /// Whether they are Steward's to look after.
    #[must_use]
    pub fn are_looked_after(&self) -> bool {
        self.wanted.is_some()
    }

    /// Every webhook of the bot.
    pub async fn list(&self) -> Result<Vec<Listed>, WebexError> {
        let there = self.bot_client.webhooks().await?;
        Ok(there.into_iter().map(|webhook| Listed { is_ours: is_ours(&webhook), webhook }).collect())
    }

    /// Looks at them, and changes nothing.
    pub async fn look(&self) -> Result<Findings, WebexError> {
        let Some(wanted) = &self.wanted else { return Ok(Findings { actions: Vec::new() }) };
        Ok(Findings { actions: plan(wanted, &self.bot_client.webhooks().await?) })
    }

    /// Sets right what was found. One that cannot be set right keeps no other from it.
    pub async fn set_right(&self, findings: Findings) -> Result<Vec<Done>, WebexError> {
        let mut done = Vec::new();
        let mut failure = None;
        for action in findings.actions {
            match self.act(&action).await {
                Ok(what) => {
                    let name = action.name().to_owned();
                    tracing::info!(webhook = name, "a webhook was {what}");
                    done.push(Done { what, name });
                }
                Err(error) => {
                    tracing::error!(webhook = action.name(), %error, "a webhook could not be set right");
                    failure.get_or_insert(error);
                }
            }
        }
        failure.map_or(Ok(done), Err)
    }

    /// Removes those of Steward's, wherever they deliver to.
    pub async fn delete(&self) -> Result<Vec<Done>, WebexError> {
        let ours = self.bot_client.webhooks().await?.into_iter().filter(is_ours);
        let actions = ours.map(|webhook| Action::Remove { id: webhook.id, name: webhook.name }).collect();
        self.set_right(Findings { actions }).await
    }

    async fn act(&self, action: &Action) -> Result<&'static str, WebexError> {
        match action {
            Action::Create(wanted) => {
                self.bot_client.create_webhook(wanted).await?;
                Ok("registered")
            }
            Action::Repair { id, wanted } => {
                self.bot_client.repair_webhook(id, wanted).await?;
                Ok("set right")
            }
            Action::Remove { id, .. } => match self.bot_client.delete_webhook(id).await {
                // Another replica was faster.
                Ok(()) | Err(WebexError::NotFound(_)) => Ok("removed"),
                Err(error) => Err(error),
            },
        }
    }
}

/// The webhooks of a Steward that is reached at this address.
fn all_at(public_url: &Url, secret: &SecretString) -> Vec<WebhookSpec> {
    let wanted = |resource| WebhookSpec {
        name: plan::name_for(resource),
        target_url: format!("{}{WEBHOOK_PATH}", public_url.as_str().trim_end_matches('/')),
        resource,
        event: EVENT,
        secret: secret.clone(),
    };
    RESOURCES.into_iter().map(wanted).collect()
}
