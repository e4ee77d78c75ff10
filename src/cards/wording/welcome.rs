//! What is said on arrival in a space.

use super::refusal::{Said, said};

/// What Steward does, how to talk to it, and who may.
#[must_use]
pub fn welcome(in_group: bool) -> Said {
    let how = if in_group {
        "Mention me with \"help\" to see what you can ask; I read only what mentions me."
    } else {
        "Write \"help\" to see what you can ask."
    };
    said(
        "Hello, this is Steward",
        &[
            "I list, delete, tag and add Webex devices for the admins of this organization, and say what became of it.",
            how,
            "Who may do what is set by the people who run me; \"whoami\" shows what you may do.",
        ],
    )
}
