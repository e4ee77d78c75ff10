//! Reading settings, and the errors for wrong ones.

use std::io::Write as _;

use secrecy::ExposeSecret as _;

use crate::app::config::{AdminCredential, Environment, Settings, SettingsError, listen_address};

const NEEDED: [(&str, &str); 3] = [
    ("STEWARD_BOT_TOKEN", "bot-hush"),
    ("STEWARD_ADMIN_TOKEN", "admin-hush"),
    ("STEWARD_WEBHOOK_SECRET", "hush hush hush hush"),
];

fn load(changes: &[(&str, &str)]) -> Result<Settings, SettingsError> {
    load_with_file("", changes)
}

fn load_with_file(text: &str, changes: &[(&str, &str)]) -> Result<Settings, SettingsError> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    Settings::load(Some(file.path()), &Environment::of(NEEDED.iter().chain(changes).copied()))
}

fn message(changes: &[(&str, &str)]) -> String {
    load(changes).unwrap_err().to_string()
}

#[test]
fn only_three_secrets_must_be_set() {
    let settings = load(&[]).unwrap();
    assert_eq!(settings.listen.to_string(), "0.0.0.0:8080");
    assert_eq!(settings.database_url.expose_secret(), "sqlite://steward.db");
    assert_eq!(settings.webex_api.as_str(), "https://webexapis.com/v1");
    assert_eq!((settings.admins, settings.orgs, settings.target_org), (vec![], vec![], None));
    assert!(!settings.webhook_secrets.require_sha2);
}

#[test]
fn a_missing_setting_is_named_with_its_meaning() {
    let empty = ("STEWARD_BOT_TOKEN", "");
    insta::assert_snapshot!(message(&[empty]), @"STEWARD_BOT_TOKEN is missing: set it to the bot's access token");
    let empty = ("STEWARD_WEBHOOK_SECRET", "  ");
    insta::assert_snapshot!(message(&[empty]), @"STEWARD_WEBHOOK_SECRET is missing: set it to the secret that Webex signs deliveries with: at least 16 bytes, for example from `openssl rand -hex 32`");
}

#[test]
fn a_wrong_setting_is_named_with_the_expected_and_the_found_value() {
    insta::assert_snapshot!(
        message(&[("STEWARD_LISTEN", "8080")]),
        @r#"STEWARD_LISTEN is wrong: expected an address and a port such as 0.0.0.0:8080, found "8080""#
    );
    insta::assert_snapshot!(
        message(&[("STEWARD_WEBEX_API", "http://webexapis.com/v1")]),
        @r#"STEWARD_WEBEX_API is wrong: expected an HTTPS address such as https://steward.example.com, found "http://webexapis.com/v1""#
    );
    insta::assert_snapshot!(
        message(&[("STEWARD_ADMINS", "ana@example.com, Ben Bauer")]),
        @r#"STEWARD_ADMINS is wrong: expected email addresses or person ids, separated by commas, found "Ben Bauer""#
    );
    insta::assert_snapshot!(
        message(&[("STEWARD_WEBHOOK_SECRET", "too short")]),
        @"STEWARD_WEBHOOK_SECRET is wrong: expected at least 16 bytes, such as `openssl rand -hex 32` prints, found 9 bytes"
    );
    insta::assert_snapshot!(
        message(&[("STEWARD_DATABASE_URL", "mysql://db/steward")]),
        @r#"STEWARD_DATABASE_URL is wrong: expected a database such as sqlite://steward.db or postgres://host/steward, found mysql://…"#
    );
    insta::assert_snapshot!(
        message(&[("STEWARD_ADMINS", "ana")]),
        @r#"STEWARD_ADMINS is wrong: expected email addresses or person ids, separated by commas, found "ana""#
    );
    insta::assert_snapshot!(
        message(&[("STEWARD_REQUIRE_SHA2", "maybe")]),
        @r#"STEWARD_REQUIRE_SHA2 is wrong: expected true or false, found "maybe""#
    );
}

#[test]
fn an_unknown_name_is_an_error_with_a_suggestion() {
    insta::assert_snapshot!(
        message(&[("STEWARD_ADMIN", "ana@example.com")]),
        @"STEWARD_ADMIN is not a Steward setting; did you mean STEWARD_ADMINS?"
    );
    insta::assert_snapshot!(message(&[("STEWARD_POLICY", "p")]), @"STEWARD_POLICY is not a Steward setting");
    assert!(load(&[("STEWARD_SERVICE_HOST", "10.0.0.1"), ("STEWARD_PORT", "tcp://10.0.0.1:80")]).is_ok());
    let error = message(&[("STEWARD_PORT", "8080")]);
    assert!(error.contains("STEWARD_PORT is not a Steward setting"), "{error}");
    assert!(
        load(&[("STEWARD_DB_SERVICE_HOST", "10.0.0.2"), ("STEWARD_DB_PORT", "tcp://10.0.0.2:5432")]).is_ok()
    );
}

