//! Reads the settings file and the environment. Knows the names of settings, but not their values or meaning.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

use secrecy::SecretString;
use toml::{Spanned, Value};

use super::definitions::{Definition, file_key, variables};
use super::environment::Environment;
use super::error::SettingsError;

/// The settings file without `--config`.
const DEFAULT_FILE: &str = "steward.toml";

/// The settings file and the environment, which wins. Both are keyed by the name of the environment variable.
pub(super) struct Source {
    environment: BTreeMap<String, String>,
    file: BTreeMap<String, String>,
}

impl Source {
    pub(super) fn read(file: Option<&Path>, environment: &Environment) -> Result<Self, SettingsError> {
        let is_unknown = |name: &str| name.starts_with("STEWARD_") && variables().all(|known| known != name);
        if let Some(name) = environment.0.keys().find(|name| is_unknown(name)) {
            return Err(SettingsError::Unknown(unknown(name, variables())));
        }
        let default = Path::new(DEFAULT_FILE);
        let path = file.or_else(|| default.exists().then_some(default));
        let file = path.map(read_settings_file).transpose()?.unwrap_or_default();
        Ok(Self { environment: environment.0.clone(), file })
    }

    pub(super) fn of_environment(environment: &Environment) -> Self {
        Self { environment: environment.0.clone(), file: BTreeMap::new() }
    }

    /// The text of a setting, or its default.
    fn text(&self, setting: &Definition) -> Option<&str> {
        let set = self.environment.get(setting.variable).or_else(|| self.file.get(setting.variable));
        set.map(|text| text.trim()).filter(|text| !text.is_empty()).or(setting.default())
    }

    pub(super) fn optional<T>(
        &self,
        setting: &Definition,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Option<T>, SettingsError> {
        let parse = |text| parse(text).map_err(|expected| wrong(setting.variable, expected, text));
        self.text(setting).map(parse).transpose()
    }

    /// A setting with a default.
    pub(super) fn value<T>(
        &self,
        setting: &Definition,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Result<T, SettingsError> {
        let text = self.text(setting).unwrap_or_default();
        parse(text).map_err(|expected| wrong(setting.variable, expected, text))
    }

    /// A comma-separated list.
    pub(super) fn list<T>(
        &self,
        setting: &Definition,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Vec<T>, SettingsError> {
        let items = self.text(setting).unwrap_or_default().split(',').map(str::trim);
        items
            .filter(|item| !item.is_empty())
            .map(|item| parse(item).map_err(|expected| wrong(setting.variable, expected, item)))
            .collect()
    }

    pub(super) fn secret(&self, setting: &Definition) -> Result<SecretString, SettingsError> {
        self.optional_secret(setting)?.ok_or_else(|| setting.missing())
    }

    /// A secret, set directly or in a separate file. Both at once is an error, because one of them would be ignored.
    pub(super) fn optional_secret(
        &self,
        setting: &Definition,
    ) -> Result<Option<SecretString>, SettingsError> {
        let variable = setting.variable;
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
        Ok(setting.default().map(Into::into))
    }
}

fn read_secret(file_variable: &str, path: &str) -> Result<SecretString, SettingsError> {
    let failed =
        |error| SettingsError::File { file: format!("{path:?}, the file of {file_variable}"), error };
    let text = read_text(Path::new(path)).map_err(failed)?;
    match text.trim() {
        "" => Err(failed("it is empty".to_owned())),
        secret => Ok(secret.into()),
    }
}

/// The text of a file. The error repeats nothing of it, because it may be a secret.
fn read_text(path: &Path) -> Result<String, String> {
    const UTF_16: [[u8; 2]; 2] = [[0xff, 0xfe], [0xfe, 0xff]];
    let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
    if UTF_16.iter().any(|mark| bytes.starts_with(mark)) {
        let how = "save it as UTF-8, in PowerShell with: Set-Content -Encoding ascii";
        return Err(format!("expected UTF-8, found UTF-16 with a byte order mark; {how}"));
    }
    String::from_utf8(bytes).map_err(|_| "expected UTF-8, found another encoding".to_owned())
}

fn read_settings_file(path: &Path) -> Result<BTreeMap<String, String>, SettingsError> {
    let failed = |error| SettingsError::File { file: format!("the settings file {}", path.display()), error };
    let text = read_text(path).map_err(failed)?;
    let failed_at = |start: usize, message: &str| {
        let line = text.bytes().take(start).filter(|byte| *byte == b'\n').count() + 1;
        failed(format!("line {line}: {message}"))
    };
    // Displaying the error itself would quote the line it is about, and that line may hold a secret.
    let entries: BTreeMap<Spanned<String>, Value> = toml::from_str(&text)
        .map_err(|error| failed_at(error.span().map_or(0, |span| span.start), error.message()))?;
    let named = entries.into_iter().map(|(key, value)| {
        let failed = |message: &str| failed_at(key.span().start, message);
        let variable = variables().find(|variable| file_key(variable) == *key.get_ref());
        let known = || variables().map(|variable| file_key(&variable));
        let variable = variable.ok_or_else(|| failed(&unknown(key.get_ref(), known())))?;
        let value = value_text(value).map_err(|found| {
            let expected = "a string, true, false, or a list of strings";
            failed(&format!("{} is wrong: expected {expected}, found {found}", key.get_ref()))
        })?;
        Ok((variable, value))
    });
    named.collect()
}

/// The text of a value in the settings file. The error names only its type, because the value may be a secret.
fn value_text(value: Value) -> Result<String, &'static str> {
    Ok(match value {
        Value::String(text) => text,
        Value::Boolean(is_on) => is_on.to_string(),
        Value::Array(items) => {
            let items = items.into_iter().map(|item| match item {
                Value::String(text) => Ok(text),
                _ => Err("a list of other values"),
            });
            items.collect::<Result<Vec<_>, _>>()?.join(",")
        }
        Value::Integer(_) | Value::Float(_) => return Err("a number without quotes"),
        Value::Datetime(_) => return Err("a date without quotes"),
        Value::Table(_) => return Err("a table"),
    })
}

fn unknown(name: &str, known: impl Iterator<Item = String>) -> String {
    let nearest = known
        .map(|known| (strsim::jaro_winkler(&known, name), known))
        .filter(|(similarity, _)| *similarity > 0.95)
        .max_by(|one, other| one.0.total_cmp(&other.0));
    let suggestion = nearest.map_or_else(String::new, |(_, known)| format!("; did you mean {known}?"));
    format!("{name} is not a Steward setting{suggestion}")
}

fn wrong(variable: &str, expected: String, found: &str) -> SettingsError {
    let found = without_credentials(found);
    let found = match found.char_indices().nth(80) {
        Some((end, _)) => format!("{:?}…", &found[..end]),
        None => format!("{found:?}"),
    };
    SettingsError::Wrong { variable: variable.to_owned(), expected, found }
}

/// An address without user and password (RFC 3986, section 3.2.1), and without anything that might belong to them in
/// a malformed one.
fn without_credentials(text: &str) -> Cow<'_, str> {
    match text.split_once(':').zip(text.rsplit_once('@')) {
        Some(((scheme, _), (before, host))) if before.len() > scheme.len() => {
            format!("{scheme}:…@{host}").into()
        }
        _ => text.into(),
    }
}
