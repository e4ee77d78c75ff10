//! Lookups at startup: the bot's own identity, the organizations that are served, and the people on the list of admins.

use std::sync::Arc;

use jiff::SignedDuration;

use crate::app::config::{AdminName, Settings};
use crate::domain::clock::Clock;
use crate::domain::{Actor, EmailAddress, OrgId, PersonId};
use crate::policy::Policy;
use crate::store::{Store, StoreError};
use crate::webex::{AdminClient, AdminTokenSource, BotClient, BotIdentity, Transport, WebexError};

/// An identity could not be looked up.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// Nothing works until the operator sets another token.
    #[error("Webex rejected {variable} (401): the token is expired, revoked or mistyped")]
    TokenRejected {
        /// The setting.
        variable: &'static str,
    },
    /// Webex issues no token for the Service App.
    #[error("STEWARD_SERVICE_APP_REFRESH_TOKEN was not accepted: {why}")]
    NoToken {
        /// The refusal, and the remedy.
        why: String,
    },
    /// Webex did not answer the question.
    #[error("cannot ask Webex {question}")]
    Webex {
        /// Completes "ask Webex".
        question: &'static str,
        /// Why.
        #[source]
        error: WebexError,
    },
    /// The organization to serve is unknown.
    #[error(
        "STEWARD_ORGS is missing: Webex does not report the organization of the admin credential, neither in its \
         own record nor in its devices; set STEWARD_ORGS to the organization's id"
    )]
    NoOrganization,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl IdentityError {
    /// Maps the error of a lookup to the setting that the operator must change, or to the question that Webex did not
    /// answer.
    pub(crate) fn of_lookup(variable: &'static str, question: &'static str) -> impl Fn(WebexError) -> Self {
        move |error| match error {
            WebexError::NoToken { is_refused: true, why } => Self::NoToken { why },
            error if error.is_token_rejected() => Self::TokenRejected { variable },
            error => Self::Webex { question, error },
        }
    }

    pub(crate) fn is_transient(&self) -> bool {
        matches!(self, Self::Webex { error, .. } if error.is_transient())
    }

    pub(crate) fn requested_wait(&self) -> Option<SignedDuration> {
        match self {
            Self::Webex { error, .. } => error.requested_wait(),
            _ => None,
        }
    }

    pub(crate) fn is_the_settings_fault(&self) -> bool {
        matches!(self, Self::TokenRejected { .. } | Self::NoToken { .. } | Self::NoOrganization)
    }
}

/// The looked-up identities, without which no command can be handled.
#[derive(Debug)]
pub(super) struct Identity {
    pub(super) bot: BotIdentity,
    pub(super) policy: Policy,
}

/// Looks up identities with both credentials.
#[derive(Debug, Clone)]
pub(super) struct IdentityLookup {
    pub(super) settings: Arc<Settings>,
    pub(super) bot_client: BotClient,
    pub(super) admin: AdminClient,
    pub(super) clock: Arc<dyn Clock>,
}

pub(super) async fn look_up_bot(client: &BotClient) -> Result<BotIdentity, IdentityError> {
    client.identity().await.map_err(IdentityError::of_lookup("STEWARD_BOT_TOKEN", "who the bot is"))
}

impl IdentityLookup {
    pub(super) fn new(
        settings: Settings,
        clock: Arc<dyn Clock>,
        transport: Transport,
        tokens: Arc<dyn AdminTokenSource>,
    ) -> Self {
        let bot_client = BotClient::new(transport.clone(), settings.bot_token.clone());
        let admin = AdminClient::new(transport, tokens, settings.target_org.clone());
        Self { settings: Arc::new(settings), bot_client, admin, clock }
    }

    /// Whether Webex accepts both credentials.
    pub(super) async fn check_credentials(&self) -> Result<(), IdentityError> {
        look_up_bot(&self.bot_client).await?;
        self.organizations().await?;
        Ok(())
    }

    pub(super) async fn run(&self, store: &Store) -> Result<Identity, IdentityError> {
        let bot = look_up_bot(&self.bot_client).await?;
        let organizations = self.organizations().await?;
        let mut admins = Vec::new();
        for name in &self.settings.admins {
            match name {
                AdminName::Person(person) => admins.push(person.clone()),
                AdminName::Email(email) => admins.extend(self.admin_by_email(store, email).await?),
            }
        }
        if admins.is_empty() {
            tracing::warn!("nobody may use this bot: STEWARD_ADMINS lists no person that Webex knows");
        }
        Ok(Identity { bot, policy: Policy::new(admins, organizations) })
    }

    async fn organizations(&self) -> Result<Vec<OrgId>, IdentityError> {
        // Asked even if the settings list the organizations, because it shows whether Webex accepts the credential.
        let question = "for the admin credential's organization";
        let failed = IdentityError::of_lookup(self.settings.admin.variable(), question);
        let own = self.admin.organization().await.map_err(failed)?;
        if !self.settings.orgs.is_empty() {
            return Ok(self.settings.orgs.clone());
        }
        own.map(|org| vec![org]).ok_or(IdentityError::NoOrganization)
    }

    /// The person to whom an address belonged when it was first looked up. An unknown address is logged and does not
    /// affect the other admins.
    async fn admin_by_email(
        &self,
        store: &Store,
        email: &EmailAddress,
    ) -> Result<Option<PersonId>, IdentityError> {
        let found = self.person_by_email(email).await?;
        let pinned = store.pinned_identity(email).await?;
        match (&pinned, &found) {
            (Some(pinned), Some(found)) if pinned != found => tracing::error!(
                %email, %pinned, %found,
                "an address in STEWARD_ADMINS now belongs to another person; the original person keeps the rights. \
                 To change that, list the person id instead of the address"
            ),
            (None, Some(found)) => store.pin_identity(email, found, self.clock.now()).await?,
            (None, None) => tracing::warn!(%email, "Webex knows no person with an address in STEWARD_ADMINS"),
            (Some(_), _) => {}
        }
        Ok(pinned.or(found))
    }

    /// Searches with both credentials, because each sees only the people of some organizations (Webex, *People*).
    async fn person_by_email(&self, email: &EmailAddress) -> Result<Option<PersonId>, IdentityError> {
        let question = "who is in STEWARD_ADMINS";
        let failed = IdentityError::of_lookup("STEWARD_BOT_TOKEN", question);
        let found = self.bot_client.people_by_email(email).await.map_err(failed)?;
        if let Some(person) = only_person(email, found) {
            return Ok(Some(person));
        }
        match self.admin.people_by_email(email).await {
            Ok(found) => Ok(only_person(email, found)),
            Err(error) if error.is_transient() => Err(IdentityError::Webex { question, error }),
            // The credential lacks the scope to read people.
            Err(_) => Ok(None),
        }
    }
}

/// The only person with exactly this address. Admin rights depend on the result, so two matches count as none.
fn only_person(email: &EmailAddress, found: Vec<Actor>) -> Option<PersonId> {
    let mut people = found.into_iter().filter(|person| person.email.as_ref() == Some(email));
    let first = people.next()?;
    if people.next().is_some() {
        tracing::error!(%email, "several people share an address in STEWARD_ADMINS; list the person id instead");
        return None;
    }
    Some(first.person_id)
}
