//! The calls for devices; each change takes the grant it needs.
//!
//! No call is repeated here: the jobs decide whether a call without a response may be sent again.

use std::fmt;

use jiff::Timestamp;
use reqwest::Method;
use secrecy::SecretString;
use serde::Serialize;
use serde_json::{Value, json};

use super::absence::Accepted;
use super::admin::AdminClient;
use super::error::WebexError;
use super::paging::{EndOfList, Pages};
use super::transport::{Call, Success, unreadable};
use super::wire::WireDevice;
use crate::domain::{Device, DeviceId, Mac, OrgScope, PlaceId};
use crate::policy::{DeleteRight, FreshDecision, Grant, ProvisionRight, TagRight};

/// The media type of a change of tags; any other is a 415 (Webex, *Devices*: Modify Device Tags).
const JSON_PATCH: &str = "application/json-patch+json";
/// Devices per page: about half a megabyte. Webex silently caps it at its own limit, and larger pages are the first to
/// end in a 504.
const PAGE_SIZE: usize = 500;

/// The devices of an organization, page by page.
pub type DevicePages = Pages<WireDevice, Device>;

/// A change of the tags of a device.
#[derive(Debug, Clone, Copy)]
pub(crate) enum TagWrite<'a> {
    /// Adds these tags to those that the device has by then.
    Add(&'a [String]),
    /// Replaces all tags, because Webex cannot remove a single one.
    Replace(&'a [String]),
}

/// A code with which a device joins the organization. Anyone who knows it can use it, so it is never printed.
pub struct ActivationCode {
    /// The code as Webex returned it.
    pub code: SecretString,
    /// When it expires, if Webex states it.
    pub expires_at: Option<Timestamp>,
}

/// Without the code.
impl fmt::Debug for ActivationCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ActivationCode(until {:?})", self.expires_at)
    }
}

/// A device to add, for exactly one workspace or person (Webex, *Devices*).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NewDevice<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    mac: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    workspace_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    person_id: Option<&'a str>,
}

impl<'a> NewDevice<'a> {
    fn new(mac: Option<&Mac>, model: Option<&'a str>, place: &'a PlaceId) -> Self {
        let (workspace_id, person_id) = match place {
            PlaceId::Workspace(id) => (Some(id.as_str()), None),
            PlaceId::Person(id) => (None, Some(id.as_str())),
        };
        Self { mac: mac.map(|mac| mac.digits()), model, workspace_id, person_id }
    }
}

impl AdminClient {
    /// The devices of an organization: `GET /devices` (Webex, *Devices*: List Devices). Webex does not guarantee exact
    /// filters, so callers match again. Records of another organization are left out and count as unreadable.
    pub(crate) fn device_pages(&self, scope: &OrgScope, filters: &[(&str, String)]) -> DevicePages {
        let (admin, of) = (self.clone(), scope.clone());
        let read = move |device: WireDevice| {
            device.into_listed().filter(|device| admin.is_of(&of, device.org_id.as_ref()))
        };
        Pages::new(self, "devices", PAGE_SIZE, EndOfList::NoLink, read).narrowed(scope, filters)
    }

    /// A device, read now: `GET /devices/{deviceId}` (Webex, *Devices*: Get Device Details). The record of another
    /// organization is an error.
    pub(crate) async fn device(&self, scope: &OrgScope, id: &DeviceId) -> Result<Device, WebexError> {
        let response = self.send(Call::get(&["devices", id.as_str()]).org(self.org(scope))).await?;
        let info = response.info.clone();
        let device = requested(response, id)?;
        if self.is_of(scope, device.org_id.as_ref()) {
            Ok(device)
        } else {
            Err(WebexError::OtherOrganization(info))
        }
    }

    /// Sends a change of a device. Only Webex's own answer, with a tracking id, says that it was accepted.
    async fn change(&self, call: Call<'_>) -> Result<Success, WebexError> {
        match self.send(call).await {
            Ok(Success { info, .. }) | Err(WebexError::Unreadable { answer: info, .. })
                if info.tracking_id.is_none() =>
            {
                Err(WebexError::ForeignAnswer(info))
            }
            answer => answer,
        }
    }

