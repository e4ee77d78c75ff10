//! `steward sim`: serves the simulated Webex alone.

use std::net::SocketAddr;
use std::sync::Arc;

use clap::Args;

use super::process::stop_signal;
use crate::domain::clock::SystemClock;
use crate::sim::{
    ADMIN_TOKEN, BOT_TOKEN, SERVICE_APP_CLIENT_ID, SERVICE_APP_CLIENT_SECRET, SERVICE_APP_REFRESH_TOKEN, Sim,
    SimOptions,
};

/// The webhook secret that is printed. Like the tokens, it works only in a simulation.
const WEBHOOK_SECRET: &str = "sim-webhook-secret-of-32-letters";
/// Where the printed settings let Steward listen.
const STEWARD: &str = "127.0.0.1:8080";

#[derive(Debug, Args)]
pub(super) struct SimCommand {
    /// Address to serve at; port 0 picks any free one.
    #[arg(long, default_value = "127.0.0.1:8089", value_name = "ADDRESS")]
    listen: SocketAddr,
    /// Number of devices in Example Corp, the organization of the bot.
    #[arg(long, default_value_t = 40)]
    devices: usize,
    /// The same seed gives the same people, spaces, devices and ids.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

pub(super) async fn run(command: &SimCommand) -> anyhow::Result<()> {
    let stop = stop_signal()?;
    let sim = Sim::start(SimOptions {
        listen: command.listen,
        devices: command.devices,
        seed: command.seed,
        clock: Arc::new(SystemClock),
    })
    .await?;
    // Comments start with #, so that all lines can be pasted into a shell: only one admin credential may be set.
    anstream::println!(
        "# The simulated Webex is running. To run `steward serve` on it:\n\
         export STEWARD_WEBEX_API={}\n\
         export STEWARD_BOT_TOKEN={BOT_TOKEN}\n\
         export STEWARD_ADMIN_TOKEN={ADMIN_TOKEN}\n\
         export STEWARD_ADMINS={}\n\
         export STEWARD_WEBHOOK_SECRET={WEBHOOK_SECRET}\n\
         export STEWARD_LISTEN={STEWARD}\n\
         export STEWARD_PUBLIC_URL=http://{STEWARD}\n\
         export STEWARD_DATABASE_URL=sqlite://steward-sim.db\n\
         # With a Service App instead of STEWARD_ADMIN_TOKEN:\n\
         # export STEWARD_SERVICE_APP_CLIENT_ID={SERVICE_APP_CLIENT_ID}\n\
         # export STEWARD_SERVICE_APP_CLIENT_SECRET={SERVICE_APP_CLIENT_SECRET}\n\
         # export STEWARD_SERVICE_APP_REFRESH_TOKEN={SERVICE_APP_REFRESH_TOKEN}\n\
         # export STEWARD_ENCRYPTION_KEY=$(openssl rand -hex 32)\n\
         # To see its control endpoints:\n\
         # curl http://{}/_sim",
        sim.api_base(),
        sim.cast().ana.email,
        sim.address()
    );
    stop.cancelled().await;
    sim.stop().await;
    Ok(())
}
