//! Looks in the thread of a missed message for an answer that Steward has no record of: its database may have been
//! restored from a backup.

use crate::commands::reply::JobOutcome;
use crate::commands::services::Services;
use crate::intake::decide::EarlierAnswer;
use crate::intake::postpone::postpone;
use crate::store::LeasedJob;
use crate::webex::ChatMessage;

/// Whether Steward has answered this message before, as far as its thread shows; otherwise the outcome of a job that
/// looks again later.
pub(crate) async fn earlier_answer(
    services: &Services,
    job: &LeasedJob,
    message: &ChatMessage,
) -> Result<EarlierAnswer, Box<JobOutcome>> {
    const LATER: &str = "cannot look for an earlier answer";
    if message.in_group {
        // A bot can list only messages that mention it (Webex, *Messages*: List Messages).
        return Ok(EarlierAnswer::Unknown);
    }
    let replies = match services.bot_client.replies_in(&message.thread()).await {
        Ok(replies) => replies,
        Err(error) if error.is_transient() || error.is_token_rejected() => {
            return Err(Box::new(postpone(services, job, LATER, Some(&error))));
        }
        Err(error) => {
            tracing::warn!(%error, "cannot look for an earlier answer");
            return Ok(EarlierAnswer::Unknown);
        }
    };
    for reply in replies {
        let may_answer = reply.person_id == services.bot.person_id && reply.created >= message.created;
        if !may_answer {
            continue;
        }
        // Answers on record are to other messages in this thread.
        match services.store.is_posted(&reply.id).await {
            Ok(true) => {}
            Ok(false) => return Ok(EarlierAnswer::Found),
            Err(error) => {
                return Err(Box::new(postpone(services, job, &format!("{LATER}: {error}"), None)));
            }
        }
    }
    Ok(EarlierAnswer::None)
}
