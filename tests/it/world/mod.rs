//! A world to test in: reads like the chat.

mod answer;

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use steward::app::{App, AppError};
use steward::audit::Entry;
use steward::clock::ManualClock;
use steward::config::{Environment, Settings};
use steward::jobs::runner::Runner;
use steward::sim::{ADMIN_TOKEN, BOT_TOKEN, Cast, DeliveryRecord, Person, Sim, SimOptions};
use steward::store::JobCounts;
use steward::webex::TimeLimits;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

pub use answer::Answer;

/// The secret that the worlds' webhooks are signed with.
pub const SECRET: &str = "a secret that only this test knows";
/// When every world begins.
pub const BEGINNING: &str = "2026-04-02T08:15:30Z";

/// A whole world. What was answered and never looked at fails the test when the world ends.
pub struct World {
    pub sim: Sim,
    pub cast: Cast,
    pub clock: ManualClock,
    settings: Vec<(String, String)>,
    time_limits: TimeLimits,
    steward: Option<Steward>,
    looked_at: std::sync::Mutex<Vec<String>>,
    _database: TempDir,
}

/// A running Steward, its jobs run by hand.
struct Steward {
    app: Arc<App>,
    runner: Runner,
    stop: CancellationToken,
}

/// What is different in one world.
#[derive(Default)]
pub struct Differences {
    settings: Vec<(String, String)>,
    devices: Option<usize>,
    answer_limit: Option<Duration>,
}

impl Differences {
    /// A setting; an empty one is as if it were not set.
    pub fn setting(mut self, variable: &str, value: &str) -> Self {
        self.settings.push((variable.to_owned(), value.to_owned()));
        self
    }

    pub fn devices(self, devices: usize) -> Self {
        Self { devices: Some(devices), ..self }
    }

    /// How long Steward waits for an answer of Webex's.
    pub fn answer_limit(self, limit: Duration) -> Self {
        Self { answer_limit: Some(limit), ..self }
    }

    pub async fn world(self) -> World {
        World::begin(self).await
    }
}

impl World {
    /// Forty devices, Ana an admin, the webhook registered.
    pub async fn new() -> Self {
        Self::with().world().await
    }

    pub fn with() -> Differences {
        Differences::default()
    }

    async fn begin(differences: Differences) -> Self {
        let clock = ManualClock::starting_at(BEGINNING.parse().unwrap());
        let sim = Sim::start(SimOptions {
            devices: differences.devices.unwrap_or(40),
            clock: Arc::new(clock.clone()),
            ..SimOptions::default()
        })
        .await
        .unwrap();
        let cast = sim.cast();
        let database = TempDir::new().unwrap();
        let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let usual = [
            ("STEWARD_LISTEN", address.to_string()),
            ("STEWARD_PUBLIC_URL", format!("http://{address}")),
            ("STEWARD_DATABASE_URL", format!("sqlite://{}/steward.db", database.path().display())),
            ("STEWARD_WEBEX_API", sim.api_base()),
            ("STEWARD_BOT_TOKEN", BOT_TOKEN.to_owned()),
            ("STEWARD_ADMIN_TOKEN", ADMIN_TOKEN.to_owned()),
            ("STEWARD_WEBHOOK_SECRET", SECRET.to_owned()),
            ("STEWARD_ADMINS", cast.ana.email.clone()),
        ];
        let mut settings: Vec<(String, String)> =
            usual.into_iter().map(|(variable, value)| (variable.to_owned(), value)).collect();
        settings.extend(differences.settings);
        let mut time_limits = TimeLimits::default();
        time_limits.answer = differences.answer_limit.unwrap_or(time_limits.answer);
        let mut world = Self {
            sim,
            cast,
            clock,
            settings,
            time_limits,
            steward: None,
            looked_at: std::sync::Mutex::default(),
            _database: database,
        };
        world.start().await.unwrap();
        world
    }

    async fn start(&mut self) -> Result<(), AppError> {
        let environment = Environment::of(self.settings.iter().cloned());
        let mut settings = Settings::of(&environment).unwrap();
        settings.time_limits = self.time_limits;
        let app = Arc::new(App::build(settings, Arc::new(self.clock.clone())).await?);
        let stop = CancellationToken::new();
        tokio::spawn({
            let (app, stop) = (app.clone(), stop.clone());
            async move { app.serve_http(stop).await.unwrap() }
        });
        let runner = app.identify().await?;
        self.steward = Some(Steward { app, runner, stop });
        Ok(())
    }

    /// Ends Steward where it stands and starts it again on the same database, with these settings changed.
    pub async fn restart_with(&mut self, changes: &[(&str, &str)]) -> Result<(), AppError> {
        let changes = changes.iter().map(|(variable, value)| ((*variable).to_owned(), (*value).to_owned()));
        self.settings.extend(changes);
        if let Some(steward) = self.steward.take() {
            steward.stop.cancel();
            steward.app.store().close().await;
        }
        // The old one may hold its address for a moment longer; a new one is as good.
        let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        self.settings.push(("STEWARD_LISTEN".to_owned(), address.to_string()));
        self.settings.push(("STEWARD_PUBLIC_URL".to_owned(), format!("http://{address}")));
        self.start().await
    }

