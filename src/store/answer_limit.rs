//! How often hints, explanations and refusals are posted. Commands that a person may give are always answered.
//!
//! An account that answers each of Steward's messages would otherwise keep both talking forever, and a stranger could
//! fill a space. The table is named after hints, which it once held alone. Its rows are:
//!
//! ```text
//! PERSON                 when the person last got a full hint
//! stranger PERSON        when the stranger last got an answer
//! PERSON in SPACE: N     when the person last got answer N of the ten in a minute in that space
//! ```

use jiff::{SignedDuration, Timestamp};

use super::database::{Tx, values};
use super::{NewMessage, StoreError};
use crate::domain::PersonId;

/// The time after which a limit allows the next answer.
const WINDOW: SignedDuration = SignedDuration::from_mins(1);
/// Answers to one person in one space within [`WINDOW`]. Nobody reads more; only a program writes that fast.
const MOST_IN_A_SPACE: u32 = 10;

/// Which answers are withheld.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum AnswerLimit {
    /// For people whom Steward serves: those after the tenth in a minute, in each space.
    Loop,
    /// For all others: those after the first in a minute, in all spaces together.
    Stranger,
}

impl AnswerLimit {
    /// The limit as a label of a metric.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// An answer that is withheld if its reader has had too many.
#[derive(Debug, Clone)]
pub struct LimitedAnswer {
    /// Its limit, if it has one.
    pub limit: Option<AnswerLimit>,
    /// The person who gets it.
    pub person: PersonId,
    /// The answer.
    pub message: NewMessage,
    /// For a hint: the answer instead, if the person had a full hint within the last minute.
    pub brief: Option<NewMessage>,
}

/// What became of a limited answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LimitedResult {
    /// Its limit.
    pub limit: AnswerLimit,
    /// Whether it is withheld.
    pub is_withheld: bool,
}

/// The message to post, if the limit allows one. Records it, so that replicas that ask at the same time wait for each
/// other.
pub(super) async fn allowed<'a>(
    tx: &mut Tx,
    answer: &'a LimitedAnswer,
    now: Timestamp,
) -> Result<Option<&'a NewMessage>, StoreError> {
    let person = answer.person.key();
    let is_allowed = match answer.limit {
        None => true,
        Some(AnswerLimit::Stranger) => claim(tx, &format!("stranger {person}"), now).await?,
        Some(AnswerLimit::Loop) => claim_one_of_ten(tx, person, answer.message.space_id.key(), now).await?,
    };
    Ok(match &answer.brief {
        _ if !is_allowed => None,
        Some(brief) if !claim(tx, person, now).await? => Some(brief),
        _ => Some(&answer.message),
    })
}

async fn claim_one_of_ten(
    tx: &mut Tx,
    person: &str,
    space: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    for number in 1..=MOST_IN_A_SPACE {
        if claim(tx, &format!("{person} in {space}: {number}"), now).await? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Sets the time of a row to now if it is at least a minute old. A time in the future was written by a wrong clock and
/// counts as long ago.
async fn claim(tx: &mut Tx, key: &str, now: Timestamp) -> Result<bool, StoreError> {
    let sql = "INSERT INTO hints (person_id, given_at) VALUES ($1, $2)
               ON CONFLICT (person_id) DO UPDATE SET given_at = excluded.given_at
                WHERE hints.given_at <= $3 OR hints.given_at > $4";
    Ok(tx.execute(sql, values![key, now, now - WINDOW, now + WINDOW]).await? == 1)
}
