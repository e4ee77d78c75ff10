//! Messages that Webex never delivered and Steward found by itself.
//!
//! One becomes a delivery that is done, under the key that Webex's own would have, and the job to answer it. So a
//! delivery that comes after all is a duplicate, and a message that was delivered is not found again.

use jiff::Timestamp;

use super::database::{Tx, values};
use super::job::{self, NewJob};
use super::{CommandId, DeliveryKey, JobKind, StoreError, millis};
use crate::domain::MessageId;

/// Adds it, unless it is known.
pub(super) async fn insert(tx: &mut Tx, message: &MessageId, at: Timestamp) -> Result<(), StoreError> {
    // Its delivery may have been kept under another key, by a version before this one.
    let command = CommandId::of_message(message);
    let sql = "SELECT id FROM commands WHERE id = $1";
    if !tx.rows(sql, values![command.as_str()]).await?.is_empty() {
        return Ok(());
    }
    let key = DeliveryKey::event("messages", "created", message.as_str());
    let added = tx
        .execute(
            "INSERT INTO jobs (kind, subject, state, due_at, arrived_at, ended_at, note)
             VALUES ($1, $2, 'done', $3, $3, $3, 'found afterwards') ON CONFLICT DO NOTHING",
            values![JobKind::Delivery.as_str(), key.subject(), millis(at)],
        )
        .await?;
    if added == 1 {
        let subject = message.as_str().to_owned();
        job::insert(tx, &NewJob { kind: JobKind::FoundMessage, subject, due_at: at }, at).await?;
    }
    Ok(())
}
