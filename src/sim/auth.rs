//! Access tokens: whose they are, of which kind, and what they may do.
//!
//! The kinds differ only in their scopes, as on Webex: a bot's token has no `spark-admin:` scope at all, which is
//! why it can never touch a device.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use jiff::Timestamp;
use serde::Serialize;

use super::error::ApiError;

/// What a bot may do: converse.
pub const BOT_SCOPES: &[&str] = CONVERSATION_SCOPES;
/// What the token of a person (an integration's, without admin scopes) may do: converse.
pub const PERSON_SCOPES: &[&str] = CONVERSATION_SCOPES;

const CONVERSATION_SCOPES: &[&str] = &[
    "spark:people_read",
    "spark:rooms_read",
    "spark:rooms_write",
    "spark:memberships_read",
    "spark:memberships_write",
    "spark:messages_read",
    "spark:messages_write",
];

/// What the Service App was authorized for.
pub const ADMIN_SCOPES: &[&str] = &[
    "spark-admin:devices_read",
    "spark-admin:devices_write",
    "spark-admin:workspaces_read",
    "spark-admin:workspaces_write",
    "identity:placeonetimepassword_create",
    "identity:one_time_password",
    "spark-admin:locations_read",
    "spark-admin:telephony_config_read",
    "spark-admin:people_read",
    "spark-admin:organizations_read",
    "audit:events_read",
];

/// The same without `devices_write`: a credential that can look but not delete.
pub const READ_ONLY_ADMIN_SCOPES: &[&str] = &[
    "spark-admin:devices_read",
    "spark-admin:workspaces_read",
    "spark-admin:locations_read",
    "spark-admin:people_read",
];

/// What sort of account a token speaks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum TokenKind {
    /// A bot.
    Bot,
    /// A person.
    Person,
    /// The machine account of a Service App.
    Admin,
}

/// An access token.
#[derive(Debug, Clone)]
pub struct Token {
    /// What is sent after `Bearer`.
    pub value: String,
    /// What the journal calls it: never the value.
    pub name: String,
    /// Whose kind it is.
    pub kind: TokenKind,
    /// The account behind it.
    pub person_id: String,
    /// The organization of that account.
    pub org_id: String,
    /// What it may do.
    pub scopes: Vec<&'static str>,
    /// When it ends, if it does.
    pub until: Option<Timestamp>,
}

/// The account that sent a request, as the gateway found it.
#[derive(Debug, Clone)]
pub struct Caller(pub Arc<Token>);

impl Caller {
    /// The account's id.
    #[must_use]
    pub fn person_id(&self) -> &str {
        &self.0.person_id
    }

    /// Refuses with 403 unless the token has the scope.
    pub fn require(&self, scope: &str) -> Result<(), ApiError> {
        self.require_any(&[scope])
    }

    /// Refuses with 403 unless the token has one of the scopes.
    pub fn require_any(&self, scopes: &[&str]) -> Result<(), ApiError> {
        let granted = scopes.iter().any(|scope| self.0.scopes.contains(scope));
        if granted { Ok(()) } else { Err(ApiError::forbidden()) }
    }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        parts.extensions.get::<Self>().cloned().ok_or_else(ApiError::unauthorized)
    }
}

/// The token that a request carries, if it carries one.
#[must_use]
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}
