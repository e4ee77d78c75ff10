//! Deliveries: stored verbatim before they are acknowledged.
//!
//! A delivery is a job of the kind [`JobKind::Delivery`]. Its subject is (resource, event, data.id), because Webex's
//! deliveries have no unique id: the id of the webhook is the same in all of them. The id of the object is stored as
//! its [`chronological_key`]. So all spellings of an id are equal, and new deliveries land at the end of the index that
//! detects duplicates, which keeps inserts fast.

use std::sync::Arc;

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use super::database::{JOBS, Tx, values};
use super::job::{self, Added, JobRow, NewJob};
use super::{CommandId, JobKind, LeasedJob, Owner, Store, StoreError};
use crate::domain::MessageId;
use crate::domain::id::chronological_key;
use crate::webex::event::WebhookEvent;

/// Why a signed delivery that is not an event is parked.
pub const UNREADABLE: &str = "could not read the delivery: expected a Webex event as JSON, found something else; drop the job, or retry it after an \
     update of Steward";

/// The identity of a delivery: two deliveries with the same key are duplicates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeliveryKey {
    /// A Webex event: `messages/created/1ea85a6fbc6da40.fbc6da40-85a6-11ea-999d-5d72f9a3d453`.
    Event(String),
    /// An event that needs no work. Stored as done.
    Idle(String),
    /// A signed body that is not an event, identified by its digest. Stored as parked, never processed.
    Unreadable(String),
}

impl DeliveryKey {
    /// The key of a signed body: of the event in it, or of its bytes if it is not an event.
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
    pub fn event(resource: &str, event: &str, object_id: &str) -> Self {
        Self::Event(format!("{resource}/{event}/{}", chronological_key(object_id)))
    }

    /// Whether the delivery needs work.
    pub fn is_work(&self) -> bool {
        matches!(self, Self::Event(_))
    }

    /// The stored subject of a body that is not an event.
    pub fn unreadable(&self) -> Option<&str> {
        match self {
            Self::Unreadable(subject) => Some(subject),
            Self::Event(_) | Self::Idle(_) => None,
        }
    }

    /// The stored subject.
    pub fn subject(&self) -> &str {
        match self {
            Self::Event(subject) | Self::Idle(subject) | Self::Unreadable(subject) => subject,
        }
    }
}

/// A delivery to be stored.
#[derive(Debug, Clone)]
pub struct NewDelivery {
    /// The key.
    pub key: DeliveryKey,
    /// The body, byte for byte.
    pub body: Vec<u8>,
    /// When it arrived.
    pub at: Timestamp,
    /// The owner that processes the delivery at once; without one, the delivery waits until a process claims it.
    pub lease_to: Option<Owner>,
}

/// The result of storing a delivery.
#[derive(Debug)]
pub enum Recorded {
    /// It is new and leased.
    Leased(Box<LeasedJob>),
    /// It is new and waits to be claimed.
    Waiting,
    /// It is new and needs no work.
    Idle,
    /// It is new and not an event: parked for an operator.
    Parked,
    /// It was stored before.
    Duplicate,
}

impl Store {
    /// When the last delivery arrived, at any process.
    pub async fn last_delivery(&self) -> Result<Option<Timestamp>, StoreError> {
        // Deliveries are among the newest jobs, so this reads a few rows from the end of the primary key.
        let sql = "SELECT arrived_at FROM jobs WHERE kind = 'delivery' ORDER BY id DESC LIMIT 1";
        let rows = self.database.read(sql, values![]).await?;
        rows.first().map(|row| row.timestamp("arrived_at")).transpose()
    }

    /// Stores a delivery; `Ok` means that it is on the disk.
    pub async fn record_delivery(&self, delivery: NewDelivery) -> Result<Recorded, StoreError> {
        let delivery = Arc::new(delivery);
        self.database
            .write_first(move |tx| {
                let delivery = delivery.clone();
                Box::pin(async move {
                    match delivery.key {
                        DeliveryKey::Event(_) => insert(tx, &delivery).await,
                        DeliveryKey::Idle(_) => insert_closed(tx, &delivery, IDLE).await,
                        DeliveryKey::Unreadable(_) => insert_closed(tx, &delivery, NO_EVENT).await,
                    }
                })
            })
            .await
    }
}

