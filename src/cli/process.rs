//! The surroundings of every command: its settings file, its failure, and the signals that end it.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use secrecy::SecretString;
use tokio_util::sync::CancellationToken;

use crate::app::AppError;
use crate::app::config::{Environment, Settings, SettingsError, database_url};

/// Where the settings come from.
#[derive(Debug, Args)]
pub(super) struct SettingsFile {
    /// Settings file [default: steward.toml, if it exists]. Environment variables win over it.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl SettingsFile {
    pub(super) fn load(&self) -> Result<Settings, SettingsError> {
        Settings::load(self.config.as_deref(), &Environment::of_this_process())
    }

    pub(super) fn database_url(&self) -> Result<SecretString, SettingsError> {
        database_url(self.config.as_deref(), &Environment::of_this_process())
    }
}

/// How a command fails.
#[derive(Debug)]
pub(super) enum Failure {
    /// Exit code 2: the operator has to change the settings or the arguments.
    Settings(String),
    /// Exit code 1.
    Other(anyhow::Error),
}

impl Failure {
    /// Prints one line and returns the exit code.
    pub(super) fn report(&self) -> ExitCode {
        match self {
            Self::Settings(message) => {
                anstream::eprintln!("steward: {message}");
                ExitCode::from(2)
            }
            Self::Other(error) => {
                anstream::eprintln!("steward: {error:#}");
                ExitCode::from(1)
            }
        }
    }
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
            Self::Other(error.into())
        }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::Other(error.into())
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::Other(error)
    }
}

/// A token that the first SIGTERM or SIGINT cancels.
pub(super) fn stop_signal() -> std::io::Result<CancellationToken> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let token = CancellationToken::new();
    let stopping = token.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("stopping: finishing work in progress");
        stopping.cancel();
    });
    Ok(token)
}
