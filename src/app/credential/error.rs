//! Errors of the admin credential.

use crate::store::StoreError;
use crate::webex::WebexError;

/// The credential cannot be read from the database.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CredentialError {
    #[error(
        "STEWARD_ENCRYPTION_KEY is wrong: the tokens in the database were sealed with another key; set that key \
         again, or issue new tokens for the Service App and set STEWARD_SERVICE_APP_REFRESH_TOKEN to the new refresh \
         token"
    )]
    WrongKey,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The reason why there is no new token yet.
#[derive(Debug, Clone, thiserror::Error)]
pub(super) enum RenewalError {
    #[error(
        "Webex refused to renew the tokens of the Service App ({status}); check its client id and client secret, or \
         issue new tokens on its page (developer.webex.com, Org Authorizations) and set \
         STEWARD_SERVICE_APP_REFRESH_TOKEN to the new refresh token"
    )]
    Refused { status: u16 },
    #[error("Webex rejected an access token that it issued less than a minute ago")]
    NewTokenRejected,
    #[error("could not renew the tokens of the Service App: {0}")]
    Failed(String),
    #[error("another process is renewing the tokens of the Service App")]
    InProgressElsewhere,
    #[error("could not store the renewed tokens of the Service App: {0}")]
    NotStored(String),
    #[error(transparent)]
    Credential(#[from] CredentialError),
}

impl From<StoreError> for RenewalError {
    fn from(error: StoreError) -> Self {
        Self::Credential(error.into())
    }
}

impl From<RenewalError> for WebexError {
    fn from(error: RenewalError) -> Self {
        let is_refused = matches!(error, RenewalError::Refused { .. } | RenewalError::NewTokenRejected);
        Self::NoToken { is_refused, why: error.to_string() }
    }
}
