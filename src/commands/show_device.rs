//! Carrying out `show device`.

use crate::cards::{Button, ShownDevice};
use crate::commands::reply::{Answer, Buttons, Failure};
use crate::commands::resolve::choose::{in_place, the_device};
use crate::commands::resolve::is_surely_an_id;
use crate::commands::resolve::organization::scope_of;
use crate::commands::services::Services;
use crate::domain::Reference;
use crate::domain::audit::AuditEvent;
use crate::grammar::{Command, OrgName};
use crate::plan::{ButtonAction, ButtonRef};
use crate::policy::{ReadRight, Right};
use crate::store::CommandRecord;

pub(crate) async fn answer(
    services: &Services,
    record: &CommandRecord,
    reference: &Reference,
    org: Option<&OrgName>,
) -> Result<Answer, Failure> {
    let actor = &record.accepted.actor;
    services.policy.authorize::<ReadRight>(actor)?;
    let scope = scope_of(services, org).await?;
    let device = match reference.as_id().filter(|id| is_surely_an_id(id.as_str())) {
        Some(id) => {
            let device = services.admin.device(&scope, &id).await;
            services.note_admin_credential(&device);
            device?
        }
        None => the_device(services, record, &scope, reference).await?.device,
    };
    let around = services.surroundings(&scope, &device).await;
    let now = services.clock.now();
    let mut buttons = Buttons::on_the_answer_to(record, now);
    let may_delete = services.policy.allows(actor, Right::Delete);
    let delete = may_delete.then(|| {
        buttons.for_anybody(ButtonAction::Command {
            command: Command::DeleteDevice {
                device: device.id.clone().into(),
                reason: None,
                org: org.cloned(),
            },
        })
    });
    let workspace = device.workspace_id.as_ref().and_then(|id| services.control_hub.workspace(id));
    let view = ShownDevice {
        device: in_place(&device, &around),
        may_delete,
        buttons: [delete.as_ref().map(ButtonRef::as_str).map(Button::delete), None, None],
        links: [services.control_hub.devices(), workspace],
        now,
    };
    Ok(Answer::of(&view).with(buttons).audit(AuditEvent::DeviceShown { device_id: device.id.clone() }))
}
