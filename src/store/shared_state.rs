//! Small state that all processes on a database share besides jobs: the heartbeat, the pause of each credential, and
//! the person that each email address is pinned to.

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Notify;

use super::database::{JOBS, PAUSES, Sql, Tx, values};
use super::job::{self, NewJob};
use super::{Store, StoreError, audit};
use crate::domain::audit::{AuditEntry, AuditEvent};
use crate::domain::clock::{CLOCK_TOLERANCE, is_believable};
use crate::domain::{EmailAddress, PersonId};
use crate::webex::LONGEST_PAUSE;

/// How long Steward counts as having been away if the last heartbeat was written by a wrong clock.
const UNKNOWN_ABSENCE: SignedDuration = SignedDuration::from_hours(24);

/// When Steward was last running and receiving deliveries. It may have missed later messages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Heartbeat {
    /// When one of its processes was last up.
    pub up_at: Option<Timestamp>,
    /// When its webhooks were last known to be active.
    pub webhooks_ok_at: Option<Timestamp>,
}

impl Heartbeat {
    /// Without moments that are still to come, which say only that the clock was wrong.
    fn believed_at(self, now: Timestamp) -> Self {
        let believed = |at: Timestamp| {
            if is_believable(at, now, SignedDuration::ZERO) { at } else { now - UNKNOWN_ABSENCE }
        };
        Self { up_at: self.up_at.map(believed), webhooks_ok_at: self.webhooks_ok_at.map(believed) }
    }

    /// Replicas may write in any order.
    fn latest(self, other: Self) -> Self {
        Self {
            up_at: self.up_at.max(other.up_at),
            webhooks_ok_at: self.webhooks_ok_at.max(other.webhooks_ok_at),
        }
    }
}

impl Store {
    /// Records a heartbeat. The same transaction adds the catch-up job that `job_after` derives from the previous
    /// heartbeat. So a gap leads to one job, even with several replicas or after a crash. Returns whether a job was
    /// added.
    pub async fn record_heartbeat(
        &self,
        present: Heartbeat,
        now: Timestamp,
        job_after: impl Fn(&Heartbeat) -> Option<NewJob> + Send + Sync + Clone + 'static,
    ) -> Result<bool, StoreError> {
        self.database
            .write(move |tx| {
                let job_after = job_after.clone();
                Box::pin(async move {
                    let before = replace_heartbeat(tx, present, now).await?;
                    let Some(new) = job_after(&before) else { return Ok(false) };
                    job::insert(tx, &new, new.due_at).await?;
                    tx.notify(JOBS).await?;
                    Ok(true)
                })
            })
            .await
    }

    /// The last pause of each credential, by the credential's stored name, without those that are too long to have
    /// been meant. A pause may have ended.
    pub async fn pauses(&self, now: Timestamp) -> Result<Vec<(String, Timestamp)>, StoreError> {
        let rows = self.database.read("SELECT credential, ends_at FROM pauses", values![]).await?;
        let pauses = rows.iter().map(|row| Ok((row.text("credential")?, row.timestamp("ends_at")?)));
        let is_meant = |pause: &Result<(_, Timestamp), _>| {
            pause.as_ref().map_or(true, |(_, ends_at)| is_believable(*ends_at, now, LONGEST_PAUSE))
        };
        pauses.filter(is_meant).collect()
    }

    /// Records that a credential is paused until then, unless a longer pause is recorded, and wakes the other
    /// processes. A recorded pause that is too long is replaced.
    pub async fn record_pause(
        &self,
        credential: &'static str,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let latest = now.saturating_add(LONGEST_PAUSE + CLOCK_TOLERANCE).unwrap_or(Timestamp::MAX);
        self.database
            .write(move |tx| {
                Box::pin(async move {
                    let sql = "INSERT INTO pauses (credential, ends_at) VALUES ($1, $2)
                               ON CONFLICT (credential) DO UPDATE SET ends_at = excluded.ends_at
                                WHERE pauses.ends_at < excluded.ends_at OR pauses.ends_at > $3";
                    match tx.execute(sql, values![credential, until, latest]).await? {
                        0 => Ok(()),
                        _ => tx.notify(PAUSES).await,
                    }
                })
            })
            .await
    }

    /// Wakes `signal` whenever another process has recorded a pause; returns when the database is closed, or at once if
    /// there can be no other processes.
    pub async fn wake_on_pauses_of_others(&self, signal: &Notify) -> Result<(), StoreError> {
        self.database.wake_on(PAUSES, signal).await
    }

    /// The person that this address is pinned to. An address can be reassigned to someone else, so an address in the
    /// settings keeps meaning the person it first resolved to.
    pub async fn pinned_identity(&self, email: &EmailAddress) -> Result<Option<PersonId>, StoreError> {
        let sql = "SELECT person_id FROM pinned_identities WHERE email = $1";
        let rows = self.database.read(sql, values![email.as_str()]).await?;
        let person = rows.first().map(|row| row.parsed("person_id", PersonId::parse)).transpose();
        person.map_err(|error| error.in_row("pinned identity", email.as_str()))
    }

    /// Pins an address to a person, unless it is already pinned. Adds an audit entry, because the pin decides who may
    /// delete devices.
    pub async fn pin_identity(
        &self,
        email: &EmailAddress,
        person: &PersonId,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let event = AuditEvent::IdentityPinned { email: email.clone(), person_id: person.clone() };
        let entry = AuditEntry::new(at, event);
        let values = values![email.as_str(), person.as_str(), at];
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

/// Writes a heartbeat and returns the previous one. The names of the table and its columns are stored and older than
/// the type's.
async fn replace_heartbeat(tx: &mut Tx, present: Heartbeat, now: Timestamp) -> Result<Heartbeat, StoreError> {
    // Replicas wait for each other here: of two that come back at the same time, only one sees the gap.
    const READ: Sql = Sql {
        sqlite: "SELECT attended_at, tended_at FROM attendance WHERE id = 1",
        postgres: "SELECT attended_at, tended_at FROM attendance WHERE id = 1 FOR UPDATE",
    };
    tx.execute("INSERT INTO attendance (id) VALUES (1) ON CONFLICT (id) DO NOTHING", values![]).await?;
    let rows = tx.rows(READ, values![]).await?;
    let row = rows.first().ok_or_else(|| StoreError::corrupt("attendance", "1", &"the row is missing"))?;
    let before = Heartbeat {
        up_at: row.optional_timestamp("attended_at")?,
        webhooks_ok_at: row.optional_timestamp("tended_at")?,
    };
    let before = before.believed_at(now);
    let after = before.latest(present);
    let sql = "UPDATE attendance SET attended_at = $1, tended_at = $2 WHERE id = 1";
    tx.execute(sql, values![after.up_at, after.webhooks_ok_at]).await?;
    Ok(before)
}
