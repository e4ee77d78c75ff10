//! Evidence that a device is gone. A 404 alone is not: a credential that may no longer see the organization gets the
//! same answer for a device that is still there.

use super::admin::AdminClient;
use super::error::{ResponseInfo, WebexError, WebexNotFound};
use super::transport::Call;
use super::wire::{Items, WireDevice, WireWorkspace};
use crate::domain::{DeviceId, OrgId, OrgScope};

/// Evidence that Webex accepted the DELETE of a device: the credential worked in the organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted(ResponseInfo);

impl Accepted {
    pub(super) fn new(answer: ResponseInfo) -> Self {
        Self(answer)
    }

    /// The response.
    pub(crate) fn info(&self) -> &ResponseInfo {
        &self.0
    }

    /// An acceptance with this status.
    #[cfg(test)]
    pub(crate) fn answered(status: u16) -> Self {
        Self(ResponseInfo { status, tracking_id: Some(format!("T_{status}")), message: None })
    }
}

/// Evidence that the credential can see something else in the organization of a missing device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Witness(());

impl Witness {
    /// A witness without a call.
    #[cfg(test)]
    pub(crate) fn for_tests() -> Self {
        Self(())
    }
}

/// Evidence that a device is not in its organization any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvenAbsence(());

impl ProvenAbsence {
    /// Webex does not find the device, and the same credential sees something else in the same organization.
    pub(crate) fn witnessed(_not_found: &WebexNotFound, _witness: Witness) -> Self {
        Self(())
    }

    /// Webex does not find the device right after it accepted the DELETE of the same credential.
    pub(crate) fn after_delete(_not_found: &WebexNotFound, _accepted: &Accepted) -> Self {
        Self(())
    }
}

impl AdminClient {
    /// Reads something other than the missing device in its organization: another device (`GET /devices`), else a
    /// workspace (`GET /workspaces`), each with the organization in its record. `None` if Webex lists neither, or only
    /// the missing device itself, which proves nothing.
    pub(crate) async fn witness(
        &self,
        scope: &OrgScope,
        missing: &DeviceId,
    ) -> Result<Option<Witness>, WebexError> {
        // Two, because the list may still show the missing device.
        let query = [("max", "2")];
        let call = Call::get(&["devices"]).query(&query).org(self.org(scope));
        let devices: Items<WireDevice> = self.fetch(call).await?;
        let (same, others): (Vec<_>, Vec<_>) =
            devices.items.into_iter().partition(|device| device.has_id(missing));
        let is_of = |org: Option<&OrgId>| org.is_some() && self.is_of(scope, org);
        let mut others = others.into_iter().filter_map(WireDevice::into_listed);
        if others.any(|device| is_of(device.org_id.as_ref())) {
            return Ok(Some(Witness(())));
        }
        if !same.is_empty() {
            // Webex lists the very device, which a workspace cannot outweigh.
            return Ok(None);
        }
        let call = Call::get(&["workspaces"]).query(&query[..]).org(self.org(scope));
        let workspaces: Items<WireWorkspace> = self.fetch(call).await?;
        let mut workspaces = workspaces.items.into_iter().map(WireWorkspace::into_workspace);
        let is_there = workspaces.any(|workspace| is_of(workspace.org_id.as_ref()));
        Ok(is_there.then_some(Witness(())))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::webex::fake_server::{FakeAnswer, FakeServer};

    const MISSING: &str = "11111111-2222-3333-4444-555555555555";
    const OTHER: &str = "99999999-2222-3333-4444-555555555555";

    async fn witness(devices: Value, workspaces: Value) -> (bool, Vec<String>) {
        let server = FakeServer::new(move |call| {
            FakeAnswer::items(if call.path == "/devices" { devices.clone() } else { workspaces.clone() })
        })
        .await;
        let missing = DeviceId::parse(MISSING).unwrap();
        let found = server.admin(Some("acme")).witness(&OrgScope::Default, &missing).await.unwrap();
        (found.is_some(), server.lines())
    }

    #[tokio::test]
    async fn another_device_or_a_workspace_of_the_organization_is_a_witness() {
        let devices = "GET /devices?max=2&orgId=acme".to_owned();
        let workspaces = "GET /workspaces?max=2&orgId=acme".to_owned();
        let found = witness(json!([{ "id": MISSING }, { "id": OTHER, "orgId": "acme" }]), json!([])).await;
        assert_eq!(found, (true, vec![devices.clone()]));
        let both = vec![devices.clone(), workspaces];
        let workspace = json!([{ "id": "w-1", "orgId": "acme" }]);
        assert_eq!(witness(json!([]), workspace.clone()).await, (true, both.clone()));
        for others in [json!([]), json!([{ "id": OTHER, "orgId": "other" }]), json!([{ "id": OTHER }])] {
            assert_eq!(witness(others, json!([])).await, (false, both.clone()));
        }
        // Webex still lists the device itself.
        assert_eq!(witness(json!([{ "id": MISSING }]), workspace).await, (false, vec![devices]));
    }

    #[tokio::test]
    async fn a_workspace_of_another_organization_is_no_witness() {
        for (workspace, is_witness) in [
            (json!({ "id": "w-1", "orgId": "other" }), false),
            (json!({ "id": "w-1" }), false),
            (json!({ "id": "w-1", "orgId": "acme" }), true),
        ] {
            assert_eq!(witness(json!([]), json!([workspace.clone()])).await.0, is_witness, "{workspace}");
        }
    }

    #[tokio::test]
    async fn a_device_under_another_of_its_ids_is_not_its_own_witness() {
        for alias in ["webexDeviceId", "callingDeviceId"] {
            let missing = json!({ "id": OTHER, alias: MISSING, "orgId": "acme" });
            assert!(!witness(json!([missing]), json!([])).await.0, "{alias}");
        }
        let other = json!({ "id": OTHER, "webexDeviceId": OTHER, "callingDeviceId": null, "orgId": "acme" });
        assert!(witness(json!([other]), json!([])).await.0);
    }
}
