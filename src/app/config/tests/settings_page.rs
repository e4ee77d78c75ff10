//! `docs/settings.md`, generated from the definitions.

use std::fmt::Write as _;
use std::path::Path;

use crate::app::config::definitions::{Definition, Presence, SECTIONS, file_key};

const INTRODUCTION: &str = "# Settings

<!-- Generated from src/app/config/definitions.rs: UPDATE_DOCS=1 cargo test --lib settings_page -->

Steward reads its settings once, at start, from environment variables and from a TOML file. `--config`
names the file; the default is `steward.toml` in the working directory, if it exists. If both set the same name, the
variable wins.

- **Names in the file** are those of the variables without `STEWARD_`, in lower case: `STEWARD_LISTEN` is
  `listen = \"127.0.0.1:8080\"`.
- **Lists** have commas between their items. In the file they may be TOML lists:
  `admins = [\"ana@example.com\", \"ben@example.com\"]`.
- **Secrets** (marked with `_FILE`) may come from separate files: `STEWARD_BOT_TOKEN_FILE`, or `bot_token_file` in the
  settings file, names a file with the bot token in it. Spaces and line ends around it are ignored. Setting a name and
  its `_FILE` together is an error, and so are quotes around a secret, a byte order mark, and a second line.
- **Required** are the bot token, the webhook secret, and either the admin token or all four settings of a Service App: its
  client id, client secret and refresh token, and the encryption key.
- **Mistakes** end the start with exit code 2 and one sentence that names the setting, never a secret. An unknown
  name is a mistake too, except for the variables that Kubernetes sets for services whose names begin with `steward`,
  such as `STEWARD_DB_SERVICE_HOST` and `STEWARD_DB_PORT=tcp://…`.

`steward check` looks at everything that these settings name, and changes nothing
([operations.md](operations.md#checking-a-setup)).
";

fn page() -> String {
    let mut page = INTRODUCTION.to_owned();
    for (heading, definitions) in SECTIONS {
        write!(
            page,
            "\n## {heading}\n\n| variable | in the file | default | meaning |\n| --- | --- | --- | --- |\n"
        )
        .unwrap();
        for definition in *definitions {
            page.push_str(&row(definition));
        }
    }
    page
}

fn row(definition: &Definition) -> String {
    let Definition { variable, presence, is_secret, meaning } = definition;
    let file = if *is_secret { " (`_FILE`)" } else { "" };
    let default = match presence {
        Presence::Required => "**required**".to_owned(),
        Presence::Default(value) => format!("`{value}`"),
        Presence::Optional(text) => (*text).to_owned(),
    };
    format!("| `{variable}`{file} | `{}` | {default} | {meaning} |\n", file_key(variable))
}

#[test]
fn the_settings_page_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/settings.md");
    #[expect(clippy::disallowed_methods, reason = "asks whether to rewrite the page; not a setting")]
    let update = std::env::var_os("UPDATE_DOCS").is_some();
    if update {
        std::fs::write(&path, page()).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(written, page(), "run UPDATE_DOCS=1 cargo test --lib settings_page");
}

#[test]
fn every_definition_has_a_unique_name_and_a_whole_sentence() {
    let definitions: Vec<_> = SECTIONS.iter().flat_map(|(_, definitions)| *definitions).collect();
    for definition in &definitions {
        assert!(definition.meaning.ends_with('.'), "{definition:?}");
        let same = definitions.iter().filter(|other| other.variable == definition.variable);
        assert_eq!(same.count(), 1, "{definition:?}");
    }
}
