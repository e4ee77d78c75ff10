//! Shares the pauses that Webex asks for with all processes on the same database and with the next start: Webex counts
//! the calls of one credential together, whatever process makes them.
//!
//! No call waits for this. A pause that arrives late costs one more call that is answered with 429.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use crate::domain::clock::Clock;
use crate::store::{Store, StoreError};
use crate::webex::{Credential, RateLimiters};

/// How often the database is read without a notification: one may be lost, and a write may have failed.
const EXCHANGE_PERIOD: Duration = Duration::from_secs(5);

/// The pauses of this process and their copy in the database.
#[derive(Debug, Clone)]
pub(super) struct RateLimitSharing {
    pub(super) store: Store,
    pub(super) pauses: RateLimiters,
    pub(super) clock: Arc<dyn Clock>,
}

impl RateLimitSharing {
    /// Applies the pauses in the database, and records those that are new in this process.
    pub(super) async fn exchange(&self) -> Result<(), StoreError> {
        let recorded = self.store.pauses().await?;
        for credential in Credential::ALL {
            let theirs = recorded.iter().find(|(name, _)| name == credential.as_str()).map(|(_, at)| *at);
            match (self.pauses.paused_until(credential), theirs) {
                (Some(ours), theirs) if theirs.is_none_or(|theirs| theirs < ours) => {
                    self.store.record_pause(credential.as_str(), ours).await?;
                }
                (_, Some(theirs)) if theirs > self.clock.now() => self.pauses.pause_until(credential, theirs),
                _ => {}
            }
        }
        Ok(())
    }

    /// Exchanges pauses until `stop` is cancelled.
    pub(super) async fn run(self, stop: CancellationToken) {
        let wake = Notify::new();
        tokio::select! {
            () = stop.cancelled() => {}
            () = self.exchange_repeatedly(&wake) => {}
            () = self.listen(&wake) => {}
        }
    }

    async fn exchange_repeatedly(&self, wake: &Notify) {
        let mut ticks = tokio::time::interval(EXCHANGE_PERIOD);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                () = wake.notified() => {}
                () = self.pauses.pause_began() => {}
            }
            let has_pause =
                Credential::ALL.iter().any(|credential| self.pauses.paused_until(*credential).is_some());
            if !has_pause && !self.store.is_shared() {
                continue;
            }
            if let Err(error) = self.exchange().await {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "could not share the pauses of calls to Webex; will retry"
                );
            }
        }
    }

    async fn listen(&self, wake: &Notify) {
        let mut attempts = tokio::time::interval(EXCHANGE_PERIOD);
        loop {
            attempts.tick().await;
            match self.store.wake_on_pauses_of_others(wake).await {
                // No other process writes to this database.
                Ok(()) => std::future::pending().await,
                Err(error) => tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "not notified of other processes' pauses; will retry"
                ),
            }
        }
    }
}
