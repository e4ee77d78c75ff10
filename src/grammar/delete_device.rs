//! The grammar of `delete device`.

use super::arguments::Arguments;
use super::command::Command;
use super::error::ParseError;
use super::expected::Clauses;
use super::spec::CommandSpec;
use super::usage::Permission;
use crate::policy::Right;

pub(super) static DELETE_DEVICE: CommandSpec = CommandSpec {
    name: "delete device",
    syntax: "delete device REF [because \"REASON\"] [in org NAME]",
    summary: "Deletes one device for good; REF is its id, serial number, MAC address or name",
    example: "delete device FOC2345ABCD because \"moved to Berlin\"",
    permission: Permission::Right(Right::Delete),
    aliases: &["remove device", "rm device"],
    read,
};

fn read(arguments: &mut Arguments<'_>) -> Result<Command, ParseError> {
    let device = arguments.device()?;
    let values = arguments.clauses(Clauses { because: true, ..Clauses::ORG })?;
    Ok(Command::DeleteDevice { device, reason: values.reason, org: values.org })
}
