//! Pinned identities: which person an address meant when it was first resolved.
//!
//! Addresses are re-assigned; persons are not. So an address in the settings keeps meaning the person it
//! meant at first, until the settings name the person by id.

use jiff::Timestamp;

use super::database::values;
use super::{Store, StoreError, audit, millis};
use crate::domain::audit::{AuditEntry, AuditEvent};
use crate::domain::{EmailAddress, PersonId};

impl Store {
    /// The person this address is pinned to.
    pub async fn pinned_identity(&self, email: &EmailAddress) -> Result<Option<PersonId>, StoreError> {
        let sql = "SELECT person_id FROM pinned_identities WHERE email = $1";
        let rows = self.database.read(sql, values![email.as_str()]).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        PersonId::parse(&row.text("person_id")?)
            .map(Some)
            .map_err(|error| StoreError::corrupt("person of", email.as_str(), &error))
    }

    /// Pins an address to a person, unless it is pinned already, and says so in the audit log: it decides who
    /// may delete.
    pub async fn pin_identity(
        &self,
        email: &EmailAddress,
        person: &PersonId,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let event = AuditEvent::IdentityPinned { email: email.clone(), person_id: person.clone() };
        let entry = AuditEntry::new(at, event);
        let values = values![email.as_str(), person.as_str(), millis(at)];
        self.database
            .write(move |tx| {
                let (values, entry) = (values.clone(), entry.clone());
                Box::pin(async move {
                    let sql =
                        "INSERT INTO pinned_identities (email, person_id, pinned_at) VALUES ($1, $2, $3)
                               ON CONFLICT (email) DO NOTHING";
                    match tx.execute(sql, values).await? {
                        0 => Ok(()),
                        _ => audit::append(tx, &entry).await,
                    }
                })
            })
            .await
    }
}
