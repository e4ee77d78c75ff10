//! Group commit: many writes, one commit.
//!
//! A commit costs one disk sync, regardless of its size. So one thread takes all writes that have arrived, runs them in
//! one transaction, commits, and only then answers their senders.
//!
//! Deliveries go first, because their sender waits for the acknowledgment and a job can wait a moment longer. While
//! deliveries are queued, only a few writes of jobs share their commit. Those few are always included, so neither kind
//! starves the other.
//!
//! A write that returns its own error, such as [`StoreError::LeaseLost`], has not changed anything yet and does not
//! affect the rest of the group. If the database fails, the whole group is rolled back and each write is retried in a
//! separate transaction. A write that cannot succeed then fails alone.

use std::collections::VecDeque;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::thread;

use tokio::sync::{mpsc, oneshot};

use super::sqlite_connection::{Lent, SqliteTx};
use super::sqlite_file::FileWatch;
use super::tx::{Boxed, Tx};
use crate::store::test_hooks::name_of;
use crate::store::{CommitPoint, StoreError, TestHooks};

/// The most writes that share a commit.
const LARGEST_GROUP: usize = 256;
/// The most writes of jobs that share a commit with deliveries.
const BESIDE_INTAKE: usize = 16;
/// The most writes queued for a commit; further senders wait until there is room.
const QUEUE_LENGTH: usize = 1024;

/// The handle of the thread that writes.
#[derive(Debug)]
pub(in crate::store) struct Writer {
    waiting: mpsc::Sender<Request>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Priority {
    /// Goes first: a sender outside Steward waits for the acknowledgment.
    Intake,
    /// The writes of jobs.
    Work,
}

enum Request {
    Write(Priority, Box<dyn Pending>),
    Close(oneshot::Sender<()>),
}

/// A write whose sender waits for the answer.
trait Pending: Send {
    /// An error means that the database failed.
    fn run(&mut self, tx: &mut Tx) -> Result<(), StoreError>;
    fn name(&self) -> &'static str;
    /// Answers with the result.
    fn committed(self: Box<Self>);
    fn failed(self: Box<Self>, error: StoreError);
}

struct PendingWrite<T, F> {
    write: F,
    result: Option<Result<T, StoreError>>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, F> Pending for PendingWrite<T, F>
where
    T: Send,
    F: for<'t> Fn(&'t mut Tx) -> Boxed<'t, Result<T, StoreError>> + Send + Sync,
{
    fn run(&mut self, tx: &mut Tx) -> Result<(), StoreError> {
        // Nothing in a SQLite transaction ever waits, so one poll is enough.
        let mut writing = pin!((self.write)(tx));
        let Poll::Ready(result) = writing.as_mut().poll(&mut Context::from_waker(Waker::noop())) else {
            unreachable!("a write awaited something other than the database");
        };
        match result {
            Err(error) if !error.is_refused_write() => Err(error),
            result => {
                self.result = Some(result);
                Ok(())
            }
        }
    }

    fn name(&self) -> &'static str {
        name_of::<F>()
    }

    // The sender may have stopped waiting; the write is committed all the same.
    fn committed(self: Box<Self>) {
        if let Some(result) = self.result {
            self.reply.send(result).ok();
        }
    }

    fn failed(self: Box<Self>, error: StoreError) {
        self.reply.send(Err(error)).ok();
    }
}

impl Writer {
    pub(super) fn start(
        connection: Lent,
        hooks: TestHooks,
        watch: Option<FileWatch>,
    ) -> Result<Self, StoreError> {
        let (waiting, arrivals) = mpsc::channel(QUEUE_LENGTH);
        let lent = LentOut { connection: Some(connection), hooks, watch };
        thread::Builder::new()
            .name("steward-store".to_owned())
            .spawn(move || write_all(lent, arrivals))
            .map_err(StoreError::unavailable)?;
        Ok(Self { waiting })
    }

    pub(super) async fn write<T, F>(&self, priority: Priority, write: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'t> Fn(&'t mut Tx) -> Boxed<'t, Result<T, StoreError>> + Send + Sync + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let pending = PendingWrite { write, result: None, reply };
        self.waiting
            .send(Request::Write(priority, Box::new(pending)))
            .await
            .map_err(|_| StoreError::closed())?;
        answer.await.map_err(|_| StoreError::closed())?
    }

    /// Writes the whole queue and closes the connection.
    pub(super) async fn close(&self) {
        let (closed, wait) = oneshot::channel();
        if self.waiting.send(Request::Close(closed)).await.is_ok() {
            wait.await.ok();
        }
    }
}

/// The connection, lent to one transaction after another, and what happens around each.
struct LentOut {
    connection: Option<Lent>,
    hooks: TestHooks,
    watch: Option<FileWatch>,
}

