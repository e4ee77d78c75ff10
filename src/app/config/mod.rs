//! Settings: from a TOML file and, over it, the environment.
//!
//! The only module that reads the environment. Every setting has one name (`STEWARD_LISTEN` in the
//! environment, `listen` in the file); every secret may also come from a file (`STEWARD_BOT_TOKEN_FILE`). A
//! setting that is wrong or missing is one message that names it; a key that nobody knows is an error too,
//! because it is most likely a typing error in one that matters. No message ever repeats a secret.

mod parse;
mod source;

use std::net::SocketAddr;
use std::path::Path;

use url::Url;

pub use source::Environment;
use source::Source;

use crate::app::credential::{Origin, SealingKey};
use crate::domain::{EmailAddress, OrgId, PersonId, SpaceId};
use crate::store::Hooks;
use crate::webex::signature::{WebhookSecret, WebhookSecrets};
use crate::webex::{AdminToken, BotToken, RefreshToken, ServiceApp, Timeouts};
use secrecy::{ExposeSecret as _, SecretString};

/// A setting that is missing or wrong, in one sentence that names it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// A setting without a default is not there.
    #[error("{variable} is missing: set it to {expected}")]
    Missing {
        /// The setting.
        variable: &'static str,
        /// What it should be.
        expected: &'static str,
    },
    /// A setting has a value that it cannot have.
    #[error("{variable} is wrong: expected {expected}, found {found}")]
    Wrong {
        /// The setting.
        variable: String,
        /// What it should be.
        expected: String,
        /// What it is; of a secret only its length.
        found: String,
    },
    /// A file could not be read.
    #[error("{what} could not be read: {error}")]
    File {
        /// Which file.
        what: String,
        /// Why.
        error: String,
    },
    /// A name that no setting has.
    #[error("{name} is no setting of Steward's{suggestion}")]
    Unknown {
        /// The name.
        name: String,
        /// `; did you mean …?`, or nothing.
        suggestion: String,
    },
}

/// A person on the list of admins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AdminName {
    /// By address: resolved to a person at start, and pinned.
    Email(EmailAddress),
    /// By person id.
    Person(PersonId),
}

/// The credential that administers devices.
#[derive(Debug, Clone)]
pub enum AdminCredential {
    /// A token that the operator renews.
    FixedToken(AdminToken),
    /// A Service App, whose tokens Steward renews.
    ServiceApp(Origin),
}

impl AdminCredential {
    /// The setting that is to be changed when Webex rejects it.
    #[must_use]
    pub fn variable(&self) -> &'static str {
        match self {
            Self::FixedToken(_) => "STEWARD_ADMIN_TOKEN",
            Self::ServiceApp(_) => "STEWARD_SERVICE_APP_REFRESH_TOKEN",
        }
    }
}

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines: one JSON object a line.
    Json,
}

/// What the log says, and how.
#[derive(Debug, Clone)]
pub struct LogSettings {
    /// Which events: `info`, `steward=debug`, as in the `tracing` crates.
    pub filter: String,
    /// In what form.
    pub format: LogFormat,
}

/// All settings, checked.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where HTTP is served.
    pub listen: SocketAddr,
    /// Where Webex reaches it; with it the webhook is registered at start.
    pub public_url: Option<Url>,
    /// The database. Its address may hold a password.
    pub database_url: SecretString,
    /// Webex's API.
    pub webex_api: Url,
    /// The credential that talks.
    pub bot_token: BotToken,
    /// The credential that administers devices.
    pub admin: AdminCredential,
    /// The space that is told what the operators must know.
    pub alert_space: Option<SpaceId>,
    /// The secret that webhooks are registered with.
    pub webhook_secret: SecretString,
    /// The secrets that deliveries are checked with.
    pub webhook_secrets: WebhookSecrets,
    /// The people who may do everything.
    pub admins: Vec<AdminName>,
    /// The organization whose devices are administered, where it is not the credential's own.
    pub target_org: Option<OrgId>,
    /// The organizations whose people are served; empty: the credential's own.
    pub orgs: Vec<OrgId>,
    /// The log.
    pub log: LogSettings,
    /// How long to wait for Webex. Not a setting of the operator's; tests shorten it.
    pub timeouts: Timeouts,
    /// What happens around each commit. Not a setting of the operator's; tests set it.
    pub store_hooks: Hooks,
}

impl Settings {
    /// Reads the settings: from `file`, else from `steward.toml` if there is one, and from the environment
    /// over it.
    pub fn load(file: Option<&Path>, environment: &Environment) -> Result<Self, SettingsError> {
        Self::from_source(&Source::read(file, environment)?)
    }

    /// Takes the settings from these variables alone, whatever files there are.
    pub fn of(environment: &Environment) -> Result<Self, SettingsError> {
        Self::from_source(&Source::of_environment(environment))
    }

    fn from_source(source: &Source) -> Result<Self, SettingsError> {
        let (webhook_secret, webhook_secrets) = webhook_secrets(source)?;
        Ok(Self {
            listen: source.value("STEWARD_LISTEN", "0.0.0.0:8080", parse::listen)?,
            public_url: source.optional("STEWARD_PUBLIC_URL", parse::web_address)?,
            database_url: database_of(source)?,
            webex_api: source.value("STEWARD_WEBEX_API", "https://webexapis.com/v1", parse::web_address)?,
            bot_token: BotToken::new(source.secret("STEWARD_BOT_TOKEN", "the token of the bot")?),
            admin: admin_credential(source)?,
            alert_space: source.optional("STEWARD_ALERT_SPACE", parse::space)?,
            webhook_secret,
            webhook_secrets,
            admins: source.list("STEWARD_ADMINS", parse::admin)?,
            target_org: source.optional("STEWARD_TARGET_ORG", parse::org)?,
            orgs: source.list("STEWARD_ORGS", parse::org)?,
            log: log_of(source)?,
            timeouts: Timeouts::default(),
            store_hooks: Hooks::default(),
        })
    }
}

