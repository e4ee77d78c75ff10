//! The audit log: only ever added to, in the transaction of what it tells of.

use sqlx::Row as _;

use super::{Store, StoreError, millis};
use crate::audit::Entry;

impl Store {
    /// The entries from the first on, at most `limit` of them.
    pub async fn audit_entries(&self, limit: u32) -> Result<Vec<Entry>, StoreError> {
        let rows = sqlx::query("SELECT seq, entry FROM audit ORDER BY seq LIMIT $1")
            .bind(limit)
            .fetch_all(&self.reader)
            .await?;
        rows.iter()
            .map(|row| {
                let (seq, entry): (i64, &str) = (row.try_get("seq")?, row.try_get("entry")?);
                serde_json::from_str(entry)
                    .map_err(|error| StoreError::corrupt("audit entry", &seq.to_string(), &error))
            })
            .collect()
    }
}

pub(super) async fn append(tx: &mut sqlx::SqliteConnection, entry: &Entry) -> Result<(), StoreError> {
    let text = serde_json::to_string(entry)
        .map_err(|error| StoreError::corrupt("audit entry", entry.event.name(), &error))?;
    sqlx::query(
        "INSERT INTO audit (at, event, command_id, actor_id, device_id, entry) VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(millis(entry.at))
    .bind(entry.event.name())
    .bind(entry.command_id.as_deref())
    .bind(entry.actor.as_ref().map(|actor| actor.person_id.key().to_owned()))
    .bind(entry.event.device_id().map(ToString::to_string))
    .bind(text)
    .execute(tx)
    .await?;
    Ok(())
}