impl LentOut {
    /// Nothing may be acknowledged that was written to a file without a name. Checked after each commit: what was
    /// written before the loss was noticed is reported as failed.
    fn check_files(&mut self) -> Result<(), Failed> {
        self.watch.as_mut().map_or(Ok(()), FileWatch::check).map_err(Failed::All)
    }
}

fn write_all(mut lent: LentOut, mut arrivals: mpsc::Receiver<Request>) {
    let (mut queue, mut group) = (Queue::default(), Vec::with_capacity(LARGEST_GROUP));
    while queue.fill(&mut arrivals) {
        queue.next_group(&mut group);
        if !group.is_empty() {
            write_together(&mut lent, &mut group);
        }
        if queue.is_empty() && !queue.closing.is_empty() {
            drop(lent);
            for closed in queue.closing {
                closed.send(()).ok();
            }
            return;
        }
    }
}

/// The writes that have arrived, by priority.
#[derive(Default)]
struct Queue {
    arrived: Vec<Request>,
    intake: VecDeque<Box<dyn Pending>>,
    work: VecDeque<Box<dyn Pending>>,
    closing: Vec<oneshot::Sender<()>>,
}

impl Queue {
    fn is_empty(&self) -> bool {
        self.intake.is_empty() && self.work.is_empty()
    }

    /// Queues the writes that have arrived, and waits for one if the queue is empty; false when no more will come. The
    /// queue holds at most as many writes as the channel.
    fn fill(&mut self, arrivals: &mut mpsc::Receiver<Request>) -> bool {
        if self.is_empty() && arrivals.blocking_recv_many(&mut self.arrived, QUEUE_LENGTH) == 0 {
            return false;
        }
        while self.intake.len() + self.work.len() + self.arrived.len() < QUEUE_LENGTH
            && let Ok(request) = arrivals.try_recv()
        {
            self.arrived.push(request);
        }
        for request in self.arrived.drain(..) {
            match request {
                Request::Write(Priority::Intake, pending) => self.intake.push_back(pending),
                Request::Write(Priority::Work, pending) => self.work.push_back(pending),
                Request::Close(closed) => {
                    arrivals.close();
                    self.closing.push(closed);
                }
            }
        }
        true
    }

    /// The writes that share the next commit.
    fn next_group(&mut self, group: &mut Vec<Box<dyn Pending>>) {
        let intake = self.intake.len().min(LARGEST_GROUP - BESIDE_INTAKE);
        let beside = if intake == 0 { LARGEST_GROUP } else { BESIDE_INTAKE };
        group.extend(self.intake.drain(..intake));
        group.extend(self.work.drain(..self.work.len().min(beside)));
    }
}

/// The reason a group was rolled back.
enum Failed {
    /// No transaction could be started, so retrying each write alone would fail as well.
    All(StoreError),
    /// One of its writes failed, or the commit did.
    Some(StoreError),
}

/// Empties the group: commits all its writes at once or, if that fails, each in its own transaction.
fn write_together(lent: &mut LentOut, group: &mut Vec<Box<dyn Pending>>) {
    match attempt(lent, group) {
        Ok(()) => group.drain(..).for_each(Pending::committed),
        Err(Failed::Some(error)) if group.len() > 1 => {
            tracing::warn!(%error, writes = group.len(), "writes that shared a commit failed; retrying each alone");
            for pending in group.drain(..) {
                let mut alone = vec![pending];
                match attempt(lent, &mut alone) {
                    Ok(()) => alone.drain(..).for_each(Pending::committed),
                    Err(Failed::All(error) | Failed::Some(error)) => fail_all(&mut alone, &error),
                }
            }
        }
        Err(Failed::All(error) | Failed::Some(error)) => fail_all(group, &error),
    }
}

fn fail_all(group: &mut Vec<Box<dyn Pending>>, error: &StoreError) {
    group.drain(..).for_each(|pending| pending.failed(error.clone()));
}

/// Runs a group in one transaction, which borrows the connection.
fn attempt(lent: &mut LentOut, group: &mut [Box<dyn Pending>]) -> Result<(), Failed> {
    let connection = lent.connection.take().ok_or_else(|| Failed::All(StoreError::closed()))?;
    let mut tx = match SqliteTx::begin(connection) {
        Ok(tx) => Tx::Sqlite(tx),
        Err((connection, error)) => {
            lent.connection = Some(connection);
            return Err(Failed::All(error));
        }
    };
    let run = group.iter_mut().try_for_each(|pending| {
        pending.run(&mut tx)?;
        lent.hooks.call(CommitPoint::BeforeCommit, || pending.name())
    });
    let Tx::Sqlite(tx) = tx else { unreachable!("it was begun on SQLite") };
    let (connection, committed) = tx.end(run.is_ok());
    lent.connection = Some(connection);
    run.and(committed).map_err(Failed::Some)?;
    lent.check_files()?;
    let called =
        group.iter().try_for_each(|pending| lent.hooks.call(CommitPoint::AfterCommit, || pending.name()));
    called.map_err(Failed::Some)
}
