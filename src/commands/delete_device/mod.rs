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

use super::context::CommandContext;
use super::failure::Failure;
use super::plan::propose;
use super::reply::Answer;
use super::resolve::{self, MatchedBy};
use crate::cards::{DeviceChanged, Notice};
use crate::domain::{Cause, DeviceFacts, Reference};
use crate::grammar::{OrgName, Reason};
use crate::plan::ShownRow;
use crate::policy::DeleteRight;
use crate::store::CommandRecord;
use crate::webex::SentAs;
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
    let begun = begun(ctx.record);
    let (deletion, start) = match (target(ctx, command, &begun).await, begun.device()) {
        (Ok(Ok(target)), _) => {
            let deletion = deletion(target);
            let start = deletion.start()?;
            (deletion, start)
        }
        (Ok(Err(answer)), None) => return Ok(answer),
        (Err(failure), None) => return Err(failure),
        // A DELETE may have been sent, so no answer may say that nothing was done.
        (Err(Failure::Store(error)), Some(_)) => return Err(error.into()),
        (Err(Failure::Webex(error)), Some(device)) => {
            let deletion = deletion(Target::without_scope(device.id.clone()));
            let start = deletion.start_unread(&error)?;
            (deletion, start)
        }
        // Its organization cannot be found again, and an earlier version did not store which one it was.
        (_, Some(device)) => {
            return deletion(Target::without_scope(device.id.clone())).give_up(Cause::SettingsChanged);
        }
    };
    // Boxed, because it is by far the largest part of a deletion's future.
    Box::pin(deletion.run_from(start)).await
}

/// Ends a deletion that failed too often; its card reports what is known.
pub(crate) async fn give_up(ctx: &CommandContext<'_>, command: DeleteDevice<'_>) -> Result<Answer, Failure> {
    let begun = begun(ctx.record);
    let target = match (target(ctx, command, &begun).await, begun.device()) {
        (Ok(Ok(target)), _) => target,
        (_, Some(device)) => Target::without_scope(device.id.clone()),
        (_, None) => return Ok(Answer::of(ctx, &Notice::given_up())),
    };
    Deletion::new(ctx, target, command.reason).give_up(Cause::GivenUp)
}

/// The device to delete now, or the answer instead.
async fn target(
    ctx: &CommandContext<'_>,
    command: DeleteDevice<'_>,
    begun: &DeletionProgress,
) -> Result<Result<Target, Answer>, Failure> {
    let id = &ctx.record.accepted.id;
    let target = |id, scope| Target { id, scope, found_by: None, plan: None };
    // The calls of a deletion that has begun go to the same organization, whatever the settings or a name mean by now.
    let frozen = begun.sent_as().map(SentAs::scope);
    if let Some(code) = id.plan() {
        let plan = ctx.services.store.plan(code).await?;
        let facts = plan.as_ref().and_then(|plan| plan.facts().cloned());
        let (Some(plan), Some(facts)) = (plan, facts) else {
            return Err(ctx.corrupt(&"there is no plan of a deletion").into());
        };
        let scope = match frozen {
            Some(scope) => scope,
            None => ctx.scope_of(&plan)?,
        };
        return Ok(Ok(Target { plan: Some(plan), ..target(facts.id, scope) }));
    }
    let scope = match frozen {
        Some(scope) => scope,
        None => match resolve::organization(ctx, command.org).await? {
            Ok(scope) => scope,
            Err(answer) => return Ok(Err(answer)),
        },
    };
    // A deletion that has begun keeps its device: without it, the reference may resolve to another one.
    if let Some(device) = begun.device() {
        return Ok(Ok(target(device.id.clone(), scope)));
    }
    let is_pressed = id.is_of_a_press();
    if let Some(id) = command.device.as_certain_id().filter(|_| !is_pressed) {
        return Ok(Ok(target(id, scope)));
    }
    ctx.authorize::<DeleteRight>()?;
    let decision = ctx.fresh_decision()?;
    let found = match resolve::device(ctx, &scope, command.device).await? {
        Ok(found) => found,
        Err(answer) => return Ok(Err(answer)),
    };
    if let Some(ShownRow::Device(shown)) = &ctx.record.accepted.shown
        && !shown.changed_since_shown(&found.device).is_empty()
    {
        let now = DeviceFacts::of(&found.device);
        return Ok(Err(Answer::of(ctx, &DeviceChanged { shown, now: &now, actor: ctx.actor(), code: None })));
    }
    if found.by == MatchedBy::Name || is_pressed {
        return Ok(Err(propose::deletion(ctx, decision, &scope, &found, command.reason).await));
    }
    let found_by = (found.by != MatchedBy::Id).then(|| command.device.clone());
    Ok(Ok(Target { found_by, ..target(found.device.id, scope) }))
}

/// The progress of a deletion that has begun; empty otherwise.
fn begun(record: &CommandRecord) -> DeletionProgress {
    record.progress.clone().and_then(|progress| serde_json::from_value(progress).ok()).unwrap_or_default()
}
