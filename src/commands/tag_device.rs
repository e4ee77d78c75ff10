//! `tag device REF +new -old`.
//!
//! Webex can only replace all tags of a device, and has no conditional update. So the tags are read, the new set is
//! computed and written, and the result is read back. A concurrent change by others is reported.

use serde::{Deserialize, Serialize};

use super::authority::{self, Authority, PersonRead};
use super::context::CommandContext;
use super::failure::{Failure, Misnamed};
use super::plan::propose;
use super::reply::Answer;
use super::resolve::{self, MatchedBy, misnamed, resolved};
use crate::cards::{TagsChanged, TagsProof};
use crate::domain::audit::AuditEvent;
use crate::domain::{Device, DeviceFacts, DeviceId, OrgScope, Reference};
use crate::grammar::{OrgName, TagChange};
use crate::policy::TagRight;
use crate::store::StoreError;

/// The tags before the first attempt to set them. Stored: the name must not change.
#[derive(Debug, Default, Serialize, Deserialize)]
struct TagProgress {
    before: Option<Vec<String>>,
}

pub(crate) async fn run(
    ctx: &CommandContext<'_>,
    reference: &Reference,
    change: &TagChange,
    org: Option<&OrgName>,
) -> Result<Answer, Failure> {
    ctx.authorize::<TagRight>()?;
    ctx.may_begin()?;
    let scope = resolved!(resolve::organization(ctx, org).await?);
    let found = resolved!(resolve::device(ctx, &scope, reference).await?);
    if found.by == MatchedBy::Name {
        // A name alone never changes a device.
        let decision = ctx.fresh_decision()?;
        return Ok(propose::tags_of_one(ctx, decision, &scope, &found, change).await);
    }
    let progress = ctx.progress::<TagProgress>()?.unwrap_or_default();
    let tags = Tags {
        scope: &scope,
        device: &found.device.id,
        found_by: (found.by != MatchedBy::Id).then_some(reference),
        shown_name: None,
        change,
        before: progress.before.as_deref(),
        person_read: PersonRead::Now,
    };
    let tagged = change_tags(ctx, tags, async |before, event| {
        ctx.save_progress(&TagProgress { before: Some(before.to_vec()) }, Some(event), None).await
    });
    let tagged = match tagged.await {
        // Nothing was set. Tags that others set during the wait must not count as set by this command.
        Err(Failure::Webex(error)) if error.requested_wait().is_some() => {
            ctx.save_progress(&TagProgress::default(), None, None).await?;
            return Err(error.into());
        }
        tagged => tagged?,
    };
    let view = TagsChanged {
        facts: &DeviceFacts::of(&tagged.before),
        before: &tagged.before.tags,
        wanted: &tagged.wanted,
        found: tagged.found.as_deref(),
        actor: ctx.actor(),
    };
    let answer = Answer::of(ctx, &view);
    Ok(match tagged.event() {
        Some(event) => answer.audit(ctx, event),
        None => answer,
    })
}

/// A device whose tags Webex has set, or that had them already.
pub(crate) struct Tagged {
    /// The device before.
    before: Device,
    /// The requested tags.
    wanted: Vec<String>,
    /// The tags read back; `None` if they could not be read.
    found: Option<Vec<String>>,
    was_set: bool,
}

impl Tagged {
    /// Compares the tags read back with the wanted ones.
    pub(crate) fn proof(&self) -> TagsProof {
        TagsProof::of(&self.before.tags, &self.wanted, self.found.as_deref())
    }

    /// The audit event; `None` if nothing was set.
    pub(crate) fn event(&self) -> Option<AuditEvent> {
        self.was_set.then(|| AuditEvent::TagsChanged {
            device_id: self.before.id.clone(),
            before: self.before.tags.clone(),
            after: self.found.clone().unwrap_or_else(|| self.wanted.clone()),
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
    /// The name on the card that was confirmed, if there was one: the device must still have it.
    pub(crate) shown_name: Option<Option<&'a str>>,
    pub(crate) change: &'a TagChange,
    /// The tags before an earlier run of the command, which may have set them.
    pub(crate) before: Option<&'a [String]>,
    /// How recently the requester must have been looked up.
    pub(crate) person_read: PersonRead,
}

/// Reads the tags of a device, sets the wanted ones unless they are set already, and reads them again. `intend` records
/// the change before it is sent.
pub(crate) async fn change_tags(
    ctx: &CommandContext<'_>,
    tags: Tags<'_>,
    intend: impl AsyncFnOnce(&[String], AuditEvent) -> Result<(), StoreError>,
) -> Result<Tagged, Failure> {
    let Tags { scope, device: id, change, before: earlier, .. } = tags;
    let before = ctx.services.admin.device(scope, id).await;
    ctx.services.note_admin_credential(&before);
    let mut before = before?;
    if let Some(other) = tags.found_by.and_then(|reference| misnamed(reference, &before)) {
        return Err(Failure::Misnamed(Box::new(other)));
    }
    if let Some(shown) = tags.shown_name
        && shown != before.display_name.as_deref()
    {
        return Err(Failure::Misnamed(Box::new(Misnamed {
            asked: shown.unwrap_or("no name").to_owned(),
            found: format!("the name {}", before.display_name.as_deref().unwrap_or("none")),
        })));
    }
    let wanted = change.applied_to(&before.tags);
    if wanted == before.tags {
        if let Some(earlier) = earlier {
            earlier.clone_into(&mut before.tags);
        }
        let was_set = wanted != before.tags;
        return Ok(Tagged { before, found: Some(wanted.clone()), wanted, was_set });
    }
    let Authority { grant, decision } = authority::for_change(ctx, tags.person_read).await?;
    // A retry has the same intent.
    if earlier != Some(before.tags.as_slice()) {
        let event = AuditEvent::TagsIntended {
            device_id: id.clone(),
            before: before.tags.clone(),
            after: wanted.clone(),
        };
        intend(&before.tags, event).await?;
    }
    let set = ctx.services.admin.tag_device(&grant, decision, scope, id, &wanted).await;
    ctx.services.note_admin_credential(&set);
    let unclear = match set {
        Ok(_) => None,
        Err(error) if error.leaves_outcome_unknown() => Some(error),
        Err(error) => return Err(error.into()),
    };
    let found = ctx.services.admin.device(scope, id).await.ok().map(|device| device.tags);
    let tagged = Tagged { before, wanted, found, was_set: true };
    match unclear {
        Some(error) if tagged.proof() != TagsProof::Verified => Err(error.into()),
        _ => Ok(tagged),
    }
}
