//! The step after a deletion: a new device in the same workspace.

use crate::commands::context::CommandContext;
use crate::domain::{DeviceFacts, Outcome, OutcomeKind, PlaceFacts, PlaceId};
use crate::grammar::{Command, ProvisionTarget, WorkspaceReference};
use crate::plan::{ButtonAction, ShownRow};
use crate::policy::Right;

/// The button that activates a replacement for a deleted device, if the requester may run its command.
pub(super) fn replacement(
    ctx: &CommandContext<'_>,
    device: Option<&DeviceFacts>,
    outcome: &Outcome,
) -> Option<ButtonAction> {
    let is_wanted = outcome.kind() == OutcomeKind::Gone && ctx.may(Right::Provision);
    let workspace = device.and_then(|device| device.workspace_id.as_ref()).filter(|_| is_wanted)?;
    let place = ProvisionTarget::Workspace(WorkspaceReference::parse(workspace.as_str()).ok()?);
    let shown = device.and_then(|device| device.workspace_name.clone()).map(|name| {
        let id = PlaceId::Workspace(workspace.clone());
        ShownRow::Place(Box::new(PlaceFacts { id, name, calling_type: None, supported_devices: None }))
    });
    let org = ctx.record.accepted.command.org().cloned();
    Some(ButtonAction::Command { command: Command::Activate { place, model: None, org }, shown })
}
