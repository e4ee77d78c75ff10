//! `add device mac MAC model M to workspace REF` (or `to person REF`): adds a device by its MAC address.
//!
//! The intent is committed before the call, with the place. A run that finds it, after a crash or a lost answer, looks
//! for the device, and its answer never says that nothing was done.

use super::authority::{self, Authority, PersonRead, SentBefore};
use super::context::CommandContext;
use super::failure::{Failure, runs_again};
use super::plan::propose;
use super::provision::{
    Destination, ProvisionProgress, ended, not_provisioned, one_at_a_time, wait_for_other_processes,
};
use super::reply::Answer;
use super::resolve::{resolved, with_names};
use crate::cards::{DeviceAdded, Notice, Provision};
use crate::domain::audit::{AuditEvent, ChangeResult};
use crate::domain::{Device, Mac, OrgScope};
use crate::grammar::{Model, OrgName, ProvisionTarget};
use crate::policy::{ProvisionRight, Right};
use crate::webex::{SentAs, WebexError};

/// The arguments of the command.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AddDevice<'a> {
    pub(crate) mac: Mac,
    pub(crate) model: &'a Model,
    pub(crate) place: &'a ProvisionTarget,
    pub(crate) org: Option<&'a OrgName>,
}

pub(crate) async fn run(ctx: &CommandContext<'_>, new: AddDevice<'_>) -> Result<Answer, Failure> {
    let progress = ctx.progress::<ProvisionProgress>()?.unwrap_or_default();
    if let Some((sent_as, destination)) = progress.sent_to() {
        wait_for_other_processes(ctx).await?;
        let scope = sent_as.scope();
        let addition = Addition { ctx, new, scope: &scope, destination: &destination };
        return addition.after_a_lost_answer(&sent_as).await;
    }
    let begun_by_an_older_version = progress.begun;
    if begun_by_an_older_version && (!ctx.may(Right::Provision) || ctx.fresh_decision().is_err()) {
        return Ok(Answer::of(ctx, &Notice::addition_unclear(&new.mac.to_string(), None)));
    }
    ctx.authorize::<ProvisionRight>()?;
    let decision = ctx.fresh_decision()?;
    wait_for_other_processes(ctx).await?;
    let (scope, destination) = resolved!(Destination::find(ctx, new.place, new.org).await?);
    let addition = Addition { ctx, new, scope: &scope, destination: &destination };
    match addition.holder().await? {
        // An earlier run of this command added it and did not see the answer.
        Some(device) if begun_by_an_older_version && destination.has(&device) => {
            return Ok(addition.added(&device).await);
        }
        Some(holder) => return Ok(addition.taken(&holder).await),
        None => {}
    }
    let side_effects = destination.side_effects(Some(new.model));
    if !side_effects.is_empty() && !ctx.is_confirmed() {
        let provision = Provision {
            place: destination.on_cards(),
            model: Some(new.model.as_str()),
            mac: Some(new.mac),
            side_effects: &side_effects,
            actor: ctx.actor(),
        };
        return Ok(propose::provision(ctx, decision, &scope, destination.facts(), provision));
    }
    addition.add(begun_by_an_older_version).await
}

/// Ends a command that failed too often.
pub(crate) fn give_up(ctx: &CommandContext<'_>, new: AddDevice<'_>) -> Result<Answer, Failure> {
    let progress = ctx.progress::<ProvisionProgress>()?.unwrap_or_default();
    Ok(match progress.sent_to() {
        Some((sent_as, destination)) => {
            Addition { ctx, new, scope: &sent_as.scope(), destination: &destination }.unclear(None)
        }
        None if progress.begun => Answer::of(ctx, &Notice::addition_unclear(&new.mac.to_string(), None)),
        None => Answer::of(ctx, &Notice::given_up()),
    })
}

/// An addition with its organization and destination.
#[derive(Clone, Copy)]
struct Addition<'a> {
    ctx: &'a CommandContext<'a>,
    new: AddDevice<'a>,
    scope: &'a OrgScope,
    destination: &'a Destination,
}

