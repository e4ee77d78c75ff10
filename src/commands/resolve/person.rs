//! Searches Webex for the person that somebody named, by email address or by name.

use super::compare::Typed;
use super::lists::{search_all, search_filtered};
use super::search::{Match, Read, Resolution};
use crate::domain::{Actor, OrgScope};
use crate::webex::{AdminClient, WebexError};

/// The most pages of people that are read: ten thousand people. Anyone beyond them is found by email address.
const MAX_PAGES: usize = 20;

/// The result of a search for a person.
pub(crate) type PersonResolution = Resolution<Match<Actor>, Actor>;

/// Finds the person that a reference means. Webex filters by the whole address, and by the beginning of the name
/// (Webex, *People*: List People), so an address that is found needs no further search.
pub(crate) async fn find_person(
    admin: &AdminClient,
    scope: &OrgScope,
    text: &str,
) -> Result<PersonResolution, WebexError> {
    let typed = Typed::name(text);
    let is_address = typed.email.is_some();
    let filter = if is_address { "email" } else { "displayName" };
    let filtered =
        search_filtered(&typed, Some(admin.people_pages(scope, &[(filter, text.to_owned())]))).await?;
    if is_address && filtered.is_complete && !filtered.search.is_empty() {
        return Ok(filtered.search.conclude(Read::Whole { unreadable: 0 }));
    }
    match search_all(&typed, admin.people_pages(scope, &[]), MAX_PAGES, &filtered.search).await {
        Ok((search, read)) => Ok(search.conclude(read)),
        // Only some credentials may list all people.
        Err(WebexError::Refused(answer)) if [400, 403].contains(&answer.status) => {
            Ok(filtered.search.conclude(Read::Part))
        }
        Err(error) => Err(error),
    }
}
