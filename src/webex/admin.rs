//! The client with the admin credential: its tokens, its organization, and the people in it. [`super::devices`] and
//! [`super::places`] hold the calls for devices and their surroundings.

use std::sync::Arc;

use serde::de::DeserializeOwned;
use tokio::time::Instant;

use super::error::WebexError;
use super::paging::{EndOfList, Pages};
use super::rate_limit::Credential;
use super::token::AdminTokenSource;
use super::transport::{Call, Success, Transport};
use super::wire::{Items, WireDevice, WirePerson};
use crate::domain::{Actor, EmailAddress, OrgId, OrgScope, PersonId};

/// People per page; Webex silently caps it at its own limit.
const PEOPLE_PER_PAGE: usize = 500;

/// The people of an organization, page by page.
pub(crate) type PeoplePages = Pages<WirePerson, Actor>;

/// Administers devices. Never posts in a space.
#[derive(Debug, Clone)]
pub struct AdminClient {
    transport: Transport,
    tokens: Arc<dyn AdminTokenSource>,
    target_org: Option<OrgId>,
}

impl AdminClient {
    /// A client with this credential. With `target_org`, device calls name that organization unless their [`OrgScope`]
    /// names another, as partner administrators need (Webex, *Devices*: `orgId`).
    pub(crate) fn new(
        transport: Transport,
        tokens: Arc<dyn AdminTokenSource>,
        target_org: Option<OrgId>,
    ) -> Self {
        Self { transport: transport.with(Credential::Admin), tokens, target_org }
    }

    /// Sends a call with the current token. A call whose token Webex rejects was not carried out, so it is sent once
    /// more with another token, if there is one.
    pub(super) async fn send(&self, call: Call<'_>) -> Result<Success, WebexError> {
        let start = Instant::now();
        let token = self.tokens.current().await?;
        self.check_token_time(&call, start)?;
        let rejection = match self.transport.send(token.bearer(), call.clone()).await {
            Err(error) if error.is_token_rejected() => error,
            result => return result,
        };
        match self.tokens.replacement_for(&token).await {
            Ok(replacement) => {
                self.check_token_time(&call, start)?;
                self.transport.send(replacement.bearer(), call).await
            }
            // Webex's response to the call is more informative.
            Err(error) if error.is_token_rejected() => Err(rejection),
            Err(error) => Err(error),
        }
    }

    /// A change must be sent right after it was decided and recorded. If the token took too long, the change is not
    /// sent: the job decides again, with the token at hand.
    fn check_token_time(&self, call: &Call<'_>, start: Instant) -> Result<(), WebexError> {
        if call.is_read() || start.elapsed() <= self.transport.token_timeout() {
            return Ok(());
        }
        let why = "the token took too long, so the change was not sent".to_owned();
        Err(WebexError::NoToken { is_refused: false, why })
    }

    pub(super) fn transport(&self) -> &Transport {
        &self.transport
    }

    pub(super) async fn fetch<T: DeserializeOwned>(&self, call: Call<'_>) -> Result<T, WebexError> {
        self.send(call).await?.parse()
    }

    /// The organization to name in a call.
    pub(super) fn org<'a>(&'a self, scope: &'a OrgScope) -> Option<&'a str> {
        match scope {
            OrgScope::Default => self.target_org.as_ref().map(OrgId::as_str),
            OrgScope::Org(org) => Some(org.as_str()),
        }
    }

    /// A person of the organization: `GET /people/{personId}` (Webex, *People*: Get Person Details).
    pub(crate) async fn person(&self, id: &PersonId) -> Result<Actor, WebexError> {
        let person: WirePerson = self.fetch(Call::get(&["people", id.as_str()])).await?;
        Ok(person.into_actor())
    }

    /// The people of the organization with this email address: `GET /people?email=` (Webex, *People*: List People).
    pub(crate) async fn people_by_email(&self, email: &EmailAddress) -> Result<Vec<Actor>, WebexError> {
        let query = [("email", email.as_str())];
        let found: Items<WirePerson> = self.fetch(Call::get(&["people"]).query(&query)).await?;
        Ok(found.items.into_iter().map(WirePerson::into_actor).collect())
    }

    /// The people of an organization: `GET /people` (Webex, *People*: List People). Webex filters by the whole email
    /// address or by the beginning of the name, and shows all people to admins only.
    pub(crate) fn people_pages(&self, scope: &OrgScope, filters: &[(&str, String)]) -> PeoplePages {
        let read = |person: WirePerson| Some(person.into_actor());
        Pages::new(self, "people", PEOPLE_PER_PAGE, EndOfList::NoLink, read).narrowed(scope, filters)
    }

    /// The organization of the credential: from `GET /people/me`, else from one of its devices, because a Service App
    /// may lack the scope to read people.
    pub(crate) async fn organization(&self) -> Result<Option<OrgId>, WebexError> {
        match self.fetch(Call::get(&["people", "me"])).await.map(WirePerson::into_actor) {
            Ok(Actor { org_id: Some(org), .. }) => return Ok(Some(org)),
            Ok(_) => {}
            Err(error) if error.is_token_rejected() || error.is_transient() => return Err(error),
            Err(error) => {
                tracing::debug!(%error, "the admin credential cannot read itself; reading its organization from a device");
            }
        }
        let devices: Items<WireDevice> = self.fetch(Call::get(&["devices"]).query(&[("max", "1")])).await?;
        Ok(devices.items.into_iter().find_map(WireDevice::into_org))
    }
}

#[cfg(test)]
impl super::fake_server::FakeServer {
    /// A client whose device calls name this organization, if any.
    pub(crate) fn admin(&self, target_org: Option<&str>) -> AdminClient {
        let tokens = Arc::new(super::token::FixedToken(super::token::AdminToken::new("admin".into())));
        AdminClient::new(self.transport.clone(), tokens, target_org.map(|org| OrgId::parse(org).unwrap()))
    }
}
