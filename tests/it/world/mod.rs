//! A world to test in: reads like the chat.

mod answer;
mod differences;
mod letter;
mod looks;
mod press;
mod speech;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use sqlx::{Connection as _, PgConnection, SqliteConnection};
use steward::app::config::{Environment, Settings};
use steward::app::{self, App, AppError, Checked};
use steward::domain::clock::ManualClock;
use steward::sim::{ADMIN_TOKEN, BOT_TOKEN, Cast, Sim, SimOptions};
use steward::store::{Hooks, LEASE, StoreError};
use steward::webex::Timeouts;
use steward::worker::runner::Runner;
use tempfile::TempDir;
use tokio::sync::OnceCell;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::loopback::free_address;
use crate::postgres;

pub use answer::Answer;
pub use differences::Differences;
pub use letter::{Letter, newer_signature, older_signature};

/// The secret that the worlds' webhooks are signed with.
pub const SECRET: &str = "a secret that only this test knows";
/// When every world begins.
pub const BEGINNING: &str = "2026-04-02T08:15:30Z";
/// DELETEs that are sent when none has a clear answer and reads keep finding the device.
pub const UNCLEAR_DELETES: usize = 4;
/// How long anything may take that is waited for in real time. Only a failing test waits that long.
const PATIENCE: Duration = Duration::from_mins(1);

/// A whole world. What was answered and never looked at fails the test when the world ends.
pub struct World {
    pub sim: Sim,
    pub cast: Cast,
    pub clock: ManualClock,
    settings: Vec<(String, String)>,
    timeouts: Timeouts,
    store_hooks: Hooks,
    steward: Option<Steward>,
    http: reqwest::Client,
    looked_at: Mutex<Vec<String>>,
    _directory: TempDir,
}

/// A running Steward, its jobs run by hand.
struct Steward {
    app: Arc<App>,
    /// There once Webex has said who is who.
    runner: OnceCell<Runner>,
    stop: CancellationToken,
}

impl Steward {
    async fn runner(&self) -> Result<&Runner, AppError> {
        self.runner.get_or_try_init(|| self.app.identify()).await
    }
}

/// An answer over HTTP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    pub status: u16,
    pub body: String,
}

/// A client for the calls of tests, all of them on loopback.
pub fn http_client() -> reqwest::Client {
    // Whoever came first has installed a provider that is just as good.
    rustls::crypto::ring::default_provider().install_default().ok();
    #[expect(clippy::disallowed_methods, reason = "the tests call Steward and the simulation, not Webex")]
    let builder = reqwest::Client::builder();
    builder.no_proxy().build().unwrap()
}

impl World {
    /// Forty devices, Ana an admin, the webhook registered.
    pub async fn new() -> Self {
        Self::with().world().await
    }

    pub fn with() -> Differences {
        Differences::default()
    }

    async fn begin(differences: Differences) -> Result<Self, AppError> {
        let clock = ManualClock::starting_at(BEGINNING.parse().unwrap());
        let sim = Sim::start(SimOptions {
            devices: differences.devices.unwrap_or(40),
            clock: Arc::new(clock.clone()),
            ..SimOptions::default()
        })
        .await
        .unwrap();
        let cast = sim.cast();
        for preparation in differences.preparations {
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
        settings.extend(differences.settings.into_iter().map(|(variable, value)| (variable, value(&cast))));
        let mut timeouts = Timeouts::default();
        timeouts.answer = differences.answer_limit.unwrap_or(timeouts.answer);
        timeouts.token = differences.token_limit.unwrap_or(timeouts.token);
        let mut world = Self {
            sim,
            cast,
            clock,
            settings,
            timeouts,
            store_hooks: differences.store_hooks,
            steward: None,
            http: http_client(),
            looked_at: Mutex::default(),
            _directory: directory,
        };
        world.start().await?;
        Ok(world)
    }

    async fn start(&mut self) -> Result<(), AppError> {
        let app = Arc::new(self.build().await?);
        let stop = CancellationToken::new();
        tokio::spawn({
            let (app, stop) = (app.clone(), stop.clone());
            async move { app.serve_http(stop).await.unwrap() }
        });
        let steward = self.steward.insert(Steward { app, runner: OnceCell::new(), stop });
        if let Err(error) = steward.runner().await.map(|_| ()) {
            if error.requested_wait().is_none()
                && let Some(failed) = self.steward.take()
            {
                failed.stop.cancel();
                failed.app.store().close().await;
            }
            return Err(error);
        }
        Ok(())
    }

    fn settings_with(&self, changes: &[(&str, String)]) -> Settings {
        let changes = changes.iter().map(|(variable, value)| ((*variable).to_owned(), value.clone()));
        let mut settings =
            Settings::of(&Environment::of(self.settings.iter().cloned().chain(changes))).unwrap();
        settings.timeouts = self.timeouts;
        settings
    }

    /// Another Steward on the same database, built and not served; only PostgreSQL takes a second one.
    pub async fn another_replica(&self) -> Option<App> {
        if self.database_url().starts_with("sqlite:") {
            return None;
        }
        let here = [("STEWARD_LISTEN", "127.0.0.1:0".to_owned()), ("STEWARD_PUBLIC_URL", String::new())];
        Some(App::build(self.settings_with(&here), Arc::new(self.clock.clone())).await.unwrap())
    }

    /// `steward check` with the settings of this world and these changes.
    pub async fn check(&self, changes: &[(&str, String)]) -> Result<Checked, AppError> {
        app::check(self.settings_with(changes), Arc::new(self.clock.clone())).await
    }

    /// Does to the database what Steward would not.
    pub async fn execute(&self, sql: &'static str) {
        let database = self.database_url();
        if database.starts_with("sqlite:") {
            let mut connection = SqliteConnection::connect(&database).await.unwrap();
            sqlx::query(sql).execute(&mut connection).await.unwrap();
        } else {
            let mut connection = PgConnection::connect(&database).await.unwrap();
            sqlx::query(sql).execute(&mut connection).await.unwrap();
        }
    }

    pub fn database_url(&self) -> String {
        let last = self.settings.iter().rfind(|(variable, _)| variable == "STEWARD_DATABASE_URL");
        last.unwrap().1.clone()
    }

    async fn build(&self) -> Result<App, AppError> {
        loop {
            let address = free_address();
            let here = [
                ("STEWARD_LISTEN".to_owned(), address.to_string()),
                ("STEWARD_PUBLIC_URL".to_owned(), format!("http://{address}")),
            ];
            let environment = Environment::of(here.into_iter().chain(self.settings.iter().cloned()));
            let mut settings = Settings::of(&environment).unwrap();
            settings.timeouts = self.timeouts;
            settings.store_hooks = self.store_hooks.clone();
            match App::build(settings, Arc::new(self.clock.clone())).await {
                // Another test was faster: there are more addresses.
                Err(AppError::Listen { .. }) => {}
                built => return built,
            }
        }
    }

    /// Ends Steward where it stands and starts it again on the same database, with these settings changed.
    pub async fn restart_with(&mut self, changes: &[(&str, &str)]) -> Result<(), AppError> {
        let changes = changes.iter().map(|(variable, value)| ((*variable).to_owned(), (*value).to_owned()));
        self.settings.extend(changes);
        if let Some(steward) = self.steward.take() {
            steward.stop.cancel();
            let left = steward.app.store().job_counts().await.unwrap().running;
            steward.app.store().close().await;
            if steward.app.store().is_shared() && left > 0 {
                // Another process waits until the leases of the one that died have ended.
                self.clock.advance(LEASE);
            }
        }
        match self.start().await {
            // It asks again when the clock has been turned.
            Err(error) if error.requested_wait().is_some() => Ok(()),
            started => started,
        }
    }

    /// Another Steward on the same database and the same Webex. Nothing of it runs yet.
    pub async fn another_app(&self) -> App {
        self.build().await.unwrap()
    }

    /// Ends Steward where it stands and starts it again on the same database.
    pub async fn restart(&mut self) {
        self.restart_with(&[]).await.unwrap();
    }

    pub fn app(&self) -> &App {
        &self.steward.as_ref().unwrap().app
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.app().address())
    }

