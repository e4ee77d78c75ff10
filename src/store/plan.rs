//! Plans: tasks that were shown and wait for a confirmation, and their states.
//!
//! A plan is written once and moved by [`PlanTransition`]s, each only while the plan is still in the state that the
//! transition starts from. Plans are never removed.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::database::{Row, Sql, Tx, json, values};
use super::{Store, StoreError};
use crate::domain::{Actor, MessageId, OrgId, PlanCode, SpaceId, Thread};
use crate::plan::{Plan, PlanHash, PlanState, PlanTransition};

/// The requester and the name of the admin credential, as stored. Earlier versions stored only the requester.
#[derive(Serialize, Deserialize)]
struct StoredRequester<A> {
    #[serde(flatten)]
    requester: A,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    credential: Option<String>,
}

impl Store {
    /// The plan with this code. A plan whose task is no longer the one that was shown is an error.
    pub async fn plan(&self, code: PlanCode) -> Result<Option<Plan>, StoreError> {
        let sql =
            "SELECT code, requester, space_id, thread_root, org_id, task, hash, created_at, expires_at, state
                     FROM plans WHERE code = $1";
        let rows = self.database.read(sql, values![code.to_string()]).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let id = code.to_string();
        let plan = read(row).map_err(|error| error.in_row("plan", &id))?;
        if plan.is_as_shown() {
            Ok(Some(plan))
        } else {
            Err(StoreError::corrupt("plan", &id, &"the task does not match its hash"))
        }
    }

    /// The posted cards of this plan (the messages with one of its buttons), to be deleted once its state has changed.
    pub async fn cards_of(&self, code: PlanCode) -> Result<Vec<MessageId>, StoreError> {
        let sql = "SELECT DISTINCT posted_id FROM buttons JOIN messages ON messages.id = buttons.card_id
                                            JOIN posts ON posts.message = messages.seq
                    WHERE plan_code = $1 ORDER BY posted_id";
        let rows = self.database.read(sql, values![code.to_string()]).await?;
        rows.iter().map(|row| row.parsed("posted_id", MessageId::parse)).collect()
    }
}

fn read(row: &Row) -> Result<Plan, StoreError> {
    let state = |text: &str| PlanState::from_stored(text).ok_or_else(|| format!("unknown state {text:?}"));
    let StoredRequester::<Actor> { requester, credential } = row.json("requester")?;
    Ok(Plan {
        code: row.parsed("code", PlanCode::parse)?,
        requester,
        credential,
        thread: Thread {
            space_id: row.parsed("space_id", SpaceId::parse)?,
            root_id: row.parsed("thread_root", MessageId::parse)?,
        },
        org: row.optional_parsed("org_id", OrgId::parse)?,
        task: row.json("task")?,
        hash: row.parsed("hash", PlanHash::parse)?,
        created_at: row.timestamp("created_at")?,
        expires_at: row.timestamp("expires_at")?,
        state: row.parsed("state", state)?,
    })
}

/// Fails if the code is taken, and changes nothing.
pub(super) async fn must_be_free(tx: &mut Tx, code: PlanCode) -> Result<(), StoreError> {
    let rows = tx.rows("SELECT code FROM plans WHERE code = $1", values![code.to_string()]).await?;
    if rows.is_empty() { Ok(()) } else { Err(StoreError::CodeTaken { code }) }
}

pub(super) async fn insert(tx: &mut Tx, plan: &Plan) -> Result<(), StoreError> {
    let code = plan.code.to_string();
    let requester = StoredRequester { requester: &plan.requester, credential: plan.credential.clone() };
    let sql = "INSERT INTO plans (code, requester, space_id, thread_root, org_id, task, hash, created_at, expires_at,
                                state, moved_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $8) ON CONFLICT (code) DO NOTHING";
    let values = values![
        code.as_str(),
        json("plan", &code, &requester)?,
        plan.thread.space_id.as_str(),
        plan.thread.root_id.as_str(),
        plan.org.as_ref().map(OrgId::as_str),
        json("plan", &code, &plan.task)?,
        plan.hash.to_string(),
        plan.created_at,
        plan.expires_at,
        plan.state.as_str(),
    ];
    // On PostgreSQL another process may have taken the code since the check. The step is then rolled back.
    if tx.execute(sql, values).await? == 1 { Ok(()) } else { Err(StoreError::CodeTaken { code: plan.code }) }
}

/// Fails unless the plan is in the state that the transition starts from, and changes nothing. On PostgreSQL this locks
/// the row: other steps that move the same plan wait.
pub(super) async fn must_be_at_start(tx: &mut Tx, transition: &PlanTransition) -> Result<(), StoreError> {
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

/// Must follow [`must_be_at_start`] in the same transaction.
pub(super) async fn move_on(
    tx: &mut Tx,
    transition: &PlanTransition,
    at: Timestamp,
) -> Result<(), StoreError> {
    let sql = "UPDATE plans SET state = $1, moved_at = $2 WHERE code = $3";
    let values = values![transition.to().as_str(), at, transition.code().to_string()];
    tx.execute(sql, values).await.map(|_| ())
}
