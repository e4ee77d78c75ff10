//! The settings of a Service App, and the sealed token pair that they open.

use super::error::CredentialError;
use super::pair::TokenPair;
use super::seal::{self, SealingKey};
use crate::domain::ClientId;
use crate::store::{Store, StoreError};
use crate::webex::{RefreshToken, ServiceApp};

/// The settings of a Service App.
#[derive(Debug, Clone)]
pub struct ServiceAppSettings {
    /// Its id and secret.
    pub app: ServiceApp,
    /// The refresh token from the settings, used once.
    pub seed: RefreshToken,
    /// Seals its tokens in the database.
    pub key: SealingKey,
}

impl ServiceAppSettings {
    pub(crate) fn client_id(&self) -> &ClientId {
        &self.app.client_id
    }

    pub(super) fn seed_digest(&self) -> String {
        seal::digest(self.client_id(), &self.seed)
    }

    /// The pair in the database at this address if it was renewed from this seed. Renews and writes nothing, so that
    /// `steward check` cannot use up a refresh token.
    pub(crate) async fn peek(&self, database_url: &str) -> Result<Option<TokenPair>, CredentialError> {
        let digest = self.seed_digest();
        let stored = Store::peek_at_credential(database_url, self.client_id(), &digest).await?;
        stored.sealed.filter(|_| stored.knows_seed).map(|sealed| self.open(&sealed)).transpose()
    }

    pub(super) fn open(&self, sealed: &[u8]) -> Result<TokenPair, CredentialError> {
        let plain = self.key.open(self.client_id(), sealed).ok_or(CredentialError::WrongKey)?;
        TokenPair::from_bytes(&plain).ok_or_else(|| {
            let what = "the admin credential: its content was not written by Steward".to_owned();
            CredentialError::Store(StoreError::Corrupt { what })
        })
    }
}
