//! The client with the admin credential: its tokens, its organization, and the people in it. [`super::devices`] and
//! [`super::places`] hold the calls for devices and their surroundings.

use std::sync::{Arc, OnceLock};

use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::error::WebexError;
use super::rate_limit::Credential;
use super::token::AdminTokenSource;
use super::transport::{Call, Success, Transport, asked_for};
use super::wire::{Items, WireDevice, WirePerson};
use crate::domain::clock::Readings;
use crate::domain::{Actor, EmailAddress, OrgId, OrgScope, PersonId};

/// Administers devices. Never posts in a space.
#[derive(Debug, Clone)]
pub struct AdminClient {
    transport: Transport,
    tokens: Arc<dyn AdminTokenSource>,
    target_org: Option<OrgId>,
    /// The account behind the credential, once it was looked up.
    account: Arc<OnceLock<AdminAccount>>,
}

/// The account behind the admin credential.
#[derive(Debug)]
struct AdminAccount {
    /// The person id, unless Webex does not tell.
    person_id: Option<PersonId>,
    org_id: Option<OrgId>,
}

/// How a call was sent: about which organization and with which credential. With it, the very same call can be sent
/// again after a restart with other settings, and an answer to another credential is recognized. Stored: the names must
/// not change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentAs {
    /// The organization that the call named; none for the credential's own.
    pub(crate) org_id: Option<OrgId>,
    /// The name of the credential, which contains no secret and survives the renewal of its tokens.
    pub(crate) credential: String,
}

impl SentAs {
    /// The same organization for another call.
    pub(crate) fn scope(&self) -> OrgScope {
        self.org_id.clone().map_or(OrgScope::Own, OrgScope::Org)
    }
}

impl AdminClient {
    /// A client with this credential. With `target_org`, device calls name that organization unless their [`OrgScope`]
    /// names another, as partner administrators need (Webex, *Devices*: `orgId`).
    pub(crate) fn new(
        transport: Transport,
        tokens: Arc<dyn AdminTokenSource>,
        target_org: Option<OrgId>,
    ) -> Self {
        let account = Arc::default();
        Self { transport: transport.with(Credential::Admin), tokens, target_org, account }
    }

    /// How calls about this organization are sent now.
    pub(crate) fn sends_as(&self, scope: &OrgScope) -> SentAs {
        SentAs { org_id: self.named_org(scope).cloned(), credential: self.credential() }
    }

    /// Whether this client has the credential of an earlier call.
    pub(crate) fn is_credential_of(&self, sent: &SentAs) -> bool {
        self.credential() == sent.credential
    }

    /// Whether a plan that was read with the credential of this name may be carried out; plans of older versions name
    /// none.
    pub(crate) fn may_carry_out(&self, credential: Option<&str>) -> bool {
        credential.is_none_or(|credential| credential == self.credential())
    }

    /// The name of the credential: its account, or the token source if Webex does not tell.
    fn credential(&self) -> String {
        let account = self.account.get();
        let name = match account.and_then(|account| account.person_id.as_ref()) {
            Some(person) => format!("person {}", person.key()),
            None => self.tokens.name(),
        };
        match account.and_then(|account| account.org_id.as_ref()) {
            Some(org) => format!("{name} of {}", org.key()),
            None => name,
        }
    }

    /// The current time by the clock of this machine and by that of Webex.
    pub(crate) fn readings(&self) -> Readings {
        self.transport.readings()
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

    /// A change must be sent right after it was decided and recorded. If the token took too long, or the decision is too
    /// old by now, the change is not sent: the job decides again, with the token at hand.
    fn check_token_time(&self, call: &Call<'_>, start: Instant) -> Result<(), WebexError> {
        let is_quick = start.elapsed() <= self.transport.token_timeout();
        if call.is_read() || is_quick && call.is_timely(self.readings()) {
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
        self.named_org(scope).map(OrgId::as_str)
    }

    fn named_org<'a>(&'a self, scope: &'a OrgScope) -> Option<&'a OrgId> {
        match scope {
            OrgScope::Default => self.target_org.as_ref(),
            OrgScope::Own => None,
            OrgScope::Org(org) => Some(org),
        }
    }

    /// The organization that calls are about, if it is known.
    pub(crate) fn org_of<'a>(&'a self, scope: &'a OrgScope) -> Option<&'a OrgId> {
        self.named_org(scope).or_else(|| self.account.get()?.org_id.as_ref())
    }

    /// Whether a record with this organization may belong to the one that a call is about. Not every record names its
    /// organization.
    pub(crate) fn is_of(&self, scope: &OrgScope, org: Option<&OrgId>) -> bool {
        org.zip(self.org_of(scope)).is_none_or(|(org, expected)| org == expected)
    }

    /// A person of any organization: `GET /people/{personId}` (Webex, *People*: Get Person Details).
    pub(crate) async fn person(&self, id: &PersonId) -> Result<Actor, WebexError> {
        let response = self.send(Call::get(&["people", id.as_str()])).await?;
        let info = response.info.clone();
        let person = response.parse::<WirePerson>()?.into_actor();
        asked_for(info, person, |person| &person.person_id, id)
    }

    /// A person of an organization. The record of another one is an error.
    pub(crate) async fn person_in(&self, scope: &OrgScope, id: &PersonId) -> Result<Actor, WebexError> {
        let response = self.send(Call::get(&["people", id.as_str()])).await?;
        let info = response.info.clone();
        let person = response.parse::<WirePerson>()?.into_actor();
        let is_of = self.is_of(scope, person.org_id.as_ref());
        if is_of { Ok(person) } else { Err(WebexError::OtherOrganization(info)) }
    }

    /// The people of the organization with this email address: `GET /people?email=` (Webex, *People*: List People).
    pub(crate) async fn people_by_email(&self, email: &EmailAddress) -> Result<Vec<Actor>, WebexError> {
        let query = [("email", email.as_str())];
        let found: Items<WirePerson> = self.fetch(Call::get(&["people"]).query(&query)).await?;
        Ok(found.items.into_iter().map(WirePerson::into_actor).collect())
    }

    /// Remembers the account behind the credential, as far as Webex shows it.
    pub(crate) fn recognize(&self, person_id: Option<PersonId>, org_id: Option<OrgId>) {
        self.account.set(AdminAccount { person_id, org_id }).ok();
    }

    /// The organization of one of the credential's devices: a Service App may lack the scope to read itself.
    pub(crate) async fn organization_of_a_device(&self) -> Result<Option<OrgId>, WebexError> {
        let devices: Items<WireDevice> = self.fetch(Call::get(&["devices"]).query(&[("max", "1")])).await?;
        Ok(devices.items.into_iter().find_map(WireDevice::into_org))
    }

    /// Reads one item of a list (`devices`, `workspaces`, `locations`) to see whether the credential may.
    pub(crate) async fn may_list(&self, list: &str) -> Result<(), WebexError> {
        let path = [list];
        let call = Call::get(&path).query(&[("max", "1")]).org(self.org(&OrgScope::Default));
        self.fetch::<Items<IgnoredAny>>(call).await.map(drop)
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
