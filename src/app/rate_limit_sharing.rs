//! Carries the pauses that Webex asks for between this process, the database, and so all others: the calls with one
//! credential are counted together, whoever makes them.
//!
//! Nobody who makes a call waits for this. What is carried late costs a call that is answered with 429 once more.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use crate::domain::clock::Clock;
use crate::store::{Store, StoreError};
use crate::webex::{Credential, RateLimiters};

/// How often the database is looked at although no bell rang: a notification may be lost, a write may have failed.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// The pauses of this process, shared with the others on its database and with the next start.
#[derive(Debug, Clone)]
pub struct SharedPauses {
    store: Store,
    pauses: RateLimiters,
    clock: Arc<dyn Clock>,
}

impl SharedPauses {
    /// Shares these pauses through this database.
    #[must_use]
    pub fn new(store: Store, pauses: RateLimiters, clock: Arc<dyn Clock>) -> Self {
        Self { store, pauses, clock }
    }

    /// Learns of the pauses that others were asked for, or this process before it was started anew, and tells them of
    /// those that are new here.
    pub async fn exchange(&self) -> Result<(), StoreError> {
        let recorded = self.store.pauses().await?;
        for credential in Credential::ALL {
            let theirs =
                recorded.iter().find(|(name, _)| name == credential.as_str()).map(|(_, until)| *until);
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

    /// Carries pauses both ways until told to stop.
    pub async fn carry(self, stop: CancellationToken) {
        let bell = Notify::new();
        tokio::select! {
            () = stop.cancelled() => {}
            () = self.exchange_again_and_again(&bell) => {}
            () = self.listen(&bell) => {}
        }
    }

    async fn exchange_again_and_again(&self, bell: &Notify) {
        let mut looks = tokio::time::interval(LOOK_EVERY);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = looks.tick() => {}
                () = bell.notified() => {}
                () = self.pauses.pause_began() => {}
            }
            let is_alone = !self.store.is_shared();
            if is_alone
                && Credential::ALL.iter().all(|credential| self.pauses.paused_until(*credential).is_none())
            {
                continue;
            }
            if let Err(error) = self.exchange().await {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "pauses of calls to Webex could not be shared; trying again"
                );
            }
        }
    }

    /// Never ends: where nobody else writes there is nothing to hear.
    async fn listen(&self, bell: &Notify) {
        let mut attempts = tokio::time::interval(LOOK_EVERY);
        loop {
            attempts.tick().await;
            match self.store.ring_for_pauses_of_others(bell).await {
                Ok(()) => std::future::pending().await,
                Err(error) => tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "cannot hear of pauses of others just now"
                ),
            }
        }
    }
}
