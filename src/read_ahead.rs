//! Reading ahead: the device of a deletion is read while the decision to delete it is being written down.
//!
//! One waits for the disk and the other for Webex. Neither does harm without the other: a read changes nothing, and
//! what it found is used by nobody but the run that follows from the decision at once. Where there is no such run,
//! or it comes late, the device is read anew.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::task::AbortOnDropHandle;

use crate::command::Command;
use crate::domain::{Device, DeviceId, OrgScope};
use crate::find::is_surely_an_id;
use crate::store::CommandId;
use crate::webex::{AdminClient, WebexError};

/// How long ago a read may have begun that is still used: a device is read right before it is deleted.
const FRESH: Duration = Duration::from_secs(5);

/// The reads that were begun and are to be used, by the command that they are for.
#[derive(Debug, Default)]
pub struct ReadAhead(Mutex<HashMap<CommandId, Reading>>);

/// A read that was begun; it ends where this is dropped.
#[derive(Debug)]
pub struct Reading {
    began: Instant,
    answer: AbortOnDropHandle<Result<Device, WebexError>>,
}

impl Reading {
    /// Begins to read the device that a command will read first, if the command alone says which one that is.
    #[must_use]
    pub fn begin(admin: &AdminClient, command: &Command) -> Option<Self> {
        let Command::DeleteDevice { device, org: None, .. } = command else { return None };
        let id = device.as_id().filter(|_| is_surely_an_id(device.as_str()))?;
        let reading = tokio::spawn(read(admin.clone(), id));
        Some(Self { began: Instant::now(), answer: AbortOnDropHandle::new(reading) })
    }

    fn is_fresh(&self) -> bool {
        self.began.elapsed() <= FRESH
    }

    /// What was found; nothing where it cannot be used.
    pub async fn answer(self) -> Option<Result<Device, WebexError>> {
        if self.is_fresh() { self.answer.await.ok() } else { None }
    }
}

async fn read(admin: AdminClient, id: DeviceId) -> Result<Device, WebexError> {
    admin.device(&OrgScope::Default, &id).await
}

impl ReadAhead {
    /// Keeps a read for the run that follows.
    pub fn keep(&self, command: CommandId, reading: Reading) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Those whose run never asked for them.
        kept.retain(|_, reading| reading.is_fresh());
        kept.insert(command, reading);
    }

    /// The read that was begun for a command, once.
    #[must_use]
    pub fn take(&self, command: &CommandId) -> Option<Reading> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(command)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::webex::stage::{Said, Stage};

    const ID: &str = "1f0c6f83-8c2e-4a4e-9d0c-6f2a35b1a7e4";

    async fn stage() -> Stage {
        Stage::new(|_| Said::json(json!({ "id": ID, "displayName": "Atlas" }))).await
    }

    fn delete(line: &str) -> Command {
        crate::command::parse(line).unwrap()
    }

    fn command() -> CommandId {
        CommandId::from_stored("message:1")
    }

    #[tokio::test]
    async fn what_was_read_ahead_is_given_once() {
        let (stage, ahead) = (stage().await, ReadAhead::default());
        ahead.keep(
            command(),
            Reading::begin(&stage.admin(None), &delete(&format!("delete device {ID}"))).unwrap(),
        );
        let device = ahead.take(&command()).unwrap().answer().await.unwrap().unwrap();
        assert_eq!(device.display_name.as_deref(), Some("Atlas"));
        assert!(ahead.take(&command()).is_none());
        assert_eq!(stage.lines(), [format!("GET /devices/{ID}")]);
    }

    #[tokio::test]
    async fn what_was_read_too_long_ago_is_not_used() {
        let (stage, ahead) = (stage().await, ReadAhead::default());
        let admin = stage.admin(None);
        let read_before = || {
            let reading = Reading::begin(&admin, &delete(&format!("delete device {ID}"))).unwrap();
            let began = reading.began.checked_sub(FRESH + Duration::from_secs(1)).unwrap();
            Reading { began, ..reading }
        };
        assert!(read_before().answer().await.is_none());
        ahead.keep(command(), read_before());
        ahead.keep(CommandId::from_stored("message:2"), read_before());
        assert!(ahead.take(&command()).is_none(), "whoever keeps one clears the old ones away");
    }

    #[tokio::test]
    async fn only_what_a_deletion_names_by_its_id_is_read_ahead() {
        let stage = stage().await;
        for line in [
            "delete device FOC2345ABCD",
            "delete device \"Atlas\"",
            "delete device 00:11:22:33:44:55",
            &format!("delete device {ID} in org \"Acme\""),
            &format!("show device {ID}"),
        ] {
            assert!(Reading::begin(&stage.admin(None), &delete(line)).is_none(), "{line}");
        }
    }
}
