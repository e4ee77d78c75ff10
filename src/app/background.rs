//! The periodic tasks of a running Steward besides its jobs: webhooks, public address, admin credential and heartbeat.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::credential::TokenManager;
use super::front_door::FrontDoorWatch;
use super::webhooks::{Webhooks, loses_messages};
use crate::domain::clock::Clock;
use crate::intake::catch_up::{self, DeliveryGap};
use crate::store::{Heartbeat, Store};
use crate::telemetry::readiness::{Health, Readiness};

/// Webex disables a webhook after 100 failures and never enables it again.
const WEBHOOK_PERIOD: Duration = Duration::from_mins(5);
const WEBHOOK_RETRY: Duration = Duration::from_secs(30);
const HEARTBEAT_PERIOD: Duration = Duration::from_secs(30);
const PUBLIC_ADDRESS_PERIOD: Duration = Duration::from_mins(5);
const CREDENTIAL_PERIOD: Duration = Duration::from_secs(30);

/// The periodic tasks, each of which can also be run once.
#[derive(Debug)]
pub(super) struct BackgroundTasks {
    pub(super) webhooks: Webhooks,
    /// `None` if the admin token is fixed.
    pub(super) token_manager: Option<TokenManager>,
    /// `None` without a public address.
    pub(super) front_door: Option<FrontDoorWatch>,
    pub(super) store: Store,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) readiness: Arc<Readiness>,
}

impl BackgroundTasks {
    /// Runs until `stop` is canceled.
    pub(super) async fn run(&self, stop: &CancellationToken) {
        tokio::join!(
            // The first check was at startup. It may have failed.
            every(WEBHOOK_RETRY, stop, || async {
                if self.check_webhooks().await { WEBHOOK_PERIOD } else { WEBHOOK_RETRY }
            }),
            every(HEARTBEAT_PERIOD, stop, || async {
                self.record_heartbeat(None, DeliveryGap::None).await;
                HEARTBEAT_PERIOD
            }),
            every(Duration::ZERO, stop, || async {
                self.maintain_credential().await;
                CREDENTIAL_PERIOD
            }),
            every(Duration::ZERO, stop, || async {
                self.check_public_address().await;
                PUBLIC_ADDRESS_PERIOD
            }),
        );
    }

    pub(super) async fn maintain_credential(&self) {
        if let Some(manager) = &self.token_manager {
            manager.maintain(self.clock.now()).await;
        }
    }

    /// Probes the public address and reports the result.
    pub(super) async fn check_public_address(&self) {
        if let Some(front_door) = &self.front_door {
            front_door.check().await;
        }
    }

    /// Checks and repairs the webhooks, records a heartbeat, and starts a catch-up if messages may have been missed.
    /// Returns whether the webhooks are in order.
    pub(super) async fn check_webhooks(&self) -> bool {
        let are_in_order = self.repair_webhooks().await;
        let checked_at = are_in_order.then(|| self.clock.now());
        self.record_heartbeat(checked_at, DeliveryGap::None).await;
        are_in_order
    }

    /// Records the first heartbeat, and starts a catch-up from the last one unless other processes on the database may
    /// have received the messages.
    pub(super) async fn record_first_heartbeat(&self) {
        let gap = if self.store.is_shared() { DeliveryGap::None } else { DeliveryGap::SinceLastRun };
        self.record_heartbeat(None, gap).await;
    }

    async fn repair_webhooks(&self) -> bool {
        let report = |health| self.readiness.update(|parts| parts.webhooks = health);
        let repair = match self.webhooks.plan_repair().await {
            Ok(repair) => repair,
            // The state from the last check still counts.
            Err(error) if error.is_transient() => {
                tracing::warn!(%error, "cannot check the webhooks right now; will retry");
                return false;
            }
            Err(error) => {
                tracing::error!(%error, "cannot check the webhooks; deliveries may not arrive");
                report(Health::Unhealthy);
                return false;
            }
        };
        if loses_messages(&repair) {
            // Recorded before the repair: after it, a crash would leave no trace of the gap at Webex.
            self.record_heartbeat(None, DeliveryGap::WebhookDown).await;
        }
        match self.webhooks.apply(repair).await {
            Ok(_) if self.webhooks.are_managed() => report(Health::Healthy),
            Ok(_) => report(Health::Unmanaged),
            Err(error) => {
                tracing::error!(%error, "cannot repair the webhooks; deliveries may not arrive");
                report(Health::Unhealthy);
                return false;
            }
        }
        true
    }

    async fn record_heartbeat(&self, webhooks_checked_at: Option<Timestamp>, gap: DeliveryGap) {
        let now = self.clock.now();
        let heartbeat = Heartbeat { up_at: Some(now), webhooks_ok_at: webhooks_checked_at };
        let recorded =
            self.store.record_heartbeat(heartbeat, move |last| catch_up::job_after(last, gap, now)).await;
        match recorded {
            Ok(true) if gap == DeliveryGap::SinceLastRun => {
                tracing::info!("searching for messages from before this start");
            }
            Ok(true) => tracing::warn!("messages may not have been delivered; searching for them"),
            Ok(false) => {}
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "could not record a heartbeat");
            }
        }
    }
}

/// Runs `task` after a pause, and again each time that the period it returns has passed since its last start. When
/// `stop` is canceled, a task in progress is dropped: it runs again after the next start.
async fn every<F>(first_pause: Duration, stop: &CancellationToken, mut task: impl FnMut() -> F)
where
    F: Future<Output = Duration>,
{
    let repeat = async {
        let mut due = Instant::now() + first_pause;
        loop {
            tokio::time::sleep_until(due).await;
            let started = Instant::now();
            due = started + task().await;
        }
    };
    tokio::select! {
        () = stop.cancelled() => {}
        () = repeat => {}
    }
}
