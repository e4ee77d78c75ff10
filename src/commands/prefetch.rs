//! Prefetch: Steward reads the device of a deletion while it accepts the command, so that the intent to delete can be
//! committed together with the acceptance. That saves one of two waits for the disk before the DELETE.
//!
//! If Webex answers slowly, the acceptance is committed alone and the read continues meanwhile. A read changes nothing,
//! and only the run that immediately follows the acceptance uses it. A later run, or one after a crash, starts from the
//! stored progress.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::task::AbortOnDropHandle;

use crate::domain::{Device, DeviceId, OrgScope};
use crate::grammar::Command;
use crate::store::CommandId;
use crate::webex::{AdminClient, WebexError};

/// How old a read may be: a device is read right before it is deleted.
const FRESH: Duration = Duration::from_secs(5);
/// How long the acceptance of a command waits for the read.
const PATIENCE: Duration = Duration::from_secs(1);

/// The prefetched devices of this process, by the command that will use them.
#[derive(Debug, Default)]
pub struct Prefetch {
    kept: Mutex<HashMap<CommandId, Prefetched>>,
    /// The commands whose devices other commands are changing: their intent cannot be committed with the acceptance.
    declined: Mutex<HashSet<CommandId>>,
}

/// The head start of a command's first run.
#[derive(Debug)]
pub enum Prefetched {
    /// The read of the device.
    Read(Box<PendingRead>),
    /// The intent to send the DELETE was committed with the acceptance: the stored progress, and the moment before it
    /// was stored.
    Intent(String, Instant),
}

/// A read that has begun; dropping it cancels it.
#[derive(Debug)]
pub struct PendingRead {
    began: Instant,
    /// The task, until it has ended.
    task: Option<AbortOnDropHandle<Result<Device, WebexError>>>,
    /// Its result; none if the task panicked.
    result: Option<Result<Device, WebexError>>,
}

impl PendingRead {
    /// Starts to read the device of a deletion, if the command itself contains the device id.
    pub(crate) fn begin(admin: &AdminClient, command: &Command) -> Option<Self> {
        let Command::DeleteDevice { device, org: None, .. } = command else { return None };
        let id = device.as_certain_id()?;
        let task = tokio::spawn(read(admin.clone(), id));
        Some(Self { began: Instant::now(), task: Some(AbortOnDropHandle::new(task)), result: None })
    }

    /// The device, if it arrives within [`PATIENCE`].
    pub(crate) async fn device(&mut self) -> Option<&Device> {
        if let Some(task) = &mut self.task
            && let Ok(ended) = tokio::time::timeout(PATIENCE, task).await
        {
            (self.task, self.result) = (None, ended.ok());
        }
        self.result.as_ref()?.as_ref().ok()
    }

    /// The result, unless it is too old or was lost.
    pub(crate) async fn result(self) -> Option<Result<Device, WebexError>> {
        match (self.result, self.task) {
            _ if self.began.elapsed() > FRESH => None,
            (Some(result), _) => Some(result),
            (None, task) => task?.await.ok(),
        }
    }
}

impl Prefetched {
    fn is_fresh(&self) -> bool {
        let began = match self {
            Self::Read(read) => read.began,
            Self::Intent(_, began) => *began,
        };
        began.elapsed() <= FRESH
    }
}

async fn read(admin: AdminClient, id: DeviceId) -> Result<Device, WebexError> {
    admin.device(&OrgScope::Default, &id).await
}

