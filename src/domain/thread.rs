//! The thread that a command was given in, and that everything about it is answered in.

use super::{MessageId, SpaceId};

/// A thread: a space, and in it the message that the thread hangs on. Webex wants that root as the parent of
/// every reply, never a reply in it (Webex, *Messages*: `parentId`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thread {
    /// The space.
    pub space_id: SpaceId,
    /// The root message.
    pub root_id: MessageId,
}
