//! The process around a command: its settings, and the signals that end it.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use secrecy::SecretString;
use tokio_util::sync::CancellationToken;

use crate::app::config::{Environment, Settings, SettingsError, database_url, listen_address};

/// The `--config` option of commands that need settings.
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

    pub(super) fn listen_address(&self) -> Result<SocketAddr, SettingsError> {
        listen_address(self.config.as_deref(), &Environment::of_this_process())
    }

    pub(super) fn database_url(&self) -> Result<SecretString, SettingsError> {
        database_url(self.config.as_deref(), &Environment::of_this_process())
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
