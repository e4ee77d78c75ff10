//! `tag devices FILTER +new -old`: the devices that match are frozen in a plan, and tagged one by one once it is
//! confirmed.
//!
//! Progress is committed after each device, together with its audit entry, so a run after a crash or a wait continues
//! with the next device. The tags of a device are committed before they are changed: a device that was changed and not
//! yet counted is read again, found changed, and counted, also if nothing more may be changed by then. Each device has a
//! separate audit entry, because one entry with counts would not say which of two hundred devices changed.

use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::authority::{self, PersonRead, SentBefore};
use super::context::CommandContext;
use super::failure::{Failure, Wait, cause_of_failure};
use super::list_devices::DevicesInScope;
use super::plan::propose;
use super::reply::Answer;
use super::resolve::{self, resolved};
use super::tag_change::{Shown, Tagged, Tags, Untagged, change_tags, not_made};
use crate::cards::{DevicesTagged, MOST_TROUBLES, Notice, TagTrouble, TagsProof, TroubledDevice};
use crate::domain::audit::AuditEvent;
use crate::domain::clock::retry_delay;
use crate::domain::{Cause, Device, DeviceFacts, OrgScope, PlanCode};
use crate::filter::Filter;
use crate::grammar::{OrgName, TagChange};
use crate::plan::{NamedDevice, Plan, Task};
use crate::policy::TagRight;
use crate::webex::{SentAs, WebexError};

/// The most devices that one command changes.
const MOST_DEVICES: usize = 200;
/// How long after the confirmation the last device may be started.
const LONGEST: SignedDuration = SignedDuration::from_mins(15);
/// How often a device is tried when a later call may succeed.
const TRIES: u32 = 3;
/// Devices in a row that may fail despite the retries; after that, the next one would most likely fail as well.
const MOST_IN_A_ROW: u32 = 3;

/// Proposes the change, or carries it out once it is confirmed.
pub(crate) async fn run(
    ctx: &CommandContext<'_>,
    filter: &Filter,
    change: &TagChange,
    org: Option<&OrgName>,
) -> Result<Answer, Failure> {
    match ctx.record.accepted.id.plan() {
        None => proposal(ctx, filter, change, org).await,
        Some(code) => ConfirmedTags::load(ctx, code).await?.run().await,
    }
}

/// Ends a confirmed change that failed too often; its card reports the stored progress.
pub(crate) async fn give_up(ctx: &CommandContext<'_>) -> Result<Answer, Failure> {
    match ctx.record.accepted.id.plan() {
        None => Ok(Answer::of(ctx, &Notice::given_up())),
        Some(code) => {
            let run = ConfirmedTags::load(ctx, code).await?;
            let denied = ctx.authorize::<TagRight>().is_err();
            run.stop(&if denied { Cause::RightWithdrawn } else { Cause::Unexpected }).await
        }
    }
}

/// Freezes the devices that match now, and proposes the change.
async fn proposal(
    ctx: &CommandContext<'_>,
    filter: &Filter,
    change: &TagChange,
    org: Option<&OrgName>,
) -> Result<Answer, Failure> {
    ctx.authorize::<TagRight>()?;
    let decision = ctx.fresh_decision()?;
    let scope = resolved!(resolve::organization(ctx, org).await?);
    let mut listed = DevicesInScope::begin(ctx.services, &scope, filter, filter.needs()).await?;
    // Webex may list a device twice if others are added between two pages.
    let (mut devices, mut known) = (Vec::new(), HashSet::new());
    while let Some(page) = listed.next().await? {
        for (device, _) in page {
            if known.insert(device.id.clone()) && devices.len() < MOST_DEVICES {
                devices.push(NamedDevice::of(&device));
            }
        }
    }
    Ok(match known.len() {
        0 => {
            let wider = listed.wider().map(|wider| (wider.count, wider.filter.to_string()));
            let wider = wider.as_ref().map(|(count, filter)| (*count, filter.as_str()));
            Answer::of(ctx, &Notice::no_device_to_tag(&filter.to_string(), wider))
        }
        count if count > MOST_DEVICES => {
            Answer::of(ctx, &Notice::too_many_to_tag(count, MOST_DEVICES, &filter.to_string()))
        }
        _ => {
            let unreadable = listed.unreadable();
            let idle = listed.idle_exclusions();
            let many = propose::ManyTags { filter, devices, change, unreadable, idle };
            propose::tags(ctx, decision, &scope, &many)
        }
    })
}

