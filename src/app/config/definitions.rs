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
    /// Its meaning in Markdown, for `docs/settings.md`. The first sentence also completes "set it to …".
    pub(super) meaning: &'static str,
}

/// What applies if a setting is not set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Presence {
    Required,
    /// This value.
    Default(&'static str),
    /// Nothing is assumed. The text says what that means, or when the setting is required after all.
    Optional(&'static str),
}

use Presence::{Default, Optional, Required};

const fn plain(variable: &'static str, presence: Presence, meaning: &'static str) -> Definition {
    Definition { variable, presence, is_secret: false, meaning }
}

const fn secret(variable: &'static str, presence: Presence, meaning: &'static str) -> Definition {
    Definition { variable, presence, is_secret: true, meaning }
}

pub(super) static BOT_TOKEN: Definition = secret("STEWARD_BOT_TOKEN", Required, "the bot's access token.");
pub(super) static ADMIN_TOKEN: Definition = secret(
    "STEWARD_ADMIN_TOKEN",
    Optional("required without a Service App"),
    "an access token that may administer devices and that you renew yourself, such as a personal access token.",
);
pub(super) static CLIENT_ID: Definition = plain(
    "STEWARD_SERVICE_APP_CLIENT_ID",
    Optional("required without an admin token"),
    "the client id of the Service App that administers devices.",
);
pub(super) static CLIENT_SECRET: Definition = secret(
    "STEWARD_SERVICE_APP_CLIENT_SECRET",
    Optional("required with a Service App"),
    "the client secret of the Service App.",
);
pub(super) static REFRESH_TOKEN: Definition = secret(
    "STEWARD_SERVICE_APP_REFRESH_TOKEN",
    Optional("required with a Service App"),
    "a refresh token of the Service App. It is used once; from then on the newest one is in the database. Setting a \
     new one replaces that.",
);
pub(super) static ENCRYPTION_KEY: Definition = secret(
    "STEWARD_ENCRYPTION_KEY",
    Optional("required with a Service App"),
    "the key that seals the Service App's tokens in the database: 32 bytes as hex or base64, for example from \
     `openssl rand -hex 32`.",
);
pub(super) static WEBHOOK_SECRET: Definition = secret(
    "STEWARD_WEBHOOK_SECRET",
    Required,
    "the secret that Webex signs deliveries with: at least 16 bytes, for example from `openssl rand -hex 32`.",
);
pub(super) static WEBHOOK_SECRET_PREVIOUS: Definition = secret(
    "STEWARD_WEBHOOK_SECRET_PREVIOUS",
    Optional("none"),
    "the old webhook secret, still accepted while you change to a new one.",
);
pub(super) static REQUIRE_SHA2: Definition = plain(
    "STEWARD_REQUIRE_SHA2",
    Default("false"),
    "`true` rejects deliveries that are signed with SHA-1 only.",
);
pub(super) static PUBLIC_URL: Definition = plain(
    "STEWARD_PUBLIC_URL",
    Optional("none: Steward leaves the webhooks alone"),
    "the address at which Webex reaches Steward. Steward registers its webhooks there and keeps them working. Must be \
     HTTPS unless it is this machine.",
);
pub(super) static LISTEN: Definition =
    plain("STEWARD_LISTEN", Default("0.0.0.0:8080"), "the address and port that Steward serves HTTP on.");
pub(super) static WEBEX_API: Definition = plain(
    "STEWARD_WEBEX_API",
    Default("https://webexapis.com/v1"),
    "the base address of the Webex API. Webex for Government (FedRAMP): `https://api-usgov.webex.com/v1`.",
);
pub(super) static ADMINS: Definition = plain(
    "STEWARD_ADMINS",
    Optional("empty: nobody"),
    "the people who may do everything: email addresses or person ids. An address keeps meaning the person it meant \
     when Steward first looked it up.",
);
pub(super) static ORGS: Definition = plain(
    "STEWARD_ORGS",
    Optional("the admin credential's own organization"),
    "the ids of the organizations whose people Steward serves.",
);
pub(super) static TARGET_ORG: Definition = plain(
    "STEWARD_TARGET_ORG",
    Optional("the admin credential's own organization"),
    "for partner administrators: the id of the organization whose devices Steward administers. It is sent to Webex as \
     `orgId`.",
);
pub(super) static ALERT_SPACE: Definition = plain(
    "STEWARD_ALERT_SPACE",
    Optional("none"),
    "the id of a space in which Steward warns its operators. The bot must be in it.",
);
pub(super) static DATABASE_URL: Definition = secret(
    "STEWARD_DATABASE_URL",
    Default("sqlite://steward.db"),
    "the database: an SQLite file, which is created if it is missing, or `postgres://USER:PASSWORD@HOST/DATABASE`, \
     which several processes may share.",
);
pub(super) static LOG: Definition = plain(
    "STEWARD_LOG",
    Default("info"),
    "the log level, or a filter such as `info,steward::webex=debug`. The log goes to standard error.",
);
pub(super) static LOG_FORMAT: Definition =
    plain("STEWARD_LOG_FORMAT", Default("text"), "`text`, or `json` for one JSON object per line.");

/// The settings in the order in which people need them, by heading.
pub(super) static SECTIONS: [(&str, &[&Definition]); 5] = [
    ("Credentials", &[&BOT_TOKEN, &ADMIN_TOKEN, &CLIENT_ID, &CLIENT_SECRET, &REFRESH_TOKEN, &ENCRYPTION_KEY]),
    ("People and organizations", &[&ADMINS, &ORGS, &TARGET_ORG, &ALERT_SPACE]),
    ("Webhooks and HTTP", &[&PUBLIC_URL, &WEBHOOK_SECRET, &WEBHOOK_SECRET_PREVIOUS, &REQUIRE_SHA2, &LISTEN]),
    ("Webex and the database", &[&WEBEX_API, &DATABASE_URL]),
    ("Log", &[&LOG, &LOG_FORMAT]),
];

impl Definition {
    pub(super) fn default(&self) -> Option<&'static str> {
        match self.presence {
            Default(default) => Some(default),
            Required | Optional(_) => None,
        }
    }

    pub(super) fn missing(&self) -> SettingsError {
        let expected = self.meaning.split(". ").next().unwrap_or_default().trim_end_matches('.');
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
