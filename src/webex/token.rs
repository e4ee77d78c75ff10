//! The two credentials. Neither can be passed where the other is meant, and neither can be printed.

use std::fmt;
use std::pin::Pin;

use secrecy::{ExposeSecret as _, SecretString};

use super::error::WebexError;

/// The bot's token: reads and posts messages; Webex refuses it on devices.
#[derive(Debug, Clone)]
pub struct BotToken(SecretString);

/// An administrator's token (a Service App's, usually): reads and deletes devices.
#[derive(Debug, Clone)]
pub struct AdminToken(SecretString);

impl BotToken {
    /// Takes the token as the developer portal showed it.
    #[must_use]
    pub fn new(token: SecretString) -> Self {
        Self(token)
    }

    pub(super) fn bearer(&self) -> &SecretString {
        &self.0
    }
}

impl AdminToken {
    /// Takes the token as the developer portal showed it, or as the token endpoint gave it.
    #[must_use]
    pub fn new(token: SecretString) -> Self {
        Self(token)
    }

    pub(super) fn bearer(&self) -> &SecretString {
        &self.0
    }

    /// The bare token, to be sealed.
    pub(crate) fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

/// What new access tokens are asked for with. It is never sent anywhere but to the token endpoint.
#[derive(Debug, Clone)]
pub struct RefreshToken(SecretString);

impl RefreshToken {
    /// Takes the token as the developer portal showed it, or as the token endpoint gave it.
    #[must_use]
    pub fn new(token: SecretString) -> Self {
        Self(token)
    }

    /// The bare token, to be sealed.
    pub(crate) fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

/// The answer to who asks for an admin token; an error is a [`WebexError::NoToken`].
pub type TokenFuture<'a> = Pin<Box<dyn Future<Output = Result<AdminToken, WebexError>> + Send + 'a>>;

/// Where the admin client gets the token for a call: see [`FixedToken`] and [`crate::app::credential`].
pub trait AdminTokenSource: fmt::Debug + Send + Sync {
    /// The token to call with now.
    fn current(&self) -> TokenFuture<'_>;

    /// Another one, because Webex has rejected this one.
    fn replacement_for<'a>(&'a self, rejected: &'a AdminToken) -> TokenFuture<'a>;
}

/// A token that the operator has set and that nobody can renew.
#[derive(Debug)]
pub struct FixedToken(pub AdminToken);

impl AdminTokenSource for FixedToken {
    fn current(&self) -> TokenFuture<'_> {
        Box::pin(std::future::ready(Ok(self.0.clone())))
    }

    fn replacement_for<'a>(&'a self, _rejected: &'a AdminToken) -> TokenFuture<'a> {
        let why = "the admin token is fixed".to_owned();
        Box::pin(std::future::ready(Err(WebexError::NoToken { is_refused: true, why })))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_never_printed() {
        let (bot, admin) = (BotToken::new("hush-1".into()), AdminToken::new("hush-2".into()));
        let printed = format!("{bot:?}{admin:?}{:?}", RefreshToken::new("hush-3".into()));
        assert!(!printed.contains("hush"), "{printed}");
    }
}
