//! The names of very many workspaces in little room. Pure.
//!
//! An id of Webex's is longer than most names, so only a hash of it is kept: 128 bits, keyed anew for each list, so
//! that nobody can choose ids that have the same one.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};

use crate::domain::WorkspaceId;

/// Names that are kept at most: some 25 MB, and more than any organization is known to need.
const MOST: usize = 250_000;

/// The names of the workspaces of an organization, as they were when a list began.
#[derive(Debug, Default)]
pub struct WorkspaceNames {
    names: HashMap<u128, Box<str>>,
    keys: [RandomState; 2],
}

impl WorkspaceNames {
    /// The name of a workspace, if it has one.
    #[must_use]
    pub fn of(&self, id: &WorkspaceId) -> Option<&str> {
        self.names.get(&self.hash(id)).map(AsRef::as_ref)
    }

    pub(super) fn insert(&mut self, id: &WorkspaceId, name: String) {
        if !self.is_full() {
            self.names.insert(self.hash(id), name.into_boxed_str());
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.names.len() >= MOST
    }

    fn hash(&self, id: &WorkspaceId) -> u128 {
        let [low, high] = self.keys.each_ref().map(|key| u128::from(key.hash_one(id)));
        high << 64 | low
    }
}
