//! The rooms and desks that devices stand in.

use std::sync::Arc;

use serde_json::{Value, json};

use super::devices::merge;
use super::shelf::{Record, Shelf, Words};
use crate::sim::error::ApiError;
use crate::sim::ids::unpadded;

/// What `GET /workspaces` can filter by.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct WorkspaceFilter {
    /// Part of the name, in any case.
    pub display_name: Option<String>,
    /// Fields with the value that each must have, as written in a query.
    pub fields: Vec<(&'static str, String)>,
}

#[derive(Debug)]
struct Workspace {
    id: Arc<str>,
    org_id: Arc<str>,
    display_name: Box<str>,
    json: Box<str>,
}

impl Workspace {
    fn parsed(&self) -> Value {
        serde_json::from_str(&self.json).expect("it was written from a JSON value")
    }
}

impl Record for Workspace {
    type Filter = WorkspaceFilter;

    fn id(&self) -> &Arc<str> {
        &self.id
    }

    fn org_id(&self) -> &Arc<str> {
        &self.org_id
    }

    fn fits(&self, filter: &WorkspaceFilter) -> bool {
        filter.display_name.as_ref().is_none_or(|part| self.display_name.contains(part))
            && (filter.fields.is_empty() || has_all(&self.parsed(), &filter.fields))
    }
}

/// Whether a workspace has all the values; `calling` and `calendar` are asked for by their type.
fn has_all(workspace: &Value, wanted: &[(&'static str, String)]) -> bool {
    wanted.iter().all(|(field, wanted)| match &workspace[*field] {
        Value::String(have) => unpadded(have) == unpadded(wanted),
        Value::Number(have) => have.to_string() == *wanted,
        Value::Object(have) => have.get("type").is_some_and(|kind| kind == wanted),
        _ => false,
    })
}

/// All workspaces of all organizations.
#[derive(Debug, Default)]
pub struct Workspaces {
    shelf: Shelf<Workspace>,
    words: Words,
}

impl Workspaces {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shelf.len()
    }

    /// Adds a workspace, or replaces the one with the same id.
    pub fn put(&mut self, fields: &Value) {
        let text = |field: &str| fields[field].as_str().unwrap_or_default();
        self.shelf.put(Workspace {
            id: text("id").into(),
            org_id: self.words.shared(text("orgId")),
            display_name: text("displayName").to_lowercase().into(),
            json: fields.to_string().into(),
        });
    }

    /// Changes fields of a workspace; `null` takes one away. Answers whether it is there.
    pub fn change(&mut self, id: &str, fields: &Value) -> bool {
        let Some(mut workspace) = self.find(id) else { return false };
        merge(&mut workspace, fields);
        self.put(&workspace);
        true
    }

    /// Takes a workspace away. Answers whether it was there.
    pub fn remove(&mut self, id: &str) -> bool {
        self.shelf.slot_of(id).is_some_and(|slot| self.shelf.remove(slot).is_some())
    }

    /// The workspace with this id, whoever asks.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<Value> {
        self.shelf.get(id).map(Workspace::parsed)
    }

    /// The workspace with this id within one organization.
    pub fn find_in(&self, org_id: &str, id: &str) -> Result<Value, ApiError> {
        let own = self.shelf.get(id).filter(|workspace| *workspace.org_id == *org_id);
        own.map(Workspace::parsed).ok_or_else(ApiError::not_found)
    }

    /// All workspaces of all organizations.
    pub fn all(&self) -> impl Iterator<Item = Value> {
        self.shelf.all().map(Workspace::parsed)
    }

    /// A workspace that gets a device can place calls from then on (Devices API reference, "Create a Device
    /// Activation Code").
    pub fn begin_calling(&mut self, id: &str) {
        let Some(workspace) = self.find(id) else { return };
        if matches!(workspace["calling"]["type"].as_str(), Some("none" | "thirdPartySipCalling")) {
            self.change(id, &json!({ "calling": { "type": "freeCalling" } }));
        }
    }

    /// `GET /workspaces`: the body. There is no `Link` header: the reference does not show one for this list.
    #[must_use]
    pub fn list(&mut self, org_id: &str, filter: &WorkspaceFilter, start: usize, max: usize) -> String {
        let page = self.shelf.page(org_id, filter, start, max);
        let shown = page.slots.iter().filter_map(|slot| self.shelf.at(*slot)).map(|found| &*found.json);
        format!(r#"{{"items":[{}]}}"#, shown.collect::<Vec<_>>().join(","))
    }
}
