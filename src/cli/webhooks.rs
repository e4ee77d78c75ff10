//! `steward webhooks`: look at the webhooks, set them right now, take Steward's away. Without the database.

use std::sync::Arc;

use clap::Subcommand;

use super::{Failure, SettingsFile, table};
use crate::app::config::{Environment, Settings, SettingsError};
use crate::app::identity::failed;
use crate::app::webhooks::{Done, Listed, Webhooks};
use crate::app::{self, AppError};
use crate::domain::clock::{Clock, SystemClock};
use crate::webex::WebexError;

#[derive(Debug, Subcommand)]
pub(super) enum WebhooksCommand {
    /// Show every webhook of the bot, and which of them are Steward's.
    List(SettingsFile),
    /// Register what is missing, set right what is off or altered, remove duplicates; what Steward does by itself
    /// at start and every five minutes.
    Sync(SettingsFile),
    /// Remove Steward's webhooks. A Steward that runs registers them again within five minutes.
    Delete(SettingsFile),
}

pub(super) async fn run(command: &WebhooksCommand) -> Result<(), Failure> {
    match command {
        WebhooksCommand::List(file) => {
            let listed = webhooks(file)?.list().await.map_err(not_asked)?;
            anstream::print!("{}", drawn(&listed));
        }
        WebhooksCommand::Sync(file) => {
            let webhooks = webhooks(file)?;
            if !webhooks.are_looked_after() {
                let expected = "the https address at which Webex reaches Steward";
                return Err(SettingsError::Missing { variable: "STEWARD_PUBLIC_URL", expected }.into());
            }
            let findings = webhooks.look().await.map_err(not_asked)?;
            let done = webhooks.set_right(findings).await.map_err(not_asked)?;
            tell(&done, "The webhooks are as they should be: nothing was done.");
        }
        WebhooksCommand::Delete(file) => {
            let done = webhooks(file)?.delete().await.map_err(not_asked)?;
            tell(&done, "There is no webhook of Steward's: nothing was done.");
        }
    }
    Ok(())
}

fn webhooks(file: &SettingsFile) -> Result<Webhooks, Failure> {
    let settings = Settings::load(file.config.as_deref(), &Environment::of_this_process())?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    Ok(app::webhooks(&settings, &clock)?)
}

fn not_asked(error: WebexError) -> Failure {
    AppError::Identify(failed("STEWARD_BOT_TOKEN", "about the webhooks")(error)).into()
}

/// Never the secret.
fn drawn(listed: &[Listed]) -> String {
    let row = |Listed { webhook, is_ours }: &Listed| {
        let whose = if *is_ours { "Steward's" } else { "not Steward's" };
        let what = format!("{}/{}", webhook.resource, webhook.event);
        [whose.to_owned(), webhook.status.clone(), webhook.name.clone(), what, webhook.target_url.clone()]
    };
    let rows: Vec<_> = listed.iter().map(row).collect();
    table::draw(["WHOSE", "STATUS", "NAME", "EVENTS", "TARGET"], &rows)
}

fn tell(done: &[Done], nothing: &str) {
    for Done { what, name } in done {
        anstream::println!("{}: {what}", table::printable(name));
    }
    if done.is_empty() {
        anstream::println!("{nothing}");
    }
}
