//! The admin credential: the sealed tokens of the Service App, and who may renew them just now.
//!
//! No transaction is open while Webex is asked. A process claims the renewal, asks, and keeps what came back.
//! The claim only saves calls; what makes it right is the generation: a pair is kept only if it was renewed
//! from the one that is there, so of two processes that both asked, the second finds out and takes the first
//! one's pair.

use std::sync::Arc;

use jiff::Timestamp;

use super::database::{Database, Row, Value, values};
use super::{Owner, Store, StoreError, audit, millis};
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

    /// Claims a renewal; false when somebody else has, or when the pair was renewed in the meantime.
    pub async fn claim_renewal(&self, claim: &RenewalClaim<'_>) -> Result<bool, StoreError> {
        // Where this is the one process, whoever else has claimed it has died.
        let ended = if self.is_shared() { millis(claim.now) } else { i64::MAX };
        let id = claim.client_id.as_str();
        let values: Vec<Value> =
            values![id, claim.owner.as_str(), millis(claim.until), claim.generation, ended];
        let new = values![id];
        self.database
            .write(move |tx| {
                let (values, new) = (values.clone(), new.clone());
                Box::pin(async move {
                    let sql = "INSERT INTO credentials (client_id, generation) VALUES ($1, 0)
                               ON CONFLICT (client_id) DO NOTHING";
                    tx.execute(sql, new).await?;
                    let sql = "UPDATE credentials SET claimed_by = $2, claimed_until = $3
                                WHERE client_id = $1 AND generation = $4
                                  AND (claimed_by IS NULL OR claimed_by = $2 OR claimed_until <= $5)";
                    Ok(tx.execute(sql, values).await? == 1)
                })
            })
            .await
    }

    /// Gives a claim back after a renewal that came to nothing, with an entry where there is something to tell.
    pub async fn release_renewal(
        &self,
        client_id: &ClientId,
        owner: &Owner,
        entry: Option<Entry>,
    ) -> Result<(), StoreError> {
        let (values, entry) = (values![client_id.as_str(), owner.as_str()], Arc::new(entry));
        self.database
            .write(move |tx| {
                let (values, entry) = (values.clone(), entry.clone());
                Box::pin(async move {
                    let sql = "UPDATE credentials SET claimed_by = NULL, claimed_until = NULL
                                WHERE client_id = $1 AND claimed_by = $2";
                    tx.execute(sql, values).await?;
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
                    let sql = "UPDATE credentials
                                  SET generation = $2 + 1, sealed = $3, claimed_by = NULL, claimed_until = NULL
                                WHERE client_id = $1 AND generation = $2";
                    let kept = tx.execute(sql, values![id, renewed.from, renewed.sealed.as_slice()]).await?;
                    if kept == 0 {
                        return Ok(false);
                    }
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

fn stored(row: &Row) -> Result<StoredCredential, StoreError> {
    Ok(StoredCredential {
        generation: row.number("generation")?,
        sealed: row.optional_bytes("sealed")?,
        knows_seed: row.number("seeds")? > 0,
    })
}
