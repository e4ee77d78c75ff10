//! The one place that loops: take jobs, run each with those that follow from it, take the next.
//!
//! A job comes in one of two ways. Either it is handed over by whoever stored it ([`Handoff`]), or it waits in
//! the store and is found there. What follows from a job and is due at once (the command of a message, the card
//! of a command) is run by the same task without being looked for.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use super::dispatch;
use crate::cards::{self, Notice};
use crate::commands::reply::message;
use crate::commands::retry;
use crate::commands::services::Services;
use crate::store::handoff::{Handoff, Slot};
use crate::store::{End, JobKind, LeasedJob, NewMessage, OutgoingId, Step, StoreError};

/// How often leases are renewed: a few renewals may fail before one ends.
const RENEWAL: Duration = Duration::from_secs(15);
/// How long jobs under way may take when the process is asked to stop; then they are given back.
const FAREWELL: Duration = Duration::from_secs(12);
/// How long that may take, with a database that may not answer.
const GIVING_BACK: Duration = Duration::from_secs(3);
/// The longest sleep between looks into the database. The bell and the next due job usually end it earlier.
const LONGEST_SLEEP: Duration = Duration::from_secs(5);
/// The pause after the database failed.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(1);
/// About as many as fit into a lease.
const TRIES_TO_RECORD_A_FAILURE: usize = 60;
/// Jobs that are taken with one look.
const LARGEST_CATCH: u32 = 64;

/// Takes jobs and runs them.
#[derive(Debug, Clone)]
pub struct Runner {
    services: Arc<Services>,
    handoff: Arc<Handoff>,
}

impl Runner {
    /// A runner of what is announced at this handoff.
    #[must_use]
    pub(crate) fn new(services: Arc<Services>, handoff: Arc<Handoff>) -> Self {
        Self { services, handoff }
    }

