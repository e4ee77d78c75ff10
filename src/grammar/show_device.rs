//! The grammar of `show device`.

use super::arguments::Arguments;
use super::command::Command;
use super::error::ParseError;
use super::expected::Clauses;
use super::spec::CommandSpec;
use super::usage::Permission;
use crate::policy::Right;

pub(super) static SHOW_DEVICE: CommandSpec = CommandSpec {
    name: "show device",
    syntax: "show device REF [in org NAME]",
    summary: "Shows one device; REF is its id, serial number, MAC address or name; put a name with spaces in double quotes",
    example: "show device \"BER-4 Panorama\"",
    permission: Permission::Right(Right::Read),
    aliases: &[],
    read,
};

fn read(arguments: &mut Arguments<'_>) -> Result<Command, ParseError> {
    let device = arguments.device()?;
    Ok(Command::ShowDevice { device, org: arguments.clauses(Clauses::ORG)?.org })
}
