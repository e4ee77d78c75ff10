//! `steward webhooks`: list the bot's webhooks, repair Steward's now, or remove them. Needs no database.

use std::sync::Arc;

use clap::Subcommand;

use super::process::SettingsFile;
use super::table;
use crate::app::config::SettingsError;
use crate::app::webhooks::{WebhookAction, Webhooks, is_ours};
use crate::app::{self, AppError, IdentityError};
use crate::domain::clock::{Clock, SystemClock};
use crate::webex::{WebexError, Webhook};

#[derive(Debug, Subcommand)]
pub(super) enum WebhooksCommand {
    /// List all webhooks of the bot, and whether they are Steward's.
    List(SettingsFile),
    /// Repair Steward's webhooks now: register missing ones, fix those that are off or changed, remove duplicates.
    /// `steward serve` does this at start and every five minutes.
    Sync(SettingsFile),
    /// Remove Steward's webhooks. A running Steward registers them again within five minutes.
    Delete(SettingsFile),
}

pub(super) async fn run(command: &WebhooksCommand) -> anyhow::Result<()> {
    match command {
        WebhooksCommand::List(file) => {
            let webhooks = webhooks(file)?.list().await.map_err(not_answered)?;
            let rows: Vec<_> = webhooks.iter().map(row).collect();
            anstream::print!("{}", table::draw(["WHOSE", "STATUS", "NAME", "EVENTS", "TARGET"], &rows));
        }
        WebhooksCommand::Sync(file) => {
            let webhooks = webhooks(file)?;
            if !webhooks.are_managed() {
                let expected = "the HTTPS address at which Webex reaches Steward".to_owned();
                return Err(SettingsError::Missing { variable: "STEWARD_PUBLIC_URL", expected }.into());
            }
            let repair = webhooks.plan_repair().await.map_err(not_answered)?;
            let done = webhooks.apply(repair).await.map_err(not_answered)?;
            print(&done, "All webhooks are in order; nothing was done.");
        }
        WebhooksCommand::Delete(file) => {
            let done = webhooks(file)?.delete().await.map_err(not_answered)?;
            print(&done, "Steward has no webhooks; nothing was done.");
        }
    }
    Ok(())
}

fn webhooks(file: &SettingsFile) -> anyhow::Result<Webhooks> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    Ok(app::webhooks_for(&file.load()?, &clock)?)
}

fn not_answered(error: WebexError) -> AppError {
    AppError::Identity(IdentityError::of_lookup("STEWARD_BOT_TOKEN", "about the webhooks")(error))
}

/// A row of the table, without the secret.
fn row(webhook: &Webhook) -> [String; 5] {
    [
        if is_ours(webhook) { "Steward's" } else { "not Steward's" }.to_owned(),
        webhook.status.clone(),
        webhook.name.clone(),
        format!("{}/{}", webhook.resource, webhook.event),
        webhook.target_url.clone(),
    ]
}

fn print(done: &[WebhookAction], nothing: &str) {
    for action in done {
        anstream::println!("{}: {}", table::printable(action.name()), action.done());
    }
    if done.is_empty() {
        anstream::println!("{nothing}");
    }
}
