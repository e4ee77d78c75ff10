//! The one place that loops: take jobs, run each with those that follow from it, take the next.
//!
//! A job comes in one of two ways. Either it is handed over by whoever stored it ([`Reception`]), or it waits in
//! the store and is found there. What follows from a job and is due at once (the command of a message, the card
//! of a command) is run by the same task without being looked for.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use super::Ended;
use super::reception::{Place, Reception};
use crate::cards::{self, Notice};
use crate::desk::{self, Desk};
use crate::retry;
use crate::store::{Claimed, End, JobKind, NewMessage, OutgoingId, Step, StoreError};

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
    desk: Arc<Desk>,
    reception: Arc<Reception>,
}

impl Runner {
    /// A runner of what is announced at this reception.
    #[must_use]
    pub fn new(desk: Arc<Desk>, reception: Arc<Reception>) -> Self {
        Self { desk, reception }
    }

    /// Runs jobs, at most so many at once, until it is told to stop. What is under way then is finished, or
    /// given back to whoever comes next.
    pub async fn work(&self, places: usize, stop: &CancellationToken) {
        let listening = AbortOnDropHandle::new(tokio::spawn(self.clone().listen()));
        let mut tasks = JoinSet::new();
        self.reception.open(places);
        let (found, mut finds) = tokio::sync::mpsc::channel(1);
        let looking = AbortOnDropHandle::new(tokio::spawn({
            let (runner, stop) = (self.clone(), stop.clone());
            async move { runner.look_for_jobs(&stop, &found).await }
        }));
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                Some(assigned) = self.reception.next_handed_over() => {
                    tasks.spawn(self.clone().run_at(assigned.place, assigned.claimed));
                }
                Some(jobs) = finds.recv() => {
                    for (place, claimed) in jobs {
                        tasks.spawn(self.clone().run_at(place, claimed));
                    }
                }
                Some(_) = tasks.join_next() => {}
            }
        }
        // What was found and not begun keeps its places no longer.
        drop(finds);
        tokio::time::timeout(FAREWELL, self.reception.close(places)).await.ok();
        tasks.shutdown().await;
        drop((listening, looking));
        self.give_back().await;
    }

    async fn give_back(&self) {
        let releasing = self.desk.store.release(self.reception.owner(), self.desk.clock.now());
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
        found: &tokio::sync::mpsc::Sender<Vec<(Place, Claimed)>>,
    ) {
        loop {
            let places = self.reception.free_places(LARGEST_CATCH as usize).await;
            if stop.is_cancelled() {
                return;
            }
            let most = u32::try_from(places.len()).unwrap_or(LARGEST_CATCH);
            let owner = self.reception.owner();
            let sleep = match self.desk.store.claim(owner, self.desk.clock.now(), most).await {
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
                _ = tokio::time::timeout(sleep, self.reception.bell().notified()) => {}
            }
        }
    }

    async fn run_at(self, place: Place, claimed: Claimed) {
        place.hold(self.run_with_what_follows(claimed)).await;
    }

    async fn listen(self) {
        let mut attempts = tokio::time::interval(LONGEST_SLEEP);
        loop {
            attempts.tick().await;
            match self.desk.store.ring_for_new_jobs(self.reception.bell()).await {
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
        loop {
            let mut due = self.desk.store.claim(self.reception.owner(), self.desk.clock.now(), 1).await?;
            let Some(claimed) = due.pop() else { return Ok(runs) };
            runs += self.run_with_what_follows(claimed).await;
        }
    }

    /// Runs a job, then the one that follows from it, and so on; answers how many.
    async fn run_with_what_follows(&self, claimed: Claimed) -> usize {
        let (mut runs, mut next) = (0, Some(claimed));
        while let Some(claimed) = next {
            next = self.run_one(claimed).await;
            runs += 1;
        }
        runs
    }

    /// Runs one job; answers the one that follows from it and is ours.
    async fn run_one(&self, claimed: Claimed) -> Option<Claimed> {
        let claimed = Arc::new(claimed);
        let (desk, job) = (self.desk.clone(), claimed.clone());
        // A task of its own, so that a panic ends the run and not the worker.
        let run = AbortOnDropHandle::new(tokio::spawn(async move { super::run(&desk, &job).await }));
        let result: Result<Ended, _> = tokio::select! {
            result = run => result,
            () = self.until_the_lease_is_lost(&claimed) => Ok(Err(StoreError::LeaseLost { job: claimed.id() })),
        };
        match result {
            Ok(Ok(follows)) => {
                self.desk.metrics.job(claimed.kind.as_str(), "recorded");
                return follows;
            }
            Ok(Err(error @ StoreError::LeaseLost { .. })) => {
                self.desk.metrics.job(claimed.kind.as_str(), "lease lost");
                tracing::warn!(%error, kind = claimed.kind.as_str(), "somebody else has taken over");
            }
            Ok(Err(error)) => return self.failed(&claimed, &anyhow::Error::from(error)).await,
            Err(panic) => return self.failed(&claimed, &anyhow::Error::from(panic)).await,
        }
        None
    }

    /// Renews the lease as long as its job runs; returns when it belongs to somebody else.
    async fn until_the_lease_is_lost(&self, claimed: &Claimed) {
        let mut ticks = tokio::time::interval(RENEWAL);
        ticks.tick().await;
        loop {
            ticks.tick().await;
            match self.desk.store.renew(claimed, self.desk.clock.now()).await {
                Ok(true) => {}
                Ok(false) => return,
                Err(error) => {
                    tracing::error!(error = &error as &dyn std::error::Error, "a lease could not be renewed");
                }
            }
        }
    }

    /// What the requester hears of a command that is given up, where the command itself can be read.
    async fn told_of_giving_up(&self, claimed: &Claimed) -> Result<Option<NewMessage>, StoreError> {
        if claimed.kind != JobKind::Command {
            return Ok(None);
        }
        let accepted = match self.desk.store.command_of(claimed).await {
            Ok(record) => record.accepted.clone(),
            Err(error @ StoreError::Unavailable(_)) => return Err(error),
            Err(_) => return Ok(None),
        };
        let card = cards::render(&Notice::given_up());
        let id = OutgoingId::given_up(&accepted.id);
        Ok(Some(desk::message(id, &accepted.thread, &card, self.desk.clock.now())))
    }

    /// A run that could not even record how it ended. While the database cannot record this either, it is tried
    /// again, so that the job goes on when the database does; after that the lease ends it.
    async fn failed(&self, claimed: &Claimed, error: &anyhow::Error) -> Option<Claimed> {
        self.desk.metrics.job(claimed.kind.as_str(), "failed");
        tracing::error!(
            error = format!("{error:#}"),
            kind = claimed.kind.as_str(),
            attempt = claimed.attempt,
            "a job failed"
        );
        let now = self.desk.clock.now();
        let note = format!("the run failed: {error:#}");
        let is_last = match claimed.kind {
            // It has its card in the run after the last failure. Only if that fails too, and not because the database
            // is away, there is nothing else that could be done about it.
            JobKind::Command => {
                let may_pass = matches!(error.downcast_ref(), Some(StoreError::Unavailable(_)));
                retry::is_given_up(claimed) && !may_pass
            }
            _ => retry::is_last(claimed),
        };
        let given_up = if is_last { self.told_of_giving_up(claimed).await.ok() } else { None };
        let (end, told) = match given_up {
            Some(told) => (End::Parked { note }, told),
            None => (retry::again(claimed, None, now, note), None),
        };
        for _ in 0..TRIES_TO_RECORD_A_FAILURE {
            let step = Step::new(now, end.clone());
            let step = told.iter().cloned().fold(step, Step::post);
            match self.desk.store.record(claimed, step).await {
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
