//! Carrying out `show device`.

use super::answer::{Answer, Buttons, Failure};
use super::choose::{in_place, the_device};
use super::scope::scope_of;
use crate::audit::Event;
use crate::cards::{Button, ShownDevice};
use crate::command::{Command, OrgName};
use crate::desk::Desk;
use crate::domain::Reference;
use crate::find::is_surely_an_id;
use crate::plan::{ButtonAction, ButtonRef};
use crate::policy::{Reading, Right};
use crate::store::CommandRecord;

pub(super) async fn answer(
    desk: &Desk,
    record: &CommandRecord,
    reference: &Reference,
    org: Option<&OrgName>,
) -> Result<Answer, Failure> {
    let actor = &record.accepted.actor;
    desk.policy.authorize::<Reading>(actor)?;
    let scope = scope_of(desk, org).await?;
    let device = match reference.as_id().filter(|id| is_surely_an_id(id.as_str())) {
        Some(id) => {
            let device = desk.admin.device(&scope, &id).await;
            desk.note_admin_credential(&device);
            device?
        }
        None => the_device(desk, record, &scope, reference).await?.device,
    };
    let around = desk.surroundings(&scope, &device).await;
    let now = desk.clock.now();
    let mut buttons = Buttons::on_the_answer_to(record, now);
    let may_delete = desk.policy.allows(actor, Right::Delete);
    let delete = may_delete.then(|| {
        buttons.for_anybody(ButtonAction::Command {
            command: Command::DeleteDevice {
                device: device.id.clone().into(),
                reason: None,
                org: org.cloned(),
            },
        })
    });
    let workspace = device.workspace_id.as_ref().and_then(|id| desk.control_hub.workspace(id));
    let view = ShownDevice {
        device: in_place(&device, &around),
        may_delete,
        buttons: [delete.as_ref().map(ButtonRef::as_str).map(Button::delete), None, None],
        links: [desk.control_hub.devices(), workspace],
        now,
    };
    Ok(Answer::of(&view).with(buttons).audit(Event::DeviceShown { device_id: device.id.clone() }))
}
