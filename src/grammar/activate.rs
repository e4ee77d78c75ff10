//! The grammar of `activate workspace` and `activate person`.

use super::arguments::Arguments;
use super::command::{Command, ProvisionTarget};
use super::error::ParseError;
use super::expected::Clauses;
use super::spec::CommandSpec;
use super::usage::Permission;
use crate::policy::Right;

pub(super) static ACTIVATE_WORKSPACE: CommandSpec = CommandSpec {
    name: "activate workspace",
    syntax: "activate workspace REF [model MODEL] [in org NAME]",
    summary: "Sends you an activation code for a device in a workspace; REF is the workspace's name or id",
    example: "activate workspace \"BER-4 Panorama\"",
    permission: Permission::Right(Right::Provision),
    aliases: &[],
    read: |arguments| {
        let place = arguments.workspace()?;
        activate(place, arguments)
    },
};

pub(super) static ACTIVATE_PERSON: CommandSpec = CommandSpec {
    name: "activate person",
    syntax: "activate person EMAIL [model MODEL] [in org NAME]",
    summary: "Sends you an activation code for a person's device",
    example: "activate person ana@example.com model \"DMS Cisco 8865\"",
    permission: Permission::Right(Right::Provision),
    aliases: &[],
    read: |arguments| {
        let place = arguments.person()?;
        activate(place, arguments)
    },
};

fn activate(place: ProvisionTarget, arguments: &mut Arguments<'_>) -> Result<Command, ParseError> {
    let values = arguments.clauses(Clauses { model: true, ..Clauses::ORG })?;
    Ok(Command::Activate { place, model: values.model, org: values.org })
}
