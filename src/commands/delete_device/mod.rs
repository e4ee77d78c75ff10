//! From `delete device REF` to the one device that is deleted, or to the question whether it is to be.
//!
//! An id, a serial number or a MAC address that was written names its device, and that is deleted. A display name
//! never acts by itself, and neither does the press of a button: both lead to a plan, which its requester confirms.

pub mod prefetch;
pub(crate) mod recheck;
pub(crate) mod run;
pub mod state;

use crate::commands::context::Ended;
use crate::commands::delete_device::run::{Run, Target};
use crate::commands::delete_device::state::Progress;
use crate::commands::plan::propose;
use crate::commands::reply::{Answer, Failure, give};
use crate::commands::resolve::choose::the_device;
use crate::commands::resolve::organization::scope_of;
use crate::commands::resolve::{By, is_surely_an_id};
use crate::commands::retry;
use crate::commands::services::Services;
use crate::domain::{OrgScope, Reference};
use crate::grammar::{OrgName, Reason};
use crate::policy::DeleteRight;
use crate::store::{CommandRecord, LeasedJob, StoreError};

/// What the command asks for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'a> {
    /// Which device.
    pub(crate) device: &'a Reference,
    /// Why.
    pub(crate) reason: Option<&'a Reason>,
    /// Of which organization.
    pub(crate) org: Option<&'a OrgName>,
}

pub(crate) async fn run(
    services: &Services,
    job: &LeasedJob,
    record: &CommandRecord,
    asked: Asked<'_>,
) -> Ended {
    // In a box: the usual way through it is short, and the long one large.
    match Box::pin(target(services, record, asked)).await {
        Ok(target) => {
            let run = Run::new(services, job, record, target, asked.reason);
            // A command never just disappears among the parked jobs: it ends with its card.
            if retry::is_given_up(job) { run.give_up().await } else { run.carry_out().await }
        }
        Err(failure) if let Some(id) = begun(record) => {
            let target = Target { id, scope: OrgScope::Default, plan: None };
            Box::pin(go_on(job, Run::new(services, job, record, target, asked.reason), failure)).await
        }
        Err(failure) => Box::pin(give(services, job, record, async { Err(failure) })).await,
    }
}

/// Goes on with a deletion that has begun and whose organization is not to be had for this reason. A DELETE may have
/// been sent, so nobody may say that nothing was done: it waits as for a read, or ends by what is known.
async fn go_on(job: &LeasedJob, run: Run<'_>, failure: Failure) -> Ended {
    match failure {
        _ if retry::is_given_up(job) => run.give_up().await,
        Failure::Webex(error) => run.unread(&error).await,
        Failure::Store(error) => Err(error),
        Failure::Io(_) | Failure::Said(_) | Failure::NotYet => run.give_up().await,
    }
}

/// The device that is to be deleted now, or what is said in place of that.
async fn target(services: &Services, record: &CommandRecord, asked: Asked<'_>) -> Result<Target, Failure> {
    let id = &record.accepted.id;
    if let Some(code) = id.plan() {
        let plan = services.store.plan(code).await?;
        let facts = plan.as_ref().and_then(|plan| plan.facts().cloned());
        let (Some(plan), Some(facts)) = (plan, facts) else {
            return Err(StoreError::Corrupt {
                what: format!("command {id}: there is no plan of a deletion"),
            }
            .into());
        };
        let scope = plan.org.clone().map_or(OrgScope::Default, OrgScope::Org);
        return Ok(Target { id: facts.id, scope, plan: Some(plan) });
    }
    let scope = scope_of(services, asked.org).await?;
    // What was decided on before stays decided, whatever a reference comes to once the device is gone.
    if let Some(id) = begun(record) {
        return Ok(Target { id, scope, plan: None });
    }
    let is_pressed = id.is_of_a_press();
    if let Some(id) = asked.device.as_id().filter(|_| !is_pressed && is_surely_an_id(asked.device.as_str())) {
        return Ok(Target { id, scope, plan: None });
    }
    services.policy.authorize::<DeleteRight>(&record.accepted.actor)?;
    let found = the_device(services, record, &scope, asked.device).await?;
    if found.by == By::Name || is_pressed {
        let answer: Answer = propose::deletion(services, record, &scope, &found, asked.reason).await;
        return Err(answer.into());
    }
    Ok(Target { id: found.device.id, scope, plan: None })
}

/// The device of a deletion that has begun.
pub(crate) fn begun(record: &CommandRecord) -> Option<crate::domain::DeviceId> {
    let progress = record.progress.as_ref()?;
    let progress: Progress = serde_json::from_value(progress.clone()).ok()?;
    progress.device().map(|device| device.id.clone())
}
