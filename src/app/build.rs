//! Builds everything that the settings ask for: the whole [`App`], or as much as a command of the binary needs.

use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};

use secrecy::ExposeSecret as _;
use uuid::Uuid;

use super::background::BackgroundTasks;
use super::config::{AdminCredential, Settings};
use super::credential::{RenewalServices, TokenManager};
use super::error::AppError;
use super::front_door::{FrontDoor, FrontDoorWatch, WatchServices};
use super::identity::IdentityLookup;
use super::rate_limit_sharing::RateLimitSharing;
use super::webhooks::Webhooks;
use crate::domain::clock::Clock;
use crate::store::handoff::Handoff;
use crate::store::{Owner, Store, TestHooks};
use crate::telemetry::metrics::Metrics;
use crate::telemetry::readiness::Readiness;
use crate::webex::{AdminTokenSource, BotClient, FixedToken, Timeouts, Transport};

/// Changes that tests make to the production behavior. They are not settings.
#[derive(Debug, Clone, Default)]
pub struct TestOverrides {
    /// How long to wait for Webex.
    pub timeouts: Timeouts,
    /// Called around each commit.
    pub store_hooks: TestHooks,
}

/// Steward, built and bound to its address, but not running yet.
#[derive(Debug)]
pub struct App {
    /// Taken by the server, so that the port is closed once it has ended.
    pub(super) listener: Mutex<Option<TcpListener>>,
    pub(super) address: SocketAddr,
    pub(super) identity: IdentityLookup,
    pub(super) background: BackgroundTasks,
    pub(super) rate_limits: RateLimitSharing,
    pub(super) store: Store,
    pub(super) handoff: Arc<Handoff>,
    pub(super) metrics: Arc<Metrics>,
    pub(super) readiness: Arc<Readiness>,
}

impl App {
    /// Builds everything and binds the address. Makes no call to Webex.
    pub async fn build(settings: Settings, clock: Arc<dyn Clock>) -> Result<Self, AppError> {
        Self::build_with(settings, clock, TestOverrides::default()).await
    }

    /// Like [`App::build`], with overrides for tests.
    pub async fn build_with(
        settings: Settings,
        clock: Arc<dyn Clock>,
        overrides: TestOverrides,
    ) -> Result<Self, AppError> {
        let (listener, address) = bind(settings.listen)?;
        let opened = Store::open_with(settings.database_url.expose_secret(), overrides.store_hooks).await;
        let store = opened.map_err(AppError::Database)?;
        let (metrics, readiness) = (Arc::new(Metrics::default()), Arc::new(Readiness::default()));
        let transport = transport(&settings, overrides.timeouts, &clock, &metrics)?;
        let rate_limits = RateLimitSharing {
            store: store.clone(),
            limiters: transport.rate_limiters(),
            clock: clock.clone(),
        };
        rate_limits.exchange().await?;
        let handoff = Arc::new(Handoff::new(Owner::named(Uuid::new_v4().to_string())));
        let services = RenewalServices {
            store: store.clone(),
            clock: clock.clone(),
            metrics: metrics.clone(),
            readiness: readiness.clone(),
            handoff: handoff.clone(),
            alert_space: settings.alert_space.clone(),
        };
        let (tokens, token_manager): (Arc<dyn AdminTokenSource>, _) = match &settings.admin {
            AdminCredential::FixedToken(token) => (Arc::new(FixedToken(token.clone())), None),
            AdminCredential::ServiceApp(service_app) => {
                let manager = TokenManager::open(service_app, transport.clone(), services).await?;
                (Arc::new(manager.clone()), Some(manager))
            }
        };
        let front_door = FrontDoor::new(&settings).map_err(AppError::Transport)?;
        let watch = WatchServices {
            store: store.clone(),
            clock: clock.clone(),
            metrics: metrics.clone(),
            readiness: readiness.clone(),
            handoff: handoff.clone(),
            alert_space: settings.alert_space.clone(),
        };
        let identity = IdentityLookup::new(settings, clock.clone(), transport, tokens);
        let background = BackgroundTasks {
            webhooks: Webhooks::new(&identity.settings, identity.bot_client.clone()),
            token_manager,
            front_door: FrontDoorWatch::new(front_door, watch),
            store: store.clone(),
            clock,
            readiness: readiness.clone(),
        };
        let listener = Mutex::new(Some(listener));
        Ok(Self { listener, address, identity, background, rate_limits, store, handoff, metrics, readiness })
    }

    /// The address of the HTTP server, with the real port if the settings ask for port 0.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The store.
    pub fn store(&self) -> &Store {
        &self.store
    }
}

/// The webhooks that these settings ask for, for use without a running Steward.
pub(crate) fn webhooks_for(settings: &Settings, clock: &Arc<dyn Clock>) -> Result<Webhooks, AppError> {
    let transport = transport(settings, Timeouts::default(), clock, &Arc::default())?;
    Ok(Webhooks::new(settings, BotClient::new(transport, settings.bot_token.clone())))
}

fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr), AppError> {
    let bound = TcpListener::bind(address).and_then(|listener| {
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        Ok((listener, address))
    });
    bound.map_err(|error| AppError::Listen { address, error })
}

pub(super) fn transport(
    settings: &Settings,
    timeouts: Timeouts,
    clock: &Arc<dyn Clock>,
    metrics: &Arc<Metrics>,
) -> Result<Transport, AppError> {
    Transport::new(settings.webex_api.clone(), timeouts, clock.clone(), metrics).map_err(AppError::Transport)
}
