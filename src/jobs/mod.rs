//! Durable work.
//!
//! Everything that is to be done is a job in the database: to understand a delivery, to carry out a command,
//! to post a message, to look again, to catch up. Who works on a job holds it under a *lease*: until the lease
//! ends nobody else takes it.
//!
//! # Why a lease is safe here
//!
//! A lease does not keep two processes from working on one job: a process that was suspended for longer than
//! the lease may wake up and go on while another has taken over. What keeps that harmless is that nothing
//! can be recorded under a lost lease. Every [`Step`] is one transaction that first
//! checks job, owner and attempt; who lost the lease changes nothing and stops. What such a process may still
//! do is the one call that it was about to make. Reads do no harm. A message may be posted twice, and no more
//! than that. A DELETE is not sent when more than a few seconds have passed since it was recorded that it
//! would be; a process that stands still within those seconds for longer than its lease may still delete a
//! device that its successor has just reported as not deleted. What it deletes is the device that was asked
//! for all the same, because ids are not used again. Leases are renewed while their jobs run, four times before
//! one would end, so this is the case of a process that stood still or was cut off from the database, not of a
//! slow one. Leases are counted by the clocks of the processes, so on a shared database these must agree to
//! within a few seconds.
//!
//! If the process dies, the lease ends and somebody takes the job; a deletion then finds in its progress
//! whether a DELETE may have been sent, and reads before anything else (see [`crate::deletion`]).

mod catch_up;
mod delete_device;
mod desk_work;
mod follow_up;
mod post_message;
pub mod reception;
pub mod runner;
mod show_device;

use crate::audit::{Entry, Event};
use crate::command::Command;
use crate::desk::Desk;
use crate::retry;
use crate::store::{Claimed, CommandRecord, End, JobKind, Step, StoreError};

/// What a run of a job ends with: it has been recorded, perhaps with a job that follows and is ours now; an
/// error means that nothing was recorded.
pub type Ended = Result<Option<Claimed>, StoreError>;

/// Runs one job.
async fn run(desk: &Desk, claimed: &Claimed) -> Ended {
    match claimed.kind {
        JobKind::Delivery => crate::intake::understand(desk, claimed).await,
        JobKind::Command => carry_out(desk, claimed).await,
        JobKind::Message => post_message::run(desk, claimed).await,
        JobKind::FollowUp => follow_up::run(desk, claimed).await,
        JobKind::CatchUp => catch_up::run(desk, claimed).await,
        JobKind::FoundMessage => crate::intake::answer_found(desk, claimed).await,
    }
}

async fn carry_out(desk: &Desk, claimed: &Claimed) -> Ended {
    let record = desk.store.command_of(claimed).await?;
    match record.accepted.command.clone() {
        Command::DeleteDevice { device, reason, org: None } if let Some(device) = device.as_id() => {
            let run = delete_device::Run::new(desk, claimed, &record, &device, reason.as_ref());
            // A command never just disappears among the parked jobs: it ends with its card.
            if retry::is_given_up(claimed) { run.give_up().await } else { run.carry_out().await }
        }
        Command::ShowDevice { device, org: None } if let Some(device) = device.as_id() => {
            show_device::run(desk, claimed, &record, &device).await
        }
        // What is named by anything but an id must be found first.
        Command::DeleteDevice { .. }
        | Command::ShowDevice { .. }
        // And these are about many devices, or about none that is there.
        | Command::ListDevices { .. }
        | Command::TagDevice { .. }
        | Command::TagDevices { .. }
        | Command::Activate { .. }
        | Command::AddDevice { .. }
        | Command::Confirm { .. }
        | Command::Cancel { .. } => desk_work::run(desk, claimed, &record).await,
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
        space_id: Some(accepted.thread.space_id.as_str().to_owned()),
        message_id: Some(accepted.message_id.as_str().to_owned()),
        command_id: Some(accepted.id.to_string()),
        event,
    }
}
