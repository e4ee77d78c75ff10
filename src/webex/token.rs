//! Access tokens, and their renewal by a Service App. The two credentials have different token types, and no token can
//! be printed.

use std::fmt;
use std::pin::Pin;

use jiff::SignedDuration;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::error::WebexError;
use super::transport::{Transport, unreadable};
use crate::domain::ClientId;

/// The bot's token: reads and posts messages; Webex refuses it for devices.
#[derive(Debug, Clone)]
pub struct BotToken(SecretString);

/// An administrator's token, usually a Service App's: reads and changes devices.
#[derive(Debug, Clone)]
pub struct AdminToken(SecretString);

/// Exchanged for new access tokens. Sent to the token endpoint only.
#[derive(Debug, Clone)]
pub struct RefreshToken(SecretString);

impl BotToken {
    /// A token as shown by the developer portal.
    pub(crate) fn new(token: SecretString) -> Self {
        Self(token)
    }

    pub(super) fn bearer(&self) -> &SecretString {
        &self.0
    }
}

impl AdminToken {
    /// A token as shown by the developer portal or returned by the token endpoint.
    pub(crate) fn new(token: SecretString) -> Self {
        Self(token)
    }

    pub(super) fn bearer(&self) -> &SecretString {
        &self.0
    }

    /// The plain token, to be sealed.
    pub(crate) fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl RefreshToken {
    /// A token as shown by the developer portal or returned by the token endpoint.
    pub(crate) fn new(token: SecretString) -> Self {
        Self(token)
    }

    /// The plain token, to be sealed.
    pub(crate) fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

/// An admin token, or a [`WebexError::NoToken`].
pub type TokenFuture<'a> = Pin<Box<dyn Future<Output = Result<AdminToken, WebexError>> + Send + 'a>>;

/// Supplies the admin client with a token for each call: a [`FixedToken`], or the token manager of a Service App.
pub trait AdminTokenSource: fmt::Debug + Send + Sync {
    /// A name of the credential that contains no secret and survives the renewal of its tokens.
    fn name(&self) -> String;

    /// The current token.
    fn current(&self) -> TokenFuture<'_>;

    /// Another token, after Webex rejected this one.
    fn replacement_for<'a>(&'a self, rejected: &'a AdminToken) -> TokenFuture<'a>;
}

/// A token from the settings, which cannot be renewed.
#[derive(Debug)]
pub struct FixedToken(pub AdminToken);

impl AdminTokenSource for FixedToken {
    fn name(&self) -> String {
        let mut digest = Sha256::new();
        digest.update(b"steward admin token 1");
        digest.update(self.0.expose());
        format!("token {}", &hex::encode(digest.finalize())[..16])
    }

    fn current(&self) -> TokenFuture<'_> {
        Box::pin(std::future::ready(Ok(self.0.clone())))
    }

    fn replacement_for<'a>(&'a self, _rejected: &'a AdminToken) -> TokenFuture<'a> {
        let why = "the token from the settings cannot be renewed".to_owned();
        Box::pin(std::future::ready(Err(WebexError::NoToken { is_refused: true, why })))
    }
}

/// The id and secret of a Service App. The token manager in `app` keeps its tokens.
#[derive(Debug, Clone)]
pub struct ServiceApp {
    /// Its client id in the developer portal.
    pub client_id: ClientId,
    /// Its client secret.
    pub client_secret: SecretString,
}

/// The response to a renewal. Lifetimes count from the response.
#[derive(Debug)]
pub struct RenewedTokens {
    /// The new access token.
    pub access_token: AdminToken,
    /// Its lifetime, if Webex states it.
    pub access_lifetime: Option<SignedDuration>,
    /// The next refresh token; without one, the old one stays valid.
    pub refresh_token: Option<RefreshToken>,
    /// The lifetime of the refresh token, if Webex states it.
    pub refresh_lifetime: Option<SignedDuration>,
}

/// Renews the tokens of a Service App.
#[derive(Debug, Clone)]
pub struct TokenClient {
    transport: Transport,
    app: ServiceApp,
}

impl TokenClient {
    /// A client for this Service App.
    pub(crate) fn new(transport: Transport, app: ServiceApp) -> Self {
        Self { transport, app }
    }

