//! The people of an organization, as the admin client lists them.

use super::admin::AdminClient;
use super::paging::{EndOfList, Pages};
use super::wire::WirePerson;
use crate::domain::{Actor, OrgScope};

/// People per page; Webex silently caps it at its own limit.
const PEOPLE_PER_PAGE: usize = 500;

/// The people of an organization, page by page.
pub(crate) type PeoplePages = Pages<WirePerson, Actor>;

impl AdminClient {
    /// The people of an organization: `GET /people` (Webex, *People*: List People). Webex filters by the whole email
    /// address or by the beginning of the name, and shows all people to admins only. Records of another organization
    /// are left out and count as unreadable.
    pub(crate) fn people_pages(&self, scope: &OrgScope, filters: &[(&str, String)]) -> PeoplePages {
        let (admin, of) = (self.clone(), scope.clone());
        let read = move |person: WirePerson| {
            let person = person.into_actor();
            admin.is_of(&of, person.org_id.as_ref()).then_some(person)
        };
        Pages::new(self, "people", PEOPLE_PER_PAGE, EndOfList::NoLink, read).narrowed(scope, filters)
    }
}
