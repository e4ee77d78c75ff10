//! Where new work is announced in the process.
//!
//! A delivery that comes in while there is a free place is handed over to the runner with the write that
//! stores it, so that nobody has to look for it. Where no place is free, or the runner is not at work, it
//! waits in the store, and the bell tells the runner to look there.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, mpsc};

use crate::store::{LeasedJob, Owner};

/// The reception of a process.
#[derive(Debug)]
pub struct Reception {
    owner: Owner,
    bell: Notify,
    is_open: AtomicBool,
    places: Arc<Semaphore>,
    handed_over: mpsc::UnboundedSender<Assigned>,
    arrivals: tokio::sync::Mutex<mpsc::UnboundedReceiver<Assigned>>,
}

/// A place at which one job, and those that follow from it, can be worked on.
#[derive(Debug)]
pub struct Place {
    permit: OwnedSemaphorePermit,
}

/// A job with its place.
#[derive(Debug)]
pub(crate) struct Assigned {
    pub(crate) job: LeasedJob,
    pub(crate) place: Place,
}

impl Reception {
    /// A reception without a place: the runner opens it.
    #[must_use]
    pub fn new(owner: Owner) -> Self {
        let (handed_over, arrivals) = mpsc::unbounded_channel();
        let (bell, places) = (Notify::new(), Arc::new(Semaphore::new(0)));
        let is_open = AtomicBool::new(false);
        Self { owner, bell, is_open, places, handed_over, arrivals: tokio::sync::Mutex::new(arrivals) }
    }

    /// The name under which this process takes jobs.
    #[must_use]
    pub fn owner(&self) -> &Owner {
        &self.owner
    }

    /// A place, if one is free now.
    #[must_use]
    pub fn free_place(&self) -> Option<Place> {
        if !self.is_open.load(Ordering::Acquire) {
            return None;
        }
        let permit = self.places.clone().try_acquire_owned().ok()?;
        Some(Place { permit })
    }

    /// Gives a job that is this process's to the runner. If the runner has just stopped, it gives everything
    /// of this process back, this too.
    pub fn hand_over(&self, job: LeasedJob, place: Place) {
        self.handed_over.send(Assigned { job, place }).ok();
    }

    /// Says that there may be something in the store.
    pub fn ring(&self) {
        self.bell.notify_one();
    }

    pub(crate) fn bell(&self) -> &Notify {
        &self.bell
    }

    /// Gives so many places from now on.
    pub(crate) fn open(&self, places: usize) {
        self.places.add_permits(places);
        self.is_open.store(true, Ordering::Release);
    }

    /// Gives no place any more, and waits until all so many are free. What was handed over and not begun is
    /// left to whoever gives the jobs of this process back.
    pub(crate) async fn close(&self, places: usize) {
        self.is_open.store(false, Ordering::Release);
        let all = u32::try_from(places).unwrap_or(u32::MAX);
        let drained = async { while self.next_handed_over().await.is_some() {} };
        tokio::select! {
            _ = self.places.acquire_many(all) => {}
            () = drained => {}
        }
    }

    /// Waits for a free place, then takes others that are free as well, up to so many.
    pub(crate) async fn free_places(&self, most: usize) -> Vec<Place> {
        let first = self.places.clone().acquire_owned().await.ok().map(|permit| Place { permit });
        first.into_iter().chain(std::iter::from_fn(|| self.free_place())).take(most).collect()
    }

    pub(crate) async fn next_handed_over(&self) -> Option<Assigned> {
        self.arrivals.lock().await.recv().await
    }
}

impl Place {
    /// Keeps the place for as long as this runs.
    pub(crate) async fn hold<T>(self, work: impl Future<Output = T>) -> T {
        let result = work.await;
        drop(self.permit);
        result
    }
}
