//! The commands of the binary: arguments in, exit code out. One file per command; none of them decides anything.
//!
//! Exit codes: 0 success, 1 failure, 2 wrong usage or settings.

mod check;
mod demo;
mod jobs;
mod process;
mod serve;
mod sim;
mod table;
mod webhooks;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::app::AppError;
use crate::app::config::SettingsError;
use crate::store::StoreError;
use process::SettingsFile;

/// Run your organization's Webex devices from chat.
#[derive(Debug, Parser)]
#[command(name = "steward", version, about, disable_help_subcommand = true)]
pub struct Cli {
    #[command(subcommand)]
    command: CliCommand,
}

#[derive(Debug, Subcommand)]
enum CliCommand {
    /// Run the bot: receive webhooks, carry out commands, answer.
    Serve(SettingsFile),
    /// Watch the bot at work on a simulated Webex. Needs no account and no network.
    Demo(demo::Demo),
    /// Check everything that Steward needs, or whether it is running.
    Check(check::Check),
    /// List, repair or remove the bot's webhooks.
    #[command(subcommand)]
    Webhooks(webhooks::WebhooksCommand),
    /// List, retry or drop parked jobs: those that failed for good.
    #[command(subcommand)]
    Jobs(jobs::JobsCommand),
    /// Serve the simulated Webex alone.
    Sim(sim::SimCommand),
}

impl Cli {
    /// Runs the command to its end.
    #[must_use]
    pub fn run(self) -> ExitCode {
        let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
            Ok(runtime) => runtime,
            Err(error) => return report(&error.into()),
        };
        let result = runtime.block_on(self.command.run());
        // Does not wait for blocking calls, such as a slow lookup of a host name.
        runtime.shutdown_background();
        result.unwrap_or_else(|error| report(&error))
    }
}

impl CliCommand {
    async fn run(self) -> anyhow::Result<ExitCode> {
        match self {
            // Its exit code tells how severe its findings are.
            Self::Check(check) => return check::run(&check).await,
            Self::Serve(settings) => Box::pin(serve::run(&settings)).await?,
            Self::Demo(demo) => Box::pin(demo::run(&demo)).await?,
            Self::Webhooks(command) => webhooks::run(&command).await?,
            Self::Jobs(command) => jobs::run(&command).await?,
            Self::Sim(sim) => sim::run(&sim).await?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Prints the error with its causes in one line and returns the exit code.
fn report(error: &anyhow::Error) -> ExitCode {
    anstream::eprintln!("steward: {}", with_causes(error));
    ExitCode::from(if is_the_settings_fault(error) { 2 } else { 1 })
}

fn is_the_settings_fault(error: &anyhow::Error) -> bool {
    error.is::<SettingsError>()
        || error.downcast_ref().is_some_and(AppError::is_the_settings_fault)
        || error.downcast_ref().is_some_and(StoreError::is_the_settings_fault)
}

/// The error and its causes, from the outermost to the innermost. Some errors quote their cause, which is not repeated.
fn with_causes(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if !text.contains(&cause) {
            let separator = if text.is_empty() { "" } else { ": " };
            text.extend([separator, &cause]);
        }
    }
    table::printable(&text)
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;

    #[test]
    fn a_quoted_cause_is_not_repeated_and_no_cause_breaks_the_line() {
        let error = anyhow!("refused").context("the server said: refused").context("cannot open\nit");
        assert_eq!(with_causes(&error), "cannot open\\u{a}it: the server said: refused");
    }

    #[test]
    fn an_error_that_a_setting_fixes_ends_with_2_and_any_other_with_1() {
        let store = |what: &str| StoreError::Unusable { what: what.to_owned() };
        let busy = StoreError::OutOfReach { what: "held".to_owned() };
        let wrong = AppError::Database(store("/data/steward.db: it is read-only"));
        assert_eq!(
            with_causes(&wrong.into()),
            "cannot open the database (STEWARD_DATABASE_URL): /data/steward.db: it is read-only"
        );
        for (error, code) in [
            (anyhow!(AppError::Database(store("x"))), true),
            (anyhow!(store("x")), true),
            (anyhow!(AppError::Database(busy)), false),
            (anyhow!("x"), false),
        ] {
            assert_eq!(is_the_settings_fault(&error), code, "{error}");
        }
    }
}
