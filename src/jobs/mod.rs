//! Durable work.
//!
//! Everything that is to be done is a job in the database: to understand a delivery, to carry out a command,
//! to post a message, to look again. A worker takes the job that has been due longest and holds it under a
//! *lease*: until the lease ends nobody else takes it.
//!
//! # Why a lease is safe here
//!
//! A lease does not keep two processes from working on one job: a process that was suspended for longer than
//! the lease may wake up and go on while another has taken over. What keeps that harmless is that nothing
//! can be recorded under a lost lease. Every [`Step`](crate::store::Step) is one transaction that first
//! checks job, owner and attempt; who lost the lease changes nothing and stops. What such a process may still
//! do is repeat one call. Reads do no harm. A DELETE goes to the id of a device that a read found just
//! before, and ids are not used again, so the second one finds nothing. A message may be posted twice, and no
//! more than that. The lease is far longer than all the calls of a run may take together, so this is the case
//! of a process that stood still, not of a slow one.
//!
//! If the process dies, the lease ends and somebody takes the job; a deletion then finds in its progress
//! whether a DELETE may have been sent, and reads before anything else (see [`crate::deletion`]).

pub mod delete_device;
mod follow_up;
mod post_message;
pub mod retry;
pub mod runner;
mod show_device;

use std::sync::Arc;

use crate::audit::{Entry, Event};
use crate::clock::Clock;
use crate::command::Command;
use crate::domain::Device;
use crate::metrics::Metrics;
use crate::policy::Policy;
use crate::readiness::{Part, Readiness};
use crate::store::{Claimed, CommandId, CommandRecord, End, JobKind, Step, Store, StoreError};
use crate::webex::{AdminClient, BotClient, BotIdentity};

/// What jobs work with.
#[derive(Debug)]
pub struct Desk {
    /// Where everything is kept.
    pub store: Store,
    /// The client that talks.
    pub bot_client: BotClient,
    /// The client that administers devices.
    pub admin: AdminClient,
    /// The bot itself.
    pub bot: BotIdentity,
    /// Who may do what.
    pub policy: Policy,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// What is ready and what is not.
    pub readiness: Arc<Readiness>,
}

impl Desk {
    /// Notes for `GET /readyz` that Webex rejected the bot token.
    pub fn bot_token_was_rejected(&self) {
        self.readiness.note(|parts| parts.bot_token = Part::Unwell);
    }

    /// Notes for `GET /readyz` that Webex rejected the admin credential.
    pub fn admin_credential_was_rejected(&self) {
        self.readiness.note(|parts| parts.admin_credential = Part::Unwell);
    }

    /// The names of a device's workspace and owner. Only for people to read: what cannot be looked up just
    /// now is left out.
    async fn names_around(&self, device: &Device) -> (Option<String>, Option<String>) {
        let workspace = async {
            let id = device.workspace_id.as_ref()?;
            self.admin.workspace_name(id).await.ok().flatten()
        };
        let owner = async {
            let id = device.person_id.as_ref()?;
            self.admin.person(id).await.ok().map(|owner| owner.display_name)
        };
        tokio::join!(workspace, owner)
    }
}

/// Runs one job. What it leaves behind is recorded; an error means that nothing was.
async fn run(desk: &Desk, claimed: &Claimed) -> Result<(), StoreError> {
    match claimed.kind {
        JobKind::Delivery => crate::intake::understand(desk, claimed).await,
        JobKind::Command => carry_out(desk, claimed).await,
        JobKind::Message => post_message::run(desk, claimed).await,
        JobKind::FollowUp => follow_up::run(desk, claimed).await,
    }
}

async fn carry_out(desk: &Desk, claimed: &Claimed) -> Result<(), StoreError> {
    let record = desk.store.command(&CommandId::from_stored(&claimed.subject)).await?;
    match record.accepted.command.clone() {
        Command::DeleteDevice { device, reason } => {
            delete_device::run(desk, claimed, &record, &device, reason.as_ref()).await
        }
        Command::ShowDevice { device } => show_device::run(desk, claimed, &record, &device).await,
        // These are answered when they are understood and never become a job.
        Command::Help { .. } | Command::About | Command::WhoAmI => {
            desk.store.record(claimed, Step::new(desk.clock.now(), End::Done)).await
        }
    }
}

fn entry_of(record: &CommandRecord, event: Event, at: jiff::Timestamp) -> Entry {
    let accepted = &record.accepted;
    Entry {
        at,
        actor: Some(accepted.actor.clone()),
        space_id: Some(accepted.space_id.as_str().to_owned()),
        message_id: Some(accepted.message_id.as_str().to_owned()),
        command_id: Some(accepted.id.to_string()),
        event,
    }
}
