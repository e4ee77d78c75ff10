//! Runs an [`App`]: serves HTTP, looks up identities, runs jobs and periodic tasks, and shuts down in order.

use std::net::TcpListener;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use backon::{ExponentialBuilder, Retryable as _};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use super::build::App;
use super::error::AppError;
use super::identity::IdentityError;
use crate::cards::ControlHub;
use crate::commands::lock_waits::LockWaits;
use crate::commands::services::Services;
use crate::http::HttpState;
use crate::http::server::{self, ServerThread};
use crate::telemetry::readiness::Health;
use crate::webex::{NameCache, SenderCache};
use crate::worker::runner::Runner;

/// Jobs in progress at once. They spend nearly all their time waiting for Webex, so a burst of this many commands takes
/// no longer than one.
const SLOTS: usize = 256;
/// How long a token renewal may still take at shutdown: the tokens that Webex returns would be lost otherwise.
const RENEWAL_DEADLINE: Duration = Duration::from_secs(3);
/// How long closing the database connections may take. All deadlines together (those of the jobs are in
/// `worker::runner`: 12 and 3 seconds) keep a shutdown below 20 seconds.
const CLOSE_DEADLINE: Duration = Duration::from_secs(1);

impl App {
    /// Serves HTTP until `stop` is canceled. From here on deliveries are stored and acknowledged, even before the
    /// identities are known.
    pub async fn serve_http(&self, stop: CancellationToken) -> Result<(), AppError> {
        match self.take_listener() {
            Some(listener) => {
                server::serve(listener, self.http_state(), stop).await.map_err(AppError::Server)
            }
            None => Ok(()),
        }
    }

