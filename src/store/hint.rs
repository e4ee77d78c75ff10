//! Hints: who writes what is no command at all is told how commands are written, and not again within a minute.

use jiff::{SignedDuration, Timestamp};

use super::database::{Tx, values};
use super::{StoreError, millis};
use crate::domain::PersonId;

/// How long a hint lasts.
const LASTS: SignedDuration = SignedDuration::from_mins(1);

/// Whether this person may be given a hint now; if so, that it is given is written down. Two replicas that ask at
/// once are answered one after the other.
pub(super) async fn is_due(tx: &mut Tx, person: &PersonId, now: Timestamp) -> Result<bool, StoreError> {
    let written = tx
        .execute(
            "INSERT INTO hints (person_id, given_at) VALUES ($1, $2)
             ON CONFLICT (person_id) DO UPDATE SET given_at = excluded.given_at WHERE hints.given_at <= $3",
            values![person.key(), millis(now), millis(now - LASTS)],
        )
        .await?;
    Ok(written == 1)
}
