//! The one place that loops: take a job, run it, take the next.

use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::{Desk, retry};
use crate::store::{Claimed, Owner, Step, StoreError};

/// How long a job belongs to who took it: longer than all the calls of one run may take.
const LEASE: SignedDuration = SignedDuration::from_mins(10);
/// The longest sleep between looks into the database. The bell and the next due job usually end it earlier.
const LONGEST_SLEEP: Duration = Duration::from_secs(5);
/// The pause after the database failed.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(1);

/// Takes jobs and runs them.
#[derive(Debug, Clone)]
pub struct Runner {
    desk: Arc<Desk>,
    bell: Arc<Notify>,
    owner: Owner,
}

impl Runner {
    /// A runner that is woken by this bell and takes jobs under this name.
    #[must_use]
    pub fn new(desk: Arc<Desk>, bell: Arc<Notify>, owner: Owner) -> Self {
        Self { desk, bell, owner }
    }

    /// Runs jobs with this many workers until it is told to stop; what is under way is finished.
    pub async fn work(&self, workers: usize, stop: &CancellationToken) {
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..workers {
            let (runner, stop) = (self.clone(), stop.clone());
            tasks.spawn(async move { runner.work_alone(&stop).await });
        }
        tasks.join_all().await;
    }

    async fn work_alone(&self, stop: &CancellationToken) {
        while !stop.is_cancelled() {
            let sleep = match self.run_one().await {
                Ok(true) => continue,
                Ok(false) => self.time_to_the_next().await,
                Err(error) => {
                    tracing::error!(error = &error as &dyn std::error::Error, "the database failed a worker");
                    PAUSE_AFTER_FAILURE
                }
            };
            tokio::select! {
                () = stop.cancelled() => {}
                _ = tokio::time::timeout(sleep, self.bell.notified()) => {}
            }
        }
    }

    async fn time_to_the_next(&self) -> Duration {
        let next = self.desk.store.next_due().await.ok().flatten();
        let wait = next.map(|due| due.duration_since(self.desk.clock.now()));
        // A millisecond more than nothing: a job that is due now was taken by another worker.
        wait.map_or(LONGEST_SLEEP, |wait| {
            Duration::try_from(wait).unwrap_or_default().clamp(Duration::from_millis(1), LONGEST_SLEEP)
        })
    }

    /// Runs every job that is due now, and those that follow from them, one after another.
    pub async fn run_all_due(&self) -> Result<usize, StoreError> {
        let mut runs = 0;
        while self.run_one().await? {
            runs += 1;
        }
        Ok(runs)
    }

    /// Runs one job; false when none is due.
    async fn run_one(&self) -> Result<bool, StoreError> {
        let Some(claimed) = self.desk.store.claim(&self.owner, self.desk.clock.now(), LEASE).await? else {
            return Ok(false);
        };
        // Where there was one there may be more.
        self.bell.notify_one();
        let claimed = Arc::new(claimed);
        let (desk, job) = (self.desk.clone(), claimed.clone());
        // A task of its own, so that a panic ends the run and not the worker.
        let result = tokio::spawn(async move { super::run(&desk, &job).await }).await;
        match result {
            Ok(Ok(())) => self.desk.metrics.job(claimed.kind.as_str(), "recorded"),
            Ok(Err(error @ StoreError::LeaseLost { .. })) => {
                self.desk.metrics.job(claimed.kind.as_str(), "lease lost");
                tracing::warn!(%error, kind = claimed.kind.as_str(), "somebody else has taken over");
            }
            Ok(Err(error)) => self.failed(&claimed, &anyhow::Error::from(error)).await,
            Err(panic) => self.failed(&claimed, &anyhow::Error::from(panic)).await,
        }
        Ok(true)
    }

    /// A run that could not even record how it ended. If this cannot be recorded either, the lease ends it.
    async fn failed(&self, claimed: &Claimed, error: &anyhow::Error) {
        self.desk.metrics.job(claimed.kind.as_str(), "failed");
        tracing::error!(
            error = format!("{error:#}"),
            kind = claimed.kind.as_str(),
            attempt = claimed.attempt,
            "a job failed"
        );
        let now = self.desk.clock.now();
        let end = retry::again_or_park(claimed, None, true, now, format!("the run failed: {error:#}"));
        if let Err(error) = self.desk.store.record(claimed, Step::new(now, end)).await {
            tracing::error!(error = &error as &dyn std::error::Error, "the failure could not be recorded");
        }
    }
}