    /// Until every delivery has arrived and no job is due. Waits are not waited for: see `advance`.
    pub async fn settle(&self) {
        loop {
            self.sim.settled().await;
            if self.run_all_due(1).await == 0 {
                break;
            }
        }
    }

    /// The same with several jobs under way at the same time.
    pub async fn settle_with(&self, workers: usize) {
        loop {
            self.sim.settled().await;
            if self.run_all_due(workers).await == 0 {
                break;
            }
        }
    }

    /// Runs what is due, and says how much that was; what Webex asked to wait for is kept for the next start.
    async fn run_all_due(&self, workers: usize) -> usize {
        let steward = self.steward.as_ref().unwrap();
        let runner = match steward.runner().await {
            Ok(runner) => runner,
            Err(error) if error.requested_wait().is_some() => return 0,
            Err(error) => panic!("{error}"),
        };
        let mut tasks = JoinSet::new();
        for _ in 0..workers {
            let runner = runner.clone();
            tasks.spawn(async move { runner.run_all_due().await.unwrap() });
        }
        let runs = tasks.join_all().await.into_iter().sum();
        steward.app.share_pauses().await.unwrap();
        runs
    }

    /// Runs the jobs that are due, once, with a database that may fail.
    pub async fn run_jobs(&self) -> Result<usize, StoreError> {
        self.steward.as_ref().unwrap().runner().await.unwrap().run_all_due().await
    }

    /// Has this many workers do everything there is to do.
    pub async fn work(&self, workers: usize) {
        let stop = CancellationToken::new();
        let all_done = async {
            let mut looks = tokio::time::interval(Duration::from_millis(20));
            while self.app().store().next_due().await.unwrap().is_some() {
                looks.tick().await;
            }
            stop.cancel();
        };
        let runner = self.steward.as_ref().unwrap().runner().await.unwrap();
        let working = async { tokio::join!(runner.work(workers, &stop), all_done) };
        tokio::time::timeout(PATIENCE * 4, working).await.expect("the work never ended");
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

    /// Waits in real time until this holds.
    pub async fn until(&self, holds: impl Fn(&Self) -> bool) {
        let mut looks = tokio::time::interval(Duration::from_millis(2));
        let seen = async {
            while !holds(self) {
                looks.tick().await;
            }
        };
        tokio::time::timeout(PATIENCE, seen).await.expect("it never came to that");
    }

    /// Runs jobs until this holds and leaves the one that is under way where it is.
    pub async fn settle_until(&self, holds: impl Fn(&Self) -> bool) {
        tokio::select! {
            () = self.settle() => {}
            () = self.until(&holds) => {}
        }
        assert!(holds(self), "everything settled before it came to that");
    }

    pub fn now(&self) -> Timestamp {
        steward::domain::clock::Clock::now(&self.clock)
    }
}

async fn read(request: reqwest::RequestBuilder) -> Reply {
    let response = request.send().await.unwrap();
    Reply { status: response.status().as_u16(), body: response.text().await.unwrap() }
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
