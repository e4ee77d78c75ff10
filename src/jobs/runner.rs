//! The one place that loops: take a job, run it, take the next.

use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use crate::desk::Desk;
use crate::retry;
use crate::store::{Claimed, End, JobKind, Owner, Step, StoreError};

/// How long a job belongs to who took it, unless the lease is renewed.
const LEASE: SignedDuration = SignedDuration::from_mins(1);
/// How often leases are renewed: a few renewals may fail before one ends.
const RENEWAL: Duration = Duration::from_secs(15);
/// How long jobs under way may take when the process is asked to stop; then they are given back.
const FAREWELL: Duration = Duration::from_secs(15);
/// How long that may take, with a database that may not answer.
const GIVING_BACK: Duration = Duration::from_secs(3);
/// The longest sleep between looks into the database. The bell and the next due job usually end it earlier.
const LONGEST_SLEEP: Duration = Duration::from_secs(5);
/// The pause after the database failed.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(1);
/// About as many as fit into a lease.
const TRIES_TO_RECORD_A_FAILURE: usize = 60;

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

    /// Runs jobs with this many workers until it is told to stop. What is under way then is finished, or
    /// given back to whoever comes next.
    pub async fn work(&self, workers: usize, stop: &CancellationToken) {
        let mut tasks = JoinSet::new();
        for _ in 0..workers {
            let (runner, stop) = (self.clone(), stop.clone());
            tasks.spawn(async move { runner.work_alone(&stop).await });
        }
        let listening = AbortOnDropHandle::new(tokio::spawn(self.clone().listen()));
        stop.cancelled().await;
        let ended = async { while tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(FAREWELL, ended).await.is_err() {
            tasks.shutdown().await;
        }
        drop(listening);
        let releasing = self.desk.store.release(&self.owner, self.desk.clock.now());
        match tokio::time::timeout(GIVING_BACK, releasing).await {
            Ok(Ok(0)) => {}
            Ok(Ok(jobs)) => tracing::warn!(jobs, "jobs that were under way were given back"),
            Err(_) => tracing::error!("jobs could not be given back in time; their leases will end"),
            Ok(Err(error)) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "jobs could not be given back; their leases will end"
                );
            }
        }
    }

    async fn listen(self) {
        let mut attempts = tokio::time::interval(LONGEST_SLEEP);
        loop {
            attempts.tick().await;
            match self.desk.store.ring_for_jobs_of_others(&self.bell).await {
                Ok(()) => return,
                Err(error) => {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "cannot hear of jobs of others just now"
                    );
                }
            }
        }
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
        let run = AbortOnDropHandle::new(tokio::spawn(async move { super::run(&desk, &job).await }));
        let result = tokio::select! {
            result = run => result,
            () = self.until_the_lease_is_lost(&claimed) => Ok(Err(StoreError::LeaseLost { job: claimed.id() })),
        };
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

    /// Renews the lease as long as its job runs; returns when it belongs to somebody else.
    async fn until_the_lease_is_lost(&self, claimed: &Claimed) {
        let mut ticks = tokio::time::interval(RENEWAL);
        ticks.tick().await;
        loop {
            ticks.tick().await;
            match self.desk.store.renew(claimed, self.desk.clock.now(), LEASE).await {
                Ok(true) => {}
                Ok(false) => return,
                Err(error) => {
                    tracing::error!(error = &error as &dyn std::error::Error, "a lease could not be renewed");
                }
            }
        }
    }

    /// A run that could not even record how it ended. While the database cannot record this either, it is tried
    /// again, so that the job goes on when the database does; after that the lease ends it.
    async fn failed(&self, claimed: &Claimed, error: &anyhow::Error) {
        self.desk.metrics.job(claimed.kind.as_str(), "failed");
        tracing::error!(
            error = format!("{error:#}"),
            kind = claimed.kind.as_str(),
            attempt = claimed.attempt,
            "a job failed"
        );
        let now = self.desk.clock.now();
        let note = format!("the run failed: {error:#}");
        let is_last = retry::is_last(claimed) && claimed.kind != JobKind::Command;
        let end = if is_last { End::Parked { note } } else { retry::again(claimed, None, now, note) };
        for _ in 0..TRIES_TO_RECORD_A_FAILURE {
            match self.desk.store.record(claimed, Step::new(now, end.clone())).await {
                Ok(()) | Err(StoreError::LeaseLost { .. }) => return,
                Err(error) => {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "the failure could not be recorded"
                    );
                }
            }
            tokio::time::timeout(PAUSE_AFTER_FAILURE, std::future::pending::<()>()).await.ok();
        }
    }
}
