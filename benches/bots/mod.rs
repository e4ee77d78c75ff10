//! A bare bot and Steward, on a simulated Webex.

use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::{Context as _, Result};
use steward::app::App;
use steward::clock::SystemClock;
use steward::config::{Environment, Settings};
use steward::sim::{ADMIN_TOKEN, BOT_TOKEN, Sim};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

pub const SECRET: &str = "0f3d8a6be2714c95a0d7b3f1468c2e99";

/// Waits until this holds; a bench that waits for minutes has failed.
pub async fn until(holds: impl Fn() -> bool) -> Result<()> {
    let mut looks = tokio::time::interval(Duration::from_millis(1));
    let waiting = async {
        while !holds() {
            looks.tick().await;
        }
    };
    tokio::time::timeout(Duration::from_mins(3), waiting).await.context("it never came to that")
}

/// A bot at work, in a thread of its own.
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
        // Beside the build and not in /tmp, which may be in memory: there a commit would cost nothing.
        let database = TempDir::new_in(env!("CARGO_TARGET_TMPDIR"))?;
        let stop = CancellationToken::new();
        let (sim_of_bot, stopped, path) = (sim.clone(), stop.clone(), database.path().join("steward.db"));
        let thread = thread::spawn(move || {
            let runtime = runtime()?;
            runtime.block_on(run(sim_of_bot, path.display().to_string(), stopped))
        });
        until(|| !sim.webhooks().is_empty()).await?;
        Ok(Self { stop, thread, _database: database })
    }

    pub fn stop(self) -> Result<()> {
        self.stop.cancel();
        self.thread.join().map_err(|_| anyhow::anyhow!("a bot panicked"))?
    }
}

pub fn variables(sim: &Sim, database: &str) -> Result<Vec<(&'static str, String)>> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    Ok(vec![
        ("STEWARD_LISTEN", address.to_string()),
        ("STEWARD_PUBLIC_URL", format!("http://{address}")),
        ("STEWARD_DATABASE_URL", format!("sqlite://{database}")),
        ("STEWARD_WEBEX_API", sim.api_base()),
        ("STEWARD_BOT_TOKEN", BOT_TOKEN.to_owned()),
        ("STEWARD_ADMIN_TOKEN", ADMIN_TOKEN.to_owned()),
        ("STEWARD_WEBHOOK_SECRET", SECRET.to_owned()),
        ("STEWARD_ADMINS", sim.cast().ana.email),
    ])
}

/// Steward itself.
pub async fn steward(sim: Sim, database: String, stop: CancellationToken) -> Result<()> {
    let settings = Settings::of(&Environment::of(variables(&sim, &database)?))?;
    App::build(settings, Arc::new(SystemClock)).await?.run(stop).await?;
    Ok(())
}