    /// Runs jobs, at most so many at once, until it is told to stop. What is under way then is finished, or
    /// given back to whoever comes next.
    pub async fn work(&self, places: usize, stop: &CancellationToken) {
        let listening = AbortOnDropHandle::new(tokio::spawn(self.clone().listen()));
        let mut tasks = JoinSet::new();
        self.handoff.open(places);
        let (found, mut finds) = tokio::sync::mpsc::channel(1);
        let looking = AbortOnDropHandle::new(tokio::spawn({
            let (runner, stop) = (self.clone(), stop.clone());
            async move { runner.look_for_jobs(&stop, &found).await }
        }));
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                Some(assigned) = self.handoff.next_assigned() => {
                    tasks.spawn(self.clone().run_at(assigned.slot, assigned.job));
                }
                Some(jobs) = finds.recv() => {
                    for (place, job) in jobs {
                        tasks.spawn(self.clone().run_at(place, job));
                    }
                }
                Some(_) = tasks.join_next() => {}
            }
        }
        // What was found and not begun keeps its places no longer.
        drop(finds);
        tokio::time::timeout(FAREWELL, self.handoff.close(places)).await.ok();
        tasks.shutdown().await;
        drop((listening, looking));
        self.give_back().await;
    }

    async fn give_back(&self) {
        let releasing = self.services.store.release(self.handoff.owner(), self.services.clock.now());
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

    /// Looks into the store whenever a place is free and there may be something.
    async fn look_for_jobs(
        &self,
        stop: &CancellationToken,
        found: &tokio::sync::mpsc::Sender<Vec<(Slot, LeasedJob)>>,
    ) {
        loop {
            let places = self.handoff.free_slots(LARGEST_CATCH as usize).await;
            if stop.is_cancelled() {
                return;
            }
            let most = u32::try_from(places.len()).unwrap_or(LARGEST_CATCH);
            let owner = self.handoff.owner();
            let sleep = match self.services.store.claim(owner, self.services.clock.now(), most).await {
                Ok(jobs) if jobs.is_empty() => {
                    drop(places);
                    self.time_to_the_next().await
                }
                Ok(jobs) => {
                    if found.send(places.into_iter().zip(jobs).collect()).await.is_err() {
                        return;
                    }
                    continue;
                }
                Err(error) => {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "the database failed the runner"
                    );
                    PAUSE_AFTER_FAILURE
                }
            };
            tokio::select! {
                () = stop.cancelled() => return,
                _ = tokio::time::timeout(sleep, self.handoff.wake_signal().notified()) => {}
            }
        }
    }

    async fn run_at(self, slot: Slot, job: LeasedJob) {
        slot.hold(self.run_with_what_follows(job)).await;
    }

    async fn listen(self) {
        let mut attempts = tokio::time::interval(LONGEST_SLEEP);
        loop {
            attempts.tick().await;
            match self.services.store.wake_on_new_jobs(self.handoff.wake_signal()).await {
                Ok(()) => return,
                Err(error) => {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "cannot hear of new jobs just now"
                    );
                }
            }
        }
    }

    async fn time_to_the_next(&self) -> Duration {
        let next = self.services.store.next_due().await.ok().flatten();
        let wait = next.map(|due| due.duration_since(self.services.clock.now()));
        // A millisecond more than nothing: a job that is due now was taken by another worker.
        wait.map_or(LONGEST_SLEEP, |wait| {
            Duration::try_from(wait).unwrap_or_default().clamp(Duration::from_millis(1), LONGEST_SLEEP)
        })
    }

    /// Runs every job that is due now, and those that follow from them, one after another.
    pub async fn run_all_due(&self) -> Result<usize, StoreError> {
        let mut runs = 0;
        loop {
            let mut due =
                self.services.store.claim(self.handoff.owner(), self.services.clock.now(), 1).await?;
            let Some(job) = due.pop() else { return Ok(runs) };
            runs += self.run_with_what_follows(job).await;
        }
    }

    /// Runs a job, then the one that follows from it, and so on; answers how many.
    async fn run_with_what_follows(&self, job: LeasedJob) -> usize {
        let (mut runs, mut next) = (0, Some(job));
        while let Some(job) = next {
            next = self.run_one(job).await;
            runs += 1;
        }
        runs
    }

    /// Runs one job; answers the one that follows from it and is ours.
    async fn run_one(&self, job: LeasedJob) -> Option<LeasedJob> {
        let job = Arc::new(job);
        let (services, leased) = (self.services.clone(), job.clone());
        // A task of its own, so that a panic ends the run and not the worker.
        let run =
            AbortOnDropHandle::new(tokio::spawn(async move { dispatch::run(&services, &leased).await }));
        let result = tokio::select! {
            result = run => result,
            () = self.until_the_lease_is_lost(&job) => Ok(Err(StoreError::LeaseLost { job: job.id() })),
        };
        match result {
            Ok(Ok(follows)) => {
                self.services.metrics.job(job.kind.as_str(), "recorded");
                return follows;
            }
            Ok(Err(error @ StoreError::LeaseLost { .. })) => {
                self.services.metrics.job(job.kind.as_str(), "lease lost");
                tracing::warn!(%error, kind = job.kind.as_str(), "somebody else has taken over");
            }
            Ok(Err(error)) => return self.failed(&job, &anyhow::Error::from(error)).await,
            Err(panic) => return self.failed(&job, &anyhow::Error::from(panic)).await,
        }
        None
    }

    /// Renews the lease as long as its job runs; returns when it belongs to somebody else.
    async fn until_the_lease_is_lost(&self, job: &LeasedJob) {
        let mut ticks = tokio::time::interval(RENEWAL);
        ticks.tick().await;
        loop {
            ticks.tick().await;
            match self.services.store.renew(job, self.services.clock.now()).await {
                Ok(true) => {}
                Ok(false) => return,
                Err(error) => {
                    tracing::error!(error = &error as &dyn std::error::Error, "a lease could not be renewed");
                }
            }
        }
    }

    /// What the requester hears of a command that is given up, where the command itself can be read.
    async fn told_of_giving_up(&self, job: &LeasedJob) -> Result<Option<NewMessage>, StoreError> {
        if job.kind != JobKind::Command {
            return Ok(None);
        }
        let accepted = match self.services.store.command_of(job).await {
            Ok(record) => record.accepted.clone(),
            Err(error @ StoreError::Unavailable(_)) => return Err(error),
            Err(_) => return Ok(None),
        };
        let card = cards::render(&Notice::given_up());
        let id = OutgoingId::given_up(&accepted.id);
        Ok(Some(message(id, &accepted.thread, &card, self.services.clock.now())))
    }

    /// A run that could not even record how it ended. While the database cannot record this either, it is tried
    /// again, so that the job goes on when the database does; after that the lease ends it.
    async fn failed(&self, job: &LeasedJob, error: &anyhow::Error) -> Option<LeasedJob> {
        self.services.metrics.job(job.kind.as_str(), "failed");
        tracing::error!(
            error = format!("{error:#}"),
            kind = job.kind.as_str(),
            attempt = job.attempt,
            "a job failed"
        );
        let now = self.services.clock.now();
        let note = format!("the run failed: {error:#}");
        let is_last = match job.kind {
            // It has its card in the run after the last failure. Only if that fails too, and not because the database
            // is away, there is nothing else that could be done about it.
            JobKind::Command => {
                let is_transient = matches!(error.downcast_ref(), Some(StoreError::Unavailable(_)));
                retry::is_given_up(job) && !is_transient
            }
            _ => retry::is_last(job),
        };
        let given_up = if is_last { self.told_of_giving_up(job).await.ok() } else { None };
        let (end, told) = match given_up {
            Some(told) => (End::Parked { note }, told),
            None => (retry::again(job, None, now, note), None),
        };
        for _ in 0..TRIES_TO_RECORD_A_FAILURE {
            let step = Step::new(now, end.clone());
            let step = told.iter().cloned().fold(step, Step::post);
            match self.services.store.record(job, step).await {
                Ok(follows) => return follows,
                Err(StoreError::LeaseLost { .. }) => return None,
                Err(error) => {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "the failure could not be recorded"
                    );
                }
            }
            tokio::time::timeout(PAUSE_AFTER_FAILURE, std::future::pending::<()>()).await.ok();
        }
        None
    }
}
