//! What can be done with one device, each call with the grant it takes.
//!
//! Nothing here is repeated: whether a call that got no answer may be made again is for the jobs to decide.

use std::fmt;

use jiff::Timestamp;
use reqwest::Method;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;
use serde_json::Value;

use super::admin::AdminClient;
use super::error::{ResponseInfo, WebexError};
use super::transport::{Call, Good, unreadable};
use super::wire::WireDevice;
use crate::domain::{Device, DeviceId, Mac, OrgScope, PlaceId};
use crate::policy::{Deleting, Grant, Provisioning, Tagging};

/// What a change of tags must be called, or Webex answers 415 (Webex, *Devices*: Modify Device Tags).
const JSON_PATCH: &str = "application/json-patch+json";

/// A code with which a device joins the organization: whoever has it can use it, so it is never printed.
pub struct ActivationCode {
    /// The code, as Webex gave it.
    pub code: SecretString,
    /// Until when it can be used, if Webex says so.
    pub expires_at: Option<Timestamp>,
}

/// Without the code.
impl fmt::Debug for ActivationCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ActivationCode(until {:?})", self.expires_at)
    }
}

/// One operation of a JSON Patch, in the array form of Webex's example; the path goes without a leading slash.
/// `replace` is the one operation that is needed: it can be repeated, and `remove` would clear all tags.
#[derive(Serialize)]
struct PatchTags<'a> {
    op: &'static str,
    path: &'static str,
    value: &'a [String],
}

impl<'a> PatchTags<'a> {
    fn replace(tags: &'a [String]) -> [Self; 1] {
        [Self { op: "replace", path: "tags", value: tags }]
    }
}

/// What comes, and for whom; exactly one of the two ids (Webex, *Devices*).
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
        Self { mac: mac.map(Mac::digits), model, workspace_id, person_id }
    }
}

impl AdminClient {
    /// One device, read now: `GET /devices/{deviceId}` (Webex, *Devices*: Get Device Details).
    pub async fn device(&self, scope: &OrgScope, id: &DeviceId) -> Result<Device, WebexError> {
        let query = Vec::from_iter(self.org_query(scope));
        let path = ["devices", id.as_str()];
        the_one(self.send(Call::get(&path).query(&query)).await?, id)
    }

    /// Deletes one device: `DELETE /devices/{deviceId}` (Webex, *Devices*: Delete a Device). Only somebody
    /// with a grant gets here. Any 2xx is good; it cannot be undone.
    pub async fn delete_device(
        &self,
        _evidence: &Grant<Deleting>,
        scope: &OrgScope,
        id: &DeviceId,
    ) -> Result<ResponseInfo, WebexError> {
        let query = Vec::from_iter(self.org_query(scope));
        let path = ["devices", id.as_str()];
        let call = Call::new(Method::DELETE, &path).query(&query);
        match self.send(call).await {
            Ok(good) => Ok(good.answered),
            // The status is good and the body is of no interest.
            Err(WebexError::Unreadable { answer, .. }) => Ok(answer),
            Err(error) => Err(error),
        }
    }

    /// Gives a device these tags in place of all it has: `PATCH /devices/{deviceId}` (Webex, *Devices*: Modify Device
    /// Tags). Answers the device as Webex then shows it. Webex has no way to say "if nobody has changed them
    /// meanwhile": whoever sets tags reads them again.
    pub async fn tag_device(
        &self,
        _evidence: &Grant<Tagging>,
        scope: &OrgScope,
        id: &DeviceId,
        tags: &[String],
    ) -> Result<Device, WebexError> {
        let query = Vec::from_iter(self.org_query(scope));
        let path = ["devices", id.as_str()];
        let call = Call::new(Method::PATCH, &path).query(&query).json(&PatchTags::replace(tags));
        the_one(self.send(call.content_type(JSON_PATCH)).await?, id)
    }

    /// A code to activate a device with: `POST /devices/activationCode` (Webex, *Devices*: Create a Device Activation
    /// Code). Phones need a model. Each call makes another code.
    pub async fn activation_code(
        &self,
        _evidence: &Grant<Provisioning>,
        scope: &OrgScope,
        place: &PlaceId,
        model: Option<&str>,
    ) -> Result<ActivationCode, WebexError> {
        let query = Vec::from_iter(self.org_query(scope));
        let body = NewDevice::new(None, model, place);
        let call = Call::new(Method::POST, &["devices", "activationCode"]).query(&query).json(&body);
        read_code(&self.send(call).await?)
    }

    /// Brings in a phone by its MAC address: `POST /devices` (Webex, *Devices*: Create a Device by MAC Address).
    /// Answers the new device. An [`Unreadable`](WebexError::Unreadable) answer means that it was added.
    pub async fn add_device(
        &self,
        _evidence: &Grant<Provisioning>,
        scope: &OrgScope,
        mac: &Mac,
        model: &str,
        place: &PlaceId,
    ) -> Result<Device, WebexError> {
        let query = Vec::from_iter(self.org_query(scope));
        let body = NewDevice::new(Some(mac), Some(model), place);
        let good = self.send(Call::new(Method::POST, &["devices"]).query(&query).json(&body)).await?;
        let answered = good.answered.clone();
        let device: WireDevice = good.parse()?;
        device.into_listed().ok_or_else(|| no_device(answered))
    }
}

/// The device that was asked for.
fn the_one(good: Good, id: &DeviceId) -> Result<Device, WebexError> {
    let answered = good.answered.clone();
    let device: WireDevice = good.parse()?;
    device.into_device(id.clone()).ok_or_else(|| no_device(answered))
}

fn no_device(answered: ResponseInfo) -> WebexError {
    unreadable(answered, "expected the record of the device, found something else")
}

/// The code in an answer. An error about it says nothing of what was found in its place: that may be a code.
fn read_code(good: &Good) -> Result<ActivationCode, WebexError> {
    let answered = good.answered.clone();
    let odd = || unreadable(answered.clone(), "expected an activation code, found something else");
    let body: Value = serde_json::from_slice(good.body()).map_err(|_| odd())?;
    let code = match &body["code"] {
        Value::String(code) => SecretString::from(code.trim()),
        Value::Number(code) => SecretString::from(code.to_string()),
        _ => return Err(odd()),
    };
    if code.expose_secret().is_empty() {
        return Err(odd());
    }
    let expires_at = body["expiryTime"].as_str().and_then(|text| text.parse().ok());
    Ok(ActivationCode { code, expires_at })
}

#[cfg(test)]
mod tests;
