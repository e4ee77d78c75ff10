//! Access tokens, and the Service App: authorized once, renewed with a refresh token, revoked by an administrator.
//!
//! The kinds of tokens differ only in their scopes, as on Webex. A bot's token has no `spark-admin:` scope, so it can
//! never reach a device.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::Model;
use super::stored::{AccessToken, ServiceApp, TokenKind};
use crate::sim::error::{ApiError, ApiResult, ensure};

/// The scopes of bots, and of people who use an integration without admin scopes.
pub(crate) const CONVERSATION_SCOPES: &[&str] = &[
    "spark:people_read",
    "spark:rooms_read",
    "spark:rooms_write",
    "spark:memberships_read",
    "spark:memberships_write",
    "spark:messages_read",
    "spark:messages_write",
];

/// The scopes of the Service App.
pub(crate) const ADMIN_SCOPES: &[&str] = &[
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

/// The scopes of a credential that can read devices but not change them.
pub(crate) const READ_ONLY_ADMIN_SCOPES: &[&str] = &[
    "spark-admin:devices_read",
    "spark-admin:workspaces_read",
    "spark-admin:locations_read",
    "spark-admin:people_read",
];

/// How long an access token is valid, in seconds (Webex, *Service Apps* guide: 14 days).
const ACCESS_SECONDS: i64 = 1_209_599;
/// How long a refresh token is valid after its last use, in seconds (90 days).
const REFRESH_SECONDS: i64 = 7_775_999;

impl ServiceApp {
    fn next_token(&mut self, kind: &str) -> String {
        self.made += 1;
        format!("sim-service-app-{kind}-{}", self.made)
    }
}

impl Model {
    pub(crate) fn add_token(&mut self, token: AccessToken) {
        self.tokens.insert(token.value.clone(), Arc::new(token));
    }

    /// The token with this value, if it has not expired.
    pub(crate) fn token(&self, value: &str) -> Option<Arc<AccessToken>> {
        let now = self.now();
        self.tokens.get(value).filter(|token| token.until.is_none_or(|until| now < until)).cloned()
    }

    /// Authorizes the Service App with this client id and secret, and its first refresh token.
    pub(crate) fn authorize_service_app(
        &mut self,
        client: (&'static str, &'static str),
        person_id: &str,
        org_id: &str,
        refresh_token: &str,
    ) {
        self.service_app = Some(ServiceApp {
            client,
            person_id: person_id.to_owned(),
            org_id: org_id.to_owned(),
            access_seconds: ACCESS_SECONDS,
            scopes: ADMIN_SCOPES.to_vec(),
            rotates: false,
            refresh_tokens: HashMap::from([(refresh_token.to_owned(), end_of_refresh_token(self.now()))]),
            made: 0,
        });
    }

    pub(crate) fn change_service_app(&mut self, change: impl FnOnce(&mut ServiceApp)) {
        if let Some(app) = &mut self.service_app {
            change(app);
        }
    }

    /// A new refresh token, as from the developer portal. It invalidates the previous ones.
    pub(crate) fn issue_refresh_token(&mut self) -> String {
        let until = end_of_refresh_token(self.now());
        let Some(app) = &mut self.service_app else { return String::new() };
        let token = app.next_token("refresh");
        app.refresh_tokens = HashMap::from([(token.clone(), until)]);
        token
    }

    /// Invalidates every access token that was made for the Service App.
    pub(crate) fn end_access_tokens(&mut self) {
        self.tokens.retain(|_, token| token.until.is_none());
    }

    /// Removes one scope from the Service App and all its tokens, as if it had never been requested.
    #[cfg(test)]
    pub(crate) fn withhold_scope(&mut self, scope: &str) {
        self.change_service_app(|app| app.scopes.retain(|known| *known != scope));
        for token in self.tokens.values_mut().filter(|token| token.kind == TokenKind::Admin) {
            Arc::make_mut(token).scopes.retain(|known| *known != scope);
        }
    }

    /// Revokes the authorization, as a full administrator can in Control Hub: no token of the app is valid any more.
    pub(crate) fn withdraw_service_app(&mut self) {
        self.end_access_tokens();
        self.change_service_app(|app| app.refresh_tokens.clear());
    }

    /// `POST /access_token` with `grant_type=refresh_token`.
    pub(crate) fn refresh(&mut self, client: (&str, &str), refresh_token: &str) -> ApiResult<Value> {
        let now = self.now();
        let app = self.service_app.as_mut().filter(|app| app.client == client);
        let app = app.ok_or_else(ApiError::unauthorized)?;
        let is_valid = app.refresh_tokens.get(refresh_token).is_some_and(|until| now < *until);
        ensure(is_valid, "The refresh token provided is expired, revoked or malformed.")?;
        let mut next = refresh_token.to_owned();
        if app.rotates {
            app.refresh_tokens.remove(refresh_token);
            next = app.next_token("refresh");
        }
        app.refresh_tokens.insert(next.clone(), end_of_refresh_token(now));
        let token = AccessToken {
            value: app.next_token("access"),
            name: "service-app".to_owned(),
            kind: TokenKind::Admin,
            person_id: app.person_id.clone(),
            org_id: app.org_id.clone(),
            scopes: app.scopes.clone(),
            until: Some(now + SignedDuration::from_secs(app.access_seconds)),
        };
        let answer = json!({
            "access_token": token.value,
            "expires_in": app.access_seconds,
            "refresh_token": next,
            "refresh_token_expires_in": REFRESH_SECONDS,
            "token_type": "Bearer",
        });
        self.add_token(token);
        Ok(answer)
    }
}

fn end_of_refresh_token(now: Timestamp) -> Timestamp {
    now + SignedDuration::from_secs(REFRESH_SECONDS)
}
