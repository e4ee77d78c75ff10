//! What a deletion does next.

use jiff::Timestamp;

use crate::domain::Outcome;

/// What is to be done next.
#[derive(Debug, Clone, PartialEq)]
pub enum Next {
    /// Read the device.
    Read,
    /// Write down the progress, then send the DELETE.
    Delete,
    /// Come back at this moment.
    Wait {
        /// When.
        until: Timestamp,
        /// What for.
        why: Why,
    },
    /// It is known what became of it.
    End(Outcome),
}

/// What a deletion waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Webex asked to wait, this deletion or others.
    Busy,
    /// Webex could not be reached.
    NotReached,
    /// The device could not be read.
    NotRead,
    /// The DELETE had no clear answer.
    Unclear,
    /// The device is still listed after its deletion.
    StillListed,
    /// The DELETE was not sent, because too long ago it was written down that it would be.
    Stale,
}

impl Why {
    /// In a few words.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Busy => "Webex asked to wait",
            Self::NotReached => "Webex could not be reached",
            Self::NotRead => "the device could not be read",
            Self::Unclear => "the DELETE had no clear answer",
            Self::StillListed => "the deleted device is still listed",
            Self::Stale => "the intent was recorded too long ago",
        }
    }
}
