//! Where new work is announced in the process.
//!
//! A delivery that comes in while there is a free slot is handed over to the runner with the write that
//! stores it, so that nobody has to look for it. Where no slot is free, or the runner is not at work, it
//! waits in the store, and the signal tells the runner to look there.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, mpsc};

use crate::store::{LeasedJob, Owner};

/// The handoff of a process.
#[derive(Debug)]
pub struct Handoff {
    owner: Owner,
    signal: Notify,
    is_open: AtomicBool,
    slots: Arc<Semaphore>,
    handed_over: mpsc::UnboundedSender<Assigned>,
    arrivals: tokio::sync::Mutex<mpsc::UnboundedReceiver<Assigned>>,
}

/// A slot at which one job, and those that follow from it, can be worked on.
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
    /// A handoff without a slot: the runner opens it.
    #[must_use]
    pub fn new(owner: Owner) -> Self {
        let (handed_over, arrivals) = mpsc::unbounded_channel();
        let (signal, slots) = (Notify::new(), Arc::new(Semaphore::new(0)));
        let is_open = AtomicBool::new(false);
        Self { owner, signal, is_open, slots, handed_over, arrivals: tokio::sync::Mutex::new(arrivals) }
    }

    /// The name under which this process takes jobs.
    #[must_use]
    pub fn owner(&self) -> &Owner {
        &self.owner
    }

    /// A slot, if one is free now.
    #[must_use]
    pub fn free_slot(&self) -> Option<Slot> {
        if !self.is_open.load(Ordering::Acquire) {
            return None;
        }
        let permit = self.slots.clone().try_acquire_owned().ok()?;
        Some(Slot { permit })
    }

    /// Gives a job that is this process's to the runner. If the runner has just stopped, it gives everything
    /// of this process back, this too.
    pub fn hand_over(&self, job: LeasedJob, slot: Slot) {
        self.handed_over.send(Assigned { job, slot }).ok();
    }

    /// Says that there may be something in the store.
    pub fn wake(&self) {
        self.signal.notify_one();
    }

    pub(crate) fn wake_signal(&self) -> &Notify {
        &self.signal
    }

    /// Gives so many slots from now on.
    pub(crate) fn open(&self, slots: usize) {
        self.slots.add_permits(slots);
        self.is_open.store(true, Ordering::Release);
    }

    /// Gives no slot any more, and waits until all so many are free. What was handed over and not begun is
    /// left to whoever gives the jobs of this process back.
    pub(crate) async fn close(&self, slots: usize) {
        self.is_open.store(false, Ordering::Release);
        let all = u32::try_from(slots).unwrap_or(u32::MAX);
        let drained = async { while self.next_assigned().await.is_some() {} };
        tokio::select! {
            _ = self.slots.acquire_many(all) => {}
            () = drained => {}
        }
    }

    /// Waits for a free slot, then takes others that are free as well, up to so many.
    pub(crate) async fn free_slots(&self, most: usize) -> Vec<Slot> {
        let first = self.slots.clone().acquire_owned().await.ok().map(|permit| Slot { permit });
        first.into_iter().chain(std::iter::from_fn(|| self.free_slot())).take(most).collect()
    }

    pub(crate) async fn next_assigned(&self) -> Option<Assigned> {
        self.arrivals.lock().await.recv().await
    }
}

impl Slot {
    /// Keeps the slot for as long as this runs.
    pub(crate) async fn hold<T>(self, work: impl Future<Output = T>) -> T {
        let result = work.await;
        drop(self.permit);
        result
    }
}
