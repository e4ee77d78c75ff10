//! The buttons of cards.
//!
//! A button is found by the hash of its reference, so that nothing can be pressed with what stands in this table. (The
//! card that is posted holds the reference, as everybody in the space can see; it is good for its one button, its
//! one message and who may press it.)

use jiff::Timestamp;

use super::database::{Row, Sql, Tx, values};
use super::{OutgoingId, Store, StoreError, millis, moment};
use crate::domain::{Actor, MessageId, PersonId, SpaceId};
use crate::plan::{ButtonAction, ButtonRecord, ButtonRef, ButtonUse, Presser, RefHash};

/// A button that is on a card which is to be posted.
#[derive(Debug, Clone)]
pub struct NewButton {
    /// The hash of its reference.
    pub hash: RefHash,
    /// The card: a message of the same step.
    pub card: OutgoingId,
    /// What pressing it asks for.
    pub action: ButtonAction,
    /// Who may press it.
    pub presser: Presser,
    /// Who asked for the card.
    pub requester: Actor,
    /// When it can no longer be pressed.
    pub expires_at: Timestamp,
}

impl Store {
    /// The button with this reference, with the message that its card became if that is known yet.
    pub async fn button(&self, reference: &ButtonRef) -> Result<Option<ButtonRecord>, StoreError> {
        let hash = reference.hash();
        let sql =
            "SELECT action, presser, requester, expires_at, used_at, used_by, space_id, parent_id, posted_id
                     FROM buttons JOIN messages ON messages.id = buttons.card_id
                                  LEFT JOIN posts ON posts.message = messages.seq
                    WHERE ref_hash = $1";
        let rows = self.database.read(sql, values![hash.as_str()]).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        match read(row, hash.clone()) {
            Ok(button) => Ok(Some(button)),
            Err(error) => Err(StoreError::corrupt("button", hash.as_str(), &error)),
        }
    }
}

fn read(row: &Row, hash: RefHash) -> Result<ButtonRecord, Box<dyn std::error::Error + Send + Sync>> {
    let presser = row.text("presser")?;
    let used_at = row.optional_number("used_at")?.map(moment);
    let used_by = row.optional_text("used_by")?.as_deref().map(PersonId::parse).transpose()?;
    Ok(ButtonRecord {
        hash,
        action: serde_json::from_str(&row.text("action")?)?,
        presser: Presser::from_stored(&presser).ok_or_else(|| format!("unknown presser {presser:?}"))?,
        requester: serde_json::from_str(&row.text("requester")?)?,
        space_id: SpaceId::parse(&row.text("space_id")?)?,
        parent_id: row.optional_text("parent_id")?.as_deref().map(MessageId::parse).transpose()?,
        message_id: row.optional_text("posted_id")?.as_deref().map(MessageId::parse).transpose()?,
        expires_at: moment(row.number("expires_at")?),
        used: used_at.zip(used_by).map(|(at, by)| ButtonUse { at, by }),
    })
}

pub(super) async fn insert(tx: &mut Tx, new: &NewButton) -> Result<(), StoreError> {
    let text = |value: serde_json::Result<String>| {
        value.map_err(|error| StoreError::corrupt("button", new.hash.as_str(), &error))
    };
    tx.execute(
        "INSERT INTO buttons (ref_hash, card_id, action, presser, requester, plan_code, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        values![
            new.hash.as_str(),
            new.card.as_str(),
            text(serde_json::to_string(&new.action))?,
            new.presser.as_str(),
            text(serde_json::to_string(&new.requester))?,
            new.action.plan().map(|code| code.to_string()),
            millis(new.expires_at),
        ],
    )
    .await?;
    Ok(())
}

/// Changes nothing; on PostgreSQL whoever wants to use the same button waits from here on.
pub(super) async fn must_be_unused(tx: &mut Tx, hash: &RefHash) -> Result<(), StoreError> {
    const READ: Sql = Sql {
        sqlite: "SELECT used_at FROM buttons WHERE ref_hash = $1",
        postgres: "SELECT used_at FROM buttons WHERE ref_hash = $1 FOR UPDATE",
    };
    let rows = tx.rows(READ, values![hash.as_str()]).await?;
    match rows.first() {
        Some(row) if row.optional_number("used_at")?.is_none() => Ok(()),
        _ => Err(StoreError::ButtonUsed),
    }
}

/// Right after [`must_be_unused`] in the same transaction.
pub(super) async fn use_up(
    tx: &mut Tx,
    hash: &RefHash,
    by: &PersonId,
    at: Timestamp,
) -> Result<(), StoreError> {
    let sql = "UPDATE buttons SET used_at = $1, used_by = $2 WHERE ref_hash = $3";
    tx.execute(sql, values![millis(at), by.as_str(), hash.as_str()]).await?;
    Ok(())
}
