//! Named locks: work that only one process at a time may do.
//!
//! A lock expires, so that a dead process does not hold it forever. It is not a fence: an owner that outlives its lock
//! must be stopped by other means, such as the generation of a credential.

use jiff::Timestamp;

use super::database::{Tx, values};
use super::{Store, StoreError};

impl Store {
    /// Acquires or extends a lock; false while another owner holds it. The owner's name must be unique.
    pub async fn acquire_lock(
        &self,
        name: &'static str,
        owner: &str,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<bool, StoreError> {
        let owner = owner.to_owned();
        self.database
            .write(move |tx| {
                let owner = owner.clone();
                Box::pin(async move { acquire(tx, name, &owner, now, expires_at).await })
            })
            .await
    }

    /// Whether another owner holds a lock.
    pub(crate) async fn is_locked_by_another(
        &self,
        name: &'static str,
        owner: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let sql = "SELECT name FROM locks WHERE name = $1 AND owner <> $2 AND expires_at > $3";
        Ok(!self.database.read(sql, values![name, owner, now]).await?.is_empty())
    }

    /// Releases a lock, unless another owner holds it by now.
    pub async fn release_lock(&self, name: &'static str, owner: &str) -> Result<(), StoreError> {
        let owner = owner.to_owned();
        self.database
            .write(move |tx| {
                let owner = owner.clone();
                Box::pin(async move { release(tx, name, &owner).await })
            })
            .await
    }
}

/// Acquires or extends a lock. A lock that has expired at `now` is free.
pub(super) async fn acquire(
    tx: &mut Tx,
    name: &str,
    owner: &str,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<bool, StoreError> {
    let sql = "INSERT INTO locks (name, owner, expires_at) VALUES ($1, $2, $3)
               ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, expires_at = excluded.expires_at
                WHERE locks.owner = excluded.owner OR locks.expires_at <= $4";
    Ok(tx.execute(sql, values![name, owner, expires_at, now]).await? == 1)
}

pub(super) async fn release(tx: &mut Tx, name: &str, owner: &str) -> Result<(), StoreError> {
    let sql = "DELETE FROM locks WHERE name = $1 AND owner = $2";
    tx.execute(sql, values![name, owner]).await.map(|_| ())
}

/// Frees a lock, no matter who holds it.
pub(super) async fn remove(tx: &mut Tx, name: &str) -> Result<(), StoreError> {
    tx.execute("DELETE FROM locks WHERE name = $1", values![name]).await.map(|_| ())
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    #[tokio::test]
    async fn a_lock_has_one_owner_until_it_is_released_or_expires() {
        let directory = TempDir::new().unwrap();
        let address = format!("sqlite://{}", directory.path().join("steward.db").display());
        let store = Store::open(&address).await.unwrap();
        let at = |second: i64| Timestamp::from_second(second).unwrap();
        let acquire = async |owner: &str, now: i64| {
            store.acquire_lock("additions", owner, at(now), at(now + 90)).await.unwrap()
        };
        assert!(acquire("one", 0).await);
        assert!(!acquire("other", 89).await);
        let locked = async |owner: &str, now: i64| {
            store.is_locked_by_another("additions", owner, at(now)).await.unwrap()
        };
        assert!(locked("other", 89).await && !locked("one", 89).await && !locked("other", 90).await);
        assert!(acquire("one", 1).await, "its owner may extend it");
        store.release_lock("additions", "other").await.unwrap();
        assert!(!acquire("other", 90).await, "only its owner may release it");
        assert!(acquire("other", 91).await, "it has expired");
        store.release_lock("additions", "other").await.unwrap();
        assert!(acquire("one", 92).await);
        store.close().await;
    }
}
