//! The bare bot or Steward, running in the process of the bench.

use std::sync::Arc;
use std::thread::{self, JoinHandle};

use anyhow::Result;
use steward::app::App;
use steward::app::config::{Environment, Settings};
use steward::domain::clock::SystemClock;
use steward::sim::Sim;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

use crate::bots::{until, variables};

/// A running bot, in its own thread.
pub struct Running {
    stop: CancellationToken,
    thread: JoinHandle<Result<()>>,
    _database: TempDir,
}

impl Running {
    /// Starts a bot and waits until its webhook is registered.
    pub async fn start<F, R>(run: F, sim: &Sim, runtime: fn() -> Result<Runtime>) -> Result<Self>
    where
        F: FnOnce(Sim, String, CancellationToken) -> R + Send + 'static,
        R: Future<Output = Result<()>>,
    {
        // Beside the build, because /tmp may be in memory, where a commit costs nothing.
        let database = TempDir::new_in(env!("CARGO_TARGET_TMPDIR"))?;
        let stop = CancellationToken::new();
        let (sim_of_bot, stopped, path) = (sim.clone(), stop.clone(), database.path().join("steward.db"));
        let thread = thread::spawn(move || {
            let runtime = runtime()?;
            runtime.block_on(run(sim_of_bot, path.display().to_string(), stopped))
        });
        until(|| !sim.webhooks().is_empty() || thread.is_finished()).await?;
        let running = Self { stop, thread, _database: database };
        if running.thread.is_finished() {
            running.stop()?;
            anyhow::bail!("a bot has ended before it began");
        }
        Ok(running)
    }

    pub fn stop(self) -> Result<()> {
        self.stop.cancel();
        self.thread.join().map_err(|_| anyhow::anyhow!("a bot panicked"))?
    }
}

/// Steward itself.
pub async fn steward(sim: Sim, database: String, stop: CancellationToken) -> Result<()> {
    let settings = Settings::of(&Environment::of(variables(&sim, &database)))?;
    App::build(settings, Arc::new(SystemClock)).await?.run(stop).await?;
    Ok(())
}
