//! The token manager: provides the admin client with tokens and renews them in time.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;
use uuid::Uuid;

use super::error::{CredentialError, RenewalError};
use super::expiry_warning;
use super::renewal::{RenewalServices, RenewalState, Renewer};
use super::service_app::ServiceAppSettings;
use crate::store::Owner;
use crate::webex::{AdminToken, AdminTokenSource, TokenClient, TokenFuture, Transport};

/// How often a caller without a token checks whether another process has finished its renewal.
const POLL_PERIOD: Duration = Duration::from_millis(250);

/// Keeps the credential of a Service App valid. Clones share their state.
#[derive(Debug, Clone)]
pub(crate) struct TokenManager(Arc<ManagerState>);

#[derive(Debug)]
struct ManagerState {
    renewer: Renewer,
    state: tokio::sync::Mutex<RenewalState>,
    /// How long a caller without a token waits for a renewal by another process.
    patience: Duration,
    /// The token that Webex rejected while another process was renewing it. It is not sent again.
    rejected: Mutex<Option<AdminToken>>,
}

impl TokenManager {
    /// Loads the token pair from the database if it was renewed from this seed. Makes no call to Webex.
    pub(crate) async fn open(
        service_app: &ServiceAppSettings,
        transport: Transport,
        services: RenewalServices,
    ) -> Result<Self, CredentialError> {
        let patience = transport.renewal_timeout();
        let client = TokenClient::new(transport, service_app.app.clone());
        let owner = Owner::named(Uuid::new_v4().to_string());
        let renewer = Renewer::new(client, service_app.clone(), owner, services);
        renewer.load_newer_pair().await?;
        let (state, rejected) = (tokio::sync::Mutex::default(), Mutex::default());
        Ok(Self(Arc::new(ManagerState { renewer, state, patience, rejected })))
    }

    /// Renews the tokens if that is due, loads tokens that another process has renewed, and warns operators. Without
    /// regular calls of this, an idle credential would expire.
    pub(crate) async fn maintain(&self, now: Timestamp) {
        let shared = self.0.clone();
        // A separate task, for the same reason as in `another_token`.
        if let Err(panic) = tokio::spawn(async move { shared.maintain(now).await }).await {
            tracing::error!(%panic, "the check of the admin credential panicked");
        }
    }

    /// Waits for a renewal in progress, and tries one last time to store a pair that the database has not accepted.
    pub(crate) async fn finish(&self) {
        let mut state = self.0.state.lock().await;
        // A failure has been logged.
        self.0.renewer.store_pending(&mut state).await.ok();
    }

    /// Returns a token other than the rejected one, renewed by this process or another one.
    ///
    /// The caller may be dropped at any moment, and Webex's answer must not be lost with it. So the renewal runs in a
    /// separate task.
    async fn another_token(&self, rejected: Option<&AdminToken>) -> Result<AdminToken, RenewalError> {
        let mut polls = tokio::time::interval(POLL_PERIOD);
        let start = Instant::now();
        while start.elapsed() < self.0.patience {
            polls.tick().await;
            let (shared, rejected) = (self.0.clone(), rejected.cloned());
            let renewal = tokio::spawn(async move { shared.token_other_than(rejected.as_ref()).await });
            match renewal.await.unwrap_or_else(|panic| Err(RenewalError::Failed(panic.to_string()))) {
                Err(RenewalError::InProgressElsewhere) => {}
                result => return result,
            }
        }
        *self.0.rejected.lock().unwrap_or_else(PoisonError::into_inner) = rejected.cloned();
        Err(RenewalError::InProgressElsewhere)
    }
}

impl AdminTokenSource for TokenManager {
    fn name(&self) -> String {
        format!("service app {}", self.0.renewer.client_id())
    }

    fn current(&self) -> TokenFuture<'_> {
        Box::pin(async {
            let rejected = self.0.rejected.lock().unwrap_or_else(PoisonError::into_inner).clone();
            match self.0.renewer.token_other_than(rejected.as_ref()) {
                Some(token) => Ok(token),
                None => Ok(self.another_token(rejected.as_ref()).await?),
            }
        })
    }

    fn replacement_for<'a>(&'a self, rejected: &'a AdminToken) -> TokenFuture<'a> {
        Box::pin(async { Ok(self.another_token(Some(rejected)).await?) })
    }
}

impl ManagerState {
    async fn maintain(&self, now: Timestamp) {
        let mut state = self.state.lock().await;
        let readiness = &self.renewer.services.readiness;
        match self.renew_if_due(&mut state, now).await {
            Ok(()) => readiness.update(|parts| parts.renewal_fails = false),
            Err(RenewalError::Credential(error)) => {
                self.renewer.report_failure();
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    client_id = %self.renewer.client_id(),
                    "could not read the admin credential from the database"
                );
            }
            // Logged where it first happened.
            Err(error) => tracing::debug!(%error, "did not renew the admin credential"),
        }
        expiry_warning::check(&self.renewer, &mut state, now).await;
    }

    async fn renew_if_due(&self, state: &mut RenewalState, now: Timestamp) -> Result<(), RenewalError> {
        let stored = self.renewer.synchronize(state).await?;
        match self.renewer.pair() {
            Some(pair) if !pair.is_renewal_due(now) => Ok(()),
            _ => self.renewer.renew(state, &stored, now).await,
        }
    }

    /// The first of several callers renews; the rest find its token.
    async fn token_other_than(&self, rejected: Option<&AdminToken>) -> Result<AdminToken, RenewalError> {
        let mut state = self.state.lock().await;
        if let Some(token) = self.renewer.token_other_than(rejected) {
            return Ok(token);
        }
        let stored = self.renewer.synchronize(&mut state).await?;
        if let Some(token) = self.renewer.token_other_than(rejected) {
            return Ok(token);
        }
        let now = self.renewer.services.clock.now();
        if self.renewer.pair().is_some_and(|pair| pair.is_young(now)) {
            return Err(RenewalError::NewTokenRejected);
        }
        self.renewer.renew(&mut state, &stored, now).await?;
        self.renewer.token_other_than(rejected).ok_or(RenewalError::NewTokenRejected)
    }
}
