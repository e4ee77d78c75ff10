//! `tag device REF +new -old`.
//!
//! Webex cannot remove a single tag, and has no conditional update. So the device is locked against other commands, its
//! tags are read, and the result is read back; where nothing is removed, the new tags are only added. A concurrent change
//! by others is reported.
//!
//! The intent is committed before the call, with the device and its tags. A run that finds it, after a crash or a wait,
//! continues with that device, and its answer never says that nothing was done unless a read has shown it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::authority::{self, Authority, PersonRead, SentBefore};
use super::context::CommandContext;
use super::failure::{Failure, not_done, runs_again};
use super::plan::propose;
use super::reply::Answer;
use super::resolve::{self, MatchedBy, misnamed, resolved};
use crate::cards::{Notice, PressRefusal, TagsChanged, TagsProof};
use crate::domain::audit::{AuditEvent, ChangeResult};
use crate::domain::{Cause, ChangeTarget, Device, DeviceFacts, DeviceId, OrgScope, PlanCode, Reference};
use crate::grammar::{OrgName, TagChange};
use crate::plan::Task;
use crate::policy::{Right, TagRight};
use crate::store::StoreError;
use crate::webex::{SentAs, TagWrite, WebexError};

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
    set(ctx, tags, &DeviceFacts::of(&found.device)).await
}

/// Changes the tags of the device on a confirmed card, and of no other.
async fn confirmed(ctx: &CommandContext<'_>, code: PlanCode, change: &TagChange) -> Result<Answer, Failure> {
    let plan = ctx.services.store.plan(code).await?;
    let plan = plan.ok_or_else(|| ctx.corrupt(&"there is no such plan"))?;
    let Task::TagDevice { facts, .. } = &plan.task else {
        return Ok(Answer::of(ctx, &Notice::press_refused(PressRefusal::Outdated)));
    };
    let scope = ctx.scope_of(&plan)?;
    let tags = Tags {
        scope: &scope,
        device: &facts.id,
        found_by: None,
        shown: Some(Shown::Facts(facts)),
        change,
        before: None,
        person_read: PersonRead::Now,
    };
    set(ctx, tags, facts).await
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
    let device_id = Some(facts.id.clone());
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
                let ended = AuditEvent::ChangeEnded { device_id, place: None, result: ChangeResult::NotMade };
                ctx.settle_progress(&TagProgress::default(), Some(ended), None).await?;
            }
            Err(error.into())
        }
        Err(Untagged::Refused(error)) => {
            let ended = AuditEvent::ChangeEnded { device_id, place: None, result: ChangeResult::NotMade };
            Ok(not_done(ctx, &error).audit(ctx, ended))
        }
        Err(Untagged::Changed(found)) => Ok(Answer::of(ctx, &Notice::device_changed(facts, &found))),
        Err(Untagged::ChangedMeanwhile(what, tagged)) => {
            Ok(answer(ctx, &tagged, Some(&Cause::Changed { what })))
        }
        Err(Untagged::Unclear(error, _)) if runs_again(ctx, &error) => Err(error.into()),
        Err(Untagged::Unclear(error, tagged)) if tagged.proof() == TagsProof::NotSet => {
            let ended = AuditEvent::ChangeEnded { device_id, place: None, result: ChangeResult::NotMade };
            Ok(not_done(ctx, &error).audit(ctx, ended))
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
        actor: ctx.actor(),
    };
    let answer = Answer::of(ctx, &view);
    match tagged.event() {
        Some(event) => answer.audit(ctx, event),
        None => answer,
    }
}

/// A device whose tags Webex was asked to set, or that had them already.
#[derive(Debug)]
pub(crate) struct Tagged {
    facts: DeviceFacts,
    /// Its tags before.
    before: Vec<String>,
    /// The requested tags.
    wanted: Vec<String>,
    /// The tags read back; `None` if they could not be read.
    found: Option<Vec<String>>,
    /// Whether the call may have been sent.
    was_sent: bool,
    /// Whether Webex said that it saved the tags.
    is_saved: bool,
}

impl Tagged {
    /// A device whose tags may have been set by an earlier run, with the tags it has now, if it could be read.
    pub(crate) fn found_later(
        facts: DeviceFacts,
        before: &[String],
        change: &TagChange,
        found: Option<Vec<String>>,
    ) -> Self {
        let wanted = change.applied_to(before);
        Self { facts, before: before.to_vec(), wanted, found, was_sent: true, is_saved: false }
    }

    /// Compares the tags read back with the wanted ones.
    pub(crate) fn proof(&self) -> TagsProof {
        TagsProof::of(&self.before, &self.wanted, self.found.as_deref(), self.is_saved)
    }

    /// How the intent ended, for the audit log; `None` if nothing was sent.
    pub(crate) fn event(&self) -> Option<AuditEvent> {
        let device_id = self.facts.id.clone();
        let ended =
            |result| AuditEvent::ChangeEnded { device_id: Some(device_id.clone()), place: None, result };
        if !self.was_sent {
            return None;
        }
        Some(match self.proof() {
            TagsProof::NotSet => ended(ChangeResult::NotMade),
            TagsProof::Unclear => ended(ChangeResult::Unknown),
            TagsProof::Differs if !self.is_saved => ended(ChangeResult::Unknown),
            TagsProof::AlreadySo | TagsProof::Verified | TagsProof::Differs | TagsProof::NotRead => {
                let after = self.found.clone().unwrap_or_else(|| self.wanted.clone());
                AuditEvent::TagsChanged { device_id, before: self.before.clone(), after }
            }
        })
    }
}

