//! The definition of every setting: the one source for reading them, for error messages and for `docs/settings.md`.

use super::error::SettingsError;

/// The definition of a setting.
#[derive(Debug)]
pub(super) struct Definition {
    /// The environment variable.
    pub(super) variable: &'static str,
    pub(super) presence: Presence,
    /// A secret may also come from a file, and is never shown.
    pub(super) is_secret: bool,
    /// Its doc comment: Markdown for `docs/settings.md`. The first sentence also completes "set it to …".
    pub(super) meaning: &'static str,
}

/// The behavior of a setting that is not set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Presence {
    Required,
    /// This value is used.
    Default(&'static str),
    /// There is no default. The text describes the effect, or says when the setting is required.
    Optional(&'static str),
}

use Presence::{Default, Optional, Required};

macro_rules! settings {
    ($($heading:literal { $($(#[doc = $meaning:literal])+ $name:ident: $kind:ident $variable:literal, $presence:expr;)+ })+) => {
        $($(
            $(#[doc = $meaning])+
            pub(super) static $name: Definition = Definition {
                variable: $variable,
                presence: $presence,
                is_secret: settings!($kind),
                meaning: concat!($($meaning),+).trim_ascii(),
            };
        )+)+

        /// The settings by heading, in the order in which operators need them.
        pub(super) static SECTIONS: &[(&str, &[&Definition])] = &[$(($heading, &[$(&$name),+])),+];
    };
    (secret) => { true };
    (plain) => { false };
}

settings! {
    "Credentials" {
        /// The bot's access token.
        BOT_TOKEN: secret "STEWARD_BOT_TOKEN", Required;
        /// An access token that may administer devices and that you renew yourself, such as a personal access
        /// token.
        ADMIN_TOKEN: secret "STEWARD_ADMIN_TOKEN", Optional("required without a Service App");
        /// The client id of the Service App that administers devices.
        CLIENT_ID: plain "STEWARD_SERVICE_APP_CLIENT_ID", Optional("required without an admin token");
        /// The client secret of the Service App.
        CLIENT_SECRET: secret "STEWARD_SERVICE_APP_CLIENT_SECRET", Optional("required with a Service App");
        /// A refresh token of the Service App. It is used once; from then on the newest one is in the database.
        /// Setting a new one replaces that.
        REFRESH_TOKEN: secret "STEWARD_SERVICE_APP_REFRESH_TOKEN", Optional("required with a Service App");
        /// The key that seals the Service App's tokens in the database: 32 bytes as hex or base64, for example
        /// from `openssl rand -hex 32`.
        ENCRYPTION_KEY: secret "STEWARD_ENCRYPTION_KEY", Optional("required with a Service App");
    }
    "People and organizations" {
        /// The people who may do everything: email addresses or person ids. An address is pinned to the person it
        /// belongs to when Steward first looks it up.
        ADMINS: plain "STEWARD_ADMINS", Optional("empty: nobody");
        /// The ids of the organizations whose people Steward serves.
        ORGS: plain "STEWARD_ORGS", Optional("the admin credential's own organization");
        /// For partner administrators: the id of the organization whose devices Steward administers. It is sent
        /// to Webex as `orgId`.
        TARGET_ORG: plain "STEWARD_TARGET_ORG", Optional("the admin credential's own organization");
        /// The id of a space in which Steward warns its operators. The bot must be in it.
        ALERT_SPACE: plain "STEWARD_ALERT_SPACE", Optional("none");
    }
    "Webhooks and HTTP" {
        /// The address at which Webex reaches Steward, with or without `/webhooks/webex`. Steward registers its webhooks
        /// there and keeps them working. Must be HTTPS unless it is this machine.
        PUBLIC_URL: plain "STEWARD_PUBLIC_URL", Optional("none: Steward leaves the webhooks alone");
        /// The secret that Webex signs deliveries with: at least 16 bytes, for example from `openssl rand -hex
        /// 32`.
        WEBHOOK_SECRET: secret "STEWARD_WEBHOOK_SECRET", Required;
        /// The old webhook secret, still accepted while you change to a new one.
        WEBHOOK_SECRET_PREVIOUS: secret "STEWARD_WEBHOOK_SECRET_PREVIOUS", Optional("none");
        /// `true` rejects deliveries that are signed with SHA-1 only.
        REQUIRE_SHA2: plain "STEWARD_REQUIRE_SHA2", Default("false");
        /// The address and port that Steward serves HTTP on.
        LISTEN: plain "STEWARD_LISTEN", Default("0.0.0.0:8080");
    }
    "Webex and the database" {
        /// The base address of the Webex API. Webex for Government (FedRAMP): `https://api-usgov.webex.com/v1`.
        WEBEX_API: plain "STEWARD_WEBEX_API", Default("https://webexapis.com/v1");
        /// The database: an SQLite file, which is created if it is missing, or
        /// `postgres://USER:PASSWORD@HOST/DATABASE`, which several processes may share.
        DATABASE_URL: secret "STEWARD_DATABASE_URL", Default("sqlite://steward.db");
    }
    "Log" {
        /// The log level, or a filter such as `info,steward::webex=debug`. The log goes to standard error.
        LOG: plain "STEWARD_LOG", Default("info");
        /// `text`, or `json` for one JSON object per line.
        LOG_FORMAT: plain "STEWARD_LOG_FORMAT", Default("text");
    }
}

impl Definition {
    pub(super) fn default(&self) -> Option<&'static str> {
        match self.presence {
            Default(default) => Some(default),
            Required | Optional(_) => None,
        }
    }

    pub(super) fn missing(&self) -> SettingsError {
        let sentence = self.meaning.split(". ").next().unwrap_or_default().trim_end_matches('.');
        let (first, rest) = sentence.split_at(1);
        let expected = first.to_lowercase() + rest;
        SettingsError::Missing { variable: self.variable, expected }
    }

    /// The variable that names a file with this secret.
    pub(super) fn file_variable(&self) -> Option<String> {
        self.is_secret.then(|| format!("{}_FILE", self.variable))
    }
}

/// The names of all environment variables of Steward.
pub(super) fn variables() -> impl Iterator<Item = String> {
    let definitions = SECTIONS.iter().flat_map(|(_, definitions)| *definitions);
    definitions.flat_map(|definition| {
        std::iter::once(definition.variable.to_owned()).chain(definition.file_variable())
    })
}

/// The name of a setting in the file: `listen` for `STEWARD_LISTEN`.
pub(super) fn file_key(variable: &str) -> String {
    variable.trim_start_matches("STEWARD_").to_ascii_lowercase()
}
