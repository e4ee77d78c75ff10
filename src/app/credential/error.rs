//! What keeps a token from being there.

use crate::store::StoreError;
use crate::webex::WebexError;

/// Why the credential cannot be read from the database.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CredentialError {
    /// It was sealed with another key, or was changed since.
    #[error(
        "STEWARD_ENCRYPTION_KEY is wrong: expected the key that the tokens in the database were sealed with, \
         found another; set that key again, or issue new tokens for the Service App and set \
         STEWARD_SERVICE_APP_REFRESH_TOKEN to the new refresh token"
    )]
    Sealed,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why there is no other token just now.
#[derive(Debug, Clone, thiserror::Error)]
pub(super) enum Obstacle {
    /// Webex refuses to renew.
    #[error(
        "Webex refuses to renew the tokens of the Service App ({status}); check its client id and client secret, \
         or issue new tokens on its page (developer.webex.com, Org Authorizations) and set \
         STEWARD_SERVICE_APP_REFRESH_TOKEN to the new refresh token"
    )]
    Refused { status: u16 },
    /// Webex rejects what it has just given.
    #[error("Webex rejects an access token that it gave less than a minute ago")]
    Young,
    /// Webex did not do it this time.
    #[error("the tokens of the Service App could not be renewed: {0}")]
    NotRenewed(String),
    /// Somebody else does it.
    #[error("another process renews the tokens of the Service App just now")]
    Elsewhere,
    /// It was done, and the database has not taken it yet.
    #[error("the renewed tokens of the Service App are not in the database yet: {0}")]
    NotKept(String),
    /// What is in the database cannot be had.
    #[error(transparent)]
    Credential(#[from] CredentialError),
}

impl From<StoreError> for Obstacle {
    fn from(error: StoreError) -> Self {
        Self::Credential(error.into())
    }
}

impl From<Obstacle> for WebexError {
    fn from(obstacle: Obstacle) -> Self {
        let is_refused = matches!(obstacle, Obstacle::Refused { .. } | Obstacle::Young);
        Self::NoToken { is_refused, why: obstacle.to_string() }
    }
}
