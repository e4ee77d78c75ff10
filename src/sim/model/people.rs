//! Accounts: persons, bots, and the machine account of a Service App.

use serde_json::{Value, json};

use super::stored::{Account, AccountKind};
use super::{Model, items, written};
use crate::sim::error::{ApiError, ApiResult, ensure};
use crate::sim::ids::unpadded;

impl Account {
    /// The account as the People API shows it.
    fn to_json(&self) -> Value {
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
            "type": self.kind,
        })
    }
}

impl Model {
    /// Adds an account and returns its id.
    pub(crate) fn add_account(
        &mut self,
        kind: AccountKind,
        email: &str,
        display_name: &str,
        org_id: &str,
    ) -> String {
        let id = self.mint("PEOPLE");
        self.put_account(Account {
            id: id.clone(),
            email: email.to_owned(),
            display_name: display_name.to_owned(),
            org_id: org_id.to_owned(),
            kind,
            created: self.now(),
        });
        id
    }

    fn put_account(&mut self, account: Account) {
        self.accounts_by_email.insert(account.email.to_lowercase(), account.id.clone());
        self.accounts.insert(account.id.clone(), account);
    }

    /// Changes the name, the address or the organization of an account. Returns whether the account exists.
    pub(crate) fn change_account(&mut self, id: &str, fields: &Value) -> bool {
        let Some(mut account) = self.account(id).cloned() else { return false };
        if let Some(name) = fields["displayName"].as_str() {
            name.clone_into(&mut account.display_name);
        }
        if let Some(org_id) = fields["orgId"].as_str() {
            org_id.clone_into(&mut account.org_id);
        }
        if let Some(email) = fields["email"].as_str() {
            self.accounts_by_email.remove(&account.email.to_lowercase());
            email.clone_into(&mut account.email);
        }
        self.put_account(account);
        true
    }

    /// Removes an account, as an administrator can in Control Hub. Returns whether it existed.
    pub(crate) fn remove_account(&mut self, id: &str) -> bool {
        let removed = self.accounts.remove(unpadded(id));
        if let Some(account) = &removed {
            self.accounts_by_email.remove(&account.email.to_lowercase());
        }
        removed.is_some()
    }

    pub(crate) fn account(&self, id: &str) -> Option<&Account> {
        self.accounts.get(unpadded(id))
    }

    pub(crate) fn account_by_email(&self, email: &str) -> Option<&Account> {
        self.accounts_by_email.get(&email.to_lowercase()).and_then(|id| self.accounts.get(id))
    }

    /// The account that a request names either by its id or by its address.
    pub(super) fn account_named(
        &self,
        person_id: Option<&str>,
        person_email: Option<&str>,
    ) -> ApiResult<&Account> {
        let account = match (person_id, person_email) {
            (Some(id), None) => self.account(id),
            (None, Some(email)) => self.account_by_email(email),
            _ => return Err(ApiError::bad_request("Exactly one of personId and personEmail is required.")),
        };
        account.ok_or_else(ApiError::not_found)
    }

    /// Whether this is the id of a bot.
    pub(super) fn is_bot(&self, id: &str) -> bool {
        self.account(id).is_some_and(|account| account.kind == AccountKind::Bot)
    }

    /// `GET /people/{id}`.
    pub(crate) fn person(&self, id: &str) -> ApiResult<Value> {
        self.account(id).map(Account::to_json).ok_or_else(ApiError::not_found)
    }

    /// `GET /people`: a lookup by address, name or ids, only among the people of one organization.
    pub(crate) fn people_of(
        &self,
        org_id: &str,
        email: Option<&str>,
        name: Option<&str>,
        ids: Option<&str>,
    ) -> ApiResult<Value> {
        ensure(
            email.is_some() || name.is_some() || ids.is_some(),
            "Email, displayName, or id list should be specified.",
        )?;
        let name = name.map(str::to_lowercase);
        let fits = |account: &&Account| {
            account.org_id == org_id
                && email.is_none_or(|email| account.email.eq_ignore_ascii_case(email))
                && name.as_ref().is_none_or(|name| account.display_name.to_lowercase().starts_with(name))
                && ids.is_none_or(|ids| ids.split(',').any(|id| unpadded(id.trim()) == account.id))
        };
        let mut found: Vec<&Account> = self.accounts.values().filter(fits).collect();
        found.sort_by_key(|account| &account.email);
        Ok(items(found.into_iter().map(Account::to_json)))
    }
}
