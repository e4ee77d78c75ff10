//! Reads Webex's lists for a search: a filtered list to its end, and then, unless that decides, the whole list.
//!
//! Webex does not document how most filters compare (exactly, by part, with case?), so a filtered list may lack a
//! record whose name reads alike. A wrong "not found" would send an admin to search for something that exists, and a
//! record picked from a filtered list may be the wrong one of two. So a name always takes the whole list: 200 pages for
//! 100,000 devices. Only one page is in memory at a time.

use serde::de::DeserializeOwned;

use super::compare::Typed;
use super::record::Record;
use super::search::{Read, Search};
use crate::webex::{Pages, WebexError};

/// The most pages that are read of a filtered list. If it is longer, Webex did not apply the filter, and the whole list
/// is read.
const MAX_FILTERED_PAGES: usize = 4;

/// A search through filtered lists.
pub(super) struct Filtered<R> {
    pub(super) search: Search<R>,
    /// Every list was read to its end, with all its records.
    pub(super) is_complete: bool,
}

impl<R: Record> Filtered<R> {
    pub(super) fn merge(&mut self, other: &Self) {
        self.search.merge(&other.search);
        self.is_complete &= other.is_complete;
    }
}

/// Searches a filtered list; without one there is nothing to search.
pub(super) async fn search_filtered<W: DeserializeOwned, R: Record>(
    typed: &Typed,
    pages: Option<Pages<W, R>>,
) -> Result<Filtered<R>, WebexError> {
    let mut search = Search::new(typed);
    let Some(mut pages) = pages else { return Ok(Filtered { search, is_complete: true }) };
    for _ in 0..MAX_FILTERED_PAGES {
        match pages.next().await {
            Ok(Some(page)) => search.check_all(&page),
            // A record that could not be read may match as well.
            Ok(None) => {
                let is_complete = pages.unreadable() == 0;
                return Ok(Filtered { search, is_complete });
            }
            // Webex does not accept every text in this filter.
            Err(WebexError::Refused(answer)) if answer.status == 400 => break,
            Err(error) => return Err(error),
        }
    }
    Ok(Filtered { search, is_complete: false })
}

/// Searches a whole list, of at most this many pages, and adds what filtered lists have shown.
pub(super) async fn search_all<W: DeserializeOwned, R: Record>(
    typed: &Typed,
    mut pages: Pages<W, R>,
    most_pages: usize,
    filtered: &Search<R>,
) -> Result<(Search<R>, Read), WebexError> {
    let mut search = Search::new(typed);
    let mut read = Read::Part;
    for _ in 0..most_pages {
        let Some(page) = pages.next().await? else {
            read = Read::Whole { unreadable: pages.unreadable() };
            break;
        };
        search.check_all(&page);
        if search.has_more() {
            break;
        }
    }
    // A record that slipped between two pages may still be in a filtered list.
    search.merge(filtered);
    Ok((search, read))
}
