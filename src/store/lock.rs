//! Named locks: work that only one process at a time may do, and changes that only one command at a time may make.
//!
//! A lock expires, so that a dead process does not hold it forever. It is not a fence: an owner that outlives its lock
//! must be stopped by other means, such as the generation of a credential.

use jiff::{SignedDuration, Timestamp};

use super::database::{Tx, values};
use super::{CommandId, Store, StoreError};
use crate::domain::ChangeTarget;
use crate::domain::clock::CLOCK_TOLERANCE;

/// The beginning of the names of the locks of changes. Stored: it must not change.
const CHANGE: &str = "change of ";
/// The longest time until the lock of a change ends: a lease, and the difference between two clocks.
const LONGEST_CHANGE: SignedDuration = SignedDuration::from_mins(2);

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

    /// Whether another owner holds a lock that lasts at most this long: a wrong clock wrote one that lasts longer.
    pub(crate) async fn is_locked_by_another(
        &self,
        name: &'static str,
        owner: &str,
        now: Timestamp,
        longest: SignedDuration,
    ) -> Result<bool, StoreError> {
        let latest = latest_believable(now.saturating_add(longest).unwrap_or(now));
        let sql =
            "SELECT name FROM locks WHERE name = $1 AND owner <> $2 AND expires_at > $3 AND expires_at <= $4";
        Ok(!self.database.read(sql, values![name, owner, now, latest]).await?.is_empty())
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

impl Store {
    /// The command that is changing this target, if there is one.
    pub async fn command_changing(
        &self,
        target: &ChangeTarget,
        now: Timestamp,
    ) -> Result<Option<CommandId>, StoreError> {
        // A later end was stored by a wrong clock.
        let latest = now.saturating_add(LONGEST_CHANGE).unwrap_or(now);
        let sql = "SELECT owner FROM locks WHERE name = $1 AND expires_at > $2 AND expires_at <= $3";
        let rows = self.database.read(sql, values![change_of(target), now, latest]).await?;
        rows.first().map(|row| row.text("owner").map(|id| CommandId::from_stored(&id))).transpose()
    }
}

fn change_of(target: &ChangeTarget) -> String {
    format!("{CHANGE}{}", target.as_str())
}

/// Locks a target for the changes of a command. The lock lasts as long as the lease of the command's job, and is renewed
/// with it.
pub(super) async fn begin_change(
    tx: &mut Tx,
    target: &ChangeTarget,
    command: &CommandId,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<(), StoreError> {
    let name = change_of(target);
    if !acquire(tx, &name, command.as_str(), now, expires_at).await? {
        let rows = tx.rows("SELECT owner FROM locks WHERE name = $1", values![name]).await?;
        let holder = rows.first().map(|row| row.text("owner")).transpose()?;
        return Err(StoreError::TargetLocked {
            target: target.clone(),
            command: command.as_str().to_owned(),
            holder,
        });
    }
    Ok(())
}

/// Extends the locks of a command whose lease is renewed.
pub(super) async fn renew_changes(
    tx: &mut Tx,
    command: &str,
    expires_at: Timestamp,
) -> Result<(), StoreError> {
    let sql = "UPDATE locks SET expires_at = $1 WHERE owner = $2 AND name LIKE $3 AND expires_at < $1";
    tx.execute(sql, values![expires_at, command, format!("{CHANGE}%")]).await.map(|_| ())
}

/// Releases the targets of a command whose changes are settled.
pub(super) async fn end_changes(tx: &mut Tx, command: &CommandId) -> Result<(), StoreError> {
    let sql = "DELETE FROM locks WHERE owner = $1 AND name LIKE $2";
    tx.execute(sql, values![command.as_str(), format!("{CHANGE}%")]).await.map(|_| ())
}

/// Acquires or extends a lock. A lock that has expired at `now` is free, and so is one that would last longer than the
/// new one: a wrong clock wrote it.
pub(super) async fn acquire(
    tx: &mut Tx,
    name: &str,
    owner: &str,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<bool, StoreError> {
    let latest = latest_believable(expires_at);
    let sql = "INSERT INTO locks (name, owner, expires_at) VALUES ($1, $2, $3)
               ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, expires_at = excluded.expires_at
                WHERE locks.owner = excluded.owner OR locks.expires_at <= $4 OR locks.expires_at > $5";
    Ok(tx.execute(sql, values![name, owner, expires_at, now, latest]).await? == 1)
}

/// The latest end of a lock that another process, whose clock may differ a little, can have written.
fn latest_believable(expires_at: Timestamp) -> Timestamp {
    expires_at.saturating_add(CLOCK_TOLERANCE).unwrap_or(expires_at)
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
    use crate::domain::DeviceId;

    #[tokio::test]
    async fn a_device_is_changed_by_one_command_at_a_time() {
        let directory = TempDir::new().unwrap();
        let address = format!("sqlite://{}", directory.path().join("steward.db").display());
        let store = Store::open(&address).await.unwrap();
        let at = |second: i64| Timestamp::from_second(second).unwrap();
        let target = |last: u8| {
            let id = format!("11111111-2222-3333-4444-55555555555{last}");
            ChangeTarget::device(&DeviceId::parse(&id).unwrap())
        };
        let begin = async |command: &str, device: u8, now: i64| {
            let (command, target) = (CommandId::from_stored(command), target(device));
            let begun = store.database.write(move |tx| {
                let (command, target) = (command.clone(), target.clone());
                Box::pin(async move { begin_change(tx, &target, &command, at(now), at(now + 60)).await })
            });
            match begun.await {
                Ok(()) => "begun".to_owned(),
                Err(StoreError::TargetLocked { holder, .. }) => holder.unwrap(),
                Err(error) => panic!("{error}"),
            }
        };
        let holder = async |device: u8, now: i64| {
            let holder = store.command_changing(&target(device), at(now)).await.unwrap();
            holder.map(|id| id.as_str().to_owned())
        };
        assert_eq!(begin("one", 1, 0).await, "begun");
        assert_eq!(begin("other", 1, 59).await, "one");
        assert_eq!(begin("other", 2, 59).await, "begun", "another device");
        assert_eq!(begin("one", 1, 30).await, "begun", "it may go on");
        assert_eq!((holder(1, 89).await.as_deref(), holder(1, 90).await), (Some("one"), None));
        store
            .database
            .write(move |tx| Box::pin(async move { renew_changes(tx, "one", at(150)).await }))
            .await
            .unwrap();
        assert_eq!(begin("other", 1, 149).await, "one");
        assert_eq!(holder(1, 10).await, None, "so late an end was stored by a wrong clock");
        store
            .database
            .write(move |tx| Box::pin(async move { end_changes(tx, &CommandId::from_stored("one")).await }))
            .await
            .unwrap();
        assert_eq!(begin("other", 1, 149).await, "begun");
        assert_eq!(begin("one", 1, 209).await, "begun", "it has expired");
        store.close().await;
    }

    #[tokio::test]
    async fn a_lock_of_a_wrong_clock_is_free() {
        let directory = TempDir::new().unwrap();
        let address = format!("sqlite://{}", directory.path().join("steward.db").display());
        let store = Store::open(&address).await.unwrap();
        let at = |second: i64| Timestamp::from_second(second).unwrap();
        let acquire = async |owner: &str, now: i64| {
            store.acquire_lock("additions", owner, at(now), at(now + 90)).await.unwrap()
        };
        let locked = async |now: i64| {
            let longest = SignedDuration::from_secs(90);
            store.is_locked_by_another("additions", "other", at(now), longest).await.unwrap()
        };
        assert!(acquire("one", 1_000_000).await);
        assert!(locked(1_000_000 - 60).await && !locked(1_000_000 - 61).await && !locked(0).await);
        assert!(!acquire("other", 1_000_000 - 60).await, "the clocks of two processes may differ a little");
        assert!(acquire("other", 0).await);
        assert!(!acquire("one", 89).await);
        store.close().await;
    }

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
            let longest = SignedDuration::from_secs(90);
            store.is_locked_by_another("additions", owner, at(now), longest).await.unwrap()
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
