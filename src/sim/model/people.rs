//! Accounts: persons, bots, and the machine account of a Service App.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Model, written};
use crate::sim::error::ApiError;
use crate::sim::ids::unpadded;

/// What an account is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountKind {
    /// A human being.
    Person,
    /// A bot: sees only what is addressed to it.
    Bot,
    /// The machine account behind a Service App's token.
    Machine,
}

impl AccountKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Bot => "bot",
            Self::Machine => "appuser",
        }
    }
}

/// Somebody with an id.
#[derive(Debug, Clone)]
pub struct Account {
    /// The id.
    pub id: String,
    /// The only e-mail address.
    pub email: String,
    /// The whole name.
    pub display_name: String,
    /// The organization.
    pub org_id: String,
    /// What sort of account.
    pub kind: AccountKind,
    /// Since when.
    pub created: Timestamp,
}

impl Account {
    /// The account as the People API shows it.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let (first, last) = self.display_name.split_once(' ').unwrap_or((&self.display_name, ""));
        json!({
            "id": self.id,
            "emails": [self.email],
            "displayName": self.display_name,
            "nickName": first,
            "firstName": first,
            "lastName": last,
            "orgId": self.org_id,
            "created": written(self.created),
            "type": self.kind.as_str(),
        })
    }
}

impl Model {
    /// Makes an account known.
    pub fn add_account(&mut self, account: Account) {
        self.accounts_by_email.insert(account.email.to_lowercase(), account.id.clone());
        self.accounts.insert(account.id.clone(), account);
    }

    /// Changes the name or the address of an account. Answers whether it is there.
    pub fn change_account(&mut self, id: &str, fields: &Value) -> bool {
        let Some(mut account) = self.account(id).cloned() else { return false };
        if let Some(name) = fields["displayName"].as_str() {
            name.clone_into(&mut account.display_name);
        }
        if let Some(email) = fields["email"].as_str() {
            self.accounts_by_email.remove(&account.email.to_lowercase());
            email.clone_into(&mut account.email);
        }
        self.add_account(account);
        true
    }

    /// The account with this id.
    #[must_use]
    pub fn account(&self, id: &str) -> Option<&Account> {
        self.accounts.get(unpadded(id))
    }

    /// The account with this address.
    #[must_use]
    pub fn account_by_email(&self, email: &str) -> Option<&Account> {
        self.accounts_by_email.get(&email.to_lowercase()).and_then(|id| self.accounts.get(id))
    }

    /// `GET /people/{id}`.
    pub fn person(&self, id: &str) -> Result<Value, ApiError> {
        self.account(id).map(Account::to_json).ok_or_else(ApiError::not_found)
    }

    /// `GET /people`: a lookup by address, name or ids, only among the people of one organization.
    pub fn people_of(
        &self,
        org_id: &str,
        email: Option<&str>,
        name: Option<&str>,
        ids: Option<&str>,
    ) -> Result<Value, ApiError> {
        if email.is_none() && name.is_none() && ids.is_none() {
            return Err(ApiError::bad_request("Email, displayName, or id list should be specified."));
        }
        let mut found: Vec<&Account> = self
            .accounts
            .values()
            .filter(|account| account.org_id == org_id)
            .filter(|account| email.is_none_or(|email| account.email.eq_ignore_ascii_case(email)))
            .filter(|account| name.is_none_or(|name| starts_alike(&account.display_name, name)))
            .filter(|account| {
                ids.is_none_or(|ids| ids.split(',').any(|id| unpadded(id.trim()) == account.id))
            })
            .collect();
        found.sort_by(|one, two| one.email.cmp(&two.email));
        Ok(json!({ "items": found.into_iter().map(Account::to_json).collect::<Vec<_>>() }))
    }
}

fn starts_alike(name: &str, start: &str) -> bool {
    name.to_lowercase().starts_with(&start.to_lowercase())
}
