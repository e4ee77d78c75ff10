//! The Service App and its tokens: authorized once, renewed with a refresh token, withdrawn by an administrator.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::Model;
use crate::sim::auth::{ADMIN_SCOPES, Token, TokenKind};
use crate::sim::error::ApiError;

/// How long an access token is good for, in seconds (Webex, *Service Apps* guide: 14 days).
pub const ACCESS_SECONDS: i64 = 1_209_599;
/// How long a refresh token is good for after its last use, in seconds (90 days).
pub const REFRESH_SECONDS: i64 = 7_775_999;

/// A Service App that an administrator has authorized.
#[derive(Debug, Clone)]
pub struct ServiceApp {
    /// What it is known by. Not a secret.
    pub client_id: String,
    /// What proves that it is the one.
    pub client_secret: String,
    /// Its machine account.
    pub person_id: String,
    /// The organization that authorized it.
    pub org_id: String,
    /// How long its access tokens are good for, in seconds.
    pub access_seconds: i64,
    /// What it was authorized for.
    scopes: Vec<&'static str>,
    /// Whether a refresh token is good for one use and another one comes back. Usually the same one does.
    pub rotates: bool,
    /// Its refresh tokens, each with the moment until which it can be used.
    refresh_tokens: HashMap<String, Timestamp>,
    /// How many tokens were ever made for it.
    made: u32,
}

impl ServiceApp {
    /// A Service App without any token yet.
    #[must_use]
    pub fn new([client_id, client_secret, person_id, org_id]: [&str; 4]) -> Self {
        Self {
            client_id: client_id.to_owned(),
            client_secret: client_secret.to_owned(),
            person_id: person_id.to_owned(),
            org_id: org_id.to_owned(),
            access_seconds: ACCESS_SECONDS,
            scopes: ADMIN_SCOPES.to_vec(),
            rotates: false,
            refresh_tokens: HashMap::new(),
            made: 0,
        }
    }

    fn next_token(&mut self, kind: &str) -> String {
        self.made += 1;
        format!("sim-service-app-{kind}-{}", self.made)
    }
}

impl Model {
    /// Makes the Service App known, with its first refresh token.
    pub fn authorize_service_app(&mut self, mut app: ServiceApp, refresh_token: &str) {
        app.refresh_tokens.insert(refresh_token.to_owned(), end_of_refresh_token(self.now()));
        self.service_app = Some(app);
    }

    /// Changes something about the Service App.
    pub fn change_service_app(&mut self, change: impl FnOnce(&mut ServiceApp)) {
        if let Some(app) = &mut self.service_app {
            change(app);
        }
    }

    /// A refresh token as the developer portal shows it after tokens were issued anew: those before it end.
    pub fn issue_refresh_token(&mut self) -> String {
        let until = end_of_refresh_token(self.now());
        let Some(app) = &mut self.service_app else { return String::new() };
        let token = app.next_token("refresh");
        app.refresh_tokens = HashMap::from([(token.clone(), until)]);
        token
    }

    /// Ends every access token that was made for the Service App.
    pub fn end_access_tokens(&mut self) {
        self.tokens.retain(|_, token| token.until.is_none());
    }

    /// Takes one scope away from the Service App and all its tokens, as if it had never been asked for.
    pub fn withhold_scope(&mut self, scope: &str) {
        self.change_service_app(|app| app.scopes.retain(|known| *known != scope));
        for token in self.tokens.values_mut().filter(|token| token.kind == TokenKind::Admin) {
            Arc::make_mut(token).scopes.retain(|known| *known != scope);
        }
    }

    /// Withdraws the authorization, as a full administrator can in Control Hub: no token of the app is good any
    /// more.
    pub fn withdraw_service_app(&mut self) {
        self.end_access_tokens();
        self.change_service_app(|app| app.refresh_tokens.clear());
    }

    /// `POST /access_token` with `grant_type=refresh_token`.
    pub fn refresh(&mut self, client: (&str, &str), refresh_token: &str) -> Result<Value, ApiError> {
        let now = self.now();
        let app = self.service_app.as_mut().filter(|app| (&*app.client_id, &*app.client_secret) == client);
        let app = app.ok_or_else(ApiError::unauthorized)?;
        if app.refresh_tokens.get(refresh_token).is_none_or(|until| *until <= now) {
            return Err(ApiError::bad_request(
                "The refresh token provided is expired, revoked or malformed.",
            ));
        }
        let mut next = refresh_token.to_owned();
        if app.rotates {
            app.refresh_tokens.remove(refresh_token);
            next = app.next_token("refresh");
        }
        app.refresh_tokens.insert(next.clone(), end_of_refresh_token(now));
        let token = Token {
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
