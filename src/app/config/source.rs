//! Where settings come from, before anybody knows what they mean.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use secrecy::SecretString;
use serde::Deserialize;

use super::SettingsError;

/// The file that is read when none is named.
const DEFAULT_FILE: &str = "steward.toml";

/// The variables of a process.
#[derive(Clone, Default)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// Those of this process.
    #[must_use]
    pub fn of_this_process() -> Self {
        #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
        let variables = std::env::vars_os();
        Self(variables.filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?))).collect())
    }

    /// These.
    pub fn of<K: Into<String>, V: Into<String>>(variables: impl IntoIterator<Item = (K, V)>) -> Self {
        Self(variables.into_iter().map(|(key, value)| (key.into(), value.into())).collect())
    }
}

/// Variables hold secrets: only their names can be printed.
impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// A value in the file.
#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Text(String),
    Switch(bool),
    List(Vec<String>),
}

impl Written {
    fn into_text(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::Switch(on) => on.to_string(),
            Self::List(items) => items.join(","),
        }
    }
}

macro_rules! settings {
    ($($key:ident = $variable:literal $(or $file_key:ident = $file_variable:literal)?;)+) => {
        /// The keys of the file. Anything else in it is an error that says where and what is expected.
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct FileKeys {
            $(#[serde(default)] $key: Option<Written>, $(#[serde(default)] $file_key: Option<Written>,)?)+
        }

        impl FileKeys {
            fn into_variables(self) -> BTreeMap<String, String> {
                let mut variables = BTreeMap::new();
                $(
                    if let Some(written) = self.$key {
                        variables.insert($variable.to_owned(), written.into_text());
                    }
                    $(if let Some(written) = self.$file_key {
                        variables.insert($file_variable.to_owned(), written.into_text());
                    })?
                )+
                variables
            }
        }

        /// The names of all settings.
        const VARIABLES: &[&str] = &[$($variable, $($file_variable,)?)+];
    };
}

settings! {
    listen = "STEWARD_LISTEN";
    public_url = "STEWARD_PUBLIC_URL";
    database_url = "STEWARD_DATABASE_URL" or database_url_file = "STEWARD_DATABASE_URL_FILE";
    webex_api = "STEWARD_WEBEX_API";
    bot_token = "STEWARD_BOT_TOKEN" or bot_token_file = "STEWARD_BOT_TOKEN_FILE";
    admin_token = "STEWARD_ADMIN_TOKEN" or admin_token_file = "STEWARD_ADMIN_TOKEN_FILE";
    service_app_client_id = "STEWARD_SERVICE_APP_CLIENT_ID";
    service_app_client_secret = "STEWARD_SERVICE_APP_CLIENT_SECRET"
        or service_app_client_secret_file = "STEWARD_SERVICE_APP_CLIENT_SECRET_FILE";
    service_app_refresh_token = "STEWARD_SERVICE_APP_REFRESH_TOKEN"
        or service_app_refresh_token_file = "STEWARD_SERVICE_APP_REFRESH_TOKEN_FILE";
    encryption_key = "STEWARD_ENCRYPTION_KEY" or encryption_key_file = "STEWARD_ENCRYPTION_KEY_FILE";
    alert_space = "STEWARD_ALERT_SPACE";
    webhook_secret = "STEWARD_WEBHOOK_SECRET" or webhook_secret_file = "STEWARD_WEBHOOK_SECRET_FILE";
    webhook_secret_previous = "STEWARD_WEBHOOK_SECRET_PREVIOUS"
        or webhook_secret_previous_file = "STEWARD_WEBHOOK_SECRET_PREVIOUS_FILE";
    require_sha2 = "STEWARD_REQUIRE_SHA2";
    admins = "STEWARD_ADMINS";
    target_org = "STEWARD_TARGET_ORG";
    orgs = "STEWARD_ORGS";
    log = "STEWARD_LOG";
    log_format = "STEWARD_LOG_FORMAT";
}

/// The file and the environment, laid over each other.
pub(super) struct Source {
    file: BTreeMap<String, String>,
    environment: BTreeMap<String, String>,
}

impl Source {
    pub(super) fn read(file: Option<&Path>, environment: &Environment) -> Result<Self, SettingsError> {
        if let Some(name) = environment.0.keys().find(|name| is_a_typing_error(name)) {
            return Err(unknown(name));
        }
        let default = Path::new(DEFAULT_FILE);
        let path = file.or_else(|| default.exists().then_some(default));
        let file = path.map(read_settings_file).transpose()?.unwrap_or_default();
        Ok(Self { file, environment: environment.0.clone() })
    }

    pub(super) fn of_environment(environment: &Environment) -> Self {
        Self { file: BTreeMap::new(), environment: environment.0.clone() }
    }

    fn text(&self, variable: &str) -> Option<&str> {
        let set = self.environment.get(variable).or_else(|| self.file.get(variable))?;
        Some(set.trim()).filter(|text| !text.is_empty())
    }

    /// A setting with a default.
    pub(super) fn value<T>(
        &self,
        variable: &'static str,
        default: &str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Result<T, SettingsError> {
        let text = self.text(variable).unwrap_or(default);
        parse(text).map_err(|expected| wrong(variable, expected, text))
    }

    /// A setting that may be left out.
    pub(super) fn optional<T>(
        &self,
        variable: &'static str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Option<T>, SettingsError> {
        let parse = |text| parse(text).map_err(|expected| wrong(variable, expected, text));
        self.text(variable).map(parse).transpose()
    }

    /// A list with commas between.
    pub(super) fn list<T>(
        &self,
        variable: &'static str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Vec<T>, SettingsError> {
        let items = self.text(variable).unwrap_or_default().split(',').map(str::trim);
        items
            .filter(|item| !item.is_empty())
            .map(|item| parse(item).map_err(|expected| wrong(variable, expected, item)))
            .collect()
    }

    /// A secret that must be there, here or in a file.
    pub(super) fn secret(
        &self,
        variable: &'static str,
        expected: &'static str,
    ) -> Result<SecretString, SettingsError> {
        self.optional_secret(variable)?.ok_or(SettingsError::Missing { variable, expected })
    }

    /// A secret, here or in a file; both at once is an error, for one of them would be ignored. What is in
    /// the environment goes before what is in the settings file.
    pub(super) fn optional_secret(&self, variable: &str) -> Result<Option<SecretString>, SettingsError> {
        let file_variable = format!("{variable}_FILE");
        for layer in [&self.environment, &self.file] {
            let set = |name: &str| layer.get(name).map(|text| text.trim()).filter(|text| !text.is_empty());
            match (set(variable), set(&file_variable)) {
                (Some(_), Some(_)) => {
                    let expected = format!("either {variable} or {file_variable}");
                    return Err(wrong(variable, expected, "both"));
                }
                (Some(secret), None) => return Ok(Some(secret.into())),
                (None, Some(path)) => return read_secret(&file_variable, path).map(Some),
                (None, None) => {}
            }
        }
        Ok(None)
    }
}

fn read_secret(file_variable: &str, path: &str) -> Result<SecretString, SettingsError> {
    let what = || format!("the file {path:?} that {file_variable} names");
    let text = std::fs::read_to_string(path)
        .map_err(|error| SettingsError::File { what: what(), error: error.to_string() })?;
    match text.trim() {
        "" => Err(SettingsError::File { what: what(), error: "it is empty".to_owned() }),
        secret => Ok(secret.into()),
    }
}

fn read_settings_file(path: &Path) -> Result<BTreeMap<String, String>, SettingsError> {
    let failed =
        |error: String| SettingsError::File { what: format!("the settings file {}", path.display()), error };
    let text = std::fs::read_to_string(path).map_err(|error| failed(error.to_string()))?;
    // The error's own text quotes the line it is about, and that line may hold a secret.
    let keys: FileKeys = toml::from_str(&text).map_err(|error| {
        let line =
            error.span().map_or(0, |span| text[..span.start.min(text.len())].matches('\n').count() + 1);
        failed(format!("line {line}: {}", error.message()))
    })?;
    Ok(keys.into_variables())
}

/// A name that starts like a setting and is none. Kubernetes adds names of its own for a service called
/// `steward`; those are let pass.
fn is_a_typing_error(name: &str) -> bool {
    let from_kubernetes = ["STEWARD_PORT", "STEWARD_SERVICE_HOST", "STEWARD_SERVICE_PORT"];
    let from_kubernetes = from_kubernetes.iter().any(|start| name.starts_with(start));
    name.starts_with("STEWARD_") && !from_kubernetes && !VARIABLES.contains(&name)
}

fn unknown(name: &str) -> SettingsError {
    let nearest = VARIABLES
        .iter()
        .map(|known| (strsim::jaro_winkler(known, name), known))
        .filter(|(nearness, _)| *nearness > 0.95)
        .max_by(|one, other| one.0.total_cmp(&other.0));
    let suggestion = nearest.map_or_else(String::new, |(_, known)| format!("; did you mean {known}?"));
    SettingsError::Unknown { name: name.to_owned(), suggestion }
}

fn wrong(variable: &str, expected: String, found: &str) -> SettingsError {
    let found = &*without_credentials(found);
    let found = match found.char_indices().nth(80) {
        Some((end, _)) => format!("{:?}…", &found[..end]),
        None => format!("{found:?}"),
    };
    SettingsError::Wrong { variable: variable.to_owned(), expected, found }
}

/// An address as it may be shown: whose it is and with what password (RFC 3986, section 3.2.1) is left out, and
/// everything that might belong to them where it is not written by the rules.
fn without_credentials(text: &str) -> Cow<'_, str> {
    match text.split_once(':').zip(text.rsplit_once('@')) {
        Some(((scheme, _), (before, host))) if before.len() > scheme.len() => {
            format!("{scheme}:…@{host}").into()
        }
        _ => text.into(),
    }
}
