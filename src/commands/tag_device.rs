//! Carrying out `tag device`.
//!
//! Webex can set all tags of a device and nothing less, and has no way to say "if nobody has changed them meanwhile".
//! So the tags are read, the new ones worked out, set, and read again: what somebody else did at the same time is told.

use serde::{Deserialize, Serialize};

use crate::cards::{TagsChanged, TagsProof};
use crate::commands::context::write_down;
use crate::commands::reply::{Answer, Failure};
use crate::commands::resolve::By;
use crate::commands::resolve::choose::{Several, choice, the_device};
use crate::commands::resolve::organization::scope_of;
use crate::commands::services::Services;
use crate::domain::audit::Event;
use crate::domain::{Count, Device, DeviceFacts, DeviceId, OrgScope, Reference};
use crate::grammar::{OrgName, TagChange};
use crate::policy::{Grant, Tagging};
use crate::store::{CommandRecord, LeasedJob, StoreError};

/// How far it got: the tags before they may have been set. Stored: the name must not change.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Progress {
    before: Option<Vec<String>>,
}

pub(crate) async fn answer(
    services: &Services,
    job: &LeasedJob,
    record: &CommandRecord,
    reference: &Reference,
    change: &TagChange,
    org: Option<&OrgName>,
) -> Result<Answer, Failure> {
    let grant = services.policy.authorize::<Tagging>(&record.accepted.actor)?;
    let scope = scope_of(services, org).await?;
    let found = the_device(services, record, &scope, reference).await?;
    if found.by == By::Name {
        // A name never acts by itself.
        let only = Several { candidates: &[found], count: Count::Exactly(1) };
        return Ok(choice(services, record, &scope, reference, only).await);
    }
    let id = &record.accepted.id;
    let corrupt = |error| StoreError::Corrupt { what: format!("the progress of {id}: {error}") };
    let progress: Progress =
        record.progress.clone().map(serde_json::from_value).transpose().map_err(corrupt)?.unwrap_or_default();
    let so_far = async |before: Option<&[String]>, event: Option<Event>| {
        let progress = Progress { before: before.map(<[String]>::to_vec) };
        let progress = serde_json::to_string(&progress).map_err(corrupt)?;
        write_down(services, job, record, progress, event).await
    };
    let tags = Tags { scope: &scope, device: &found.device.id, change, before: progress.before.as_deref() };
    let tagged =
        change_tags(services, &grant, tags, async |before, event| so_far(Some(before), Some(event)).await);
    let tagged = match tagged.await {
        // Nothing was set, whatever somebody else sets meanwhile.
        Err(Failure::Webex(error)) if error.requested_wait().is_some() => {
            so_far(None, None).await?;
            return Err(error.into());
        }
        tagged => tagged?,
    };
    let facts = DeviceFacts::of(&tagged.before);
    let view = TagsChanged {
        facts: &facts,
        before: &tagged.before.tags,
        wanted: &tagged.wanted,
        found: tagged.found.as_deref(),
        actor: &record.accepted.actor,
    };
    let answer = Answer::of(&view);
    Ok(match tagged.event() {
        Some(event) => answer.audit(event),
        None => answer,
    })
}

/// A device whose tags Webex took, or that had them already.
pub(crate) struct Tagged {
    /// The device before.
    before: Device,
    /// The tags that it was to have.
    wanted: Vec<String>,
    /// The tags that it has now; nothing when it could not be read.
    found: Option<Vec<String>>,
    /// Whether they had to be set.
    was_set: bool,
}

impl Tagged {
    /// What reading back has shown.
    pub(crate) fn proof(&self) -> TagsProof {
        TagsProof::of(&self.before.tags, &self.wanted, self.found.as_deref())
    }

    /// What the audit log says of it; nothing where nothing was set.
    pub(crate) fn event(&self) -> Option<Event> {
        self.was_set.then(|| Event::TagsChanged {
            device_id: self.before.id.clone(),
            before: self.before.tags.clone(),
            after: self.found.clone().unwrap_or_else(|| self.wanted.clone()),
        })
    }
}

/// Which tags are to be changed how.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tags<'a> {
    pub(crate) scope: &'a OrgScope,
    pub(crate) device: &'a DeviceId,
    pub(crate) change: &'a TagChange,
    /// The tags before an earlier run, which may have set them.
    pub(crate) before: Option<&'a [String]>,
}

/// Reads the tags of a device, sets them as they are to be, unless they are so already, and reads them again. What is
/// about to be set is recorded with `intend` first.
pub(crate) async fn change_tags(
    services: &Services,
    grant: &Grant<Tagging>,
    tags: Tags<'_>,
    intend: impl AsyncFnOnce(&[String], Event) -> Result<(), StoreError>,
) -> Result<Tagged, Failure> {
    let Tags { scope, device: id, change, before: earlier } = tags;
    let before = services.admin.device(scope, id).await;
    services.note_admin_credential(&before);
    let mut before = before?;
    let wanted = change.applied_to(&before.tags);
    if wanted == before.tags {
        if let Some(earlier) = earlier {
            earlier.clone_into(&mut before.tags);
        }
        let was_set = wanted != before.tags;
        return Ok(Tagged { before, found: Some(wanted.clone()), wanted, was_set });
    }
    // A run that only tries again has no other intent.
    if earlier != Some(before.tags.as_slice()) {
        let event =
            Event::TagsIntended { device_id: id.clone(), before: before.tags.clone(), after: wanted.clone() };
        intend(&before.tags, event).await?;
    }
    let set = services.admin.tag_device(grant, scope, id, &wanted).await;
    services.note_admin_credential(&set);
    let unclear = match set {
        Ok(_) => None,
        Err(error) if error.leaves_outcome_unknown() => Some(error),
        Err(error) => return Err(error.into()),
    };
    let found = services.admin.device(scope, id).await.ok().map(|device| device.tags);
    let tagged = Tagged { before, wanted, found, was_set: true };
    match unclear {
        Some(error) if tagged.proof() != TagsProof::Verified => Err(error.into()),
        _ => Ok(tagged),
    }
}
