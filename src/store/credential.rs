//! The admin credential: the sealed tokens of the Service App, and the claim of the process that renews them.
//!
//! No transaction is open during a call to Webex. A process claims the renewal, renews, and stores the new pair. The
//! claim is a named lock that only saves calls. The generation guarantees correctness: a pair is stored only if it was
//! renewed from the stored one. If two processes renew at once, the second uses the pair of the first.

use std::sync::Arc;

use jiff::Timestamp;

use super::database::{Database, Row, Sql, values};
use super::{Owner, Store, StoreError, audit, lock};
use crate::domain::ClientId;
use crate::domain::audit::AuditEntry;

/// A credential as it is stored.
#[derive(Debug, Clone, Default)]
pub struct StoredCredential {
    /// The number of pairs stored so far.
    pub generation: i64,
    /// The sealed token pair.
    pub sealed: Option<Vec<u8>>,
    /// Whether the refresh token in the settings has been used before.
    pub knows_seed: bool,
}

/// A claim to renew a credential.
#[derive(Debug, Clone)]
pub struct RenewalClaim<'a> {
    /// The credential.
    pub client_id: &'a ClientId,
    /// The claiming process.
    pub owner: &'a Owner,
    /// The generation of the pair to renew.
    pub generation: i64,
    /// The current time.
    pub now: Timestamp,
    /// When the claim expires.
    pub until: Timestamp,
}

/// A renewed pair to be stored.
#[derive(Debug, Clone)]
pub struct RenewedCredential {
    /// The credential.
    pub client_id: ClientId,
    /// The generation of the pair that it was renewed from.
    pub from: i64,
    /// The sealed token pair.
    pub sealed: Vec<u8>,
    /// The digest of the refresh token in the settings.
    pub seed: String,
    /// The audit entry of the renewal.
    pub entry: AuditEntry,
}

const READ: &str = "SELECT generation, sealed,
                           (SELECT count(*) FROM credential_seeds AS seeds
                             WHERE seeds.client_id = credentials.client_id AND digest = $2) AS seeds
                      FROM credentials WHERE client_id = $1";

/// On PostgreSQL a claim waits here for a renewal that is being stored, and then sees its generation.
const GENERATION: Sql = Sql {
    sqlite: "SELECT generation FROM credentials WHERE client_id = $1",
    postgres: "SELECT generation FROM credentials WHERE client_id = $1 FOR UPDATE",
};

impl Store {
    /// The stored credential. `seed` is the digest of the refresh token in the settings.
    pub async fn credential(&self, client_id: &ClientId, seed: &str) -> Result<StoredCredential, StoreError> {
        let rows = self.database.read(READ, values![client_id.as_str(), seed]).await?;
        rows.first().map(stored).transpose().map(Option::unwrap_or_default)
    }

    /// Reads the credential from the database at this address without locking, creating or migrating it. Returns the
    /// default if there is no database or no credential yet.
    pub async fn peek_at_credential(
        address: &str,
        client_id: &ClientId,
        seed: &str,
    ) -> Result<StoredCredential, StoreError> {
        let rows = Database::peek(address, READ, values![client_id.as_str(), seed]).await?;
        rows.first().map(stored).transpose().map(Option::unwrap_or_default)
    }

    /// Claims the renewal of a credential; false if another process has claimed it or has renewed it since.
    pub async fn claim_renewal(&self, claim: &RenewalClaim<'_>) -> Result<bool, StoreError> {
        // With a single process, an existing claim is left over from a process that died.
        let now = if self.is_shared() { claim.now } else { Timestamp::MAX };
        let (until, generation) = (claim.until, claim.generation);
        let (client_id, owner) = (claim.client_id.clone(), claim.owner.clone());
        self.database
            .write(move |tx| {
                let (client_id, owner) = (client_id.clone(), owner.clone());
                Box::pin(async move {
                    let sql = "INSERT INTO credentials (client_id, generation) VALUES ($1, 0)
                               ON CONFLICT (client_id) DO NOTHING";
                    tx.execute(sql, values![client_id.as_str()]).await?;
                    let rows = tx.rows(GENERATION, values![client_id.as_str()]).await?;
                    let is_current = match rows.first() {
                        Some(row) => row.number("generation")? == generation,
                        None => false,
                    };
                    let lock = lock_name(&client_id);
                    Ok(is_current && lock::acquire(tx, &lock, owner.as_str(), now, until).await?)
                })
            })
            .await
    }

    /// Releases the claim of a renewal that failed, with an audit entry if there is one.
    pub async fn release_renewal(
        &self,
        client_id: &ClientId,
        owner: &Owner,
        entry: Option<AuditEntry>,
    ) -> Result<(), StoreError> {
        let (lock, owner, entry) = (lock_name(client_id), owner.clone(), Arc::new(entry));
        self.database
            .write(move |tx| {
                let (lock, owner, entry) = (lock.clone(), owner.clone(), entry.clone());
                Box::pin(async move {
                    lock::release(tx, &lock, owner.as_str()).await?;
                    match &*entry {
                        Some(entry) => audit::append(tx, entry).await,
                        None => Ok(()),
                    }
                })
            })
            .await
    }

    /// Stores a renewed pair. Returns false and changes nothing if a newer pair is stored.
    pub async fn keep_credential(&self, renewed: Arc<RenewedCredential>) -> Result<bool, StoreError> {
        self.database
            .write(move |tx| {
                let renewed = renewed.clone();
                Box::pin(async move {
                    let id = renewed.client_id.as_str();
                    let sql = "UPDATE credentials SET generation = $2 + 1, sealed = $3
                                WHERE client_id = $1 AND generation = $2";
                    let kept = tx.execute(sql, values![id, renewed.from, renewed.sealed.as_slice()]).await?;
                    if kept == 0 {
                        return Ok(false);
                    }
                    lock::remove(tx, &lock_name(&renewed.client_id)).await?;
                    let sql = "INSERT INTO credential_seeds (client_id, digest) VALUES ($1, $2)
                               ON CONFLICT (client_id, digest) DO NOTHING";
                    tx.execute(sql, values![id, renewed.seed.as_str()]).await?;
                    audit::append(tx, &renewed.entry).await?;
                    Ok(true)
                })
            })
            .await
    }
}

/// The named lock of a credential's renewal. The prefix is stored and must not change.
fn lock_name(client_id: &ClientId) -> String {
    format!("renewal:{client_id}")
}

fn stored(row: &Row) -> Result<StoredCredential, StoreError> {
    Ok(StoredCredential {
        generation: row.number("generation")?,
        sealed: row.optional_bytes("sealed")?,
        knows_seed: row.number("seeds")? > 0,
    })
}
