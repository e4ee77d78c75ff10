//! Errors that keep Steward from starting or running.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;

use jiff::SignedDuration;

use super::credential::CredentialError;
use super::identity::IdentityError;
use crate::store::StoreError;

/// Steward cannot start or keep running.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The address is taken, or not this machine's.
    #[error("cannot listen on {address} (STEWARD_LISTEN): {}", why_not_bound(error))]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The reason.
        error: io::Error,
    },
    /// The database cannot be opened.
    #[error("cannot open the database (STEWARD_DATABASE_URL)")]
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
    Server(#[source] io::Error),
}

impl AppError {
    /// Whether the operator has to change a setting.
    pub fn is_the_settings_fault(&self) -> bool {
        match self {
            // A free address would help too, but the usual cause is another Steward.
            Self::Listen { error, .. } => error.kind() != ErrorKind::AddrInUse,
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

/// The reason why an address cannot be bound, and the remedy.
pub(super) fn why_not_bound(error: &io::Error) -> String {
    let remedy = match error.kind() {
        ErrorKind::AddrInUse => "another program listens there; stop it, or choose another port",
        ErrorKind::AddrNotAvailable => {
            "this machine does not have this address; 0.0.0.0 stands for all that it has"
        }
        ErrorKind::PermissionDenied => "choose a port above 1023",
        _ => return error.to_string(),
    };
    format!("{error}; {remedy}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_address_is_no_mistake_in_the_settings_and_one_of_another_machine_is() {
        for (number, is_a_setting, says) in [
            (98, false, "Address already in use (os error 98); another program listens there"),
            (99, true, "Cannot assign requested address (os error 99); this machine does not have"),
            (13, true, "Permission denied (os error 13); choose a port above 1023"),
        ] {
            let error = io::Error::from_raw_os_error(number);
            let error = AppError::Listen { address: ([192, 0, 2, 1], 80).into(), error };
            let start = format!("cannot listen on 192.0.2.1:80 (STEWARD_LISTEN): {says}");
            assert!(error.to_string().starts_with(&start), "{error}");
            assert_eq!(error.is_the_settings_fault(), is_a_setting, "{error}");
        }
    }
}
