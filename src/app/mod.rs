//! The composition root: builds everything, knows its bound address, runs it.
//!
//! The tests use exactly this path; they only turn the clock, and run the jobs, by hand.

mod background;
pub mod config;
pub mod credential;
pub mod identity;
pub mod rate_limit_sharing;
pub mod webhooks;

use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use backon::{ExponentialBuilder, Retryable as _};
use jiff::SignedDuration;
use secrecy::ExposeSecret as _;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;
use uuid::Uuid;

use self::identity::{IdentifyError, Inquiry};
use crate::app::config::{AdminCredential, Settings};
use crate::app::credential::{CredentialError, Keeper, Surroundings};
use crate::app::rate_limit_sharing::SharedPauses;
use crate::app::webhooks::Webhooks;
use crate::cards::ControlHub;
use crate::commands::delete_device::prefetch::ReadAhead;
use crate::commands::services::Services;
use crate::domain::clock::Clock;
use crate::http::{HttpState, server};
use crate::store::handoff::Reception;
use crate::store::{Owner, Store, StoreError};
use crate::telemetry::metrics::Metrics;
use crate::telemetry::readiness::{Part, Readiness};
use crate::webex::{AdminClient, AdminTokenSource, BotClient, FixedToken, NameCache, SenderCache, Transport};
use crate::worker::runner::Runner;

/// Jobs that are worked on at the same time. Nearly all of that time they wait for Webex: a burst of this many
/// commands takes no longer than one.
const PLACES: usize = 256;
/// How long a renewal of it may still take when the process is asked to stop: what Webex gave is lost otherwise.
const LAST_RENEWAL: Duration = Duration::from_secs(3);
/// How long the connections to the database may take to close. With the last renewal and the farewells of HTTP and of
/// the jobs (`jobs::runner`: 12 and 3 seconds) it is less than the 20 seconds in which Steward ends.
const CLOSING: Duration = Duration::from_secs(1);

