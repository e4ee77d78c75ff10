//! Carrying out `tag device`.
//!
//! Webex can set all tags of a device and nothing less, and has no way to say "if nobody has changed them meanwhile".
//! So the tags are read, the new ones worked out, set, and read again: what somebody else did at the same time is told.

use super::answer::{Answer, Failure};
use super::choose::{Several, choice, the_device};
use super::scope::scope_of;
use crate::audit::Event;
use crate::cards::{TagsChanged, TagsProof};
use crate::command::{OrgName, TagChange};
use crate::desk::Desk;
use crate::domain::{Count, Device, DeviceFacts, DeviceId, OrgScope, Reference};
use crate::find::By;
use crate::policy::{Grant, Tagging};
use crate::store::CommandRecord;
use crate::webex::WebexError;

pub(super) async fn answer(
    desk: &Desk,
    record: &CommandRecord,
    reference: &Reference,
    change: &TagChange,
    org: Option<&OrgName>,
) -> Result<Answer, Failure> {
    let grant = desk.policy.authorize::<Tagging>(&record.accepted.actor)?;
    let scope = scope_of(desk, org).await?;
    let found = the_device(desk, record, &scope, reference).await?;
    if found.by == By::Name {
        // A name never acts by itself.
        let only = Several { candidates: &[found], count: Count::Exactly(1) };
        return Ok(choice(desk, record, &scope, reference, only).await);
    }
    let tagged = change_tags(desk, &grant, &scope, &found.device.id, change).await?;
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
pub(super) struct Tagged {
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
    pub(super) fn proof(&self) -> TagsProof {
        TagsProof::of(&self.before.tags, &self.wanted, self.found.as_deref())
    }

    /// What the audit log says of it; nothing where nothing was set.
    pub(super) fn event(&self) -> Option<Event> {
        self.was_set.then(|| Event::TagsChanged {
            device_id: self.before.id.clone(),
            before: self.before.tags.clone(),
            after: self.found.clone().unwrap_or_else(|| self.wanted.clone()),
        })
    }
}

/// Reads the tags of a device, sets them as they are to be, unless they are so already, and reads them again.
pub(super) async fn change_tags(
    desk: &Desk,
    grant: &Grant<Tagging>,
    scope: &OrgScope,
    id: &DeviceId,
    change: &TagChange,
) -> Result<Tagged, WebexError> {
    let before = desk.admin.device(scope, id).await;
    desk.note_admin_credential(&before);
    let before = before?;
    let wanted = change.applied_to(&before.tags);
    if wanted == before.tags {
        let found = Some(before.tags.clone());
        return Ok(Tagged { before, wanted, found, was_set: false });
    }
    let set = desk.admin.tag_device(grant, scope, id, &wanted).await;
    desk.note_admin_credential(&set);
    let unclear = match set {
        Ok(_) => None,
        // It may have been carried out all the same; only reading tells.
        Err(error @ (WebexError::Unreadable { .. } | WebexError::NoAnswer(_) | WebexError::Troubled(_))) => {
            Some(error)
        }
        Err(error) => return Err(error),
    };
    let found = desk.admin.device(scope, id).await.ok().map(|device| device.tags);
    let tagged = Tagged { before, wanted, found, was_set: true };
    match unclear {
        Some(error) if tagged.proof() != TagsProof::Verified => Err(error),
        _ => Ok(tagged),
    }
}
