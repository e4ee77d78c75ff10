//! Reading ahead: the device of a deletion is read as soon as the deletion is decided on, so that the intent to delete it
//! is written down together with the decision. One wait for the disk in place of two.
//!
//! Where Webex takes long, the decision is written down alone, and the read goes on meanwhile. Neither does harm without
//! the other: a read changes nothing, and what it found is used by nobody but the run that follows from the decision at
//! once. Where there is no such run, or it comes late, it finds what is stored, as after a crash.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;
use tokio_util::task::AbortOnDropHandle;

use crate::commands::delete_device::state::Progress;
use crate::commands::resolve::is_surely_an_id;
use crate::domain::{Device, DeviceId, OrgScope};
use crate::grammar::Command;
use crate::store::CommandId;
use crate::webex::{AdminClient, WebexError};

/// How long ago a read may have begun that is still used: a device is read right before it is deleted.
const FRESH: Duration = Duration::from_secs(5);
/// How long a decision waits for the read.
const PATIENCE: Duration = Duration::from_secs(1);

/// What runs that follow at once go on with, by their command.
#[derive(Debug, Default)]
pub struct ReadAhead(Mutex<HashMap<CommandId, Ahead>>);

/// What a run goes on with.
#[derive(Debug)]
pub enum Ahead {
    /// The read of the device.
    Reading(Reading),
    /// The intent to send the DELETE, which was written down with the decision, and when that was begun.
    Intended(Progress, Instant),
}

/// A read that was begun; it ends where this is dropped.
#[derive(Debug)]
pub struct Reading {
    began: Instant,
    /// The task, until it has ended.
    under_way: Option<AbortOnDropHandle<Result<Device, WebexError>>>,
    /// What it found; nothing where it was lost.
    found: Option<Result<Device, WebexError>>,
}

impl Reading {
    /// Begins to read the device that a command will read first, if the command alone says which one that is.
    #[must_use]
    pub fn begin(admin: &AdminClient, command: &Command) -> Option<Self> {
        let Command::DeleteDevice { device, org: None, .. } = command else { return None };
        let id = device.as_id().filter(|_| is_surely_an_id(device.as_str()))?;
        let reading = tokio::spawn(read(admin.clone(), id));
        let under_way = Some(AbortOnDropHandle::new(reading));
        Some(Self { began: Instant::now(), under_way, found: None })
    }

    /// Waits a moment for the answer; what is to be written down before the DELETE is sent, if the device is there.
    pub async fn intent(&mut self, now: Timestamp) -> Option<Progress> {
        if let Some(reading) = &mut self.under_way
            && let Ok(ended) = tokio::time::timeout(PATIENCE, reading).await
        {
            (self.under_way, self.found) = (None, ended.ok());
        }
        Progress::intended(self.found.as_ref()?.as_ref().ok()?, now)
    }

    /// What was found; nothing where it cannot be used.
    pub async fn answer(self) -> Option<Result<Device, WebexError>> {
        match (self.found, self.under_way) {
            _ if self.began.elapsed() > FRESH => None,
            (Some(found), _) => Some(found),
            (None, reading) => reading?.await.ok(),
        }
    }
}

impl Ahead {
    fn is_fresh(&self) -> bool {
        let (Self::Reading(Reading { began, .. }) | Self::Intended(_, began)) = self;
        began.elapsed() <= FRESH
    }
}

async fn read(admin: AdminClient, id: DeviceId) -> Result<Device, WebexError> {
    admin.device(&OrgScope::Default, &id).await
}

impl ReadAhead {
    /// Keeps something for the run that follows.
    pub fn keep(&self, command: CommandId, ahead: Ahead) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Those whose run never asked for them.
        kept.retain(|_, ahead| ahead.is_fresh());
        kept.insert(command, ahead);
    }

    /// What was kept for a command, once.
    #[must_use]
    pub fn take(&self, command: &CommandId) -> Option<Ahead> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(command)
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

    async fn taken(ahead: &ReadAhead, command: &CommandId) -> Option<Result<Device, WebexError>> {
        match ahead.take(command)? {
            Ahead::Reading(reading) => reading.answer().await,
            Ahead::Intended(..) => panic!("no intent was kept"),
        }
    }

    #[tokio::test]
    async fn what_was_read_ahead_is_given_once() {
        let (server, ahead) = (server().await, ReadAhead::default());
        let reading = Reading::begin(&server.admin(None), &delete(&format!("delete device {ID}"))).unwrap();
        ahead.keep(command(), Ahead::Reading(reading));
        let device = taken(&ahead, &command()).await.unwrap().unwrap();
        assert_eq!(device.display_name.as_deref(), Some("Atlas"));
        assert!(ahead.take(&command()).is_none());
        assert_eq!(server.lines(), [format!("GET /devices/{ID}")]);
    }

    #[tokio::test]
    async fn a_device_that_is_there_is_about_to_be_deleted() {
        let server = server().await;
        let mut reading =
            Reading::begin(&server.admin(None), &delete(&format!("delete device {ID}"))).unwrap();
        let progress = reading.intent(Timestamp::UNIX_EPOCH).await.unwrap();
        assert!(progress.is_under_way());
        assert_eq!(progress.device().unwrap().id.as_str(), ID);
        assert!(reading.answer().await.unwrap().is_ok(), "it is kept for whoever needs it");
    }

    #[tokio::test]
    async fn one_that_is_not_there_is_not_and_that_is_known() {
        let server = FakeServer::new(|_| FakeAnswer::status(404)).await;
        let mut reading =
            Reading::begin(&server.admin(None), &delete(&format!("delete device {ID}"))).unwrap();
        assert!(reading.intent(Timestamp::UNIX_EPOCH).await.is_none());
        assert!(matches!(reading.answer().await, Some(Err(WebexError::NotFound(_)))));
        assert_eq!(server.lines().len(), 1);
    }

    #[tokio::test]
    async fn a_read_that_was_lost_is_missed_by_nobody() {
        let defective = tokio::spawn(async { panic!("a defect") });
        let under_way = Some(AbortOnDropHandle::new(defective));
        let mut reading = Reading { began: Instant::now(), under_way, found: None };
        assert!(reading.intent(Timestamp::UNIX_EPOCH).await.is_none());
        assert!(reading.answer().await.is_none());
    }

    #[tokio::test]
    async fn what_was_read_too_long_ago_is_not_used() {
        let (server, ahead) = (server().await, ReadAhead::default());
        let admin = server.admin(None);
        let read_before = || {
            let reading = Reading::begin(&admin, &delete(&format!("delete device {ID}"))).unwrap();
            let began = reading.began.checked_sub(FRESH + Duration::from_secs(1)).unwrap();
            Reading { began, ..reading }
        };
        assert!(read_before().answer().await.is_none());
        ahead.keep(command(), Ahead::Reading(read_before()));
        ahead.keep(CommandId::from_stored("message:2"), Ahead::Reading(read_before()));
        assert!(ahead.take(&command()).is_none(), "whoever keeps one clears the old ones away");
    }

    #[tokio::test]
    async fn only_what_a_deletion_names_by_its_id_is_read_ahead() {
        let server = server().await;
        for line in [
            "delete device FOC2345ABCD",
            "delete device \"Atlas\"",
            "delete device 00:11:22:33:44:55",
            &format!("delete device {ID} in org \"Acme\""),
            &format!("show device {ID}"),
        ] {
            assert!(Reading::begin(&server.admin(None), &delete(line)).is_none(), "{line}");
        }
    }
}