    fn take_listener(&self) -> Option<TcpListener> {
        self.listener.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn http_state(&self) -> HttpState {
        HttpState {
            store: self.store.clone(),
            secrets: Arc::new(self.identity.settings.webhook_secrets.clone()),
            handoff: self.handoff.clone(),
            metrics: self.metrics.clone(),
            readiness: self.readiness.clone(),
            clock: self.identity.clock.clone(),
            clock_check: self.clock_check.clone(),
        }
    }

    /// Looks up identities, checks the webhooks, and returns the runner of jobs. Tries once; see [`App::run`] for
    /// retries.
    pub async fn prepare_runner(&self) -> Result<Runner, AppError> {
        let lookup = &self.identity;
        let identity =
            lookup.run(&self.store).await.inspect_err(|error| self.note_useless_credential(error))?;
        self.readiness.update(|parts| {
            parts.bot_token = Health::Healthy;
            parts.admin_credential = Health::Healthy;
        });
        self.background.record_first_heartbeat().await;
        self.background.check_webhooks().await;
        // On a shared database another process may be running them; abandoned leases expire.
        if !self.store.is_shared() {
            let owner = self.handoff.owner();
            let abandoned = self.store.take_over_abandoned(owner, lookup.clock.now()).await?;
            if abandoned > 0 {
                tracing::info!(abandoned, "resuming jobs that were in progress when Steward last ended");
            }
        }
        let services = Services {
            store: self.store.clone(),
            bot_client: lookup.bot_client.clone(),
            admin: lookup.admin.clone(),
            senders: SenderCache::new(lookup.bot_client.clone(), lookup.clock.clone()),
            names: NameCache::new(lookup.admin.clone(), lookup.clock.clone()),
            control_hub: ControlHub::of_api(&lookup.settings.webex_api),
            additions: tokio::sync::Mutex::default(),
            lock_waits: LockWaits::default(),
            bot: identity.bot,
            policy: identity.policy,
            clock: lookup.clock.clone(),
            metrics: self.metrics.clone(),
            readiness: self.readiness.clone(),
        };
        Ok(Runner::new(Arc::new(services), self.handoff.clone()))
    }

    fn note_useless_credential(&self, error: &IdentityError) {
        let (bot_token, admin_credential) = error.useless_credential();
        self.readiness.update(|parts| {
            if bot_token {
                parts.bot_token = Health::Unhealthy;
            }
            if admin_credential {
                parts.admin_credential = Health::Unhealthy;
            }
        });
    }

    /// Runs until `stop` is canceled, then finishes work in progress.
    pub async fn run(self, stop: CancellationToken) -> Result<(), AppError> {
        tracing::info!(address = %self.address, version = env!("CARGO_PKG_VERSION"), "Steward is listening");
        if !self.background.webhooks.are_managed() {
            tracing::warn!(
                "STEWARD_PUBLIC_URL is not set, so Steward registers no webhooks; Webex delivers nothing unless you \
                 have registered them yourself"
            );
        }
        // If either the server or the worker ends, the other is stopped.
        let ending = stop.child_token();
        let end = |result| {
            ending.cancel();
            result
        };
        let mut thread = match self.take_listener() {
            Some(listener) => {
                let started = ServerThread::start(listener, self.http_state(), ending.clone());
                Some(started.map_err(AppError::Server)?)
            }
            None => None,
        };
        let http = async {
            end(match &mut thread {
                Some(thread) => thread.ended().await.map_err(AppError::Server),
                None => Ok(()),
            })
        };
        // Boxed to keep this future small.
        let jobs = async { end(Box::pin(self.run_jobs(&ending)).await) };
        let sharing = AbortOnDropHandle::new(tokio::spawn(self.rate_limits.clone().run(ending.clone())));
        let (http, jobs) = tokio::join!(http, jobs);
        drop(sharing);
        if let Some(manager) = &self.background.token_manager {
            tokio::time::timeout(RENEWAL_DEADLINE, manager.finish()).await.ok();
        }
        // Commits are durable even if the connections cannot be closed.
        if tokio::time::timeout(CLOSE_DEADLINE, self.store.close()).await.is_err() {
            tracing::warn!(deadline = ?CLOSE_DEADLINE, "could not close the database in time");
        }
        drop(thread);
        http.and(jobs)
    }

    async fn run_jobs(&self, stop: &CancellationToken) -> Result<(), AppError> {
        let backoff = ExponentialBuilder::default()
            .with_min_delay(Duration::from_secs(1))
            .with_max_delay(Duration::from_secs(30))
            .with_jitter()
            .without_max_times();
        let preparing = (|| self.prepare_runner())
            .retry(backoff)
            .when(|error| matches!(error, AppError::Identity(error) if error.is_transient()))
            .adjust(|error, pause| pause.map(|pause| pause.max(requested_wait(error))))
            .notify(|error, pause| {
                let error = error as &dyn std::error::Error;
                tracing::warn!(error, ?pause, "could not reach Webex yet; retrying");
            });
        let runner = tokio::select! {
            runner = preparing => runner?,
            () = stop.cancelled() => return Ok(()),
        };
        tracing::info!("Steward is ready");
        tokio::join!(runner.work(SLOTS, stop), self.background.run(stop));
        Ok(())
    }

    /// Exchanges rate-limit pauses with the other processes on the database, once. [`App::run`] does so regularly.
    pub async fn share_rate_limits(&self) -> Result<(), AppError> {
        Ok(self.rate_limits.exchange().await?)
    }

    /// Renews the admin credential if that is due, and warns if that keeps failing. [`App::run`] does so regularly.
    pub async fn maintain_credential(&self) {
        self.background.maintain_credential().await;
    }

    /// Probes the public address. [`App::run`] does so regularly.
    pub async fn check_public_address(&self) {
        self.background.check_public_address().await;
    }

    /// Checks and repairs the webhooks. [`App::run`] does so regularly.
    pub async fn check_webhooks(&self) {
        self.background.check_webhooks().await;
    }
}

/// How long Webex asked to wait before the next lookup.
fn requested_wait(error: &AppError) -> Duration {
    error.requested_wait().and_then(|wait| Duration::try_from(wait).ok()).unwrap_or_default()
}