impl Prefetch {
    /// Keeps the prefetched device or intent until the command runs.
    pub(crate) fn keep(&self, command: CommandId, prefetched: Prefetched) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        // A command may run in another process, so old entries are dropped.
        kept.retain(|_, prefetched| prefetched.is_fresh());
        kept.insert(command, prefetched);
    }

    /// Removes and returns the prefetched device or intent of this command.
    pub(crate) fn take(&self, command: &CommandId) -> Option<Prefetched> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).remove(command)
    }

    /// The next acceptance of this command is committed without an intent.
    pub(crate) fn decline(&self, command: CommandId) {
        self.declined.lock().unwrap_or_else(PoisonError::into_inner).insert(command);
    }

    /// Whether this acceptance is to be committed without an intent.
    pub(crate) fn is_declined(&self, command: &CommandId) -> bool {
        self.declined.lock().unwrap_or_else(PoisonError::into_inner).remove(command)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::webex::fake_server::{FakeAnswer, FakeServer};

    const ID: &str = "1f0c6f83-8c2e-4a4e-9d0c-6f2a35b1a7e4";

    async fn server() -> FakeServer {
        FakeServer::new(|_| FakeAnswer::json(json!({ "id": ID, "displayName": "Atlas" }))).await
    }

    fn delete(line: &str) -> Command {
        crate::grammar::parse(line).unwrap()
    }

    fn command() -> CommandId {
        CommandId::from_stored("message:1")
    }

    async fn taken(prefetch: &Prefetch, command: &CommandId) -> Option<Result<Device, WebexError>> {
        match prefetch.take(command)? {
            Prefetched::Read(read) => read.result().await,
            Prefetched::Intent(..) => panic!("no intent was kept"),
        }
    }

    #[tokio::test]
    async fn a_prefetched_device_is_taken_once() {
        let (server, prefetch) = (server().await, Prefetch::default());
        let read = PendingRead::begin(&server.admin(None), &delete(&format!("delete device {ID}"))).unwrap();
        prefetch.keep(command(), Prefetched::Read(Box::new(read)));
        let device = taken(&prefetch, &command()).await.unwrap().unwrap();
        assert_eq!(device.display_name.as_deref(), Some("Atlas"));
        assert!(prefetch.take(&command()).is_none());
        assert_eq!(server.lines(), [format!("GET /devices/{ID}")]);
    }

    #[tokio::test]
    async fn a_decision_waits_for_the_device() {
        let server = server().await;
        let mut read =
            PendingRead::begin(&server.admin(None), &delete(&format!("delete device {ID}"))).unwrap();
        assert_eq!(read.device().await.unwrap().id.as_str(), ID);
        assert!(read.result().await.unwrap().is_ok(), "the result is kept");
    }

    #[tokio::test]
    async fn a_missing_device_is_a_result_too() {
        let server = FakeServer::new(|_| FakeAnswer::status(404)).await;
        let mut read =
            PendingRead::begin(&server.admin(None), &delete(&format!("delete device {ID}"))).unwrap();
        assert!(read.device().await.is_none());
        assert!(matches!(read.result().await, Some(Err(WebexError::NotFound(_)))));
        assert_eq!(server.lines().len(), 1);
    }

    #[tokio::test]
    async fn a_lost_read_gives_no_result() {
        let defective = tokio::spawn(async { panic!("a defect") });
        let task = Some(AbortOnDropHandle::new(defective));
        let mut read = PendingRead { began: Instant::now(), task, result: None };
        assert!(read.device().await.is_none());
        assert!(read.result().await.is_none());
    }

    #[tokio::test]
    async fn an_old_read_is_not_used() {
        let (server, prefetch) = (server().await, Prefetch::default());
        let admin = server.admin(None);
        let read_before = || {
            let read = PendingRead::begin(&admin, &delete(&format!("delete device {ID}"))).unwrap();
            let began = read.began.checked_sub(FRESH + Duration::from_secs(1)).unwrap();
            PendingRead { began, ..read }
        };
        assert!(read_before().result().await.is_none());
        prefetch.keep(command(), Prefetched::Read(Box::new(read_before())));
        prefetch.keep(CommandId::from_stored("message:2"), Prefetched::Read(Box::new(read_before())));
        assert!(prefetch.take(&command()).is_none(), "keeping one drops the old ones");
    }

    #[tokio::test]
    async fn only_a_deletion_by_id_is_prefetched() {
        let server = server().await;
        for line in [
            "delete device FOC2345ABCD",
            "delete device \"Atlas\"",
            "delete device 00:11:22:33:44:55",
            &format!("delete device {ID} in org \"Acme\""),
            &format!("show device {ID}"),
        ] {
            assert!(PendingRead::begin(&server.admin(None), &delete(line)).is_none(), "{line}");
        }
    }
}