impl Addition<'_> {
    /// Adds the device. `is_repeated` if an earlier run may have added it: then no answer says that nothing was done.
    async fn add(&self, is_repeated: bool) -> Result<Answer, Failure> {
        let Self { ctx, new, scope, destination } = *self;
        // A repetition has the same intent; older versions did not record it.
        let is_intended = ctx.progress::<ProvisionProgress>()?.is_some_and(|known| known.sent_to().is_some());
        let added = one_at_a_time(ctx, destination, async || {
            let Authority { grant, decision } = authority::for_change(ctx, PersonRead::Now).await?;
            let intended = AuditEvent::AdditionIntended { mac: new.mac, place: destination.in_audit_log() };
            let begun = ProvisionProgress::begun(ctx, scope, destination);
            ctx.save_progress(&begun, Some(intended).filter(|_| !is_intended), None).await?;
            let (admin, model) = (&ctx.services.admin, new.model.as_str());
            Ok(admin.add_device(&grant, decision, scope, &new.mac, model, destination.id()).await)
        });
        let added = match added.await {
            Err(Failure::Denied(_) | Failure::Late(_)) if is_repeated => return Ok(self.unclear(None)),
            Err(Failure::Unchecked(error)) if is_repeated && !runs_again(ctx, &error) => {
                return Ok(self.unclear(None));
            }
            added => added?,
        };
        ctx.services.note_admin_credential(&added);
        match added {
            Ok(device) => Ok(self.added(&device).await),
            Err(error) if error.leaves_outcome_unknown() => self.after_an_unclear_answer(&error).await,
            Err(WebexError::Refused(answer)) if answer.status == 409 => Ok(self.conflict(is_repeated).await),
            Err(error) if is_repeated && !runs_again(ctx, &error) => Ok(self.unclear(None)),
            Err(error) if is_repeated => Err(error.into()),
            Err(error) => not_provisioned(ctx, destination, error).await,
        }
    }

    /// The device may have been added anyway; only a read shows.
    async fn after_an_unclear_answer(&self, error: &WebexError) -> Result<Answer, Failure> {
        let command_id = self.ctx.record.accepted.id.as_str();
        tracing::warn!(command_id, %error, "unknown whether a device was added");
        match self.holder().await {
            Ok(Some(device)) if self.destination.has(&device) => Ok(self.added(&device).await),
            Ok(Some(holder)) => Ok(self.unclear(self.named(&holder).await.as_deref())),
            // Webex does not promise that a list shows the device at once.
            Ok(None) => Ok(self.unclear(None)),
            Err(error) => self.unread(error),
        }
    }

    /// The answer if Webex says that a device has the MAC address. It may be the one that an earlier run has added.
    async fn conflict(&self, is_repeated: bool) -> Answer {
        match self.holder().await.ok().flatten() {
            Some(device) if is_repeated && self.destination.has(&device) => self.added(&device).await,
            Some(holder) if is_repeated => self.unclear(self.named(&holder).await.as_deref()),
            Some(holder) => self.not_made(self.taken(&holder).await),
            None if is_repeated => self.unclear(None),
            None => {
                let notice = Notice::mac_taken(&self.new.mac.to_string(), None);
                self.not_made(Answer::of(self.ctx, &notice))
            }
        }
    }

    /// Continues after an earlier run that did not see Webex's answer. Webex refuses an address that it has, so an
    /// addition that did not arrive can be sent again, with the same credential and while the requester may do it.
    async fn after_a_lost_answer(&self, sent_as: &SentAs) -> Result<Answer, Failure> {
        let sent = authority::sent_before(self.ctx, sent_as);
        if sent == SentBefore::NotServed {
            return Ok(self.unclear(None));
        }
        match self.holder().await {
            Ok(Some(device)) if self.destination.has(&device) => Ok(self.added(&device).await),
            Ok(Some(holder)) => Ok(self.unclear(self.named(&holder).await.as_deref())),
            Ok(None) if sent == SentBefore::AsNow => self.add(true).await,
            Ok(None) => Ok(self.unclear(None)),
            Err(error) => self.unread(error),
        }
    }

    /// After a read that failed: tried again, or the answer says that nobody knows.
    fn unread(&self, error: WebexError) -> Result<Answer, Failure> {
        if runs_again(self.ctx, &error) { Err(error.into()) } else { Ok(self.unclear(None)) }
    }

    /// The card of a device that was added.
    async fn added(&self, device: &Device) -> Answer {
        let ctx = self.ctx;
        let related = ctx.services.related_names(self.scope, device).await;
        let view = DeviceAdded {
            device: with_names(device, &related),
            side_effects: &self.destination.side_effects(Some(self.new.model)),
            actor: ctx.actor(),
            now: ctx.now(),
        };
        let place = self.destination.in_audit_log();
        let event = AuditEvent::DeviceAdded { device_id: device.id.clone(), mac: self.new.mac, place };
        Answer::of(ctx, &view).audit(ctx, event)
    }

    /// The device that has the MAC address. Webex's filter only narrows the list down.
    async fn holder(&self) -> Result<Option<Device>, WebexError> {
        let mac = self.new.mac;
        let mut pages = self.ctx.services.admin.device_pages(self.scope, &[("mac", mac.digits())]);
        let has_mac = |device: &Device| {
            device.mac.as_deref().is_some_and(|text| Mac::parse(text).is_ok_and(|found| found == mac))
        };
        while let Some(page) = pages.next().await? {
            if let Some(holder) = page.into_iter().find(has_mac) {
                return Ok(Some(holder));
            }
        }
        Ok(None)
    }

    /// The answer if a device already has the MAC address.
    async fn taken(&self, holder: &Device) -> Answer {
        let named = self.named(holder).await;
        Answer::of(self.ctx, &Notice::mac_taken(&self.new.mac.to_string(), named.as_deref()))
    }

    /// The names of a device and its place.
    async fn named(&self, holder: &Device) -> Option<String> {
        let related = self.ctx.services.related_names(self.scope, holder).await;
        let place = related.workspace.as_deref().or(related.person.as_deref());
        let named: Vec<&str> = [holder.display_name.as_deref(), place].into_iter().flatten().collect();
        (!named.is_empty()).then(|| named.join(", "))
    }

    fn not_made(&self, answer: Answer) -> Answer {
        answer.audit(self.ctx, ended(self.destination, ChangeResult::NotMade))
    }

    /// The answer if Webex may have added the device. `holder` names the device that has its address now.
    fn unclear(&self, holder: Option<&str>) -> Answer {
        Answer::of(self.ctx, &Notice::addition_unclear(&self.new.mac.to_string(), holder))
            .audit(self.ctx, ended(self.destination, ChangeResult::Unknown))
    }
}
