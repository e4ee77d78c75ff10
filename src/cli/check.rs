//! `steward check`: are the settings right and the credentials in force? With `--running`, is a Steward that
//! runs here well? That is what a container asks, which has no other program in it.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::Args;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::{Failure, SettingsFile};
use crate::app::App;
use crate::clock::SystemClock;
use crate::config::{Environment, Settings};

/// How long a Steward that is well takes at most to say so.
const DEADLINE: Duration = Duration::from_secs(5);

#[derive(Debug, Args)]
pub(super) struct Check {
    #[command(flatten)]
    file: SettingsFile,
    /// Ask the Steward that runs with these settings whether it is alive, and nothing else.
    #[arg(long)]
    running: bool,
}

pub(super) async fn run(check: &Check) -> Result<(), Failure> {
    let mut settings = Settings::load(check.file.config.as_deref(), &Environment::of_this_process())?;
    if check.running {
        return Ok(tokio::time::timeout(DEADLINE, ask(settings.listen.port()))
            .await
            .context("expected an answer from GET /healthz within 5 seconds, found none")??);
    }
    // A port of its own: a Steward that runs with these settings is not disturbed.
    settings.listen.set_port(0);
    App::build(settings, Arc::new(SystemClock)).await?.check().await?;
    anstream::println!("The settings are right, the database opens, and Webex knows both credentials.");
    Ok(())
}

async fn ask(port: u16) -> anyhow::Result<()> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))
        .await
        .with_context(|| format!("expected Steward at port {port}, found nothing there"))?;
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    if !answer.starts_with("HTTP/1.1 200 ") {
        bail!("expected 200 from GET /healthz, found {:?}", answer.lines().next().unwrap_or_default());
    }
    Ok(())
}