    /// Deletes a device for good: `DELETE /devices/{deviceId}` (Webex, *Devices*: Delete a Device). Any 2xx of Webex's
    /// own counts as success.
    pub(crate) async fn delete_device(
        &self,
        _evidence: &Grant<DeleteRight>,
        decision: FreshDecision,
        scope: &OrgScope,
        id: &DeviceId,
    ) -> Result<Accepted, WebexError> {
        let path = ["devices", id.as_str()];
        match self.change(Call::new(Method::DELETE, &path).org(self.org(scope)).decided(decision)).await {
            Ok(Success { info, .. }) | Err(WebexError::Unreadable { answer: info, .. }) => {
                Ok(Accepted::new(info))
            }
            Err(error) => Err(error),
        }
    }

    /// Changes the tags of a device: `PATCH /devices/{deviceId}` (Webex, *Devices*: Modify Device Tags). Returns the
    /// device as Webex shows it afterwards. Webex cannot make the change conditional on the current tags, so callers
    /// read them again.
    pub(crate) async fn tag_device(
        &self,
        _evidence: &Grant<TagRight>,
        decision: FreshDecision,
        scope: &OrgScope,
        id: &DeviceId,
        write: TagWrite<'_>,
    ) -> Result<Device, WebexError> {
        let path = ["devices", id.as_str()];
        // A JSON Patch in the form of Webex's example, whose path has no leading slash. Both can be repeated; `remove`
        // would clear all tags.
        let (op, tags) = match write {
            TagWrite::Add(tags) => ("add", tags),
            TagWrite::Replace(tags) => ("replace", tags),
        };
        let body = json!([{ "op": op, "path": "tags", "value": tags }]);
        let call = Call::new(Method::PATCH, &path).org(self.org(scope)).decided(decision).json(&body);
        requested(self.change(call.content_type(JSON_PATCH)).await?, id)
    }

    /// Creates an activation code: `POST /devices/activationCode` (Webex, *Devices*: Create a Device Activation Code).
    /// Phones need a model. Each call creates another code.
    pub(crate) async fn activation_code(
        &self,
        _evidence: &Grant<ProvisionRight>,
        decision: FreshDecision,
        scope: &OrgScope,
        place: &PlaceId,
        model: Option<&str>,
    ) -> Result<ActivationCode, WebexError> {
        let body = NewDevice::new(None, model, place);
        let call = Call::new(Method::POST, &["devices", "activationCode"]).org(self.org(scope));
        read_code(&self.change(call.decided(decision).json(&body)).await?)
    }

    /// Adds a phone by its MAC address: `POST /devices` (Webex, *Devices*: Create a Device by MAC Address). After an
    /// [`Unreadable`](WebexError::Unreadable) response, such as the record of another MAC address, only a read shows
    /// whether the phone was added.
    pub(crate) async fn add_device(
        &self,
        _evidence: &Grant<ProvisionRight>,
        decision: FreshDecision,
        scope: &OrgScope,
        mac: &Mac,
        model: &str,
        place: &PlaceId,
    ) -> Result<Device, WebexError> {
        let body = NewDevice::new(Some(mac), Some(model), place);
        let call = Call::new(Method::POST, &["devices"]).org(self.org(scope)).decided(decision).json(&body);
        let has_mac = |device: &Device| {
            device.mac.as_deref().is_none_or(|text| Mac::parse(text).is_ok_and(|found| found == *mac))
        };
        read_device(self.change(call).await?, |device| device.into_listed().filter(has_mac))
    }
}

/// The device with this id.
fn requested(response: Success, id: &DeviceId) -> Result<Device, WebexError> {
    read_device(response, |device| device.into_device(id.clone()))
}

fn read_device(
    response: Success,
    read: impl FnOnce(WireDevice) -> Option<Device>,
) -> Result<Device, WebexError> {
    let info = response.info.clone();
    let what = "expected the record of the device, found something else";
    read(response.parse()?).ok_or_else(|| unreadable(info, what))
}

/// The code in a response. The error quotes nothing, because the unexpected value may be a code.
fn read_code(response: &Success) -> Result<ActivationCode, WebexError> {
    let body: Value = serde_json::from_slice(response.body()).unwrap_or_default();
    let code = match &body["code"] {
        Value::String(code) => code.trim().to_owned(),
        Value::Number(code) => code.to_string(),
        _ => String::new(),
    };
    if code.is_empty() {
        return Err(unreadable(response.info.clone(), "expected an activation code, found something else"));
    }
    let expires_at = body["expiryTime"].as_str().and_then(|text| text.parse().ok());
    Ok(ActivationCode { code: code.into(), expires_at })
}

#[cfg(test)]
mod tests;
