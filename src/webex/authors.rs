//! Who speaks to the bot: looked up once a minute and not for every message.
//!
//! Whoever gives one command often gives another right after it, and in an outage of meeting rooms a whole team does.
//! What is kept decides whether somebody is served at all, so it is kept for one minute only: who leaves the
//! organization is not heard a minute later.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::SignedDuration;

use super::bot::BotClient;
use super::directory::TtlCache;
use super::error::WebexError;
use crate::domain::clock::Clock;
use crate::domain::{Actor, PersonId};

const KEPT_FOR: SignedDuration = SignedDuration::from_mins(1);

/// Looks people up with the bot's token and keeps them. Clones share what is kept.
#[derive(Debug, Clone)]
pub struct SenderCache {
    bot: BotClient,
    clock: Arc<dyn Clock>,
    kept: Arc<Mutex<TtlCache<PersonId, Arc<Actor>>>>,
}

impl SenderCache {
    /// Nobody is known yet.
    #[must_use]
    pub fn new(bot: BotClient, clock: Arc<dyn Clock>) -> Self {
        Self { bot, clock, kept: Arc::new(Mutex::new(TtlCache::lasting(KEPT_FOR))) }
    }

    /// A person, as Webex knew them at most a minute ago. A lookup that failed is not remembered.
    pub async fn person(&self, id: &PersonId) -> Result<Actor, WebexError> {
        if let Some(known) = self.known(id) {
            return Ok(Actor::clone(&known));
        }
        let asked_at = self.clock.now();
        let person = self.bot.person(id).await?;
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.put(id.clone(), Arc::new(person.clone()), asked_at);
        Ok(person)
    }

    fn known(&self, id: &PersonId) -> Option<Arc<Actor>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(id, self.clock.now())
    }
}
