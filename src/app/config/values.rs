//! Parsers for the values of settings. Each error completes "expected …".

use std::net::SocketAddr;

use tracing_subscriber::EnvFilter;
use url::{Host, Url};

use crate::domain::id::decode;
use crate::domain::{ClientId, EmailAddress, OrgId, PersonId, SpaceId};
use crate::http::WEBHOOK_PATH;

/// A person on the list of admins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AdminName {
    /// Resolved to a person at startup, and pinned.
    Email(EmailAddress),
    Person(PersonId),
}

/// The format of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::EnumString)]
#[strum(ascii_case_insensitive, serialize_all = "lowercase")]
pub enum LogFormat {
    Text,
    /// One JSON object per line.
    Json,
}

pub(super) fn listen(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| "an address and a port such as 0.0.0.0:8080".to_owned())
}

/// A web address. Tokens and secrets are sent there, so it must be HTTPS unless it is this machine.
pub(super) fn web_address(text: &str) -> Result<Url, String> {
    let expected = || "an HTTPS address such as https://steward.example.com".to_owned();
    let address = Url::parse(text).map_err(|_| expected())?;
    let is_here = match address.host() {
        Some(Host::Domain(domain)) => domain == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => return Err(expected()),
    };
    let is_safe = address.scheme() == "https" || (address.scheme() == "http" && is_here);
    let has_no_user = address.username().is_empty() && address.password().is_none();
    let is_bare = has_no_user && address.query().is_none() && address.fragment().is_none();
    if is_safe && is_bare { Ok(address) } else { Err(expected()) }
}

/// The public address. People also enter the address of the webhook itself, so its path is dropped.
pub(super) fn public_address(text: &str) -> Result<Url, String> {
    let mut address = web_address(text)?;
    let path = address.path().trim_end_matches('/');
    let path = path.strip_suffix(WEBHOOK_PATH).unwrap_or(path).to_owned();
    address.set_path(&path);
    Ok(address)
}

/// Checks a secret for what editors and shells add to it, without repeating any of it. The error is (expected, found).
pub(super) fn plain_secret(text: &str) -> Result<(), (&'static str, &'static str)> {
    const QUOTES: [(char, char); 6] =
        [('"', '"'), ('\'', '\''), ('`', '`'), ('“', '”'), ('‘', '’'), ('„', '“')];
    if text.contains(['\u{feff}', '\u{fffe}']) {
        return Err((
            "plain text",
            "a byte order mark, which some editors add; save the file as UTF-8 without a byte order mark",
        ));
    }
    if text.chars().any(char::is_control) {
        return Err(("a single line", "several lines or control characters"));
    }
    let is_quoted = |(open, close)| text.len() > 1 && text.starts_with(open) && text.ends_with(close);
    if QUOTES.into_iter().any(is_quoted) {
        return Err(("the secret alone", "quotes around it; remove them"));
    }
    Ok(())
}

/// Checks an access token: sent in a header, so that it is a single word.
pub(super) fn token(text: &str) -> Result<(), (&'static str, &'static str)> {
    plain_secret(text)?;
    if text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(());
    }
    Err(("a token, which has only letters, digits and punctuation", "spaces or other characters in it"))
}

/// Whether this is the address of a database that Steward supports.
pub(super) fn is_database(text: &str) -> bool {
    let is_a_file = |path: &str| !path.trim_matches('/').is_empty() && !path.contains("memory");
    text.starts_with("postgres://")
        || text.starts_with("postgresql://")
        || text.strip_prefix("sqlite:").is_some_and(is_a_file)
}

pub(super) fn admin(text: &str) -> Result<AdminName, String> {
    let parsed = if text.contains('@') {
        EmailAddress::parse(text).ok().map(AdminName::Email)
    } else {
        id_of("PEOPLE", text).and_then(|id| PersonId::parse(id).ok()).map(AdminName::Person)
    };
    parsed.ok_or_else(|| "email addresses or person ids, separated by commas".to_owned())
}

/// The text if it is a UUID, decodes to an id of this kind, or does not decode but is too long for a name. The format
/// of ids is not a contract.
fn id_of<'a>(kind: &str, text: &'a str) -> Option<&'a str> {
    let is_plausible = match decode(text) {
        Some(decoded) => decoded.kind == kind,
        None => uuid::Uuid::try_parse(text).is_ok() || text.len() >= 32,
    };
    is_plausible.then_some(text)
}

pub(super) fn org(text: &str) -> Result<OrgId, String> {
    let id = id_of("ORGANIZATION", text).and_then(|id| OrgId::parse(id).ok());
    id.ok_or_else(|| "the id of an organization".to_owned())
}

pub(super) fn space(text: &str) -> Result<SpaceId, String> {
    let id = id_of("ROOM", text).and_then(|id| SpaceId::parse(id).ok());
    id.ok_or_else(|| "the id of a space".to_owned())
}

pub(super) fn client_id(text: &str) -> Result<ClientId, String> {
    ClientId::parse(text).map_err(|_| "the client id of a Service App".to_owned())
}

pub(super) fn switch(text: &str) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Ok(true),
        "false" | "0" | "no" | "off" => Ok(false),
        _ => Err("true or false".to_owned()),
    }
}

pub(super) fn log_filter(text: &str) -> Result<String, String> {
    match EnvFilter::builder().parse(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(_) => Err("a log filter such as info or steward=debug".to_owned()),
    }
}

pub(super) fn log_format(text: &str) -> Result<LogFormat, String> {
    text.parse().map_err(|_| "text or json".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_of_the_webhook_is_dropped_from_the_public_address() {
        for (text, address) in [
            ("https://steward.example.com", "https://steward.example.com/"),
            ("https://steward.example.com/webhooks/webex", "https://steward.example.com/"),
            ("https://steward.example.com/webhooks/webex/", "https://steward.example.com/"),
            ("https://example.com/steward/webhooks/webex", "https://example.com/steward"),
            ("https://example.com/steward/", "https://example.com/steward"),
            ("https://example.com/webhooks", "https://example.com/webhooks"),
        ] {
            assert_eq!(public_address(text).unwrap().as_str(), address, "{text}");
        }
        assert!(public_address("http://example.com/webhooks/webex").is_err());
    }

    #[test]
    fn additions_of_editors_and_shells_to_a_secret_are_found() {
        for (text, found) in [
            ("\u{feff}hush", "byte order mark"),
            ("\"hush\"", "quotes"),
            ("'hush'", "quotes"),
            ("“hush”", "quotes"),
            ("hush\nhush", "several lines"),
            ("hush\u{0}", "control characters"),
        ] {
            let (_, says) = plain_secret(text).unwrap_err();
            assert!(says.contains(found), "{text:?}: {says}");
        }
        for text in ["hush hush", "hu\"sh", "\"", "hush'", "größe"] {
            assert_eq!(plain_secret(text), Ok(()), "{text}");
        }
        assert_eq!(token("Zm9v_-.~+/="), Ok(()));
        for text in ["Bearer hush", "hush\u{a0}", "hüsh", "\"hush\""] {
            assert!(token(text).is_err(), "{text}");
        }
    }
}
