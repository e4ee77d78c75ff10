//! Pinned identities: which person an address meant when it was first resolved.
//!
//! Addresses are re-assigned; persons are not. So an address in the settings keeps meaning the person it
//! meant at first, until the settings name the person by id.

use jiff::Timestamp;

use super::{Store, StoreError, millis};
use crate::domain::{EmailAddress, PersonId};

impl Store {
    /// The person this address is pinned to.
    pub async fn pinned_identity(&self, email: &EmailAddress) -> Result<Option<PersonId>, StoreError> {
        let person: Option<String> =
            sqlx::query_scalar("SELECT person_id FROM pinned_identities WHERE email = $1")
                .bind(email.as_str())
                .fetch_optional(&self.reader)
                .await?;
        person
            .map(|id| {
                PersonId::parse(&id).map_err(|error| StoreError::corrupt("person of", email.as_str(), &error))
            })
            .transpose()
    }

    /// Pins an address to a person, unless it is pinned already.
    pub async fn pin_identity(
        &self,
        email: &EmailAddress,
        person: &PersonId,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO pinned_identities (email, person_id, pinned_at) VALUES ($1, $2, $3)
             ON CONFLICT (email) DO NOTHING",
        )
        .bind(email.as_str())
        .bind(person.as_str())
        .bind(millis(at))
        .execute(&self.writer)
        .await?;
        Ok(())
    }
}
