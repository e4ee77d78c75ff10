//! The commands of this process that wait while another command is changing the same device, workspace or person.
//!
//! Such a command asks the database, and not Webex, whether the other one has ended. After a restart it first looks its
//! device up again.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::domain::ChangeTarget;
use crate::store::CommandId;

/// Most waiting commands that are remembered: one that is forgotten looks its device up again.
const MOST: usize = 10_000;

/// The target that each waiting command waits for.
#[derive(Debug, Default)]
pub(crate) struct LockWaits(Mutex<HashMap<CommandId, ChangeTarget>>);

impl LockWaits {
    /// Remembers that this command waits.
    pub(crate) fn note(&self, command: &CommandId, target: &ChangeTarget) {
        let mut waits = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // A command may continue in another process, so its entry can be left behind here.
        if waits.len() >= MOST {
            waits.clear();
        }
        waits.insert(command.clone(), target.clone());
    }

    /// Removes and returns the target that this command waits for.
    pub(crate) fn take(&self, command: &CommandId) -> Option<ChangeTarget> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(command)
    }
}
