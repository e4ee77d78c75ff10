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
//! whether a DELETE may have been sent, and reads before anything else (see [`crate::commands::delete_device::state`]).

mod delete_message;
mod post_message;
pub mod runner;

use crate::commands::context::Ended;
use crate::commands::reply::give;
use crate::commands::{
    activate as provision, delete_device as delete, delete_device::recheck as follow_up, list_devices,
    plan::decide as decided_plan, show_device, tag_device, tag_devices,
};

use crate::commands::services::Services;
use crate::grammar::Command;
use crate::plan::PlanDecision;
use crate::store::{End, JobKind, LeasedJob, Step};

/// Runs one job.
async fn run(services: &Services, job: &LeasedJob) -> Ended {
    match job.kind {
        JobKind::Delivery => crate::intake::understand(services, job).await,
        JobKind::Command => carry_out(services, job).await,
        JobKind::Message => post_message::run(services, job).await,
        JobKind::FollowUp => Box::pin(follow_up::run(services, job)).await,
        JobKind::CatchUp => crate::intake::catch_up::run::run(services, job).await,
        JobKind::FoundMessage => crate::intake::answer_found(services, job).await,
        JobKind::Retract => delete_message::run(services, job).await,
    }
}

/// Each command but the usual one in a box of its own: a place at work is as large as the largest that is not.
async fn carry_out(services: &Services, job: &LeasedJob) -> Ended {
    let record = services.store.command_of(job).await?;
    let record = record.as_ref();
    match &record.accepted.command {
        Command::DeleteDevice { device, reason, org } => {
            let asked = delete::Asked { device, reason: reason.as_ref(), org: org.as_ref() };
            delete::run(services, job, record, asked).await
        }
        Command::ShowDevice { device, org } => {
            Box::pin(give(services, job, record, show_device::answer(services, record, device, org.as_ref())))
                .await
        }
        Command::ListDevices { filter, sort, csv, page, org } => {
            let (page, org) = (page.unwrap_or(1), org.as_ref());
            let asked = list_devices::Asked { filter, sort: *sort, csv: *csv, page, org };
            Box::pin(give(services, job, record, list_devices::answer(services, record, asked))).await
        }
        Command::TagDevice { device, change, org } => {
            Box::pin(give(
                services,
                job,
                record,
                tag_device::answer(services, job, record, device, change, org.as_ref()),
            ))
            .await
        }
        Command::TagDevices { filter, change, org } => {
            let asked = tag_devices::Asked { filter, change, org: org.as_ref() };
            Box::pin(tag_devices::run(services, job, record, asked)).await
        }
        Command::Activate { place, model, org } => {
            let (model, org) = (model.as_ref(), org.as_ref());
            Box::pin(give(
                services,
                job,
                record,
                provision::activate(services, job, record, place, model, org),
            ))
            .await
        }
        Command::AddDevice { mac, model, place, org } => {
            let new = provision::Addition { mac: *mac, model, place, org: org.as_ref() };
            Box::pin(give(services, job, record, provision::add(services, job, record, new))).await
        }
        Command::Confirm { code } => {
            Box::pin(decided_plan::in_words(services, job, record, PlanDecision::Confirm, *code)).await
        }
        Command::Cancel { code } => {
            Box::pin(decided_plan::in_words(services, job, record, PlanDecision::Cancel, *code)).await
        }
        // These are answered when they are understood and never become a job.
        Command::Help { .. } | Command::About | Command::WhoAmI => {
            services.store.record(job, Step::new(services.clock.now(), End::Done)).await
        }
    }
}
