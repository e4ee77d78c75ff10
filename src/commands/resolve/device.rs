//! Searches Webex for the devices that a reference may mean.
//!
//! A whole id takes one call. A bare UUID may take the whole list: it lacks the cluster of the id, so a 404 proves
//! nothing about it. Anything else takes two or three filtered lists, requested concurrently: by serial number, by
//! name, and by MAC address if the text is one. If exactly one of the listed devices matches by serial number or MAC
//! address, it is the result. A second device with the text as its name may be missed if Webex's name filter does not
//! list it. A name, several matches, or no match at all take the whole list.

use super::compare::Typed;
use super::lists::{Filtered, search_all, search_filtered};
use super::record::MatchedBy;
use super::search::{Match, Read, Resolution};
use crate::domain::{Device, DeviceId, Mac, OrgScope, Reference, id};
use crate::webex::{AdminClient, WebexError};

/// A device that matches a reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MatchedDevice {
    pub(crate) device: Device,
    /// The strongest property, if several match.
    pub(crate) by: MatchedBy,
}

/// The result of a device search.
pub(crate) type DeviceResolution = Resolution<MatchedDevice, Device>;

impl From<Match<Device>> for MatchedDevice {
    fn from(matched: Match<Device>) -> Self {
        Self { device: matched.record, by: matched.by }
    }
}

/// Finds the device that a reference means. See [`crate::commands::resolve`] for the rules.
pub(crate) async fn find_device(
    admin: &AdminClient,
    scope: &OrgScope,
    reference: &Reference,
) -> Result<DeviceResolution, WebexError> {
    if let Some(id) = reference.as_id()
        && let Some(resolution) = by_id(admin, scope, id).await?
    {
        return Ok(resolution);
    }
    let typed = Typed::device(reference);
    let Filtered { search, is_complete } = filtered_search(admin, scope, reference, &typed).await?;
    if is_complete && search.is_decided() {
        return Ok(search.conclude(Read::Whole { unreadable: 0 }).map(MatchedDevice::from));
    }
    let pages = admin.device_pages(scope, &[]);
    let (search, read) = search_all(&typed, pages, usize::MAX, &search).await?;
    Ok(search.conclude(read).map(MatchedDevice::from))
}

/// The device with this id. `None` if there is none and the text may be something else, such as a long name without
/// spaces.
async fn by_id(
    admin: &AdminClient,
    scope: &OrgScope,
    id: DeviceId,
) -> Result<Option<DeviceResolution>, WebexError> {
    let is_certain = id::decode(id.as_str()).is_some();
    match admin.device(scope, &id).await {
        // Compared with the record, because Webex decides which device a bare UUID selects.
        Ok(device) if !is_certain && device.id != id => Ok(None),
        Ok(device) => Ok(Some(Resolution::One(Box::new(MatchedDevice { device, by: MatchedBy::Id })))),
        Err(WebexError::NotFound(_)) if is_certain => Ok(Some(Resolution::no_such_id())),
        Err(WebexError::NotFound(_)) => Ok(None),
        // Some Webex services answer this way if the text does not look like an id to them.
        Err(WebexError::Refused(answer)) if answer.status == 400 && !is_certain => Ok(None),
        Err(error) => Err(error),
    }
}

async fn filtered_search(
    admin: &AdminClient,
    scope: &OrgScope,
    reference: &Reference,
    typed: &Typed,
) -> Result<Filtered<Device>, WebexError> {
    let text = reference.as_str();
    // No serial number contains a space, and Cisco's are in capitals.
    let serial = (!text.contains(char::is_whitespace)).then(|| text.to_uppercase());
    let mac = reference.as_mac().map(Mac::digits);
    let search_by = |filter: &'static str, value: Option<String>| {
        search_filtered(typed, value.map(|value| admin.device_pages(scope, &[(filter, value)])))
    };
    let (mut all, serial, mac) = tokio::try_join!(
        search_by("displayName", Some(text.to_owned())),
        search_by("serial", serial),
        search_by("mac", mac),
    )?;
    all.merge(&serial);
    all.merge(&mac);
    Ok(all)
}