/// Stored: the names must not change.
#[derive(Debug, Default, Serialize, Deserialize)]
struct TagsProgress {
    /// The index of the next device in the plan.
    next: usize,
    /// How often that device was tried.
    tries: u32,
    /// Its tags before the first attempt to set them.
    #[serde(default)]
    before: Option<Vec<String>>,
    /// Failures in a row before it.
    in_a_row: u32,
    changed: u64,
    already: u64,
    unproven: u64,
    failed: u64,
    /// How the first change was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sent_as: Option<SentAs>,
    /// The first devices that failed.
    troubles: Vec<Trouble>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Trouble {
    /// Its index in the plan.
    device: usize,
    what: TagTrouble,
}

impl TagsProgress {
    fn after(&mut self, proof: TagsProof) {
        match proof {
            TagsProof::Verified => self.changed += 1,
            TagsProof::AlreadySo => self.already += 1,
            TagsProof::Differs => self.note(TagTrouble::Differs),
            TagsProof::NotRead => self.note(TagTrouble::NotRead),
            TagsProof::Unclear => self.note(TagTrouble::Unclear),
            TagsProof::NotSet => self.note(TagTrouble::NoAnswer),
        }
        self.advance(0);
    }

    fn after_failure(&mut self, error: &WebexError) {
        let status = error.answer().map(|answer| answer.status);
        self.note(match (error, status) {
            (WebexError::NotFound(_), _) => TagTrouble::Gone,
            (WebexError::OtherOrganization(_), _) => TagTrouble::OtherOrganization,
            (WebexError::ForeignNotFound(_) | WebexError::ForeignAnswer(_), _) | (_, None) => {
                TagTrouble::NoAnswer
            }
            (_, Some(403)) => TagTrouble::NotPermitted,
            (_, Some(status)) => TagTrouble::Status(status),
        });
        self.advance(if error.is_transient() { self.in_a_row + 1 } else { 0 });
    }

    /// After the last of several attempts without a clear answer.
    fn after_unclear(&mut self, proof: TagsProof) {
        let in_a_row = self.in_a_row + 1;
        self.after(proof);
        self.in_a_row = in_a_row;
    }

    fn note(&mut self, what: TagTrouble) {
        if what.is_only_unproven() {
            self.unproven += 1;
        } else {
            self.failed += 1;
        }
        if self.troubles.len() < MOST_TROUBLES {
            self.troubles.push(Trouble { device: self.next, what });
        }
    }

    fn advance(&mut self, in_a_row: u32) {
        self.next += 1;
        self.tries = 0;
        self.before = None;
        self.in_a_row = in_a_row;
    }
}

/// A confirmed change in progress.
struct ConfirmedTags<'a> {
    ctx: &'a CommandContext<'a>,
    plan: Plan,
    scope: OrgScope,
    filter: Filter,
    devices: Vec<NamedDevice>,
    change: TagChange,
    progress: TagsProgress,
}

/// The next action after an attempt to tag a device.
enum AfterDevice {
    NextDevice(Option<Box<Tagged>>),
    SameDevice(Timestamp, String),
    Stop(Cause),
}

impl<'a> ConfirmedTags<'a> {
    async fn load(ctx: &'a CommandContext<'a>, code: PlanCode) -> Result<Self, Failure> {
        let plan = ctx.services.store.plan(code).await?;
        let plan = plan.ok_or_else(|| ctx.corrupt(&"there is no such plan"))?;
        let Task::TagDevices { filter, devices, change } = plan.task.clone() else {
            return Err(ctx.corrupt(&"its plan changes no tags").into());
        };
        let progress: TagsProgress = ctx.progress()?.unwrap_or_default();
        let scope = match &progress.sent_as {
            Some(sent_as) => sent_as.scope(),
            None => ctx.scope_of(&plan)?,
        };
        Ok(Self { ctx, plan, scope, filter, devices, change, progress })
    }

