//! A change of the tags of one device, for `tag device` and `tag devices`.
//!
//! Webex cannot remove a single tag, and has no conditional update. So the device is locked against other commands, its
//! tags are read, and the result is read back; where nothing is removed, the new tags are only added. A concurrent change
//! by others is reported.

use std::collections::BTreeSet;

use super::authority::{self, Authority, PersonRead};
use super::context::CommandContext;
use super::failure::Failure;
use super::resolve::misnamed;
use crate::cards::TagsProof;
use crate::domain::audit::{AuditEvent, ChangeResult};
use crate::domain::{ChangeTarget, Device, DeviceFacts, DeviceId, OrgScope, Reference};
use crate::grammar::TagChange;
use crate::store::StoreError;
use crate::webex::{TagWrite, WebexError};

/// A device whose tags Webex was asked to set, or that had them already.
#[derive(Debug)]
pub(crate) struct Tagged {
    pub(crate) facts: DeviceFacts,
    /// Its tags before.
    pub(crate) before: Vec<String>,
    /// The requested tags.
    pub(crate) wanted: Vec<String>,
    /// The tags read back; `None` if they could not be read.
    pub(crate) found: Option<Vec<String>>,
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

    /// Whether Webex said in this run that it saved the tags.
    pub(crate) fn is_saved(&self) -> bool {
        self.is_saved
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

impl<'a> Tags<'a> {
    /// The change of the device on a card, begun now.
    pub(crate) fn of_shown(scope: &'a OrgScope, shown: &'a DeviceFacts, change: &'a TagChange) -> Self {
        Self {
            scope,
            device: &shown.id,
            found_by: None,
            shown: Some(Shown::Facts(shown)),
            change,
            before: None,
            person_read: PersonRead::Now,
        }
    }
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

/// The end of an intent whose tags Webex certainly did not set.
pub(crate) fn not_made(device: &DeviceId) -> AuditEvent {
    AuditEvent::ChangeEnded { device_id: Some(device.clone()), place: None, result: ChangeResult::NotMade }
}
