//! Who is who, found out at start: the bot, the organizations that are served, the people on the list of
//! admins.

use std::sync::Arc;

use jiff::SignedDuration;

use crate::app::config::{AdminName, Settings};
use crate::domain::clock::Clock;
use crate::domain::{Actor, EmailAddress, OrgId, PersonId};
use crate::policy::Policy;
use crate::store::{Store, StoreError};
use crate::webex::{AdminClient, BotClient, BotIdentity, WebexError};

/// What was found out.
#[derive(Debug)]
pub struct Identity {
    /// The bot.
    pub bot: BotIdentity,
    /// The rules in force.
    pub policy: Policy,
}

/// Why it could not be found out.
#[derive(Debug, thiserror::Error)]
pub enum IdentifyError {
    /// Webex does not know the token: nothing will work until the operator sets another.
    #[error("{variable} was rejected by Webex: expected a token in force, found one that is not (401)")]
    TokenRejected {
        /// The setting.
        variable: &'static str,
    },
    /// There is no token of the Service App, and Webex gives none.
    #[error("STEWARD_SERVICE_APP_REFRESH_TOKEN was of no use: {why}")]
    NoToken {
        /// What Webex refused, and what to do.
        why: String,
    },
    /// Webex could not be asked.
    #[error("Webex could not be asked {what}")]
    Webex {
        /// What it was to be asked.
        what: &'static str,
        /// Why not.
        #[source]
        error: WebexError,
    },
    /// Nothing says whose people are to be served.
    #[error(
        "STEWARD_ORGS is missing: expected the organization of the admin credential, found none in its \
         own record or its devices; set STEWARD_ORGS to the organization's id"
    )]
    NoOrganization,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl IdentifyError {
    /// Whether the same question may well be answered later.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Webex { error, .. } if error.is_transient())
    }

    /// How long from now Webex asked to wait, if that is why.
    #[must_use]
    pub fn requested_wait(&self) -> Option<SignedDuration> {
        match self {
            Self::Webex { error, .. } => error.requested_wait(),
            _ => None,
        }
    }

    /// Whether the settings are to blame.
    #[must_use]
    pub fn is_the_settings_fault(&self) -> bool {
        matches!(self, Self::TokenRejected { .. } | Self::NoToken { .. } | Self::NoOrganization)
    }
}

/// What questions are asked with.
#[derive(Debug, Clone)]
pub struct Inquiry {
    /// The settings.
    pub settings: Arc<Settings>,
    /// The client that talks.
    pub bot_client: BotClient,
    /// The client that administers devices.
    pub admin: AdminClient,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// What became of a question that was not answered.
pub fn failed(variable: &'static str, what: &'static str) -> impl Fn(WebexError) -> IdentifyError {
    move |error| match error {
        WebexError::NoToken { is_refused: true, why } => IdentifyError::NoToken { why },
        error if error.is_token_rejected() => IdentifyError::TokenRejected { variable },
        error => IdentifyError::Webex { what, error },
    }
}

/// Who the bot is.
pub async fn bot(client: &BotClient) -> Result<BotIdentity, IdentifyError> {
    client.identity().await.map_err(failed("STEWARD_BOT_TOKEN", "who the bot is"))
}

impl Inquiry {
    /// Whether Webex knows both credentials.
    pub async fn check(&self) -> Result<(), IdentifyError> {
        self.bot().await?;
        self.organizations().await?;
        Ok(())
    }

    async fn bot(&self) -> Result<BotIdentity, IdentifyError> {
        bot(&self.bot_client).await
    }

    /// Finds everything out.
    pub async fn identify(&self, store: &Store) -> Result<Identity, IdentifyError> {
        let bot = self.bot().await?;
        let organizations = self.organizations().await?;
        let mut admins = Vec::new();
        for name in &self.settings.admins {
            match name {
                AdminName::Person(person) => admins.push(person.clone()),
                AdminName::Email(email) => admins.extend(self.admin_with(store, email).await?),
            }
        }
        if admins.is_empty() {
            tracing::warn!("nobody may use this bot: STEWARD_ADMINS names nobody that Webex knows");
        }
        Ok(Identity { bot, policy: Policy::new(admins, organizations) })
    }

    async fn organizations(&self) -> Result<Vec<OrgId>, IdentifyError> {
        // Asked for even where the settings name the organizations: it shows whether the credential is good.
        let asked = self.admin.organization().await;
        let own = asked
            .map_err(failed(self.settings.admin.variable(), "for the admin credential's organization"))?;
        if !self.settings.orgs.is_empty() {
            return Ok(self.settings.orgs.clone());
        }
        own.map(|org| vec![org]).ok_or(IdentifyError::NoOrganization)
    }

    /// The person an address means: the one it was pinned to when it was first resolved. An address that
    /// nobody has is said in the log and keeps nobody else from being served.
    async fn admin_with(
        &self,
        store: &Store,
        email: &EmailAddress,
    ) -> Result<Option<PersonId>, IdentifyError> {
        let found = self.person_with(email).await?;
        let pinned = store.pinned_identity(email).await?;
        match (&pinned, &found) {
            (Some(pinned), Some(found)) if pinned != found => tracing::error!(
                %email, %pinned, %found,
                "an address on STEWARD_ADMINS belongs to another person now; the person it meant at first keeps \
                 the rights. To change that, put the person id on STEWARD_ADMINS instead of the address"
            ),
            (None, Some(found)) => store.pin_identity(email, found, self.clock.now()).await?,
            (None, None) => tracing::warn!(%email, "Webex knows nobody by an address on STEWARD_ADMINS"),
            (Some(_), _) => {}
        }
        Ok(pinned.or(found))
    }

    /// The one person who has this address. Asked with both credentials, because each sees only some
    /// organizations (Webex, *People*).
    async fn person_with(&self, email: &EmailAddress) -> Result<Option<PersonId>, IdentifyError> {
        let what = "who is on STEWARD_ADMINS";
        let found =
            self.bot_client.people_by_email(email).await.map_err(failed("STEWARD_BOT_TOKEN", what))?;
        if let Some(person) = the_one_with(email, found) {
            return Ok(Some(person));
        }
        match self.admin.people_by_email(email).await {
            Ok(found) => Ok(the_one_with(email, found)),
            Err(error) if error.is_transient() => Err(IdentifyError::Webex { what, error }),
            // Without the scope to read people: then it is not known.
            Err(_) => Ok(None),
        }
    }
}

/// Only who really has the address, and only if that is one person: the rights of an admin hang on it.
fn the_one_with(email: &EmailAddress, found: Vec<Actor>) -> Option<PersonId> {
    let mut theirs = found.into_iter().filter(|person| person.email.as_ref() == Some(email));
    match (theirs.next(), theirs.next()) {
        (Some(person), None) => Some(person.person_id),
        (None, _) => None,
        (Some(_), Some(_)) => {
            tracing::error!(%email, "several people have an address on STEWARD_ADMINS; put the person id there instead");
            None
        }
    }
}
