//! Why a press, or the same thing in words, changes nothing.

use jiff::Timestamp;

use crate::policy::Denied;

/// Why nothing was changed, with what one short sentence needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// It is somebody else's to decide.
    NotYours {
        /// What people call the one who decides. Comes from outside: never markup.
        requester: String,
    },
    /// The plan was confirmed before.
    AlreadyConfirmed,
    /// The plan was cancelled before.
    Cancelled,
    /// The time was over.
    Expired {
        /// Since when.
        at: Timestamp,
    },
    /// The button was pressed before.
    AlreadyPressed,
    /// It did not come from the message and the space that the button was posted in: the card is a copy.
    Elsewhere,
    /// There is no such plan or button, or none that this person may know of.
    Unknown,
    /// The person is not served at all.
    NotAdmitted(Denied),
}

impl Refused {
    /// The word for it in the audit log. Stored: it must not change.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::NotYours { .. } => "not yours",
            Self::AlreadyConfirmed => "already confirmed",
            Self::Cancelled => "cancelled",
            Self::Expired { .. } => "expired",
            Self::AlreadyPressed => "already pressed",
            Self::Elsewhere => "elsewhere",
            Self::Unknown => "unknown",
            Self::NotAdmitted(denied) => denied.as_str(),
        }
    }
}
