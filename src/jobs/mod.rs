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

mod answer;
mod catch_up;
mod choose;
pub(crate) mod decided_plan;
mod delete;
mod delete_device;
mod follow_up;
mod list_devices;
mod post_message;
mod propose;
mod provision;
pub mod reception;
mod retract;
pub mod runner;
mod scope;
mod show_device;
mod tag_device;
mod tag_devices;

use answer::give;

use crate::audit::{Entry, Event};
use crate::command::Command;
use crate::desk::Desk;
use crate::plan::Ask;
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
        JobKind::FollowUp => Box::pin(follow_up::run(desk, claimed)).await,
        JobKind::CatchUp => catch_up::run(desk, claimed).await,
        JobKind::FoundMessage => crate::intake::answer_found(desk, claimed).await,
        JobKind::Retract => retract::run(desk, claimed).await,
    }
}

/// Each command but the usual one in a box of its own: a place at work is as large as the largest that is not.
async fn carry_out(desk: &Desk, claimed: &Claimed) -> Ended {
    let record = desk.store.command_of(claimed).await?;
    let record = record.as_ref();
    match &record.accepted.command {
        Command::DeleteDevice { device, reason, org } => {
            let asked = delete::Asked { device, reason: reason.as_ref(), org: org.as_ref() };
            delete::run(desk, claimed, record, asked).await
        }
        Command::ShowDevice { device, org } => {
            Box::pin(give(desk, claimed, record, show_device::answer(desk, record, device, org.as_ref())))
                .await
        }
        Command::ListDevices { filter, sort, csv, page, org } => {
            let (page, org) = (page.unwrap_or(1), org.as_ref());
            let asked = list_devices::Asked { filter, sort: *sort, csv: *csv, page, org };
            Box::pin(give(desk, claimed, record, list_devices::answer(desk, record, asked))).await
        }
        Command::TagDevice { device, change, org } => {
            Box::pin(give(
                desk,
                claimed,
                record,
                tag_device::answer(desk, claimed, record, device, change, org.as_ref()),
            ))
            .await
        }
        Command::TagDevices { filter, change, org } => {
            let asked = tag_devices::Asked { filter, change, org: org.as_ref() };
            Box::pin(tag_devices::run(desk, claimed, record, asked)).await
        }
        Command::Activate { place, model, org } => {
            let (model, org) = (model.as_ref(), org.as_ref());
            Box::pin(give(
                desk,
                claimed,
                record,
                provision::activate(desk, claimed, record, place, model, org),
            ))
            .await
        }
        Command::AddDevice { mac, model, place, org } => {
            let new = provision::Addition { mac: *mac, model, place, org: org.as_ref() };
            Box::pin(give(desk, claimed, record, provision::add(desk, claimed, record, new))).await
        }
        Command::Confirm { code } => {
            Box::pin(decided_plan::in_words(desk, claimed, record, Ask::Confirm, *code)).await
        }
        Command::Cancel { code } => {
            Box::pin(decided_plan::in_words(desk, claimed, record, Ask::Cancel, *code)).await
        }
        // These are answered when they are understood and never become a job.
        Command::Help { .. } | Command::About | Command::WhoAmI => {
            desk.store.record(claimed, Step::new(desk.clock.now(), End::Done)).await
        }
    }
}

/// Writes down how far a command got, under the same lease, with what the audit log says of that.
async fn write_down(
    desk: &Desk,
    claimed: &Claimed,
    record: &CommandRecord,
    progress: String,
    event: Option<Event>,
) -> Result<(), StoreError> {
    let now = desk.clock.now();
    let step = Step::new(now, End::Continues).progress(&record.accepted.id, progress);
    let entry = event.map(|event| entry_of(record, event, now));
    desk.store.record(claimed, entry.into_iter().fold(step, Step::audit)).await.map(|_| ())
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
