//! `show device REF`: reads one device.

use super::context::CommandContext;
use super::failure::Failure;
use super::reply::{Answer, Buttons};
use super::resolve::{self, resolved, with_names};
use crate::cards::{Button, ShownDevice};
use crate::domain::Reference;
use crate::domain::audit::AuditEvent;
use crate::grammar::{Command, OrgName};
use crate::plan::{ButtonAction, ButtonRef};
use crate::policy::{ReadRight, Right};

pub(crate) async fn run(
    ctx: &CommandContext<'_>,
    reference: &Reference,
    org: Option<&OrgName>,
) -> Result<Answer, Failure> {
    let services = ctx.services;
    ctx.authorize::<ReadRight>()?;
    let scope = resolved!(resolve::organization(ctx, org).await?);
    let device = match reference.as_certain_id() {
        Some(id) => {
            let device = services.admin.device(&scope, &id).await;
            services.note_admin_credential(&device);
            device?
        }
        None => resolved!(resolve::device(ctx, &scope, reference).await?).device,
    };
    let related = services.related_names(&scope, &device).await;
    let mut buttons = Buttons::new(ctx);
    let may_delete = ctx.may(Right::Delete);
    let delete = may_delete.then(|| {
        let (device, org) = (device.id.clone().into(), org.cloned());
        buttons.for_anybody(ButtonAction::command(Command::DeleteDevice { device, reason: None, org }))
    });
    let workspace = device.workspace_id.as_ref().and_then(|id| services.control_hub.workspace(id));
    let view = ShownDevice {
        device: with_names(&device, &related),
        may_delete,
        buttons: [delete.as_ref().map(ButtonRef::as_str).map(Button::delete), None, None],
        links: [services.control_hub.devices(), workspace],
        now: ctx.now(),
    };
    let event = AuditEvent::DeviceShown { device_id: device.id.clone() };
    Ok(Answer::of(ctx, &view).buttons(buttons).audit(ctx, event))
}
