//! Many writes, one commit.
//!
//! A commit costs one wait for the disk, however much is in it. So one task takes all the writes that have
//! arrived, runs them one after another in one transaction, commits, and only then answers each of them.
//!
//! A write that ends with an error of its own ([`StoreError::LeaseLost`], the only one) has changed nothing
//! and harms no other. When the database fails, nothing of the group is kept, and each write is run again
//! in a transaction of its own, so that one that cannot succeed does not take the others with it.

use std::sync::Arc;

use sqlx::sqlite::SqlitePool;
use tokio::sync::{mpsc, oneshot};

use super::{Boxed, Tx};
use crate::store::hooks::name_of;
use crate::store::{Hooks, Moment, StoreError};

/// Writes that share a commit at most.
const LARGEST_GROUP: usize = 256;
/// Writes that may wait for the next commit before senders are made to wait themselves.
const WAITING_ROOM: usize = 1024;

/// The task that writes.
#[derive(Debug)]
pub(in crate::store) struct Writer {
    waiting: mpsc::Sender<Box<dyn Pending>>,
}

/// A write whose sender waits for the answer.
trait Pending: Send {
    /// Runs it; an error means that the database failed.
    fn run<'t>(&'t mut self, tx: &'t mut Tx) -> Boxed<'t, Result<(), StoreError>>;
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
    fn run<'t>(&'t mut self, tx: &'t mut Tx) -> Boxed<'t, Result<(), StoreError>> {
        Box::pin(async move {
            match (self.write)(tx).await {
                Err(error) if !matches!(error, StoreError::LeaseLost { .. }) => Err(error),
                result => {
                    self.result = Some(result);
                    Ok(())
                }
            }
        })
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
    pub(super) fn start(pool: SqlitePool, hooks: Hooks) -> Self {
        let (waiting, mut arrivals) = mpsc::channel::<Box<dyn Pending>>(WAITING_ROOM);
        tokio::spawn(async move {
            let mut group = Vec::with_capacity(LARGEST_GROUP);
            while arrivals.recv_many(&mut group, LARGEST_GROUP).await > 0 {
                write_together(&pool, &hooks, &mut group).await;
            }
        });
        Self { waiting }
    }

    pub(super) async fn write<T, F>(&self, write: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'t> Fn(&'t mut Tx) -> Boxed<'t, Result<T, StoreError>> + Send + Sync + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let closed = || StoreError::Unavailable(Arc::new(sqlx::Error::PoolClosed));
        let pending = PendingWrite { write, result: None, reply };
        self.waiting.send(Box::new(pending)).await.map_err(|_| closed())?;
        answer.await.map_err(|_| closed())?
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
async fn write_together(pool: &SqlitePool, hooks: &Hooks, group: &mut Vec<Box<dyn Pending>>) {
    match attempt(pool, hooks, group).await {
        Ok(()) => group.drain(..).for_each(Pending::committed),
        Err(Failed::Some(error)) if group.len() > 1 => {
            tracing::warn!(%error, writes = group.len(), "writes that shared a commit failed; trying each alone");
            for pending in group.drain(..) {
                let mut alone = vec![pending];
                match attempt(pool, hooks, &mut alone).await {
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

async fn attempt(pool: &SqlitePool, hooks: &Hooks, group: &mut [Box<dyn Pending>]) -> Result<(), Failed> {
    let begun = pool.begin_with("BEGIN IMMEDIATE").await;
    let mut tx = Tx::Sqlite(begun.map_err(|error| Failed::All(error.into()))?);
    for pending in &mut *group {
        let run = pending.run(&mut tx).await;
        if let Err(error) = run.and_then(|()| hooks.call(Moment::BeforeCommit, pending.name())) {
            tx.roll_back().await;
            return Err(Failed::Some(error));
        }
    }
    tx.commit().await.map_err(Failed::Some)?;
    let told = group.iter().try_for_each(|pending| hooks.call(Moment::AfterCommit, pending.name()));
    told.map_err(Failed::Some)
}
