//! What the values of settings mean. Each function says what it expected where it finds something else.

use std::net::SocketAddr;

use tracing_subscriber::EnvFilter;
use url::{Host, Url};

use super::{AdminName, LogFormat};
use crate::domain::id::decode;
use crate::domain::{ClientId, EmailAddress, OrgId, PersonId, SpaceId};

pub(super) fn listen(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| "an address and a port such as 0.0.0.0:8080".to_owned())
}

/// An address of the web. Tokens and secrets travel there, so it must be https unless it is this machine.
pub(super) fn web_address(text: &str) -> Result<Url, String> {
    let expected = || "an https address such as https://steward.example.com".to_owned();
    let address = Url::parse(text).map_err(|_| expected())?;
    let is_here = match address.host() {
        Some(Host::Domain(domain)) => domain == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => return Err(expected()),
    };
    let scheme_is_fine = address.scheme() == "https" || (address.scheme() == "http" && is_here);
    let is_anonymous = address.username().is_empty() && address.password().is_none();
    let bare = address.query().is_none() && address.fragment().is_none() && is_anonymous;
    if scheme_is_fine && bare { Ok(address) } else { Err(expected()) }
}

/// Whether this is the address of a database that Steward can use.
pub(super) fn is_a_database(text: &str) -> bool {
    let is_a_file = |path: &str| !path.trim_matches('/').is_empty() && !path.contains("memory");
    text.starts_with("postgres://")
        || text.starts_with("postgresql://")
        || text.strip_prefix("sqlite:").is_some_and(is_a_file)
}

pub(super) fn admin(text: &str) -> Result<AdminName, String> {
    if text.contains('@') {
        return EmailAddress::parse(text)
            .map(AdminName::Email)
            .map_err(|_| "e-mail addresses or person ids, with commas between".to_owned());
    }
    let expected = || "e-mail addresses or person ids, with commas between".to_owned();
    if !looks_like_an_id_of(text, "PEOPLE") {
        return Err(expected());
    }
    PersonId::parse(text).map(AdminName::Person).map_err(|_| expected())
}

/// Whether a text is a UUID, or decodes to an id of this kind, or is too long for a name and does not decode at
/// all: the format of ids is no contract.
fn looks_like_an_id_of(text: &str, kind: &str) -> bool {
    match decode(text) {
        Some(decoded) => decoded.kind == kind,
        None => uuid::Uuid::try_parse(text).is_ok() || text.len() >= 32,
    }
}

pub(super) fn org(text: &str) -> Result<OrgId, String> {
    let expected = || "the id of an organization".to_owned();
    if !looks_like_an_id_of(text, "ORGANIZATION") {
        return Err(expected());
    }
    OrgId::parse(text).map_err(|_| expected())
}

pub(super) fn space(text: &str) -> Result<SpaceId, String> {
    let expected = || "the id of a space".to_owned();
    if !looks_like_an_id_of(text, "ROOM") {
        return Err(expected());
    }
    SpaceId::parse(text).map_err(|_| expected())
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
    match text.to_ascii_lowercase().as_str() {
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        _ => Err("text or json".to_owned()),
    }
}
