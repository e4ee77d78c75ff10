//! `add device mac MAC model M to workspace REF` (or `to person REF`): adds a device by its MAC address.

use super::authority::{self, Authority, PersonRead};
use super::context::CommandContext;
use super::failure::{Failure, not_done};
use super::plan::propose;
use super::provision::{
    Destination, ProvisionProgress, not_provisioned, one_at_a_time, wait_for_other_processes,
};
use super::reply::Answer;
use super::resolve::{self, resolved, with_names};
use crate::cards::{DeviceAdded, Notice, Provision, SideEffect};
use crate::domain::audit::AuditEvent;
use crate::domain::{Device, Mac, OrgScope};
use crate::grammar::{Model, OrgName, ProvisionTarget};
use crate::policy::ProvisionRight;
use crate::webex::WebexError;

/// The arguments of the command.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AddDevice<'a> {
    pub(crate) mac: Mac,
    pub(crate) model: &'a Model,
    pub(crate) place: &'a ProvisionTarget,
    pub(crate) org: Option<&'a OrgName>,
}

pub(crate) async fn run(ctx: &CommandContext<'_>, new: AddDevice<'_>) -> Result<Answer, Failure> {
    ctx.authorize::<ProvisionRight>()?;
    ctx.may_begin()?;
    wait_for_other_processes(ctx).await?;
    let scope = resolved!(resolve::organization(ctx, new.org).await?);
    let destination = resolved!(Destination::find(ctx, &scope, new.place).await?);
    let side_effects = destination.side_effects(Some(new.model));
    let provision = Provision {
        place: destination.on_cards(),
        model: Some(new.model.as_str()),
        mac: Some(new.mac),
        side_effects: &side_effects,
        actor: ctx.actor(),
    };
    let addition =
        Addition { scope: &scope, destination: &destination, side_effects: &side_effects, mac: new.mac };
    match addition.holder(ctx).await? {
        // An earlier run of this command added it and did not see the answer.
        Some(device) if ctx.record.progress.is_some() && destination.has(&device) => {
            return Ok(addition.added(ctx, &device).await);
        }
        Some(holder) => return Ok(addition.taken(ctx, &holder).await),
        None => {}
    }
    if !side_effects.is_empty() && !ctx.is_confirmed() {
        return Ok(propose::provision(ctx, ctx.fresh_decision()?, &scope, provision));
    }
    let added = one_at_a_time(ctx, async || {
        let Authority { grant, decision } = authority::for_change(ctx, PersonRead::Now).await?;
        ctx.save_progress(&ProvisionProgress { begun: true }, None, None).await?;
        let model = new.model.as_str();
        Ok(ctx.services.admin.add_device(&grant, decision, &scope, &new.mac, model, &destination.id).await)
    })
    .await?;
    ctx.services.note_admin_credential(&added);
    match added {
        Ok(device) => Ok(addition.added(ctx, &device).await),
        // The device may have been added anyway; only a read shows.
        Err(error) if error.leaves_outcome_unknown() => Ok(match addition.holder(ctx).await? {
            Some(device) if destination.has(&device) => addition.added(ctx, &device).await,
            Some(holder) => addition.taken(ctx, &holder).await,
            None => not_done(ctx, &error),
        }),
        Err(WebexError::Refused(answer)) if answer.status == 409 => Ok(match addition.holder(ctx).await? {
            Some(holder) => addition.taken(ctx, &holder).await,
            None => Answer::of(ctx, &Notice::mac_taken(&new.mac.to_string(), None)),
        }),
        Err(error) => not_provisioned(ctx, &destination, error),
    }
}

/// An addition with its looked-up scope, destination and side effects.
struct Addition<'a> {
    scope: &'a OrgScope,
    destination: &'a Destination,
    side_effects: &'a [SideEffect<'a>],
    mac: Mac,
}

impl Addition<'_> {
    /// The card of a device that was added.
    async fn added(&self, ctx: &CommandContext<'_>, device: &Device) -> Answer {
        let related = ctx.services.related_names(self.scope, device).await;
        let view = DeviceAdded {
            device: with_names(device, &related),
            side_effects: self.side_effects,
            actor: ctx.actor(),
            now: ctx.now(),
        };
        let place = self.destination.in_audit_log();
        let event = AuditEvent::DeviceAdded { device_id: device.id.clone(), mac: self.mac, place };
        Answer::of(ctx, &view).audit(ctx, event)
    }

    /// The device that has the MAC address. Webex's filter only narrows the list down.
    async fn holder(&self, ctx: &CommandContext<'_>) -> Result<Option<Device>, WebexError> {
        let mut pages = ctx.services.admin.device_pages(self.scope, &[("mac", self.mac.digits())]);
        let has_mac = |device: &Device| {
            device.mac.as_deref().is_some_and(|text| Mac::parse(text).is_ok_and(|mac| mac == self.mac))
        };
        while let Some(page) = pages.next().await? {
            if let Some(holder) = page.into_iter().find(has_mac) {
                return Ok(Some(holder));
            }
        }
        Ok(None)
    }

    /// The answer if a device already has the MAC address.
    async fn taken(&self, ctx: &CommandContext<'_>, holder: &Device) -> Answer {
        let related = ctx.services.related_names(self.scope, holder).await;
        let place = related.workspace.as_deref().or(related.person.as_deref());
        let named: Vec<&str> = [holder.display_name.as_deref(), place].into_iter().flatten().collect();
        let named = named.join(", ");
        let holder = (!named.is_empty()).then_some(named.as_str());
        Answer::of(ctx, &Notice::mac_taken(&self.mac.to_string(), holder))
    }
}
