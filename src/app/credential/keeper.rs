//! The keeper: holds the pair in force, and is asked for its token.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;
use uuid::Uuid;

use super::error::Obstacle;
use super::pair::is_same;
use super::{CredentialError, Origin, Pair, SealingKey, open, schedule, seal};
use crate::domain::clock::Clock;
use crate::domain::{ClientId, SpaceId};
use crate::store::handoff::Reception;
use crate::store::{Owner, Store, StoredCredential};
use crate::telemetry::metrics::Metrics;
use crate::telemetry::readiness::{Part, Readiness};
use crate::webex::{AdminToken, AdminTokenSource, RefreshToken, TokenClient, TokenFuture, Transport};

/// How often is looked whether another process has renewed, by somebody who cannot go on before that.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// How many such looks there are: for ten seconds. A job that hears no comes back later.
const LOOKS: u32 = 40;

/// What the keeper works with.
#[derive(Debug, Clone)]
pub struct Surroundings {
    /// Where the pair is kept.
    pub store: Store,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// What is ready and what is not.
    pub readiness: Arc<Readiness>,
    /// Rung when there is a message to post.
    pub reception: Arc<Reception>,
    /// The space that is told when renewing fails for long.
    pub alert_space: Option<SpaceId>,
}

/// Keeps the credential of a Service App in force. Cheap to clone; all clones are one.
#[derive(Debug, Clone)]
pub struct Keeper(Arc<Inner>);

#[derive(Debug)]
pub(super) struct Inner {
    pub(super) client: TokenClient,
    pub(super) seed: RefreshToken,
    /// What the seed is recognized by.
    pub(super) digest: String,
    pub(super) key: SealingKey,
    pub(super) owner: Owner,
    pub(super) around: Surroundings,
    held: Mutex<Option<Held>>,
    flight: tokio::sync::Mutex<Flight>,
}

/// The pair in force, and the generation it is of. What is held is in the database.
#[derive(Debug, Clone)]
pub(super) struct Held {
    pub(super) pair: Arc<Pair>,
    generation: i64,
}

/// What only one at a time may do, and what it must remember for the next.
#[derive(Debug, Default)]
pub(super) struct Flight {
    /// A pair that the database has not taken yet, with the generation it was renewed from.
    pub(super) unkept: Option<(Pair, i64)>,
    /// Renewals that failed in a row.
    pub(super) failures: u32,
    /// Until when none is tried, and why.
    pub(super) pause: Option<(Timestamp, Obstacle)>,
    /// The refusal is in the audit log.
    pub(super) refusal_is_entered: bool,
    /// The last day on which the log was warned.
    pub(super) logged_on: Option<Date>,
    /// The last day on which the space was told.
    pub(super) told_on: Option<Date>,
}

impl Flight {
    /// There is a new pair: what was in the way of it is forgotten.
    pub(super) fn land(&mut self) {
        *self = Self { logged_on: self.logged_on, told_on: self.told_on, ..Self::default() };
    }
}

impl Keeper {
    /// Takes the pair from the database, if there is one that counts. Webex is not asked anything yet.
    ///
    /// # Errors
    /// When it cannot be read, because the key is another one or the database fails.
    pub async fn open(
        origin: &Origin,
        transport: Transport,
        around: Surroundings,
    ) -> Result<Self, CredentialError> {
        let inner = Inner {
            client: TokenClient::new(transport, origin.app.clone()),
            seed: origin.seed.clone(),
            digest: seal::digest(origin.client_id(), &origin.seed),
            key: origin.key.clone(),
            owner: Owner::named(Uuid::new_v4().to_string()),
            around,
            held: Mutex::default(),
            flight: tokio::sync::Mutex::default(),
        };
        inner.look_into_the_store().await?;
        Ok(Self(Arc::new(inner)))
    }

    /// Renews where it is time, takes what others have renewed, and says what people must know. To be called
    /// every now and then: nothing else keeps an idle credential from ending.
    pub async fn look_after(&self, now: Timestamp) {
        let inner = self.0.clone();
        let looking = async move {
            let mut flight = inner.flight.lock().await;
            match inner.renew_where_it_is_time(&mut flight, now).await {
                Ok(()) => inner.around.readiness.note(|parts| parts.renewal_fails = false),
                Err(Obstacle::Credential(error)) => inner.cannot_see_the_store(&error),
                // Whoever met it first has said it.
                Err(obstacle) => tracing::debug!(%obstacle, "the admin credential was not renewed"),
            }
            inner.watch(&mut flight, now).await;
        };
        // Its own task, as in `another`.
        if let Err(panic) = tokio::spawn(looking).await {
            tracing::error!(%panic, "the admin credential could not be looked after");
        }
    }

