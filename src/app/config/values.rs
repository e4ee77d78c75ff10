//! Parsers for the values of settings. Each error completes "expected …".

use std::net::SocketAddr;

use tracing_subscriber::EnvFilter;
use url::{Host, Url};

use crate::domain::id::decode;
use crate::domain::{ClientId, EmailAddress, OrgId, PersonId, SpaceId};
use crate::store::Store;

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

/// Whether this is the address of a database that Steward supports.
pub(super) fn is_database(text: &str) -> bool {
    let is_a_server = text.starts_with("postgres://") || text.starts_with("postgresql://");
    is_a_server || (text.starts_with("sqlite:") && Store::supports(text))
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
