//! Errors that keep Steward from starting or running.

use std::net::SocketAddr;

use jiff::SignedDuration;

use super::credential::CredentialError;
use super::identity::IdentityError;
use crate::store::StoreError;

/// Steward cannot start or keep running.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The address is taken, or not this machine's.
    #[error(
        "STEWARD_LISTEN is wrong: expected an address that is free on this machine, found {address}: {error}"
    )]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The reason.
        error: std::io::Error,
    },
    /// The database cannot be opened.
    #[error("cannot open the database; check STEWARD_DATABASE_URL")]
    Database(#[source] StoreError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The admin credential cannot be read from the database.
    #[error(transparent)]
    Credential(#[from] CredentialError),
    /// The HTTP client cannot be set up.
    #[error("cannot set up the HTTP client for Webex")]
    Transport(#[source] reqwest::Error),
    /// An identity could not be looked up.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// The HTTP server failed.
    #[error("the HTTP server failed")]
    Server(#[source] std::io::Error),
}

impl AppError {
    /// Whether the operator has to change a setting.
    pub fn is_the_settings_fault(&self) -> bool {
        match self {
            Self::Listen { .. } => true,
            Self::Database(error) => error.is_the_settings_fault(),
            Self::Identity(error) => error.is_the_settings_fault(),
            Self::Credential(error) => matches!(error, CredentialError::WrongKey),
            Self::Store(_) | Self::Transport(_) | Self::Server(_) => false,
        }
    }

    /// How long Webex asked to wait, if that is the reason.
    pub fn requested_wait(&self) -> Option<SignedDuration> {
        match self {
            Self::Identity(error) => error.requested_wait(),
            _ => None,
        }
    }
}
