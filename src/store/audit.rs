//! The audit log: only ever added to, in the transaction of what it tells of.

use super::database::{Tx, values};
use super::{Store, StoreError, millis};
use crate::domain::audit::AuditEntry;

impl Store {
    /// The entries from the first on, at most `limit` of them.
    pub async fn audit_entries(&self, limit: u32) -> Result<Vec<AuditEntry>, StoreError> {
        let rows =
            self.database.read("SELECT seq, entry FROM audit ORDER BY seq LIMIT $1", values![limit]).await?;
        rows.iter()
            .map(|row| {
                let (seq, entry) = (row.number("seq")?, row.text("entry")?);
                serde_json::from_str(&entry)
                    .map_err(|error| StoreError::corrupt("audit entry", &seq.to_string(), &error))
            })
            .collect()
    }
}

pub(super) async fn append(tx: &mut Tx, entry: &AuditEntry) -> Result<(), StoreError> {
    let text = serde_json::to_string(entry)
        .map_err(|error| StoreError::corrupt("audit entry", entry.event.name(), &error))?;
    tx.execute(
        "INSERT INTO audit (at, event, command_id, actor_id, device_id, entry) VALUES ($1, $2, $3, $4, $5, $6)",
        values![
            millis(entry.at),
            entry.event.name(),
            entry.command_id.as_deref(),
            entry.actor.as_ref().map(|actor| actor.person_id.key()),
            entry.event.device_id().map(ToString::to_string),
            text,
        ],
    )
    .await?;
    Ok(())
}
