//! The account behind each token: `GET /people/me` (Webex, *People*: Get My Own Details).

use super::admin::AdminClient;
use super::bot::BotClient;
use super::error::WebexError;
use super::transport::Call;
use super::wire::WirePerson;
use crate::domain::{Actor, EmailAddress};

/// The kind of an account (Webex, *People*: `type`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountKind {
    /// A human.
    Person,
    /// A bot.
    Bot,
    /// The machine account of a Service App.
    Machine,
    /// Webex does not say, or says something new.
    Unknown,
}

impl AccountKind {
    /// The kind with an article, for errors.
    pub(crate) fn with_article(self) -> &'static str {
        match self {
            Self::Person => "a person",
            Self::Bot => "a bot",
            Self::Machine => "the machine account of a Service App",
            Self::Unknown => "an account of an unknown kind",
        }
    }

    pub(super) fn of(kind: Option<&str>, email: Option<&EmailAddress>) -> Self {
        match kind {
            // Its address says so even if the field is missing.
            _ if email.is_some_and(EmailAddress::is_a_bot) => Self::Bot,
            Some("person") => Self::Person,
            Some("bot") => Self::Bot,
            Some("appuser") => Self::Machine,
            _ => Self::Unknown,
        }
    }
}

/// The account behind a token.
#[derive(Debug, Clone)]
pub struct Account {
    /// Its kind.
    pub kind: AccountKind,
    /// Its record.
    pub actor: Actor,
}

impl Account {
    /// Its name for operators: the address, else the display name.
    pub(crate) fn label(&self) -> &str {
        self.actor.label()
    }
}

impl From<WirePerson> for Account {
    fn from(me: WirePerson) -> Self {
        let kind = me.kind().map(str::to_owned);
        let actor = me.into_actor();
        Self { kind: AccountKind::of(kind.as_deref(), actor.email.as_ref()), actor }
    }
}

impl BotClient {
    /// The account behind the bot token.
    pub(crate) async fn account(&self) -> Result<Account, WebexError> {
        self.fetch::<WirePerson>(Call::get(&["people", "me"])).await.map(Account::from)
    }
}

impl AdminClient {
    /// The account behind the admin credential.
    pub(crate) async fn account(&self) -> Result<Account, WebexError> {
        self.fetch::<WirePerson>(Call::get(&["people", "me"])).await.map(Account::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kind_is_read_from_the_type_or_the_address_of_a_bot() {
        let kind = |json: &str| Account::from(serde_json::from_str::<WirePerson>(json).unwrap()).kind;
        for (json, expected) in [
            (r#"{"id":"p","type":"person","emails":["ana@example.com"]}"#, AccountKind::Person),
            (r#"{"id":"p","type":"bot","emails":["steward@webex.bot"]}"#, AccountKind::Bot),
            (r#"{"id":"p","emails":["steward@webex.bot"]}"#, AccountKind::Bot),
            (r#"{"id":"p","type":"appuser"}"#, AccountKind::Machine),
            (r#"{"id":"p"}"#, AccountKind::Unknown),
            (r#"{"id":"p","type":"robot","emails":["ana@example.com"]}"#, AccountKind::Unknown),
        ] {
            assert_eq!(kind(json), expected, "{json}");
        }
    }
}
