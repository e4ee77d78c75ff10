//! What is different in one world.

use std::time::Duration;

use steward::app::AppError;
use steward::sim::{Cast, Sim};
use steward::store::TestHooks;

use super::World;

/// Something done to the simulation before Steward starts.
type Preparation = Box<dyn FnOnce(&Sim)>;
/// A setting that is only known once the simulation is there.
type SettingOf = (String, Box<dyn FnOnce(&Cast) -> String>);

/// What is different in one world.
#[derive(Default)]
pub struct Differences {
    pub(super) settings: Vec<SettingOf>,
    pub(super) preparations: Vec<Preparation>,
    pub(super) beginning: Option<&'static str>,
    pub(super) devices: Option<usize>,
    pub(super) answer_limit: Option<Duration>,
    pub(super) store_hooks: TestHooks,
    pub(super) token_limit: Option<Duration>,
}

impl Differences {
    /// A setting; an empty one is as if it were not set.
    pub fn setting(self, variable: &str, value: &str) -> Self {
        let value = value.to_owned();
        self.setting_of(variable, move |_| value)
    }

    /// A setting that has to do with the people or organizations of the simulation.
    pub fn setting_of(mut self, variable: &str, value: impl FnOnce(&Cast) -> String + 'static) -> Self {
        self.settings.push((variable.to_owned(), Box::new(value)));
        self
    }

    /// Does something to the simulation before Steward starts.
    pub fn beforehand(mut self, preparation: impl FnOnce(&Sim) + 'static) -> Self {
        self.preparations.push(Box::new(preparation));
        self
    }

    /// When the world begins, if not at [`BEGINNING`](super::BEGINNING).
    pub fn beginning_at(self, beginning: &'static str) -> Self {
        Self { beginning: Some(beginning), ..self }
    }

    pub fn devices(self, devices: usize) -> Self {
        Self { devices: Some(devices), ..self }
    }

    /// How long Steward waits for an answer of Webex's.
    pub fn answer_limit(self, limit: Duration) -> Self {
        Self { answer_limit: Some(limit), ..self }
    }

    /// What happens around each commit.
    pub fn store_hooks(self, store_hooks: TestHooks) -> Self {
        Self { store_hooks, ..self }
    }

    /// How long the token of a DELETE may take.
    pub fn token_limit(self, limit: Duration) -> Self {
        Self { token_limit: Some(limit), ..self }
    }

    pub async fn world(self) -> World {
        World::begin(self).await.unwrap()
    }

    /// Why Steward does not start in such a world.
    pub async fn start_error(self) -> AppError {
        match World::begin(self).await {
            Ok(_) => panic!("Steward started"),
            Err(error) => error,
        }
    }
}
