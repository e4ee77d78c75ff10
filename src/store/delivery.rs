//! Deliveries: stored verbatim before they are acknowledged, many in one commit.
//!
//! A delivery is a job of the kind [`JobKind::Delivery`] whose subject is (resource, event, data.id): Webex
//! gives its deliveries no id of their own, and the webhook's id is the same in all of them.

use sha2::{Digest as _, Sha256};
use sqlx::sqlite::SqlitePool;
use sqlx::{QueryBuilder, Sqlite};
use tokio::sync::{mpsc, oneshot};

use super::{JobKind, Store, StoreError, millis};

/// Deliveries that share a commit at most; five values each must stay under `SQLite`'s limit of parameters.
const LARGEST_GROUP: usize = 256;
/// Deliveries that may wait for the next commit before senders are made to wait themselves.
const WAITING_ROOM: usize = 4096;

/// What makes two deliveries the same one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeliveryKey {
    /// A Webex event: `messages/created/Y2lz…`.
    Event(String),
    /// A signed body that is no event, known by its digest. It is kept and parked, never worked on.
    Unreadable(String),
}

impl DeliveryKey {
    /// The key of an event.
    #[must_use]
    pub fn event(resource: &str, event: &str, object_id: &str) -> Self {
        Self::Event(format!("{resource}/{event}/{object_id}"))
    }

    /// The key of a body that is no event.
    #[must_use]
    pub fn unreadable(body: &[u8]) -> Self {
        Self::Unreadable(format!("sha-256/{}", hex::encode(Sha256::digest(body))))
    }

    fn subject(&self) -> &str {
        match self {
            Self::Event(subject) | Self::Unreadable(subject) => subject,
        }
    }
}

/// A delivery to be stored.
#[derive(Debug, Clone)]
pub struct NewDelivery {
    /// What it is known by.
    pub key: DeliveryKey,
    /// The body, byte for byte.
    pub body: Vec<u8>,
    /// When it came in.
    pub at: jiff::Timestamp,
}

/// What became of storing a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recorded {
    /// It is new, and there is work to do.
    New,
    /// It was there already.
    Duplicate,
}

type Reply = oneshot::Sender<Result<Recorded, StoreError>>;

/// The task that commits deliveries in groups.
#[derive(Debug)]
pub(super) struct GroupCommit {
    waiting: mpsc::Sender<(NewDelivery, Reply)>,
}

impl GroupCommit {
    pub(super) fn start(writer: SqlitePool) -> Self {
        let (waiting, mut arrivals) = mpsc::channel::<(NewDelivery, Reply)>(WAITING_ROOM);
        tokio::spawn(async move {
            let mut group = Vec::with_capacity(LARGEST_GROUP);
            while arrivals.recv_many(&mut group, LARGEST_GROUP).await > 0 {
                let (deliveries, replies): (Vec<_>, Vec<_>) = group.drain(..).unzip();
                answer(replies, insert(&writer, &deliveries).await);
            }
        });
        Self { waiting }
    }
}

/// Nobody listening any more is fine: the sender hung up, and the delivery is stored all the same.
fn answer(replies: Vec<Reply>, result: Result<Vec<Recorded>, sqlx::Error>) {
    match result {
        Ok(recorded) => {
            for (reply, recorded) in replies.into_iter().zip(recorded) {
                reply.send(Ok(recorded)).ok();
            }
        }
        Err(error) => {
            let error = std::sync::Arc::new(error);
            for reply in replies {
                reply
                    .send(Err(StoreError::Unavailable(sqlx::Error::Io(std::io::Error::other(error.clone())))))
                    .ok();
            }
        }
    }
}

async fn insert(writer: &SqlitePool, deliveries: &[NewDelivery]) -> Result<Vec<Recorded>, sqlx::Error> {
    let mut query: QueryBuilder<Sqlite> =
        QueryBuilder::new("INSERT INTO jobs (kind, subject, body, state, due_at, arrived_at, note) ");
    query.push_values(deliveries, |mut row, delivery| {
        let (state, note) = match delivery.key {
            DeliveryKey::Event(_) => ("waiting", None),
            DeliveryKey::Unreadable(_) => {
                ("parked", Some("expected a Webex event as JSON, found something else"))
            }
        };
        row.push_bind(JobKind::Delivery.as_str())
            .push_bind(delivery.key.subject())
            .push_bind(&delivery.body)
            .push_bind(state)
            .push_bind(millis(delivery.at))
            .push_bind(millis(delivery.at))
            .push_bind(note);
    });
    query.push(" ON CONFLICT (kind, subject) DO NOTHING RETURNING subject");
    let mut tx = writer.begin_with("BEGIN IMMEDIATE").await?;
    let mut new: std::collections::HashSet<String> =
        query.build_query_scalar().fetch_all(&mut *tx).await?.into_iter().collect();
    tx.commit().await?;
    Ok(deliveries
        .iter()
        .map(|delivery| if new.remove(delivery.key.subject()) { Recorded::New } else { Recorded::Duplicate })
        .collect())
}

impl Store {
    /// Stores a delivery; when this returns well, it is on the disk.
    pub async fn record_delivery(&self, delivery: NewDelivery) -> Result<Recorded, StoreError> {
        let (reply, answer) = oneshot::channel();
        let closed = || StoreError::Unavailable(sqlx::Error::PoolClosed);
        self.deliveries.waiting.send((delivery, reply)).await.map_err(|_| closed())?;
        answer.await.map_err(|_| closed())?
    }
}
