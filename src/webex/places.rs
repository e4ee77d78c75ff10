//! The calls for the surroundings of devices: workspaces, locations and organizations.

use super::admin::AdminClient;
use super::error::WebexError;
use super::paging::{EndOfList, Pages};
use super::transport::{Call, asked_for};
use super::wire::{Items, WireLocation, WireOrganization, WireWorkspace};
use crate::domain::{Location, LocationId, OrgScope, Organization, Workspace, WorkspaceId};

/// Workspaces and locations per page; Webex silently caps it at its own limit.
const PAGE_SIZE: usize = 500;
/// Most locations read: far more than an organization has sites.
const MOST_LOCATIONS: usize = 10_000;

/// The workspaces of an organization, page by page.
pub type WorkspacePages = Pages<WireWorkspace, Workspace>;

impl AdminClient {
    /// A workspace of any organization: `GET /workspaces/{workspaceId}` (Webex, *Workspaces*: Get Workspace Details).
    pub(crate) async fn workspace(&self, id: &WorkspaceId) -> Result<Workspace, WebexError> {
        let response = self.send(Call::get(&["workspaces", id.as_str()])).await?;
        let info = response.info.clone();
        let workspace = response.parse::<WireWorkspace>()?.into_workspace();
        asked_for(info, workspace, |workspace| &workspace.id, id)
    }

    /// As [`workspace`](Self::workspace), which cannot name an organization: the record of another one is an error.
    pub(crate) async fn workspace_in(
        &self,
        scope: &OrgScope,
        id: &WorkspaceId,
    ) -> Result<Workspace, WebexError> {
        let response = self.send(Call::get(&["workspaces", id.as_str()])).await?;
        let info = response.info.clone();
        let workspace = response.parse::<WireWorkspace>()?.into_workspace();
        if self.is_of(scope, workspace.org_id.as_ref()) {
            Ok(workspace)
        } else {
            Err(WebexError::OtherOrganization(info))
        }
    }

    /// The workspaces of an organization: `GET /workspaces` (Webex, *Workspaces*: List Workspaces). Webex does not
    /// guarantee exact filters, so callers match again. Records of another organization are left out and count as
    /// unreadable.
    pub(crate) fn workspace_pages(&self, scope: &OrgScope, filters: &[(&str, String)]) -> WorkspacePages {
        let (admin, of) = (self.clone(), scope.clone());
        let read = move |workspace: WireWorkspace| {
            let workspace = workspace.into_workspace();
            admin.is_of(&of, workspace.org_id.as_ref()).then_some(workspace)
        };
        Pages::new(self, "workspaces", PAGE_SIZE, EndOfList::EmptyPage, read).narrowed(scope, filters)
    }

    /// A location: `GET /locations/{locationId}` (Webex, *Locations*: Get Location Details).
    pub(crate) async fn location(&self, scope: &OrgScope, id: &LocationId) -> Result<Location, WebexError> {
        let call = ["locations", id.as_str()];
        let location: WireLocation = self.fetch(Call::get(&call).org(self.org(scope))).await?;
        Ok(location.into_location())
    }

    /// The locations of an organization, ten thousand at most: `GET /locations` (Webex, *Locations*: List Locations).
    pub(crate) async fn locations(&self, scope: &OrgScope) -> Result<Vec<Location>, WebexError> {
        let read = |location: WireLocation| Some(location.into_location());
        let mut pages =
            Pages::new(self, "locations", PAGE_SIZE, EndOfList::NoLink, read).narrowed(scope, &[]);
        let mut locations = Vec::new();
        while locations.len() < MOST_LOCATIONS
            && let Some(page) = pages.next().await?
        {
            locations.extend(page);
        }
        locations.truncate(MOST_LOCATIONS);
        Ok(locations)
    }

    /// The organizations that the credential can see, several for partner administrators: `GET /organizations` (Webex,
    /// *Organizations*: List Organizations; not paginated).
    pub(crate) async fn organizations(&self) -> Result<Vec<Organization>, WebexError> {
        let found: Items<WireOrganization> = self.fetch(Call::get(&["organizations"])).await?;
        Ok(found.items.into_iter().map(WireOrganization::into_organization).collect())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::webex::fake_server::{FakeAnswer, FakeServer};

    #[tokio::test]
    async fn organizations_are_read() {
        let server =
            FakeServer::new(|_| FakeAnswer::items([json!({ "id": "acme", "displayName": "Acme" })])).await;
        let organizations = server.admin(Some("acme")).organizations().await.unwrap();
        assert_eq!((organizations.len(), organizations[0].name.as_str()), (1, "Acme"));
        assert_eq!(server.lines(), ["GET /organizations"]);
    }

    #[tokio::test]
    async fn unreadable_workspaces_are_counted() {
        let server = FakeServer::new(|call| match call.query_value("start") {
            None => FakeAnswer::items([json!({ "id": "w-1" }), json!({ "displayName": "Lobby" })]),
            _ => FakeAnswer::items(Vec::<serde_json::Value>::new()),
        })
        .await;
        let mut pages = server.admin(None).workspace_pages(&OrgScope::Default, &[]);
        assert_eq!(pages.next().await.unwrap().unwrap().len(), 1);
        assert_eq!(pages.next().await.unwrap().unwrap().len(), 0);
        assert!(pages.next().await.unwrap().is_none());
        assert_eq!(pages.unreadable(), 1);
    }
}
