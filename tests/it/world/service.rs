//! Runs Steward in a world: starts and restarts it, runs its jobs, and advances the clock.

use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use sqlx::{Connection as _, PgConnection, SqliteConnection};
use steward::app::config::{Environment, Settings};
use steward::app::{self, App, AppError, Report, TestOverrides};
use steward::domain::clock::{Clock as _, ManualClock};
use steward::sim::{Cast, Sim};
use steward::store::{LEASE, StoreError};
use steward::worker::runner::Runner;
use tempfile::TempDir;
use tokio::sync::OnceCell;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::loopback::free_address;

/// The limit of waits in real time, reached only by failing tests.
const PATIENCE: Duration = Duration::from_mins(1);

/// A whole world. Unread answers fail the test when the world is dropped.
pub struct World {
    pub sim: Sim,
    pub cast: Cast,
    pub clock: ManualClock,
    pub(super) settings: Vec<(String, String)>,
    pub(super) overrides: TestOverrides,
    pub(super) steward: Option<Steward>,
    pub(super) http: reqwest::Client,
    pub(super) seen: Mutex<Vec<String>>,
    /// The lines asked so far.
    pub(super) asked: AtomicUsize,
    pub(super) _directory: TempDir,
}

/// A running Steward, whose jobs are run by hand.
pub(super) struct Steward {
    app: Arc<App>,
    /// Present once the startup lookups have succeeded.
    runner: OnceCell<Runner>,
    stop: CancellationToken,
}

impl Steward {
    async fn runner(&self) -> Result<&Runner, AppError> {
        self.runner.get_or_try_init(|| self.app.prepare_runner()).await
    }
}

impl World {
    pub(super) async fn start(&mut self) -> Result<(), AppError> {
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
        Settings::of(&Environment::of(self.settings.iter().cloned().chain(changes))).unwrap()
    }

    /// Another Steward on the same database, built but not served. Only PostgreSQL supports several.
    pub async fn another_replica(&self) -> Option<App> {
        if self.database_url().starts_with("sqlite:") {
            return None;
        }
        let here = [("STEWARD_LISTEN", "127.0.0.1:0".to_owned()), ("STEWARD_PUBLIC_URL", String::new())];
        let overrides = TestOverrides { timeouts: self.overrides.timeouts, ..TestOverrides::default() };
        let app = App::build_with(self.settings_with(&here), Arc::new(self.clock.clone()), overrides);
        Some(app.await.unwrap())
    }

    /// Runs `steward check` with the settings of this world and these changes.
    pub async fn check(&self, changes: &[(&str, String)]) -> Report {
        app::check(self.settings_with(changes), Arc::new(self.clock.clone())).await
    }

    /// Runs SQL on the database, past Steward.
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
            let settings = Settings::of(&environment).unwrap();
            match App::build_with(settings, Arc::new(self.clock.clone()), self.overrides.clone()).await {
                // Another test took the address.
                Err(AppError::Listen { .. }) => {}
                built => return built,
            }
        }
    }

    /// Stops Steward abruptly and starts it again on the same database, with changed settings.
    pub async fn restart_with(&mut self, changes: &[(&str, &str)]) -> Result<(), AppError> {
        let changes = changes.iter().map(|(variable, value)| ((*variable).to_owned(), (*value).to_owned()));
        self.settings.extend(changes);
        if let Some(steward) = self.steward.take() {
            steward.stop.cancel();
            let left = steward.app.store().job_counts().await.unwrap().running;
            steward.app.store().close().await;
            if steward.app.store().is_shared() && left > 0 {
                // A new process waits for the leases of a dead one to end.
                self.clock.advance(LEASE);
            }
        }
        match self.start().await {
            // The start is retried when the clock advances.
            Err(error) if error.requested_wait().is_some() => Ok(()),
            started => started,
        }
    }

    /// Another Steward on the same database and Webex, not running yet.
    pub async fn another_app(&self) -> App {
        self.build().await.unwrap()
    }

    /// Stops Steward abruptly and starts it again on the same database.
    pub async fn restart(&mut self) {
        self.restart_with(&[]).await.unwrap();
    }

    pub fn app(&self) -> &App {
        &self.steward.as_ref().unwrap().app
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.app().address())
    }

    /// Runs until all deliveries have arrived and no job is due. For waiting jobs see `advance`.
    pub async fn settle(&self) {
        loop {
            self.sim.settled().await;
            if self.run_all_due(1).await == 0 {
                break;
            }
        }
    }

    /// As `settle`, with several jobs at a time.
    pub async fn settle_with_workers(&self, workers: usize) {
        loop {
            self.sim.settled().await;
            if self.run_all_due(workers).await == 0 {
                break;
            }
        }
    }

    /// Runs the due jobs and returns their number. Stores rate limit pauses, for the next start.
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
        steward.app.share_rate_limits().await.unwrap();
        runs
    }

    /// Runs the due jobs once, with a database that may fail.
    pub async fn run_jobs(&self) -> Result<usize, StoreError> {
        self.steward.as_ref().unwrap().runner().await.unwrap().run_all_due().await
    }

    /// Runs this many workers until no job is left.
    pub async fn work(&self, workers: usize) {
        let stop = CancellationToken::new();
        let all_done = async {
            let mut ticks = tokio::time::interval(Duration::from_millis(20));
            while self.app().store().next_due().await.unwrap().is_some() {
                ticks.tick().await;
            }
            stop.cancel();
        };
        let runner = self.steward.as_ref().unwrap().runner().await.unwrap();
        let working = async { tokio::join!(runner.work(workers, &stop), all_done) };
        tokio::time::timeout(PATIENCE * 4, working).await.expect("all jobs end in time");
    }

    /// Advances the clock and settles.
    pub async fn advance(&self, by: SignedDuration) {
        self.clock.advance(by);
        self.settle().await;
    }

    /// Advances the clock to each waiting job, at most this far.
    pub async fn advance_through_waits(&self, at_most: SignedDuration) {
        let end = self.now() + at_most;
        while let Some(due) = self.app().store().next_due().await.unwrap().filter(|due| *due <= end) {
            // A job of a process that died long ago is overdue.
            self.advance(due.duration_since(self.now()).max(SignedDuration::ZERO)).await;
        }
    }

    /// Waits in real time for a condition.
    pub async fn until(&self, holds: impl Fn(&Self) -> bool) {
        let mut ticks = tokio::time::interval(Duration::from_millis(2));
        let seen = async {
            while !holds(self) {
                ticks.tick().await;
            }
        };
        tokio::time::timeout(PATIENCE, seen).await.expect("the condition holds in time");
    }

    /// Runs jobs until a condition holds, and leaves the current job unfinished.
    pub async fn settle_until(&self, holds: impl Fn(&Self) -> bool) {
        tokio::select! {
            () = self.settle() => {}
            () = self.until(&holds) => {}
        }
        assert!(holds(self), "settled before the condition held");
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn unseen(&self) -> Vec<String> {
        let seen = self.seen.lock().unwrap();
        [&self.cast.operations, &self.cast.direct_ana, &self.cast.direct_ben]
            .into_iter()
            .flat_map(|space| self.sim.messages(space))
            .filter(|message| message["personId"] == self.cast.bot.id.as_str())
            .filter(|message| !seen.iter().any(|id| message["id"] == id.as_str()))
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
            assert!(unseen.is_empty(), "answers the test never looked at: {unseen:#?}");
        }
    }
}