    /// Continues from the stored progress until it has ended or must wait.
    async fn run(mut self) -> Result<Answer, Failure> {
        if self.ctx.authorize::<TagRight>().is_err() {
            return self.stop(&Cause::RightWithdrawn).await;
        }
        let may_go_on = match &self.progress.sent_as {
            Some(_) => self.sent_before() == SentBefore::AsNow,
            None => self.ctx.services.admin.may_carry_out(self.plan.credential.as_deref()),
        };
        if !may_go_on {
            return self.stop(&Cause::SettingsChanged).await;
        }
        let mut person_read = PersonRead::Now;
        while let Some(device) = self.devices.get(self.progress.next).cloned() {
            if self.ctx.fresh_decision().is_err() {
                return self.stop(&Cause::TooLate).await;
            }
            match self.tag(&device, person_read).await? {
                AfterDevice::NextDevice(tagged) => {
                    // A device that needed no change has not led to a lookup.
                    if tagged.as_deref().is_some_and(Tagged::is_saved) {
                        person_read = PersonRead::WithinAMinute;
                    }
                    let event = tagged.as_deref().and_then(Tagged::event);
                    self.ctx.settle_progress(&self.progress, event, Some(&mut self.plan)).await?;
                    if self.progress.in_a_row >= MOST_IN_A_ROW {
                        return self.stop(&Cause::Unexpected).await;
                    }
                }
                AfterDevice::SameDevice(until, note) => {
                    let progress = self.ctx.stored(&self.progress)?;
                    return Err(Failure::Wait(Wait { until, note, progress, announced: None }));
                }
                AfterDevice::Stop(cause) => return self.stop(&cause).await,
            }
        }
        self.end(None)
    }

    fn sent_before(&self) -> SentBefore {
        let sent = self.progress.sent_as.as_ref();
        sent.map_or(SentBefore::AsNow, |sent| authority::sent_before(self.ctx, sent))
    }

    /// Ends before the last device. A device whose tags may have been set is read once more, because it counts.
    async fn stop(mut self, cause: &Cause) -> Result<Answer, Failure> {
        let begun = self.progress.before.clone().zip(self.devices.get(self.progress.next).cloned());
        let Some((before, device)) = begun else { return self.end(Some(cause)) };
        let found = match self.sent_before() {
            SentBefore::NotServed => None,
            SentBefore::AsNow | SentBefore::OtherCredential => {
                let found = self.ctx.services.admin.device(&self.scope, &device.id).await;
                self.ctx.services.note_admin_credential(&found);
                found.ok()
            }
        };
        let facts = found.as_ref().map_or_else(|| device.facts(), DeviceFacts::of);
        let tags = found.map(|device| device.tags);
        let tagged = Tagged::found_later(facts, &before, &self.change, tags);
        match tagged.proof() {
            // It still has its tags from before, so it counts as not tried.
            TagsProof::NotSet => self.progress.before = None,
            proof => self.progress.after(proof),
        }
        let answer = self.end(Some(cause))?;
        Ok(match tagged.event() {
            Some(event) => answer.audit(self.ctx, event),
            None => answer,
        })
    }

    /// When the last device may be started.
    fn latest(&self) -> Timestamp {
        self.ctx.record.accepted.accepted_at + LONGEST
    }

    async fn tag(&mut self, device: &NamedDevice, person_read: PersonRead) -> Result<AfterDevice, Failure> {
        let earlier = self.progress.before.clone();
        let (ctx, scope, change) = (self.ctx, self.scope.clone(), self.change.clone());
        // Plans of older versions hold only the names.
        let facts = device.facts();
        let is_frozen = device.identity.is_some();
        let shown = if is_frozen { Shown::Facts(&facts) } else { Shown::Name(device.name.as_deref()) };
        let tags = Tags {
            scope: &scope,
            device: &device.id,
            found_by: None,
            shown: Some(shown),
            change: &change,
            before: earlier.as_deref(),
            person_read,
        };
        let tagged = change_tags(ctx, tags, async |device: &Device, event: AuditEvent| {
            self.progress.sent_as = Some(ctx.services.admin.sends_as(&scope));
            self.progress.before = Some(device.tags.clone());
            ctx.save_progress(&self.progress, Some(event), None).await
        });
        let (error, unclear) = match tagged.await {
            Ok(tagged) => {
                self.progress.after(tagged.proof());
                return Ok(AfterDevice::NextDevice(Some(Box::new(tagged))));
            }
            Err(Untagged::NotBegun(Failure::Webex(error))) => (error, None),
            Err(Untagged::NotBegun(Failure::Late(_))) => return Ok(AfterDevice::Stop(Cause::TooLate)),
            Err(Untagged::NotBegun(Failure::Denied(_))) => {
                return Ok(AfterDevice::Stop(Cause::RightWithdrawn));
            }
            Err(Untagged::NotBegun(Failure::Unchecked(error))) => return Ok(self.after_no_check(&error)),
            Err(Untagged::NotBegun(failure)) => return Err(failure),
            Err(Untagged::Changed(_)) => {
                self.progress.note(if is_frozen { TagTrouble::Changed } else { TagTrouble::Renamed });
                self.progress.advance(0);
                return Ok(AfterDevice::NextDevice(None));
            }
            Err(Untagged::ChangedMeanwhile(_, tagged)) => {
                match tagged.proof() {
                    // It has its tags from before.
                    TagsProof::NotSet => {
                        self.progress.note(if is_frozen { TagTrouble::Changed } else { TagTrouble::Renamed });
                        self.progress.advance(0);
                    }
                    proof => self.progress.after(proof),
                }
                return Ok(AfterDevice::NextDevice(Some(tagged)));
            }
            Err(Untagged::Refused(error)) => {
                // Nothing was set. Tags that others set during a wait must not count as set by this command.
                self.progress.before = None;
                let event = Some(not_made(&device.id));
                self.ctx.settle_progress(&self.progress, event, Some(&mut self.plan)).await?;
                (error, None)
            }
            Err(Untagged::Unclear(error, tagged)) => (error, Some(tagged)),
        };
        Ok(self.after_error(device, &error, unclear))
    }