    pub fn app(&self) -> &App {
        &self.steward.as_ref().unwrap().app
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.app().address())
    }

    /// Says something in the space *AV Operations*, mentioning the bot, and lets it be delivered.
    pub async fn say(&self, person: &Person, text: &str) -> String {
        let message = self.sim.say(person, &self.cast.operations, text, None);
        self.settle().await;
        message
    }

    /// Says something and reads the one answer to it.
    pub async fn ask(&self, person: &Person, text: &str) -> Answer {
        let message = self.say(person, text).await;
        self.the_answer_to(&message)
    }

    /// Until every delivery has arrived and no job is due. Waits are not waited for: see `advance`.
    pub async fn settle(&self) {
        loop {
            self.sim.settled().await;
            let runs = self.steward.as_ref().unwrap().runner.run_all_due().await.unwrap();
            if runs == 0 {
                break;
            }
        }
    }

    /// Turns the clock and settles.
    pub async fn advance(&self, by: SignedDuration) {
        self.clock.advance(by);
        self.settle().await;
    }

    /// Turns the clock to each job that waits, until none does; at most for this long.
    pub async fn advance_through_waits(&self, at_most: SignedDuration) {
        let end = self.now() + at_most;
        while let Some(due) = self.app().store().next_due().await.unwrap().filter(|due| *due <= end) {
            self.advance(due.duration_since(self.now())).await;
        }
    }

    pub fn now(&self) -> Timestamp {
        steward::clock::Clock::now(&self.clock)
    }

    /// What the bot posted in the thread of this message, oldest first.
    pub fn answers_to(&self, message: &str) -> Vec<Answer> {
        let spaces = [&self.cast.operations, &self.cast.direct_ana, &self.cast.direct_ben];
        let posted = spaces.into_iter().flat_map(|space| self.sim.messages(space));
        let answers: Vec<Answer> = posted
            .filter(|posted| posted["personId"] == self.cast.bot.id.as_str() && posted["parentId"] == message)
            .map(Answer::of)
            .collect();
        self.looked_at.lock().unwrap().extend(answers.iter().map(|answer| answer.id.clone()));
        answers
    }

    /// The one answer there must be.
    pub fn the_answer_to(&self, message: &str) -> Answer {
        let mut answers = self.answers_to(message);
        assert_eq!(answers.len(), 1, "expected one answer, found {answers:#?}");
        answers.remove(0)
    }

    /// A device of a meeting room of Example Corp with serial, MAC and workspace.
    pub fn a_device(&self) -> Value {
        let has = |device: &Value, field: &str| device[field].as_str().is_some_and(|text| !text.is_empty());
        let good = |device: &Value| {
            device["orgId"] == self.cast.example_org.as_str()
                && device["type"] == "roomdesk"
                && ["workspaceId", "serial", "mac", "product"].iter().all(|field| has(device, field))
        };
        self.sim.devices().into_iter().find(good).unwrap()
    }

    pub fn a_device_id(&self) -> String {
        self.a_device()["id"].as_str().unwrap().to_owned()
    }

    pub fn device_exists(&self, id: &str) -> bool {
        self.sim.device(id).is_some()
    }

    /// Calls to Webex with this method whose path has this in it.
    pub fn calls(&self, method: &str, path: &str) -> usize {
        self.sim
            .requests()
            .iter()
            .filter(|call| call.method == method && call.path.contains(path) && call.token_kind.is_some())
            .count()
    }

    /// DELETEs of devices that were sent.
    pub fn deletes(&self) -> usize {
        self.calls("DELETE", "/devices")
    }

    /// Calls of any kind about devices that were made.
    pub fn device_calls(&self) -> usize {
        self.sim.requests().iter().filter(|call| call.path.contains("/devices")).count()
    }

    /// The last delivery that did not tell of the bot's own words.
    pub fn last_delivery(&self) -> DeliveryRecord {
        let by_people = |delivery: &DeliveryRecord| {
            let body: Value = serde_json::from_slice(&delivery.body).unwrap();
            body["data"]["personId"] != self.cast.bot.id.as_str()
        };
        self.sim.deliveries().into_iter().rfind(by_people).unwrap()
    }

    pub async fn audit(&self) -> Vec<Entry> {
        self.app().store().audit_entries(1000).await.unwrap()
    }

    /// The names of the audit entries.
    pub async fn audited(&self) -> Vec<&'static str> {
        self.audit().await.iter().map(|entry| entry.event.name()).collect()
    }

    pub async fn jobs(&self) -> JobCounts {
        self.app().store().job_counts().await.unwrap()
    }

    fn unseen(&self) -> Vec<String> {
        let looked_at = self.looked_at.lock().unwrap();
        [&self.cast.operations, &self.cast.direct_ana, &self.cast.direct_ben]
            .into_iter()
            .flat_map(|space| self.sim.messages(space))
            .filter(|message| message["personId"] == self.cast.bot.id.as_str())
            .filter(|message| !looked_at.iter().any(|id| message["id"] == id.as_str()))
            .map(|message| message["text"].as_str().unwrap_or_default().to_owned())
            .collect()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if let Some(steward) = &self.steward {
            steward.stop.cancel();
        }
        if !std::thread::panicking() {
            let unseen = self.unseen();
            assert!(unseen.is_empty(), "answers that the test never looked at: {unseen:#?}");
        }
    }
}
