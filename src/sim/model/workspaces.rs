//! The rooms and desks that devices stand in.

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::sim::error::ApiError;
use crate::sim::ids::unpadded;

#[derive(Debug)]
struct Workspace {
    org_id: String,
    display_name: String,
    json: Box<str>,
}

/// All workspaces of all organizations.
#[derive(Debug, Default)]
pub struct Workspaces {
    items: Vec<Workspace>,
    by_id: HashMap<String, usize>,
}

impl Workspaces {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Adds a workspace.
    pub fn add(&mut self, fields: &Value) {
        let text = |field: &str| fields[field].as_str().unwrap_or_default();
        self.by_id.insert(text("id").to_owned(), self.items.len());
        self.items.push(Workspace {
            org_id: text("orgId").to_owned(),
            display_name: text("displayName").to_lowercase(),
            json: fields.to_string().into(),
        });
    }

    /// Gives a workspace another name. Answers whether it is there.
    pub fn rename(&mut self, id: &str, name: &str) -> bool {
        let workspace = self.by_id.get(unpadded(id)).and_then(|index| self.items.get_mut(*index));
        let Some(workspace) = workspace else { return false };
        let mut fields: Value =
            serde_json::from_str(&workspace.json).expect("it was written from a JSON value");
        fields["displayName"] = json!(name);
        workspace.display_name = name.to_lowercase();
        workspace.json = fields.to_string().into();
        true
    }

    /// `GET /workspaces`: the body. There is no `Link` header: the reference does not show one for this list.
    #[must_use]
    pub fn list(&self, org_id: &str, name_part: Option<&str>, start: usize, max: usize) -> String {
        let part = name_part.map(str::to_lowercase);
        let fits = |workspace: &&Workspace| {
            workspace.org_id == org_id
                && part.as_ref().is_none_or(|part| workspace.display_name.contains(part))
        };
        let page: Vec<&str> =
            self.items.iter().filter(fits).skip(start).take(max).map(|workspace| &*workspace.json).collect();
        format!(r#"{{"items":[{}]}}"#, page.join(","))
    }

    /// `GET /workspaces/{id}` within one organization: the JSON.
    pub fn get(&self, org_id: &str, id: &str) -> Result<String, ApiError> {
        let workspace = self.by_id.get(unpadded(id)).and_then(|index| self.items.get(*index));
        let own = workspace.filter(|workspace| workspace.org_id == org_id);
        own.map(|workspace| workspace.json.to_string()).ok_or_else(ApiError::not_found)
    }
}
