//! `tag device REF +new -old`.
//!
//! The intent is committed before the call, with the device and its tags. A run that finds it, after a crash or a wait,
//! continues with that device, and its answer never says that nothing was done unless a read has shown it.

use serde::{Deserialize, Serialize};

use super::authority::{self, PersonRead, SentBefore};
use super::context::CommandContext;
use super::failure::{Failure, not_done, runs_again};
use super::plan::propose;
use super::reply::Answer;
use super::resolve::{self, MatchedBy, resolved};
use super::tag_change::{Shown, Tagged, Tags, Untagged, change_tags, not_made};
use crate::cards::{Notice, PressRefusal, TagsChanged, TagsProof};
use crate::domain::{Cause, Device, DeviceFacts, OrgScope, PlanCode, Reference};
use crate::grammar::{OrgName, TagChange};
use crate::plan::{ShownRow, Task};
use crate::policy::{Right, TagRight};
use crate::webex::SentAs;

/// The change that was begun. Stored: the names must not change.
#[derive(Debug, Default, Serialize, Deserialize)]
struct TagProgress {
    /// The tags before the first attempt to set them.
    before: Option<Vec<String>>,
    /// The device at that time. Older versions did not store it.
    #[serde(default)]
    device: Option<Box<DeviceFacts>>,
    /// How the call was sent.
    #[serde(default)]
    sent_as: Option<SentAs>,
}

impl TagProgress {
    fn begun(ctx: &CommandContext<'_>, scope: &OrgScope, device: &Device) -> Self {
        Self {
            before: Some(device.tags.clone()),
            device: Some(Box::new(DeviceFacts::of(device))),
            sent_as: Some(ctx.services.admin.sends_as(scope)),
        }
    }
}

pub(crate) async fn run(
    ctx: &CommandContext<'_>,
    reference: &Reference,
    change: &TagChange,
    org: Option<&OrgName>,
) -> Result<Answer, Failure> {
    let progress = ctx.progress::<TagProgress>()?.unwrap_or_default();
    if let Some(begun) = Begun::of(&progress) {
        return begun.go_on(ctx, change).await;
    }
    let begun_by_an_older_version = progress.before.is_some();
    if begun_by_an_older_version && (!ctx.may(Right::Tag) || ctx.fresh_decision().is_err()) {
        return Ok(Answer::of(ctx, &Notice::tags_unclear()));
    }
    ctx.authorize::<TagRight>()?;
    let decision = ctx.fresh_decision()?;
    if let Some(code) = ctx.record.accepted.id.plan() {
        return confirmed(ctx, code, change).await;
    }
    let scope = resolved!(resolve::organization(ctx, org).await?);
    if let Some(ShownRow::Device(shown)) = &ctx.record.accepted.shown {
        return set(ctx, Tags::of_shown(&scope, shown, change), shown).await;
    }
    let found = resolved!(resolve::device(ctx, &scope, reference).await?);
    if found.by == MatchedBy::Name {
        // A name alone never changes a device.
        return Ok(propose::tags_of_one(ctx, decision, &scope, &found, change).await);
    }
    let tags = Tags {
        scope: &scope,
        device: &found.device.id,
        found_by: (found.by != MatchedBy::Id).then_some(reference),
        shown: None,
        change,
        before: progress.before.as_deref(),
        person_read: PersonRead::Now,
    };
    match set(ctx, tags, &DeviceFacts::of(&found.device)).await {
        Err(Failure::Late(_) | Failure::Denied(_)) if begun_by_an_older_version => {
            Ok(Answer::of(ctx, &Notice::tags_unclear()))
        }
        Err(Failure::Unchecked(error)) if begun_by_an_older_version && !runs_again(ctx, &error) => {
            Ok(Answer::of(ctx, &Notice::tags_unclear()))
        }
        ended => ended,
    }
}

/// Changes the tags of the device on a confirmed card, and of no other.
async fn confirmed(ctx: &CommandContext<'_>, code: PlanCode, change: &TagChange) -> Result<Answer, Failure> {
    let plan = ctx.services.store.plan(code).await?;
    let plan = plan.ok_or_else(|| ctx.corrupt(&"there is no such plan"))?;
    let Task::TagDevice { facts, .. } = &plan.task else {
        return Ok(Answer::of(ctx, &Notice::press_refused(PressRefusal::Outdated)));
    };
    let scope = ctx.scope_of(&plan)?;
    if !ctx.services.admin.may_carry_out(plan.credential.as_deref()) {
        return Ok(Answer::of(ctx, &Notice::credential_changed()));
    }
    set(ctx, Tags::of_shown(&scope, facts, change), facts).await
}

/// Ends a command that failed too often.
pub(crate) fn give_up(ctx: &CommandContext<'_>, change: &TagChange) -> Result<Answer, Failure> {
    let progress = ctx.progress::<TagProgress>()?.unwrap_or_default();
    Ok(match Begun::of(&progress) {
        Some(begun) => answer(ctx, &begun.found(change, None), None),
        None if progress.before.is_some() => Answer::of(ctx, &Notice::tags_unclear()),
        None => Answer::of(ctx, &Notice::given_up()),
    })
}

/// A change whose call may have been sent by an earlier run.
struct Begun<'a> {
    device: &'a DeviceFacts,
    sent_as: &'a SentAs,
    before: &'a [String],
}

