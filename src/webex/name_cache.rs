//! Names and people by id, cached for some minutes. So a list of devices does not cost a call for each row, nor each
//! command a lookup of its sender.
//!
//! Names are only for people to read and for filters by name: no change to a device depends on them. So they may be
//! some minutes old, and an unknown name is not an error. Failed lookups are not cached.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;

use jiff::SignedDuration;

use super::admin::AdminClient;
use super::bot::BotClient;
use super::error::WebexError;
use super::ttl_cache::TtlCache;
use crate::domain::clock::Clock;
use crate::domain::{Actor, LocationId, OrgScope, PersonId, WorkspaceId};

/// Long enough for a person to go through a list, short enough for a new name to show up soon.
const NAME_TTL: SignedDuration = SignedDuration::from_mins(10);
/// Short, because this lookup decides whether a sender is served at all: a person who leaves the organization is
/// refused within a minute.
const SENDER_TTL: SignedDuration = SignedDuration::from_mins(1);
/// Most names of a list: about 25 MB, and more than any organization is known to need.
const MOST_NAMES: usize = 250_000;

/// Looks up names with the admin credential. Clones share the cache.
#[derive(Debug, Clone)]
pub struct NameCache {
    admin: AdminClient,
    clock: Arc<dyn Clock>,
    workspaces: Arc<TtlCache<WorkspaceId, Arc<str>>>,
    locations: Arc<TtlCache<LocationId, Arc<str>>>,
    people: Arc<TtlCache<PersonId, Arc<Actor>>>,
}

impl NameCache {
    /// An empty cache.
    pub(crate) fn new(admin: AdminClient, clock: Arc<dyn Clock>) -> Self {
        Self {
            admin,
            workspaces: Arc::new(TtlCache::new(NAME_TTL, clock.clone())),
            locations: Arc::new(TtlCache::new(NAME_TTL, clock.clone())),
            people: Arc::new(TtlCache::new(NAME_TTL, clock.clone())),
            clock,
        }
    }

    /// The name of a workspace, if it has one.
    pub(crate) async fn workspace_name(&self, id: &WorkspaceId) -> Result<Option<Arc<str>>, WebexError> {
        if let Some(name) = self.workspaces.get(id) {
            return Ok(Some(name));
        }
        let requested_at = self.clock.now();
        let Some(name) = self.admin.workspace(id).await?.name.map(Arc::<str>::from) else { return Ok(None) };
        self.workspaces.insert(id.clone(), name.clone(), requested_at);
        Ok(Some(name))
    }

    /// The name of a location.
    pub(crate) async fn location_name(
        &self,
        scope: &OrgScope,
        id: &LocationId,
    ) -> Result<Arc<str>, WebexError> {
        let load = async || Ok(self.admin.location(scope, id).await?.name.into());
        self.locations.get_or_load(id, load).await
    }

    /// A person, with name and email address.
    pub(crate) async fn person(&self, id: &PersonId) -> Result<Arc<Actor>, WebexError> {
        self.people.get_or_load(id, async || Ok(Arc::new(self.admin.person(id).await?))).await
    }

    /// The name of a location, if it is cached.
    pub(crate) fn cached_location_name(&self, id: &LocationId) -> Option<Arc<str>> {
        self.locations.get(id)
    }

    /// Loads the names of all workspaces of an organization: a call for each page instead of one for each workspace.
    /// There may be more than this cache holds, so the caller keeps them.
    pub(crate) async fn workspace_names(&self, scope: &OrgScope) -> Result<WorkspaceNames, WebexError> {
        let mut names = WorkspaceNames::default();
        let mut pages = self.admin.workspace_pages(scope, &[]);
        while let Some(page) = pages.next().await? {
            for (id, name) in page.into_iter().filter_map(|workspace| Some((workspace.id, workspace.name?))) {
                names.insert(&id, name);
            }
            if names.is_full() {
                tracing::warn!(most = MOST_NAMES, "too many workspaces; the list will lack some names");
                break;
            }
        }
        Ok(names)
    }

    /// Loads the names of all locations of an organization.
    pub(crate) async fn load_location_names(&self, scope: &OrgScope) -> Result<(), WebexError> {
        let requested_at = self.clock.now();
        for location in self.admin.locations(scope).await? {
            self.locations.insert(location.id, location.name.into(), requested_at);
        }
        Ok(())
    }
}

/// The names of an organization's workspaces at the start of a list.
///
/// An id is longer than most names, so only a hash of it is kept: 100,000 names take 8.7 MB with hashes and 17.9 MB
/// with ids. The hash has 128 bits and new random keys for each list, so that no one can construct ids that collide.
#[derive(Debug, Default)]
pub struct WorkspaceNames {
    names: HashMap<u128, Box<str>>,
    keys: [RandomState; 2],
}

impl WorkspaceNames {
    /// The name of a workspace, if it has one.
    pub(crate) fn of(&self, id: &WorkspaceId) -> Option<&str> {
        self.names.get(&self.hash(id)).map(AsRef::as_ref)
    }

    fn insert(&mut self, id: &WorkspaceId, name: String) {
        if !self.is_full() {
            self.names.insert(self.hash(id), name.into_boxed_str());
        }
    }

    fn is_full(&self) -> bool {
        self.names.len() >= MOST_NAMES
    }

    fn hash(&self, id: &WorkspaceId) -> u128 {
        let [low, high] = self.keys.each_ref().map(|key| u128::from(key.hash_one(id)));
        high << 64 | low
    }
}

/// Looks up the senders of messages and presses with the bot token. Clones share the cache.
#[derive(Debug, Clone)]
pub struct SenderCache {
    bot: BotClient,
    clock: Arc<dyn Clock>,
    people: Arc<TtlCache<PersonId, Arc<Actor>>>,
}

impl SenderCache {
    /// An empty cache.
    pub(crate) fn new(bot: BotClient, clock: Arc<dyn Clock>) -> Self {
        Self { bot, people: Arc::new(TtlCache::new(SENDER_TTL, clock.clone())), clock }
    }

    /// A person, read from Webex at most a minute ago.
    pub(crate) async fn person(&self, id: &PersonId) -> Result<Actor, WebexError> {
        let load = async || self.bot.person(id).await.map(Arc::new);
        self.people.get_or_load(id, load).await.map(|person| Actor::clone(&person))
    }

    /// A person, read from Webex now.
    pub(crate) async fn person_now(&self, id: &PersonId) -> Result<Actor, WebexError> {
        let requested_at = self.clock.now();
        let person = self.bot.person(id).await?;
        self.people.insert(id.clone(), Arc::new(person.clone()), requested_at);
        Ok(person)
    }
}

#[cfg(test)]
mod tests;