#[test]
fn the_environment_wins_over_the_file() {
    let file = "listen = \"127.0.0.1:1\"\nadmins = [\"ana@example.com\", \"ben@example.com\"]\nrequire_sha2 = true\n";
    let settings = load_with_file(file, &[("STEWARD_LISTEN", "127.0.0.1:2")]).unwrap();
    assert_eq!(settings.listen.port(), 2);
    assert_eq!(settings.admins.len(), 2);
    assert!(settings.webhook_secrets.require_sha2);
}

#[test]
fn an_error_in_the_file_says_where_and_repeats_no_secret() {
    let error =
        load_with_file("listen = \"127.0.0.1:1\"\nbot_tokn = \"hush\"\n", &[]).unwrap_err().to_string();
    assert!(error.contains("line 2") && error.contains("bot_tokn") && error.contains("bot_token"), "{error}");
    assert!(!error.contains("hush"), "{error}");
    let error = load_with_file("bot_token = \"hush\" \"hush\"\n", &[]).unwrap_err().to_string();
    assert!(error.contains("line 1") && !error.contains("hush"), "{error}");
}

#[test]
fn a_key_of_the_settings_file_is_named_whatever_its_value_is() {
    let message = |file: &str| load_with_file(file, &[]).unwrap_err().to_string();
    for file in ["listen = \"127.0.0.1:1\"\nport = 3\n", "\n[port]\nnumber = 3\n", "\n[[port]]\n"] {
        let message = message(file);
        assert!(message.ends_with(": line 2: port is not a Steward setting"), "{message}");
    }
    for (file, found) in [
        ("admins = 5", "a number without quotes"),
        ("admins = [5, 6]", "a list of other values"),
        ("admins = 2026-11-30", "a date without quotes"),
        ("admins = { hush = 1 }", "a table"),
    ] {
        let expected = format!(
            ": line 1: admins is wrong: expected a string, true, false, or a list of strings, found {found}"
        );
        let message = message(file);
        assert!(message.ends_with(&expected), "{message}");
    }
}

#[test]
fn a_secret_may_come_from_a_file_but_not_in_two_ways() {
    let mut secret = tempfile::NamedTempFile::new().unwrap();
    secret.write_all(b"from a file, long enough\n").unwrap();
    let path = secret.path().to_str().unwrap();
    let variables = [NEEDED[0], NEEDED[1], ("STEWARD_WEBHOOK_SECRET_FILE", path)];
    let environment = Environment::of(variables);
    let empty = tempfile::NamedTempFile::new().unwrap();
    let settings = Settings::load(Some(empty.path()), &environment).unwrap();
    assert_eq!(secrecy::ExposeSecret::expose_secret(&settings.webhook_secret), "from a file, long enough");
    let both = message(&[("STEWARD_WEBHOOK_SECRET_FILE", path)]);
    assert!(both.contains("expected either"), "{both}");
    let missing = message(&[("STEWARD_BOT_TOKEN", ""), ("STEWARD_BOT_TOKEN_FILE", "/nowhere")]);
    assert!(
        missing.starts_with("cannot read \"/nowhere\", the file of STEWARD_BOT_TOKEN_FILE: "),
        "{missing}"
    );
}

#[test]
fn a_byte_order_mark_or_quotes_around_a_secret_are_said_without_the_secret() {
    let mut secret = tempfile::NamedTempFile::new().unwrap();
    secret.write_all("\u{feff}bot-hush\r\n".as_bytes()).unwrap();
    let path = secret.path().to_str().unwrap();
    insta::assert_snapshot!(
        message(&[("STEWARD_BOT_TOKEN", ""), ("STEWARD_BOT_TOKEN_FILE", path)]),
        @"STEWARD_BOT_TOKEN is wrong: expected plain text, found a byte order mark, which some editors add; save the file as UTF-8 without a byte order mark"
    );
    insta::assert_snapshot!(
        message(&[("STEWARD_ADMIN_TOKEN", "\"admin-hush\"")]),
        @"STEWARD_ADMIN_TOKEN is wrong: expected the secret alone, found quotes around it; remove them"
    );
    for variable in ["STEWARD_WEBHOOK_SECRET", "STEWARD_WEBHOOK_SECRET_PREVIOUS", "STEWARD_DATABASE_URL"] {
        let message = message(&[(variable, "'hush hush hush hush'")]);
        assert!(message.contains("quotes") && !message.contains("hush"), "{message}");
    }
    for (variable, value) in
        [("STEWARD_BOT_TOKEN", "Bearer hush"), ("STEWARD_SERVICE_APP_REFRESH_TOKEN", "hush\nhush")]
    {
        let message = message(&[&SERVICE_APP[..], &[(variable, value)]].concat());
        assert!(
            message.starts_with(&format!("{variable} is wrong: ")) && !message.contains("hush"),
            "{message}"
        );
    }
}

