//! The admin credential of a Service App: renewed ahead of its end and when Webex rejects it, kept sealed.
//!
//! Webex gives an access token for some days and a refresh token for some weeks. Each use of the refresh token
//! gives a new access token, begins the refresh token's time anew, and may put another refresh token in its
//! place; if none is used in time, a person has to issue new ones. The [`Keeper`] sees to it that this does not
//! happen ([`schedule`] says when), and that what Webex gave is never lost: a new pair is sealed
//! ([`SealingKey`]) and in the database *before* it is used for anything.
//!
//! # One at a time
//!
//! In a process, a lock lets one renew and the others wait for what comes of it. Across processes, a row of the
//! database is job for the time of the call ([`Store::claim_renewal`](crate::store::Store::claim_renewal));
//! no transaction is open meanwhile. The claim saves calls and is not what makes it right: a process may stand
//! still for longer than its claim lasts. A pair carries a *generation*, and is kept only if it was renewed
//! from the generation that is there. Who finds a newer one takes that.
//!
//! # What a crash or a full disk can do
//!
//! Between Webex's answer and the commit, the new pair is in memory only. While the database does not take it,
//! it is kept there, tried again each time the credential is looked after, and not used: the old pair goes on.
//! If the process dies there, the pair is lost. Where Webex repeats the same refresh token, as it usually does,
//! the stored one is still good and nothing has happened. Where it has put another in its place, the next
//! renewal is refused, and the refusal says what to do: issue tokens anew and set
//! `STEWARD_SERVICE_APP_REFRESH_TOKEN`. Nobody can do better with an endpoint that takes a token away before
//! it knows that its answer has arrived.
//!
//! # Which refresh token counts
//!
//! The one in the settings is a *seed*: it is used once. That it was is remembered by a digest, and from then
//! on what is sealed counts. A seed that was never used before is new, and counts instead.

mod error;
mod keeper;
mod pair;
mod renewal;
pub mod schedule;
mod seal;
mod watch;

pub use error::CredentialError;
pub use keeper::{Keeper, Surroundings};
pub use pair::Pair;
pub use seal::{SealingKey, WrongKey};

use crate::domain::ClientId;
use crate::store::{Store, StoreError};
use crate::webex::{RefreshToken, ServiceApp};

/// What the settings say of a Service App.
#[derive(Debug, Clone)]
pub struct Origin {
    /// Who it is.
    pub app: ServiceApp,
    /// The refresh token to begin with.
    pub seed: RefreshToken,
    /// What its tokens are sealed with.
    pub key: SealingKey,
}

impl Origin {
    /// Who it is.
    #[must_use]
    pub fn client_id(&self) -> &ClientId {
        &self.app.client_id
    }

    /// The pair in the database at this address, if there is one that this seed has led to. Nothing is renewed
    /// and nothing written: whoever only wants to know must not use up a refresh token.
    pub async fn glance(&self, database_url: &str) -> Result<Option<Pair>, CredentialError> {
        let digest = seal::digest(self.client_id(), &self.seed);
        let stored = Store::peek_at_credential(database_url, self.client_id(), &digest).await?;
        let sealed = stored.sealed.filter(|_| stored.knows_seed);
        sealed.map(|sealed| open(&self.key, self.client_id(), &sealed)).transpose()
    }
}

fn open(key: &SealingKey, client_id: &ClientId, sealed: &[u8]) -> Result<Pair, CredentialError> {
    let plain = key.open(client_id, sealed).ok_or(CredentialError::Sealed)?;
    Pair::from_bytes(&plain).ok_or_else(|| {
        let what = "the admin credential: it is not what Steward wrote there".to_owned();
        CredentialError::Store(StoreError::Corrupt { what })
    })
}
