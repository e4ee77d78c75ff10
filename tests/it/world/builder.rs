//! Builds a world, with defaults for all settings that do not matter to a test.

use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use steward::app::{AppError, TestOverrides};
use steward::domain::clock::ManualClock;
use steward::sim::{ADMIN_TOKEN, BOT_TOKEN, Cast, Sim, SimOptions};
use steward::store::TestHooks;
use tempfile::TempDir;

use super::http::http_client;
use super::service::World;
use crate::postgres;

/// The secret of the webhooks.
pub const SECRET: &str = "a secret that only this test knows";
/// The time at which every world begins.
pub const BEGINNING: &str = "2026-04-02T08:15:30Z";

/// Prepares the simulation before Steward starts.
type Preparation = Box<dyn FnOnce(&Sim)>;
/// A setting that depends on the simulation.
type SettingOf = (String, Box<dyn FnOnce(&Cast) -> String>);

/// A world to be built.
#[derive(Default)]
pub struct WorldBuilder {
    settings: Vec<SettingOf>,
    preparations: Vec<Preparation>,
    devices: Option<usize>,
    answer_limit: Option<Duration>,
    store_hooks: TestHooks,
    beginning: Option<&'static str>,
    token_limit: Option<Duration>,
    renewal_limit: Option<Duration>,
}

impl WorldBuilder {
    /// A setting; an empty value unsets it.
    pub fn setting(self, variable: &str, value: &str) -> Self {
        let value = value.to_owned();
        self.setting_of(variable, move |_| value)
    }

    /// A setting that depends on the people or organizations of the simulation.
    pub fn setting_of(mut self, variable: &str, value: impl FnOnce(&Cast) -> String + 'static) -> Self {
        self.settings.push((variable.to_owned(), Box::new(value)));
        self
    }

    /// Prepares the simulation before Steward starts.
    pub fn prepare_sim(mut self, preparation: impl FnOnce(&Sim) + 'static) -> Self {
        self.preparations.push(Box::new(preparation));
        self
    }

    /// Starts the clock at another moment than [`BEGINNING`].
    pub fn beginning_at(self, beginning: &'static str) -> Self {
        Self { beginning: Some(beginning), ..self }
    }

    pub fn devices(self, devices: usize) -> Self {
        Self { devices: Some(devices), ..self }
    }

    /// Limits the wait for an answer of Webex.
    pub fn answer_limit(self, limit: Duration) -> Self {
        Self { answer_limit: Some(limit), ..self }
    }

    /// Hooks that run around each commit.
    pub fn store_hooks(self, store_hooks: TestHooks) -> Self {
        Self { store_hooks, ..self }
    }

    /// Limits the wait for the token of a DELETE.
    pub fn token_limit(self, limit: Duration) -> Self {
        Self { token_limit: Some(limit), ..self }
    }

    /// Limits the wait for a renewal of the tokens by another process.
    pub fn renewal_limit(self, limit: Duration) -> Self {
        Self { renewal_limit: Some(limit), ..self }
    }

    pub async fn start(self) -> World {
        self.try_start().await.unwrap()
    }

    /// The error with which Steward fails to start.
    pub async fn start_error(self) -> AppError {
        match self.try_start().await {
            Ok(_) => panic!("Steward started"),
            Err(error) => error,
        }
    }

    async fn try_start(self) -> Result<World, AppError> {
        let clock = ManualClock::starting_at(self.beginning.unwrap_or(BEGINNING).parse().unwrap());
        let sim = Sim::start(SimOptions {
            devices: self.devices.unwrap_or(40),
            clock: Arc::new(clock.clone()),
            ..SimOptions::default()
        })
        .await
        .unwrap();
        let cast = sim.cast();
        for preparation in self.preparations {
            preparation(&sim);
        }
        let directory = TempDir::new().unwrap();
        let database = match postgres::server() {
            Some(server) => postgres::new_database(&server).await,
            None => format!("sqlite://{}/steward.db", directory.path().display()),
        };
        let usual = [
            ("STEWARD_DATABASE_URL", database),
            ("STEWARD_WEBEX_API", sim.api_base()),
            ("STEWARD_BOT_TOKEN", BOT_TOKEN.to_owned()),
            ("STEWARD_ADMIN_TOKEN", ADMIN_TOKEN.to_owned()),
            ("STEWARD_WEBHOOK_SECRET", SECRET.to_owned()),
            ("STEWARD_ADMINS", cast.ana.email.clone()),
        ];
        let mut settings: Vec<(String, String)> =
            usual.into_iter().map(|(variable, value)| (variable.to_owned(), value)).collect();
        settings.extend(self.settings.into_iter().map(|(variable, value)| (variable, value(&cast))));
        let mut overrides = TestOverrides { store_hooks: self.store_hooks, ..TestOverrides::default() };
        let timeouts = &mut overrides.timeouts;
        timeouts.answer = self.answer_limit.unwrap_or(timeouts.answer);
        timeouts.token = self.token_limit.unwrap_or(timeouts.token);
        timeouts.renewal_elsewhere = self.renewal_limit.unwrap_or(timeouts.renewal_elsewhere);
        let mut world = World {
            sim,
            cast,
            clock,
            settings,
            overrides,
            steward: None,
            http: http_client(),
            seen: Mutex::default(),
            asked: AtomicUsize::default(),
            _directory: directory,
        };
        world.start().await?;
        Ok(world)
    }
}

impl World {
    /// Forty devices, Ana as admin, and registered webhooks.
    pub async fn new() -> Self {
        Self::with().start().await
    }

    pub fn with() -> WorldBuilder {
        WorldBuilder::default()
    }
}
