//! Lookups at startup: the bot's own identity, the organizations that are served, and the people on the list of admins.

use std::sync::Arc;

use jiff::SignedDuration;

use crate::app::config::{AdminName, Settings};
use crate::domain::clock::Clock;
use crate::domain::{Actor, EmailAddress, OrgId, PersonId};
use crate::policy::Policy;
use crate::store::{Store, StoreError};
use crate::webex::{
    AccountKind, AdminClient, AdminTokenSource, BotClient, BotIdentity, Transport, WebexError,
};

/// The setting of the bot token.
pub(super) const BOT_TOKEN: &str = "STEWARD_BOT_TOKEN";

/// An identity could not be looked up.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// Nothing works until the operator sets another token.
    #[error("Webex rejected {variable} (401): the token is expired, revoked or mistyped")]
    TokenRejected {
        /// The setting.
        variable: &'static str,
    },
    /// The token belongs to an account that cannot do this credential's work.
    #[error("{variable} belongs to {found}; {remedy}")]
    WrongKind {
        /// The setting.
        variable: &'static str,
        /// The kind of the account, with an article.
        found: &'static str,
        /// The token to set instead.
        remedy: &'static str,
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
        matches!(
            self,
            Self::TokenRejected { .. } | Self::WrongKind { .. } | Self::NoToken { .. } | Self::NoOrganization
        )
    }

    /// Whether the bot token, and whether the admin credential, cannot work until somebody changes it.
    pub(crate) fn useless_credential(&self) -> (bool, bool) {
        match self {
            Self::TokenRejected { variable } | Self::WrongKind { variable, .. } => {
                (*variable == BOT_TOKEN, *variable != BOT_TOKEN)
            }
            Self::NoToken { .. } => (false, true),
            Self::Webex { .. } | Self::NoOrganization | Self::Store(_) => (false, false),
        }
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
    let failed = IdentityError::of_lookup(BOT_TOKEN, "who the bot is");
    let account = client.account().await.map_err(failed)?;
    must_be_a_bot(account.kind)?;
    let Actor { person_id, display_name, .. } = account.actor;
    Ok(BotIdentity { person_id, display_name })
}

/// With the token of a person, Steward would read and answer as that person.
pub(super) fn must_be_a_bot(kind: AccountKind) -> Result<(), IdentityError> {
    match kind {
        AccountKind::Bot | AccountKind::Unknown => Ok(()),
        AccountKind::Person | AccountKind::Machine => Err(IdentityError::WrongKind {
            variable: BOT_TOKEN,
            found: kind.with_article(),
            remedy: "set it to the token of the bot, from its page on developer.webex.com",
        }),
    }
}

/// A bot has no scope for devices, and none can be added.
pub(super) fn must_not_be_a_bot(variable: &'static str, kind: AccountKind) -> Result<(), IdentityError> {
    match kind {
        AccountKind::Bot => Err(IdentityError::WrongKind {
            variable,
            found: kind.with_article(),
            remedy: "a bot cannot administer devices: use a Service App, or an administrator's personal access token",
        }),
        AccountKind::Person | AccountKind::Machine | AccountKind::Unknown => Ok(()),
    }
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
        let own = self.own_organization().await?;
        if !self.settings.orgs.is_empty() {
            return Ok(self.settings.orgs.clone());
        }
        own.map(|org| vec![org]).ok_or(IdentityError::NoOrganization)
    }

    /// The organization of the credential: from its own record, else from one of its devices.
    async fn own_organization(&self) -> Result<Option<OrgId>, IdentityError> {
        let variable = self.settings.admin.variable();
        let failed = IdentityError::of_lookup(variable, "for the admin credential's organization");
        let mut person_id = None;
        match self.admin.account().await {
            Ok(account) => {
                must_not_be_a_bot(variable, account.kind)?;
                person_id = Some(account.actor.person_id);
                if let org @ Some(_) = account.actor.org_id {
                    self.admin.recognize(person_id, org.clone());
                    return Ok(org);
                }
            }
            Err(error) if error.is_token_rejected() || error.is_transient() => return Err(failed(error)),
            Err(error) => {
                tracing::debug!(%error, "the admin credential cannot read itself; reading its organization from a device");
            }
        }
        let org = self.admin.organization_of_a_device().await.map_err(failed)?;
        self.admin.recognize(person_id, org.clone());
        Ok(org)
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

    async fn person_by_email(&self, email: &EmailAddress) -> Result<Option<PersonId>, IdentityError> {
        match self.search(email).await? {
            FoundPerson::One(person) => Ok(Some(person.person_id)),
            FoundPerson::Nobody => Ok(None),
            FoundPerson::Several => {
                tracing::error!(%email, "several people share an address in STEWARD_ADMINS; list the person id instead");
                Ok(None)
            }
        }
    }

    /// Searches with the bot token alone.
    pub(super) async fn search_as_bot(&self, email: &EmailAddress) -> Result<FoundPerson, IdentityError> {
        let failed = IdentityError::of_lookup(BOT_TOKEN, "who is in STEWARD_ADMINS");
        Ok(only_person(email, self.bot_client.people_by_email(email).await.map_err(failed)?))
    }

    /// The person with this id, if the bot can see them.
    pub(super) async fn find(&self, id: &PersonId) -> Result<FoundPerson, IdentityError> {
        match self.bot_client.person(id).await {
            Ok(person) => Ok(FoundPerson::One(Box::new(person))),
            Err(WebexError::NotFound(_)) => Ok(FoundPerson::Nobody),
            Err(error) => Err(IdentityError::of_lookup(BOT_TOKEN, "who is in STEWARD_ADMINS")(error)),
        }
    }

    /// Searches with both credentials, because each sees only the people of some organizations (Webex, *People*).
    pub(super) async fn search(&self, email: &EmailAddress) -> Result<FoundPerson, IdentityError> {
        let question = "who is in STEWARD_ADMINS";
        let found = self.search_as_bot(email).await?;
        if matches!(found, FoundPerson::One(_)) {
            return Ok(found);
        }
        match self.admin.people_by_email(email).await {
            Ok(people) => Ok(match (found, only_person(email, people)) {
                (FoundPerson::Several, FoundPerson::Nobody) => FoundPerson::Several,
                (_, found) => found,
            }),
            Err(error) if error.is_transient() => Err(IdentityError::Webex { question, error }),
            // The credential lacks the scope to read people.
            Err(_) => Ok(found),
        }
    }
}

/// The result of a search for the person with an address.
#[derive(Debug, Clone)]
pub(super) enum FoundPerson {
    One(Box<Actor>),
    Nobody,
    /// Admin rights depend on the result, so none of them counts.
    Several,
}

/// The only person with exactly this address.
fn only_person(email: &EmailAddress, found: Vec<Actor>) -> FoundPerson {
    let mut people = found.into_iter().filter(|person| person.email.as_ref() == Some(email));
    match (people.next(), people.next()) {
        (Some(person), None) => FoundPerson::One(Box::new(person)),
        (None, _) => FoundPerson::Nobody,
        (Some(_), Some(_)) => FoundPerson::Several,
    }
}
