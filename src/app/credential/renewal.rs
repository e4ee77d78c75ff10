//! One renewal: claim it, call Webex, store the new pair, and only then use it.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use super::error::{CredentialError, RenewalError};
use super::pair::TokenPair;
use super::service_app::ServiceAppSettings;
use crate::domain::audit::{AuditEntry, AuditEvent};
use crate::domain::clock::{Clock, is_believable, retry_delay};
use crate::domain::{ClientId, SpaceId};
use crate::store::handoff::Handoff;
use crate::store::{Owner, RenewalClaim, RenewedCredential, Store, StoredCredential};
use crate::telemetry::metrics::Metrics;
use crate::telemetry::readiness::{Health, Readiness};
use crate::webex::{AdminToken, TokenClient, WebexError};

/// How long other processes leave a renewal to this one: longer than a call can take.
const CLAIM: SignedDuration = SignedDuration::from_mins(2);
/// The pause after a refusal, which rarely ends before a person issues new tokens.
const PAUSE_AFTER_REFUSAL: SignedDuration = SignedDuration::from_hours(1);

/// The longest pause. A later end was set by a wrong clock.
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_hours(1);

/// The services that renewals need besides the Service App.
#[derive(Debug, Clone)]
pub(crate) struct RenewalServices {
    pub store: Store,
    pub clock: Arc<dyn Clock>,
    pub metrics: Arc<Metrics>,
    pub readiness: Arc<Readiness>,
    /// Woken when there is a warning to post.
    pub handoff: Arc<Handoff>,
    /// Where people are warned that the refresh token expires.
    pub alert_space: Option<SpaceId>,
}

/// Renews the pair of one Service App and holds the one in use.
#[derive(Debug)]
pub(super) struct Renewer {
    pub(super) client: TokenClient,
    pub(super) service_app: ServiceAppSettings,
    pub(super) owner: Owner,
    pub(super) services: RenewalServices,
    in_use: Mutex<Option<PairInUse>>,
}

/// The pair in use, which is always in the database too.
#[derive(Debug, Clone)]
struct PairInUse {
    pair: Arc<TokenPair>,
    generation: i64,
}

/// The state of renewals between two attempts. Only the task that holds its lock may renew.
#[derive(Debug, Default)]
pub(super) struct RenewalState {
    /// A pair that the database has not accepted yet, and the generation it was renewed from.
    unstored: Option<(TokenPair, i64)>,
    failures_in_a_row: u32,
    /// No attempt before this time, and why.
    pause: Option<(Timestamp, RenewalError)>,
    is_refusal_audited: bool,
    /// The last day with a warning in the log.
    pub(super) logged_on: Option<Date>,
    /// The last day with a warning in the alert space.
    pub(super) alerted_on: Option<Date>,
}

impl RenewalState {
    /// Clears the failures, because a new pair is in use. The warnings of the day are not repeated.
    fn reset_failures(&mut self) {
        *self = Self { logged_on: self.logged_on, alerted_on: self.alerted_on, ..Self::default() };
    }
}

impl Renewer {
    pub(super) fn new(
        client: TokenClient,
        service_app: ServiceAppSettings,
        owner: Owner,
        services: RenewalServices,
    ) -> Self {
        Self { client, service_app, owner, services, in_use: Mutex::default() }
    }

    pub(super) fn client_id(&self) -> &ClientId {
        self.service_app.client_id()
    }

    pub(super) fn pair(&self) -> Option<Arc<TokenPair>> {
        self.in_use.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map(|held| held.pair.clone())
    }

    fn generation(&self) -> Option<i64> {
        self.in_use.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map(|held| held.generation)
    }

    /// The access token in use, unless it is the rejected one.
    pub(super) fn token_other_than(&self, rejected: Option<&AdminToken>) -> Option<AdminToken> {
        let token = self.pair()?.access_token.clone();
        rejected.is_none_or(|rejected| token.expose() != rejected.expose()).then_some(token)
    }

    pub(super) fn report_failure(&self) {
        self.services.readiness.update(|parts| parts.renewal_fails = true);
    }