impl LogSettings {
    /// The settings of the log alone, for commands that need no others.
    pub fn load(environment: &Environment) -> Result<Self, SettingsError> {
        log_of(&Source::of_environment(environment))
    }
}

/// The address of the database alone, for commands that need no other setting.
pub fn database_url(file: Option<&Path>, environment: &Environment) -> Result<SecretString, SettingsError> {
    database_of(&Source::read(file, environment)?)
}

fn database_of(source: &Source) -> Result<SecretString, SettingsError> {
    const DATABASE: &str = "STEWARD_DATABASE_URL";
    let address = source.optional_secret(DATABASE)?.unwrap_or_else(|| "sqlite://steward.db".into());
    if parse::is_a_database(address.expose_secret()) {
        return Ok(address);
    }
    Err(SettingsError::Wrong {
        variable: DATABASE.to_owned(),
        expected: "a database such as sqlite://steward.db or postgres://host/steward".to_owned(),
        found: without_secrets(address.expose_secret()),
    })
}

/// What may be shown of the address of a database: nothing that might be a password, wherever somebody has put it.
fn without_secrets(address: &str) -> String {
    let is_a_scheme = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || "+.-".contains(c));
    match address.split_once("://") {
        _ if address.starts_with("sqlite:") => format!("{address:?}"),
        Some((scheme, _)) if is_a_scheme(scheme) => format!("{scheme}://…"),
        _ => "no address".to_owned(),
    }
}

fn log_of(source: &Source) -> Result<LogSettings, SettingsError> {
    Ok(LogSettings {
        filter: source.value("STEWARD_LOG", "info", parse::log_filter)?,
        format: source.value("STEWARD_LOG_FORMAT", "text", parse::log_format)?,
    })
}

fn admin_credential(source: &Source) -> Result<AdminCredential, SettingsError> {
    const ID: &str = "STEWARD_SERVICE_APP_CLIENT_ID";
    const SECRET: &str = "STEWARD_SERVICE_APP_CLIENT_SECRET";
    const SEED: &str = "STEWARD_SERVICE_APP_REFRESH_TOKEN";
    let token = source.optional_secret("STEWARD_ADMIN_TOKEN")?;
    let (client_id, secret) = (source.optional(ID, parse::client_id)?, source.optional_secret(SECRET)?);
    let (seed, key) = (source.optional_secret(SEED)?, encryption_key(source)?);
    let missing = |variable, expected| SettingsError::Missing { variable, expected };
    match token {
        Some(_) if client_id.is_some() || secret.is_some() || seed.is_some() => Err(SettingsError::Wrong {
            variable: "STEWARD_ADMIN_TOKEN".to_owned(),
            expected: "either it or the STEWARD_SERVICE_APP_… of a Service App".to_owned(),
            found: "both".to_owned(),
        }),
        Some(token) => Ok(AdminCredential::FixedToken(AdminToken::new(token))),
        None if client_id.is_none() && secret.is_none() && seed.is_none() => Err(missing(
            "STEWARD_ADMIN_TOKEN",
            "a token that may administer devices, or set STEWARD_SERVICE_APP_CLIENT_ID, _CLIENT_SECRET and \
             _REFRESH_TOKEN instead",
        )),
        None => Ok(AdminCredential::ServiceApp(Origin {
            app: ServiceApp {
                client_id: client_id.ok_or_else(|| missing(ID, "the client id of the Service App"))?,
                client_secret: secret
                    .ok_or_else(|| missing(SECRET, "the client secret of the Service App"))?,
            },
            seed: seed.map(RefreshToken::new).ok_or_else(|| missing(SEED, "its refresh token"))?,
            key: key.ok_or_else(|| {
                missing(
                    "STEWARD_ENCRYPTION_KEY",
                    "what the tokens of the Service App are sealed with in the database: 32 bytes, such as \
                     `openssl rand -hex 32` makes",
                )
            })?,
        })),
    }
}

fn encryption_key(source: &Source) -> Result<Option<SealingKey>, SettingsError> {
    let variable = "STEWARD_ENCRYPTION_KEY";
    let key = source.optional_secret(variable)?;
    key.map(|key| SealingKey::parse(&key)).transpose().map_err(|error| SettingsError::Wrong {
        variable: variable.to_owned(),
        expected: "32 bytes as hex or base64, such as `openssl rand -hex 32` makes".to_owned(),
        found: format!("{} characters that are not that", error.found),
    })
}

fn webhook_secrets(source: &Source) -> Result<(SecretString, WebhookSecrets), SettingsError> {
    let checked = |variable: &str, secret: &SecretString| {
        WebhookSecret::new(secret).map_err(|error| SettingsError::Wrong {
            variable: variable.to_owned(),
            expected: "at least 16 bytes, such as `openssl rand -hex 32` makes".to_owned(),
            found: format!("{} bytes", error.found),
        })
    };
    let current = source.secret("STEWARD_WEBHOOK_SECRET", "at least 16 random bytes")?;
    let previous = source.optional_secret("STEWARD_WEBHOOK_SECRET_PREVIOUS")?;
    let secrets = WebhookSecrets {
        current: checked("STEWARD_WEBHOOK_SECRET", &current)?,
        previous: previous
            .as_ref()
            .map(|secret| checked("STEWARD_WEBHOOK_SECRET_PREVIOUS", secret))
            .transpose()?,
        require_sha2: source.value("STEWARD_REQUIRE_SHA2", "false", parse::switch)?,
    };
    Ok((current, secrets))
}

#[cfg(test)]
mod tests;
