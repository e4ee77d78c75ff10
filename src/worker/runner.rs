//! The worker loop: leases jobs and runs each in a slot, together with the jobs that it leads to.
//!
//! A job is either handed over by the code that stored it ([`Handoff`]) or claimed from the store. A successor that
//! is due at once (the command of a message, the card of a command) runs in the same slot.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;
use tracing::Instrument as _;

use super::{dispatch, silence};
use crate::cards::{self, Notice};
use crate::commands::reply::message;
use crate::commands::retry;
use crate::commands::services::Services;
use crate::store::handoff::{Handoff, Slot};
use crate::store::{End, JobKind, LeasedJob, NewMessage, OutgoingId, Step, StoreError};

/// How often leases are renewed: several renewals may fail before a lease ends.
const RENEWAL_INTERVAL: Duration = Duration::from_secs(15);
/// How long running jobs may take to finish at shutdown; then they are released.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(12);
/// How long releasing them may take: the database may not answer.
const RELEASE_TIMEOUT: Duration = Duration::from_secs(3);
/// The longest sleep between claims. A wake signal or the next due job usually ends it earlier.
const MAX_SLEEP: Duration = Duration::from_secs(5);
/// How often the runner searches for commands whose requesters have waited too long.
const SILENCE_PERIOD: Duration = Duration::from_secs(1);
/// The pause after a database error.
const PAUSE_AFTER_ERROR: Duration = Duration::from_secs(1);
/// How often recording a failure is retried, with a pause each time: for about as long as a lease lasts.
const RECORD_ATTEMPTS: usize = 60;
/// How often to search for jobs whose due time was set by a wrong clock.
const RESCHEDULE_PERIOD: Duration = Duration::from_secs(30);
/// Jobs per claim.
const MAX_CLAIMED: u32 = 64;

/// Leases jobs and runs them.
#[derive(Debug, Clone)]
pub struct Runner {
    services: Arc<Services>,
    handoff: Arc<Handoff>,
}

impl Runner {
    pub(crate) fn new(services: Arc<Services>, handoff: Arc<Handoff>) -> Self {
        Self { services, handoff }
    }

