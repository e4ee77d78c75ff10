//! The step after a deletion: a new device in the same workspace.

use crate::commands::context::CommandContext;
use crate::domain::{DeviceFacts, Outcome, OutcomeKind};
use crate::grammar::{Command, ProvisionTarget, WorkspaceReference};
use crate::policy::Right;

/// The command that activates a replacement for a deleted device, if the requester may run it.
pub(super) fn replacement(
    ctx: &CommandContext<'_>,
    device: Option<&DeviceFacts>,
    outcome: &Outcome,
) -> Option<Command> {
    let is_wanted = outcome.kind() == OutcomeKind::Gone && ctx.may(Right::Provision);
    let workspace = device.and_then(|device| device.workspace_id.as_ref()).filter(|_| is_wanted)?;
    let place = ProvisionTarget::Workspace(WorkspaceReference::parse(workspace.as_str()).ok()?);
    Some(Command::Activate { place, model: None, org: ctx.record.accepted.command.org().cloned() })
}
