//! Carrying out `tag device`.
//!
//! Webex can set all tags of a device and nothing less, and has no way to say "if nobody has changed them meanwhile".
//! So the tags are read, the new ones worked out, set, and read again: what somebody else did at the same time is told.

use super::answer::{Answer, Failure};
use super::choose::{choice, the_device};
use super::scope::scope_of;
use crate::audit::Event;
use crate::cards::TagsChanged;
use crate::command::{OrgName, TagChange};
use crate::desk::Desk;
use crate::domain::{DeviceFacts, Reference};
use crate::find::By;
use crate::policy::Tagging;
use crate::store::CommandRecord;

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
        return Ok(choice(desk, record, &scope, reference, &[found]).await);
    }
    let device = desk.admin.device(&scope, &found.device.id).await?;
    let wanted = change.applied_to(&device.tags);
    let found = if wanted == device.tags {
        Some(device.tags.clone())
    } else {
        desk.admin.tag_device(&grant, &scope, &device.id, &wanted).await?;
        desk.admin.device(&scope, &device.id).await.ok().map(|device| device.tags)
    };
    let facts = DeviceFacts::of(&device);
    let view = TagsChanged {
        facts: &facts,
        before: &device.tags,
        wanted: &wanted,
        found: found.as_deref(),
        actor: &record.accepted.actor,
    };
    Ok(Answer::of(&view).audit(Event::TagsChanged {
        device_id: device.id.clone(),
        before: device.tags.clone(),
        after: found.clone().unwrap_or(wanted.clone()),
    }))
}
