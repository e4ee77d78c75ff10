//! All settings, parsed and checked against each other. The first mistake is returned as an error.

use std::net::SocketAddr;
use std::path::Path;

use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use super::definitions::{self as define, Definition};
use super::environment::Environment;
use super::error::SettingsError;
use super::source::Source;
use super::values::{self, AdminName, LogFormat};
use crate::app::credential::{SealingKey, ServiceAppSettings};
use crate::domain::{OrgId, SpaceId};
use crate::webex::signature::{WebhookSecret, WebhookSecrets};
use crate::webex::{AdminToken, BotToken, RefreshToken, ServiceApp};

/// The credential that administers devices.
#[derive(Debug, Clone)]
pub enum AdminCredential {
    /// A token that the operator renews.
    FixedToken(AdminToken),
    /// A Service App, whose tokens Steward renews.
    ServiceApp(ServiceAppSettings),
}

impl AdminCredential {
    /// The setting to change if Webex rejects the credential.
    pub(crate) fn variable(&self) -> &'static str {
        match self {
            Self::FixedToken(_) => define::ADMIN_TOKEN.variable,
            Self::ServiceApp(_) => define::REFRESH_TOKEN.variable,
        }
    }
}

/// The settings of the log.
#[derive(Debug, Clone)]
pub struct LogSettings {
    /// A level or a filter, as in the `tracing` crates.
    pub filter: String,
    pub format: LogFormat,
}

/// All settings, checked. `definitions` explains each.
#[derive(Debug, Clone)]
pub struct Settings {
    pub(crate) listen: SocketAddr,
    pub(crate) public_url: Option<Url>,
    /// May contain a password.
    pub(crate) database_url: SecretString,
    pub(crate) webex_api: Url,
    pub(crate) bot_token: BotToken,
    pub(crate) admin: AdminCredential,
    pub(crate) alert_space: Option<SpaceId>,
    /// For registering webhooks.
    pub(crate) webhook_secret: SecretString,
    /// For recognizing webhooks that Steward registered before a rotation of the secret.
    pub(crate) previous_secret: Option<SecretString>,
    /// For checking deliveries.
    pub(crate) webhook_secrets: WebhookSecrets,
    pub(crate) admins: Vec<AdminName>,
    /// `None` means the credential's own organization.
    pub(crate) target_org: Option<OrgId>,
    /// Empty means the credential's own organization.
    pub(crate) orgs: Vec<OrgId>,
    pub(crate) log: LogSettings,
}

impl Settings {
    /// Reads `file`, or `steward.toml` if it exists, and the environment, which wins.
    pub fn load(file: Option<&Path>, environment: &Environment) -> Result<Self, SettingsError> {
        Self::from_source(&Source::read(file, environment)?)
    }

    /// Reads only the environment and no settings file.
    pub fn of(environment: &Environment) -> Result<Self, SettingsError> {
        Self::from_source(&Source::of_environment(environment))
    }

    fn from_source(source: &Source) -> Result<Self, SettingsError> {
        let bot_token = required(source, &define::BOT_TOKEN, values::token)?;
        let webhook_secret = required(source, &define::WEBHOOK_SECRET, values::plain_secret)?;
        let previous_secret = optional(source, &define::WEBHOOK_SECRET_PREVIOUS, values::plain_secret)?;
        Ok(Self {
            listen: source.value(&define::LISTEN, values::listen)?,
            public_url: source.optional(&define::PUBLIC_URL, values::public_address)?,
            database_url: database(source)?,
            webex_api: source.value(&define::WEBEX_API, values::web_address)?,
            admin: admin_credential(source, &bot_token)?,
            bot_token: BotToken::new(bot_token),
            alert_space: source.optional(&define::ALERT_SPACE, values::space)?,
            webhook_secrets: WebhookSecrets {
                current: checked(&define::WEBHOOK_SECRET, &webhook_secret)?,
                previous: previous_secret
                    .as_ref()
                    .map(|secret| checked(&define::WEBHOOK_SECRET_PREVIOUS, secret))
                    .transpose()?,
                require_sha2: source.value(&define::REQUIRE_SHA2, values::switch)?,
            },
            webhook_secret,
            previous_secret,
            admins: source.list(&define::ADMINS, values::admin)?,
            target_org: source.optional(&define::TARGET_ORG, values::org)?,
            orgs: source.list(&define::ORGS, values::org)?,
            log: LogSettings {
                filter: source.value(&define::LOG, values::log_filter)?,
                format: source.value(&define::LOG_FORMAT, values::log_format)?,
            },
        })
    }
}

/// The address that Steward listens on alone, for the health check, which needs no other setting.
pub fn listen_address(file: Option<&Path>, environment: &Environment) -> Result<SocketAddr, SettingsError> {
    Source::read(file, environment)?.value(&define::LISTEN, values::listen)
}

/// The address of the database alone, for commands that need no other setting.
pub fn database_url(file: Option<&Path>, environment: &Environment) -> Result<SecretString, SettingsError> {
    database(&Source::read(file, environment)?)
}