    /// The next step if the requester could not be looked up again: the same device later, or the end.
    fn after_no_check(&mut self, error: &WebexError) -> AfterDevice {
        self.progress.tries += 1;
        let wait = error.requested_wait().unwrap_or_else(|| retry_delay(self.progress.tries, "requester"));
        let until = self.ctx.now() + wait;
        if error.is_transient() && self.progress.tries < TRIES && until <= self.latest() {
            AfterDevice::SameDevice(until, "could not look up the requester again".to_owned())
        } else {
            AfterDevice::Stop(Cause::NotChecked)
        }
    }

    fn after_error(
        &mut self,
        device: &NamedDevice,
        error: &WebexError,
        unclear: Option<Box<Tagged>>,
    ) -> AfterDevice {
        let now = self.ctx.now();
        if let Some(wait) = error.requested_wait() {
            return if now + wait <= self.latest() {
                AfterDevice::SameDevice(now + wait, error.to_string())
            } else {
                AfterDevice::Stop(cause_of_failure(error, now))
            };
        }
        let command_id = self.ctx.record.accepted.id.as_str();
        tracing::warn!(command_id, device = device.id.as_str(), %error, "could not change the tags of a device");
        if error.is_token_rejected() {
            return AfterDevice::Stop(Cause::CredentialRejected);
        }
        self.progress.tries += 1;
        if error.is_transient() && self.progress.tries < TRIES {
            let pause = retry_delay(self.progress.tries, device.id.as_str());
            return AfterDevice::SameDevice(now + pause, error.to_string());
        }
        // An earlier attempt may have set the tags. Its intent has an end, however the device is counted.
        let begun = self.progress.before.take();
        let ended = unclear
            .or_else(|| Some(Box::new(Tagged::found_later(device.facts(), &begun?, &self.change, None))));
        match &ended {
            Some(tagged)
                if tagged.proof() != TagsProof::NotSet && !matches!(error, WebexError::NotFound(_)) =>
            {
                self.progress.after_unclear(tagged.proof());
            }
            _ => self.progress.after_failure(error),
        }
        AfterDevice::NextDevice(ended)
    }

    /// The result, with the reason if the rest was not tried.
    fn end(&self, stopped: Option<&Cause>) -> Result<Answer, Failure> {
        let name_of = |trouble: &Trouble| {
            let device = self.devices.get(trouble.device)?;
            Some(device.name.as_deref().unwrap_or(device.id.as_str()))
        };
        let troubles = self.progress.troubles.iter();
        let troubles: Vec<TroubledDevice<'_>> = troubles
            .filter_map(|trouble| Some(TroubledDevice { called: name_of(trouble)?, trouble: trouble.what }))
            .collect();
        let (add, remove) = propose::tags_of(&self.change);
        let view = DevicesTagged {
            filter: &self.filter.to_string(),
            add: &add,
            remove: &remove,
            changed: self.progress.changed,
            already: self.progress.already,
            unproven: self.progress.unproven,
            failed: self.progress.failed,
            not_tried: self.devices.len().saturating_sub(self.progress.next) as u64,
            troubles: &troubles,
            stopped,
            clock: self.ctx.services.bot_client.clock_deviation(),
            code: &self.plan.code.to_string(),
            actor: self.ctx.actor(),
            now: self.ctx.now(),
        };
        let (id, progress) = (&self.ctx.record.accepted.id, self.ctx.stored(&self.progress)?);
        Ok(Answer::of(self.ctx, &view).extended(|step| step.progress(id, progress)))
    }
}
