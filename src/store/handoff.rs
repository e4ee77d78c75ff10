//! Hands new work to the worker of the same process.
//!
//! A delivery that arrives while a slot is free is leased by the write that stores it and handed to the worker at once,
//! without a query. If no slot is free or the worker is not running, the delivery waits in the store, and the wake
//! signal makes the worker check the store.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, mpsc};

use crate::store::{LeasedJob, Owner};

/// Passes leased jobs to the worker of this process, one for each free slot.
#[derive(Debug)]
pub struct Handoff {
    owner: Owner,
    wake_signal: Notify,
    is_open: AtomicBool,
    slots: Arc<Semaphore>,
    handed_over: mpsc::UnboundedSender<Assigned>,
    arrivals: tokio::sync::Mutex<mpsc::UnboundedReceiver<Assigned>>,
}

/// Room in the worker for one job and the jobs that follow from it.
#[derive(Debug)]
pub struct Slot {
    permit: OwnedSemaphorePermit,
}

/// A job with its slot.
#[derive(Debug)]
pub(crate) struct Assigned {
    pub(crate) job: LeasedJob,
    pub(crate) slot: Slot,
}

impl Handoff {
    /// A handoff without slots, until the worker opens it.
    pub fn new(owner: Owner) -> Self {
        let (handed_over, arrivals) = mpsc::unbounded_channel();
        Self {
            owner,
            wake_signal: Notify::new(),
            is_open: AtomicBool::new(false),
            slots: Arc::new(Semaphore::new(0)),
            handed_over,
            arrivals: tokio::sync::Mutex::new(arrivals),
        }
    }

    /// The name under which this process leases jobs.
    pub fn owner(&self) -> &Owner {
        &self.owner
    }

    /// A slot, if one is free now.
    pub fn free_slot(&self) -> Option<Slot> {
        if !self.is_open.load(Ordering::Acquire) {
            return None;
        }
        let permit = self.slots.clone().try_acquire_owned().ok()?;
        Some(Slot { permit })
    }

    /// Hands a leased job to the worker. If the worker has just stopped, the job is released with the other jobs of the
    /// process.
    pub fn hand_over(&self, job: LeasedJob, slot: Slot) {
        self.handed_over.send(Assigned { job, slot }).ok();
    }

    /// Makes the worker check the store for jobs.
    pub fn wake(&self) {
        self.wake_signal.notify_one();
    }

    pub(crate) fn wake_signal(&self) -> &Notify {
        &self.wake_signal
    }

    /// Starts to offer this many slots.
    pub(crate) fn open(&self, slots: usize) {
        self.slots.add_permits(slots);
        self.is_open.store(true, Ordering::Release);
    }

    /// Stops offering slots and waits until all of them are free. Jobs that were handed over but not started are
    /// released with the other jobs of this process.
    pub(crate) async fn close(&self, slots: usize) {
        self.is_open.store(false, Ordering::Release);
        let all = u32::try_from(slots).unwrap_or(u32::MAX);
        let drained = async { while self.next_assigned().await.is_some() {} };
        tokio::select! {
            _ = self.slots.acquire_many(all) => {}
            () = drained => {}
        }
    }

    /// Waits for a free slot, then takes more slots if they are free, at most `most` in all.
    pub(crate) async fn free_slots(&self, most: usize) -> Vec<Slot> {
        let first = self.slots.clone().acquire_owned().await.ok().map(|permit| Slot { permit });
        first.into_iter().chain(std::iter::from_fn(|| self.free_slot())).take(most).collect()
    }

    pub(crate) async fn next_assigned(&self) -> Option<Assigned> {
        self.arrivals.lock().await.recv().await
    }
}

impl Slot {
    /// Holds the slot while `work` runs.
    pub(crate) async fn hold<T>(self, work: impl Future<Output = T>) -> T {
        let result = work.await;
        drop(self.permit);
        result
    }
}