/// What keeps Steward from starting or going on.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The address is taken, or not this machine's.
    #[error(
        "STEWARD_LISTEN is wrong: expected an address that is free on this machine, found {address}: {error}"
    )]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why not.
        error: std::io::Error,
    },
    /// The database cannot be opened.
    #[error("STEWARD_DATABASE_URL is wrong, or the database is not there")]
    Database(#[source] StoreError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The admin credential cannot be read from the database.
    #[error(transparent)]
    Credential(#[from] CredentialError),
    /// The HTTP client cannot be set up.
    #[error("the way to Webex could not be prepared")]
    Transport(#[source] reqwest::Error),
    /// Webex did not answer who is who.
    #[error(transparent)]
    Identify(#[from] IdentifyError),
    /// The HTTP server ended.
    #[error("the HTTP server ended")]
    Server(#[source] std::io::Error),
}

impl AppError {
    /// Whether the settings are to blame.
    #[must_use]
    pub fn is_the_settings_fault(&self) -> bool {
        match self {
            Self::Listen { .. } => true,
            Self::Database(error) => error.is_the_settings_fault(),
            Self::Identify(error) => error.is_the_settings_fault(),
            Self::Credential(error) => matches!(error, CredentialError::Sealed),
            Self::Store(_) | Self::Transport(_) | Self::Server(_) => false,
        }
    }

    /// How long from now Webex asked to wait, if that is why.
    #[must_use]
    pub fn requested_wait(&self) -> Option<SignedDuration> {
        match self {
            Self::Identify(error) => error.requested_wait(),
            _ => None,
        }
    }
}

/// Steward, built and bound, not yet running.
#[derive(Debug)]
pub struct App {
    listener: Mutex<Option<TcpListener>>,
    address: SocketAddr,
    inquiry: Inquiry,
    webhooks: Webhooks,
    /// Nobody, where the admin token is fixed.
    keeper: Option<Keeper>,
    store: Store,
    reception: Arc<Reception>,
    pauses: SharedPauses,
    metrics: Arc<Metrics>,
    readiness: Arc<Readiness>,
}

impl App {
    /// Builds everything and takes the address. Webex is not asked anything yet.
    pub async fn build(settings: Settings, clock: Arc<dyn Clock>) -> Result<Self, AppError> {
        let listen = |error| AppError::Listen { address: settings.listen, error };
        let listener = TcpListener::bind(settings.listen).map_err(listen)?;
        listener.set_nonblocking(true).map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let opened =
            Store::open_with(settings.database_url.expose_secret(), settings.store_hooks.clone()).await;
        let store = opened.map_err(AppError::Database)?;
        let metrics = Arc::new(Metrics::default());
        let transport = transport(&settings, &clock, &metrics)?;
        let pauses = SharedPauses::new(store.clone(), transport.rate_limiters(), clock.clone());
        pauses.exchange().await?;
        let around = Surroundings {
            store: store.clone(),
            clock: clock.clone(),
            metrics: metrics.clone(),
            readiness: Arc::new(Readiness::default()),
            reception: Arc::new(Reception::new(Owner::named(Uuid::new_v4().to_string()))),
            alert_space: settings.alert_space.clone(),
        };
        let (reception, readiness) = (around.reception.clone(), around.readiness.clone());
        let (tokens, keeper): (Arc<dyn AdminTokenSource>, _) = match &settings.admin {
            AdminCredential::FixedToken(token) => (Arc::new(FixedToken(token.clone())), None),
            AdminCredential::ServiceApp(origin) => {
                let keeper = Keeper::open(origin, transport.clone(), around).await?;
                (Arc::new(keeper.clone()), Some(keeper))
            }
        };
        let inquiry = inquiry(settings, clock, transport, tokens);
        Ok(Self {
            webhooks: Webhooks::of(&inquiry.settings, inquiry.bot_client.clone()),
            listener: Mutex::new(Some(listener)),
            address,
            inquiry,
            keeper,
            store,
            reception,
            pauses,
            metrics,
            readiness,
        })
    }

    /// The address that HTTP is served at; the port is the real one where the settings said 0.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The store.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Serves HTTP until told to stop. Deliveries are stored and acknowledged from here on, whatever Webex
    /// answers to the questions of the start.
    pub async fn serve_http(&self, stop: CancellationToken) -> Result<(), AppError> {
        match self.take_listener() {
            Some(listener) => {
                server::serve(listener, self.http_state(), stop).await.map_err(AppError::Server)
            }
            None => Ok(()),
        }
    }

    /// The same in a thread of its own, which stays until the rest has ended.
    fn serve_http_apart(&self, stop: CancellationToken) -> Result<Option<server::Apart>, AppError> {
        let listener = self.take_listener();
        let serving = listener.map(|listener| server::Apart::start(listener, self.http_state(), stop));
        serving.transpose().map_err(AppError::Server)
    }

    /// Taken out, so that nobody listens any more when the server has ended.
    fn take_listener(&self) -> Option<TcpListener> {
        self.listener.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn http_state(&self) -> HttpState {
        HttpState {
            store: self.store.clone(),
            secrets: Arc::new(self.inquiry.settings.webhook_secrets.clone()),
            reception: self.reception.clone(),
            metrics: self.metrics.clone(),
            readiness: self.readiness.clone(),
            clock: self.inquiry.clock.clone(),
        }
    }

    /// Asks Webex who is who, tends the webhooks, and answers with the runner of jobs. Asked once: see
    /// [`App::run`] for what is done when Webex does not answer.
    pub async fn identify(&self) -> Result<Runner, AppError> {
        let inquiry = &self.inquiry;
        let identity = inquiry.identify(&self.store).await?;
        self.readiness.note(|parts| {
            parts.bot_token = Part::Well;
            parts.admin_credential = Part::Well;
        });
        self.begin_to_attend().await;
        self.tend().await;
        let owner = self.reception.owner();
        // On a shared database another process may be working on them; their leases end by themselves.
        let abandoned = if self.store.is_shared() {
            0
        } else {
            self.store.take_over_abandoned(owner, inquiry.clock.now()).await?
        };
        if abandoned > 0 {
            tracing::info!(abandoned, "jobs that were under way when Steward last ended go on");
        }
        let services = Services {
            store: self.store.clone(),
            bot_client: inquiry.bot_client.clone(),
            admin: inquiry.admin.clone(),
            senders: SenderCache::new(inquiry.bot_client.clone(), inquiry.clock.clone()),
            names: NameCache::new(inquiry.admin.clone(), inquiry.clock.clone()),
            control_hub: ControlHub::of_api(&inquiry.settings.webex_api),
            additions: tokio::sync::Mutex::default(),
            read_ahead: ReadAhead::default(),
            bot: identity.bot,
            policy: identity.policy,
            clock: inquiry.clock.clone(),
            metrics: self.metrics.clone(),
            readiness: self.readiness.clone(),
        };
        Ok(Runner::new(Arc::new(services), self.reception.clone()))
    }

    /// Runs until told to stop, and finishes what is under way.
    pub async fn run(self, stop: CancellationToken) -> Result<(), AppError> {
        tracing::info!(address = %self.address, version = env!("CARGO_PKG_VERSION"), "Steward is up");
        // Whichever of the two ends, the other is told to stop.
        let ending = stop.child_token();
        let end = |result| {
            ending.cancel();
            result
        };
        let mut apart = self.serve_http_apart(ending.clone())?;
        let http = async {
            end(match &mut apart {
                Some(server) => server.ended().await.map_err(AppError::Server),
                None => Ok(()),
            })
        };
        // On the heap: whatever runs Steward would be as large as this otherwise.
        let jobs = async { end(Box::pin(self.run_jobs(&ending)).await) };
        let carrying = self.pauses.clone().carry(ending.clone());
        let carrying = AbortOnDropHandle::new(tokio::spawn(carrying));
        let (http, jobs) = tokio::join!(http, jobs);
        drop(carrying);
        if let Some(keeper) = &self.keeper {
            tokio::time::timeout(LAST_RENEWAL, keeper.finish()).await.ok();
        }
        // What was committed stays, whether or not the connections can be closed.
        if tokio::time::timeout(CLOSING, self.store.close()).await.is_err() {
            tracing::warn!("the database could not be closed in time");
        }
        drop(apart);
        http.and(jobs)
    }

    async fn run_jobs(&self, stop: &CancellationToken) -> Result<(), AppError> {
        let patience = ExponentialBuilder::default()
            .with_min_delay(Duration::from_secs(1))
            .with_max_delay(Duration::from_secs(30))
            .with_jitter()
            .without_max_times();
        let identifying = (|| self.identify())
            .retry(patience)
            .when(|error| matches!(error, AppError::Identify(error) if error.is_transient()))
            .adjust(|error, pause| pause.map(|pause| pause.max(wait_of(error))))
            .notify(|error, pause| {
                tracing::warn!(
                    error = error as &dyn std::error::Error,
                    ?pause,
                    "Webex did not say who is who; asking again"
                );
            });
        let runner = tokio::select! {
            runner = identifying => runner?,
            () = stop.cancelled() => return Ok(()),
        };
        tracing::info!("Steward is ready");
        tokio::join!(runner.work(PLACES, stop), self.keep_up(stop));
        Ok(())
    }
}

/// What a check has found to be good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Checked {
    /// Both credentials.
    BothCredentials,
    /// The bot token. There is no access token of the Service App in force to ask with.
    BotToken,
}

/// Asks Webex who is who with these settings, and changes nothing: neither the database nor a Steward that
/// runs with the same settings notices.
///
/// So the refresh token of a Service App is never used here: Webex may give another one in its place, and only a
/// Steward that runs may keep that. The access token that such a one has left in the database is asked with,
/// as long as it is in force.
pub async fn check(settings: Settings, clock: Arc<dyn Clock>) -> Result<Checked, AppError> {
    let transport = transport(&settings, &clock, &Arc::default())?;
    let token = match &settings.admin {
        AdminCredential::FixedToken(token) => Some(token.clone()),
        AdminCredential::ServiceApp(origin) => {
            let pair = origin.glance(settings.database_url.expose_secret()).await?;
            pair.filter(|pair| clock.now() < pair.access_until).map(|pair| pair.access_token)
        }
    };
    let Some(token) = token else {
        let bot_client = BotClient::new(transport, settings.bot_token.clone());
        identity::bot(&bot_client).await?;
        return Ok(Checked::BotToken);
    };
    inquiry(settings, clock, transport, Arc::new(FixedToken(token))).check().await?;
    Ok(Checked::BothCredentials)
}

/// The webhooks that these settings ask for, to be looked at and set right without a Steward that runs.
pub fn webhooks(settings: &Settings, clock: &Arc<dyn Clock>) -> Result<Webhooks, AppError> {
    let transport = transport(settings, clock, &Arc::default())?;
    Ok(Webhooks::of(settings, BotClient::new(transport, settings.bot_token.clone())))
}

/// How long Webex asked to wait before it is asked again who is who.
fn wait_of(error: &AppError) -> Duration {
    error.requested_wait().and_then(|wait| Duration::try_from(wait).ok()).unwrap_or_default()
}

fn transport(
    settings: &Settings,
    clock: &Arc<dyn Clock>,
    metrics: &Arc<Metrics>,
) -> Result<Transport, AppError> {
    Transport::new(settings.webex_api.clone(), settings.timeouts, clock.clone(), metrics)
        .map_err(AppError::Transport)
}

fn inquiry(
    settings: Settings,
    clock: Arc<dyn Clock>,
    transport: Transport,
    tokens: Arc<dyn AdminTokenSource>,
) -> Inquiry {
    let bot_client = BotClient::new(transport.clone(), settings.bot_token.clone());
    let admin = AdminClient::new(transport, tokens, settings.target_org.clone());
    Inquiry { settings: Arc::new(settings), bot_client, admin, clock }
}
