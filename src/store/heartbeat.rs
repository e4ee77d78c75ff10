//! When Steward was last there to hear what is said, so that it knows what it may have missed.

use jiff::Timestamp;

use super::database::{Sql, Tx, values};
use super::job::{self, NewJob};
use super::{Store, StoreError, millis, moment};

/// When Steward was last there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Heartbeat {
    /// When one of its processes was last up.
    pub attended_at: Option<Timestamp>,
    /// When it last knew that Webex delivers to it.
    pub tended_at: Option<Timestamp>,
}

impl Heartbeat {
    /// The later of each two moments: replicas may write in any order.
    fn with(self, later: Self) -> Self {
        Self {
            attended_at: self.attended_at.max(later.attended_at),
            tended_at: self.tended_at.max(later.tended_at),
        }
    }
}

impl Store {
    /// Notes that Steward is there. In the same transaction it adds the job that makes up for an absence, if one
    /// follows from when it was last there; so an absence is noticed once, also by several replicas, and not
    /// forgotten by one that dies. Answers whether there was one.
    pub async fn record_heartbeat(
        &self,
        present: Heartbeat,
        make_up_for: impl Fn(&Heartbeat) -> Option<NewJob> + Send + Sync + Clone + 'static,
    ) -> Result<bool, StoreError> {
        self.database
            .write(move |tx| {
                let make_up_for = make_up_for.clone();
                Box::pin(async move {
                    let before = replace(tx, present).await?;
                    let Some(new) = make_up_for(&before) else { return Ok(false) };
                    job::insert(tx, &new, new.due_at).await?;
                    tx.notify().await?;
                    Ok(true)
                })
            })
            .await
    }
}

/// Writes when Steward was last there; answers what was written before.
async fn replace(tx: &mut Tx, present: Heartbeat) -> Result<Heartbeat, StoreError> {
    // Replicas wait for each other here: of two that come back at once one sees the absence.
    const READ: Sql = Sql {
        sqlite: "SELECT attended_at, tended_at FROM attendance WHERE id = 1",
        postgres: "SELECT attended_at, tended_at FROM attendance WHERE id = 1 FOR UPDATE",
    };
    tx.execute("INSERT INTO attendance (id) VALUES (1) ON CONFLICT (id) DO NOTHING", values![]).await?;
    let rows = tx.rows(READ, values![]).await?;
    let row = rows.first().ok_or_else(|| StoreError::corrupt("attendance", "1", &"it is missing"))?;
    let before = Heartbeat {
        attended_at: row.optional_number("attended_at")?.map(moment),
        tended_at: row.optional_number("tended_at")?.map(moment),
    };
    let after = before.with(present);
    let sql = "UPDATE attendance SET attended_at = $1, tended_at = $2 WHERE id = 1";
    tx.execute(sql, values![after.attended_at.map(millis), after.tended_at.map(millis)]).await?;
    Ok(before)
}
