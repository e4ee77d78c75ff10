//! `steward sim`: the simulated Webex alone.

use std::net::SocketAddr;
use std::sync::Arc;

use clap::Args;

use super::Failure;
use crate::cli::shutdown;
use crate::domain::clock::SystemClock;
use crate::sim::{
    ADMIN_TOKEN, BOT_TOKEN, SERVICE_APP_CLIENT_ID, SERVICE_APP_CLIENT_SECRET, SERVICE_APP_REFRESH_TOKEN, Sim,
    SimOptions,
};

#[derive(Debug, Args)]
pub(super) struct SimCommand {
    /// Where to serve it; port 0 takes any free one.
    #[arg(long, default_value = "127.0.0.1:8089", value_name = "ADDRESS")]
    listen: SocketAddr,
    /// How many devices the organization has.
    #[arg(long, default_value_t = 40)]
    devices: usize,
    /// The same seed gives the same people, spaces, devices and ids.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

pub(super) async fn run(command: &SimCommand) -> Result<(), Failure> {
    let stop = shutdown::on_signal()?;
    let sim = Sim::start(SimOptions {
        listen: command.listen,
        devices: command.devices,
        seed: command.seed,
        clock: Arc::new(SystemClock),
    })
    .await?;
    anstream::println!("A simulated Webex is up. For `steward serve`:\n");
    anstream::println!("export STEWARD_WEBEX_API={}", sim.api_base());
    anstream::println!("export STEWARD_BOT_TOKEN={BOT_TOKEN}");
    anstream::println!("export STEWARD_ADMIN_TOKEN={ADMIN_TOKEN}");
    anstream::println!("export STEWARD_ADMINS={}", sim.cast().ana.email);
    // Remarks, so that all lines can be taken over: only one of the two credentials may be set.
    anstream::println!("# Or, instead of STEWARD_ADMIN_TOKEN, a Service App and a key of yours:");
    anstream::println!("# export STEWARD_SERVICE_APP_CLIENT_ID={SERVICE_APP_CLIENT_ID}");
    anstream::println!("# export STEWARD_SERVICE_APP_CLIENT_SECRET={SERVICE_APP_CLIENT_SECRET}");
    anstream::println!("# export STEWARD_SERVICE_APP_REFRESH_TOKEN={SERVICE_APP_REFRESH_TOKEN}");
    anstream::println!("# export STEWARD_ENCRYPTION_KEY=$(openssl rand -hex 32)");
    anstream::println!("\nWhat can be asked of it: curl http://{}/_sim", sim.address());
    stop.cancelled().await;
    sim.stop().await;
    Ok(())
}
