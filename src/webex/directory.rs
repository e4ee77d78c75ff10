//! The names of workspaces, locations and people by their ids, kept for some minutes so that a list of devices does
//! not cost one call a row.
//!
//! Names are only for people to read, and for filters by name: nothing that is done to a device hangs on them. So they
//! may be some minutes old, and what cannot be looked up has no name. A lookup that failed is not remembered.

mod names;
mod shelf;

use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use self::names::WorkspaceNames;
pub(super) use self::shelf::TtlCache;
use super::admin::AdminClient;
use super::error::WebexError;
use crate::domain::clock::Clock;
use crate::domain::{Actor, LocationId, OrgScope, PersonId, WorkspaceId};

/// Looks names up and keeps them. Clones share what is kept.
#[derive(Debug, Clone)]
pub struct NameCache {
    admin: AdminClient,
    clock: Arc<dyn Clock>,
    shelves: Arc<Shelves>,
}

#[derive(Debug, Default)]
struct Shelves {
    workspaces: Mutex<TtlCache<WorkspaceId, Arc<str>>>,
    locations: Mutex<TtlCache<LocationId, Arc<str>>>,
    people: Mutex<TtlCache<PersonId, Arc<Actor>>>,
}

impl NameCache {
    /// A directory that knows nothing yet.
    #[must_use]
    pub fn new(admin: AdminClient, clock: Arc<dyn Clock>) -> Self {
        Self { admin, clock, shelves: Arc::default() }
    }

    /// The name of a workspace; nothing where it has none.
    pub async fn workspace_name(&self, id: &WorkspaceId) -> Result<Option<Arc<str>>, WebexError> {
        if let Some(name) = self.cached_workspace_name(id) {
            return Ok(Some(name));
        }
        let workspace = self.admin.workspace(id).await?;
        let Some(name) = workspace.name.map(Arc::<str>::from) else { return Ok(None) };
        self.keep(&self.shelves.workspaces, id, &name);
        Ok(Some(name))
    }

    /// The name of a location.
    pub async fn location_name(&self, scope: &OrgScope, id: &LocationId) -> Result<Arc<str>, WebexError> {
        if let Some(name) = self.cached_location_name(id) {
            return Ok(name);
        }
        let name = self.admin.location(scope, id).await?.name.into();
        self.keep(&self.shelves.locations, id, &name);
        Ok(name)
    }

    /// A person: the name, and the address people know.
    pub async fn person(&self, id: &PersonId) -> Result<Arc<Actor>, WebexError> {
        if let Some(person) = self.cached_person(id) {
            return Ok(person);
        }
        let person = Arc::new(self.admin.person(id).await?);
        self.keep(&self.shelves.people, id, &person);
        Ok(person)
    }

    /// The name of a workspace, if it is known without a call.
    #[must_use]
    pub fn cached_workspace_name(&self, id: &WorkspaceId) -> Option<Arc<str>> {
        self.known(&self.shelves.workspaces, id)
    }

    /// The name of a location, if it is known without a call.
    #[must_use]
    pub fn cached_location_name(&self, id: &LocationId) -> Option<Arc<str>> {
        self.known(&self.shelves.locations, id)
    }

    /// A person, if known without a call.
    #[must_use]
    pub fn cached_person(&self, id: &PersonId) -> Option<Arc<Actor>> {
        self.known(&self.shelves.people, id)
    }

    /// Reads the names of all workspaces of an organization, for whoever needs those of many: one call a page in place
    /// of one a workspace. They are more than are kept here, and belong to who has asked.
    pub async fn workspace_names(&self, scope: &OrgScope) -> Result<WorkspaceNames, WebexError> {
        let mut names = WorkspaceNames::default();
        let mut pages = self.admin.workspace_pages(scope, &[]);
        while let Some(page) = pages.next().await? {
            for (id, name) in page.into_iter().filter_map(|workspace| Some((workspace.id, workspace.name?))) {
                names.insert(&id, name);
            }
            if names.is_full() {
                tracing::warn!("there are more workspaces than a list has room for: some have no name in it");
                break;
            }
        }
        Ok(names)
    }

    /// Reads the names of all locations of an organization.
    pub async fn load_location_names(&self, scope: &OrgScope) -> Result<(), WebexError> {
        for location in self.admin.locations(scope).await? {
            self.keep(&self.shelves.locations, &location.id, &location.name.into());
        }
        Ok(())
    }

    fn known<K: Hash + Eq + Clone, V: Clone>(&self, kept: &Mutex<TtlCache<K, V>>, id: &K) -> Option<V> {
        locked(kept).get(id, self.clock.now())
    }

    fn keep<K: Hash + Eq + Clone, V: Clone>(&self, kept: &Mutex<TtlCache<K, V>>, id: &K, value: &V) {
        locked(kept).put(id.clone(), value.clone(), self.clock.now());
    }
}

/// Whoever panicked with the lock left whole entries behind.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
