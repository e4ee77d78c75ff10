//! `delete device REF`: from the reference to the one device that is deleted, or to the plan that asks for
//! confirmation.
//!
//! A typed id, serial number or MAC address deletes its device. A display name or the press of a button is not enough:
//! both lead to a plan that the requester confirms. [`state`] decides the next step of a deletion, `run` makes its
//! calls, and `recheck` reads the device again later.

pub(crate) mod recheck;
mod replacement;
mod run;
mod state;

use jiff::Timestamp;

use super::context::CommandContext;
use super::failure::Failure;
use super::plan::propose;
use super::prefetch::PendingRead;
use super::reply::Answer;
use super::resolve::{self, MatchedBy};
use crate::cards::Notice;
use crate::domain::{DeviceId, OrgScope, Reference};
use crate::grammar::{OrgName, Reason};
use crate::policy::DeleteRight;
use crate::store::CommandRecord;
use run::{Deletion, Target};
use state::DeletionProgress;

/// The arguments of the command.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DeleteDevice<'a> {
    pub(crate) device: &'a Reference,
    pub(crate) reason: Option<&'a Reason>,
    pub(crate) org: Option<&'a OrgName>,
}

pub(crate) async fn run(ctx: &CommandContext<'_>, command: DeleteDevice<'_>) -> Result<Answer, Failure> {
    let deletion = |target| Deletion::new(ctx, target, command.reason);
    let (deletion, start) = match (target(ctx, command).await, begun(ctx.record)) {
        (Ok(Ok(target)), _) => {
            let mut deletion = deletion(target);
            let start = deletion.start()?;
            (deletion, start)
        }
        (Ok(Err(answer)), None) => return Ok(answer),
        (Err(failure), None) => return Err(failure),
        // A DELETE may have been sent, so no answer may say that nothing was done.
        (Err(Failure::Store(error)), Some(_)) => return Err(error.into()),
        (Err(Failure::Webex(error)), Some(id)) => {
            let deletion = deletion(Target::without_scope(id));
            let start = deletion.start_unread(&error)?;
            (deletion, start)
        }
        (_, Some(id)) => return deletion(Target::without_scope(id)).give_up(),
    };
    deletion.run_from(start).await
}

/// Ends a deletion that failed too often; its card reports what is known.
pub(crate) async fn give_up(ctx: &CommandContext<'_>, command: DeleteDevice<'_>) -> Result<Answer, Failure> {
    let target = match (target(ctx, command).await, begun(ctx.record)) {
        (Ok(Ok(target)), _) => target,
        (_, Some(id)) => Target::without_scope(id),
        (_, None) => return Ok(Answer::of(ctx, &Notice::given_up())),
    };
    Deletion::new(ctx, target, command.reason).give_up()
}

/// The device to delete now, or the answer instead.
async fn target(
    ctx: &CommandContext<'_>,
    command: DeleteDevice<'_>,
) -> Result<Result<Target, Answer>, Failure> {
    let id = &ctx.record.accepted.id;
    if let Some(code) = id.plan() {
        let plan = ctx.services.store.plan(code).await?;
        let facts = plan.as_ref().and_then(|plan| plan.facts().cloned());
        let (Some(plan), Some(facts)) = (plan, facts) else {
            return Err(ctx.corrupt(&"there is no plan of a deletion").into());
        };
        let scope = plan.org.clone().map_or(OrgScope::Default, OrgScope::Org);
        return Ok(Ok(Target { id: facts.id, scope, plan: Some(plan) }));
    }
    let scope = match resolve::organization(ctx, command.org).await? {
        Ok(scope) => scope,
        Err(answer) => return Ok(Err(answer)),
    };
    // A deletion that has begun keeps its device: without it, the reference may resolve to another one.
    if let Some(id) = begun(ctx.record) {
        return Ok(Ok(Target { id, scope, plan: None }));
    }
    let is_pressed = id.is_of_a_press();
    if let Some(id) = command.device.as_certain_id().filter(|_| !is_pressed) {
        return Ok(Ok(Target { id, scope, plan: None }));
    }
    ctx.authorize::<DeleteRight>()?;
    let found = match resolve::device(ctx, &scope, command.device).await? {
        Ok(found) => found,
        Err(answer) => return Ok(Err(answer)),
    };
    if found.by == MatchedBy::Name || is_pressed {
        return Ok(Err(propose::deletion(ctx, &scope, &found, command.reason).await));
    }
    Ok(Ok(Target { id: found.device.id, scope, plan: None }))
}

/// The progress of a deletion that was just accepted, if its device was read in time: then the intent to send the
/// DELETE can be committed with the acceptance.
pub(crate) async fn intent(read: &mut PendingRead, now: Timestamp) -> Option<DeletionProgress> {
    DeletionProgress::intended(read.device().await?, now)
}

/// The device of a deletion that has begun.
fn begun(record: &CommandRecord) -> Option<DeviceId> {
    let progress: DeletionProgress = serde_json::from_value(record.progress.clone()?).ok()?;
    progress.device().map(|device| device.id.clone())
}
