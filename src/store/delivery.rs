//! Deliveries: stored verbatim before they are acknowledged.
//!
//! A delivery is a job of the kind [`JobKind::Delivery`] whose subject is (resource, event, data.id): Webex
//! gives its deliveries no id of their own, and the webhook's id is the same in all of them. The id of the object is
//! kept as its [`chronological_key`]: so two spellings of it are one, and each new delivery goes beside the last one
//! in the index that tells whether it was there before, however many there were.

use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use super::database::{Tx, values};
use super::job::{self, Added, Addition};
use super::{JobKind, LeasedJob, Owner, Store, StoreError, millis};
use crate::domain::id::chronological_key;
use crate::webex::event::WebhookEvent;

/// What makes two deliveries the same one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeliveryKey {
    /// A Webex event: `messages/created/1ea85a6fbc6da40.fbc6da40-85a6-11ea-999d-5d72f9a3d453`.
    Event(String),
    /// An event of which nothing comes. It is kept as done.
    Idle(String),
    /// A signed body that is no event, known by its digest. It is kept and parked, never worked on.
    Unreadable(String),
}

impl DeliveryKey {
    /// The key of a signed body: of the event in it, or of its bytes if it holds none.
    #[must_use]
    pub fn of_body(body: &[u8]) -> Self {
        let Some(envelope) = WebhookEvent::parse(body) else {
            return Self::Unreadable(format!("sha-256/{}", hex::encode(Sha256::digest(body))));
        };
        match Self::event(&envelope.resource, &envelope.event, &envelope.data.id) {
            Self::Event(subject) if envelope.can_be_ignored() => Self::Idle(subject),
            key => key,
        }
    }

    /// The key of an event.
    #[must_use]
    pub fn event(resource: &str, event: &str, object_id: &str) -> Self {
        Self::Event(format!("{resource}/{event}/{}", chronological_key(object_id)))
    }

    /// Whether a worker has something to do for it.
    #[must_use]
    pub fn is_work(&self) -> bool {
        matches!(self, Self::Event(_))
    }

    /// How it is stored.
    #[must_use]
    pub fn subject(&self) -> &str {
        match self {
            Self::Event(subject) | Self::Idle(subject) | Self::Unreadable(subject) => subject,
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
    /// Who understands it at once; nobody: it waits until somebody claims it.
    pub taker: Option<Owner>,
}

/// What became of storing a delivery.
#[derive(Debug)]
pub enum Recorded {
    /// It is new and the taker's.
    Taken(Box<LeasedJob>),
    /// It is new and waits.
    Waiting,
    /// It is kept and nothing comes of it.
    Idle,
    /// It is kept, and an operator may look at it: it is no event.
    Parked,
    /// It was there already.
    Duplicate,
}

impl Store {
    /// Stores a delivery; when this returns well, it is on the disk.
    pub async fn record_delivery(&self, delivery: NewDelivery) -> Result<Recorded, StoreError> {
        let delivery = Arc::new(delivery);
        self.database
            .write_first(move |tx| {
                let delivery = delivery.clone();
                Box::pin(async move {
                    match delivery.key {
                        DeliveryKey::Event(_) => insert(tx, &delivery).await,
                        DeliveryKey::Idle(_) => keep(tx, &delivery, IDLE).await,
                        DeliveryKey::Unreadable(_) => keep(tx, &delivery, NO_EVENT).await,
                    }
                })
            })
            .await
    }
}

async fn insert(tx: &mut Tx, delivery: &NewDelivery) -> Result<Recorded, StoreError> {
    let added = job::add(
        tx,
        &Addition {
            kind: JobKind::Delivery,
            subject: delivery.key.subject(),
            body: Some(&delivery.body),
            due_at: delivery.at,
            arrived_at: delivery.at,
            taker: delivery.taker.as_ref(),
        },
    )
    .await?;
    match added {
        Added::Taken(claimed) => Ok(Recorded::Taken(claimed)),
        Added::Waiting => tx.notify().await.map(|()| Recorded::Waiting),
        Added::Already => Ok(Recorded::Duplicate),
    }
}

/// How a delivery is kept that nobody works on: its state, a note for the operator, and what that is called.
type Kept = (&'static str, Option<&'static str>, Recorded);

const IDLE: Kept = ("done", None, Recorded::Idle);
const NO_EVENT: Kept =
    ("parked", Some("expected a Webex event as JSON, found something else"), Recorded::Parked);

async fn keep(
    tx: &mut Tx,
    delivery: &NewDelivery,
    (state, note, kept): Kept,
) -> Result<Recorded, StoreError> {
    let added = tx
        .execute(
            "INSERT INTO jobs (kind, subject, body, state, due_at, arrived_at, ended_at, note)
             VALUES ($1, $2, $3, $4, $5, $5, $5, $6) ON CONFLICT DO NOTHING",
            values![
                JobKind::Delivery.as_str(),
                delivery.key.subject(),
                delivery.body.as_slice(),
                state,
                millis(delivery.at),
                note,
            ],
        )
        .await?;
    Ok(if added == 1 { kept } else { Recorded::Duplicate })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delivery_is_identified_by_resource_event_and_object() {
        let first = br#"{"id":"wh-1","resource":"messages","event":"created","data":{"id":"m1","new":1}}"#;
        let second = br#"{"id":"wh-2","event":"created","data":{"id":"m1"},"resource":"messages"}"#;
        assert_eq!(DeliveryKey::of_body(first), DeliveryKey::of_body(second));
    }
}