#[test]
fn a_secret_in_another_encoding_is_said_without_the_secret() {
    let utf_16 = |mark: [u8; 2], unit: fn(u16) -> [u8; 2]| {
        [mark.to_vec(), "bot-hush\r\n".encode_utf16().flat_map(unit).collect()].concat()
    };
    for (bytes, expected) in [
        (
            utf_16([0xff, 0xfe], u16::to_le_bytes),
            "expected UTF-8, found UTF-16 with a byte order mark; save it as UTF-8, in PowerShell with: Set-Content \
             -Encoding ascii",
        ),
        (utf_16([0xfe, 0xff], u16::to_be_bytes), "expected UTF-8, found UTF-16 with a byte order mark"),
        (b"bot-h\xfcsh".to_vec(), "expected UTF-8, found another encoding"),
    ] {
        let mut secret = tempfile::NamedTempFile::new().unwrap();
        secret.write_all(&bytes).unwrap();
        let path = secret.path().to_str().unwrap();
        let message = message(&[("STEWARD_BOT_TOKEN", ""), ("STEWARD_BOT_TOKEN_FILE", path)]);
        let file = format!("cannot read {path:?}, the file of STEWARD_BOT_TOKEN_FILE: {expected}");
        assert!(message.starts_with(&file) && !message.contains("hush"), "{message}");
    }
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(&utf_16([0xff, 0xfe], u16::to_le_bytes)).unwrap();
    let error = Settings::load(Some(file.path()), &Environment::of(NEEDED)).unwrap_err().to_string();
    assert!(error.contains("found UTF-16 with a byte order mark"), "{error}");
}

#[test]
fn the_bot_token_is_no_admin_token() {
    insta::assert_snapshot!(
        message(&[("STEWARD_ADMIN_TOKEN", "bot-hush")]),
        @"STEWARD_ADMIN_TOKEN is wrong: expected a token that may administer devices, found the same token as STEWARD_BOT_TOKEN; a bot cannot administer devices"
    );
}

#[test]
fn the_address_to_listen_on_can_be_read_without_the_secrets() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let listen = |variables: &[(&str, &str)]| {
        listen_address(Some(file.path()), &Environment::of(variables.iter().copied()))
    };
    assert_eq!(listen(&[]).unwrap().port(), 8080);
    let missing = [("STEWARD_LISTEN", "[::]:1"), ("STEWARD_BOT_TOKEN_FILE", "/nowhere")];
    assert_eq!(listen(&missing).unwrap().port(), 1);
    assert!(listen(&[("STEWARD_LISTEN", "here")]).is_err());
}

const KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
const SERVICE_APP: [(&str, &str); 5] = [
    ("STEWARD_ADMIN_TOKEN", ""),
    ("STEWARD_SERVICE_APP_CLIENT_ID", "C1"),
    ("STEWARD_SERVICE_APP_CLIENT_SECRET", "secret-hush"),
    ("STEWARD_SERVICE_APP_REFRESH_TOKEN", "refresh-hush"),
    ("STEWARD_ENCRYPTION_KEY", KEY),
];

fn without(left_out: &str) -> Vec<(&'static str, &'static str)> {
    SERVICE_APP
        .into_iter()
        .filter(|(variable, _)| *variable != left_out || variable.contains("ADMIN"))
        .collect()
}

#[test]
fn a_service_app_replaces_the_admin_token() {
    let settings = load(&SERVICE_APP).unwrap();
    let AdminCredential::ServiceApp(service_app) = &settings.admin else { panic!("{:?}", settings.admin) };
    assert_eq!(service_app.client_id().as_str(), "C1");
    assert!(settings.alert_space.is_none());
}

