//! The devices of an organization, streamed page by page.

use super::admin::AdminClient;
use super::error::WebexError;
use super::listing::{Ending, Listing};
use super::paging::ListPage;
use super::wire::WireDevice;
use crate::domain::{Device, OrgScope};

/// Devices asked for at a time: about half a megabyte. Webex silently gives fewer if that is above its own limit,
/// and larger pages are the first to run into a 504.
const PAGE_SIZE: usize = 500;

/// The devices that Webex lists, one page in memory at a time.
#[derive(Debug)]
pub struct DevicePages {
    listing: Listing,
    unreadable: usize,
}

impl AdminClient {
    /// The devices of an organization: `GET /devices` (Webex, *Devices*: List Devices). What Webex makes of the
    /// filters in `query` is not promised to be exact: match again.
    #[must_use]
    pub fn device_pages(&self, scope: &OrgScope, query: &[(&str, String)]) -> DevicePages {
        let listing = Listing::new(self, "devices", PAGE_SIZE, Ending::WithoutLink)
            .query(query.iter().map(|(name, value)| (*name, value.as_str())))
            .query(self.org_query(scope));
        DevicePages { listing, unreadable: 0 }
    }
}

impl DevicePages {
    /// The next page, or nothing after the last. A page may be empty and not be the last. After an error the same
    /// page can be asked for again.
    ///
    /// Webex counts from the start of the list at each page: what is deleted or added meanwhile may make a device
    /// appear twice or not at all.
    pub async fn next(&mut self) -> Result<Option<Vec<Device>>, WebexError> {
        let Some(page) = self.listing.next().await? else { return Ok(None) };
        let ListPage { items, unreadable, .. }: ListPage<WireDevice> = page;
        let listed = items.len();
        let devices: Vec<Device> = items.into_iter().filter_map(WireDevice::into_listed).collect();
        self.unreadable += unreadable + (listed - devices.len());
        Ok(Some(devices))
    }

    /// How many records were left out so far because they could not be read or had no usable id.
    #[must_use]
    pub fn unreadable(&self) -> usize {
        self.unreadable
    }
}
