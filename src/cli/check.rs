//! `steward check`: checks the settings, and whether Webex accepts the credentials. With `--running` it checks whether
//! the Steward with these settings is alive. The container image, which has no other programs, uses that as its health
//! check.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use clap::Args;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::process::SettingsFile;
use crate::app::{self, CheckedCredentials};
use crate::domain::clock::SystemClock;

/// How long a healthy Steward may take to answer.
const DEADLINE: Duration = Duration::from_secs(5);

#[derive(Debug, Args)]
pub(super) struct Check {
    #[command(flatten)]
    file: SettingsFile,
    /// Only check whether the Steward with these settings is running and alive.
    #[arg(long)]
    running: bool,
}

pub(super) async fn run(check: &Check) -> anyhow::Result<()> {
    let settings = check.file.load()?;
    if check.running {
        return tokio::time::timeout(DEADLINE, ask(settings.listen))
            .await
            .context("GET /healthz was not answered within 5 seconds")?;
    }
    match app::check(settings, Arc::new(SystemClock)).await? {
        CheckedCredentials::Both => {
            anstream::println!("The settings are right, and Webex accepts both credentials.");
        }
        CheckedCredentials::BotOnly => anstream::println!(
            "The settings are right, and Webex accepts the bot token. The Service App was not checked: it has no valid \
             access token yet. `steward serve` requests one; a check does not, because that would use up the refresh \
             token."
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
    let mut stream =
        TcpStream::connect(address).await.with_context(|| format!("nothing is listening at {address}"))?;
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let status = answer.lines().next().unwrap_or_default();
    ensure!(status.starts_with("HTTP/1.1 200 "), "expected status 200 from GET /healthz, found {status:?}");
    Ok(())
}
