//! The client with the admin credential: its token, the organization it works for, and the people in it.
//!
//! What it does with devices stands in [`super::devices`], with the places around them in [`super::places`].

use std::sync::Arc;

use tokio::time::Instant;

use super::error::WebexError;
use super::throttle::Credential;
use super::token::AdminTokenSource;
use super::transport::{Call, Good, Transport};
use super::wire::{Items, WireDevice, WirePerson};
use crate::domain::{Actor, EmailAddress, OrgId, OrgScope, PersonId};

/// Administers devices. Never talks in a space.
#[derive(Debug, Clone)]
pub struct AdminClient {
    transport: Transport,
    tokens: Arc<dyn AdminTokenSource>,
    target_org: Option<OrgId>,
}

impl AdminClient {
    /// A client with this credential. With `target_org`, every device call names that organization unless it is told
    /// another one ([`OrgScope`]), as partner administrators must (Webex, *Devices*: `orgId`).
    #[must_use]
    pub fn new(transport: Transport, tokens: Arc<dyn AdminTokenSource>, target_org: Option<OrgId>) -> Self {
        Self { transport: transport.with(Credential::Admin), tokens, target_org }
    }

    /// Calls with the token in force. When Webex rejects it, the call was not carried out, whatever it was: so
    /// it is repeated with another token if there is one, and only once.
    pub(super) async fn send(&self, call: Call<'_>) -> Result<Good, WebexError> {
        let asked = Instant::now();
        let token = self.tokens.current().await?;
        self.soon_enough(&call, asked)?;
        let rejection = match self.transport.send(token.bearer(), call.clone()).await {
            Err(error) if error.is_token_rejected() => error,
            answer => return answer,
        };
        match self.tokens.replacement_for(&token).await {
            Ok(other) => {
                self.soon_enough(&call, asked)?;
                self.transport.send(other.bearer(), call).await
            }
            // What Webex said of the call says more.
            Err(refused) if refused.is_token_rejected() => Err(rejection),
            Err(error) => Err(error),
        }
    }

    /// A change is called for right after it was decided on and written down. Where the token took its time, it
    /// is not called for any more: whoever decided looks again, and finds the token there.
    fn soon_enough(&self, call: &Call<'_>, asked: Instant) -> Result<(), WebexError> {
        if call.is_read() || asked.elapsed() <= self.transport.token_limit() {
            return Ok(());
        }
        let why = "the token came too late for a call that changes something".to_owned();
        Err(WebexError::NoToken { is_refused: false, why })
    }

    pub(super) fn transport(&self) -> &Transport {
        &self.transport
    }

    pub(super) async fn fetch<T: serde::de::DeserializeOwned>(
        &self,
        call: Call<'_>,
    ) -> Result<T, WebexError> {
        self.send(call).await?.parse()
    }

    /// The organization that a call is about, as its query names it.
    pub(super) fn org_query<'a>(&'a self, scope: &'a OrgScope) -> Option<(&'static str, &'a str)> {
        let org = match scope {
            OrgScope::Default => self.target_org.as_ref()?,
            OrgScope::Org(org) => org,
        };
        Some(("orgId", org.as_str()))
    }

    /// A person of the organization: `GET /people/{personId}` (Webex, *People*: Get Person Details).
    pub async fn person(&self, id: &PersonId) -> Result<Actor, WebexError> {
        let person: WirePerson = self.fetch(Call::get(&["people", id.as_str()])).await?;
        Ok(person.into_actor())
    }

    /// The people of the organization with this address: `GET /people?email=` (Webex, *People*).
    pub async fn people_by_email(&self, email: &EmailAddress) -> Result<Vec<Actor>, WebexError> {
        let query = [("email", email.as_str())];
        let found: Items<WirePerson> = self.fetch(Call::get(&["people"]).query(&query)).await?;
        Ok(found.items.into_iter().map(WirePerson::into_actor).collect())
    }

    /// The organization of the credential: from `GET /people/me`, else from one of its devices, because a
    /// Service App may lack the scope to read people.
    pub async fn organization(&self) -> Result<Option<OrgId>, WebexError> {
        match self.fetch::<WirePerson>(Call::get(&["people", "me"])).await {
            Ok(WirePerson { org_id: Some(org), .. }) => return Ok(Some(org)),
            Ok(_) => {}
            Err(error) if error.is_token_rejected() || error.is_transient() => return Err(error),
            Err(error) => {
                tracing::debug!(%error, "the admin credential may not read itself; asking its devices");
            }
        }
        let devices: Items<WireDevice> = self.fetch(Call::get(&["devices"]).query(&[("max", "1")])).await?;
        Ok(devices.items.into_iter().find_map(|device| device.org_id))
    }
}