#[test]
fn exactly_one_admin_credential_must_be_set() {
    insta::assert_snapshot!(
        message(&[("STEWARD_ADMIN_TOKEN", "")]),
        @"STEWARD_ADMIN_TOKEN is missing: set it to a token that may administer devices, or set STEWARD_SERVICE_APP_CLIENT_ID, _CLIENT_SECRET and _REFRESH_TOKEN instead"
    );
    insta::assert_snapshot!(
        message(&SERVICE_APP[1..]),
        @"STEWARD_ADMIN_TOKEN is wrong: expected one admin credential, found two: it and the STEWARD_SERVICE_APP_… settings of a Service App; remove one of them"
    );
}

#[test]
fn each_missing_part_of_a_service_app_is_named() {
    for (variable, expected) in [
        ("STEWARD_SERVICE_APP_CLIENT_ID", "the client id of the Service App"),
        ("STEWARD_SERVICE_APP_CLIENT_SECRET", "the client secret of the Service App"),
        ("STEWARD_SERVICE_APP_REFRESH_TOKEN", "a refresh token of the Service App"),
        ("STEWARD_ENCRYPTION_KEY", "the key that seals the Service App's tokens in the database: 32 bytes"),
    ] {
        let message = message(&without(variable));
        assert!(message.starts_with(&format!("{variable} is missing: set it to {expected}")), "{message}");
    }
}

#[test]
fn a_wrong_key_space_or_name_is_named_without_repeating_the_key() {
    let with = |variable, value| message(&[&SERVICE_APP[..], &[(variable, value)]].concat());
    insta::assert_snapshot!(
        with("STEWARD_ENCRYPTION_KEY", "hush"),
        @"STEWARD_ENCRYPTION_KEY is wrong: expected 32 bytes as hex or base64, such as `openssl rand -hex 32` prints, found 4 characters that are neither"
    );
    insta::assert_snapshot!(
        with("STEWARD_ALERT_SPACE", "AV Operations"),
        @r#"STEWARD_ALERT_SPACE is wrong: expected the id of a space, found "AV Operations""#
    );
    insta::assert_snapshot!(
        with("STEWARD_SERVICE_APP_CLIENTID", "C1"),
        @"STEWARD_SERVICE_APP_CLIENTID is not a Steward setting; did you mean STEWARD_SERVICE_APP_CLIENT_ID?"
    );
}

#[test]
fn no_secret_is_printed() {
    let printed = format!("{:?}", load(&SERVICE_APP).unwrap());
    assert!(!printed.contains("hush") && !printed.contains(KEY), "{printed}");
    let printed = format!("{:?} {:?}", load(&[]).unwrap(), Environment::of(NEEDED));
    assert!(!printed.contains("hush"), "{printed}");
    let database = [("STEWARD_DATABASE_URL", "postgres://steward:hush@db/steward")];
    let printed = format!("{:?}", load(&database).unwrap());
    assert!(!printed.contains("hush"), "{printed}");
}

#[test]
fn a_wrong_address_is_shown_without_its_password() {
    insta::assert_snapshot!(
        message(&[("STEWARD_DATABASE_URL", "postgresql+asyncpg://steward:hush@db/steward")]),
        @"STEWARD_DATABASE_URL is wrong: expected a database such as sqlite://steward.db or postgres://host/steward, found postgresql+asyncpg://…"
    );
    for address in [
        "postgres:/steward:hush@db/x",
        "steward:hush@db://x",
        "mysql://a:hush@db/x?y=@z",
        "jdbc:postgresql://db/x?user=a&password=hush",
        "postgresql+asyncpg://db/x?password=hush",
        "host=db password=hush",
    ] {
        let message = message(&[("STEWARD_DATABASE_URL", address)]);
        assert!(!message.contains("hush") && message.contains("is wrong"), "{message}");
    }
    for address in ["https://ana:hush@steward.example.com", "https://:hush@steward.example.com"] {
        for variable in ["STEWARD_PUBLIC_URL", "STEWARD_WEBEX_API"] {
            let message = message(&[(variable, address)]);
            assert!(
                !message.contains("hush") && message.contains(r#"found "https:…@steward.example.com""#),
                "{message}"
            );
        }
    }
}

#[test]
fn the_database_address_may_come_from_a_file() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(b"postgres://steward:hush@db/steward\n").unwrap();
    let settings = load(&[("STEWARD_DATABASE_URL_FILE", file.path().to_str().unwrap())]).unwrap();
    assert_eq!(settings.database_url.expose_secret(), "postgres://steward:hush@db/steward");
}