    /// Lets a renewal under way come to its end, and tries a last time to keep what the database has not taken.
    pub async fn finish(&self) {
        let mut flight = self.0.flight.lock().await;
        // It has been said.
        self.0.keep_what_waits(&mut flight).await.ok();
    }

    /// A token other than this one. What has been renewed in the meantime will do; otherwise it is renewed.
    ///
    /// Who asks may be ended at any moment, and an answer of Webex's must not be lost with it: so the renewal
    /// runs in a task of its own.
    async fn another(&self, rejected: Option<&AdminToken>) -> Result<AdminToken, Obstacle> {
        let mut looks = tokio::time::interval(LOOK_EVERY);
        for _ in 0..LOOKS {
            looks.tick().await;
            let (inner, rejected) = (self.0.clone(), rejected.cloned());
            let renewal = tokio::spawn(async move { inner.other_than(rejected.as_ref()).await });
            match renewal.await.unwrap_or_else(|panic| Err(Obstacle::NotRenewed(panic.to_string()))) {
                Err(Obstacle::Elsewhere) => {}
                answer => return answer,
            }
        }
        Err(Obstacle::Elsewhere)
    }
}

impl AdminTokenSource for Keeper {
    fn current(&self) -> TokenFuture<'_> {
        Box::pin(async {
            match self.0.held() {
                Some(held) => Ok(held.pair.access_token.clone()),
                None => Ok(self.another(None).await?),
            }
        })
    }

    fn replacement_for<'a>(&'a self, rejected: &'a AdminToken) -> TokenFuture<'a> {
        Box::pin(async { Ok(self.another(Some(rejected)).await?) })
    }
}

impl Inner {
    pub(super) fn client_id(&self) -> &ClientId {
        self.client.client_id()
    }

    pub(super) fn held(&self) -> Option<Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn generation(&self) -> Option<i64> {
        self.held().map(|held| held.generation)
    }

    pub(super) fn hold(&self, pair: Pair, generation: i64) {
        let held = Held { pair: Arc::new(pair), generation };
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = Some(held);
        self.around.readiness.note(|parts| {
            parts.renewal_fails = false;
            // At start it is known only when the first call has gone well.
            if parts.admin_credential == Part::Unwell {
                parts.admin_credential = Part::Well;
            }
        });
    }

    /// The token in force, if it is not this one.
    fn token_but(&self, rejected: Option<&AdminToken>) -> Option<AdminToken> {
        let token = self.held()?.pair.access_token.clone();
        rejected.is_none_or(|rejected| !is_same(&token, rejected)).then_some(token)
    }

    /// Whoever comes second finds here what the first has renewed.
    async fn other_than(&self, rejected: Option<&AdminToken>) -> Result<AdminToken, Obstacle> {
        let mut flight = self.flight.lock().await;
        if let Some(token) = self.token_but(rejected) {
            return Ok(token);
        }
        let stored = self.catch_up(&mut flight).await?;
        if let Some(token) = self.token_but(rejected) {
            return Ok(token);
        }
        let now = self.around.clock.now();
        if self.held().is_some_and(|held| schedule::is_young(&held.pair, now)) {
            return Err(Obstacle::Young);
        }
        self.renew(&mut flight, &stored, now).await?;
        self.token_but(rejected).ok_or(Obstacle::Young)
    }

    async fn renew_where_it_is_time(&self, flight: &mut Flight, now: Timestamp) -> Result<(), Obstacle> {
        let stored = self.catch_up(flight).await?;
        match self.held() {
            Some(held) if now < schedule::renewal_due(&held.pair) => Ok(()),
            _ => self.renew(flight, &stored, now).await,
        }
    }

    /// Keeps what the database has not taken yet, and takes what others have renewed.
    async fn catch_up(&self, flight: &mut Flight) -> Result<StoredCredential, Obstacle> {
        self.keep_what_waits(flight).await?;
        let before = self.generation();
        let stored = self.look_into_the_store().await?;
        if self.generation() != before {
            flight.land();
        }
        Ok(stored)
    }

    fn cannot_see_the_store(&self, error: &CredentialError) {
        self.around.readiness.note(|parts| parts.renewal_fails = true);
        tracing::error!(
            error = error as &dyn std::error::Error,
            "the admin credential in the database cannot be looked after"
        );
    }

    /// Takes the pair in the database where it is newer than the one held. At first it counts only if the seed
    /// has led to it; later whatever another process has renewed does.
    pub(super) async fn look_into_the_store(&self) -> Result<StoredCredential, CredentialError> {
        let stored = self.around.store.credential(self.client_id(), &self.digest).await?;
        let held = self.generation();
        let counts = held.is_some() || stored.knows_seed;
        if let Some(sealed) = stored.sealed.as_ref().filter(|_| counts && held < Some(stored.generation)) {
            self.hold(open(&self.key, self.client_id(), sealed)?, stored.generation);
        }
        Ok(stored)
    }
}
