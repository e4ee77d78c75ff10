//! The admin credential: the sealed tokens of the Service App, and who may renew them just now.
//!
//! No transaction is open while Webex is asked. A process claims the renewal, asks, and keeps what came back.
//! The claim only saves calls; what makes it right is the generation: a pair is kept only if it was renewed
//! from the one that is there, so of two processes that both asked, the second finds out and takes the first
//! one's pair.

use std::sync::Arc;

use jiff::Timestamp;

use super::database::{Database, Row, Sql, values};
use super::{Owner, Store, StoreError, audit, lock};
use crate::domain::ClientId;
use crate::domain::audit::Entry;

/// What is kept of a credential.
#[derive(Debug, Clone, Default)]
pub struct StoredCredential {
    /// How many pairs were kept; 0 when none was.
    pub generation: i64,
    /// The pair, sealed.
    pub sealed: Option<Vec<u8>>,
    /// The refresh token of the settings has been used before.
    pub knows_seed: bool,
}

/// A wish to renew.
#[derive(Debug, Clone)]
pub struct RenewalClaim<'a> {
    /// What.
    pub client_id: &'a ClientId,
    /// Who.
    pub owner: &'a Owner,
    /// From which pair.
    pub generation: i64,
    /// The present moment.
    pub now: Timestamp,
    /// Until when nobody else is to renew.
    pub until: Timestamp,
}

/// A renewed pair to be kept.
#[derive(Debug, Clone)]
pub struct RenewedCredential {
    /// Whose.
    pub client_id: ClientId,
    /// The generation of the pair that it was renewed from.
    pub from: i64,
    /// The pair, sealed.
    pub sealed: Vec<u8>,
    /// The digest of the refresh token in the settings.
    pub seed: String,
    /// That it was renewed.
    pub entry: Entry,
}

const LOOK: &str = "SELECT generation, sealed,
                           (SELECT count(*) FROM credential_seeds AS seeds
                             WHERE seeds.client_id = credentials.client_id AND digest = $2) AS seeds
                      FROM credentials WHERE client_id = $1";

/// On PostgreSQL a claim waits here for a renewal that is being kept, and sees its generation.
const GENERATION: Sql = Sql {
    sqlite: "SELECT generation FROM credentials WHERE client_id = $1",
    postgres: "SELECT generation FROM credentials WHERE client_id = $1 FOR UPDATE",
};

impl Store {
    /// What is kept of a credential, for who has a refresh token with this digest.
    pub async fn credential(&self, client_id: &ClientId, seed: &str) -> Result<StoredCredential, StoreError> {
        let rows = self.database.read(LOOK, values![client_id.as_str(), seed]).await?;
        rows.first().map(stored).transpose().map(Option::unwrap_or_default)
    }

    /// What the database at this address keeps of a credential, without writing anything there, taking part in
    /// anything or bringing anything up to date. Nothing when there is no such database yet.
    pub async fn peek_at_credential(
        address: &str,
        client_id: &ClientId,
        seed: &str,
    ) -> Result<StoredCredential, StoreError> {
        let rows = Database::glance(address, LOOK, values![client_id.as_str(), seed]).await?;
        rows.first().map(stored).transpose().map(Option::unwrap_or_default)
    }

    /// Claims the renewal of a credential; false when another process has claimed it, or has renewed it since.
    pub async fn claim_renewal(&self, claim: &RenewalClaim<'_>) -> Result<bool, StoreError> {
        // The only process on its database need not wait for a claim: whoever made it has died.
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
        entry: Option<Entry>,
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

    /// Keeps a renewed pair; false, and nothing was changed, when a newer one is there.
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