fn database(source: &Source) -> Result<SecretString, SettingsError> {
    let address = optional(source, &define::DATABASE_URL, values::plain_secret)?.unwrap_or_default();
    if values::is_database(address.expose_secret()) {
        return Ok(address);
    }
    Err(wrong(
        &define::DATABASE_URL,
        "a database such as sqlite://steward.db or postgres://host/steward",
        without_password(address.expose_secret()),
    ))
}

/// The part of a database address that cannot contain a password, even if the address is malformed.
fn without_password(address: &str) -> String {
    let is_scheme = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || "+.-".contains(c));
    match address.split_once("://") {
        _ if address.starts_with("sqlite:") => format!("{address:?}"),
        Some((scheme, _)) if is_scheme(scheme) => format!("{scheme}://…"),
        _ => "no address".to_owned(),
    }
}

fn admin_credential(source: &Source, bot_token: &SecretString) -> Result<AdminCredential, SettingsError> {
    let token = optional(source, &define::ADMIN_TOKEN, values::token)?;
    let client_id = source.optional(&define::CLIENT_ID, values::client_id)?;
    let client_secret = optional(source, &define::CLIENT_SECRET, values::plain_secret)?;
    let seed = optional(source, &define::REFRESH_TOKEN, values::token)?;
    let key = encryption_key(source)?;
    let has_service_app = client_id.is_some() || client_secret.is_some() || seed.is_some();
    match token {
        Some(_) if has_service_app => Err(wrong(
            &define::ADMIN_TOKEN,
            "one admin credential",
            "two: it and the STEWARD_SERVICE_APP_… settings of a Service App; remove one of them".to_owned(),
        )),
        Some(token) if token.expose_secret() == bot_token.expose_secret() => Err(wrong(
            &define::ADMIN_TOKEN,
            "a token that may administer devices",
            "the same token as STEWARD_BOT_TOKEN; a bot cannot administer devices".to_owned(),
        )),
        Some(token) => Ok(AdminCredential::FixedToken(AdminToken::new(token))),
        None if !has_service_app => Err(SettingsError::Missing {
            variable: define::ADMIN_TOKEN.variable,
            expected: "a token that may administer devices, or set STEWARD_SERVICE_APP_CLIENT_ID, _CLIENT_SECRET and \
                       _REFRESH_TOKEN instead"
                .to_owned(),
        }),
        None => Ok(AdminCredential::ServiceApp(ServiceAppSettings {
            app: ServiceApp {
                client_id: client_id.ok_or_else(|| define::CLIENT_ID.missing())?,
                client_secret: client_secret.ok_or_else(|| define::CLIENT_SECRET.missing())?,
            },
            seed: RefreshToken::new(seed.ok_or_else(|| define::REFRESH_TOKEN.missing())?),
            key: key.ok_or_else(|| define::ENCRYPTION_KEY.missing())?,
        })),
    }
}

/// Checks the text of a secret. The error is (expected, found), and repeats none of it.
type SecretCheck = fn(&str) -> Result<(), (&'static str, &'static str)>;

fn required(
    source: &Source,
    setting: &Definition,
    check: SecretCheck,
) -> Result<SecretString, SettingsError> {
    checked_secret(setting, source.secret(setting)?, check)
}

fn optional(
    source: &Source,
    setting: &Definition,
    check: SecretCheck,
) -> Result<Option<SecretString>, SettingsError> {
    source.optional_secret(setting)?.map(|secret| checked_secret(setting, secret, check)).transpose()
}

fn checked_secret(
    setting: &Definition,
    secret: SecretString,
    check: SecretCheck,
) -> Result<SecretString, SettingsError> {
    match check(secret.expose_secret()) {
        Ok(()) => Ok(secret),
        Err((expected, found)) => Err(wrong(setting, expected, found.to_owned())),
    }
}

fn encryption_key(source: &Source) -> Result<Option<SealingKey>, SettingsError> {
    let Some(text) = optional(source, &define::ENCRYPTION_KEY, values::plain_secret)? else {
        return Ok(None);
    };
    SealingKey::parse(&text).map(Some).ok_or_else(|| {
        let length = text.expose_secret().trim().chars().count();
        wrong(
            &define::ENCRYPTION_KEY,
            "32 bytes as hex or base64, such as `openssl rand -hex 32` prints",
            format!("{length} characters that are neither"),
        )
    })
}

fn checked(setting: &Definition, secret: &SecretString) -> Result<WebhookSecret, SettingsError> {
    WebhookSecret::new(secret).map_err(|error| {
        let expected = "at least 16 bytes, such as `openssl rand -hex 32` prints";
        wrong(setting, expected, format!("{} bytes", error.found))
    })
}

fn wrong(setting: &Definition, expected: &str, found: String) -> SettingsError {
    SettingsError::Wrong { variable: setting.variable.to_owned(), expected: expected.to_owned(), found }
}
