//! Plans: what was shown and waits for a confirmation, and what became of it.
//!
//! A plan is written once and moved by [`PlanTransition`]s, each only while the plan is still where the transition
//! starts. Nothing of it is ever removed.

use jiff::Timestamp;

use super::database::{Row, Sql, Tx, values};
use super::{Store, StoreError, millis, moment};
use crate::domain::{MessageId, OrgId, PlanCode, SpaceId, Thread};
use crate::plan::{Plan, PlanHash, PlanState, PlanTransition};

impl Store {
    /// The plan with this code. One whose task is not what was shown any more is an error.
    pub async fn plan(&self, code: PlanCode) -> Result<Option<Plan>, StoreError> {
        let sql =
            "SELECT code, requester, space_id, thread_root, org_id, task, hash, created_at, expires_at, state
                     FROM plans WHERE code = $1";
        let rows = self.database.read(sql, values![code.to_string()]).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let corrupt = |error: &dyn std::fmt::Display| StoreError::corrupt("plan", &code.to_string(), error);
        let plan = read(row).map_err(|error| corrupt(&error))?;
        if plan.is_as_shown() { Ok(Some(plan)) } else { Err(corrupt(&"it does not have its hash")) }
    }

    /// The posted messages that have a button of this plan: its cards, to be taken away once it has moved.
    pub async fn cards_of(&self, code: PlanCode) -> Result<Vec<MessageId>, StoreError> {
        let sql = "SELECT DISTINCT posted_id FROM buttons JOIN messages ON messages.id = buttons.card_id
                                            JOIN posts ON posts.message = messages.seq
                    WHERE plan_code = $1 ORDER BY posted_id";
        let rows = self.database.read(sql, values![code.to_string()]).await?;
        rows.iter()
            .map(|row| {
                let id = row.text("posted_id")?;
                MessageId::parse(&id).map_err(|error| StoreError::corrupt("card", &id, &error))
            })
            .collect()
    }
}

fn read(row: &Row) -> Result<Plan, Box<dyn std::error::Error + Send + Sync>> {
    let state = row.text("state")?;
    Ok(Plan {
        code: PlanCode::parse(&row.text("code")?)?,
        requester: serde_json::from_str(&row.text("requester")?)?,
        thread: Thread {
            space_id: SpaceId::parse(&row.text("space_id")?)?,
            root_id: MessageId::parse(&row.text("thread_root")?)?,
        },
        org: row.optional_text("org_id")?.as_deref().map(OrgId::parse).transpose()?,
        task: serde_json::from_str(&row.text("task")?)?,
        hash: PlanHash::parse(&row.text("hash")?)?,
        created_at: moment(row.number("created_at")?),
        expires_at: moment(row.number("expires_at")?),
        state: PlanState::from_stored(&state).ok_or_else(|| format!("unknown state {state:?}"))?,
    })
}

/// Changes nothing.
pub(super) async fn must_be_free(tx: &mut Tx, code: PlanCode) -> Result<(), StoreError> {
    let rows = tx.rows("SELECT code FROM plans WHERE code = $1", values![code.to_string()]).await?;
    if rows.is_empty() { Ok(()) } else { Err(StoreError::CodeTaken { code }) }
}

pub(super) async fn insert(tx: &mut Tx, plan: &Plan) -> Result<(), StoreError> {
    let code = plan.code.to_string();
    let text =
        |value: serde_json::Result<String>| value.map_err(|error| StoreError::corrupt("plan", &code, &error));
    let added = tx
        .execute(
            "INSERT INTO plans (code, requester, space_id, thread_root, org_id, task, hash, created_at, expires_at,
                                state, moved_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $8) ON CONFLICT (code) DO NOTHING",
            values![
                code.as_str(),
                text(serde_json::to_string(&plan.requester))?,
                plan.thread.space_id.as_str(),
                plan.thread.root_id.as_str(),
                plan.org.as_ref().map(OrgId::as_str),
                text(serde_json::to_string(&plan.task))?,
                plan.hash.to_string(),
                millis(plan.created_at),
                millis(plan.expires_at),
                plan.state.as_str(),
            ],
        )
        .await?;
    // On PostgreSQL another may have taken it since it was free; everything before this is rolled back there.
    if added == 1 { Ok(()) } else { Err(StoreError::CodeTaken { code: plan.code }) }
}

/// Changes nothing; on PostgreSQL whoever wants to move the same plan waits from here on.
pub(super) async fn must_stand(tx: &mut Tx, transition: &PlanTransition) -> Result<(), StoreError> {
    const READ: Sql = Sql {
        sqlite: "SELECT state FROM plans WHERE code = $1",
        postgres: "SELECT state FROM plans WHERE code = $1 FOR UPDATE",
    };
    let code = transition.code();
    let rows = tx.rows(READ, values![code.to_string()]).await?;
    match rows.first() {
        Some(row) if row.text("state")? == transition.from().as_str() => Ok(()),
        _ => Err(StoreError::PlanMoved { code }),
    }
}

/// Right after [`must_stand`] in the same transaction.
pub(super) async fn move_on(
    tx: &mut Tx,
    transition: &PlanTransition,
    at: Timestamp,
) -> Result<(), StoreError> {
    let sql = "UPDATE plans SET state = $1, moved_at = $2 WHERE code = $3";
    let values = values![transition.to().as_str(), millis(at), transition.code().to_string()];
    tx.execute(sql, values).await?;
    Ok(())
}
