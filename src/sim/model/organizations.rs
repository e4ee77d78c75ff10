//! Organizations and their locations, and who administers which.

use std::collections::HashSet;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Model, written};
use crate::sim::auth::{Token, TokenKind};
use crate::sim::error::ApiError;
use crate::sim::ids::unpadded;

/// The organizations and the places they are in.
#[derive(Debug, Default)]
pub struct Organizations {
    items: Vec<Organization>,
    /// The partners and their customers.
    managed: HashSet<(String, String)>,
    locations: Vec<Value>,
}

#[derive(Debug)]
struct Organization {
    id: String,
    display_name: String,
    created: Timestamp,
}

impl Organization {
    fn to_json(&self) -> Value {
        json!({ "id": self.id, "displayName": self.display_name, "created": written(self.created) })
    }
}

impl Model {
    /// Makes an organization known.
    pub fn add_organization(&mut self, id: &str, display_name: &str) {
        let created = self.now();
        let organization = Organization { id: id.to_owned(), display_name: display_name.to_owned(), created };
        self.organizations.items.push(organization);
    }

    /// Lets the administrators of one organization into another one, or no longer.
    pub fn manage(&mut self, partner: &str, customer: &str, managed: bool) {
        let pair = (partner.to_owned(), customer.to_owned());
        if managed {
            self.organizations.managed.insert(pair);
        } else {
            self.organizations.managed.remove(&pair);
        }
    }

    /// Whether a token can name an organization: its own, or as an administrator one that its own manages.
    fn reaches(&self, token: &Token, org_id: &str) -> bool {
        let pair = (token.org_id.clone(), org_id.to_owned());
        token.org_id == org_id
            || (token.kind == TokenKind::Admin && self.organizations.managed.contains(&pair))
    }

    /// The organization that a request is about: the one that it names, or the token's own.
    pub fn administered(&self, token: &Token, named: Option<&str>) -> Result<String, ApiError> {
        let org_id = named.map_or(&*token.org_id, unpadded);
        if self.reaches(token, org_id) { Ok(org_id.to_owned()) } else { Err(ApiError::forbidden()) }
    }

    /// `GET /organizations`: those that a token can see.
    #[must_use]
    pub fn organizations_seen_by(&self, token: &Token) -> Vec<Value> {
        let seen = self.organizations.items.iter().filter(|one| self.reaches(token, &one.id));
        seen.map(Organization::to_json).collect()
    }

    /// `GET /organizations/{id}`.
    pub fn organization_seen_by(&self, token: &Token, id: &str) -> Result<Value, ApiError> {
        let mut seen = self.organizations.items.iter().filter(|one| self.reaches(token, &one.id));
        let found = seen.find(|one| one.id == unpadded(id));
        found.map(Organization::to_json).ok_or_else(ApiError::not_found)
    }

    /// `GET /workspaces/{id}`, which has no parameter for the organization: any that the token reaches.
    pub fn workspace_seen_by(&self, token: &Token, id: &str) -> Result<Value, ApiError> {
        let found = self.workspaces.find(id);
        let reached =
            |workspace: &Value| workspace["orgId"].as_str().is_some_and(|org_id| self.reaches(token, org_id));
        found.filter(reached).ok_or_else(ApiError::not_found)
    }

    /// Makes a location known.
    pub fn add_location(&mut self, fields: Value) {
        self.organizations.locations.push(fields);
    }

    /// `GET /locations`: of one organization, all or those of this name.
    #[must_use]
    pub fn locations_of(&self, org_id: &str, name: Option<&str>) -> Vec<Value> {
        let fits = |location: &&Value| {
            let its_name = location["name"].as_str().unwrap_or_default();
            location["orgId"] == org_id && name.is_none_or(|name| its_name.eq_ignore_ascii_case(name))
        };
        self.organizations.locations.iter().filter(fits).cloned().collect()
    }

    /// `GET /locations/{id}` within one organization.
    pub fn location_in(&self, org_id: &str, id: &str) -> Result<Value, ApiError> {
        let fits = |location: &&Value| location["orgId"] == org_id && location["id"] == unpadded(id);
        self.organizations.locations.iter().find(fits).cloned().ok_or_else(ApiError::not_found)
    }
}
