//! Shares rate-limit pauses with the other processes on the database and with the next start, because Webex counts all
//! calls of a credential together.
//!
//! No call waits for this exchange. A pause that arrives late costs one more call that is answered with 429.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use crate::domain::clock::Clock;
use crate::store::{Store, StoreError};
use crate::webex::{Credential, RateLimiters};

/// How often pauses are exchanged without a notification: one may be lost, and a write may have failed.
const EXCHANGE_PERIOD: Duration = Duration::from_secs(5);

/// The pauses of this process and their copy in the database.
#[derive(Debug, Clone)]
pub(super) struct RateLimitSharing {
    pub(super) store: Store,
    pub(super) limiters: RateLimiters,
    pub(super) clock: Arc<dyn Clock>,
}

impl RateLimitSharing {
    /// Applies the pauses in the database, and records those that are new in this process.
    pub(super) async fn exchange(&self) -> Result<(), StoreError> {
        let now = self.clock.now();
        let recorded = self.store.pauses(now).await?;
        for credential in Credential::ALL {
            let theirs = recorded.iter().find(|(name, _)| name == credential.as_str()).map(|(_, at)| *at);
            match (self.limiters.paused_until(credential), theirs) {
                (Some(ours), theirs) if theirs.is_none_or(|theirs| theirs < ours) => {
                    self.store.record_pause(credential.as_str(), ours, now).await?;
                }
                (_, Some(theirs)) if theirs > now => {
                    self.limiters.pause_until(credential, theirs);
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Exchanges pauses until `stop` is canceled.
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
                () = self.limiters.pause_began() => {}
            }
            let has_pause =
                Credential::ALL.iter().any(|credential| self.limiters.paused_until(*credential).is_some());
            if !has_pause && !self.store.is_shared() {
                continue;
            }
            if let Err(error) = self.exchange().await {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "could not exchange rate-limit pauses with other processes; will retry"
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
                    "could not listen for the rate-limit pauses of other processes; will retry"
                ),
            }
        }
    }
}
