//! `steward check`: are the settings right and the credentials in force? With `--running`, is a Steward that
//! runs here well? That is what a container asks, which has no other program in it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::Args;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::{Failure, SettingsFile};
use crate::app::config::{Environment, Settings};
use crate::app::{self, CheckedCredentials};
use crate::domain::clock::SystemClock;

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
    let settings = Settings::load(check.file.config.as_deref(), &Environment::of_this_process())?;
    if check.running {
        return Ok(tokio::time::timeout(DEADLINE, ask(settings.listen))
            .await
            .context("expected an answer from GET /healthz within 5 seconds, found none")??);
    }
    match app::check(settings, Arc::new(SystemClock)).await? {
        CheckedCredentials::Both => {
            anstream::println!("The settings are right, and Webex knows both credentials.");
        }
        CheckedCredentials::BotOnly => anstream::println!(
            "The settings are right, and Webex knows the bot token. The Service App has no access token in force yet: \
             `steward serve` asks for one, and a check does not, because it must not use up the refresh token."
        ),
    }
    Ok(())
}

async fn ask(listen: SocketAddr) -> anyhow::Result<()> {
    let here = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    let address = SocketAddr::new(here, listen.port());
    let mut stream = TcpStream::connect(address)
        .await
        .with_context(|| format!("expected Steward at {address}, found nothing there"))?;
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    if !answer.starts_with("HTTP/1.1 200 ") {
        bail!("expected 200 from GET /healthz, found {:?}", answer.lines().next().unwrap_or_default());
    }
    Ok(())
}
