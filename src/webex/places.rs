//! The places around devices: workspaces, locations, organizations; and the models that they take.

use super::admin::AdminClient;
use super::error::WebexError;
use super::listing::{Ending, Listing};
use super::paging::ListPage;
use super::transport::Call;
use super::wire::{Items, WireLocation, WireModel, WireOrganization, WireWorkspace};
use crate::domain::{Location, LocationId, OrgScope, Organization, Workspace, WorkspaceId};

/// Workspaces and locations asked for at a time; Webex silently gives fewer if that is above its own limit.
const PAGE_SIZE: usize = 500;
/// Locations that are read at most: far more than an organization has sites.
const MOST_LOCATIONS: usize = 10_000;

/// The workspaces that Webex lists, one page in memory at a time.
#[derive(Debug)]
pub struct WorkspacePages {
    listing: Listing,
    unreadable: usize,
}

/// A model of a phone, as activation codes and additions by MAC address want it named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SupportedModel {
    /// What Webex calls it: `DMS Cisco 8865`.
    pub model: String,
    /// What people call it.
    pub display_name: Option<String>,
}

impl WorkspacePages {
    /// The next page, or nothing after the last. A page may be empty and not be the last. After an error the same
    /// page can be asked for again.
    pub async fn next(&mut self) -> Result<Option<Vec<Workspace>>, WebexError> {
        let Some(page) = self.listing.next().await? else { return Ok(None) };
        let ListPage { items, unreadable, .. }: ListPage<WireWorkspace> = page;
        self.unreadable += unreadable;
        Ok(Some(items.into_iter().map(WireWorkspace::into_workspace).collect()))
    }

    /// How many records were left out so far because they could not be read.
    #[must_use]
    pub fn unreadable(&self) -> usize {
        self.unreadable
    }
}

impl AdminClient {
    /// One workspace: `GET /workspaces/{workspaceId}` (Webex, *Workspaces*: Get Workspace Details).
    pub async fn workspace(&self, id: &WorkspaceId) -> Result<Workspace, WebexError> {
        let workspace: WireWorkspace = self.fetch(Call::get(&["workspaces", id.as_str()])).await?;
        Ok(workspace.into_workspace())
    }

    /// The workspaces of an organization: `GET /workspaces` (Webex, *Workspaces*: List Workspaces). What Webex makes
    /// of the filters in `query` is not promised to be exact: match again.
    #[must_use]
    pub fn workspace_pages(&self, scope: &OrgScope, query: &[(&str, String)]) -> WorkspacePages {
        let listing = Listing::new(self, "workspaces", PAGE_SIZE, Ending::WithEmptyPage)
            .query(query.iter().map(|(name, value)| (*name, value.as_str())))
            .query(self.org_query(scope));
        WorkspacePages { listing, unreadable: 0 }
    }

    /// A location: `GET /locations/{locationId}` (Webex, *Locations*: Get Location Details).
    pub async fn location(&self, scope: &OrgScope, id: &LocationId) -> Result<Location, WebexError> {
        let query = Vec::from_iter(self.org_query(scope));
        let path = ["locations", id.as_str()];
        let location: WireLocation = self.fetch(Call::get(&path).query(&query)).await?;
        Ok(location.into_location())
    }

    /// The locations of an organization, ten thousand at most: `GET /locations` (Webex, *Locations*: List Locations).
    pub async fn locations(&self, scope: &OrgScope) -> Result<Vec<Location>, WebexError> {
        let mut listing =
            Listing::new(self, "locations", PAGE_SIZE, Ending::WithoutLink).query(self.org_query(scope));
        let mut locations = Vec::new();
        while let Some(page) = listing.next().await? {
            let page: ListPage<WireLocation> = page;
            locations.extend(page.items.into_iter().map(WireLocation::into_location));
            if locations.len() >= MOST_LOCATIONS {
                locations.truncate(MOST_LOCATIONS);
                break;
            }
        }
        Ok(locations)
    }

    /// The organizations that the credential can see, more than one for administrators of partners:
    /// `GET /organizations` (Webex, *Organizations*: List Organizations; not paginated).
    pub async fn organizations(&self) -> Result<Vec<Organization>, WebexError> {
        let found: Items<WireOrganization> = self.fetch(Call::get(&["organizations"])).await?;
        Ok(found.items.into_iter().map(WireOrganization::into_organization).collect())
    }

    /// The models of phones that can be brought in: `GET /telephony/config/supportedDevices` (Webex, *Device Call
    /// Settings*: Read the List of Supported Devices).
    pub async fn supported_models(&self, scope: &OrgScope) -> Result<Vec<SupportedModel>, WebexError> {
        let query = Vec::from_iter(self.org_query(scope));
        let path = ["telephony", "config", "supportedDevices"];
        let found: SupportedDevices = self.fetch(Call::get(&path).query(&query)).await?;
        Ok(found.devices.into_iter().map(WireModel::into_model).collect())
    }
}

#[derive(serde::Deserialize)]
struct SupportedDevices {
    #[serde(default)]
    devices: Vec<WireModel>,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fake_server::{FakeAnswer, FakeServer};
    use super::*;

    #[tokio::test]
    async fn organizations_and_models_are_read() {
        let stage = FakeServer::new(|heard| match heard.path.as_str() {
            "/organizations" => FakeAnswer::items([json!({ "id": "acme", "displayName": "Acme" })]),
            _ => FakeAnswer::json(json!({ "devices": [
                { "model": "DMS Cisco 8865", "displayName": "Cisco 8865", "family": "8800" },
                { "model": "Cisco 9861" },
            ]})),
        })
        .await;
        let admin = stage.admin(Some("acme"));
        let organizations = admin.organizations().await.unwrap();
        assert_eq!((organizations.len(), organizations[0].name.as_str()), (1, "Acme"));
        let models = admin.supported_models(&OrgScope::Default).await.unwrap();
        let names: Vec<_> =
            models.iter().map(|model| (model.model.as_str(), model.display_name.as_deref())).collect();
        assert_eq!(names, [("DMS Cisco 8865", Some("Cisco 8865")), ("Cisco 9861", None)]);
        assert_eq!(
            stage.lines(),
            ["GET /organizations", "GET /telephony/config/supportedDevices?orgId=acme"]
        );
    }

    #[tokio::test]
    async fn workspaces_that_cannot_be_read_are_counted() {
        let stage = FakeServer::new(|heard| match heard.asked("start") {
            None => FakeAnswer::items([json!({ "id": "w-1" }), json!({ "displayName": "Lobby" })]),
            _ => FakeAnswer::items(Vec::<serde_json::Value>::new()),
        })
        .await;
        let mut pages = stage.admin(None).workspace_pages(&OrgScope::Default, &[]);
        assert_eq!(pages.next().await.unwrap().unwrap().len(), 1);
        assert_eq!(pages.next().await.unwrap().unwrap().len(), 0);
        assert!(pages.next().await.unwrap().is_none());
        assert_eq!(pages.unreadable(), 1);
    }
}
