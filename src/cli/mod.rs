//! The command line.
//!
//! Exit codes: 0 good, 1 failed, 2 usage or settings.

mod check;
mod demo;
mod jobs;
mod log;
mod serve;
mod shutdown;
mod sim;
mod table;
mod webhooks;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::app::AppError;
use crate::app::config::SettingsError;

/// Run your organization's Webex devices from chat.
#[derive(Debug, Parser)]
#[command(name = "steward", version, about, disable_help_subcommand = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve: receive webhooks, carry out commands, answer.
    Serve(SettingsFile),
    /// Play the main job on a simulated Webex: no account, no network.
    Demo(demo::Demo),
    /// Check the settings and the credentials, or a running Steward.
    Check(check::Check),
    /// The webhooks of the bot.
    #[command(subcommand)]
    Webhooks(webhooks::WebhooksCommand),
    /// The jobs that were given up.
    #[command(subcommand)]
    Jobs(jobs::JobsCommand),
    /// Serve the simulated Webex alone.
    Sim(sim::SimCommand),
}

#[derive(Debug, Args)]
struct SettingsFile {
    /// The settings file; without it `steward.toml`, if there is one. The environment goes over it.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// How a command ends when it does not end well.
#[derive(Debug)]
enum Failure {
    /// The settings or the arguments are to blame.
    Settings(String),
    /// Something else.
    Failed(anyhow::Error),
}

impl From<SettingsError> for Failure {
    fn from(error: SettingsError) -> Self {
        Self::Settings(error.to_string())
    }
}

impl From<AppError> for Failure {
    fn from(error: AppError) -> Self {
        if error.is_the_settings_fault() {
            Self::Settings(error.to_string())
        } else {
            Self::Failed(error.into())
        }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::Failed(error.into())
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::Failed(error)
    }
}

impl Cli {
    /// Does what was asked for.
    #[must_use]
    pub fn run(self) -> ExitCode {
        let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
            Ok(runtime) => runtime,
            Err(error) => return ended(Err(Failure::Failed(error.into()))),
        };
        let result = runtime.block_on(async {
            match self.command {
                Command::Serve(settings) => serve::run(&settings).await,
                Command::Demo(demo) => demo::run(&demo).await,
                Command::Check(check) => check::run(&check).await,
                Command::Webhooks(command) => webhooks::run(&command).await,
                Command::Jobs(command) => jobs::run(&command).await,
                Command::Sim(sim) => sim::run(&sim).await,
            }
        });
        // What still waits in a thread, as for a name server, is not waited for.
        runtime.shutdown_background();
        ended(result)
    }
}

fn ended(result: Result<(), Failure>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Settings(message)) => {
            anstream::eprintln!("steward: {message}");
            ExitCode::from(2)
        }
        Err(Failure::Failed(error)) => {
            anstream::eprintln!("steward: {error:#}");
            ExitCode::from(1)
        }
    }
}