    /// Exchanges a refresh token for an access token: `POST /access_token` with `grant_type=refresh_token` (Webex,
    /// *Integrations*: Using the Refresh Token; the same for Service Apps). It restarts the 90 days of the refresh
    /// token and may replace it, so callers must keep the result.
    pub(crate) async fn renew(&self, refresh_token: &RefreshToken) -> Result<RenewedTokens, WebexError> {
        let form = [
            ("grant_type", "refresh_token"),
            ("client_id", self.app.client_id.as_str()),
            ("client_secret", self.app.client_secret.expose_secret()),
            ("refresh_token", refresh_token.expose()),
        ];
        let response = self.transport.post_form(&["access_token"], &form).await.map_err(without_message)?;
        // Not the parser's own message: it quotes the text that it cannot parse.
        let no_token = unreadable(response.info.clone(), "expected an access token, found something else");
        let tokens: Option<WireTokens> = response.parse().ok();
        tokens.and_then(WireTokens::into_renewed).ok_or(no_token)
    }
}

/// Drops the endpoint's message, which may repeat the request and with it a secret.
fn without_message(mut error: WebexError) -> WebexError {
    match &mut error {
        WebexError::NotFound(not_found) => *not_found = not_found.clone().without_message(),
        WebexError::ForeignNotFound(answer)
        | WebexError::ForeignAnswer(answer)
        | WebexError::Busy { answer, .. }
        | WebexError::Unreadable { answer, .. }
        | WebexError::ServerError(answer)
        | WebexError::Refused(answer) => answer.message = None,
        _ => {}
    }
    error
}

#[derive(Deserialize)]
struct WireTokens {
    access_token: SecretString,
    #[serde(default)]
    expires_in: Value,
    #[serde(default)]
    refresh_token: Option<SecretString>,
    #[serde(default)]
    refresh_token_expires_in: Value,
}

impl WireTokens {
    fn into_renewed(self) -> Option<RenewedTokens> {
        let is_present = |token: &SecretString| !token.expose_secret().trim().is_empty();
        is_present(&self.access_token).then(|| RenewedTokens {
            access_token: AdminToken::new(self.access_token),
            access_lifetime: seconds(&self.expires_in),
            refresh_token: self.refresh_token.filter(is_present).map(RefreshToken::new),
            refresh_lifetime: seconds(&self.refresh_token_expires_in),
        })
    }
}

/// Seconds, as a number or as text.
fn seconds(value: &Value) -> Option<SignedDuration> {
    let seconds = value.as_i64().or_else(|| value.as_str()?.parse().ok())?;
    (seconds > 0).then(|| SignedDuration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::webex::error::ResponseInfo;

    fn read(json: &str) -> Option<RenewedTokens> {
        serde_json::from_str::<WireTokens>(json).ok()?.into_renewed()
    }

    #[test]
    fn lifetimes_are_read_and_never_made_up() {
        let full = read(
            r#"{"access_token":"a","expires_in":3600,"refresh_token":"r","refresh_token_expires_in":"7775999",
                "token_type":"Bearer"}"#,
        )
        .unwrap();
        assert_eq!(full.access_lifetime, Some(SignedDuration::from_secs(3600)));
        assert_eq!(full.refresh_lifetime, Some(SignedDuration::from_secs(7_775_999)));
        assert!(full.refresh_token.is_some());
        let bare = read(r#"{"access_token":"a","refresh_token":"","expires_in":-1}"#).unwrap();
        assert_eq!((bare.access_lifetime, bare.refresh_lifetime), (None, None));
        assert!(bare.refresh_token.is_none());
    }

    #[test]
    fn a_response_without_an_access_token_is_rejected() {
        for json in ["{}", r#"{"access_token":""}"#, r#"{"access_token":7}"#, "[]", "<html>"] {
            assert!(read(json).is_none(), "{json}");
        }
    }

    #[test]
    fn a_fixed_token_is_named_without_the_token() {
        let name = |token: &str| FixedToken(AdminToken::new(token.into())).name();
        assert_eq!(name("hush"), name("hush"));
        assert_ne!(name("hush"), name("hush-2"));
        assert!(!name("hush").contains("hush"));
    }

    #[test]
    fn no_secret_is_printed() {
        let (bot, admin) = (BotToken::new("hush-1".into()), AdminToken::new("hush-2".into()));
        let app = ServiceApp { client_id: ClientId::parse("C1").unwrap(), client_secret: "hush-3".into() };
        let renewed = read(r#"{"access_token":"hush-4","refresh_token":"hush-5"}"#).unwrap();
        let printed = format!("{bot:?}{admin:?}{:?}{app:?}{renewed:?}", RefreshToken::new("hush-6".into()));
        assert!(!printed.contains("hush"), "{printed}");
    }

    #[test]
    fn the_message_of_the_token_endpoint_is_dropped() {
        let answer =
            ResponseInfo { status: 400, tracking_id: None, message: Some("bad token hush".to_owned()) };
        assert!(!without_message(WebexError::Refused(answer)).to_string().contains("hush"));
    }
}
