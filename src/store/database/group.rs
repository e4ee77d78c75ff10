//! Many writes, one commit.
//!
//! A commit costs one wait for the disk, however much is in it. So one thread takes all the writes that have
//! arrived, runs them one after another in one transaction, commits, and only then answers each of them.
//!
//! What comes in from outside goes first, and as long as some of it waits, only a little else shares its commit:
//! whoever delivers is waiting for an answer, while work that has begun may take a moment longer. That little is
//! always taken, so that neither ever keeps the other from going on.
//!
//! A write that ends with an error of its own, such as [`StoreError::LeaseLost`], has looked before it changed
//! anything: it has changed nothing and harms no other. When the database fails, nothing of the group is kept, and
//! each write is run again
//! in a transaction of its own, so that one that cannot succeed does not take the others with it.

use std::collections::VecDeque;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::thread;

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::sqlite::SqliteTx;
use super::{Boxed, Tx};
use crate::store::hooks::name_of;
use crate::store::{CommitPoint, StoreError, TestHooks};

/// Writes that share a commit at most.
const LARGEST_GROUP: usize = 256;
/// Writes of other work that share a commit with what comes in.
const BESIDE_INTAKE: usize = 16;
/// Writes that may wait for the next commit before senders are made to wait themselves.
const WAITING_ROOM: usize = 1024;

/// The connection, handed from one transaction to the next. In a box, because it is handed on often.
pub(super) type Lent = Box<Connection>;

/// The thread that writes.
#[derive(Debug)]
pub(in crate::store) struct Writer {
    waiting: mpsc::Sender<Request>,
}

/// Where a write stands in line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// It comes in from outside: first.
    Intake,
    /// It is recorded in the course of work.
    Work,
}

enum Request {
    Write(Turn, Box<dyn Pending>),
    Close(oneshot::Sender<()>),
}

/// A write whose sender waits for the answer.
trait Pending: Send {
    /// Runs it; an error means that the database failed.
    fn run(&mut self, tx: &mut Tx) -> Result<(), StoreError>;
    /// What it is called.
    fn name(&self) -> &'static str;
    /// It is on the disk: answers with the result.
    fn committed(self: Box<Self>);
    /// It is not.
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
        // Nothing in a transaction on SQLite ever waits, so asking once is enough.
        let mut writing = pin!((self.write)(tx));
        let Poll::Ready(result) = writing.as_mut().poll(&mut Context::from_waker(Waker::noop())) else {
            unreachable!("a write waits for something else than the database");
        };
        match result {
            Err(error) if !error.is_of_one_write() => Err(error),
            result => {
                self.result = Some(result);
                Ok(())
            }
        }
    }

    fn name(&self) -> &'static str {
        name_of::<F>()
    }

    // Nobody listening any more is fine: what is written is written.
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
    pub(super) fn start(connection: Lent, hooks: TestHooks) -> Result<Self, StoreError> {
        let (waiting, arrivals) = mpsc::channel(WAITING_ROOM);
        thread::Builder::new()
            .name("steward-store".to_owned())
            .spawn(move || write_all(connection, arrivals, &hooks))
            .map_err(StoreError::unavailable)?;
        Ok(Self { waiting })
    }

    pub(super) async fn write<T, F>(&self, turn: Turn, write: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'t> Fn(&'t mut Tx) -> Boxed<'t, Result<T, StoreError>> + Send + Sync + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let pending = PendingWrite { write, result: None, reply };
        self.waiting.send(Request::Write(turn, Box::new(pending))).await.map_err(|_| StoreError::closed())?;
        answer.await.map_err(|_| StoreError::closed())?
    }

    /// Writes what is waiting and closes the connection.
    pub(super) async fn close(&self) {
        let (closed, wait) = oneshot::channel();
        if self.waiting.send(Request::Close(closed)).await.is_ok() {
            wait.await.ok();
        }
    }
}

fn write_all(connection: Lent, mut arrivals: mpsc::Receiver<Request>, hooks: &TestHooks) {
    let mut connection = Some(connection);
    let (mut line, mut group) = (Line::default(), Vec::with_capacity(LARGEST_GROUP));
    while line.fill(&mut arrivals) {
        line.next_group(&mut group);
        if !group.is_empty() {
            write_together(&mut connection, hooks, &mut group);
        }
        if line.is_empty() && !line.closing.is_empty() {
            drop(connection);
            for closed in line.closing {
                closed.send(()).ok();
            }
            return;
        }
    }
}

/// The writes that have arrived and stand in line.
#[derive(Default)]
struct Line {
    arrived: Vec<Request>,
    intake: VecDeque<Box<dyn Pending>>,
    work: VecDeque<Box<dyn Pending>>,
    closing: Vec<oneshot::Sender<()>>,
}

impl Line {
    fn is_empty(&self) -> bool {
        self.intake.is_empty() && self.work.is_empty()
    }

    /// Takes in what has arrived, and waits for something where nobody stands in line; false when nothing will
    /// come any more. As many as wait outside may wait in here.
    fn fill(&mut self, arrivals: &mut mpsc::Receiver<Request>) -> bool {
        if self.is_empty() && arrivals.blocking_recv_many(&mut self.arrived, WAITING_ROOM) == 0 {
            return false;
        }
        while self.intake.len() + self.work.len() + self.arrived.len() < WAITING_ROOM
            && let Ok(request) = arrivals.try_recv()
        {
            self.arrived.push(request);
        }
        for request in self.arrived.drain(..) {
            match request {
                Request::Write(Turn::Intake, pending) => self.intake.push_back(pending),
                Request::Write(Turn::Work, pending) => self.work.push_back(pending),
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

/// Why a group was not kept.
enum Failed {
    /// Nothing could be begun: it would be the same for each alone.
    All(StoreError),
    /// Something in it failed, or the commit did.
    Some(StoreError),
}

/// Empties the group: all in one commit, or each in its own where that fails.
fn write_together(connection: &mut Option<Lent>, hooks: &TestHooks, group: &mut Vec<Box<dyn Pending>>) {
    match attempt(connection, hooks, group) {
        Ok(()) => group.drain(..).for_each(Pending::committed),
        Err(Failed::Some(error)) if group.len() > 1 => {
            tracing::warn!(%error, writes = group.len(), "writes that shared a commit failed; trying each alone");
            for pending in group.drain(..) {
                let mut alone = vec![pending];
                match attempt(connection, hooks, &mut alone) {
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

/// Takes the connection for the time of one transaction.
fn attempt(lent: &mut Option<Lent>, hooks: &TestHooks, group: &mut [Box<dyn Pending>]) -> Result<(), Failed> {
    let connection = lent.take().ok_or_else(|| Failed::All(StoreError::closed()))?;
    let mut tx = match SqliteTx::begin(connection) {
        Ok(tx) => Tx::Sqlite(tx),
        Err((connection, error)) => {
            *lent = Some(connection);
            return Err(Failed::All(error));
        }
    };
    let run = group.iter_mut().try_for_each(|pending| {
        pending.run(&mut tx)?;
        hooks.call(CommitPoint::BeforeCommit, || pending.name())
    });
    let Tx::Sqlite(tx) = tx else { unreachable!("it was begun on SQLite") };
    let (connection, committed) = tx.end(run.is_ok());
    *lent = Some(connection);
    run.and(committed).map_err(Failed::Some)?;
    let told = group.iter().try_for_each(|pending| hooks.call(CommitPoint::AfterCommit, || pending.name()));
    told.map_err(Failed::Some)
}
