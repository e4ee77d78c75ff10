//! Pauses: until when Webex has asked all calls with a credential to wait.

use jiff::Timestamp;
use tokio::sync::Notify;

use super::database::{PAUSES, values};
use super::{Store, StoreError, millis, moment};

impl Store {
    /// The last pause of each credential, by its stored name. It may be over.
    pub async fn pauses(&self) -> Result<Vec<(String, Timestamp)>, StoreError> {
        let rows = self.database.read("SELECT credential, ends_at FROM pauses", values![]).await?;
        rows.iter().map(|row| Ok((row.text("credential")?, moment(row.number("ends_at")?)))).collect()
    }

    /// Records that a credential pauses until then, unless a longer pause is recorded, and tells the other processes.
    pub async fn record_pause(&self, credential: &'static str, until: Timestamp) -> Result<(), StoreError> {
        self.database
            .write(move |tx| {
                Box::pin(async move {
                    let sql = "INSERT INTO pauses (credential, ends_at) VALUES ($1, $2)
                               ON CONFLICT (credential) DO UPDATE SET ends_at = excluded.ends_at
                                WHERE pauses.ends_at < excluded.ends_at";
                    match tx.execute(sql, values![credential, millis(until)]).await? {
                        0 => Ok(()),
                        _ => tx.notify_on(PAUSES).await,
                    }
                })
            })
            .await
    }

    /// Rings this bell whenever another process has recorded a pause; returns only when the database is closed.
    /// Where no other process can, it returns at once.
    pub async fn wake_on_pauses_of_others(&self, bell: &Notify) -> Result<(), StoreError> {
        self.database.ring_when_notified_on(PAUSES, bell).await
    }
}
