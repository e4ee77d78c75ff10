//! Asks Webex for the devices that a reference may mean.
//!
//! # What it costs
//!
//! An id is one call, and names its device whatever others are called. Anything else is two or three short lists, asked
//! for at the same time: the devices that Webex finds by that serial number, that name, and that MAC address if it is
//! one. A serial number or MAC address that only one of them fits is decided with that, whatever else may be called
//! like it beyond what Webex's filter by name has shown: the device that is chosen does have that number.
//!
//! A name is not, and neither is a no: for those all devices are read, 200 pages for 100,000 devices. That is worth
//! it. How Webex compares names is not documented (exactly? by part? with the case?), so a filtered list may lack a
//! second device of the same name, and then the wrong one would stand on the card; and a no that is not certain would
//! send an admin to look for a device that was there all the time. Two that a filtered list shows are a choice at
//! once, and their number is then a lower bound. Names are the slow way to name a device, and
//! serial numbers the quick one. Only one page of devices is in memory at a time.

use super::search::{By, Candidate, LookedUp, Resolution, Search};
use crate::domain::{DeviceId, OrgScope, Reference, id};
use crate::webex::{AdminClient, WebexError};

/// Pages of a filtered list that are read. One is enough where Webex filters as asked; where it goes on and on it
/// does not, and the list of all devices decides.
const MOST_HINTS: usize = 4;

/// Finds the device that a reference means: see [`crate::commands::resolve`] for what fits.
///
/// # Errors
/// When Webex could not be asked. That there is no such device is an answer and no error.
pub(crate) async fn find_device(
    admin: &AdminClient,
    scope: &OrgScope,
    reference: &Reference,
) -> Result<Resolution, WebexError> {
    if let Some(id) = reference.as_id()
        && let Some(resolution) = by_id(admin, scope, id).await?
    {
        return Ok(resolution);
    }
    let Hints { search, is_whole } = hints(admin, scope, reference).await?;
    if search.is_ambiguous() {
        return Ok(search.conclude_early());
    }
    if is_whole && search.is_decided() {
        return Ok(search.conclude(0));
    }
    everywhere(admin, scope, reference, &search).await
}

/// The device with this id; nothing where the text may after all be something else, as a long name without blanks.
async fn by_id(
    admin: &AdminClient,
    scope: &OrgScope,
    id: DeviceId,
) -> Result<Option<Resolution>, WebexError> {
    let is_certain = id::is_certain(id.as_str());
    match admin.device(scope, &id).await {
        Ok(device) => Ok(Some(Resolution::One(Box::new(Candidate { device, by: By::Id })))),
        Err(WebexError::NotFound(_)) if is_certain => {
            Ok(Some(Resolution::None { nearest: Vec::new(), looked_up: LookedUp::ById }))
        }
        Err(WebexError::NotFound(_)) => Ok(None),
        // Some services of Webex's answer so where it does not look like an id to them.
        Err(WebexError::Refused(answer)) if answer.status == 400 && !is_certain => Ok(None),
        Err(error) => Err(error),
    }
}

/// What the filtered lists have shown.
struct Hints {
    search: Search,
    /// Every list was read to its end.
    is_whole: bool,
}

async fn hints(admin: &AdminClient, scope: &OrgScope, reference: &Reference) -> Result<Hints, WebexError> {
    let text = reference.as_str();
    // No serial number has a blank in it, and Cisco's are in capitals.
    let serial = (!text.contains(char::is_whitespace)).then(|| text.to_uppercase());
    let mac = reference.as_mac().map(|mac| mac.digits());
    let (mut all, serial, mac) = tokio::try_join!(
        hint(admin, scope, reference, "displayName", Some(text.to_owned())),
        hint(admin, scope, reference, "serial", serial),
        hint(admin, scope, reference, "mac", mac),
    )?;
    for hints in [serial, mac] {
        all.search.join(&hints.search);
        all.is_whole &= hints.is_whole;
    }
    Ok(all)
}

/// The devices that Webex finds by this filter.
async fn hint(
    admin: &AdminClient,
    scope: &OrgScope,
    reference: &Reference,
    filter: &str,
    value: Option<String>,
) -> Result<Hints, WebexError> {
    let mut search = Search::new(reference);
    let Some(value) = value else { return Ok(Hints { search, is_whole: true }) };
    let mut pages = admin.device_pages(scope, &[(filter, value)]);
    for _ in 0..MOST_HINTS {
        match pages.next().await {
            Ok(Some(page)) => search.look_at_all(&page),
            Ok(None) => return Ok(Hints { search, is_whole: true }),
            // Not every text is one that Webex takes for this filter.
            Err(WebexError::Refused(answer)) if answer.status == 400 => break,
            Err(error) => return Err(error),
        }
    }
    Ok(Hints { search, is_whole: false })
}

/// Looks at all devices.
async fn everywhere(
    admin: &AdminClient,
    scope: &OrgScope,
    reference: &Reference,
    hints: &Search,
) -> Result<Resolution, WebexError> {
    let mut search = Search::new(reference);
    let mut pages = admin.device_pages(scope, &[]);
    while let Some(page) = pages.next().await? {
        search.look_at_all(&page);
        if search.has_more() {
            break;
        }
    }
    // A device that slipped between two pages was seen all the same.
    search.join(hints);
    Ok(search.conclude(pages.unreadable()))
}