    fn set_in_use(&self, pair: TokenPair, generation: i64) {
        let pair = PairInUse { pair: Arc::new(pair), generation };
        *self.in_use.lock().unwrap_or_else(PoisonError::into_inner) = Some(pair);
        self.services.readiness.update(|parts| {
            parts.renewal_fails = false;
            // Before the first successful call the health stays unknown.
            if parts.admin_credential == Health::Unhealthy {
                parts.admin_credential = Health::Healthy;
            }
        });
    }

    /// Uses the pair in the database if it is newer. The first pair must have been renewed from the seed; later pairs
    /// may come from any process.
    pub(super) async fn load_newer_pair(&self) -> Result<StoredCredential, CredentialError> {
        let digest = self.service_app.seed_digest();
        let stored = self.services.store.credential(self.client_id(), &digest).await?;
        let ours = self.generation();
        let counts = ours.is_some() || stored.knows_seed;
        if let Some(sealed) = stored.sealed.as_ref().filter(|_| counts && ours < Some(stored.generation)) {
            self.set_in_use(self.service_app.open(sealed)?, stored.generation);
        }
        Ok(stored)
    }

    /// Stores the pending pair, if any, then loads a pair that another process has renewed.
    pub(super) async fn synchronize(
        &self,
        state: &mut RenewalState,
    ) -> Result<StoredCredential, RenewalError> {
        self.store_pending(state).await?;
        let before = self.generation();
        let stored = self.load_newer_pair().await?;
        if self.generation() != before {
            state.reset_failures();
        }
        Ok(stored)
    }

    /// Renews, unless the last failure is too recent.
    pub(super) async fn renew(
        &self,
        state: &mut RenewalState,
        stored: &StoredCredential,
        now: Timestamp,
    ) -> Result<(), RenewalError> {
        let is_paused = |until: Timestamp| now < until && is_believable(until, now, LONGEST_PAUSE);
        if let Some((_, error)) = state.pause.as_ref().filter(|(until, _)| is_paused(*until)) {
            return Err(error.clone());
        }
        let claim = RenewalClaim {
            client_id: self.client_id(),
            owner: &self.owner,
            generation: stored.generation,
            now,
            until: now.saturating_add(CLAIM).unwrap_or(now),
        };
        if !self.services.store.claim_renewal(&claim).await? {
            return Err(RenewalError::InProgressElsewhere);
        }
        let pair = self.pair();
        let refresh_token = pair.as_ref().map_or(&self.service_app.seed, |pair| &pair.refresh_token);
        match self.client.renew(refresh_token).await {
            Ok(renewed) => {
                state.unstored = Some((TokenPair::issued(refresh_token, renewed, now), stored.generation));
                self.store_pending(state).await
            }
            Err(error) => Err(self.fail(state, &error, now).await),
        }
    }

    /// Stores a renewed pair, and from then on uses it.
    pub(super) async fn store_pending(&self, state: &mut RenewalState) -> Result<(), RenewalError> {
        let Some((pair, from)) = state.unstored.clone() else { return Ok(()) };
        let is_stored = match self.store(&pair, from).await {
            Ok(is_stored) => is_stored,
            Err(error) => {
                self.services.metrics.renewal("not kept");
                self.report_failure();
                tracing::error!(%error, client_id = %self.client_id(), "could not store the renewed tokens yet; using the old ones");
                return Err(error);
            }
        };
        state.reset_failures();
        if is_stored {
            let (generation, access_until, refresh_until) = (from + 1, pair.access_until, pair.refresh_until);
            self.set_in_use(pair, generation);
            self.services.metrics.renewal("renewed");
            tracing::info!(client_id = %self.client_id(), generation, %access_until, %refresh_until, "renewed the admin credential");
        } else {
            tracing::warn!(client_id = %self.client_id(), "another process renewed the admin credential too; using its tokens");
        }
        Ok(())
    }

