//! A command that takes long because Webex asked to wait.

use jiff::Timestamp;

use super::refusal::Said;
use crate::cards::moment;
use crate::grammar::Command;

/// It goes on by itself at this moment. What stands here stays true whatever happens next, so it says nothing of what
/// became of the device up to now.
#[must_use]
pub fn waiting(command: &Command, until: Timestamp, now: Timestamp) -> Said {
    Said {
        headline: "… Waiting for Webex".to_owned(),
        sentences: vec![
            format!(
                "Webex is busy for Steward's credential, so this waits: {command}. It goes on by itself at {}, or some \
                 minutes later where much else waits too.",
                moment::to_come(until, now)
            ),
            "There is no need to send it again: what became of it comes in this thread, and so does word if Webex stays \
             busy for more than ten minutes."
                .to_owned(),
        ],
    }
}