impl<'a> Begun<'a> {
    fn of(progress: &'a TagProgress) -> Option<Self> {
        Some(Self {
            device: progress.device.as_deref()?,
            sent_as: progress.sent_as.as_ref()?,
            before: progress.before.as_deref()?,
        })
    }

    /// Continues with the same device, whatever its reference means by now. If the tags cannot be set again, a read tells
    /// whether they were set.
    async fn go_on(&self, ctx: &CommandContext<'_>, change: &TagChange) -> Result<Answer, Failure> {
        match authority::sent_before(ctx, self.sent_as) {
            SentBefore::AsNow => {}
            SentBefore::OtherCredential => return self.look(ctx, change, &Cause::SettingsChanged).await,
            SentBefore::NotServed => {
                return Ok(answer(ctx, &self.found(change, None), Some(&Cause::SettingsChanged)));
            }
        }
        let tags = Tags {
            scope: &self.sent_as.scope(),
            device: &self.device.id,
            found_by: None,
            shown: Some(Shown::Before(self.device)),
            change,
            before: Some(self.before),
            person_read: PersonRead::Now,
        };
        match set(ctx, tags, self.device).await {
            Err(Failure::Denied(_)) => self.look(ctx, change, &Cause::RightWithdrawn).await,
            Err(Failure::Late(_)) => self.look(ctx, change, &Cause::TooLate).await,
            Err(Failure::Unchecked(error)) if !runs_again(ctx, &error) => {
                self.look(ctx, change, &Cause::NotChecked).await
            }
            ended => ended,
        }
    }

    /// Reads the tags without setting them again.
    async fn look(
        &self,
        ctx: &CommandContext<'_>,
        change: &TagChange,
        why: &Cause,
    ) -> Result<Answer, Failure> {
        let found = ctx.services.admin.device(&self.sent_as.scope(), &self.device.id).await;
        ctx.services.note_admin_credential(&found);
        match found {
            Ok(device) => Ok(answer(ctx, &self.found(change, Some(device.tags)), Some(why))),
            Err(error) if runs_again(ctx, &error) => Err(error.into()),
            Err(_) => Ok(answer(ctx, &self.found(change, None), Some(why))),
        }
    }

    fn found(&self, change: &TagChange, found: Option<Vec<String>>) -> Tagged {
        Tagged::found_later(self.device.clone(), self.before, change, found)
    }
}

/// Sets the tags, and answers with what is known afterwards.
async fn set(ctx: &CommandContext<'_>, tags: Tags<'_>, facts: &DeviceFacts) -> Result<Answer, Failure> {
    let (scope, begun) = (tags.scope, tags.before);
    let tagged = change_tags(ctx, tags, async |device, event| {
        ctx.save_progress(&TagProgress::begun(ctx, scope, device), Some(event), None).await
    });
    match tagged.await {
        Ok(tagged) => Ok(answer(ctx, &tagged, None)),
        Err(Untagged::NotBegun(Failure::Webex(error))) if begun.is_some() && !runs_again(ctx, &error) => {
            let before = begun.unwrap_or_default();
            Ok(answer(ctx, &Tagged::found_later(facts.clone(), before, tags.change, None), None))
        }
        // An older version has begun it.
        Err(Untagged::NotBegun(Failure::Misnamed(_))) if begun.is_some() => {
            Ok(Answer::of(ctx, &Notice::tags_unclear()))
        }
        Err(Untagged::NotBegun(failure)) => Err(failure),
        Err(Untagged::Refused(error)) if runs_again(ctx, &error) => {
            if error.requested_wait().is_some() && begun.is_none() {
                // Nothing was set. Tags that others set during the wait must not count as set by this command.
                ctx.settle_progress(&TagProgress::default(), Some(not_made(&facts.id)), None).await?;
            }
            Err(error.into())
        }
        Err(Untagged::Refused(error)) => Ok(not_done(ctx, &error).audit(ctx, not_made(&facts.id))),
        Err(Untagged::Changed(found)) => Ok(Answer::of(ctx, &Notice::device_changed(facts, &found))),
        Err(Untagged::ChangedMeanwhile(what, tagged)) => {
            Ok(answer(ctx, &tagged, Some(&Cause::Changed { what })))
        }
        Err(Untagged::Unclear(error, _)) if runs_again(ctx, &error) => Err(error.into()),
        Err(Untagged::Unclear(error, tagged)) if tagged.proof() == TagsProof::NotSet => {
            Ok(not_done(ctx, &error).audit(ctx, not_made(&facts.id)))
        }
        Err(Untagged::Unclear(_, tagged)) => Ok(answer(ctx, &tagged, None)),
    }
}

/// The result, with the reason if an earlier run has begun the change and this one did not repeat it.
fn answer(ctx: &CommandContext<'_>, tagged: &Tagged, not_repeated: Option<&Cause>) -> Answer {
    let view = TagsChanged {
        facts: &tagged.facts,
        before: &tagged.before,
        wanted: &tagged.wanted,
        found: tagged.found.as_deref(),
        proof: tagged.proof(),
        not_repeated,
        clock: ctx.services.bot_client.clock_deviation(),
        actor: ctx.actor(),
    };
    let answer = Answer::of(ctx, &view);
    match tagged.event() {
        Some(event) => answer.audit(ctx, event),
        None => answer,
    }
}
