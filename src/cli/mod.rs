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
    /// Check the settings and the credentials, or whether Steward is running.
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
        let result = runtime.block_on(async {
            match self.command {
                CliCommand::Serve(settings) => serve::run(&settings).await,
                CliCommand::Demo(demo) => demo::run(&demo).await,
                CliCommand::Check(check) => check::run(&check).await,
                CliCommand::Webhooks(command) => webhooks::run(&command).await,
                CliCommand::Jobs(command) => jobs::run(&command).await,
                CliCommand::Sim(sim) => sim::run(&sim).await,
            }
        });
        // Does not wait for blocking calls, such as a slow lookup of a host name.
        runtime.shutdown_background();
        result.map_or_else(|error| report(&error), |()| ExitCode::SUCCESS)
    }
}

/// Prints the error in one line and returns the exit code.
fn report(error: &anyhow::Error) -> ExitCode {
    let is_the_settings_fault = error.is::<SettingsError>()
        || error.downcast_ref().is_some_and(AppError::is_the_settings_fault)
        || error.downcast_ref().is_some_and(StoreError::is_the_settings_fault);
    if is_the_settings_fault {
        anstream::eprintln!("steward: {error}");
        ExitCode::from(2)
    } else {
        anstream::eprintln!("steward: {error:#}");
        ExitCode::from(1)
    }
}
