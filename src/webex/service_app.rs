//! The Service App and the call that renews its tokens.

use jiff::SignedDuration;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use super::error::{ResponseInfo, WebexError};
use super::token::{AdminToken, RefreshToken};
use super::transport::Transport;
use crate::domain::ClientId;

/// A Service App: who it is, and what proves it. Its tokens are not part of it.
#[derive(Debug, Clone)]
pub struct ServiceApp {
    /// Who it is.
    pub client_id: ClientId,
    /// What proves it.
    pub client_secret: SecretString,
}

/// What Webex gives for a refresh token. The lengths of time count from the answer on.
#[derive(Debug)]
pub struct RenewedTokens {
    /// The new access token.
    pub access_token: AdminToken,
    /// How long it is good for, if Webex says so.
    pub access_lifetime: Option<SignedDuration>,
    /// The refresh token to use next; the same one goes on when there is none.
    pub refresh_token: Option<RefreshToken>,
    /// How long the refresh token is good for, if Webex says so.
    pub refresh_lifetime: Option<SignedDuration>,
}

/// Renews tokens, and does nothing else.
#[derive(Debug, Clone)]
pub struct TokenClient {
    transport: Transport,
    app: ServiceApp,
}

impl TokenClient {
    /// A client for this Service App.
    #[must_use]
    pub fn new(transport: Transport, app: ServiceApp) -> Self {
        Self { transport, app }
    }

    /// Whose tokens it renews.
    #[must_use]
    pub fn client_id(&self) -> &ClientId {
        &self.app.client_id
    }

    /// A new access token for a refresh token: `POST /access_token` with `grant_type=refresh_token` (Webex,
    /// *Integrations*: Using the Refresh Token; for Service Apps alike). It begins the 90 days of the refresh
    /// token anew, and may put another in its place: whoever calls this must keep what comes back.
    pub async fn renew(&self, refresh_token: &RefreshToken) -> Result<RenewedTokens, WebexError> {
        let form = [
            ("grant_type", "refresh_token"),
            ("client_id", self.app.client_id.as_str()),
            ("client_secret", self.app.client_secret.expose_secret()),
            ("refresh_token", refresh_token.expose()),
        ];
        let good = self.transport.post_form(&["access_token"], &form).await.map_err(without_words)?;
        let answer = good.answered.clone();
        let wire: Option<WireTokens> = good.parse().ok();
        wire.and_then(WireTokens::into_renewed).ok_or_else(|| WebexError::Unreadable {
            answer,
            // Not the parser's own words: they quote what they stumble over.
            what: "expected an access token, found something else".to_owned(),
        })
    }
}

/// What the endpoint says in its own words may repeat what was sent to it, which is all secret.
fn without_words(error: WebexError) -> WebexError {
    let silent = |answer: ResponseInfo| ResponseInfo { message: None, ..answer };
    match error {
        WebexError::NotFound(answer) => WebexError::NotFound(silent(answer)),
        WebexError::Busy { answer, retry_after } => WebexError::Busy { answer: silent(answer), retry_after },
        WebexError::ServerError(answer) => WebexError::ServerError(silent(answer)),
        WebexError::Refused(answer) => WebexError::Refused(silent(answer)),
        other => other,
    }
}

#[derive(Deserialize)]
struct WireTokens {
    access_token: SecretString,
    #[serde(default)]
    expires_in: Option<serde_json::Value>,
    #[serde(default)]
    refresh_token: Option<SecretString>,
    #[serde(default)]
    refresh_token_expires_in: Option<serde_json::Value>,
}

impl WireTokens {
    fn into_renewed(self) -> Option<RenewedTokens> {
        let is_there = |token: &SecretString| !token.expose_secret().trim().is_empty();
        is_there(&self.access_token).then(|| RenewedTokens {
            access_token: AdminToken::new(self.access_token),
            access_lifetime: seconds(self.expires_in.as_ref()),
            refresh_token: self.refresh_token.filter(is_there).map(RefreshToken::new),
            refresh_lifetime: seconds(self.refresh_token_expires_in.as_ref()),
        })
    }
}

/// A length of time in seconds, as a number or, leniently, as its text; nothing where it is neither.
fn seconds(value: Option<&serde_json::Value>) -> Option<SignedDuration> {
    let value = value?;
    let seconds = value.as_i64().or_else(|| value.as_str()?.parse().ok())?;
    (seconds > 0).then(|| SignedDuration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Option<RenewedTokens> {
        serde_json::from_str::<WireTokens>(json).ok()?.into_renewed()
    }

    #[test]
    fn the_numbers_of_the_answer_count_and_what_is_missing_is_not_made_up() {
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
    fn an_answer_without_an_access_token_is_none() {
        for json in ["{}", r#"{"access_token":""}"#, r#"{"access_token":7}"#, "[]", "<html>"] {
            assert!(read(json).is_none(), "{json}");
        }
    }

    #[test]
    fn no_secret_is_printed() {
        let app = ServiceApp { client_id: ClientId::parse("C1").unwrap(), client_secret: "hush-1".into() };
        let renewed = read(r#"{"access_token":"hush-2","refresh_token":"hush-3"}"#).unwrap();
        let printed = format!("{app:?}{renewed:?}");
        assert!(!printed.contains("hush"), "{printed}");
    }

    #[test]
    fn what_the_endpoint_says_is_not_kept() {
        let answer =
            ResponseInfo { status: 400, tracking_id: None, message: Some("bad token hush".to_owned()) };
        assert!(!without_words(WebexError::Refused(answer)).to_string().contains("hush"));
    }
}
