//! What is said of changing the tags of many devices, before and after.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::refusal::Said;
use crate::cards::moment;
use crate::domain::Cause;

/// What went wrong with one device of many. Stored: the names must not change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TagTrouble {
    /// Webex does not find it any more.
    Gone,
    /// The admin credential may not change it.
    NotPermitted,
    /// Webex answered with this status.
    Status(u16),
    /// Webex gave no answer.
    NoAnswer,
    /// A read afterwards shows other tags than were set.
    Differs,
    /// It could not be read afterwards.
    NotRead,
}

impl TagTrouble {
    /// Whether Webex took the tags all the same.
    #[must_use]
    pub fn is_only_unproven(self) -> bool {
        matches!(self, Self::Differs | Self::NotRead)
    }
}

/// What went wrong, behind the name of the device.
#[must_use]
pub fn tag_trouble(trouble: TagTrouble) -> String {
    match trouble {
        TagTrouble::Gone => "Webex does not find it any more".to_owned(),
        TagTrouble::NotPermitted => "Steward's admin credential may not change it".to_owned(),
        TagTrouble::Status(status) => format!("Webex answered with status {status}"),
        TagTrouble::NoAnswer => "Webex gave no answer".to_owned(),
        TagTrouble::Differs => {
            "a read afterwards shows other tags: somebody else may have changed them".to_owned()
        }
        TagTrouble::NotRead => "Webex took the tags, but it could not be read afterwards".to_owned(),
    }
}

/// Heads the question.
#[must_use]
pub fn tag_question(total: u64) -> String {
    match total {
        1 => "Change the tags of 1 device?".to_owned(),
        _ => format!("Change the tags of {total} devices?"),
    }
}

/// What a question about many devices stands for.
pub const ONLY_THESE_DEVICES: &str = "It is done to these devices and no others, whatever matches the filter later. Their other tags \
     stay.";

/// Nothing matches.
#[must_use]
pub fn no_device_to_tag(filter: &str) -> Said {
    Said {
        headline: "? No device matches".to_owned(),
        sentences: vec![
            format!("No device matches {filter}. Nothing was done."),
            "A device that lacks a fact never matches a comparison with it. See what there is with \"list devices\"."
                .to_owned(),
        ],
    }
}

/// More match than one command changes.
#[must_use]
pub fn too_many_to_tag(count: usize, most: usize, filter: &str) -> Said {
    Said {
        headline: "✕ Too many devices".to_owned(),
        sentences: vec![
            format!("{count} devices match {filter}; one command changes the tags of {most} at most. Nothing was done."),
            "Narrow it down with another term, as location:\"Berlin*\", product:\"Room Bar*\" or -tag:keep, and do one \
             part after the other."
                .to_owned(),
        ],
    }
}

/// Heads the result.
#[must_use]
pub fn many_tagged_headline(is_whole: bool, is_nothing: bool) -> &'static str {
    match (is_whole, is_nothing) {
        (true, false) => "✓ Tags changed and verified",
        (true, true) => "✓ Tags as they were: nothing to change",
        (false, _) => "? Tags not changed everywhere",
    }
}

/// Why the rest was not tried, and what to do.
#[must_use]
pub fn tagging_stopped(cause: &Cause, now: Timestamp) -> String {
    let why = match cause {
        Cause::RightWithdrawn => "the right to change tags was withdrawn".to_owned(),
        Cause::TooLate => "it was confirmed too long ago".to_owned(),
        Cause::CredentialRejected => "Webex rejected Steward's admin credential".to_owned(),
        Cause::Locked { until } | Cause::TooManyRequests { until } => {
            format!("Webex is busy and asks to come back at {}", moment::to_come(*until, now))
        }
        _ => "one device after another failed".to_owned(),
    };
    format!(
        "Stopped, because {why}. The rest was not tried. Send the command again later: what is done already stays as it is."
    )
}
