//! The two credentials. Neither can be passed where the other is meant, and neither can be printed.

use secrecy::SecretString;

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
    /// Takes the token as the developer portal showed it.
    #[must_use]
    pub fn new(token: SecretString) -> Self {
        Self(token)
    }

    pub(super) fn bearer(&self) -> &SecretString {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_never_printed() {
        let printed = format!("{:?}{:?}", BotToken::new("hush-1".into()), AdminToken::new("hush-2".into()));
        assert!(!printed.contains("hush"), "{printed}");
    }
}
