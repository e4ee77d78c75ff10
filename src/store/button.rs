//! The buttons of cards.
//!
//! The table holds only the hash of each button's reference, so a copy of the database cannot press a button. The
//! reference itself is on the posted card, visible to everyone in the space. It works only for its own button, on its
//! own message, and for people allowed to press it.

use jiff::Timestamp;

use super::database::{Row, Sql, Tx, json, values};
use super::{OutgoingId, Store, StoreError};
use crate::domain::{Actor, MessageId, PersonId, SpaceId};
use crate::plan::{ButtonAction, ButtonRecord, ButtonRef, ButtonUse, Presser, RefHash};

/// A button of a card to be posted.
#[derive(Debug, Clone)]
pub struct NewButton {
    /// The hash of the reference.
    pub hash: RefHash,
    /// The message that carries the card, added in the same step.
    pub card: OutgoingId,
    /// The effect of a press.
    pub action: ButtonAction,
    /// The people who may press it.
    pub presser: Presser,
    /// The person who asked for the card.
    pub requester: Actor,
    /// When it expires.
    pub expires_at: Timestamp,
}

impl Store {
    /// The button with this reference, and the posted message of its card if that is known.
    pub async fn button(&self, reference: &ButtonRef) -> Result<Option<ButtonRecord>, StoreError> {
        let hash = reference.hash();
        let sql =
            "SELECT action, presser, requester, expires_at, used_at, used_by, space_id, parent_id, posted_id
                     FROM buttons JOIN messages ON messages.id = buttons.card_id
                                  LEFT JOIN posts ON posts.message = messages.seq
                    WHERE ref_hash = $1";
        let rows = self.database.read(sql, values![hash.as_str()]).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        read(row, hash.clone()).map(Some).map_err(|error| error.in_row("button", hash.as_str()))
    }
}

fn read(row: &Row, hash: RefHash) -> Result<ButtonRecord, StoreError> {
    let presser = |text: &str| Presser::from_stored(text).ok_or_else(|| format!("unknown presser {text:?}"));
    let used_at = row.optional_timestamp("used_at")?;
    let used_by = row.optional_parsed("used_by", PersonId::parse)?;
    Ok(ButtonRecord {
        hash,
        action: row.json("action")?,
        presser: row.parsed("presser", presser)?,
        requester: row.json("requester")?,
        space_id: row.parsed("space_id", SpaceId::parse)?,
        parent_id: row.optional_parsed("parent_id", MessageId::parse)?,
        message_id: row.optional_parsed("posted_id", MessageId::parse)?,
        expires_at: row.timestamp("expires_at")?,
        used: used_at.zip(used_by).map(|(at, by)| ButtonUse { at, by }),
    })
}

pub(super) async fn insert(tx: &mut Tx, new: &NewButton) -> Result<(), StoreError> {
    let sql = "INSERT INTO buttons (ref_hash, card_id, action, presser, requester, plan_code, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let hash = new.hash.as_str();
    let values = values![
        hash,
        new.card.as_str(),
        json("button", hash, &new.action)?,
        new.presser.as_str(),
        json("button", hash, &new.requester)?,
        new.action.plan().map(|code| code.to_string()),
        new.expires_at,
    ];
    tx.execute(sql, values).await.map(|_| ())
}

/// Fails if the button was pressed before, and changes nothing. On PostgreSQL this locks the row: other steps that use
/// the same button wait.
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

/// Must follow [`must_be_unused`] in the same transaction.
pub(super) async fn use_up(
    tx: &mut Tx,
    hash: &RefHash,
    by: &PersonId,
    at: Timestamp,
) -> Result<(), StoreError> {
    let sql = "UPDATE buttons SET used_at = $1, used_by = $2 WHERE ref_hash = $3";
    tx.execute(sql, values![at, by.as_str(), hash.as_str()]).await.map(|_| ())
}
