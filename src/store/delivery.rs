//! Deliveries: stored verbatim before they are acknowledged.
//!
//! A delivery is a job of the kind [`JobKind::Delivery`] whose subject is (resource, event, data.id): Webex
//! gives its deliveries no id of their own, and the webhook's id is the same in all of them.

use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use super::database::{Tx, values};
use super::{JobKind, Store, StoreError, millis};

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

    pub(super) fn subject(&self) -> &str {
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

impl Store {
    /// Stores a delivery; when this returns well, it is on the disk.
    pub async fn record_delivery(&self, delivery: NewDelivery) -> Result<Recorded, StoreError> {
        let delivery = Arc::new(delivery);
        let new = self
            .database
            .write(move |tx| {
                let delivery = delivery.clone();
                Box::pin(async move { insert(tx, &delivery).await })
            })
            .await?;
        Ok(if new { Recorded::New } else { Recorded::Duplicate })
    }
}

async fn insert(tx: &mut Tx, delivery: &NewDelivery) -> Result<bool, StoreError> {
    let (state, note) = match delivery.key {
        DeliveryKey::Event(_) => ("waiting", None),
        DeliveryKey::Unreadable(_) => {
            ("parked", Some("expected a Webex event as JSON, found something else"))
        }
    };
    let added = tx
        .execute(
            "INSERT INTO jobs (kind, subject, body, state, due_at, arrived_at, note)
             VALUES ($1, $2, $3, $4, $5, $5, $6) ON CONFLICT (kind, subject) DO NOTHING",
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
    if added == 1 {
        tx.notify().await?;
    }
    Ok(added == 1)
}
