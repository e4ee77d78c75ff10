//! Turns: what one process at a time may do, with whatever job.

use jiff::Timestamp;

use super::database::values;
use super::{Store, StoreError, millis};

impl Store {
    /// Takes the turn with this name, for at most so long; false while it is somebody else's. Who takes it has a name
    /// that nobody else has, and may take it again.
    pub async fn acquire_lock(
        &self,
        name: &'static str,
        owner: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<bool, StoreError> {
        let sql = "INSERT INTO turns (name, owner, ends_at) VALUES ($1, $2, $3)
                   ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, ends_at = excluded.ends_at
                    WHERE turns.owner = excluded.owner OR turns.ends_at <= $4";
        let values = values![name, owner, millis(until), millis(now)];
        Ok(self.change(sql, values).await? == 1)
    }

    /// Gives it back, unless it is somebody else's by now.
    pub async fn release_lock(&self, name: &'static str, owner: &str) -> Result<(), StoreError> {
        self.change("DELETE FROM turns WHERE name = $1 AND owner = $2", values![name, owner])
            .await
            .map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    #[tokio::test]
    async fn a_turn_is_one_owners_until_it_is_given_back_or_its_time_is_over() {
        let directory = TempDir::new().unwrap();
        let address = format!("sqlite://{}", directory.path().join("steward.db").display());
        let store = Store::open(&address).await.unwrap();
        let at = |second: i64| Timestamp::from_second(second).unwrap();
        let take = async |owner: &str, now: i64| {
            store.acquire_lock("additions", owner, at(now), at(now + 90)).await.unwrap()
        };
        assert!(take("one", 0).await);
        assert!(!take("other", 89).await);
        assert!(take("one", 1).await, "it is its own already");
        store.release_lock("additions", "other").await.unwrap();
        assert!(!take("other", 90).await, "it is not the other's to give back");
        assert!(take("other", 91).await, "its time is over");
        store.release_lock("additions", "other").await.unwrap();
        assert!(take("one", 92).await);
        store.close().await;
    }
}
