//! Searches Webex for the devices that a reference may mean.
//!
//! # Cost
//!
//! A whole id takes one call. A bare UUID may take the whole list: it lacks the cluster of the id, so a 404 proves
//! nothing about it. Anything else takes two or three filtered lists, requested concurrently: by serial number, by
//! name, and by MAC address if the text is one. If exactly one of the listed devices matches by serial number or MAC
//! address, it is the result. A second device with the text as its name may be missed if Webex's name filter does not
//! list it.
//!
//! A name, or no match at all, takes the whole list: 200 pages for 100,000 devices. That is worth it. Webex does not
//! document how it compares names (exactly, by part, with case?), so a filtered list may lack a second device of the
//! same name. A wrong "not found" would send an admin to search for a device that exists. Two matches in a filtered
//! list are a choice right away. Their number is a lower bound if a list was not read to its end. Only one page of devices is in memory at a time.

use super::search::{DeviceResolution, DeviceSearch, MatchedBy, MatchedDevice, SearchExtent};
use crate::domain::{DeviceId, Mac, OrgScope, Reference, id};
use crate::webex::{AdminClient, WebexError};

/// The most pages that are read of a filtered list. If it is longer, Webex did not apply the filter, and the whole list
/// is read.
const MAX_FILTERED_PAGES: usize = 4;

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
    let FilteredSearch { search, is_complete } = filtered_search(admin, scope, reference).await?;
    if search.is_ambiguous() {
        return Ok(search.conclude_early(is_complete));
    }
    if is_complete && search.is_decided() {
        return Ok(search.conclude(0));
    }
    full_search(admin, scope, reference, &search).await
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
        // Held against the record: what a UUID or another text that is no whole id selects is up to Webex.
        Ok(device) if !is_certain && device.id != id => Ok(None),
        Ok(device) => Ok(Some(DeviceResolution::One(Box::new(MatchedDevice { device, by: MatchedBy::Id })))),
        Err(WebexError::NotFound(_)) if is_certain => {
            Ok(Some(DeviceResolution::None { nearest: Vec::new(), searched: SearchExtent::IdOnly }))
        }
        Err(WebexError::NotFound(_)) => Ok(None),
        // Some Webex services answer this way if the text does not look like an id to them.
        Err(WebexError::Refused(answer)) if answer.status == 400 && !is_certain => Ok(None),
        Err(error) => Err(error),
    }
}

struct FilteredSearch {
    search: DeviceSearch,
    /// Every list was read to its end, with all its records.
    is_complete: bool,
}

async fn filtered_search(
    admin: &AdminClient,
    scope: &OrgScope,
    reference: &Reference,
) -> Result<FilteredSearch, WebexError> {
    let text = reference.as_str();
    // No serial number contains a space, and Cisco's are in capitals.
    let serial = (!text.contains(char::is_whitespace)).then(|| text.to_uppercase());
    let mac = reference.as_mac().map(Mac::digits);
    let (mut all, serial, mac) = tokio::try_join!(
        search_by(admin, scope, reference, "displayName", Some(text.to_owned())),
        search_by(admin, scope, reference, "serial", serial),
        search_by(admin, scope, reference, "mac", mac),
    )?;
    for filtered in [serial, mac] {
        all.search.merge(&filtered.search);
        all.is_complete &= filtered.is_complete;
    }
    Ok(all)
}

async fn search_by(
    admin: &AdminClient,
    scope: &OrgScope,
    reference: &Reference,
    filter: &str,
    value: Option<String>,
) -> Result<FilteredSearch, WebexError> {
    let mut search = DeviceSearch::new(reference);
    let Some(value) = value else { return Ok(FilteredSearch { search, is_complete: true }) };
    let mut pages = admin.device_pages(scope, &[(filter, value)]);
    for _ in 0..MAX_FILTERED_PAGES {
        match pages.next().await {
            Ok(Some(page)) => search.check_all(&page),
            // A record that could not be read may match as well.
            Ok(None) => {
                let is_complete = pages.unreadable() == 0;
                return Ok(FilteredSearch { search, is_complete });
            }
            // Webex does not accept every text in this filter.
            Err(WebexError::Refused(answer)) if answer.status == 400 => break,
            Err(error) => return Err(error),
        }
    }
    Ok(FilteredSearch { search, is_complete: false })
}

async fn full_search(
    admin: &AdminClient,
    scope: &OrgScope,
    reference: &Reference,
    filtered: &DeviceSearch,
) -> Result<DeviceResolution, WebexError> {
    let mut search = DeviceSearch::new(reference);
    let mut pages = admin.device_pages(scope, &[]);
    while let Some(page) = pages.next().await? {
        search.check_all(&page);
        if search.has_more() {
            break;
        }
    }
    // A device that slipped between two pages may still be in a filtered list.
    search.merge(filtered);
    Ok(search.conclude(pages.unreadable()))
}