    /// Returns false if another process has stored a newer pair.
    async fn store(&self, pair: &TokenPair, from: i64) -> Result<bool, RenewalError> {
        let client_id = self.client_id().clone();
        let sealed = pair.to_bytes().and_then(|bytes| self.service_app.key.seal(&client_id, bytes));
        let sealed = sealed.ok_or_else(|| RenewalError::NotStored("they could not be sealed".to_owned()))?;
        let event = AuditEvent::CredentialRenewed {
            client_id: client_id.clone(),
            access_until: pair.access_until,
            refresh_until: pair.refresh_until,
        };
        let entry = AuditEntry::new(self.services.clock.now(), event);
        let seed = self.service_app.seed_digest();
        let renewed = RenewedCredential { client_id, from, sealed, seed, entry };
        let stored = self.services.store.keep_credential(Arc::new(renewed)).await;
        stored.map_err(|error| RenewalError::NotStored(error.to_string()))
    }

    async fn fail(&self, state: &mut RenewalState, error: &WebexError, now: Timestamp) -> RenewalError {
        let status = error.answer().map_or(0, |answer| answer.status);
        let tracking_id = error.answer().and_then(|answer| answer.tracking_id.clone());
        let is_refused = matches!(error, WebexError::Refused(_)) && matches!(status, 400 | 401 | 403);
        let reported = if is_refused {
            RenewalError::Refused { status }
        } else {
            RenewalError::Failed(error.to_string())
        };
        state.failures_in_a_row += 1;
        let failures = state.failures_in_a_row;
        let client_id = self.client_id().as_str();
        let retry_at = next_attempt(failures, client_id, error.requested_wait(), is_refused, now);
        state.pause = Some((retry_at, reported.clone()));
        tracing::error!(error = %reported, client_id, failures, %retry_at, tracking_id, "could not renew the admin credential; will retry");
        self.services.metrics.renewal(if is_refused { "refused" } else { "failed" });
        self.report_failure();
        self.release_claim(state, is_refused.then_some((status, tracking_id))).await;
        reported
    }

    /// Lets other processes renew. Repeated refusals of the same pair are audited once.
    async fn release_claim(&self, state: &mut RenewalState, refusal: Option<(u16, Option<String>)>) {
        let refusal = refusal.filter(|_| !state.is_refusal_audited);
        let entry = refusal.map(|(status, tracking_id)| {
            let client_id = self.client_id().clone();
            let event = AuditEvent::CredentialRefused { client_id, status, tracking_id };
            AuditEntry::new(self.services.clock.now(), event)
        });
        let audits_refusal = entry.is_some();
        match self.services.store.release_renewal(self.client_id(), &self.owner, entry).await {
            Ok(()) => state.is_refusal_audited |= audits_refusal,
            Err(error) => tracing::warn!(
                error = &error as &dyn std::error::Error,
                client_id = %self.client_id(),
                "could not release the claim on a renewal; it expires within two minutes"
            ),
        }
    }
}

/// The time of the next attempt. The pause doubles from 1 second to 5 minutes with each failure in a row, and is an
/// hour after a refusal. It is longer if Webex asks to wait.
fn next_attempt(
    failures: u32,
    client_id: &str,
    requested: Option<SignedDuration>,
    is_refused: bool,
    now: Timestamp,
) -> Timestamp {
    let pause = if is_refused { PAUSE_AFTER_REFUSAL } else { retry_delay(failures, client_id) };
    now.saturating_add(pause.max(requested.unwrap_or_default())).unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_with_failures_and_last_as_long_as_webex_asks() {
        let pause = |failures, requested, is_refused| {
            let requested = Some(SignedDuration::from_secs(requested));
            next_attempt(failures, "C1", requested, is_refused, Timestamp::UNIX_EPOCH).as_second()
        };
        assert!(pause(1, 0, false) <= 1 && pause(3, 0, false) > pause(1, 0, false));
        assert!((240..=300).contains(&pause(50, 0, false)));
        assert_eq!(pause(1, 900, false), 900);
        assert_eq!((pause(1, 0, true), pause(1, 7200, true)), (3600, 7200));
    }
}