    /// Runs jobs in this number of slots until `stop`. Running jobs then finish or are released to the next process.
    pub async fn work(&self, slots: usize, stop: &CancellationToken) {
        let listener = AbortOnDropHandle::new(tokio::spawn(self.clone().listen()));
        let announcer = AbortOnDropHandle::new(tokio::spawn(self.clone().announce_silences()));
        let mut tasks = JoinSet::new();
        self.handoff.open(slots);
        let (claimed_jobs, mut claims) = tokio::sync::mpsc::channel(1);
        let claimer = AbortOnDropHandle::new(tokio::spawn({
            let (runner, stop) = (self.clone(), stop.clone());
            async move { runner.claim_jobs(&stop, &claimed_jobs).await }
        }));
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                Some(assigned) = self.handoff.next_assigned() => {
                    tasks.spawn(self.clone().run_in_slot(assigned.slot, assigned.job));
                }
                Some(jobs) = claims.recv() => {
                    for (slot, job) in jobs {
                        tasks.spawn(self.clone().run_in_slot(slot, job));
                    }
                }
                Some(_) = tasks.join_next() => {}
            }
        }
        // Jobs that were claimed but not started free their slots.
        drop(claims);
        tokio::time::timeout(SHUTDOWN_GRACE, self.handoff.close(slots)).await.ok();
        tasks.shutdown().await;
        drop((listener, claimer, announcer));
        self.release_jobs().await;
    }

    async fn release_jobs(&self) {
        let released = self.services.store.release(self.handoff.owner(), self.services.clock.now());
        match tokio::time::timeout(RELEASE_TIMEOUT, released).await {
            Ok(Ok(0)) => {}
            Ok(Ok(jobs)) => tracing::warn!(jobs, "released unfinished jobs"),
            Err(_) => tracing::error!("could not release unfinished jobs in time; their leases will expire"),
            Ok(Err(error)) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "could not release unfinished jobs; their leases will expire"
                );
            }
        }
    }

    /// Claims jobs whenever a slot is free and some may be due.
    async fn claim_jobs(
        &self,
        stop: &CancellationToken,
        claimed_jobs: &tokio::sync::mpsc::Sender<Vec<(Slot, LeasedJob)>>,
    ) {
        let mut reschedule_at = Instant::now();
        loop {
            if Instant::now() >= reschedule_at {
                reschedule_at = Instant::now() + RESCHEDULE_PERIOD;
                if let Err(error) = self.reschedule_far_jobs().await {
                    let error = &error as &dyn std::error::Error;
                    tracing::error!(error, "could not check for jobs that are due implausibly late");
                }
            }
            let slots = self.handoff.free_slots(MAX_CLAIMED as usize).await;
            if stop.is_cancelled() {
                return;
            }
            let most = u32::try_from(slots.len()).unwrap_or(MAX_CLAIMED);
            let owner = self.handoff.owner();
            let sleep = match self.services.store.claim(owner, self.services.clock.now(), most).await {
                Ok(jobs) if jobs.is_empty() => {
                    drop(slots);
                    self.time_to_next_job().await
                }
                Ok(jobs) => {
                    if claimed_jobs.send(slots.into_iter().zip(jobs).collect()).await.is_err() {
                        return;
                    }
                    continue;
                }
                Err(error) => {
                    tracing::error!(error = &error as &dyn std::error::Error, "could not claim jobs");
                    PAUSE_AFTER_ERROR
                }
            };
            tokio::select! {
                () = stop.cancelled() => return,
                _ = tokio::time::timeout(sleep, self.handoff.wake_signal().notified()) => {}
            }
        }
    }

    async fn run_in_slot(self, slot: Slot, job: LeasedJob) {
        slot.hold(Box::pin(self.run_with_successors(job))).await;
    }

    async fn listen(self) {
        let mut attempts = tokio::time::interval(MAX_SLEEP);
        loop {
            attempts.tick().await;
            match self.services.store.wake_on_new_jobs(self.handoff.wake_signal()).await {
                Ok(()) => return,
                Err(error) => {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "could not listen for new jobs; will retry"
                    );
                }
            }
        }
    }

    async fn reschedule_far_jobs(&self) -> Result<(), StoreError> {
        let jobs = self.services.store.reschedule_far_jobs(self.services.clock.now()).await?;
        if jobs > 0 {
            tracing::warn!(jobs, "rescheduled jobs whose due time was set by a wrong clock");
        }
        Ok(())
    }

    async fn announce_silences(self) {
        let mut searches = tokio::time::interval(SILENCE_PERIOD);
        searches.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            searches.tick().await;
            match silence::announce(&self.services).await {
                Ok(0) => {}
                Ok(_) => self.handoff.wake_signal().notify_one(),
                Err(error) => {
                    let error = &error as &dyn std::error::Error;
                    tracing::warn!(error, "could not search for commands that wait for an answer");
                }
            }
        }
    }

    async fn time_to_next_job(&self) -> Duration {
        let next = self.services.store.next_due().await.ok().flatten();
        let wait = next.map(|due| due.duration_since(self.services.clock.now()));
        // At least a millisecond: a job that is due already is being claimed by another worker.
        wait.map_or(MAX_SLEEP, |wait| {
            Duration::try_from(wait).unwrap_or_default().clamp(Duration::from_millis(1), MAX_SLEEP)
        })
    }

    /// Runs all due jobs and their successors, one at a time. Then sends the notices that are due.
    pub async fn run_all_due(&self) -> Result<usize, StoreError> {
        self.reschedule_far_jobs().await?;
        let mut runs = 0;
        loop {
            let mut due =
                self.services.store.claim(self.handoff.owner(), self.services.clock.now(), 1).await?;
            match due.pop() {
                Some(job) => runs += self.run_with_successors(job).await,
                None if silence::announce(&self.services).await? == 0 => return Ok(runs),
                None => {}
            }
        }
    }

    /// Runs a job, then its successor, and so on. Returns the number of runs. The log lines of all of them, and so of
    /// everything that one delivery leads to at once, are in one span.
    async fn run_with_successors(&self, job: LeasedJob) -> usize {
        let span = match job.kind {
            JobKind::Delivery => tracing::info_span!("delivery", job = job.id(), id = job.subject),
            kind => tracing::info_span!("job", job = job.id(), kind = kind.as_str(), id = job.subject),
        };
        self.run_chain(job).instrument(span).await
    }

    async fn run_chain(&self, job: LeasedJob) -> usize {
        let (mut runs, mut next) = (0, Some(job));
        while let Some(job) = next {
            next = self.run_one(job).await;
            runs += 1;
        }
        runs
    }

    /// Runs one job. Returns its successor if this process leases it.
    async fn run_one(&self, job: LeasedJob) -> Option<LeasedJob> {
        let job = Arc::new(job);
        let (services, leased) = (self.services.clone(), job.clone());
        // A separate task, so that a panic ends the run and not the worker.
        let run = async move { dispatch::run(&services, &leased).await }.in_current_span();
        let run = AbortOnDropHandle::new(tokio::spawn(run));
        let result = tokio::select! {
            result = run => result,
            () = self.lease_lost(&job) => Ok(Err(StoreError::LeaseLost { job: job.id() })),
        };
        match result {
            Ok(Ok(successor)) => {
                self.services.metrics.job(job.kind.as_str(), "recorded");
                return successor;
            }
            Ok(Err(error @ StoreError::LeaseLost { .. })) => {
                self.services.metrics.job(job.kind.as_str(), "lease lost");
                tracing::warn!(%error, kind = job.kind.as_str(), "lease lost to another process");
            }
            Ok(Err(error)) => return self.record_failure(&job, &anyhow::Error::from(error)).await,
            Err(panic) => return self.record_failure(&job, &anyhow::Error::from(panic)).await,
        }
        None
    }

    /// Renews the lease while its job runs. Returns when another process holds it.
    async fn lease_lost(&self, job: &LeasedJob) {
        let mut ticks = tokio::time::interval(RENEWAL_INTERVAL);
        ticks.tick().await;
        loop {
            ticks.tick().await;
            match self.services.store.renew(job, self.services.clock.now()).await {
                Ok(true) => {}
                Ok(false) => return,
                Err(error) => {
                    tracing::error!(error = &error as &dyn std::error::Error, "could not renew a lease");
                }
            }
        }
    }

    /// The notice that a command was given up; none for other jobs, or if the command cannot be read.
    async fn give_up_notice(&self, job: &LeasedJob) -> Result<Option<NewMessage>, StoreError> {
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

    /// Records the failure of a run that could not record its result. Retries while the database is unavailable, so
    /// that the job continues as soon as possible; after that its lease expires.
    async fn record_failure(&self, job: &LeasedJob, error: &anyhow::Error) -> Option<LeasedJob> {
        self.services.metrics.job(job.kind.as_str(), "failed");
        tracing::error!(
            error = format!("{error:#}"),
            kind = job.kind.as_str(),
            attempt = job.attempt,
            "job failed"
        );
        let now = self.services.clock.now();
        let note = format!("could not finish the job: {error:#}");
        let is_last = match job.kind {
            // The run after the last failure posts the card. The command is parked only if that run fails too, and not
            // because the database is unavailable.
            JobKind::Command => {
                let is_transient = matches!(error.downcast_ref(), Some(StoreError::Unavailable(_)));
                retry::is_given_up(job) && !is_transient
            }
            _ => retry::is_last(job),
        };
        let given_up = if is_last { self.give_up_notice(job).await.ok() } else { None };
        let (end, notice) = match given_up {
            Some(notice) => {
                (End::Parked { note: format!("{note}; see the log, then retry the job") }, notice)
            }
            None => (retry::again(job, None, now, note), None),
        };
        for _ in 0..RECORD_ATTEMPTS {
            let step = Step::new(now, end.clone());
            let step = notice.iter().cloned().fold(step, Step::post);
            match self.services.store.record(job, step).await {
                Ok(successor) => return successor,
                Err(StoreError::LeaseLost { .. }) => return None,
                Err(error) => {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "could not record the failure of a job"
                    );
                }
            }
            tokio::time::timeout(PAUSE_AFTER_ERROR, std::future::pending::<()>()).await.ok();
        }
        None
    }
}
