//! The audit log: append-only. Each entry is added in the transaction of the change that it describes.

use super::database::{Tx, json, values};
use super::{Store, StoreError};
use crate::domain::audit::AuditEntry;

impl Store {
    /// The oldest entries, at most `limit`.
    pub async fn audit_entries(&self, limit: u32) -> Result<Vec<AuditEntry>, StoreError> {
        let sql = "SELECT seq, entry FROM audit ORDER BY seq LIMIT $1";
        let rows = self.database.read(sql, values![limit]).await?;
        rows.iter()
            .map(|row| {
                let seq = row.number("seq")?.to_string();
                row.json("entry").map_err(|error| error.in_row("audit entry", &seq))
            })
            .collect()
    }
}

pub(super) async fn append(tx: &mut Tx, entry: &AuditEntry) -> Result<(), StoreError> {
    let sql = "INSERT INTO audit (at, event, command_id, actor_id, device_id, entry) VALUES ($1, $2, $3, $4, $5, $6)";
    let values = values![
        entry.at,
        entry.event.name(),
        entry.command_id.as_deref(),
        entry.actor.as_ref().map(|actor| actor.person_id.key()),
        entry.event.device_id().map(ToString::to_string),
        json("audit entry", entry.event.name(), entry)?,
    ];
    tx.execute(sql, values).await.map(|_| ())
}
