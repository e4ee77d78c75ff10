//! The admin credential of a Service App: renewed before it expires and when Webex rejects it, and stored sealed.
//!
//! Webex issues an access token for days and a refresh token for weeks. Each use of the refresh token returns a new
//! access token, extends the refresh token's life, and may replace it. If no refresh token is used in time, a person
//! must issue new tokens. The [`TokenManager`] renews in time and never loses an answer from Webex: a new pair is
//! sealed ([`SealingKey`]) and committed to the database *before* its first use.
//!
//! # One renewal at a time
//!
//! Within a process, a lock lets one task renew while the others wait for its result. Across processes, a row in the
//! database is claimed for the time of the call ([`Store::claim_renewal`](crate::store::Store::claim_renewal)); no
//! transaction is open during the call. The claim saves calls but does not make renewals correct, because a process may
//! be suspended for longer than its claim lasts. Correctness comes from the *generation* of each pair: a pair is stored
//! only if it was renewed from the generation in the database. A process that finds a newer pair uses it.
//!
//! # After a crash or a full disk
//!
//! Between Webex's answer and the commit, the new pair exists in memory only. While the database does not accept it, it
//! is not used, and the old pair stays in use. Each check tries again to store it. If the process dies at that point,
//! the new pair is lost. Usually Webex repeats the same refresh token, so the stored one still works. If it issued a
//! different one, the next renewal is refused, and the log says what to do: issue new tokens and set
//! `STEWARD_SERVICE_APP_REFRESH_TOKEN`. No client can do better with an endpoint that invalidates a token before it
//! knows that its answer has arrived.
//!
//! # Which refresh token counts
//!
//! The one in the settings is a *seed*: it is used once. A digest records that, and from then on the sealed pair
//! counts. A seed that was never used before replaces the sealed pair.

mod error;
mod expiry_warning;
mod manager;
mod pair;
mod renewal;
mod seal;
mod service_app;

pub use error::CredentialError;
pub(crate) use manager::TokenManager;
pub(crate) use renewal::RenewalServices;
pub use seal::SealingKey;
pub use service_app::ServiceAppSettings;