/// A change of the tags of one device.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tags<'a> {
    pub(crate) scope: &'a OrgScope,
    pub(crate) device: &'a DeviceId,
    /// The serial number or MAC address by which a list led to the device: it must fit the device itself.
    pub(crate) found_by: Option<&'a Reference>,
    /// The device as a confirmed card or an earlier run showed it: another one is not changed.
    pub(crate) shown: Option<Shown<'a>>,
    pub(crate) change: &'a TagChange,
    /// The tags before an earlier run of the command, which may have set them.
    pub(crate) before: Option<&'a [String]>,
    /// How recently the requester must have been looked up.
    pub(crate) person_read: PersonRead,
}

/// A device as it was when the change was confirmed or begun.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Shown<'a> {
    /// On a confirmed card.
    Facts(&'a DeviceFacts),
    /// As an earlier run read it, right before it began the change.
    Before(&'a DeviceFacts),
    /// On a confirmed card: all that older versions stored.
    Name(Option<&'a str>),
}

impl Shown<'_> {
    /// The names of the facts that differ now; none for the same device.
    fn changed_in(self, device: &Device) -> BTreeSet<&'static str> {
        match self {
            Self::Facts(facts) => facts.changed_since_shown(device),
            Self::Before(facts) => facts.changed_in(device),
            Self::Name(name) if name == device.display_name.as_deref() => BTreeSet::new(),
            Self::Name(_) => BTreeSet::from(["name"]),
        }
    }
}

/// Why the tags of a device were not set, or not provably.
#[derive(Debug)]
pub(crate) enum Untagged {
    /// This run did not ask Webex to set them.
    NotBegun(Failure),
    /// The device, with these facts now, is no longer the one that a card showed.
    Changed(Box<DeviceFacts>),
    /// An earlier run may have set them. Since then the device has changed, in these facts, so they were not set again.
    ChangedMeanwhile(String, Box<Tagged>),
    /// Webex certainly did not set them.
    Refused(WebexError),
    /// Webex gave no clear answer, and a check afterwards does not show them.
    Unclear(WebexError, Box<Tagged>),
}

impl<E: Into<Failure>> From<E> for Untagged {
    fn from(error: E) -> Self {
        Self::NotBegun(error.into())
    }
}

/// Locks a device and reads its tags, sets the wanted ones unless they are set already, and reads them again. `intend`
/// records the change before it is sent. The lock ends with the command, or when its progress is settled.
pub(crate) async fn change_tags(
    ctx: &CommandContext<'_>,
    tags: Tags<'_>,
    intend: impl AsyncFnOnce(&Device, AuditEvent) -> Result<(), StoreError>,
) -> Result<Tagged, Untagged> {
    let Tags { scope, device: id, change, before: earlier, .. } = tags;
    ctx.lock(ChangeTarget::device(id)).await?;
    let device = ctx.services.admin.device(scope, id).await;
    ctx.services.note_admin_credential(&device);
    let device = device?;
    let changed = tags.shown.map(|shown| shown.changed_in(&device)).unwrap_or_default();
    if !changed.is_empty() {
        let facts = DeviceFacts::of(&device);
        let Some(before) = earlier else { return Err(Untagged::Changed(Box::new(facts))) };
        let what = changed.into_iter().collect::<Vec<_>>().join(", ");
        let tagged = Tagged::found_later(facts, before, change, Some(device.tags));
        return Err(Untagged::ChangedMeanwhile(what, Box::new(tagged)));
    }
    if let Some(other) = tags.found_by.and_then(|reference| misnamed(reference, &device)) {
        return Err(Failure::Misnamed(Box::new(other)).into());
    }
    let (facts, before) = (DeviceFacts::of(&device), device.tags.clone());
    let wanted = change.applied_to(&before);
    if wanted == before {
        // The tags may be those that an earlier run has set.
        let was_sent = earlier.is_some_and(|earlier| earlier != wanted);
        let before = earlier.map_or(before, <[String]>::to_vec);
        return Ok(Tagged { facts, before, found: Some(wanted.clone()), wanted, was_sent, is_saved: false });
    }
    let Authority { grant, decision } = authority::for_change(ctx, tags.person_read).await?;
    // A retry has the same intent.
    if earlier != Some(before.as_slice()) {
        let event =
            AuditEvent::TagsIntended { device_id: id.clone(), before: before.clone(), after: wanted.clone() };
        intend(&device, event).await?;
    }
    let added: Vec<String> = wanted.iter().filter(|tag| !before.contains(tag)).cloned().collect();
    let is_addition = wanted.len() == before.len() + added.len();
    let write = if is_addition { TagWrite::Add(&added) } else { TagWrite::Replace(&wanted) };
    let set = ctx.services.admin.tag_device(&grant, decision, scope, id, write).await;
    ctx.services.note_admin_credential(&set);
    let unclear = match set {
        Ok(_) => None,
        Err(error) if error.leaves_outcome_unknown() => Some(error),
        Err(error) => return Err(Untagged::Refused(error)),
    };
    let found = ctx.services.admin.device(scope, id).await.ok().map(|device| device.tags);
    let is_saved = unclear.as_ref().is_none_or(|error| matches!(error, WebexError::Unreadable { .. }));
    let tagged = Tagged { facts, before, wanted, found, was_sent: true, is_saved };
    match unclear {
        Some(error) if tagged.proof() != TagsProof::Verified => {
            Err(Untagged::Unclear(error, Box::new(tagged)))
        }
        _ => Ok(tagged),
    }
}
