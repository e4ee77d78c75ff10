//! From `delete device REF` to the one device that is deleted, or to the question whether it is to be.
//!
//! An id, a serial number or a MAC address that was written names its device, and that is deleted. A display name
//! never acts by itself, and neither does the press of a button: both lead to a plan, which its requester confirms.

use super::Ended;
use super::answer::{Answer, Failure, give};
use super::choose::the_device;
use super::delete_device::{Run, Target};
use super::propose;
use super::scope::scope_of;
use crate::command::{OrgName, Reason};
use crate::deletion::Progress;
use crate::desk::Desk;
use crate::domain::{OrgScope, Reference};
use crate::find::{By, is_surely_an_id};
use crate::policy::Deleting;
use crate::retry;
use crate::store::{Claimed, CommandRecord, StoreError};

/// What the command asks for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    /// Which device.
    pub(super) device: &'a Reference,
    /// Why.
    pub(super) reason: Option<&'a Reason>,
    /// Of which organization.
    pub(super) org: Option<&'a OrgName>,
}

pub(super) async fn run(desk: &Desk, claimed: &Claimed, record: &CommandRecord, asked: Asked<'_>) -> Ended {
    // In a box: the usual way through it is short, and the long one large.
    match Box::pin(target(desk, record, asked)).await {
        Ok(target) => {
            let run = Run::new(desk, claimed, record, target, asked.reason);
            // A command never just disappears among the parked jobs: it ends with its card.
            if retry::is_given_up(claimed) { run.give_up().await } else { run.carry_out().await }
        }
        Err(failure) if let Some(id) = begun(record) => {
            let target = Target { id, scope: OrgScope::Default, plan: None };
            Box::pin(go_on(claimed, Run::new(desk, claimed, record, target, asked.reason), failure)).await
        }
        Err(failure) => Box::pin(give(desk, claimed, record, async { Err(failure) })).await,
    }
}

/// Goes on with a deletion that has begun and whose organization is not to be had for this reason. A DELETE may have
/// been sent, so nobody may say that nothing was done: it waits as for a read, or ends by what is known.
async fn go_on(claimed: &Claimed, run: Run<'_>, failure: Failure) -> Ended {
    match failure {
        _ if retry::is_given_up(claimed) => run.give_up().await,
        Failure::Webex(error) => run.unread(&error).await,
        Failure::Store(error) => Err(error),
        Failure::Io(_) | Failure::Said(_) | Failure::NotYet => run.give_up().await,
    }
}

/// The device that is to be deleted now, or what is said in place of that.
async fn target(desk: &Desk, record: &CommandRecord, asked: Asked<'_>) -> Result<Target, Failure> {
    let id = &record.accepted.id;
    if let Some(code) = id.plan() {
        let plan = desk.store.plan(code).await?;
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
    let scope = scope_of(desk, asked.org).await?;
    // What was decided on before stays decided, whatever a reference comes to once the device is gone.
    if let Some(id) = begun(record) {
        return Ok(Target { id, scope, plan: None });
    }
    let is_pressed = id.is_of_a_press();
    if let Some(id) = asked.device.as_id().filter(|_| !is_pressed && is_surely_an_id(asked.device.as_str())) {
        return Ok(Target { id, scope, plan: None });
    }
    desk.policy.authorize::<Deleting>(&record.accepted.actor)?;
    let found = the_device(desk, record, &scope, asked.device).await?;
    if found.by == By::Name || is_pressed {
        let answer: Answer = propose::deletion(desk, record, &scope, &found, asked.reason).await;
        return Err(answer.into());
    }
    Ok(Target { id: found.device.id, scope, plan: None })
}

/// The device of a deletion that has begun.
pub(super) fn begun(record: &CommandRecord) -> Option<crate::domain::DeviceId> {
    let progress = record.progress.as_ref()?;
    let progress: Progress = serde_json::from_value(progress.clone()).ok()?;
    progress.device().map(|device| device.id.clone())
}