async fn insert(tx: &mut Tx, delivery: &NewDelivery) -> Result<Recorded, StoreError> {
    let new = JobRow {
        kind: JobKind::Delivery,
        subject: delivery.key.subject(),
        body: Some(&delivery.body),
        due_at: delivery.at,
        arrived_at: delivery.at,
        lease_to: delivery.lease_to.as_ref(),
    };
    match job::add(tx, &new).await? {
        Added::Leased(job) => Ok(Recorded::Leased(job)),
        Added::Waiting => tx.notify(JOBS).await.map(|()| Recorded::Waiting),
        Added::Existing => Ok(Recorded::Duplicate),
    }
}

/// A delivery that needs no work: its state, a note for the operator, and the result of storing it.
type Closed = (&'static str, Option<&'static str>, Recorded);

const IDLE: Closed = ("done", None, Recorded::Idle);
const NO_EVENT: Closed = ("parked", Some(UNREADABLE), Recorded::Parked);

async fn insert_closed(
    tx: &mut Tx,
    delivery: &NewDelivery,
    (state, note, recorded): Closed,
) -> Result<Recorded, StoreError> {
    let sql = "INSERT INTO jobs (kind, subject, body, state, due_at, arrived_at, ended_at, note)
             VALUES ($1, $2, $3, $4, $5, $5, $5, $6) ON CONFLICT DO NOTHING";
    let values = values![
        JobKind::Delivery.as_str(),
        delivery.key.subject(),
        delivery.body.as_slice(),
        state,
        delivery.at,
        note,
    ];
    let added = tx.execute(sql, values).await?;
    Ok(if added == 1 { recorded } else { Recorded::Duplicate })
}

impl Store {
    /// Those of these messages that are not on record: neither delivered, nor found before.
    pub async fn never_delivered(&self, messages: Vec<MessageId>) -> Result<Vec<MessageId>, StoreError> {
        let mut unknown = Vec::new();
        for message in messages {
            let sql = "SELECT 1 AS known FROM commands WHERE id = $1
                       UNION ALL SELECT 1 AS known FROM jobs WHERE kind = $2 AND subject = $3";
            let command = CommandId::of_message(&message);
            let key = DeliveryKey::event("messages", "created", message.as_str());
            let values = values![command.as_str(), JobKind::Delivery.as_str(), key.subject()];
            if self.database.read(sql, values).await?.is_empty() {
                unknown.push(message);
            }
        }
        Ok(unknown)
    }
}

/// Adds a message that the catch-up found, unless it is already known. Adds two rows: a finished delivery under the key
/// that Webex's own delivery would have, and the job that answers the message, if it gets an answer of its own. So a delivery that arrives later is a
/// duplicate, and a delivered message is not answered twice.
pub(super) async fn insert_found(
    tx: &mut Tx,
    message: &MessageId,
    is_answered: bool,
    at: Timestamp,
) -> Result<(), StoreError> {
    // An older version may have stored its delivery under another key.
    let command = CommandId::of_message(message);
    let sql = "SELECT id FROM commands WHERE id = $1";
    if !tx.rows(sql, values![command.as_str()]).await?.is_empty() {
        return Ok(());
    }
    let key = DeliveryKey::event("messages", "created", message.as_str());
    let sql = "INSERT INTO jobs (kind, subject, state, due_at, arrived_at, ended_at, note)
               VALUES ($1, $2, 'done', $3, $3, $3, 'found afterwards') ON CONFLICT DO NOTHING";
    if tx.execute(sql, values![JobKind::Delivery.as_str(), key.subject(), at]).await? == 1 && is_answered {
        let subject = message.as_str().to_owned();
        job::insert(tx, &NewJob { kind: JobKind::FoundMessage, subject, due_at: at }, at).await?;
    }
    Ok(())
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
