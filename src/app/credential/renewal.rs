//! One renewal: claim, ask Webex, keep what came back, and only then use it.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::error::Obstacle;
use super::keeper::{Flight, Inner};
use super::{Pair, schedule};
use crate::domain::audit::{Entry, Event};
use crate::store::{Claim, RenewedCredential, StoredCredential};
use crate::webex::WebexError;

/// How long nobody else renews: longer than a call can take.
const CLAIM: SignedDuration = SignedDuration::from_mins(2);

impl Inner {
    /// Renews, unless the last failure is too recent.
    pub(super) async fn renew(
        &self,
        flight: &mut Flight,
        stored: &StoredCredential,
        now: Timestamp,
    ) -> Result<(), Obstacle> {
        if let Some((_, obstacle)) = flight.pause.as_ref().filter(|(until, _)| now < *until) {
            return Err(obstacle.clone());
        }
        let claim = Claim {
            client_id: self.client_id(),
            owner: &self.owner,
            generation: stored.generation,
            now,
            until: now.saturating_add(CLAIM).unwrap_or(now),
        };
        if !self.around.store.claim_renewal(&claim).await? {
            return Err(Obstacle::Elsewhere);
        }
        let held = self.held();
        let refresh_token = held.as_ref().map_or(&self.seed, |held| &held.pair.refresh_token);
        match self.client.renew(refresh_token).await {
            Ok(renewed) => {
                flight.unkept = Some((Pair::renewed(refresh_token, renewed, now), stored.generation));
                self.keep_what_waits(flight).await
            }
            Err(error) => Err(self.not_renewed(flight, &error, now).await),
        }
    }

    /// Brings a renewed pair into the database, and from then on uses it.
    pub(super) async fn keep_what_waits(&self, flight: &mut Flight) -> Result<(), Obstacle> {
        let Some((pair, from)) = &flight.unkept else { return Ok(()) };
        match self.keep(pair, *from).await {
            Ok(is_kept) => {
                let (pair, from) = (pair.clone(), *from);
                flight.land();
                if is_kept {
                    self.use_from_now_on(pair, from + 1);
                } else {
                    tracing::warn!("another process has renewed the admin credential too; its tokens count");
                }
                Ok(())
            }
            Err(obstacle) => {
                self.around.metrics.renewal("not kept");
                self.around.readiness.note(|parts| parts.renewal_fails = true);
                tracing::error!(error = %obstacle, "the tokens in force go on until it takes the new ones");
                Err(obstacle)
            }
        }
    }

    async fn keep(&self, pair: &Pair, from: i64) -> Result<bool, Obstacle> {
        let unsealed = || Obstacle::NotKept("they could not be sealed".to_owned());
        let sealed = pair.to_bytes().and_then(|bytes| self.key.seal(self.client_id(), bytes));
        let event = Event::CredentialRenewed {
            client_id: self.client_id().clone(),
            access_until: pair.access_until,
            refresh_until: pair.refresh_until,
        };
        let renewed = Arc::new(RenewedCredential {
            client_id: self.client_id().clone(),
            from,
            sealed: sealed.ok_or_else(unsealed)?,
            seed: self.digest.clone(),
            entry: Entry::of_steward(event, self.around.clock.now()),
        });
        let kept = self.around.store.keep_credential(renewed).await;
        kept.map_err(|error| Obstacle::NotKept(error.to_string()))
    }

    fn use_from_now_on(&self, pair: Pair, generation: i64) {
        let (access_until, refresh_until) = (pair.access_until, pair.refresh_until);
        self.hold(pair, generation);
        self.around.metrics.renewal("renewed");
        tracing::info!(generation, %access_until, %refresh_until, "the admin credential was renewed");
    }

    async fn not_renewed(&self, flight: &mut Flight, error: &WebexError, now: Timestamp) -> Obstacle {
        let status = error.answer().map_or(0, |answer| answer.status);
        let is_refused = matches!(error, WebexError::Refused(_)) && matches!(status, 400 | 401 | 403);
        let obstacle =
            if is_refused { Obstacle::Refused { status } } else { Obstacle::NotRenewed(error.to_string()) };
        flight.failures += 1;
        let client_id = self.client_id().as_str();
        let asked = error.requested_wait();
        let until = schedule::next_attempt(flight.failures, client_id, asked, is_refused, now);
        flight.pause = Some((until, obstacle.clone()));
        let tracking_id = error.answer().and_then(|answer| answer.tracking_id.clone());
        tracing::error!(error = %obstacle, failures = flight.failures, %until, tracking_id, "trying again then");
        self.around.metrics.renewal(if is_refused { "refused" } else { "failed" });
        self.around.readiness.note(|parts| parts.renewal_fails = true);
        self.give_back(flight, is_refused.then_some((status, tracking_id))).await;
        obstacle
    }

    /// Lets others try. Each refusal of a pair is in the audit log once, however often it is repeated.
    async fn give_back(&self, flight: &mut Flight, refusal: Option<(u16, Option<String>)>) {
        let refusal = refusal.filter(|_| !flight.refusal_is_entered);
        let entry = refusal.map(|(status, tracking_id)| {
            let client_id = self.client_id().clone();
            let event = Event::CredentialRefused { client_id, status, tracking_id };
            Entry::of_steward(event, self.around.clock.now())
        });
        let is_refusal = entry.is_some();
        match self.around.store.release_renewal(self.client_id(), &self.owner, entry).await {
            Ok(()) => flight.refusal_is_entered |= is_refusal,
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "the claim of a renewal could not be given back; it will end"
                );
            }
        }
    }
}
