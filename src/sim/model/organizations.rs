//! Organizations with their locations and workspaces, and their administration by partners.

use serde_json::{Value, json};

use super::stored::{AccessToken, TokenKind};
use super::{Model, written};
use crate::sim::error::{ApiError, ApiResult};
use crate::sim::ids::unpadded;

impl Model {
    pub(crate) fn add_organization(&mut self, display_name: &str) -> String {
        let id = self.mint("ORGANIZATION");
        let created = written(self.now());
        self.organizations.push(json!({ "id": id, "displayName": display_name, "created": created }));
        id
    }

    /// Lets the administrators of one organization into another one, or no longer.
    pub(crate) fn set_managed(&mut self, partner: &str, customer: &str, managed: bool) {
        let pair = (partner.to_owned(), customer.to_owned());
        if managed {
            self.managed_organizations.insert(pair);
        } else {
            self.managed_organizations.remove(&pair);
        }
    }

    /// Whether a token can name an organization: its own, or for an administrator also one that its own manages.
    fn reaches(&self, token: &AccessToken, org_id: &Value) -> bool {
        let manages =
            |org_id: &str| self.managed_organizations.contains(&(token.org_id.clone(), org_id.to_owned()));
        *org_id == *token.org_id || token.kind == TokenKind::Admin && org_id.as_str().is_some_and(manages)
    }

    /// The organization that a request is about: the one that it names, or the token's own.
    pub(crate) fn administered(&self, token: &AccessToken, named: Option<&str>) -> ApiResult<String> {
        let org_id = named.map_or(&*token.org_id, unpadded);
        if self.reaches(token, &json!(org_id)) { Ok(org_id.to_owned()) } else { Err(ApiError::forbidden()) }
    }

    /// `GET /organizations`: those that a token can see.
    pub(crate) fn organizations_seen_by(&self, token: &AccessToken) -> Vec<Value> {
        self.organizations.iter().filter(|one| self.reaches(token, &one["id"])).cloned().collect()
    }

    /// `GET /organizations/{id}`.
    pub(crate) fn organization_seen_by(&self, token: &AccessToken, id: &str) -> ApiResult<Value> {
        let mut seen = self.organizations_seen_by(token).into_iter();
        seen.find(|one| one["id"] == unpadded(id)).ok_or_else(ApiError::not_found)
    }

    /// `GET /workspaces/{id}`, which has no parameter for the organization: any that the token reaches.
    pub(crate) fn workspace_seen_by(&self, token: &AccessToken, id: &str) -> ApiResult<Value> {
        let found = self.workspaces.find(id).filter(|workspace| self.reaches(token, &workspace["orgId"]));
        found.ok_or_else(ApiError::not_found)
    }

    /// Removes a workspace with all its devices. Returns whether it existed.
    pub(crate) fn remove_workspace(&mut self, id: &str) -> bool {
        self.devices.remove_all_in(unpadded(id));
        self.workspaces.remove(id)
    }

    pub(crate) fn add_location(&mut self, fields: Value) {
        self.locations.push(fields);
    }

    /// `GET /locations` of one organization: all, or those with this name.
    pub(crate) fn locations_of(&self, org_id: &str, name: Option<&str>) -> Vec<Value> {
        let has_name = |location: &Value, name: &str| {
            location["name"].as_str().is_some_and(|its_name| its_name.eq_ignore_ascii_case(name))
        };
        let fits = |location: &&Value| {
            location["orgId"] == org_id && name.is_none_or(|name| has_name(location, name))
        };
        self.locations.iter().filter(fits).cloned().collect()
    }

    /// `GET /locations/{id}` within one organization.
    pub(crate) fn location_in(&self, org_id: &str, id: &str) -> ApiResult<Value> {
        let fits = |location: &&Value| location["orgId"] == org_id && location["id"] == unpadded(id);
        self.locations.iter().find(fits).cloned().ok_or_else(ApiError::not_found)
    }
}
